"""What goes wrong on the way: each fault does what its name says and spares what came before."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from foreshock.collect.synthetic.scenario import Scenario, ScenarioSettings, make_scenario
from foreshock.types.packet import Packet

NS = 10**9


def made(name: str, seed: int = 0) -> tuple[Scenario, list[Packet], dict[str, object]]:
    told = ScenarioSettings(stations=8, events=0, before_s=10.0, after_s=60.0, seed=seed, adversaries=(name,))
    scenario = make_scenario(told)
    (facts,) = scenario.disturbances
    return scenario, [p for p in scenario.packets() if p.channel == "HNZ"], dict(facts)


def named(packets: list[Packet], facts: dict[str, object]) -> list[Packet]:
    return [p for p in packets if p.station_id in facts["stations"]]  # type: ignore[operator]


def test_a_clock_that_jumps_moves_headers_and_not_arrivals() -> None:
    _, packets, facts = made("clock_jump")
    late = {round(p.latency_s) for p in named(packets, facts)}
    jump = float(facts["jump_s"])  # type: ignore[arg-type]
    assert any(abs(value - (1 - jump)) <= 1 for value in late)
    assert 1 <= abs(jump) <= 60


def test_a_backlog_comes_at_once_after_its_silence() -> None:
    scenario, packets, facts = made("backlog")
    for name in facts["stations"]:  # type: ignore[union-attr]
        came = np.array([p.arrived_ns for p in packets if p.station_id == name]) / NS
        gap = np.diff(came).argmax()
        assert np.diff(came)[gap] > 0.8 * float(facts["silent_s"])  # type: ignore[arg-type]
        assert (came[gap + 6] - came[gap + 1]) < 0.1
    assert len(packets) == sum(len(plan.first) for plan in scenario.sendings)


def test_duplicates_hold_the_same_samples() -> None:
    _, packets, _ = made("duplicates")
    seen: dict[tuple[str, int], bytes] = {}
    count = Counter((p.station_id, p.start_ns) for p in packets)
    assert max(count.values()) == 2
    for p in packets:
        assert seen.setdefault((p.station_id, p.start_ns), p.samples.tobytes()) == p.samples.tobytes()


def test_packets_overtake_each_other() -> None:
    scenario, packets, _ = made("out_of_order")
    start = [p.start_ns for p in packets if p.station_id == scenario.net.ids[0]]
    assert start != sorted(start)
    assert len(set(start)) == len(start)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("from_1970", 0, 100 * NS), ("from_future", 1709294400 * NS + 3600 * NS, 1 << 62)]
)
def test_wrong_dates_are_far_away(name: str, low: int, high: int) -> None:
    _, packets, facts = made(name)
    assert any(low <= p.start_ns < high for p in named(packets, facts))


def test_headers_tell_a_wrong_rate() -> None:
    _, packets, facts = made("wrong_rate")
    rates = {p.rate_hz for p in named(packets, facts)}
    assert rates == {100.0, 100.0 * float(facts["factor"])}  # type: ignore[arg-type]


def test_half_packets_leave_holes_and_keep_their_first_samples() -> None:
    scenario, packets, facts = made("half_packets")
    name = facts["stations"][0]  # type: ignore[index]
    mine = [p for p in packets if p.station_id == name]
    whole = scenario.counts[scenario.net.ids.index(name), 0]
    assert sum(p.n_samples for p in mine) < 0.9 * len(whole)
    for p in mine:
        first = round((p.start_ns - scenario.settings.start_ns) / 1e7)
        assert np.array_equal(p.samples, whole[first : first + p.n_samples])
