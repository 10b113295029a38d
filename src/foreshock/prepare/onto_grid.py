"""Onto grid: any recording as three components at one rate, on samples counted from the epoch. Knows no picks.

Sample k of the grid stands at about k / rate after 1970 (never more than half a sample away: the recording's own phase
is kept in `start_ns`). Where a recording of another rate is cut, samples before the first that falls on the grid are
left out, so that pieces of a stream are resampled to the same numbers as the whole. The high-pass comes first: a filter
that resamples lets a little of an offset through in every phase of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.prepare.filters import Highpass
from foreshock.prepare.resample import Resample, ratio
from foreshock.prepare.step import Chain, relative
from foreshock.prepare.stuck import stuck_spans
from foreshock.types.arrays import AnyArray, Bools, Float32, Ints
from foreshock.types.waveform import Waveform

LOWEST_RATE = 0.1
"""A recording of less than this part of the grid's rate holds too little of it."""

HIGHPASS_CORNER = 0.01
"""Corner of the high-pass, in parts of the grid's rate: 1 Hz at 100 Hz."""

HIGHPASS_ORDER = 2

LONGEST_ANCHOR = 64
"""Samples that may be left out at the front to begin on the grid; odder rates begin where they begin."""

ROWS = {"Z": 0, "N": 1, "1": 1, "R": 1, "E": 2, "2": 2, "T": 2, "3": 0}


@dataclass(frozen=True, eq=False)
class Gridded:
    """Samples on the grid.

    Attributes:
        x, valid: float32 and bool, (3, time), Z and two horizontals; zero where masked or where a component is missing.
        first: number of the recording's first sample, counted from the epoch.
        start_ns: when that sample was taken, UTC nanoseconds.
        rate_hz: of the grid.
        front: masked samples before it, so that `x` begins and ends on whole strides.
    """

    x: Float32
    valid: Bools
    first: int
    start_ns: int
    rate_hz: float
    front: int = 0

    def time_ns(self, sample: float) -> int:
        """UTC nanoseconds of a sample of `x`, which may be fractional."""
        return self.start_ns + round((sample - self.front) * NS_PER_S / self.rate_hz)


def onto_grid(waveform: Waveform, *, rate_hz: float, stride: int = 1) -> Gridded:
    """Resample a recording, sort its components and high-pass it (causal, 1 Hz at 100 Hz).

    With a stride, masked samples are put before and after, so that the result begins and ends at multiples of it.

    Raises:
        InputError: the rate is too low for the grid, or the two rates stand in no simple ratio.
    """
    check_rate(waveform.rate_hz, rate_hz=rate_hz, station_id=waveform.station_id)
    wave = begin_on_grid(_without_stuck(_sorted(waveform)), rate_hz=rate_hz)
    first = grid_number(wave.start_ns, rate_hz)
    front = first % stride
    if ratio(wave.rate_hz, rate_hz) == (1, 1):
        x, valid = _room(wave.n_samples, front, stride)
        here = slice(front, front + wave.n_samples)
        valid[:, here] = wave.valid
        GridHighpass((3,), rate_hz=rate_hz).update(wave.data, wave.valid, out=x[:, here])
    else:
        data, known = _resampled(wave, rate_hz)
        x, valid = _room(data.shape[1], front, stride)
        here = slice(front, front + data.shape[1])
        x[:, here], valid[:, here] = data, known
    return Gridded(x, valid, first, wave.start_ns, rate_hz, front)


def _room(n: int, front: int, stride: int) -> tuple[Float32, Bools]:
    """Room for so many samples; silence before and after them, up to whole strides."""
    x = np.empty((3, -(-(front + n) // stride) * stride), np.float32)
    valid = np.zeros(x.shape, bool)
    x[:, :front] = x[:, front + n :] = 0.0
    return x, valid


def to_grid_rate(rate_hz: float) -> Chain:
    """High-pass and resampling, for recordings and streams of another rate than the grid's."""
    return Chain([highpass(rate_hz), Resample(rate_hz=rate_hz)])


def highpass(rate_hz: float) -> Highpass:
    """The high-pass of a grid."""
    return Highpass(low_hz=HIGHPASS_CORNER * rate_hz, order=HIGHPASS_ORDER)


def check_rate(rate_in_hz: float, *, rate_hz: float, station_id: str) -> None:
    """Refuse a sampling rate from which the grid cannot be filled.

    Raises:
        InputError: it is too low, or the two rates stand in no simple ratio.
    """
    if rate_in_hz < LOWEST_RATE * rate_hz:
        raise InputError(
            f"sampling rate is {rate_in_hz:g} Hz ({station_id})",
            f"picks at {rate_hz:g} Hz need at least {LOWEST_RATE * rate_hz:g} Hz",
            "use data of a higher rate",
        )
    ratio(rate_in_hz, rate_hz)


class GridHighpass:
    """The high-pass of the grid with its memory, for one recording or for many streams side by side.

    Args:
        leading: axes before time, (channel,) or (station, channel). rate_hz: of the grid.
    """

    def __init__(self, leading: tuple[int, ...], *, rate_hz: float) -> None:
        self._step = highpass(rate_hz)
        self._state = self._step.begin(rate_hz, leading)
        self._state |= {"first": np.full(leading, np.nan), "last": np.zeros(leading)}

    def update(self, x: Float32, valid: Bools, *, out: Float32 | None = None) -> Float32:
        """Take the next samples (…, time), give them filtered; zero where masked. The last value fills holes."""
        if out is None:
            out = np.empty(x.shape, np.float32)
        step = max(1, _BLOCK // max(1, x[..., 0].size))
        for first in range(0, x.shape[-1], step):
            piece = (..., slice(first, first + step))
            held = relative(x[piece], valid[piece], self._state)
            y = self._step.run(held, valid[piece], self._state)[0]
            with np.errstate(over="ignore"):
                out[piece] = y
            if not valid[piece].all():
                out[piece][~valid[piece]] = 0.0
        return out

    def forget(self, rows: Bools) -> None:
        """Begin anew in some streams: flags along the first axis."""
        self._state["first"][rows], self._state["last"][rows] = np.nan, 0.0
        self._state["memory"][:, rows] = 0.0

    def taken(self, rows: Ints) -> GridHighpass:
        """A copy that knows some of the streams only: numbers along the first axis."""
        part = copy.copy(self)
        part._state = self._state | {name: self._state[name][rows] for name in ("first", "last")}
        part._state["memory"] = self._state["memory"][:, rows]
        return part

    def put(self, rows: Ints, part: GridHighpass) -> None:
        """Take over what a copy has learnt since."""
        for name in ("first", "last"):
            self._state[name][rows] = part._state[name]
        self._state["memory"][:, rows] = part._state["memory"]

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later."""
        return {name: np.array(self._state[name]) for name in _KEPT}

    def restore(self, state: Mapping[str, AnyArray]) -> None:
        """Go on from a saved state."""
        self._state |= {name: np.array(state[name], np.float64) for name in _KEPT}


_KEPT = ("first", "last", "memory")
_BLOCK = 1 << 20
"""Values filtered at once: each call costs as much as some ten thousand, and memory must end somewhere."""


def _resampled(wave: Waveform, rate_hz: float) -> tuple[Float32, Bools]:
    """The components that are there, at another rate."""
    there = np.flatnonzero(wave.valid.any(1)) if wave.valid.any() else np.array([0])
    rows = Waveform(
        wave.data[there],
        wave.rate_hz,
        wave.start_ns,
        wave.station_id,
        components="".join(wave.components[k] for k in there),
        valid=wave.valid[there],
    )
    done = to_grid_rate(rate_hz)(rows)
    data, valid = np.zeros((3, done.n_samples), np.float32), np.zeros((3, done.n_samples), bool)
    data[there], valid[there] = done.data, done.valid
    return data, valid


def _without_stuck(waveform: Waveform) -> Waveform:
    """Mask filled gaps, stuck digitisers and hard clipping."""
    spans = [(k, *span) for k, row in enumerate(waveform.data) for span in stuck_spans(row, rate_hz=waveform.rate_hz)]
    if not spans:
        return waveform
    valid = waveform.valid.copy()
    for row, first, last in spans:
        valid[row, first:last] = False
    return waveform.with_data(waveform.data, valid=valid)


def _sorted(waveform: Waveform) -> Waveform:
    """Z and two horizontals in this order; a missing component is masked throughout, a fourth is left out."""
    if waveform.components == "ZNE":
        return waveform
    shape = (3, waveform.n_samples)
    data, valid = np.zeros(shape, np.float32), np.zeros(shape, bool)
    for row in reversed(range(len(waveform.components))):
        place = ROWS.get(waveform.components[row])
        if place is None or (waveform.components[row] == "3" and "Z" in waveform.components):
            continue
        data[place], valid[place] = waveform.data[row], waveform.valid[row]
    return waveform.with_data(data, valid=valid, channels=("Z", "N", "E"), components="ZNE")


def grid_number(time_ns: int, rate_hz: float) -> int:
    """The number of the sample of the grid nearest to a time, exact for rates of whole millihertz."""
    per_s = round(rate_hz * 1000)
    return (2 * time_ns * per_s + 1000 * NS_PER_S) // (2 * 1000 * NS_PER_S)


def begin_on_grid(waveform: Waveform, *, rate_hz: float) -> Waveform:
    """Leave out the few samples before the first that falls on the grid."""
    _, down = ratio(waveform.rate_hz, rate_hz)
    if not 1 < down <= LONGEST_ANCHOR:
        return waveform
    return waveform.cut(-grid_number(waveform.start_ns, waveform.rate_hz) % down, waveform.n_samples)
