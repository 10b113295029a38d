"""Tests of the wavefield path: what stations see is carried to places within a radius, and no farther."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.errors import InputError
from foreshock.geo import distance_km
from foreshock.predict.shaking.fusion import fused
from foreshock.predict.shaking.plum import Observed, TwoStations, Wavefield
from foreshock.predict.shaking.scales import amplification

LATITUDE, LONGITUDE = st.floats(29, 31), st.floats(99, 101)


def seen(*intensity: float, spacing_deg: float = 0.1, **more: Any) -> Observed:
    """Stations in a row to the north of 30° N."""
    n = len(intensity)
    return Observed(30 + spacing_deg * np.arange(n), np.full(n, 100.0), np.array(intensity), **more)


def at(latitude: float, longitude: float = 100.0, **more: Any) -> Wavefield:
    return Wavefield(np.array([latitude]), np.array([longitude]), **more)


def test_the_published_formula_by_hand() -> None:
    stations = seen(5.0, 4.8, amplification=np.array([0.5, -0.2]))  # 4.5 and 5.0 on bare rock
    assert at(30.05, amplification=0.3).intensity(stations).tolist() == [pytest.approx(5.3)]


@given(
    stations=st.lists(st.tuples(LATITUDE, LONGITUDE, st.floats(0, 7)), min_size=1, max_size=20),
    place=st.tuples(LATITUDE, LONGITUDE),
    radius=st.floats(5, 100),
)
def test_it_is_the_largest_within_the_radius(
    stations: list[tuple[float, float, float]], place: tuple[float, float], radius: float
) -> None:
    lat, lon, intensity = np.array(stations).T
    got = at(*place, radius_km=radius).intensity(Observed(lat, lon, intensity))[0]
    far = distance_km(lat, lon, *place)  # on the ellipsoid: half a per cent from the sphere
    surely, perhaps = intensity[far < radius * 0.994], intensity[far < radius * 1.006]
    assert surely.max(initial=-np.inf) <= got <= perhaps.max(initial=-np.inf)


@given(more=st.floats(0, 3), intensity=st.floats(0, 6))
def test_a_station_that_shakes_more_never_lowers_the_forecast(more: float, intensity: float) -> None:
    field = at(30.1)
    before = field.intensity(seen(intensity, 3.0))[0]
    assert field.intensity(seen(intensity + more, 3.0))[0] >= before


def test_the_past_leaves_no_trace() -> None:
    field = at(30.0)
    field.intensity(seen(6.5))
    assert field.intensity(seen(2.0)).tolist() == [2.0]


def test_old_unknown_and_future_values_do_not_count() -> None:
    stations = seen(6.0, np.nan, 5.0, 4.0, 3.0, spacing_deg=0.01, age_s=np.array([10.1, 0.0, -1.0, np.nan, 9.9]))
    assert at(30.0).intensity(stations).tolist() == [3.0]


def test_beyond_the_radius_nothing_is_said() -> None:
    assert at(30.28).intensity(seen(6.0)).tolist() == [-np.inf]
    assert at(30.26).intensity(seen(6.0)).tolist() == [6.0]


@pytest.mark.parametrize(
    ("intensity", "want"),
    [
        ((6.0,), -np.inf),  # one station alone
        ((4.0, 2.5), 4.0),
        ((3.9, 3.9), -np.inf),  # none triggers
        ((6.0, 2.4), -np.inf),  # none confirms
        ((2.5, 4.0), 4.0),
    ],
)
def test_two_stations_must_agree(intensity: tuple[float, ...], want: float) -> None:
    assert at(30.0).intensity(seen(*intensity), rule=TwoStations()).tolist() == [want]


def test_two_stations_must_stand_near_each_other() -> None:
    far_apart = seen(6.0, 6.0, spacing_deg=0.4)
    assert at(30.2).intensity(far_apart).tolist() == [6.0]
    assert at(30.2).intensity(far_apart, rule=TwoStations()).tolist() == [-np.inf]


def test_across_the_date_line_places_are_near() -> None:
    stations = Observed(np.array([-17.0]), np.array([179.95]), np.array([5.0]))
    assert at(-17.0, -179.95).intensity(stations).tolist() == [5.0]


def test_no_station_at_all_says_nothing() -> None:
    nobody = Observed(np.zeros(0), np.zeros(0), np.zeros(0))
    assert at(30.0).intensity(nobody, rule=TwoStations()).tolist() == [-np.inf]


def test_softer_ground_is_more_intense_by_the_slope_of_its_scale() -> None:
    # PGV: -0.84 ln(300 / 760), and 3.16, 1.72 and 3.00 a factor of ten
    ln = -0.84 * np.log(300 / 760)
    for name, slope in (("mmi", 3.16), ("jma", 1.72), ("csis", 3.00)):
        assert float(amplification(300.0, of=name)) == pytest.approx(slope * ln / np.log(10), abs=1e-6)
    assert (np.diff(amplification(np.linspace(100, 3000, 50), of="mmi")) <= 0).all()


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(InputError, match="intensity has shape"):
        Observed(np.zeros(3), np.zeros(3), np.zeros(2))
    with pytest.raises(InputError, match="-1.0 km"):
        at(30.0, radius_km=-1.0)


def test_the_larger_path_is_taken_and_named() -> None:
    out = fused(
        np.array([4.0, 6.0, 5.0, 3.0]),
        np.array([5.0, 4.0, -np.inf, 3.5]),
        source_probability=np.array([0.2, 0.8, 0.5, np.nan]),
        threshold=np.array([5.0, 5.0, 5.0, np.nan]),
        wavefield_sigma=0.5,
    )
    assert out.intensity.tolist() == [5.0, 6.0, 5.0, 3.5]
    assert out.by_wavefield.tolist() == [True, False, False, True]
    np.testing.assert_allclose(out.probability, [0.5, 0.8, 0.5, np.nan])
    with pytest.raises(InputError, match="spread"):
        fused(np.ones(1), np.ones(1), source_probability=np.ones(1), threshold=np.ones(1), wavefield_sigma=0.0)
