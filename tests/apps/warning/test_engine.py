"""Engine: an earthquake is told once, soon and in the right place; how its packets are read or cut changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from warning_parts import T, engine_of, ns, packet, packets_of, run, scenario, travel

from foreshock.apps.warning.engine import Decision, Engine
from foreshock.apps.warning.settings import PolicySettings, WarningSettings
from foreshock.collect.synthetic.scenario import Scenario, TelemetrySettings
from foreshock.collect.synthetic.scenario.rupture import TrueEvent
from foreshock.errors import ConfigError
from foreshock.geo.place import Places
from foreshock.types.packet import Packet

SEEDS = (3, 4)
WIRED = TelemetrySettings(latency_s=0.3, station_sigma_ln=0.0, jitter_sigma_ln=0.0)


@cache
def plainly(seed: int) -> tuple[Engine, tuple[Decision, ...]]:
    """A run of a scenario as it comes."""
    engine = engine_of(scenario(seed=seed))
    return engine, tuple(run(engine, packets_of(scenario(seed=seed))))


def said(decisions: Sequence[Decision]) -> list[tuple[object, ...]]:
    """All that is told, and when."""
    return [(one.event_id, one.at_ns, one.draft, one.cancel, one.final) for one in decisions]


def apart_km(one: Decision, event: TrueEvent) -> float:
    there = Places(np.array([event.latitude]), np.array([event.longitude]))
    return float(there.distance_km(np.array([one.draft.latitude]), np.array([one.draft.longitude])).ravel()[0])


def picks(engine: Engine) -> set[tuple[str, int]]:
    return {(one.station_id, one.pick.time_ns) for one, _, _ in engine.onsets}


@pytest.mark.parametrize("seed", SEEDS)
def test_an_earthquake_is_one_event_told_soon_and_placed_well(seed: int) -> None:
    made, (_, decided) = scenario(seed=seed), plainly(seed)
    assert len({one.event_id for one in decided}) == 1
    first, last = decided[0], decided[-1]
    fourth_ns = np.sort(next(iter(made.arrivals().values()))[0])[3]
    assert (first.at_ns - fourth_ns) / 1e9 < 3.0
    assert not any(one.cancel for one in decided)
    assert apart_km(last, made.events[0]) < 5.0
    assert abs(last.draft.origin_time_ns - made.events[0].origin_time_ns) < ns(1.5)
    assert last.draft.confidence == "confirmed"
    assert last.draft.magnitude_q05 < 5.9
    assert last.draft.magnitude_q95 > 5.1


def test_onsets_are_those_of_the_true_p_waves() -> None:
    made, (engine, _) = scenario(), plainly(3)
    p_ns = dict(zip(made.net.ids, next(iter(made.arrivals().values()))[0].tolist(), strict=True))
    of_event = {one.station_id: one for one, phase, event_id in engine.onsets if event_id and phase == "P"}
    errors = np.array([(one.pick.time_ns - p_ns[name]) / 1e9 for name, one in of_event.items()])
    assert len(errors) >= 10
    assert np.median(np.abs(errors)) < 0.1
    assert np.abs(errors).max() < 0.6


def test_what_is_told_names_the_onsets_it_follows_from() -> None:
    for one in plainly(3)[1]:
        assert len(one.onsets) >= 2
        assert len(one.draft.lineage) == len(one.onsets)
        assert all(heard.pick.available_at_ns <= one.at_ns for heard in one.onsets)


# -- the same packets --------------------------------------------------------------------------------------------------


def test_the_same_packets_make_the_same_words() -> None:
    made = scenario()
    assert said(run(engine_of(made), iter(packets_of(made)))) == said(plainly(3)[1])


@pytest.mark.parametrize("seed", SEEDS)
def test_packets_of_one_tick_may_be_read_in_any_order(seed: int) -> None:
    made, rng = scenario(seed=seed), np.random.default_rng(seed)
    tick_ns = ns(0.02)
    shuffled: list[Packet] = []
    for _, batch in groupby(packets_of(made), key=lambda one: one.arrived_ns // tick_ns):
        some = list(batch)
        shuffled += [some[k] for k in rng.permutation(len(some))]
    assert [id(one) for one in shuffled] != [id(one) for one in packets_of(made)]
    assert said(run(engine_of(made), shuffled)) == said(plainly(seed)[1])


def test_taken_tick_by_tick_as_live_does_the_words_are_the_same() -> None:
    engine = engine_of(scenario())
    tick_ns, decided = ns(0.02), []
    for number, batch in groupby(packets_of(scenario()), key=lambda one: one.arrived_ns // tick_ns):
        now_ns = (number + 1) * tick_ns
        for between_ns in range(now_ns - 5 * tick_ns, now_ns, tick_ns):  # a live run looks round at every tick
            decided += [one for _, some in engine.idle(until_ns=between_ns) for one in some]
        decided += [one for _, some in engine.idle(until_ns=now_ns) for one in some]
        decided += engine.take(batch, now_ns=now_ns)
    decided += engine.close(now_ns=now_ns)
    assert said(decided) == said(plainly(3)[1])


@pytest.mark.parametrize("seed", SEEDS)
def test_cut_into_other_packets_the_onsets_and_the_last_words_are_the_same(seed: int) -> None:
    final: list[dict[str, Any]] = []
    heard: list[set[tuple[str, int]]] = []
    for packet_s in (0.5, 1.0, 2.0):
        made = scenario(seed=seed, packet_s=packet_s, telemetry=WIRED)
        engine = engine_of(made)
        last = {one.event_id: one for one in run(engine, packets_of(made))}
        heard.append(picks(engine))
        final.append(
            {
                name: (one.draft.origin_time_ns, one.draft.latitude, one.draft.longitude, one.draft.magnitude_q50)
                for name, one in last.items()
            }
        )
    assert heard[0] == heard[1] == heard[2]
    assert final[0].keys() == final[1].keys() == final[2].keys()
    for name, (origin_ns, latitude, longitude, magnitude) in final[0].items():
        for other in final[1:]:
            assert abs(other[name][0] - origin_ns) < ns(0.2)
            assert other[name][1] == pytest.approx(latitude, abs=0.01)
            assert other[name][2] == pytest.approx(longitude, abs=0.01)
            assert other[name][3] == pytest.approx(magnitude, abs=0.1)


def test_packets_that_come_twice_tell_the_same_earthquake() -> None:
    made = scenario(adversaries=("duplicates",))
    decided, plain = run(engine_of(made), packets_of(made)), plainly(3)[1]
    assert [one.draft.latitude for one in decided] == [one.draft.latitude for one in plain]
    assert len({one.event_id for one in decided}) == 1


# -- other days --------------------------------------------------------------------------------------------------------


def test_two_earthquakes_at_once_are_both_told() -> None:
    made = scenario(
        stations=36, events=2, seed=22, twin_after_s=1.0, twin_distance_min_km=75.0, twin_distance_max_km=90.0,
        magnitude=4.5,
    )  # fmt: skip
    last = {one.event_id: one for one in run(engine_of(made), packets_of(made))}
    told = [one for one in last.values() if not one.cancel]
    for event in made.events:
        assert min(apart_km(one, event) for one in told) < 10


@pytest.mark.parametrize("seed", SEEDS)
def test_a_quiet_network_tells_nothing(seed: int) -> None:
    made = scenario(events=0, seed=seed, after_s=60.0)
    engine = engine_of(made)
    assert run(engine, packets_of(made)) == []


@pytest.mark.parametrize("name", ["spikes", "glitch", "lightning", "flat_line", "dc_jump", "calibration_all"])
def test_a_disturbed_network_tells_nothing(name: str) -> None:
    made = scenario(events=0, seed=6, adversaries=(name,), after_s=15.0)
    assert run(engine_of(made), packets_of(made)) == []


@pytest.mark.parametrize("name", ["from_1970", "from_future", "wrong_rate", "half_packets", "out_of_order"])
def test_through_broken_packets_an_earthquake_is_still_told(name: str) -> None:
    made = scenario(seed=5, stations=16, adversaries=(name,))
    engine = engine_of(made)
    decided = run(engine, packets_of(made))
    assert decided
    assert apart_km(decided[-1], made.events[0]) < 10


def test_a_tenth_of_all_packets_may_be_lost() -> None:
    made = scenario(seed=4, stations=16, telemetry=TelemetrySettings(lost=0.1))
    decided = run(engine_of(made), packets_of(made))
    assert decided
    assert apart_km(decided[-1], made.events[0]) < 15


def test_people_are_told_that_it_was_nothing_when_it_was() -> None:
    made = scenario()
    policy = PolicySettings(hold_probability=0.99999)  # what is not quite sure is taken back
    decided = run(engine_of(made, policy=policy), packets_of(made))
    withdrawn = [one for one in decided if one.cancel]
    assert withdrawn
    for one in withdrawn:
        assert any(before.event_id == one.event_id and before.at_ns < one.at_ns for before in decided)


def test_an_event_is_told_under_one_name_from_first_to_last() -> None:
    decided = plainly(4)[1]
    assert [one.at_ns for one in decided] == sorted(one.at_ns for one in decided)
    assert sum(one.final for one in decided) <= 1
    assert all(not one.final for one in decided[:-1])


# -- the engine itself -------------------------------------------------------------------------------------------------


def test_a_network_without_stations_is_refused() -> None:
    with pytest.raises(ConfigError, match="0 stations"):
        Engine({}, travel=travel())


def test_an_unknown_relation_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="'wu_2006'"):
        engine_of(scenario(), relation="wu_2006")


def test_what_is_decided_does_not_hang_on_the_stopwatch() -> None:
    made = scenario()

    def with_watch(stopwatch: Any) -> Engine:
        stations = {one.station_id: one for one in made.stations}
        settings = WarningSettings(relation="synthetic_a")
        return Engine(stations, travel=travel(), settings=settings, stopwatch=stopwatch)

    wild = with_watch(iter(range(0, 10**12, 10**6)).__next__)
    assert said(run(wild, packets_of(made))) == said(plainly(3)[1])


def test_garbage_before_and_after_changes_nothing() -> None:
    made: Scenario = scenario()
    plain = plainly(3)[1]
    mad = [
        packet(np.full(7, 1e300), k, name=made.stations[k % 12].station_id, unit=unit, arrived_ns=one.arrived_ns)
        for k, (one, unit) in enumerate(zip(packets_of(made)[::50], ["m/s", "Pa", "furlong"] * 20, strict=False))
    ]
    both = sorted([*packets_of(made), *mad], key=lambda one: one.arrived_ns)
    engine = engine_of(made)
    assert said(run(engine, both)) == said(plain)
    assert sum(engine.bank.left_out.values()) >= len(mad)
    assert T > 0


def test_what_was_told_is_taken_back_when_no_onset_of_it_is_left() -> None:
    engine, made = engine_of(scenario(seed=3)), packets_of(scenario(seed=3))
    _, told = next(iter(engine.run(iter(made))))
    (event,) = [one for one in engine.events if one.event_id == told[0].event_id]
    event.p.clear()
    event.changed = True
    (last,) = engine.take((), now_ns=told[0].at_ns + ns(0.02))
    assert (last.event_id, last.cancel, last.final) == (told[0].event_id, True, True)
    assert "no onset of it is left" in last.draft.reasons
    assert event not in engine.events
