"""Onto grid: any recording as three components at one rate, on samples counted from the epoch. Knows no picks.

Sample k of the grid stands at about k / rate after 1970 (never more than half a sample away: the recording's own phase
is kept in `start_ns`). Where a recording of another rate is cut, samples before the first that falls on the grid are
left out, so that pieces of a stream are resampled to the same numbers as the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.prepare.filters import Highpass
from foreshock.prepare.resample import Resample, ratio
from foreshock.prepare.step import Chain
from foreshock.types.arrays import Bools, Float32
from foreshock.types.waveform import Waveform

LOWEST_RATE = 0.1
"""A recording of less than this part of the grid's rate holds too little of it."""

HIGHPASS_CORNER = 0.01
"""Corner of the high-pass, in parts of the grid's rate: 1 Hz at 100 Hz."""

HIGHPASS_ORDER = 2

DEAD_S = 2.0
"""A value repeated so long says that nothing was measured."""

LONGEST_ANCHOR = 64
"""Samples that may be left out at the front to begin on the grid; odder rates begin where they begin."""

ROWS = {"Z": 0, "N": 1, "1": 1, "R": 1, "E": 2, "2": 2, "T": 2, "3": 0}


@dataclass(frozen=True, eq=False)
class Gridded:
    """Samples on the grid.

    Attributes:
        x, valid: float32 and bool, (3, time), Z and two horizontals; zero where masked or where a component is missing.
        first: number of the first sample, counted from the epoch.
        start_ns: when that sample was taken, UTC nanoseconds.
        rate_hz: of the grid.
    """

    x: Float32
    valid: Bools
    first: int
    start_ns: int
    rate_hz: float

    def time_ns(self, sample: float) -> int:
        """UTC nanoseconds of a sample of `x`, which may be fractional."""
        return self.start_ns + round(sample * NS_PER_S / self.rate_hz)


def onto_grid(waveform: Waveform, *, rate_hz: float) -> Gridded:
    """High-pass a recording (causal, 1 Hz at 100 Hz), resample it and sort its components.

    Raises:
        InputError: the rate is too low for the grid, or the two rates stand in no simple ratio.
    """
    if waveform.rate_hz < LOWEST_RATE * rate_hz:
        raise InputError(
            f"sampling rate is {waveform.rate_hz:g} Hz ({waveform.station_id})",
            f"picks at {rate_hz:g} Hz need at least {LOWEST_RATE * rate_hz:g} Hz",
            "use data of a higher rate",
        )
    wave = _begin_on_grid(_without_dead(_sorted(_unit_size(waveform))), rate_hz)
    steps = [Highpass(low_hz=HIGHPASS_CORNER * rate_hz, order=HIGHPASS_ORDER), Resample(rate_hz=rate_hz)]
    done = Chain(steps)(wave)
    return Gridded(done.data, done.valid, _number(done.start_ns, rate_hz), done.start_ns, rate_hz)


def _unit_size(waveform: Waveform) -> Waveform:
    """Bring absurd amplitudes (1e-30, 1e30) where squares and sums of float32 still work; a power of two is exact."""
    largest = float(np.abs(waveform.data).max(initial=0.0))
    if 1e-12 <= largest <= 1e12 or largest == 0:
        return waveform
    scaled = np.ldexp(waveform.data.astype(np.float64), -int(np.frexp(largest)[1]))
    return waveform.with_data(scaled.astype(np.float32), valid=waveform.valid)


def _without_dead(waveform: Waveform) -> Waveform:
    """Mask what repeats one value for `DEAD_S` or longer: filled gaps, stuck digitisers, hard clipping."""
    valid, shortest = waveform.valid.copy(), max(2, round(DEAD_S * waveform.rate_hz))
    for row, mask in zip(waveform.data, valid, strict=True):
        edges = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1], [True]]))
        for run in np.flatnonzero(np.diff(edges) >= shortest):
            mask[edges[run] : edges[run + 1]] = False
    return waveform.with_data(waveform.data, valid=valid)


def _sorted(waveform: Waveform) -> Waveform:
    """Z and two horizontals in this order; a missing component is masked throughout, a fourth is left out."""
    shape = (3, waveform.n_samples)
    data, valid = np.zeros(shape, np.float32), np.zeros(shape, bool)
    for row in reversed(range(len(waveform.components))):
        place = ROWS.get(waveform.components[row])
        if place is None or (waveform.components[row] == "3" and "Z" in waveform.components):
            continue
        data[place], valid[place] = waveform.data[row], waveform.valid[row]
    return waveform.with_data(data, valid=valid, channels=("Z", "N", "E"), components="ZNE")


def _number(time_ns: int, rate_hz: float) -> int:
    """The number of the sample of the grid nearest to a time, exact for rates of whole millihertz."""
    per_s = round(rate_hz * 1000)
    return (2 * time_ns * per_s + 1000 * NS_PER_S) // (2 * 1000 * NS_PER_S)


def _begin_on_grid(waveform: Waveform, rate_hz: float) -> Waveform:
    """Leave out the few samples before the first that falls on the grid."""
    _, down = ratio(waveform.rate_hz, rate_hz)
    if not 1 < down <= LONGEST_ANCHOR:
        return waveform
    return waveform.cut(-_number(waveform.start_ns, waveform.rate_hz) % down, waveform.n_samples)
