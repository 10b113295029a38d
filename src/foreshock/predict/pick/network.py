"""Network: picks P and S with a trained labeller, the same wherever a record begins. Knows no torch and no data sets.

The recording is brought onto the grid (`prepare.onto_grid`) and written relative to its own past (`prepare.level`);
the network runs over blocks that overlap by all it can see and begin at multiples of its stride, counted from the
epoch. So the curves, and with them the picks, do not depend on the length of blocks, and change neither where a stream
is cut nor where a day begins, from 24 s after the cut on (10 s of level and 14 s of margin).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from foreshock.bundle import Bundle, Card, Onset, Reach
from foreshock.clock import iso_utc
from foreshock.config import Settings
from foreshock.errors import BundleError
from foreshock.predict.answers import softmax
from foreshock.predict.device import choose
from foreshock.predict.pick.sta_lta_aic import PickResult
from foreshock.predict.pick.triggers import Trigger, triggers
from foreshock.predict.runtime import FAILURES, first_line, open_session
from foreshock.prepare.level import HOP, compressed
from foreshock.prepare.onto_grid import ROWS, Gridded, onto_grid
from foreshock.types.arrays import Bools, Float32, Float64
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

SHORTEST_S = 3.0
"""A record must have this much at 100 Hz: nothing rises over a past that is not there."""

OFF = 0.5
"""A pick ends where its curve falls below this part of the threshold."""

FWHM = 2.3548
"""Full width of a normal curve at half its height, in standard deviations."""

SHARPEST_S = 0.01
WIDEST = 300
FOOT = 0.3
_LEAST = 1e-9


class NetworkPickerSettings(Settings):
    """What the picker can be told.

    Attributes:
        p_threshold, s_threshold: heights of the curves that make a pick; the bundle's own where None.
        tempo: 1 for earthquakes; 5 reads the recording at five times the network's rate, as slow motion, for events
            that small (ice, mines, laboratories).
        block_s: seconds of the network's clock run at once; answers do not depend on it.
    """

    p_threshold: float | None = Field(default=None, gt=0, lt=1)
    s_threshold: float | None = Field(default=None, gt=0, lt=1)
    tempo: float = Field(default=1.0, ge=0.1, le=100)
    block_s: float = Field(default=160.0, gt=0, le=3600)


@dataclass(frozen=True, eq=False)
class Curves:
    """Probabilities of the classes at every sample of a grid, (class, time); zero where everything is masked."""

    grid: Gridded
    probability: Float64
    classes: tuple[str, ...]

    def of(self, phase: str) -> Float64:
        """The curve of a phase, (time,)."""
        curve: Float64 = self.probability[self.classes.index(phase)]
        return curve


class NetworkPicker:
    """Picks with a bundle made for the problem ``pick``.

    Args:
        bundle: what `read_bundle` gave.
        settings: see `NetworkPickerSettings`.
        device, threads: where and with how many threads the network runs.

    Raises:
        BundleError: the bundle is no picker, or ONNX Runtime cannot run it.
    """

    def __init__(
        self,
        bundle: Bundle,
        settings: NetworkPickerSettings | None = None,
        *,
        device: str = "cpu",
        threads: int = 1,
    ) -> None:
        self.settings = settings or NetworkPickerSettings()
        self.card, self.reach = bundle.card, _reach(bundle.card)
        self._session, self.device = open_session(bundle, choose(device), threads)

    def pick(self, waveform: Waveform) -> PickResult:
        """Pick P and S on a waveform of any rate from a tenth of the network's on, any unit, one to three components.

        Raises:
            InputError: the sampling rate is too low.
            BundleError: the network fails.
        """
        reason = self._unusable(waveform)
        if reason:
            return PickResult((), reason)
        curves = self.curves(waveform)
        if not curves.grid.x.any():
            return PickResult((), "every sample is the same")
        found = [
            self._pick(waveform, curves, phase, peak) for phase in self._phases() for peak in self._peaks(curves, phase)
        ]
        note = self._note(waveform)
        if not found:
            return PickResult((), self._quiet(curves), note)
        return PickResult(tuple(sorted(found, key=lambda pick: (pick.time_ns, pick.phase))), "", note)

    def curves(self, waveform: Waveform) -> Curves:
        """The probabilities of noise, P and S along a waveform."""
        grid = onto_grid(waveform, rate_hz=self.card.rate_hz * self.settings.tempo)
        front = grid.first % self.reach.stride_samples
        x, valid = _padded(grid, front, self.reach.stride_samples)
        said = self._run(compressed(x, valid))[:, front : front + grid.x.shape[1]]
        p = softmax(said.T.astype(np.float64), temperature=self.card.temperature).T
        p[:, ~grid.valid.any(0)] = 0.0
        return Curves(grid, p, self.card.classes)

    def _unusable(self, waveform: Waveform) -> str:
        shortest_s = SHORTEST_S / self.settings.tempo
        usable = [row for row, letter in enumerate(waveform.components) if letter in ROWS]
        if not usable:
            return f"none of the components {waveform.components} is vertical or horizontal"
        if waveform.span_s < shortest_s:
            return f"the record of {waveform.span_s:.3g} s is shorter than {shortest_s:g} s"
        if not waveform.valid[usable].any():
            return "every sample is masked"
        data, valid = waveform.data[usable], waveform.valid[usable]
        if all(np.ptp(row[mask]) == 0 for row, mask in zip(data, valid, strict=True) if mask.any()):
            return "every sample is the same"
        return ""

    def _note(self, waveform: Waveform) -> str:
        rate_hz = self.card.rate_hz * self.settings.tempo
        if waveform.rate_hz <= 2.5 * rate_hz:
            return ""
        return (
            f"the recording of {waveform.rate_hz:g} Hz was read at {rate_hz:g} Hz; "
            "set tempo higher to find events too small to be seen there"
        )

    # -- running ---------------------------------------------------------------------------------------------------

    def _run(self, x: Float32) -> Float32:
        """Logits (class, time) of a whole prepared recording (channel, time), block by block."""
        stride, margin = self.reach.stride_samples, self.reach.margin_samples
        block = max(1, round(self.settings.block_s * self.card.rate_hz / stride)) * stride
        wide = np.pad(x, ((0, 0), (margin, margin)))
        out = np.empty((len(self.card.classes), x.shape[1]), np.float32)
        for first in range(0, x.shape[1], block):
            last = min(first + block, x.shape[1])
            said = self._block(wide[None, :, first : last + 2 * margin])
            out[:, first:last] = said[:, margin : margin + last - first]
        return out

    def _block(self, x: Float32) -> Float32:
        try:
            said = np.asarray(self._session.run([self.card.output], {"x": np.ascontiguousarray(x)})[0])
        except FAILURES as error:
            raise BundleError(
                f"network of {self.card.name}", f"it cannot be run ({first_line(error)})", "export the model again"
            ) from error
        if said.shape != (1, len(self.card.classes), x.shape[2]) or not np.isfinite(said).all():
            raise BundleError(
                f"network of {self.card.name} said an array of shape {said.shape} or NaN",
                f"finite curves of shape {(1, len(self.card.classes), x.shape[2])} were due",
                "export the model again",
            )
        curves: Float32 = said[0]
        return curves

    # -- reading the curves ----------------------------------------------------------------------------------------

    def _phases(self) -> list[str]:
        return list(self.reach.onsets)

    def _threshold(self, phase: str) -> float:
        told = {"P": self.settings.p_threshold, "S": self.settings.s_threshold}.get(phase)
        return self.reach.onsets[phase].threshold if told is None else told

    def _peaks(self, curves: Curves, phase: str) -> list[Trigger]:
        on = self._threshold(phase)
        return triggers(curves.of(phase), on=on, off=OFF * on)

    def _pick(self, waveform: Waveform, curves: Curves, phase: str, found: Trigger) -> Pick:
        onset, grid, curve = self.reach.onsets[phase], curves.grid, curves.of(phase)
        time_ns = round(grid.time_ns(_centre(curve, found.peak)), -6)
        seen_ns = min(grid.time_ns(found.off + self.reach.margin_samples), waveform.end_ns)
        return Pick(
            trace_id=waveform.station_id,
            phase=phase,
            time_ns=time_ns,
            probability=round(probability_of(found.height, onset), 4),
            sigma_s=_width(curve, found) * onset.sigma_factor / FWHM / grid.rate_hz + SHARPEST_S / self.settings.tempo,
            available_at_ns=max(time_ns, seen_ns),
        )

    def _quiet(self, curves: Curves) -> str:
        words = []
        for phase in self._phases():
            curve = curves.of(phase)
            at = int(np.argmax(curve))
            when = iso_utc(curves.grid.time_ns(at))
            words.append(f"{phase} reached {curve[at]:.2f} of {self._threshold(phase):.2f} at {when}")
        return "nothing rose over its threshold: " + ", ".join(words)


def probability_of(height: float, onset: Onset) -> float:
    """How often a peak of a height was right on records the network had not learnt from."""
    h = min(max(height, _LEAST), 1 - _LEAST)
    return float(1 / (1 + np.exp(-(onset.offset + onset.slope * np.log(h / (1 - h))))))


def _reach(card: Card) -> Reach:
    if card.problem != "pick" or card.reach is None:
        raise BundleError(f"bundle {card.name} is made for {card.problem}", "it picks nothing", "give a picker")
    if card.components != "ZNE" or card.reach.stride_samples % HOP or card.reach.margin_samples % HOP:
        raise BundleError(
            f"bundle {card.name} reads {card.components} with a stride of {card.reach.stride_samples} samples",
            f"it must read ZNE with stride and margin in multiples of {HOP}",
            "export the model again",
        )
    return card.reach


def _padded(grid: Gridded, front: int, stride: int) -> tuple[Float32, Bools]:
    """Masked samples before and after, so that the record begins and ends on the stride."""
    back = -(front + grid.x.shape[1]) % stride
    ends = ((0, 0), (front, back))
    return np.pad(grid.x, ends), np.pad(grid.valid, ends)


def _centre(curve: Float64, peak: int) -> float:
    """The centre of what stands over `FOOT` of a peak's height, in samples.

    The highest sample alone tends to stand where the network's coarse grid has its places, every few hundredths of a
    second; the centre of the peak does not.
    """
    first, last = max(0, peak - WIDEST), min(len(curve), peak + WIDEST + 1)
    over = np.maximum(curve[first:last] - FOOT * curve[peak], 0.0)
    low = np.flatnonzero(over == 0) + first
    left, right = low[low < peak], low[low > peak]
    begin, end = (int(left[-1]) + 1 if len(left) else first), (int(right[0]) if len(right) else last)
    weight = over[begin - first : end - first]
    return float((weight * np.arange(begin, end)).sum() / weight.sum())


def _width(curve: Float64, found: Trigger) -> float:
    """Samples about a peak, without a break, that reach half its height (no further than `WIDEST` to either side)."""
    low = curve < found.height / 2
    after, before = low[found.peak : found.peak + WIDEST], low[max(0, found.peak - WIDEST) : found.peak + 1][::-1]
    return float(sum(int(side.argmax()) if side.any() else len(side) for side in (after, before)) - 1)
