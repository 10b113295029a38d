"""A scenario whole: packets in order of arrival, the same again, waves that add, truth that fits."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest

from foreshock import geo
from foreshock.clock import cpu_time_ns
from foreshock.collect.synthetic.scenario import Scenario, ScenarioSettings, TelemetrySettings, make_scenario
from foreshock.collect.synthetic.scenario.networks import CLIP_COUNTS
from foreshock.errors import ConfigError


def made(**told: object) -> Scenario:
    told = {"stations": 6, "before_s": 8.0, "after_s": 30.0, "magnitude": 5.5, "seed": 2, **told}
    return make_scenario(ScenarioSettings(**told))  # type: ignore[arg-type]


def digest(scenario: Scenario) -> str:
    told = hashlib.sha256()
    for packet in scenario.packets():
        told.update(f"{packet.station_id}{packet.channel}{packet.start_ns}{packet.arrived_ns}{packet.rate_hz}".encode())
        told.update(packet.samples.tobytes())
    return told.hexdigest()


def test_packets_come_in_order_and_hold_the_whole_recording() -> None:
    scenario = made()
    packets = list(scenario.packets())
    arrived = [packet.arrived_ns for packet in packets]
    assert arrived == sorted(arrived)
    for k, station in enumerate(scenario.stations):
        for row, channel in enumerate(station.channels):
            mine = [p for p in packets if (p.station_id, p.channel) == (station.station_id, channel.code)]
            mine.sort(key=lambda packet: packet.start_ns)
            assert np.array_equal(np.concatenate([p.samples for p in mine]), scenario.counts[k, row])
            assert all(one.end_ns == other.start_ns for one, other in pairwise(mine))
    assert {packet.samples.dtype for packet in packets} == {np.dtype(np.int32)}
    assert {packet.unit for packet in packets} == {"count"}


@pytest.mark.parametrize("told", [{}, {"family": "B", "adversaries": ("duplicates", "spikes", "clock_jump")}])
def test_the_same_settings_give_the_same_packets_and_another_seed_others(told: dict[str, object]) -> None:
    assert digest(made(**told)) == digest(made(**told))
    assert digest(made(**told)) != digest(made(**told, seed=3))


def test_telemetry_changes_no_sample() -> None:
    one, other = made(), made(telemetry=TelemetrySettings(latency_s=5.0, lost=0.3), packet_s=0.5)
    assert np.array_equal(one.counts, other.counts)


def test_counts_are_acceleration_times_sensitivity_and_end_at_24_bits() -> None:
    quiet = made(offset_m_s2=0.0)
    gain = np.array([station.channels[0].sensitivity for station in quiet.stations])[:, None, None]
    assert np.abs(quiet.counts / gain - quiet.acceleration).max() <= 0.51 / gain.min() + 1e-6
    strong = made(magnitude=8.0, family="A", depth_min_km=3.0, depth_max_km=4.0, offset_m_s2=1.0)
    assert np.abs(strong.counts).max() <= CLIP_COUNTS


def test_the_waves_of_twins_add() -> None:
    both = made(events=2, twin_after_s=6.0, twin_distance_max_km=40.0, noise=False)
    alone = made(noise=False)
    first = next(event for event in both.events if event.event_id == alone.events[0].event_id)
    assert first == alone.events[0]
    p, _ = both.arrivals()[both.events[1].event_id]
    before = int((p.min() - both.settings.start_ns) / 1e7) - 3
    assert np.array_equal(both.acceleration[..., :before], alone.acceleration[..., :before])
    assert not np.array_equal(both.acceleration, alone.acceleration)


def test_arrivals_are_where_the_ground_begins_to_move() -> None:
    scenario = made(noise=False)
    event = scenario.events[0]
    p, s = scenario.arrivals()[event.event_id]
    assert (s > p).all()
    for k in range(len(scenario.stations)):
        loud = np.abs(scenario.acceleration[k, 0])
        first = int(np.argmax(loud > 0.02 * loud.max()))
        assert -0.03 < first / 100 - (p[k] - scenario.settings.start_ns) / 1e9 < 2.5


def test_bad_links_fail_only_where_shaking_is_strong() -> None:
    told = TelemetrySettings(bad_links=1.0, bad_link_from_m_s2=0.5, bad_link_s=(15.0, 15.0))
    scenario = made(magnitude=6.5, telemetry=told, stations=16, spacing_km=25.0)
    peak = np.abs(scenario.acceleration[:, 1:]).max(axis=(1, 2))
    late = np.array([np.diff(plan.arrived_ns).max() / 1e9 > 10 for plan in scenario.sendings])
    assert late[peak > 1.0].all()
    assert not late[peak < 0.35].any()


def test_truth_at_sites_falls_with_distance_and_names_when_levels_are_crossed() -> None:
    scenario = made(magnitude=6.0)
    event = scenario.events[0]
    lat = event.latitude + np.array([0.05, 0.3, 1.0, 2.0])
    truth = scenario.truth_at(lat, event.longitude, pga_levels_m_s2=(0.003, 0.05, 1e3), after_s=80.0)
    assert truth.event_ids == (event.event_id,)
    assert truth.pga_m_s2[0, 0] > truth.pga_m_s2[0, 2] > truth.pga_m_s2[0, 3] > 0
    assert truth.pgv_m_s[0, 0] > truth.pgv_m_s[0, 3]
    assert (truth.pga_crossed_ns[..., 2] == -1).all()
    crossed = truth.pga_crossed_ns[0, :, 1] > 0
    assert np.array_equal(crossed, truth.pga_m_s2[0] >= 0.05)
    far = geo.distance_km(event.latitude, event.longitude, lat, event.longitude)
    after = (truth.pga_crossed_ns[0, :, 0] - event.origin_time_ns) / 1e9
    assert (after > far / 8.0).all()
    assert (after < np.hypot(far, event.depth_km) / 3.0 + 1).all()


def test_an_unknown_adversary_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="did you mean 'teleseism'"):
        made(adversaries=("telesism",))


@pytest.mark.slow
def test_a_quiet_network_with_an_adversary_costs_less_than_a_second() -> None:
    began = cpu_time_ns()
    for seed in range(4):
        scenario = make_scenario(ScenarioSettings(events=0, adversaries=("teleseism",), seed=seed))
        assert len(list(scenario.packets())) > 8000
    assert (cpu_time_ns() - began) / 4e9 < 1.0
