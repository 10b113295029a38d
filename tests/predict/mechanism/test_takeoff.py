"""Tests of take-off angles: a straight ray, a head wave, and TauP's own."""

from __future__ import annotations

import numpy as np
import pytest
from obspy.taup import TauPyModel

from foreshock.predict.mechanism.takeoff import takeoff_deg
from foreshock.predict.travel import LayeredTimes, VelocityModel
from foreshock.predict.travel.global_1d import KM_A_DEGREE, global_times

HALF_SPACE = LayeredTimes(VelocityModel((0.0,), (6.0,), (3.4,)), max_distance_km=200.0, max_depth_km=40.0)
TWO_LAYERS = LayeredTimes(VelocityModel((0.0, 30.0), (6.0, 8.0), (3.4, 4.6)), max_distance_km=300.0, max_depth_km=40.0)


@pytest.mark.parametrize("phase", ["P", "S"])
def test_a_straight_ray_leaves_towards_its_station(phase):
    distance = np.array([0.0, 1.0, 5.0, 10.0, 40.0, 100.0])
    found = takeoff_deg(HALF_SPACE, phase, distance, 10.0)
    np.testing.assert_allclose(found, 180 - np.degrees(np.arctan2(distance, 10.0)), atol=2.0)


def test_a_head_wave_leaves_downwards_at_the_critical_angle():
    found = takeoff_deg(TWO_LAYERS, "P", np.array([220.0, 280.0]), 10.0)
    np.testing.assert_allclose(found, np.degrees(np.arcsin(6.0 / 8.0)), atol=0.5)


def test_a_shallow_source_sends_its_direct_ray_level_at_a_distance():
    assert takeoff_deg(TWO_LAYERS, "P", np.array([60.0]), 0.0)[0] == pytest.approx(90.0, abs=1.0)


def test_beyond_the_table_there_is_no_angle():
    assert np.isnan(takeoff_deg(HALF_SPACE, "P", np.array([500.0]), 10.0)).all()


@pytest.mark.slow
def test_angles_of_iasp91_are_taups():
    travel, taup = global_times("iasp91"), TauPyModel("iasp91")
    for depth in (12.0, 28.0, 60.0, 300.0):
        for distance_deg in (0.3, 0.7, 3.0, 9.0, 15.0):
            arrivals = taup.get_travel_times(depth, distance_deg, phase_list=["p", "P", "Pn", "Pg", "Pdiff", "PmP"])
            first = min((one for one in arrivals if one.name != "PmP"), key=lambda one: one.time)
            found = takeoff_deg(travel, "P", np.array([distance_deg * KM_A_DEGREE]), depth)[0]
            assert found == pytest.approx(first.takeoff_angle, abs=3.0), (depth, distance_deg, first.name)
