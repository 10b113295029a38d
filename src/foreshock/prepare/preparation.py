"""Preparation: from a recording to what a model reads, as a bundle keeps it: plain values. Knows no model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from foreshock.config import Settings
from foreshock.plugins import Step, build_steps
from foreshock.prepare.resample import Resample
from foreshock.prepare.step import ArrayStep, Chain
from foreshock.types.arrays import AnyArray, Bools, Float32
from foreshock.types.waveform import COMPONENTS, Waveform

ContextName = Literal["log10_scale", "log10_distance_km", "depth_km"]
STAND_INS = {"Z": "3", "N": "1", "E": "2"}
"""Rows that stand in for a component that is not there: orthogonal sensors that were not turned to north and east."""


class Preparation(Settings):
    """How windows are made from recordings.

    Attributes:
        rate_hz: rate after the steps; every record is resampled to it last.
        components: rows of a window, in order; a component that a record lacks is zero and invalid.
        window_samples: length of a window at `rate_hz`.
        before_s: how long before P a window begins that is anchored at P.
        steps: ``{"step": name, **parameters}`` each, run in order at the record's own rate.
        normalise: how a window is scaled: by its largest value (``peak``), standard deviation (``std``), not at all.
        context: numbers a model reads beside the wave: ``log10_scale`` is log10 of what normalisation divided by (in
            the prepared record's unit), ``log10_distance_km`` of the epicentral distance (at least 1 km), ``depth_km``.
        anchor: where windows of the task ``classify`` begin: at the record's ``start``, or `before_s` before ``p``.
        p_from, p_to: the part of a window in which P lies for the task ``detect``.
        quiet_s: noise taken from before P ends at least so long before it (longer where P was not picked by hand).
        warm_up_s: where there is room, windows begin no nearer to the record's start, while filters settle.
        max_masked: windows with a larger invalid part of the channels that are there are left out.

    >>> plan = Preparation(rate_hz=50.0, window_samples=500, steps=({"step": "highpass", "low_hz": 1.0},))
    >>> Preparation(**plan.model_dump()) == plan, plan.window_s
    (True, 10.0)
    """

    rate_hz: float = Field(gt=0, le=1e6)
    components: str = Field(default="ZNE", min_length=1)
    window_samples: int = Field(ge=1, le=10_000_000)
    before_s: float = Field(default=3.0, ge=0, le=86_400)
    steps: tuple[dict[str, Any], ...] = ()
    normalise: Literal["peak", "std", "none"] = "peak"
    context: tuple[ContextName, ...] = ()
    anchor: Literal["start", "p"] = "start"
    p_from: float = Field(default=0.1, ge=0, lt=1)
    p_to: float = Field(default=0.6, gt=0, le=1)
    quiet_s: float = Field(default=2.0, ge=0, le=86_400)
    warm_up_s: float = Field(default=1.0, ge=0, le=86_400)
    max_masked: float = Field(default=0.5, ge=0, le=1)

    @field_validator("components")
    @classmethod
    def _letters(cls, value: str) -> str:
        if set(value) - set(COMPONENTS) or len(set(value)) < len(value):
            raise ValueError(f"components {value!r} must be different letters of {COMPONENTS}")
        return value

    @field_validator("steps")
    @classmethod
    def _plain(cls, value: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        if not all(isinstance(item.get("step"), str) for item in value):
            raise ValueError("each step needs its name: {'step': name, ...}")
        try:
            steps: list[dict[str, Any]] = json.loads(json.dumps(value, allow_nan=False))
        except TypeError as error:
            raise ValueError("parameters of steps are numbers, words or lists of them") from error
        return tuple(steps)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.p_from <= self.p_to:
            raise ValueError(f"p_from {self.p_from} must not exceed p_to {self.p_to}")
        return self

    @property
    def window_s(self) -> float:
        """Length of a window in seconds."""
        return self.window_samples / self.rate_hz

    def build(self) -> list[Step]:
        """The steps, the change of rate last.

        Raises:
            PluginError: a step is unknown or refuses its parameters.
        """
        return [*build_steps(self.steps), Resample(rate_hz=self.rate_hz)]

    def chain(self) -> Chain:
        """The same as one step, for live chunks (map their components first)."""
        return Chain(self.build())


def prepare(waveform: Waveform, preparation: Preparation) -> Waveform:
    """Map components, run the steps, change the rate; the times of samples stay true.

    Raises:
        PluginError: a step is unknown or refuses its parameters.
        InputError: a step refuses this record (a corner above half its rate, a wrong unit …).

    >>> wave = Waveform(np.ones((1, 400)), 100.0, 0, "XX.DEMO.", components="Z")
    >>> ready = prepare(wave, Preparation(rate_hz=50.0, window_samples=100))
    >>> ready.components, ready.n_samples, ready.valid.any(1).tolist()
    ('ZNE', 200, [True, False, False])
    """
    return preparation.chain()(map_components(waveform, preparation.components))


def map_components(waveform: Waveform, components: str) -> Waveform:
    """Give exactly these rows; 1, 2, 3 stand in for N, E, Z; what is not there is zero and invalid."""
    if waveform.components == components:
        return waveform
    rows = [_row_of(letter, waveform.components) for letter in components]
    data = np.zeros((len(rows), waveform.n_samples), np.float32)
    valid = np.zeros(data.shape, bool)
    for out, row in enumerate(rows):
        if row is not None:
            data[out], valid[out] = waveform.data[row], waveform.valid[row]
    names = tuple(
        letter if row is None else waveform.channels[row] for letter, row in zip(components, rows, strict=True)
    )
    return waveform.with_data(data, valid=valid, components=components, channels=names)


def _row_of(letter: str, components: str) -> int | None:
    for name in (letter, STAND_INS.get(letter, "")):
        if name and name in components:
            return components.index(name)
    return None


def prepare_block(
    x: AnyArray, valid: Bools, *, rate_hz: float, unit: str, steps: Sequence[Step]
) -> tuple[Float32, Bools, str]:
    """Run steps over many mapped records of one rate, length and unit at once: (example, channel, time) and the unit.

    Equal to `prepare` record by record. Steps that are not an `ArrayStep` run record by record.
    """
    for step in steps:
        if isinstance(step, ArrayStep):
            y, valid = step.apply(x, rate_hz=rate_hz, valid=valid)
            x = np.where(valid, y, 0.0).astype(np.float32)
            rate_hz, unit = step.rate_out_hz(rate_hz), step.unit_out(unit)
        else:
            waves = [_one_by_one(step, *pair, rate_hz=rate_hz, unit=unit) for pair in zip(x, valid, strict=True)]
            x = np.stack([wave.data for wave in waves])
            valid = np.stack([wave.valid for wave in waves])
            rate_hz, unit = waves[0].rate_hz, waves[0].unit
    return np.asarray(x, np.float32), valid, unit


def _one_by_one(step: Step, x: AnyArray, valid: Bools, *, rate_hz: float, unit: str) -> Waveform:
    names = COMPONENTS[: len(x)]
    return step(Waveform(x, rate_hz, 0, "XX.BLOCK.", components=names, unit=unit, valid=valid))


def known_context(values: Mapping[str, float | None], names: Sequence[str]) -> dict[str, float | None]:
    """Turn what is known of an event (``distance_km``, ``depth_km``) into the context a model reads.

    >>> known_context({"distance_km": 100.0}, ("log10_scale", "log10_distance_km"))
    {'log10_distance_km': 2.0}
    """
    found: dict[str, float | None] = {}
    distance_km = values.get("distance_km")
    if "log10_distance_km" in names:
        found["log10_distance_km"] = None if distance_km is None else float(np.log10(max(distance_km, 1.0)))
    if "depth_km" in names:
        found["depth_km"] = values.get("depth_km")
    return found
