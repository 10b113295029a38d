"""Tests of mechanisms from first motions: synthetic focal spheres with wrong polarities and rays, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.errors import InputError
from foreshock.predict.mechanism import MechanismSettings, NoMechanism, mechanism
from foreshock.predict.mechanism.double_couple import (
    angle_between,
    direction,
    kagan_deg,
    p_radiation,
    slip_and_normal,
)
from foreshock.predict.mechanism.search import Polarities, grid, search
from foreshock.predict.mechanism.takeoff import takeoff_deg
from foreshock.predict.travel import LayeredTimes, VelocityModel
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Arrival

TELLING = MechanismSettings(most_uncertainty_deg=120.0)
TRAVEL = LayeredTimes(
    VelocityModel((0.0, 6.0, 18.0, 34.0), (5.4, 6.1, 6.8, 8.1), (3.1, 3.5, 3.9, 4.6)),
    max_distance_km=200.0,
    max_depth_km=30.0,
)


def drawn(rng):
    """A mechanism, all orientations alike."""
    return rng.uniform(0, 360), float(np.degrees(np.arccos(rng.uniform(0, 1)))), rng.uniform(-180, 180)


def sphere(rng, angles, n, *, wrong, probability, ray_error_deg=5.0):
    """Polarities of a mechanism seen by rays that are off by some degrees, a share of them turned round."""
    azimuth, takeoff = rng.uniform(0, 360, n), rng.uniform(40, 140, n)
    slip, normal = slip_and_normal(*(np.array([value]) for value in angles))
    true = direction(azimuth + rng.normal(0, ray_error_deg, n), takeoff + rng.normal(0, ray_error_deg, n))
    sign = np.where(p_radiation(slip, normal, true)[0] > 0, 1.0, -1.0)
    sign[rng.random(n) < wrong] *= -1
    return Polarities(direction(azimuth, takeoff), sign, np.full(n, probability), azimuth)


def tried(n_polarities, *, n=120, wrong=0.1, probability=0.9, seed=0):
    """Angles to the truth and stated uncertainties of so many spheres, however unsure."""
    rng = np.random.default_rng(seed)
    away, said = [], []
    for _ in range(n):
        angles = drawn(rng)
        found = search(sphere(rng, angles, n_polarities, wrong=wrong, probability=probability), TELLING)
        if isinstance(found, NoMechanism):
            continue
        away.append(angle_between(angles, (found.strike_deg, found.dip_deg, found.rake_deg)))
        said.append(found.uncertainty_deg)
    return np.array(away), np.array(said)


@pytest.mark.parametrize(("n_polarities", "median_deg"), [(12, 40.0), (20, 27.0), (40, 15.0)])
def test_a_tenth_of_wrong_polarities_is_borne_and_the_uncertainty_holds_the_truth(n_polarities, median_deg):
    """120 spheres each, rays off by 5°: the median angle to the truth, and 68 % within what is said (± 12)."""
    away, said = tried(n_polarities)
    assert len(away) >= 100
    assert np.median(away) < median_deg
    assert 0.58 <= (away <= said).mean() <= 0.90


def test_more_polarities_make_it_surer_and_nearer():
    few, many = tried(12, n=30), tried(48, n=30)
    assert np.median(many[0]) < 0.6 * np.median(few[0])
    assert np.median(many[1]) < 0.6 * np.median(few[1])


def test_picks_that_are_too_sure_of_themselves_are_seen_through():
    """A tenth is wrong although every pick says 0.99: chances of wrong ones are weighed by what the sphere says."""
    away, said = tried(30, n=100, probability=0.99)
    assert (away <= said).mean() > 0.55
    assert np.median(away) < 20


def test_clean_polarities_are_all_explained():
    rng = np.random.default_rng(4)
    angles = (35.0, 60.0, 80.0)
    found = search(sphere(rng, angles, 60, wrong=0.0, probability=0.98, ray_error_deg=0.0), MechanismSettings())
    assert found.n_polarities == 60
    assert found.misfit < 0.06
    assert angle_between(angles, (found.strike_deg, found.dip_deg, found.rake_deg)) < 12


def test_seven_polarities_are_too_few_and_eight_are_asked():
    rng = np.random.default_rng(5)
    seen = sphere(rng, (0.0, 90.0, 0.0), 7, wrong=0.0, probability=0.95)
    assert search(seen, MechanismSettings()) == NoMechanism("7 polarities are known; 8 are needed")


def test_an_event_outside_its_network_has_no_mechanism():
    azimuth = np.linspace(0, 90, 12)
    seen = Polarities(direction(azimuth, np.full(12, 100.0)), np.ones(12), np.full(12, 0.95), azimuth)
    assert "an azimuth of 270° holds no polarity" in search(seen, MechanismSettings()).reason


def test_polarities_that_know_nothing_leave_the_mechanism_open():
    rng = np.random.default_rng(6)
    seen = sphere(rng, (0.0, 90.0, 0.0), 12, wrong=0.5, probability=0.5)
    assert "leave the mechanism open by" in search(seen, MechanismSettings()).reason


def test_unsure_polarities_count_less_than_sure_ones():
    """Twenty right ones of 0.95 against fourteen wrong ones of 0.55."""
    rng = np.random.default_rng(7)
    angles = (120.0, 50.0, -60.0)
    right = sphere(rng, angles, 24, wrong=0.0, probability=0.95, ray_error_deg=0.0)
    against = sphere(rng, angles, 14, wrong=1.0, probability=0.55, ray_error_deg=0.0)
    joined = Polarities(
        *(np.concatenate([getattr(part, name) for part in (right, against)]) for name in Polarities.__annotations__)
    )
    found = search(joined, TELLING)
    assert angle_between(angles, (found.strike_deg, found.dip_deg, found.rake_deg)) < 25
    assert found.misfit < 0.2


def test_the_answer_does_not_depend_on_the_order_of_polarities():
    rng = np.random.default_rng(8)
    seen = sphere(rng, (10.0, 70.0, 20.0), 20, wrong=0.1, probability=0.9)
    turned = Polarities(*(getattr(seen, name)[::-1] for name in Polarities.__annotations__))
    assert search(seen, MechanismSettings()) == search(turned, MechanismSettings())


def test_the_grid_is_even_in_orientation():
    """Random turns fall near its nodes as often everywhere: the mean angle between its nodes is that of chance."""
    nodes = grid(15.0)
    assert kagan_deg(nodes.turns[::7], nodes.turns[::5]).mean() == pytest.approx(75.2, abs=1.0)


def test_a_polarity_without_a_ray_is_refused():
    with pytest.raises(InputError, match="no ray or no sign"):
        Polarities(np.full((1, 3), np.nan), np.ones(1), np.ones(1), np.zeros(1))


def arrivals_of(angles, event, rng, n=40):
    """Arrivals at stations all round, with polarities of the true rays through the layers."""
    away, azimuth = rng.uniform(3, 90, n), rng.uniform(0, 360, n)
    rays = direction(azimuth, takeoff_deg(TRAVEL, "P", away, event.depth_km))
    slip, normal = slip_and_normal(*(np.array([value]) for value in angles))
    moved = p_radiation(slip, normal, rays)[0]
    out = []
    for k in range(n):
        polarity = "up" if moved[k] > 0 else "down"
        pick = Pick(f"XX.S{k}.", "P", 0, 0.9, 0.05, 0, polarity=polarity, polarity_probability=0.95)
        out.append(Arrival(pick, "P", float(away[k]), float(azimuth[k]), 0.0, 1.0))
    return out


def test_an_event_with_forty_first_motions_gets_its_mechanism():
    rng = np.random.default_rng(9)
    event = Event("e", 0, 30.0, 100.0, depth_km=10.0)
    angles = (200.0, 55.0, -100.0)
    found = mechanism(event, arrivals_of(angles, event, rng), TRAVEL)
    assert found.n_polarities == 40
    assert angle_between(angles, (found.strike_deg, found.dip_deg, found.rake_deg)) < 15
    assert found.uncertainty_deg < 25


def test_s_arrivals_and_unknown_polarities_do_not_count():
    event = Event("e", 0, 30.0, 100.0, depth_km=10.0)
    rng = np.random.default_rng(10)
    held = arrivals_of((0.0, 90.0, 0.0), event, rng, n=9)
    unknown = Pick("XX.U.", "P", 0, 0.9, 0.05, 0)
    s = Pick("XX.V.", "S", 0, 0.9, 0.05, 0, polarity="up", polarity_probability=0.9)
    others = [Arrival(unknown, "P", 10.0, 10.0, 0.0, 1.0), Arrival(s, "S", 10.0, 10.0, 0.0, 1.0)]
    assert mechanism(event, held[:6] + others, TRAVEL) == NoMechanism("6 polarities are known; 8 are needed")
    assert mechanism(event, others, TRAVEL) == NoMechanism("0 polarities are known; 8 are needed")
