"""Fast distances and small steps agree with geodesics."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.geo import WGS84_A_KM, Places, distance_km, earth_centred_km, moved

latitudes = st.floats(-80, 80)
longitudes = st.floats(-180, 180)
steps_km = st.floats(-30, 30)


def test_the_axes_of_the_ellipsoid_have_their_published_lengths() -> None:
    """WGS84: a = 6378.137 km, b = 6356.752 314 2 km (NIMA TR8350.2)."""
    points = earth_centred_km(np.array([0.0, 0.0, 90.0]), np.array([0.0, 90.0, 0.0]))
    assert points == pytest.approx(np.diag([WGS84_A_KM, WGS84_A_KM, 6356.7523142]), abs=1e-6)


@given(latitudes, longitudes, steps_km, steps_km)
def test_a_step_is_as_long_as_its_geodesic(lat: float, lon: float, east: float, north: float) -> None:
    there = moved(np.array(lat), np.array(lon), east_km=np.array(east), north_km=np.array(north))
    assert -180 <= there[1] <= 180
    assert float(distance_km(lat, lon, *there)) == pytest.approx(np.hypot(east, north), rel=0.02, abs=1e-6)


@given(latitudes, longitudes, st.floats(-500, 500), st.floats(-500, 500))
def test_fast_distances_over_hundreds_of_kilometres_are_right_to_20_metres(
    lat: float, lon: float, east: float, north: float
) -> None:
    there = moved(np.array(lat), np.array(lon), east_km=np.array(east), north_km=np.array(north))
    fast = Places(np.array([lat]), np.array([lon])).distance_km(*there)
    assert fast.shape == (1,)
    assert float(fast[0]) == pytest.approx(float(distance_km(lat, lon, *there)), abs=0.02)


def test_a_step_across_the_date_line_stays_on_the_map() -> None:
    _, lon = moved(np.array(0.0), np.array(179.9), east_km=np.array(111.3195), north_km=np.array(0.0))
    assert float(lon) == pytest.approx(-179.1, abs=1e-6)
