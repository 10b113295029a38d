"""Units convert what can be converted and refuse what cannot."""

from __future__ import annotations

import pytest

from foreshock.errors import UnitError
from foreshock.units import UNITS, conversion_factor, unit


def test_standard_gravity_is_the_conventional_value() -> None:
    assert conversion_factor("g", "m/s2") == 9.80665


def test_one_gal_is_a_centimetre_per_second_squared() -> None:
    assert conversion_factor("gal", "cm/s2") == pytest.approx(1.0)


@pytest.mark.parametrize("name", sorted(UNITS))
def test_every_unit_scales_to_an_si_unit_that_scales_to_itself(name: str) -> None:
    assert unit(unit(name).si).factor == 1.0


def test_velocity_does_not_turn_into_acceleration() -> None:
    with pytest.raises(UnitError, match="integrate, differentiate"):
        conversion_factor("m/s", "gal")


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(UnitError, match="furlong"):
        unit("furlong")
