"""Waves that are no earthquake of the network: speeds, sizes and shapes by which they can be told."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock import geo
from foreshock.collect.synthetic.scenario import Scenario, ScenarioSettings, make_scenario


def silent(name: str, seed: int, **told: object) -> Scenario:
    whole = {"stations": 16, "events": 0, "noise": False, "offset_m_s2": 0.0, "after_s": 120.0, **told}
    return make_scenario(ScenarioSettings(seed=seed, adversaries=(name,), **whole))  # type: ignore[arg-type]


def onset_s(scenario: Scenario) -> np.ndarray:
    loud = np.abs(scenario.counts[:, 0] / scenario.net.sensitivity[:, None])
    return np.array([int(np.argmax(row > 0.2 * row.max())) / 100 if row.any() else np.nan for row in loud])


def test_a_sonic_boom_goes_from_its_point_at_the_speed_of_sound() -> None:
    for seed in range(20):
        scenario = silent("sonic_boom", seed)
        (facts,) = scenario.disturbances
        if facts["carpet"]:
            continue
        when = onset_s(scenario)
        k = int(np.nanargmin(when))
        lat, lon = scenario.net.places.latitude, scenario.net.places.longitude
        far = geo.distance_km(lat[k], lon[k], lat, lon)
        later = np.isfinite(when) & (far > 10)
        assert (when[later] - when[k] <= far[later] / 0.33).all()
        assert np.median((when[later] - when[k]) * 0.34 / far[later]) > 0.5
        return
    pytest.fail("no point source was drawn")


def test_a_quarry_blast_has_more_p_than_an_earthquake() -> None:
    scenario = silent("quarry_blast", 3, before_s=10.0)
    (facts,) = scenario.disturbances
    assert facts["depth_km"] == 0.3
    assert facts["magnitude"] <= 3.2  # type: ignore[operator]
    blast = np.abs(scenario.counts).max(-1)
    quake = np.abs(
        make_scenario(
            ScenarioSettings(
                stations=16, noise=False, offset_m_s2=0.0, magnitude=3.0, depth_min_km=3.0, depth_max_km=4.0, seed=3
            )
        ).counts
    ).max(-1)
    assert np.median(blast[:, 1] / blast[:, 0]) < np.median(quake[:, 1] / quake[:, 0])


def test_a_regional_earthquake_comes_when_the_disturbance_begins() -> None:
    scenario = silent("regional", 1)
    when = np.nanmin(onset_s(scenario))
    (facts,) = scenario.disturbances
    assert 250 <= facts["distance_km"] <= 600  # type: ignore[operator]
    assert 29 < when < 100


@pytest.mark.parametrize("name", ["footsteps", "traffic"])
def test_people_move_only_the_stations_that_are_named(name: str) -> None:
    scenario = silent(name, 5)
    (facts,) = scenario.disturbances
    moved = [scenario.net.ids[k] for k in np.flatnonzero(np.abs(scenario.counts).max(axis=(1, 2)) > 0)]
    assert moved == facts["stations"]
