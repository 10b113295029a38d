"""Stations and picks that lie, stand elsewhere or come twice: nothing breaks, and the reason is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from associate_made import MODEL, ROCK, network

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.predict.associate.associator import associate
from foreshock.predict.associate.draw import Scene, draw
from foreshock.predict.associate.trial import judge
from foreshock.types.pick import Pick
from foreshock.types.station import Station

STATIONS = network(1)
HOUR = draw(STATIONS, MODEL, scene=Scene(events=20, span_s=1800.0), seed=5, truth=ROCK)


def moved(pick: Pick, by_s: float, **other: object) -> Pick:
    t_ns = pick.time_ns + round(by_s * NS_PER_S)
    return replace(pick, time_ns=t_ns, available_at_ns=t_ns, **other)


def recalled(out) -> int:
    used = {(u.pick.time_ns, u.pick.trace_id, u.pick.phase) for e in out.events for u in e.picks}
    owners = np.bincount([HOUR.truth[key] for key in used if HOUR.truth.get(key, -1) >= 0], minlength=20)
    return int((owners >= 5).sum())


WHOLE = recalled(associate(HOUR.picks, STATIONS, MODEL))


@pytest.mark.parametrize(
    ("latitude", "longitude", "says"),
    [(0.0, 0.0, "stands at 0/0"), (45.0, 7.0, "km from the middle of the others")],
)
def test_a_misplaced_station_is_left_out_and_its_picks_say_so(latitude, longitude, says):
    name = "XX.S07."
    out = associate(HOUR.picks, STATIONS | {name: Station(name, latitude, longitude)}, MODEL)
    assert says in dict(out.notes)[name]
    mine = [u for u in out.unused if u.pick.trace_id == name]
    assert len(mine) == sum(p.trace_id == name for p in HOUR.picks)
    assert all(name in u.reason and says in u.reason for u in mine)
    assert recalled(out) >= WHOLE - 1


def test_exchanged_latitude_and_longitude_are_recognised():
    wrong = {name: Station(name, s.latitude + 10, s.longitude - 20) for name, s in STATIONS.items()}
    name = "XX.S07."
    wrong[name] = Station(name, wrong[name].longitude, wrong[name].latitude)
    assert "latitude and longitude are exchanged" in dict(associate([], wrong, MODEL).notes)[name]


def test_nothing_but_stations_at_0_0_is_refused_with_one_named():
    with pytest.raises(InputError, match=r"XX\.A\..*0/0"):
        associate([], {"XX.A.": Station("XX.A.", 0.0, 0.0)}, MODEL)


def test_picks_of_unknown_stations_and_phases_and_doubled_picks_say_so():
    one = HOUR.picks[0]
    odd = [one, replace(one, trace_id="YY.GONE."), replace(one, phase="Lg"), replace(one, sigma_s=np.inf)]
    reasons = [u.reason for u in associate([*HOUR.picks, *odd], STATIONS, MODEL).unused]
    assert "station YY.GONE. has no coordinates" in reasons
    assert "phase Lg has no travel times here" in reasons
    assert "its sigma is inf s" in reasons
    assert "is a duplicate of another pick" in reasons


def test_contradictory_picks_of_a_nervous_picker_cost_no_event():
    rng = np.random.default_rng(0)
    again = [moved(p, rng.normal(0, 1.0)) for p in HOUR.picks for _ in range(2)]
    out = associate([*HOUR.picks, *again], STATIONS, MODEL)
    for event in out.events:
        taken = [(u.pick.trace_id, u.phase) for u in event.picks]
        assert len(taken) == len(set(taken))
    assert len(out.events) <= 20
    assert any("has another P of this station" in u.reason for u in out.unused)
    assert len(out.events) >= WHOLE - 1


def test_s_before_p_never_stand_in_one_event():
    swapped = [replace(p, phase="PS"[p.phase == "P"]) if p.trace_id == "XX.S03." else p for p in HOUR.picks]
    mixed = [moved(p, -40.0) if p.trace_id == "XX.S04." and p.phase == "S" else p for p in swapped]
    out = associate(mixed, STATIONS, MODEL)
    for event in out.events:
        at = {(u.pick.trace_id, u.phase): u.pick.time_ns for u in event.picks}
        assert all(at[name, "S"] > t for (name, phase), t in at.items() if phase == "P" and (name, "S") in at)
    assert len(out.events) >= WHOLE - 1


def test_two_sensors_of_one_station_are_one_witness():
    twin = {f"{name}10": Station(f"{name}10", s.latitude, s.longitude, s.elevation_m) for name, s in STATIONS.items()}
    rng = np.random.default_rng(1)
    near = sorted(STATIONS)[:2]
    time = 1_700_000_000.0 + np.sort(rng.uniform(0, 1, 4))
    two = [(f"{near[i]}", "PS"[i % 2 == 1], t) for i, t in zip([0, 1, 0, 1], time, strict=True)]
    both = [Pick(n + loc, p, int(t * 1e9), 0.9, 0.1, int(t * 1e9)) for n, p, t in two for loc in ("", "10")]
    assert associate(both, STATIONS | twin, MODEL).events == ()
    doubled = [*HOUR.picks, *(moved(p, 0.02, trace_id=f"{p.trace_id}10") for p in HOUR.picks)]
    out = associate(doubled, STATIONS | twin, MODEL)
    assert len(out.events) <= 20
    assert recalled(out) >= WHOLE - 1


def test_a_clock_that_jumped_is_named_and_costs_no_event():
    name = "XX.S10."
    wrong = [moved(p, 4.0) if p.trace_id == name else p for p in HOUR.picks]
    out = associate(wrong, STATIONS, MODEL)
    note = dict(out.notes)[name]
    assert "s late: is its clock right?" in note
    assert abs(float(note.split(" come ")[1].split(" s ")[0]) - 4) < 0.3
    assert recalled(out) >= WHOLE - 1


def test_a_pick_that_comes_after_its_time_was_settled_says_so():
    from foreshock.predict.associate.associator import Associator

    live = Associator(STATIONS, MODEL)
    live.update(HOUR.picks, HOUR.picks[-1].time_ns)
    live.update([moved(HOUR.picks[0], 0.001)], HOUR.picks[-1].time_ns)
    live.finish()
    assert "came after its time had been settled" in {u.reason for u in live.take_unused()}


def test_the_trial_names_what_was_lost():
    few = {name: STATIONS[name] for name in sorted(STATIONS)[:4]}
    drawn = draw(few, MODEL, scene=Scene(events=60, span_s=3600.0, reach_km=(30.0, 90.0)), seed=2)
    result = judge(drawn, associate(drawn.picks, few, MODEL), cpu_s=1.0)
    assert len(result.lost) == result.possible - result.recalled
    assert str(result).startswith("recall ")
