"""The associator on drawn days, in any packets and order, and on hostile picks. Knows no real recordings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.predict.associate.associator import Associator, associate
from foreshock.predict.associate.trial import draw, trial
from foreshock.predict.travel.homogeneous import Homogeneous
from foreshock.types.pick import Pick
from foreshock.types.station import Station

ROCK = Homogeneous()
_RNG = np.random.default_rng(1)
STATIONS = {
    f"XX.S{i:02d}.": Station(f"XX.S{i:02d}.", 30 + _RNG.uniform(0, 0.9), 100 + _RNG.uniform(0, 1.04)) for i in range(50)
}
HOUR = draw(STATIONS, ROCK, events=12, span_s=900.0, seed=3)


def test_a_drawn_stretch_is_found_again():
    result = trial(STATIONS, ROCK, events=40, span_s=7200.0, seed=5)
    assert result.possible >= 30
    assert result.recall >= 0.9
    assert result.location_error_km < 1


@settings(max_examples=4)
@given(cuts=st.lists(st.integers(0, len(HOUR.picks)), max_size=6), seed=st.integers(0, 99))
def test_packets_and_order_do_not_change_the_answer(cuts, seed):
    whole = associate(HOUR.picks, STATIONS, ROCK)
    live, events, before = Associator(STATIONS, ROCK), [], 0
    for cut in [*sorted(cuts), len(HOUR.picks)]:
        packet = HOUR.picks[before:cut]
        np.random.default_rng(seed).shuffle(packet)
        now = HOUR.picks[cut].time_ns if cut < len(HOUR.picks) else HOUR.picks[-1].time_ns
        events += live.update(packet, now)
        before = cut
    events += live.flush()
    assert len(whole.events) > 5
    assert tuple(events) == whole.events
    assert tuple(live.take_unused()) == whole.unused


def test_every_pick_is_used_once_or_has_a_reason():
    out = associate(HOUR.picks, STATIONS, ROCK)
    used = [u.pick for e in out.events for u in e.picks]
    assert len(used) == len(set(used))
    assert len(used) + len(out.unused) == len(HOUR.picks)


def test_a_station_without_coordinates_and_a_duplicate_are_named():
    one = HOUR.picks[0]
    out = associate([one, one, Pick("YY.GONE.", "P", 0, 0.9, 0.1, 0)], STATIONS, ROCK)
    reasons = " / ".join(u.reason for u in out.unused)
    assert "YY.GONE." in reasons
    assert "duplicate" in reasons


def test_no_station_is_refused_and_one_station_makes_no_event():
    with pytest.raises(InputError, match="0 stations"):
        Associator({}, ROCK)
    name = "XX.S00."
    picks = [p for p in HOUR.picks if p.trace_id == name]
    assert associate(picks, {name: STATIONS[name]}, ROCK).events == ()


def test_noise_alone_makes_no_flood():
    rng = np.random.default_rng(0)
    times = np.sort(rng.uniform(0, 1728, 2000) * NS_PER_S).astype(np.int64) + 10**15
    names = sorted(STATIONS)
    picks = [Pick(names[rng.integers(50)], "PS"[rng.integers(2)], int(t), 0.5, 0.1, int(t)) for t in times]
    assert len(associate(picks, STATIONS, ROCK).events) <= 2
