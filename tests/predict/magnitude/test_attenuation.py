"""Tests of the attenuation curves: Richter's definition, published points, regions and ranges."""

from __future__ import annotations

import pytest

from foreshock.errors import ConfigError
from foreshock.predict.magnitude.attenuation import curve_for, curves, version
from foreshock.predict.magnitude.wood_anderson import INSTRUMENTS


def ml(name, amplitude_mm, distance_km, *, depth_km=0.0):
    curve = curves()[name]
    return curve.magnitude(
        amplitude_mm,
        hypocentral_km=distance_km,
        static_magnification=INSTRUMENTS[curve.instrument].static_magnification,
        epicentral_km=distance_km,
        depth_km=depth_km,
    )


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("hutton_boore_1987", 1e-9),
        ("bakun_joyner_1984", 1e-9),
        ("uhrhammer_2011", 0.006),  # its Chebyshev terms add up to -0.0053 there
        ("shin_1993", 0.01),
        ("iaspei_2013", 0.005),  # its constant is rounded to -2.09
    ],
)
def test_one_millimetre_at_100_km_is_magnitude_3_as_richter_defined_it(name, within):
    assert ml(name, 1.0, 100.0) == pytest.approx(3.0, abs=within)


def test_ten_millimetres_at_17_km_are_magnitude_3_as_hutton_and_boore_put_it():
    assert ml("hutton_boore_1987", 10.0, 17.0) == pytest.approx(3.0, abs=0.015)


def test_the_standard_gives_what_hutton_and_boore_give_at_every_distance():
    for distance in (10.0, 50.0, 100.0, 300.0, 700.0):
        difference = ml("iaspei_2013", 2.5, distance) - ml("hutton_boore_1987", 2.5, distance)
        assert difference == pytest.approx(0.0, abs=0.002)


def test_the_pieces_of_taiwans_curve_meet_where_one_takes_over():
    assert ml("shin_1993", 1.0, 80.0) == pytest.approx(ml("shin_1993", 1.0, 80.001), abs=0.02)
    assert ml("shin_1993", 1.0, 100.0, depth_km=40.0) == pytest.approx(0.83 * 2 + 0.326 + 1.01)


def test_northern_california_stays_near_the_south_inside_its_range():
    for distance in (10.0, 30.0, 100.0, 300.0, 490.0):
        assert abs(ml("uhrhammer_2011", 1.0, distance) - ml("hutton_boore_1987", 1.0, distance)) < 0.2


def test_every_curve_names_its_source_range_and_seismograph():
    assert version() == "1"
    for name, curve in curves().items():
        assert curve.name == name
        assert curve.doi.startswith("10.")
        assert len(curve.source) > 40
        assert curve.distance == "hypocentral"
        assert 0 < curve.from_km < curve.to_km
        assert curve.unit in ("mm", "nm")
        assert curve.instrument in INSTRUMENTS
        if curve.region:
            south, north, west, east = curve.region
            assert -90 <= south < north <= 90
            assert -180 <= west < east <= 180


@pytest.mark.parametrize(
    ("latitude", "longitude", "name"),
    [
        (34.0, -118.0, "hutton_boore_1987"),
        (35.77, -117.6, "hutton_boore_1987"),
        (40.2, -122.7, "uhrhammer_2011"),
        (24.0, 121.5, "shin_1993"),
        (24.0, 121.5 - 360, "shin_1993"),
        (45.9, 16.0, "iaspei_2013"),
    ],
)
def test_a_place_gets_the_curve_of_its_region_or_the_standard(latitude, longitude, name):
    assert curve_for(latitude, (longitude + 180) % 360 - 180).name == name


def test_a_named_curve_is_taken_anywhere_and_a_wrong_name_gets_the_nearest():
    assert curve_for(0.0, 0.0, name="bakun_joyner_1984").name == "bakun_joyner_1984"
    with pytest.raises(ConfigError, match=r"'huton_boore'.*did you mean 'hutton_boore_1987'"):
        curve_for(0.0, 0.0, name="huton_boore")


def test_a_distance_outside_the_range_is_named():
    assert curves()["uhrhammer_2011"].refusal(100.0) == ""
    assert "600.0 km lies outside 8 to 500 km" in curves()["uhrhammer_2011"].refusal(600.0)
