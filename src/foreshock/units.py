"""Units: one short name, one sentence and one SI unit for every quantity. Knows nothing about files or waveforms."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from foreshock.errors import UnitError, nearest

STANDARD_GRAVITY_M_S2 = 9.80665
"""Conventional standard gravity (3rd CGPM, 1901)."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A physical thing Foreshock speaks of: its short name, a sentence, its SI unit."""

    name: str
    sentence: str
    unit: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A written unit: the SI unit it scales to and the factor to get there."""

    si: str
    factor: float


_ALIASES = {
    "count": ("count", 1.0),
    "counts": ("count", 1.0),
    "m": ("m", 1.0),
    "cm": ("m", 1e-2),
    "mm": ("m", 1e-3),
    "um": ("m", 1e-6),
    "nm": ("m", 1e-9),
    "m/s": ("m/s", 1.0),
    "cm/s": ("m/s", 1e-2),
    "mm/s": ("m/s", 1e-3),
    "um/s": ("m/s", 1e-6),
    "nm/s": ("m/s", 1e-9),
    "m/s2": ("m/s2", 1.0),
    "m/s**2": ("m/s2", 1.0),
    "m/s^2": ("m/s2", 1.0),
    "m/s/s": ("m/s2", 1.0),
    "mm/s2": ("m/s2", 1e-3),
    "um/s2": ("m/s2", 1e-6),
    "nm/s2": ("m/s2", 1e-9),
    "cm/s2": ("m/s2", 1e-2),
    "cm/s**2": ("m/s2", 1e-2),
    "gal": ("m/s2", 1e-2),
    "mg": ("m/s2", 1e-3 * STANDARD_GRAVITY_M_S2),
    "g": ("m/s2", STANDARD_GRAVITY_M_S2),
    "1": ("1", 1.0),
    "s": ("s", 1.0),
    "hz": ("Hz", 1.0),
    "km": ("km", 1.0),
    "deg": ("deg", 1.0),
}
UNITS = MappingProxyType({name: Unit(si, factor) for name, (si, factor) in _ALIASES.items()})

GROUND_MOTION_ORDER = MappingProxyType({"m": 0, "m/s": 1, "m/s2": 2})
"""How many times displacement has been differentiated."""


def unit(text: str) -> Unit:
    """Look a written unit up, whatever its case.

    Raises:
        UnitError: the unit is not in the list.

    >>> unit("GAL")
    Unit(si='m/s2', factor=0.01)
    """
    found = UNITS.get(text.strip().lower())
    if found is None:
        raise UnitError(f"unit {text!r}", "it is not a known unit", nearest(text.lower(), UNITS))
    return found


def conversion_factor(source: str, target: str) -> float:
    """Give the factor that turns values in one unit into another.

    Raises:
        UnitError: the two do not measure the same thing, or one is unknown.

    >>> conversion_factor("gal", "m/s2")
    0.01
    """
    have, want = unit(source), unit(target)
    if have.si != want.si:
        raise UnitError(
            f"cannot turn {source!r} into {target!r}",
            f"the first is measured in {have.si}, the second in {want.si}",
            "integrate, differentiate or remove the response first",
        )
    return have.factor / want.factor
