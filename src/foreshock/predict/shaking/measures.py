"""Measures of shaking: their names, SI units and the units models were published in. Knows no model."""

from __future__ import annotations

import math

from foreshock.errors import InputError
from foreshock.units import STANDARD_GRAVITY_M_S2

LN_G_M_S2 = math.log(STANDARD_GRAVITY_M_S2)
"""What turns ln of g into ln of m/s²."""
LN_CM = math.log(0.01)
"""What turns ln of cm/s into ln of m/s."""


def unit_of(measure: str) -> str:
    """Give the SI unit of a measure: ``PGA`` and ``SA(period in s)`` in m/s², ``PGV`` in m/s.

    Raises:
        InputError: there is no such measure.

    >>> unit_of("SA(0.3)"), unit_of("PGV")
    ('m/s2', 'm/s')
    """
    if measure == "PGV":
        return "m/s"
    if measure == "PGA" or (measure.startswith("SA(") and measure.endswith(")")):
        return "m/s2"
    raise InputError(f"measure is {measure!r}", "it is PGA, PGV or SA(period in s)", "write for example 'SA(1)'")


def ln_to_si(measure: str) -> float:
    """What to add to the natural logarithm of g (PGA, SA) or of cm/s (PGV) to have that of the SI unit.

    >>> round(math.exp(ln_to_si("PGV")), 6)
    0.01
    """
    return LN_CM if unit_of(measure) == "m/s" else LN_G_M_S2
