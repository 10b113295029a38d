"""JMA intensity as samples come: a causal filter and what is held for 0.3 s. Knows no packets.

The coefficients are our own: six second-order sections (a zero at 0 Hz, two pairs of zeros, six of poles) fitted to
the JMA's response, first once in continuous time and then, by the bilinear transform, to each sampling rate. Their
amplitude is right, their phase is not that of the JMA's filter, which has none: see `docs/concepts/shaking.md`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from scipy import signal
from scipy.optimize import least_squares

from foreshock.errors import InputError
from foreshock.predict.shaking.jma import HOLD_S, check_acceleration, from_level, held, response
from foreshock.prepare.filters import quiet_sections
from foreshock.prepare.step import ArrayStep, State
from foreshock.types.arrays import Bools, Float64
from foreshock.types.waveform import Waveform

SLOWEST_HZ, FASTEST_HZ = 20.0, 1000.0
BAND_HZ = (0.05, 25.0)
HOLD_TO_START = 1e-3
"""Weight of the pull to the fit in continuous time, which keeps poles from wandering where the band says nothing."""
GAIN = 0.450583
ZEROS = ((10.932635, 1.212341), (4.454904, 0.550061))
POLES = (
    (4.291663, 0.504818), (3.454707, 0.806559), (20.838936, 1.188642),
    (100.279483, 0.779593), (146.886014, 0.584615), (273.056231, 0.942071),
)  # fmt: skip
"""Pairs in continuous time: angular frequency (rad/s) and damping."""


class JmaWindow(ArrayStep):
    """The JMA's window on the spectrum as a causal filter; rates of 20 to 1000 Hz.

    >>> JmaWindow().apply(np.zeros((3, 10)), rate_hz=100.0)[0].shape
    (3, 10)
    """

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Design the sections for the rate and start them at rest."""
        sos = sections(rate_hz).copy()
        return {"sos": sos, "memory": quiet_sections(sos, leading)}

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Filter the next samples."""
        if x.shape[-1] == 0:
            return x, valid
        y, state["memory"] = signal.sosfilt(state["sos"], x, axis=-1, zi=state["memory"])
        return y, valid

    @classmethod
    def specimens(cls, folder: Path) -> list[JmaWindow]:
        """One."""
        return [cls()]


class LiveIntensity:
    """Intensity over the last `window_s` seconds of one instrument, after every chunk.

    >>> still = Waveform(np.zeros((3, 100)), 100.0, 0, "XX.A.", unit="m/s2")
    >>> LiveIntensity().update(still)
    -inf
    """

    def __init__(self, *, window_s: float = 60.0) -> None:
        if not HOLD_S <= window_s <= 3600:
            raise InputError(f"window is {window_s} s", f"it must last {HOLD_S} to 3600 s", "give for example 60")
        self.window_s = window_s
        self._filter = JmaWindow()
        self._vector: Float64 = np.zeros(0)

    def update(self, chunk: Waveform) -> float:
        """Take the next chunk of acceleration (Z, N, E), give the intensity at its end; -inf before 0.3 s have come.

        Holes count as stillness; after one of ten minutes all is forgotten.

        Raises:
            UnitError: the chunk is not acceleration.
            InputError: it has not three components, or another instrument's.
        """
        check_acceleration(chunk)
        still = self._filter.update(chunk)
        vector = np.sqrt((np.asarray(still.data, float) ** 2).sum(0)) * still.valid.any(0)
        kept = round(self.window_s * chunk.rate_hz)
        self._vector = np.concatenate([self._vector, vector])[-kept:]
        return float(from_level(held(self._vector, rate_hz=chunk.rate_hz)))

    def reset(self) -> None:
        """Forget all samples."""
        self._filter.reset()
        self._vector = np.zeros(0)


@cache
def sections(rate_hz: float) -> Float64:
    """Design the second-order sections (6, 6) for a sampling rate, once a process.

    Raises:
        InputError: the rate is too low for the response, or beyond all sense.
    """
    if not SLOWEST_HZ <= rate_hz <= FASTEST_HZ:
        raise InputError(
            f"sampling rate is {rate_hz:g} Hz",
            f"the filter is made for {SLOWEST_HZ:g} to {FASTEST_HZ:g} Hz",
            "resample first",
        )
    frequency = np.geomspace(BAND_HZ[0], min(BAND_HZ[1], 0.45 * rate_hz), 160)
    s = 2j * rate_hz * np.tan(np.pi * frequency / rate_hz)
    target = np.log(response(frequency))
    start = _start()

    def misfit(x: Float64) -> Float64:
        return np.concatenate([_ln_amplitude(x, s) - target, HOLD_TO_START * (x - start)])

    sos = _discrete(least_squares(misfit, start, max_nfev=100).x, rate_hz)
    sos.flags.writeable = False
    return sos


def _start() -> Float64:
    return np.asarray(np.log(np.concatenate([[GAIN], np.ravel(ZEROS), np.ravel(POLES)])), np.float64)


def _pairs(x: Float64) -> tuple[Float64, Float64]:
    """Zeros and poles (pair, (angular frequency, damping)) out of the vector that is fitted."""
    pairs = np.exp(x[1:]).reshape(-1, 2)
    return pairs[: len(ZEROS)], pairs[len(ZEROS) :]


def _ln_amplitude(x: Float64, s: np.ndarray[tuple[int], np.dtype[np.complex128]]) -> Float64:
    zeros, poles = _pairs(x)
    out = x[0] + np.log(np.abs(s))
    for sign, pairs in ((1, zeros), (-1, poles)):
        scaled = s / pairs[:, :1]
        out = out + sign * np.log(np.abs(scaled**2 + 2 * pairs[:, 1:] * scaled + 1)).sum(0)
    return np.asarray(out)


def _discrete(x: Float64, rate_hz: float) -> Float64:
    """Sections at a rate by the bilinear transform."""
    zeros, poles = _pairs(x)
    roots = [
        np.concatenate([np.roots([1 / w**2, 2 * damping / w, 1]) for w, damping in pairs]) for pairs in (zeros, poles)
    ]
    gain = np.exp(x[0]) * np.prod(poles[:, 0] ** 2) / np.prod(zeros[:, 0] ** 2)
    z, p, k = signal.bilinear_zpk(np.append(roots[0], 0), roots[1], gain, rate_hz)
    return np.asarray(signal.zpk2sos(z, p, k))
