"""Instrumental intensity of the Japan Meteorological Agency, from whole records. Knows no live stream.

Notification No. 4 of the JMA of 1996, as in Karim & Yamazaki (2002), Earthquake Eng. Struct. Dyn. 31, 1191-1212,
doi:10.1002/eqe.158, and Shabestari & Yamazaki (2001), Earthquake Spectra 17, 711-723, doi:10.1193/1.1425814: the
spectra of the components are multiplied by a window, and the level that the vector of what remains reaches for 0.3 s in
all gives the intensity.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from foreshock.errors import InputError, UnitError
from foreshock.types.arrays import Bools, Float64, Floats
from foreshock.types.waveform import Waveform

HOLD_S = 0.3
QUIET_S = 20.0
"""Zeros added behind a record so that its end does not ring into its beginning."""
HIGH_CUT = (1.0, 0.694, 0.241, 0.0557, 0.009664, 0.00134, 0.000155)
"""Factors of (f / 10 Hz)² to the power 0, 1, …"""
CLASSES = (
    (0.5, "0"), (1.5, "1"), (2.5, "2"), (3.5, "3"), (4.5, "4"), (5.0, "5-"), (5.5, "5+"), (6.0, "6-"), (6.5, "6+"),
)  # fmt: skip
"""Below which intensity a class of the scale ends; above all of them it is 7."""


def response(frequency_hz: Floats) -> Float64:
    """Give the window on the spectrum: √(1/f), a high cut and a low cut; 0 at 0 Hz.

    >>> response(np.array([0.0, 1.0])).round(3).tolist()
    [0.0, 0.996]
    """
    f = np.asarray(frequency_hz, float)
    safe = np.where(f > 0, f, 1.0)
    high = np.polynomial.polynomial.polyval((safe / 10) ** 2, HIGH_CUT)
    low = -np.expm1(-((safe / 0.5) ** 3))
    return np.where(f > 0, np.sqrt(low / (safe * high)), 0.0)


def windowed(acceleration: Floats, *, rate_hz: float) -> Float64:
    """Give what remains of acceleration (…, time) after the window; the mean goes first."""
    x = np.asarray(acceleration, float)
    n = x.shape[-1]
    padded = fft.next_fast_len(n + round(QUIET_S * rate_hz), real=True)
    spectrum = fft.rfft(x - x.mean(-1, keepdims=True), padded, axis=-1)
    spectrum *= response(fft.rfftfreq(padded, 1 / rate_hz))
    return np.asarray(fft.irfft(spectrum, padded, axis=-1)[..., :n])


def intensity(wave: Waveform) -> float:
    """Give the instrumental intensity of three components of acceleration, not rounded (see `rounded`).

    Invalid samples stay zero about the mean of the others. A record without motion has the intensity -inf.

    Raises:
        UnitError: the record is not acceleration.
        InputError: it has not three components, or is shorter than 0.3 s.
    """
    check_acceleration(wave)
    if wave.span_s < HOLD_S:
        raise InputError(f"{wave!r}", f"it must last {HOLD_S} s", "give a longer record")
    still = windowed(_about_zero(wave.data, wave.valid), rate_hz=wave.rate_hz)
    return float(from_level(held(np.sqrt((still**2).sum(0)), rate_hz=wave.rate_hz)))


def check_acceleration(wave: Waveform) -> None:
    """Refuse what is not three components of acceleration.

    Raises:
        UnitError: the record is not acceleration.
        InputError: it has not three components.
    """
    if wave.unit != "m/s2":
        raise UnitError(f"{wave.station_id} is in {wave.unit!r}", "it must be acceleration", "remove the sensitivity")
    if len(wave.data) != 3:
        raise InputError(f"{wave!r}", "intensity needs three components", "give Z, N and E")


def held(vector: Floats, *, rate_hz: float, hold_s: float = HOLD_S) -> Float64:
    """Give the level that values (…, time) reach for `hold_s` in all; 0 where there are fewer samples.

    >>> float(held(np.array([0.0, 3.0, 1.0, 2.0]), rate_hz=10.0))
    1.0
    """
    x = np.asarray(vector, float)
    rank = max(1, round(hold_s * rate_hz))
    if x.shape[-1] < rank:
        return np.zeros(x.shape[:-1])
    return np.asarray(np.partition(x, x.shape[-1] - rank, axis=-1)[..., x.shape[-1] - rank])


def from_level(level_m_s2: Floats) -> Float64:
    """I = 2 log10 a + 0.94 with the level a in cm/s².

    >>> float(from_level(np.array(1.0)).round(2))
    4.94
    """
    with np.errstate(divide="ignore"):
        return np.asarray(2 * np.log10(np.asarray(level_m_s2, float) * 100) + 0.94)


def rounded(value: float) -> float:
    """Give the intensity as it is published: rounded to two decimals, of which the second is dropped.

    >>> rounded(4.4951), rounded(4.494)
    (4.5, 4.4)
    """
    return float(np.floor(np.round(np.round(value, 2) * 10, 6)) / 10)


def scale_class(value: float) -> str:
    """Give the class of the scale, ``0`` to ``7`` with ``5-``, ``5+``, ``6-`` and ``6+``.

    >>> scale_class(4.4951), scale_class(4.494), scale_class(6.6)
    ('5-', '4', '7')
    """
    published = rounded(value) if np.isfinite(value) else value
    return next((name for end, name in CLASSES if published < end), "7")


def _about_zero(data: Floats, valid: Bools) -> Float64:
    """Samples about the mean of each channel's valid ones; invalid ones are zero."""
    x = np.asarray(data, float)
    mean = np.where(valid, x, 0).sum(-1, keepdims=True) / np.maximum(valid.sum(-1, keepdims=True), 1)
    return np.where(valid, x - mean, 0.0)
