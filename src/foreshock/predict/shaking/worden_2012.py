"""Worden, Gerstenberger, Rhoades & Wald (2012): Modified Mercalli intensity from PGA or PGV, and back. Knows no place.

BSSA 102, 204-221, doi:10.1785/0120110156. Two straight lines in log10 of cm/s² or cm/s, to which terms of distance
and magnitude may be added.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from foreshock.errors import InputError, nearest
from foreshock.types.arrays import Float64

LOWEST, HIGHEST = 1.0, 10.0
DISTANCES_KM, MAGNITUDES = (10.0, 300.0), (3.0, 7.3)


@dataclass(frozen=True, slots=True)
class Lines:
    """Two lines of intensity over log10 of motion in cm: below and above a break; the terms' factors; the spread.

    Attributes:
        below, above: (intercept, slope). break_log: where they meet in log10 of motion. break_mmi: where in intensity.
        terms: constant, factor of log10 of the distance in km, factor of the magnitude. sigma: of the intensity.
    """

    below: tuple[float, float]
    above: tuple[float, float]
    break_log: float
    break_mmi: float
    terms: tuple[float, float, float]
    sigma: float


LINES = MappingProxyType(
    {
        "PGA": Lines((1.78, 1.55), (-1.60, 3.70), 1.57, 4.22, (-0.91, 1.02, -0.17), 0.66),
        "PGV": Lines((3.78, 1.47), (2.89, 3.16), 0.53, 4.56, (0.90, 0.00, -0.18), 0.63),
    }
)


def mmi(
    measure: str,
    motion_si: npt.ArrayLike,
    *,
    magnitude: npt.ArrayLike | None = None,
    distance_km: npt.ArrayLike | None = None,
) -> Float64:
    """Give the mean intensity, 1 to 10, of PGA (m/s²) or PGV (m/s); arrays broadcast.

    With magnitude and distance (both or neither) their terms are added, held to 3..7.3 and 10..300 km. The two lines
    of a measure do not quite meet: at the break the intensity leaps by less than 0.01.

    Raises:
        InputError: the measure has no lines, motion is negative, or only one of magnitude and distance is given.

    >>> round(float(mmi("PGV", 0.10)), 2)
    6.05
    """
    lines = _lines(measure)
    motion = np.asarray(motion_si, float)
    if np.any(~(motion >= 0)):
        raise InputError(f"{measure} is {np.extract(~(motion >= 0), motion)[0]:g}", "it must be ≥ 0", "correct it")
    with np.errstate(divide="ignore"):
        bare = bare_mmi(measure, np.log(motion))
    return np.asarray(np.clip(bare + _terms(lines, magnitude, distance_km), LOWEST, HIGHEST))


def bare_mmi(measure: str, ln_motion_si: npt.ArrayLike) -> Float64:
    """Give the intensity of the logarithm of motion by the two lines alone, not held to the scale."""
    lines = _lines(measure)
    log_cm = np.asarray(ln_motion_si, float) / np.log(10) + 2
    low, high = (a + b * log_cm for a, b in (lines.below, lines.above))
    return np.asarray(np.where(log_cm <= lines.break_log, low, high))


def ln_motion_si(measure: str, intensity: npt.ArrayLike) -> Float64:
    """Give the logarithm of PGA (m/s²) or PGV (m/s) whose mean intensity this is: the lines turned round.

    >>> round(float(np.exp(ln_motion_si("PGV", 6.05))), 3)
    0.1
    """
    lines, wanted = _lines(measure), np.asarray(intensity, float)
    low, high = ((wanted - a) / b for a, b in (lines.below, lines.above))
    return np.asarray((np.where(wanted <= lines.break_mmi, low, high) - 2) * np.log(10))


def _lines(measure: str) -> Lines:
    if measure not in LINES:
        raise InputError(f"measure is {measure!r}", "there are lines for PGA and PGV", nearest(measure, LINES))
    return LINES[measure]


def _terms(lines: Lines, magnitude: npt.ArrayLike | None, distance_km: npt.ArrayLike | None) -> Float64 | float:
    if magnitude is None and distance_km is None:
        return 0.0
    if magnitude is None or distance_km is None:
        given = "distance" if magnitude is None else "magnitude"
        raise InputError(f"{given} alone is given", "the terms need magnitude and distance", "give both or neither")
    constant, far, size = lines.terms
    log_km = np.log10(np.clip(np.asarray(distance_km, float), *DISTANCES_KM))
    return np.asarray(constant + far * log_km + size * np.clip(np.asarray(magnitude, float), *MAGNITUDES))
