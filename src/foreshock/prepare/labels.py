"""Labels: from records and their truth to labelled examples, and curves of phases. Knows no data sets, no models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError, LabelError, nearest
from foreshock.plugins import Step
from foreshock.prepare.placing import DETECTION, TASKS, Placing, Task, Window
from foreshock.prepare.preparation import Preparation, known_context, map_components, prepare_block
from foreshock.prepare.windows import cut_block, normalise, valid_fraction
from foreshock.types.arrays import Bools, Float32, Float64, Ints
from foreshock.types.examples import Examples
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform

SNR_NEAR_S, SNR_LONG_S = 1.0, 5.0
"""Signal to noise compares the 5 s after P with the 5 s that end 1 s before it."""

MOST_MASKED_NOISE = 0.1
"""Noise from before P is a bonus: windows with more holes are passed over, lest holes come to mean noise."""

BLOCK_SAMPLES = 1 << 20
"""Records of one kind are prepared together up to this many samples, so that memory stays small."""

Skipped = list[tuple[str, str]]


def examples_from(
    records: Iterable[Record],
    preparation: Preparation,
    *,
    task: Task,
    classes: Sequence[str] | None = None,
    seed: int = 0,
) -> tuple[Examples, Skipped]:
    """Make labelled windows from records; also name every record left out, with its reason.

    * ``detect``: of an earthquake one window in which P lies between `p_from` and `p_to`, and one of noise where enough
      of it lies before P (its name ends in ``/noise``); of a record of noise one window. Classes noise, earthquake.
    * ``classify``: one window from the record's start (or P, see `Preparation.anchor`), the class is the truth's kind.
    * ``magnitude``: one window that begins `before_s` before P, the target is the magnitude.

    Beside names and truth the table tells ``start_ns``, ``p_sample``, ``s_sample`` (in the window, NaN where unknown),
    ``snr_db`` (10 log10 of the variance after over that before P, measured on the prepared record, else the truth's),
    ``instrument`` (band and instrument code), ``rate_in_hz``, ``unit``, ``missing`` (components that are not there).
    When no record can be used the examples are empty.

    Raises:
        LabelError: the task or the classes cannot be used, or only one class was found.
        PluginError: a step of the preparation is unknown.
    """
    names = _checked_classes(task, classes)
    making = _Making(Placing(preparation, task, seed), preparation.build(), names)
    for block in making.blocks(records):
        making.add(block)
    return making.examples(), [making.skipped[number] for number in sorted(making.skipped)]


def _checked_classes(task: str, classes: Sequence[str] | None) -> tuple[str, ...] | None:
    if task not in TASKS:
        raise LabelError(f"task {task!r}", "it is not known", nearest(str(task), TASKS))
    if task == "magnitude":
        return ()
    if classes is None:
        return DETECTION if task == "detect" else None
    named = tuple(classes)
    if len(set(named)) != len(named) or len(named) < 2:
        raise LabelError(f"classes are {named}", "there must be at least two different ones", "name each once")
    if task == "detect" and set(named) != set(DETECTION):
        raise LabelError(f"classes are {named}", "detection knows noise and earthquake", "use the task classify")
    return named


@dataclass
class _Block:
    """Records that can be prepared together: same rate, length and unit; `waves` have the wanted components."""

    numbers: list[int] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    waves: list[Waveform] = field(default_factory=list)


@dataclass
class _Making:
    """Examples in the making: what is to be done, and what has been done so far."""

    placing: Placing
    steps: list[Step]
    classes: tuple[str, ...] | None
    order: list[tuple[int, int]] = field(default_factory=list)
    x: list[Float32] = field(default_factory=list)
    scale: list[Float64] = field(default_factory=list)
    labels: list[str | float] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    skipped: dict[int, tuple[str, str]] = field(default_factory=dict)

    def blocks(self, records: Iterable[Record]) -> Iterator[_Block]:
        """Gather usable records by rate, length and unit; give a block when it is full, and the rest at the end."""
        waiting: dict[tuple[float, int, str], _Block] = {}
        for number, record in enumerate(records):
            wave = map_components(record.waveform, self.placing.preparation.components)
            reason = self._unusable(record.truth, wave)
            if reason:
                self.skipped[number] = (record.truth.trace_id, reason)
                continue
            key = (wave.rate_hz, wave.n_samples, wave.unit)
            block = waiting.setdefault(key, _Block())
            block.numbers.append(number)
            block.truths.append(record.truth)
            block.waves.append(wave)
            if len(block.waves) * wave.data.size >= BLOCK_SAMPLES:
                yield waiting.pop(key)
        yield from waiting.values()

    def _unusable(self, truth: Truth, wave: Waveform) -> str:
        """Why a record cannot become an example; empty when nothing is known against it."""
        plan, task = self.placing.preparation, self.placing.task
        if not wave.valid.any():
            return f"it holds no valid sample on the components {plan.components}"
        if self.classes and truth.kind not in self.classes:
            return f"it is {truth.kind!r}, which is none of {self.classes}"
        if task == "magnitude" and (truth.magnitude is None or not np.isfinite(truth.magnitude)):
            return "its magnitude is not known"
        if self.placing.needs_p(truth) and truth.p_ns is None:
            return "its P arrival is not known"
        if self.placing.needs_p(truth) and not wave.start_ns <= (truth.p_ns or 0) < wave.end_ns:
            return "its P arrival lies outside the record"
        lacking = [name for name, value in _known(truth, plan).items() if value is None or not np.isfinite(value)]
        return f"its {lacking[0]} is not known" if lacking else ""

    def add(self, block: _Block) -> None:
        """Prepare a block, cut its windows and keep those that hold enough."""
        first, plan = block.waves[0], self.placing.preparation
        data, valid = np.stack([wave.data for wave in block.waves]), np.stack([wave.valid for wave in block.waves])
        try:
            data, valid, unit = prepare_block(data, valid, rate_hz=first.rate_hz, unit=first.unit, steps=self.steps)
        except InputError as error:
            for row in range(len(block.waves)):
                self._skip(block, row, str(error).rstrip("."))
            return
        placed = self._placed(block, data.shape[-1])
        rows, starts = np.array([row for row, _ in placed]), np.array([window.start for _, window in placed])
        x, mask = cut_block(data, valid, rows, starts, plan.window_samples)
        keep = self._whole_enough(block, placed, mask)
        x, scale = normalise(x[keep], plan.normalise, valid=mask[keep])
        self.x.append(x)
        self.scale.append(scale)
        snr = {row: _snr_db(data[row], valid[row], placed[k][1].p, plan.rate_hz) for k, row in _events(placed)}
        for k in keep:
            row, window = placed[k]
            self.order.append((block.numbers[row], len(self.order)))
            self.labels.append(window.label)
            self.rows.append(_table_row(block, row, window, mask[k], snr.get(row, np.nan), unit, plan))

    def _placed(self, block: _Block, n_samples: int) -> list[tuple[int, Window]]:
        pairs = enumerate(zip(block.truths, block.waves, strict=True))
        return [
            (row, window) for row, (truth, wave) in pairs for window in self.placing.windows(truth, wave, n_samples)
        ]

    def _whole_enough(self, block: _Block, placed: list[tuple[int, Window]], mask: Bools) -> list[int]:
        """Numbers of the windows to keep; a record whose own window is mostly invalid is left out with its reason."""
        most, invalid = self.placing.preparation.max_masked, 1 - valid_fraction(mask)
        keep = []
        for k, (row, window) in enumerate(placed):
            if invalid[k] <= (min(most, MOST_MASKED_NOISE) if window.suffix else most):
                keep.append(k)
            elif not window.suffix:
                self._skip(block, row, f"{invalid[k]:.0%} of its window is invalid, more than {most:.0%}")
        return keep

    def _skip(self, block: _Block, row: int, reason: str) -> None:
        self.skipped[block.numbers[row]] = (block.truths[row].trace_id, reason)

    def examples(self) -> Examples:
        """Everything made, in the order of the records."""
        plan = self.placing.preparation
        order = [k for _, k in sorted(self.order)]
        x = np.concatenate([np.zeros((0, len(plan.components), plan.window_samples), np.float32), *self.x])[order]
        scale = np.concatenate([np.zeros(0), *self.scale])[order]
        rows = [self.rows[k] for k in order]
        table = pd.DataFrame(rows, columns=list(rows[0]) if rows else ["trace_id", "event_id"])
        context = {"log10_scale": np.log10(scale)} | {
            name: table.pop(f"context_{name}").to_numpy(float) if rows else np.zeros(0)
            for name in plan.context
            if name != "log10_scale"
        }
        y, classes = _numbered([self.labels[k] for k in order], self.classes)
        chosen: dict[str, Float32] = {name: context[name].astype(np.float32) for name in plan.context}
        return Examples(x, plan.rate_hz, table, y=y, classes=classes, context=chosen)


def _known(truth: Truth, plan: Preparation) -> dict[str, float | None]:
    return known_context({"distance_km": truth.distance_km, "depth_km": truth.depth_km}, plan.context)


def _events(placed: list[tuple[int, Window]]) -> Iterator[tuple[int, int]]:
    """Number and record of the windows that know where P is."""
    return ((k, row) for k, (row, window) in enumerate(placed) if np.isfinite(window.p))


def _numbered(labels: list[str | float], classes: tuple[str, ...] | None) -> tuple[Float64 | Ints, tuple[str, ...]]:
    """Targets as numbers, and the names of the classes (found ones are sorted)."""
    if classes == ():
        return np.array(labels, np.float64), ()
    names = tuple(sorted({str(label) for label in labels})) if classes is None else classes
    if classes is None and len(names) == 1:
        raise LabelError(f"every record is {names[0]!r}", "at least two classes are needed", "add records of another")
    number = {name: k for k, name in enumerate(names)}
    return np.array([number[str(label)] for label in labels], np.int64), names


def _table_row(
    block: _Block, row: int, window: Window, mask: Bools, snr_db: float, unit: str, plan: Preparation
) -> dict[str, Any]:
    truth, wave = block.truths[row], block.waves[row]
    alive = np.asarray(mask.any(-1))
    event = truth if not window.suffix else Truth("", "")
    snr = snr_db if np.isfinite(snr_db) else _number(truth.snr_db)
    return {
        "trace_id": truth.trace_id + window.suffix,
        "event_id": truth.event_id,
        "station_id": wave.station_id,
        "network": wave.station_id.split(".")[0],
        "split": truth.split,
        "source": truth.source,
        "kind": str(window.label) if isinstance(window.label, str) else truth.kind,
        "distance_km": _number(event.distance_km),
        "magnitude": _number(event.magnitude),
        "snr_db": np.nan if window.suffix else snr,
        "instrument": _instrument(wave),
        "depth_km": _number(event.depth_km),
        "rate_in_hz": wave.rate_hz,
        "unit": unit,
        "start_ns": wave.start_ns + round(window.start * NS_PER_S / plan.rate_hz),
        "p_sample": window.p - window.start,
        "s_sample": window.s - window.start,
        "missing": "".join(letter for letter, here in zip(plan.components, alive, strict=True) if not here),
        "valid_fraction": float(valid_fraction(mask[None])[0]),
    } | {f"context_{name}": value for name, value in _known(truth, plan).items()}


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _instrument(wave: Waveform) -> str:
    """Band and instrument code of the first full channel code: ``HH`` of ``HHZ``."""
    codes = [code for code in wave.channels if len(code) >= 2]
    return codes[0][:2] if codes else ""


def _snr_db(x: Float32, valid: Bools, p: float, rate_hz: float) -> float:
    """Ratio of variances after and before P over all channels, in dB; NaN where either span is too short or silent."""
    at, near, long = round(p), round(SNR_NEAR_S * rate_hz), round(SNR_LONG_S * rate_hz)
    noise = _variance(x, valid, max(0, at - near - long), max(0, at - near))
    signal = _variance(x, valid, at, at + long)
    return float(10 * np.log10(signal / noise)) if noise > 0 and signal > 0 else np.nan


def _variance(x: Float32, valid: Bools, first: int, last: int) -> float:
    """Mean over channels of the variance of valid samples; NaN with fewer than 10 of them."""
    values, mask = x[:, first:last].astype(np.float64), valid[:, first:last]
    alive = mask.sum(-1) >= 10
    if not alive.any():
        return np.nan
    values, mask = values[alive], mask[alive]
    count = mask.sum(-1)
    mean = (values * mask).sum(-1) / count
    return float(((values - mean[:, None]) ** 2 * mask).sum() / count.sum())


def phase_curves(
    p_sample: npt.ArrayLike,
    s_sample: npt.ArrayLike,
    n_samples: int,
    *,
    sigma_samples: float,
    shape: Literal["gaussian", "boxcar"] = "gaussian",
) -> Float32:
    """Probability curves of P, S and neither: float32, (example, 3, time), summing to one at every sample.

    A Gaussian is exp(-(t - t0)² / 2σ²), as PhaseNet is taught (Zhu and Beroza 2019, doi:10.1093/gji/ggy423); a boxcar
    is one within σ of the arrival. Where P and S together exceed one, both are reduced alike. NaN: no arrival.

    Raises:
        InputError: σ or the number of samples is not positive, the shape is unknown, or lengths differ.

    >>> phase_curves([2.0], [np.nan], 5, sigma_samples=1.0, shape="boxcar")[0, 0].tolist()
    [0.0, 1.0, 1.0, 1.0, 0.0]
    """
    p, s = np.atleast_1d(np.asarray(p_sample, float)), np.atleast_1d(np.asarray(s_sample, float))
    if p.shape != s.shape or p.ndim != 1:
        raise InputError(f"arrivals have shapes {p.shape} and {s.shape}", "they must be equal", "use NaN where none is")
    if not (np.isfinite(sigma_samples) and sigma_samples > 0 and n_samples >= 1):
        raise InputError(f"sigma {sigma_samples}, {n_samples} samples", "both must be positive", "correct them")
    if shape not in ("gaussian", "boxcar"):
        raise InputError(f"shape {shape!r}", "it must be 'gaussian' or 'boxcar'", "choose one of them")
    distance = (np.arange(n_samples) - np.stack([p, s], 1)[..., None]) / sigma_samples
    known = np.isfinite(distance)
    distance = np.where(known, np.abs(distance), np.inf)
    curves = np.exp(-0.5 * distance**2) if shape == "gaussian" else (distance <= 1).astype(float)
    total = curves.sum(1, keepdims=True)
    curves /= np.maximum(total, 1.0)
    return np.concatenate([curves, 1.0 - np.minimum(total, 1.0)], 1).astype(np.float32)
