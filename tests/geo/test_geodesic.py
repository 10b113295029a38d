"""Distances and azimuths on the ellipsoid agree with published and independent values."""

from __future__ import annotations

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import example, given
from hypothesis import strategies as st

from foreshock.errors import InputError
from foreshock.geo import distance_km, inverse, local_grid

latitudes = st.integers(-89_000, 89_000).map(lambda k: k / 1000)
longitudes = st.integers(-180_000, 180_000).map(lambda k: k / 1000)


def test_the_line_from_flinders_peak_to_buninyong_has_its_published_length() -> None:
    """Geocentric Datum of Australia Technical Manual, worked example: 54 972.271 m, 306°52'05.37", 127°10'25.07"."""
    flinders = (-(37 + 57 / 60 + 3.72030 / 3600), 144 + 25 / 60 + 29.52440 / 3600)
    buninyong = (-(37 + 39 / 60 + 10.15610 / 3600), 143 + 55 / 60 + 35.38390 / 3600)
    km, azimuth, back = inverse(*flinders, *buninyong)
    assert float(km) == pytest.approx(54.972271, abs=2e-6)
    assert float(azimuth) == pytest.approx(306 + 52 / 60 + 5.37 / 3600, abs=1e-5)
    assert float(back) == pytest.approx(127 + 10 / 60 + 25.07 / 3600, abs=1e-5)


@given(latitudes, longitudes, latitudes, longitudes)
@example(0.0, 0.0, 0.0, 179.397)
@example(0.0, 0.0, 0.5, 179.7)
def test_distances_agree_with_an_independent_implementation(a: float, b: float, c: float, d: float) -> None:
    """Karney's algorithm as geographiclib has it, right to nanometres everywhere."""
    assert float(distance_km(a, b, c, d)) == pytest.approx(
        Geodesic.WGS84.Inverse(a, b, c, d)["s12"] / 1000, rel=1e-6, abs=1e-6
    )


def test_the_antipode_of_a_place_on_the_equator_is_half_a_meridian_away() -> None:
    km, azimuth, _ = inverse(0.0, 0.0, 0.0, 180.0)
    assert float(km) == pytest.approx(20_003.931, abs=1e-3)
    assert float(azimuth) in (0.0, 180.0)


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_the_same_both_ways_and_never_negative(a: float, b: float, c: float, d: float) -> None:
    there, back = float(distance_km(a, b, c, d)), float(distance_km(c, d, a, b))
    assert there == pytest.approx(back, rel=1e-6, abs=1e-6)
    assert 0 <= there < 20_040


def test_the_distance_from_a_place_to_itself_is_zero() -> None:
    assert float(distance_km(31.0, 103.4, 31.0, 103.4)) == 0.0


def test_arrays_broadcast() -> None:
    km = distance_km(np.zeros((4, 1)), 0.0, 0.0, np.arange(3.0))
    assert km.shape == (4, 3)
    assert np.all(np.diff(km, axis=1) > 111)


@pytest.mark.parametrize("place", [(91.0, 0.0), (0.0, 361.0), (float("nan"), 0.0), (103.4, 31.0)])
def test_a_place_off_the_earth_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="must lie between"):
        distance_km(*place, 0.0, 0.0)


def test_a_local_grid_has_the_asked_spacing() -> None:
    lat, lon = local_grid(40.0, 20.0, half_width_km=50, spacing_km=10)
    assert lat.shape == (11, 11)
    assert float(distance_km(lat[5, 5], lon[5, 5], lat[6, 5], lon[6, 5])) == pytest.approx(10, rel=0.01)
    assert float(distance_km(lat[5, 5], lon[5, 5], lat[5, 6], lon[5, 6])) == pytest.approx(10, rel=0.01)


def test_a_grid_without_spacing_is_refused() -> None:
    with pytest.raises(InputError, match="spacing"):
        local_grid(0.0, 0.0, half_width_km=10, spacing_km=0)
