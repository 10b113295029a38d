"""The ground under the station: amplification, resonance, near-surface loss. Knows no instruments and no sources."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foreshock.types.arrays import Float64

_ROCK_HZ = (0.01, 0.09, 0.16, 0.51, 0.84, 1.25, 2.26, 3.17, 6.05, 16.6, 61.2)
_ROCK_GAIN = (1.00, 1.10, 1.18, 1.42, 1.58, 1.74, 2.06, 2.25, 2.58, 3.13, 4.00)
"""Generic rock of Boore & Joyner (1997), BSSA 87, 327-341, table 3."""


def generic_rock(frequency_hz: Float64) -> Float64:
    """Give the amplification of generic rock over the rock at the source, (frequency,)."""
    safe = np.maximum(frequency_hz, _ROCK_HZ[0])
    return np.asarray(np.exp(np.interp(np.log(safe), np.log(_ROCK_HZ), np.log(_ROCK_GAIN))))


def soft_layer(frequency_hz: Float64, *, resonance_hz: float, impedance_ratio: float, damping: float) -> Float64:
    """Give the amplification of one damped soft layer on elastic rock for a wave that rises steeply, (frequency,).

    Kramer (1996), Geotechnical Earthquake Engineering, section 7.2.1.4: 1 / |cos kH + i α sin kH|, where kH is
    (π/2) f / f0 and the impedance ratio α is soil over rock.

    >>> peak = soft_layer(np.array([2.0]), resonance_hz=2.0, impedance_ratio=0.25, damping=0.0)
    >>> round(float(peak[0]), 6)
    4.0
    """
    kh = 0.5 * np.pi * frequency_hz / resonance_hz / (1 + 1j * damping)
    return np.asarray(1 / np.abs(np.cos(kh) + 1j * impedance_ratio * np.sin(kh)))


def near_surface_loss(frequency_hz: Float64, *, kappa_s: float) -> Float64:
    """Give exp(-π κ f) (Anderson & Hough, 1984, BSSA 74, 1969-1993), (frequency,)."""
    return np.asarray(np.exp(-np.pi * kappa_s * frequency_hz))


def minimum_phase(amplitude: Float64) -> npt.NDArray[np.complex128]:
    """Give the causal spectrum with an amplitude (…, frequency) on an even grid from 0 to Nyquist, by the cepstrum.

    Oppenheim & Schafer, Discrete-Time Signal Processing (2010), section 13.5.
    """
    floor = 1e-6 * amplitude.max(axis=-1, keepdims=True)
    cepstrum = np.fft.irfft(np.log(np.maximum(amplitude, floor)))
    half = cepstrum.shape[-1] // 2
    cepstrum[..., 1:half] *= 2
    cepstrum[..., half + 1 :] = 0
    return np.asarray(np.exp(np.fft.rfft(cepstrum)))
