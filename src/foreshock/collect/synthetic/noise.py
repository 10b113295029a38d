"""The never silent ground: its power density between Peterson's models and its samples. Knows no events."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foreshock.collect.peterson import SHORTEST_PERIOD_S, nhnm_db, nlnm_db
from foreshock.types.arrays import Float32, Float64, Ints

CULTURE_FROM_HZ = 1.0


def acceleration_db(
    frequency_hz: Float64, *, level: float, cultural_db: float = 0.0, culture_hz: float = 5.0, tilt_db: float = 0.0
) -> Float64:
    """Give the acceleration power density, dB relative to 1 (m/s²)²/Hz, (frequency,); frequencies above 0.

    `level` 0 is Peterson's low-noise model, 1 the high-noise model. Culture adds a hump of one decade about
    `culture_hz`, tilt (of horizontals) a rise below 0.1 Hz; both end at the high-noise model (or at `level` if that
    lies higher). Beyond 10 Hz, where the models end, their last value holds.
    """
    period = np.maximum(1 / frequency_hz, SHORTEST_PERIOD_S)
    low, high = nlnm_db(period), nhnm_db(period)
    decades = np.log10(frequency_hz / culture_hz)
    hump = cultural_db * np.exp(-0.5 * (decades / 0.35) ** 2)
    lean = tilt_db * np.clip(-1 - np.log10(frequency_hz), 0, 1)
    ceiling = low + max(level, 1.0) * (high - low)
    return np.asarray(np.minimum(low + level * (high - low) + hump + lean, ceiling))


def spectral_amplitude(power: Float64, *, rate_hz: float, n_fft: int) -> Float32:
    """Turn one-sided power densities (…, frequency) into amplitudes by which complex normal numbers are multiplied.

    Each amplitude stands twice, (…, 2·frequency), for the real and the imaginary part, whose variances are 1;
    frequency 0 and Nyquist stay empty.
    """
    amplitude = 0.5 * np.sqrt(power * rate_hz * n_fft)
    amplitude[..., [0, -1]] = 0
    return np.repeat(amplitude.astype(np.float32), 2, axis=-1)


def crossover(frequency_hz: Float64) -> Float32:
    """Give the weight of the natural, low part of the noise; the rest is culture's, (frequency,)."""
    safe = np.maximum(frequency_hz, 1e-6)
    return np.asarray(1 / (1 + (safe / CULTURE_FROM_HZ) ** 4), np.float32)


def random_spectra(
    rng: np.random.Generator,
    amplitude: Float32,
    rows: Ints,
    *,
    low_gain: Float64,
    high_gain: Float64,
    low_weight: Float32,
) -> npt.NDArray[np.complex64]:
    """Draw spectra (record, channel, frequency); record k has the amplitudes of station rows[k]."""
    low, high = (gain.astype(np.float32)[:, None] for gain in (low_gain, high_gain))
    gain = np.repeat(high + (low - high) * low_weight, 2, axis=-1)
    drawn = rng.standard_normal((len(rows), amplitude.shape[1], gain.shape[1]), np.float32)
    for k, row in enumerate(rows):
        drawn[k] *= amplitude[row]
        drawn[k] *= gain[k]
    return drawn.view(np.complex64)
