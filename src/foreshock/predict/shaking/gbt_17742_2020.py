"""China's instrumental intensity (GB/T 17742-2020) from PGA and PGV of a place or a record. Knows no place.

The formulas, the band of 0.1 to 10 Hz and the rule that joins both are the standard's as others quote them; its text
was not at hand. Its filter may differ from ours, a causal Butterworth band-pass of order 2. It gives no spread.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foreshock.errors import InputError, UnitError
from foreshock.prepare.calculus import Integrate
from foreshock.prepare.filters import Bandpass
from foreshock.types.arrays import Float64
from foreshock.types.waveform import Waveform

LOWEST, HIGHEST = 1.0, 12.0
BAND_HZ, ORDER = (0.1, 10.0), 2
STRONG = 6.0
"""From here on, by both measures, velocity alone counts."""


def from_acceleration(pga_m_s2: npt.ArrayLike) -> Float64:
    """I_A = 3.17 log10 PGA + 6.59, PGA in m/s², not held to the scale.

    >>> float(from_acceleration(1.0))
    6.59
    """
    return _line(pga_m_s2, 3.17, 6.59, whose="PGA")


def from_velocity(pgv_m_s: npt.ArrayLike) -> Float64:
    """I_V = 3.00 log10 PGV + 9.77, PGV in m/s, not held to the scale.

    >>> float(from_velocity(0.1))
    6.77
    """
    return _line(pgv_m_s, 3.00, 9.77, whose="PGV")


def instrumental(pga_m_s2: npt.ArrayLike, pgv_m_s: npt.ArrayLike) -> Float64:
    """Give the intensity, 1.0 to 12.0: I_V where both reach 6, else the mean of both. Not rounded.

    PGA and PGV are peaks of the vector of three components within 0.1 to 10 Hz.

    Raises:
        InputError: a peak is negative or not a number.

    >>> float(instrumental(1.0, 0.1)), round(float(instrumental(0.1, 0.01)), 3)
    (6.77, 3.595)
    """
    by_a, by_v = from_acceleration(pga_m_s2), from_velocity(pgv_m_s)
    joined = np.where((by_a >= STRONG) & (by_v >= STRONG), by_v, (by_a + by_v) / 2)
    return np.clip(joined, LOWEST, HIGHEST)


def of_record(wave: Waveform) -> float:
    """Give the instrumental intensity of three components of acceleration.

    Raises:
        UnitError: the record is not acceleration.
        InputError: it has not three components, or no sample.
    """
    if wave.unit != "m/s2":
        raise UnitError(f"{wave.station_id} is in {wave.unit!r}", "it must be acceleration", "remove the sensitivity")
    if len(wave.data) != 3 or not wave.n_samples:
        raise InputError(f"{wave!r}", "intensity needs three components with samples", "give Z, N and E")
    low, high = BAND_HZ
    band = Bandpass(low_hz=low, high_hz=high, order=ORDER)
    acceleration, valid = band.apply(wave.data, rate_hz=wave.rate_hz, valid=wave.valid)
    velocity, _ = Integrate().apply(acceleration, rate_hz=wave.rate_hz, valid=valid)
    peaks = (np.sqrt((x**2).sum(0)).max() for x in (acceleration, velocity))
    return float(instrumental(*peaks))


def _line(peak: npt.ArrayLike, slope: float, start: float, *, whose: str) -> Float64:
    values = np.asarray(peak, float)
    if np.any(~(values >= 0)):
        raise InputError(f"{whose} is {np.extract(~(values >= 0), values)[0]:g}", "it must be ≥ 0", "correct it")
    with np.errstate(divide="ignore"):
        return np.asarray(slope * np.log10(values) + start)
