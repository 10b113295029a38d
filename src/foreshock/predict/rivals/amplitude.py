"""Amplitude: how large each window's wave is, in one band. Knows no magnitudes and no distances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from scipy import signal

from foreshock.errors import InputError
from foreshock.types.arrays import Float64, Floats
from foreshock.types.examples import Examples

SCALE = "log10_scale"
"""The context that says by what a window was divided."""

Measure = Literal["peak", "rms"]
BLOCK_SAMPLES = 1_000_000
SAME_PEAK = 1e-3
FLOOR = 1e-9
"""Smallest amplitude relative to a window's own normalisation."""


def log_amplitude(examples: Examples, *, measure: Measure, band_hz: tuple[float, float] | None) -> Float64:
    """Give log10 of the peak or root mean square of the vector of all channels, (example,), in the unit of the wave.

    Raises:
        InputError: the band does not lie below half the sampling rate.
    """
    out = np.empty(len(examples))
    for rows in blocks(examples):
        power = (banded(examples.x[rows], band_hz, examples.rate_hz) ** 2).sum(axis=1)
        size = power.max(axis=1, initial=0.0) if measure == "peak" else power.mean(axis=1)
        out[rows] = 0.5 * np.log10(np.maximum(size, FLOOR**2))
    return out + _log_divisor(examples)


def _log_divisor(examples: Examples) -> Float64:
    """log10 of what each window was divided by: the context, or 0 where the window's own peak is still that large."""
    scale = examples.context.get(SCALE)
    if scale is None:
        return np.zeros(len(examples))
    told = np.asarray(scale, np.float64)
    peaks = [np.abs(banded(examples.x[rows], None, examples.rate_hz)).max(axis=(1, 2)) for rows in blocks(examples)]
    peak = np.concatenate([np.zeros(0), *peaks])
    untouched = np.abs(np.log10(np.maximum(peak, FLOOR)) - told) < SAME_PEAK
    return np.where(untouched, 0.0, told)


def blocks(examples: Examples) -> Iterator[slice]:
    """Rows to work on at once, so that memory does not grow with the number of examples."""
    step = max(1, BLOCK_SAMPLES // max(1, examples.x.shape[1] * examples.x.shape[2]))
    for first in range(0, len(examples), step):
        yield slice(first, first + step)


def banded(x: Floats, band_hz: tuple[float, float] | None, rate_hz: float) -> Float64:
    """Take the mean out and band-pass (example, channel, time), as if the first sample had always been there.

    Raises:
        InputError: the band does not lie below half the sampling rate.
    """
    centred = np.asarray(x, np.float64) - x.mean(axis=-1, keepdims=True, dtype=np.float64)
    if band_hz is None or centred.shape[-1] == 0:
        return np.asarray(centred, np.float64)
    if not 0 < band_hz[0] < band_hz[1] < rate_hz / 2:
        raise InputError(
            f"band {band_hz[0]:g}-{band_hz[1]:g} Hz at {rate_hz:g} samples per second",
            "it must lie below half the rate",
            "fit the rival again",
        )
    sos = signal.butter(2, band_hz, "bandpass", fs=rate_hz, output="sos")
    memory = signal.sosfilt_zi(sos)[:, None, None, :] * centred[None, ..., :1]
    return np.asarray(signal.sosfilt(sos, centred, axis=-1, zi=memory)[0], np.float64)


def bands(rate_hz: float) -> list[tuple[float, float] | None]:
    """Bands worth trying at a rate: none, and those of local earthquakes that lie below 0.45 of the rate.

    >>> bands(20.0)
    [None, (0.5, 4.0), (1.0, 8.0), (2.0, 9.0)]
    """
    tops = ((0.5, 4.0), (1.0, 8.0), (2.0, 16.0), (4.0, 32.0))
    highest = 0.45 * rate_hz
    return [None, *((low, min(high, highest)) for low, high in tops if 4 * low <= highest)]
