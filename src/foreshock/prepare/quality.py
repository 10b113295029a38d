"""Quality: spikes, clipping, flat lines and steps become invalid samples, with reasons. Knows no earthquakes.

| defect | rule |
|---|---|
| spike | one sample jumps away and back by more than `spike_ratio` times every other change within `near` samples |
| step | a change that much larger than those around it, after which the level stays |
| flat | at least `flat_s` seconds of exactly equal samples |
| clipped | at or beyond `clip_level`; or `clip_samples` or more equal samples between a jump and its return |

A jump is a change of at least `jump_quanta` quanta. A quantum is the smallest change between two samples of a channel
so far (one count in raw data). Every verdict needs the samples of a bounded neighbourhood only, so a stream and a whole
record are judged alike.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from foreshock.clock import iso_utc
from foreshock.config import Settings as AnySettings
from foreshock.prepare.step import ArrayStep, State, absolute, relative
from foreshock.types.arrays import AnyArray, Bools, Float64, Ints
from foreshock.types.waveform import Waveform

DEFECTS = {"spike": 1, "step": 2, "flat": 4, "clipped": 8}
"""Bit of each defect in a sample's code."""


class QualitySettings(AnySettings):
    """When a sample is not to be trusted; see the module's table.

    Attributes:
        spike_ratio: how much larger a jump must be than every other change nearby.
        near: neighbourhood of spikes and steps, samples to each side.
        jump_quanta: the least jump that counts, in quanta.
        flat_s: length of a flat line, seconds.
        clip_samples: length of a plateau that counts as clipped.
        clip_level: absolute value at which the digitiser or sensor clips, in the unit of the data; None: not known.
    """

    spike_ratio: float = Field(default=10.0, gt=1)
    near: int = Field(default=12, ge=3, le=1000)
    jump_quanta: float = Field(default=20.0, ge=2)
    flat_s: float = Field(default=3.0, gt=0, le=600)
    clip_samples: int = Field(default=5, ge=3, le=1000)
    clip_level: float | None = Field(default=None, gt=0)


class MarkDefects(ArrayStep):
    """Make spikes, clipped samples, flat lines and steps invalid; sound samples pass unchanged.

    >>> import numpy as np
    >>> x = np.sin(np.arange(200.0))[None]
    >>> x[0, 90] = 1000.0
    >>> _, valid = MarkDefects().apply(x, rate_hz=100.0)
    >>> np.flatnonzero(~valid[0]).tolist()
    [90]
    """

    Settings: ClassVar[type[AnySettings]] = QualitySettings
    settings: QualitySettings

    def reach(self, rate_hz: float) -> int:
        """Samples to each side that a verdict may depend on."""
        return max(self._flat_samples(rate_hz), self.settings.clip_samples, self.settings.near) + 2

    def look_ahead_s(self, rate_hz: float) -> float:
        """The reach of a verdict."""
        return self.reach(rate_hz) / rate_hz

    def _flat_samples(self, rate_hz: float) -> int:
        return max(self.settings.clip_samples + 1, round(self.settings.flat_s * rate_hz))

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Start with nothing seen; `done` samples at the front of the buffer have been given already."""
        return {
            "flat": self._flat_samples(rate_hz),
            "reach": self.reach(rate_hz),
            "quantum": np.full(leading, np.inf),
            "x": np.zeros((*leading, 0)),
            "valid": np.zeros((*leading, 0), bool),
            "jump": np.zeros((*leading, 0), bool),
            "done": 0,
        }

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Mask what is judged to be wrong."""
        y, valid, code = self.judge(x, valid, state)
        return y, valid & (code == 0)

    def drain(self, state: State) -> tuple[Float64, Bools] | None:
        """Judge the last samples by what has come."""
        y, valid, code = self._verdict(state, 0)
        return y, valid & (code == 0)

    def codes(self, waveform: Waveform) -> Ints:
        """Defect bits of every sample of a whole record, (channel, time)."""
        state = self._fresh_state(waveform.rate_hz, waveform.data.shape[:-1])
        x = relative(np.asarray(waveform.data, np.float64), waveform.valid, state)
        parts = [self.judge(x, waveform.valid, state)[2], self._verdict(state, 0)[2]]
        return np.concatenate(parts, -1)

    def judge(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools, Ints]:
        """Samples, mask and defect codes that are ready after these samples came."""
        self._take(x, valid, state)
        return self._verdict(state, state["reach"])

    def _take(self, x: Float64, valid: Bools, state: State) -> None:
        """Append to the buffers; a jump is told apart when it comes, by the quantum known then."""
        seen = np.concatenate([state["x"][..., -1:], x], -1)
        known = np.concatenate([state["valid"][..., -1:], valid], -1)
        change = _changes(seen, known)[..., seen.shape[-1] - x.shape[-1] :]
        size = np.abs(change)
        smallest = np.concatenate([state["quantum"][..., None], np.where(size > 0, size, np.inf)], -1)
        quantum = np.minimum.accumulate(smallest, -1)
        state["quantum"] = quantum[..., -1]
        jump = size >= self.settings.jump_quanta * quantum[..., 1:]
        for name, new in (("x", x), ("valid", valid), ("jump", jump)):
            state[name] = np.concatenate([state[name], new], -1)

    def _verdict(self, state: State, hold: int) -> tuple[Float64, Bools, Ints]:
        """Judge all but the last `hold` samples, then forget what no later verdict needs."""
        first, last = state["done"], max(state["done"], state["x"].shape[-1] - hold)
        x, valid = absolute(state["x"], state), state["valid"]
        code = self._codes(x, valid, state)[..., first:last] if last > first else np.zeros((*x.shape[:-1], 0), int)
        out = x[..., first:last].copy(), valid[..., first:last].copy(), code
        keep = max(0, last - state["reach"])
        for name in ("x", "valid", "jump"):
            state[name] = state[name][..., keep:].copy()
        state["done"] = last - keep
        return out

    def _codes(self, x: Float64, valid: Bools, state: State) -> Ints:
        change = _changes(x, valid)
        equal = (change == 0) & valid & _shifted(valid, 1)
        start, end = _runs(equal)
        run = end - start + 1
        flat = run >= state["flat"]
        spike, step = self._spikes_and_steps(x, change, state["jump"])
        entered = np.take_along_axis(np.where(state["jump"], change, 0.0), start, -1)
        turned = entered * np.take_along_axis(_shifted(change, -1), end, -1) < 0
        clipped = turned & (run >= self.settings.clip_samples) & ~flat
        if self.settings.clip_level is not None:
            clipped |= np.abs(x) >= self.settings.clip_level
        found = {"spike": spike, "step": step, "flat": flat, "clipped": clipped}
        code = np.zeros(x.shape, np.int64)
        for name, bit in DEFECTS.items():
            code |= np.where(found[name] & valid, bit, 0)
        return code

    def _spikes_and_steps(self, x: Float64, change: Float64, jump: Bools) -> tuple[Bools, Bools]:
        """A spike is a jump answered by an opposite one; a step is a lone jump after which the level stays."""
        near, size = self.settings.near, np.abs(change)
        there, back = size, _shifted(size, -1)
        before = _sliding_max(_shifted(size, 1), near, past=True)
        after = _sliding_max(back, near, past=False)
        opposite = change * _shifted(change, -1) < 0
        around = self.settings.spike_ratio * np.maximum(before, _shifted(after, -1))
        spike = jump & opposite & (np.minimum(there, back) > around)
        lone = jump & (there > self.settings.spike_ratio * np.maximum(before, after))
        if lone.any():
            lone &= np.abs(_mean_of_next(x, near) - _mean_of_last(x, near)) > 0.5 * there
        return spike, lone

    @classmethod
    def specimens(cls, folder: Path) -> list[MarkDefects]:
        """The defaults, and a clip level below the law's offset."""
        return [cls(), cls(clip_level=5000.5, flat_s=0.5, near=5)]


def _changes(x: Float64, valid: Bools) -> Float64:
    """Change from the sample before; zero where either of the two is invalid or there is none."""
    change = np.zeros(x.shape)
    np.subtract(x[..., 1:], x[..., :-1], out=change[..., 1:])
    change[..., 1:][~(valid[..., 1:] & valid[..., :-1])] = 0.0
    return change


def _shifted(values: AnyArray, by: int) -> AnyArray:
    """Values `by` samples earlier in time (negative: later), nothing beyond the ends."""
    out = np.zeros_like(values)
    if by > 0:
        out[..., by:] = values[..., :-by]
    else:
        out[..., :by] = values[..., -by:]
    return out


def _sliding_max(values: Float64, n: int, *, past: bool) -> Float64:
    """Largest of the sample and its n - 1 predecessors (`past`) or successors; values are not negative."""
    largest, span = values, 1
    while span < n:
        more = min(span, n - span)
        largest = np.maximum(largest, _shifted(largest, more if past else -more))
        span += more
    return largest


def _mean_of_last(x: Float64, n: int) -> Float64:
    """Mean of the n samples before each one; before the first, its own value stands in."""
    level = x[..., :1]
    padded = np.concatenate([np.zeros((*x.shape[:-1], n + 1)), x[..., :-1] - level], -1)
    total = np.cumsum(padded, -1)
    mean: Float64 = (total[..., n:] - total[..., :-n]) / n + level
    return mean


def _mean_of_next(x: Float64, n: int) -> Float64:
    """Mean of each sample and the n - 1 after it."""
    return _mean_of_last(np.concatenate([x, x[..., -1:]], -1)[..., ::-1], n)[..., ::-1][..., :-1]


def _runs(equal: Bools) -> tuple[Ints, Ints]:
    """For each sample the first and the last index of the run of equal samples it lies in."""
    n = equal.shape[-1]
    at = np.arange(n)
    start = np.maximum.accumulate(np.where(equal, 0, at), -1)
    ends_here = ~np.concatenate([equal[..., 1:], np.zeros((*equal.shape[:-1], 1), bool)], -1)
    end = np.minimum.accumulate(np.where(ends_here, at, n)[..., ::-1], -1)[..., ::-1]
    return start, end


def defects(waveform: Waveform, marker: MarkDefects | None = None) -> dict[str, Float64]:
    """Seconds of each defect a channel, and of samples that were invalid before (``missing``).

    >>> wave = Waveform(np.zeros((1, 1000)), 100.0, 0, "XX.DEMO.", components="Z")
    >>> defects(wave)["flat"].tolist()
    [10.0]
    """
    code = (marker or MarkDefects()).codes(waveform)
    found = {name: (code & bit > 0).sum(-1) / waveform.rate_hz for name, bit in DEFECTS.items()}
    return found | {"missing": (~waveform.valid).sum(-1) / waveform.rate_hz}


def reasons(waveform: Waveform, marker: MarkDefects | None = None) -> tuple[str, ...]:
    """Say in sentences what is wrong with a record, one a defect and channel; nothing when nothing is.

    >>> reasons(Waveform(np.zeros((1, 1000)), 100.0, 0, "XX.DEMO.", components="Z"))
    ('flat for 10.00 s on Z from 1970-01-01T00:00:00.000000Z',)
    """
    code = (marker or MarkDefects()).codes(waveform)
    where = {name: code & bit > 0 for name, bit in DEFECTS.items()} | {"missing": ~waveform.valid}
    return tuple(
        f"{name} for {wrong.sum() / waveform.rate_hz:.2f} s on {channel} "
        f"from {iso_utc(waveform.time_ns(int(wrong.argmax())))}"
        for name, rows in where.items()
        for channel, wrong in zip(waveform.channels, rows, strict=True)
        if wrong.any()
    )
