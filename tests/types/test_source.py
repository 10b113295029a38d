"""Estimates check themselves at birth and say what they know in one line."""

from __future__ import annotations

import pytest

from foreshock.errors import InputError
from foreshock.types.source import Direction, Quantiles, SourceEstimate

M = Quantiles(2.0, 2.4, 2.5, 2.6, 3.0)
KM = Quantiles(10.0, 20.0, 30.0, 40.0, 60.0)


def test_an_estimate_says_size_place_and_direction() -> None:
    said = SourceEstimate(
        "XX.A.", 0, 3.0, magnitude=M, distance_km=KM, back_azimuth=Direction(90.0, 10.0, 30.0), strangeness=1.5
    )
    for part in ("M 2.50 (2.00 to 3.00)", "30 km (10 to 60)", "from 90° ± 30°", "outside the training domain (1.5)"):
        assert part in str(said)
    assert said.out_of_domain
    assert said.available_at_ns == 3_000_000_000


def test_quantiles_that_fall_are_refused() -> None:
    with pytest.raises(InputError, match=r"quantiles \(2.0, 1.0"):
        Quantiles(2.0, 1.0, 3.0, 4.0, 5.0)


@pytest.mark.parametrize(("mode", "half_50", "half_90"), [(360.0, 1.0, 2.0), (0.0, 3.0, 2.0), (0.0, 1.0, 181.0)])
def test_an_impossible_direction_is_refused(mode: float, half_50: float, half_90: float) -> None:
    with pytest.raises(InputError, match="direction"):
        Direction(mode, half_50, half_90)


def test_nothing_without_a_reason_and_no_reason_beside_a_magnitude() -> None:
    with pytest.raises(InputError, match="a reason for none"):
        SourceEstimate("XX.A.", 0, 3.0)
    with pytest.raises(InputError, match="a reason for none"):
        SourceEstimate("XX.A.", 0, 3.0, magnitude=M, distance_km=KM, reason="why")


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(InputError, match="scale is 'feet'"):
        SourceEstimate("XX.A.", 0, 3.0, magnitude=M, distance_km=KM, scale="feet")
