"""The store on SQLite and on a real PostgreSQL server: what goes in comes out, once, whole, in order."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.clock import StepClock
from foreshock.errors import InputError
from foreshock.store.loading import Box, Kept
from foreshock.store.saving import Run
from foreshock.store.store import Added, Store
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution
from foreshock.types.station import Channel, Station

Maker = Callable[..., Solution]


def test_what_goes_in_comes_out(url: str, quake: Maker) -> None:
    made = [quake(i) for i in range(250)]
    shuffled = random.Random(4).sample(made, len(made))
    with Store.open(url) as store:
        assert store.add(iter(shuffled)) == Added(250, 0)
        assert list(store.solutions()) == made
    with Store.open(url, create=False) as store:
        assert list(store.solutions()) == made


def test_adding_twice_changes_nothing(url: str, quake: Maker) -> None:
    made = [quake(i) for i in range(5)]
    with Store.open(url) as store:
        store.add(made, run=Run("test", config={"a": 1}))
        before = _rows(store)
        assert store.add([*made, *made], run=Run("test", config={"a": 1})) == Added(0, 5)
        assert _rows(store) == before


def test_a_solution_made_anew_is_preferred_and_the_old_one_is_kept(url: str, quake: Maker) -> None:
    old = quake(1)
    new = replace(old, event=replace(old.event, depth_km=99.0), model="better")
    with Store.open(url) as store:
        store.add([old])
        assert store.add([new]) == Added(1, 0)
        assert list(store.solutions()) == [new]
        kept = store.history(old.event.event_id)
        assert [(item.solution, item.preferred) for item in kept] == [(old, False), (new, True)]
        assert len(list(store.picks())) == 12
        assert store.add([old]) == Added(0, 1)
        assert list(store.solutions()) == [old]
        assert store.history("nobody") == []


def test_two_solutions_of_one_id_are_refused_and_nothing_is_written(url: str, quake: Maker) -> None:
    one, other = quake(1), replace(quake(1), model="another")
    with Store.open(url) as store:
        with pytest.raises(InputError, match="event id 'fs00001': two different solutions have it"):
            store.add([quake(i) for i in range(300)] + [one, other])
        assert list(store.solutions()) == []


def test_a_list_that_breaks_off_leaves_nothing(url: str, quake: Maker) -> None:
    def breaking() -> object:
        yield from (quake(i) for i in range(250))
        raise RuntimeError("the locator fell over")

    with Store.open(url) as store:
        with pytest.raises(RuntimeError, match="fell over"):
            store.add(breaking())
        assert list(store.solutions()) == []
        assert list(store.picks()) == []


@pytest.mark.parametrize(
    ("moved", "sentence"),
    [
        ({"event_id": ""}, "event id ''"),
        ({"event_id": "a\x00b"}, "event_id is 'a.x00b'"),
        ({"event_id": "a\ud800b"}, "event_id is"),
        ({"event_id": "x" * 501}, "more than 500 letters"),
        ({"time_ns": 2**63}, "64 bits"),
        ({"time_ns": 0.5}, "whole number"),
        ({"depth_km": None, "magnitude": 1.0, "magnitude_type": "M\x01"}, "magnitude_type is"),
    ],
)
def test_what_no_database_can_hold_is_refused_with_a_sentence(
    moved: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    solution = Solution(replace(Event("e1", 0, 1.0, 2.0), **moved))
    with Store.open(f"sqlite:///{tmp_path}/a.db") as store, pytest.raises(InputError, match=sentence):
        store.add([solution])


def test_infinity_is_refused_and_an_unknown_residual_kept(url: str, quake: Maker) -> None:
    made = quake(1)
    first = made.arrivals[0]
    with Store.open(url) as store:
        with pytest.raises(InputError, match="residual_s is inf"):
            store.add([replace(made, arrivals=(replace(first, residual_s=float("inf")),))])
        store.add([replace(made, arrivals=(replace(first, residual_s=float("nan")),))])
        (kept,) = store.solutions()
        assert np.isnan(kept.arrivals[0].residual_s)
        assert kept.arrivals[0].distance_km == first.distance_km


def test_numbers_of_numpy_are_numbers(url: str) -> None:
    theirs = Solution(Event("e1", np.int64(5), np.float32(1.5), np.float64(2.5)), depth_fixed=np.bool_(True))
    ours = Solution(Event("e1", 5, 1.5, 2.5), depth_fixed=True)
    with Store.open(url) as store:
        assert store.add([theirs]) == Added(1, 0)
        assert store.add([ours]) == Added(0, 1)
        (kept,) = store.solutions()
        assert kept == ours
        assert kept.depth_fixed is True


def test_events_of_one_time_stand_in_order_of_their_ids_by_code_point(url: str) -> None:
    ids = ["a", "B", "Z", "é", "e", "地", "_", "~", "𝔄", "a-b", "aB", "A b"]
    with Store.open(url) as store:
        store.add(Solution(Event(name, 7, 0.0, 0.0)) for name in ids)
        assert [solution.event.event_id for solution in store.solutions()] == sorted(ids)


def test_time_and_magnitude_choose(url: str) -> None:
    with Store.open(url) as store:
        events = [Event(f"e{i}", i, 0.0, 0.0, magnitude=i / 2, magnitude_type="ML") for i in range(10)]
        store.add(map(Solution, [*events, Event("unknown", 5, 0.0, 0.0)]))
        chosen = {
            "time": store.solutions(between=(3, 6)),
            "since": store.solutions(between=(8, None)),
            "size": store.solutions(magnitude=(1.0, 2.0)),
            "large": store.solutions(magnitude=(4.0, None), between=(None, 9)),
        }
        assert {name: [s.event.event_id for s in found] for name, found in chosen.items()} == {
            "time": ["e3", "e4", "e5", "unknown"],
            "since": ["e8", "e9"],
            "size": ["e2", "e3", "e4"],
            "large": ["e8"],
        }


def test_a_box_holds_what_lies_in_it_however_longitudes_are_written(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/boxes.db") as store:
        places = [-180, -179, -91, -1, 0, 1, 90, 179, 180, 181, 269, 359, 360]
        store.add(Solution(Event(f"{lon} {lat}", 0, lat, lon)) for lon in places for lat in (-50, 0, 45))

        @settings(max_examples=60)
        @given(west=st.integers(-180, 360), east=st.integers(-180, 360))
        def holds(west: int, east: int) -> None:
            width = east - west if east >= west else east - west + 360
            found = {solution.event.longitude for solution in store.solutions(region=Box(-45, 45, west, east))}
            assert found == {lon for lon in places if width >= 360 or (lon - west) % 360 <= width}

        holds()
        assert {s.event.latitude for s in store.solutions(region=Box(-45, 45, 0, 10))} == {0, 45}


@pytest.mark.parametrize(("south", "west", "sentence"), [(50, 0, "south comes first"), (-91, 0, "latitude")])
def test_a_box_that_is_none_is_refused(south: float, west: float, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Box(south, 10, west, 20)


def test_any_solution_survives(url: str, any_solution: st.SearchStrategy[Solution]) -> None:
    with Store.open(url) as store:

        @settings(max_examples=60 if "sqlite" in url else 25)
        @given(any_solution)
        def survives(solution: Solution) -> None:
            store.add([solution])
            assert solution in [kept.solution for kept in store.history(solution.event.event_id)]
            moment = (solution.event.time_ns, solution.event.time_ns + 1)
            assert solution in list(store.solutions(between=moment))

        survives()


def test_picks_are_kept_once_whether_used_or_not(url: str, quake: Maker) -> None:
    made = quake(1)
    alone = Pick("XX.FAR.", "P", 5, 0.4, 0.1, 6)
    with Store.open(url) as store:
        store.add([made])
        store.add_picks([alone, *(arrival.pick for arrival in made.arrivals)])
        kept = list(store.picks())
        assert kept == sorted(kept, key=lambda pick: pick.time_ns)
        assert len(kept) == 13
        assert kept[0] == alone
        assert list(store.picks(trace_ids=["XX.FAR."], between=(0, 6))) == [alone]
        assert list(store.picks(trace_ids=["XX.FAR."], between=(6, None))) == []


def test_stations_are_replaced(url: str) -> None:
    channel = Channel("HHZ", 0.0, -90.0, 1e9, "m/s", 0, 10)
    one = Station("XX.A.", 1.0, 2.0, 3.0, (channel, replace(channel, code="HHN", dip_deg=0.0)))
    with Store.open(url) as store:
        store.add_stations([one, Station("XX.B.", 4.0, 5.0)])
        assert store.stations() == {"XX.A.": one, "XX.B.": Station("XX.B.", 4.0, 5.0)}
        store.add_stations([replace(one, elevation_m=4.0, channels=(channel,))])
        assert store.stations()["XX.A."] == replace(one, elevation_m=4.0, channels=(channel,))


def test_runs_are_told_once_with_config_and_versions(url: str, quake: Maker) -> None:
    run = Run("catalogue", config={"pick": {"threshold": 0.3}}, versions={"foreshock": "0.1"}, inputs={"a": "sha"})
    with Store.open(url, clock=StepClock(77)) as store:
        store.add([quake(1)], run=run)
        store.add([quake(2)], run=run)
        assert store.runs() == [run]
        assert store.history("fs00002") == [Kept(quake(2), run, 77, True)]


def test_one_may_read_while_another_writes(url: str, quake: Maker) -> None:
    with Store.open(url) as store, Store.open(url) as other:
        store.add(quake(i) for i in range(250))
        reading = store.solutions()
        first = next(reading)
        other.add([quake(1000)])
        assert [first, *reading] == [quake(i) for i in range(250)]
        assert len(list(store.solutions())) == 251


def _rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    from sqlalchemy import text

    from foreshock.store.schema import Row

    with store._engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=str)
            for name in Row.metadata.tables
        }
