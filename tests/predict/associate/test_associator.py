"""The associator on drawn stretches, in any packets and order. Knows no real recordings."""

from __future__ import annotations

import numpy as np
import pytest
from associate_made import MODEL, ROCK, network
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError, StateError
from foreshock.predict.associate.associator import Associator, associate
from foreshock.predict.associate.draw import Scene, draw
from foreshock.predict.associate.trial import judge
from foreshock.types.pick import Pick

STATIONS = network(1)
QUARTER = draw(STATIONS, MODEL, scene=Scene(events=12, span_s=900.0), seed=3, truth=ROCK)
WHOLE = associate(QUARTER.picks, STATIONS, MODEL)


def test_a_drawn_quarter_of_an_hour_is_found_again_in_other_rock_than_the_model():
    result = judge(QUARTER, WHOLE, cpu_s=0.0)
    assert result.possible >= 8
    assert result.recall == 1
    assert result.false == 0
    assert result.location_error_km < 2


@settings(max_examples=6)
@given(cuts=st.lists(st.integers(0, len(QUARTER.picks)), max_size=12), seed=st.integers(0, 99))
def test_packets_and_order_do_not_change_the_answer(cuts, seed):
    live, events, before = Associator(STATIONS, MODEL), [], 0
    for cut in [*sorted(cuts), len(QUARTER.picks)]:
        packet = QUARTER.picks[before:cut]
        np.random.default_rng(seed).shuffle(packet)
        until = QUARTER.picks[cut].time_ns if cut < len(QUARTER.picks) else QUARTER.picks[-1].time_ns
        events += live.update(packet, until)
        before = cut
    events += live.finish()
    assert tuple(events) == WHOLE.events
    assert tuple(live.take_unused()) == WHOLE.unused


def test_after_begin_it_has_forgotten_all():
    live = Associator(STATIONS, MODEL)
    for _ in range(2):
        live.update(QUARTER.picks, QUARTER.picks[-1].time_ns)
        live.finish()
        with pytest.raises(StateError, match="finished"):
            live.update([], 0)
        live.begin()
    events = live.update(QUARTER.picks, QUARTER.picks[-1].time_ns)
    assert tuple(events + live.finish()) == WHOLE.events


def test_an_event_is_given_as_soon_as_the_data_have_passed_it_though_stations_are_silent():
    live = Associator(STATIONS, MODEL)
    first = WHOLE.events[0]
    picks = [used.pick for used in first.picks]
    assert live.update(picks, picks[-1].time_ns + 1) == []
    given_ = live.update([], first.event.time_ns + int((live.wait_s + 1) * NS_PER_S))
    assert [len(event.picks) for event in given_] == [len(picks)]


def test_every_pick_is_used_once_or_has_a_reason():
    used = [u.pick for e in WHOLE.events for u in e.picks]
    assert len(used) == len(set(used))
    assert len(used) + len(WHOLE.unused) == len(QUARTER.picks)
    assert all(one.reason for one in WHOLE.unused)


def test_no_station_is_refused_and_one_station_makes_no_event():
    with pytest.raises(InputError, match="0 stations"):
        Associator({}, MODEL)
    name = "XX.S00."
    picks = [p for p in QUARTER.picks if p.trace_id == name]
    assert associate(picks, {name: STATIONS[name]}, MODEL).events == ()


def test_noise_alone_makes_no_flood():
    rng = np.random.default_rng(0)
    times = np.sort(rng.uniform(0, 1728, 2000) * NS_PER_S).astype(np.int64) + 10**15
    names = sorted(STATIONS)
    picks = [Pick(names[rng.integers(50)], "PS"[rng.integers(2)], int(t), 0.5, 0.1, int(t)) for t in times]
    assert len(associate(picks, STATIONS, MODEL).events) <= 2
