"""Tests of the double couple's geometry: planes, radiation and the angle between two."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from obspy.imaging.beachball import aux_plane

from foreshock.predict.mechanism.double_couple import (
    angle_between,
    direction,
    kagan_deg,
    p_radiation,
    quaternions,
    slip_and_normal,
)

MECHANISMS = st.tuples(st.floats(0, 360), st.floats(5, 85), st.floats(-180, 180))


def vectors(strike, dip, rake):
    return slip_and_normal(np.array([strike]), np.array([dip]), np.array([rake]))


@given(MECHANISMS)
def test_slip_lies_in_the_plane_and_both_are_unit_vectors(angles):
    slip, normal = vectors(*angles)
    assert np.abs((slip * normal).sum()) < 1e-12
    assert np.linalg.norm(slip) == pytest.approx(1)
    assert np.linalg.norm(normal) == pytest.approx(1)


@given(MECHANISMS.filter(lambda angles: 1 < abs(angles[2]) < 179))  # at 0 and 180 ObsPy gives another mechanism
def test_the_second_plane_as_obspy_gives_it_is_the_same_mechanism(angles):
    assert angle_between(angles, aux_plane(*angles)) < 0.05


@given(MECHANISMS)
def test_exchanging_slip_and_normal_changes_no_radiation(angles):
    slip, normal = vectors(*angles)
    rays = direction(np.linspace(0, 350, 20), np.linspace(10, 170, 20))
    np.testing.assert_allclose(p_radiation(slip, normal, rays), p_radiation(normal, slip, rays))


@pytest.mark.parametrize(("rake", "straight_down"), [(90.0, 1), (-90.0, -1)])
def test_a_thrust_pushes_straight_down_and_a_normal_fault_pulls(rake, straight_down):
    slip, normal = vectors(0.0, 45.0, rake)
    moved = p_radiation(slip, normal, direction(np.array([0.0]), np.array([0.0])))
    assert moved[0, 0] == pytest.approx(straight_down)


def test_the_angle_to_itself_is_zero_and_never_beyond_120():
    rng = np.random.default_rng(1)
    n = 400
    slip, normal = slip_and_normal(
        rng.uniform(0, 360, n), np.degrees(np.arccos(rng.uniform(0, 1, n))), rng.uniform(-180, 180, n)
    )
    between = kagan_deg(quaternions(slip, normal), quaternions(slip, normal))
    assert np.abs(np.diag(between)).max() < 1e-4
    np.testing.assert_allclose(between, between.T, atol=1e-4)
    assert between.max() <= 120.0


def test_random_mechanisms_lie_75_degrees_apart_as_kagan_found():
    rng = np.random.default_rng(2)
    n = 1500
    slip, normal = slip_and_normal(
        rng.uniform(0, 360, n), np.degrees(np.arccos(rng.uniform(0, 1, n))), rng.uniform(-180, 180, n)
    )
    turns = quaternions(slip, normal)
    between = kagan_deg(turns[:750], turns[750:])
    assert between.mean() == pytest.approx(75.2, abs=0.7)


@pytest.mark.parametrize("turned", [5.0, 30.0, 80.0])
def test_turning_a_fault_about_the_vertical_gives_at_most_that_angle(turned):
    assert angle_between((10.0, 90.0, 0.0), (10.0 + turned, 90.0, 0.0)) == pytest.approx(turned, abs=1e-3)
    assert angle_between((10.0, 40.0, 70.0), (10.0 + turned, 40.0, 70.0)) <= turned + 1e-3
