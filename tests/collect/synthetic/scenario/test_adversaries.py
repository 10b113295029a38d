"""Every adversary by its name: it does something, the same again, and what it does is told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from foreshock.collect.synthetic.scenario import ADVERSARIES, Scenario, ScenarioSettings, make_scenario
from foreshock.collect.synthetic.scenario.adversaries import PACKETS, WAVEFORM


def made(*names: str, seed: int = 1) -> Scenario:
    told = ScenarioSettings(stations=9, events=0, before_s=10.0, after_s=50.0, seed=seed, adversaries=names)
    return make_scenario(told)


def test_each_adversary_has_one_name_and_stands_in_one_list() -> None:
    assert len(set(ADVERSARIES)) == len(ADVERSARIES) == len(WAVEFORM) + len(PACKETS)
    assert len(ADVERSARIES) >= 20


@pytest.mark.parametrize("name", list(WAVEFORM))
def test_a_waveform_adversary_changes_samples_after_it_begins_and_no_packet(name: str) -> None:
    quiet, one, again = made(), made(name), made(name)
    assert np.array_equal(one.counts, again.counts)
    assert not np.array_equal(one.counts, quiet.counts)
    if name not in ("polarity", "regional", "teleseism", "traffic", "footsteps"):
        first = np.flatnonzero((one.counts != quiet.counts).any(axis=(0, 1)))[0]
        assert first >= 995
    assert [plan.arrived_ns.tolist() for plan in one.sendings] == [plan.arrived_ns.tolist() for plan in quiet.sendings]
    (told,) = one.disturbances
    assert told["name"] == name
    assert json.loads(json.dumps(told, allow_nan=False)) == told


@pytest.mark.parametrize("name", list(PACKETS))
def test_a_packet_adversary_changes_packets_and_no_sample(name: str) -> None:
    quiet, one, again = made(), made(name), made(name)
    assert np.array_equal(one.counts, quiet.counts)
    rows = [
        [(p.start_ns, p.arrived_ns, p.rate_hz, p.n_samples) for p in each.packets()] for each in (quiet, one, again)
    ]
    assert rows[0] != rows[1] == rows[2]
    arrived = [row[1] for row in rows[1]]
    assert arrived == sorted(arrived)
    (told,) = one.disturbances
    assert told["name"] == name
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_another_seed_draws_another_disturbance() -> None:
    assert made("sonic_boom").disturbances != made("sonic_boom", seed=2).disturbances


def test_adversaries_act_together_and_beside_an_earthquake() -> None:
    told = ScenarioSettings(stations=4, after_s=30.0, magnitude=5.0, adversaries=("spikes", "backlog", "dc_jump"))
    scenario = make_scenario(told)
    assert [one["name"] for one in scenario.disturbances] == ["spikes", "backlog", "dc_jump"]
    assert len(scenario.events) == 1
    assert len(list(scenario.packets())) > 100


@pytest.mark.parametrize("seed", range(3))
def test_every_adversary_leaves_a_single_station_alive(seed: int) -> None:
    told = ScenarioSettings(stations=1, events=0, before_s=5.0, after_s=20.0, seed=seed, adversaries=ADVERSARIES[:16])
    assert len(list(make_scenario(told).packets())) > 60
    rest = told.model_copy(update={"adversaries": ADVERSARIES[16:]})
    assert len(list(make_scenario(rest).packets())) > 10
