"""The largest earthquakes are looked at once more, and what is gone by then stops nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.collect.archive import Survey, survey
from foreshock.road.catalogue import looking
from foreshock.road.catalogue.looking import look_again
from foreshock.road.pickers import picker_of
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Arrival, Solution
from foreshock.types.station import Station

MIDNIGHT_NS = utc_ns("2020-03-02T00:00:00Z")
STATIONS = ("XX.AAA.", "XX.BBB.", "XX.CCC.")
PLACES = {name: Station(name, 30.0, 100.0 + 0.1 * k) for k, name in enumerate(STATIONS)}


def surveyed(archive: Path) -> Survey:
    return survey(archive, around_ns=0, most_bytes=10**9)


def solution(k: int, magnitude: float | None) -> Solution:
    time_ns = MIDNIGHT_NS + (600 + 60 * k) * NS_PER_S
    pick = Pick("XX.AAA.", "P", time_ns + 4 * NS_PER_S, 0.9, 0.1, time_ns + 9 * NS_PER_S)
    kind = None if magnitude is None else "ML"
    event = Event(f"e{k}", time_ns, 30.0, 100.0, depth_km=8.0, magnitude=magnitude, magnitude_type=kind)
    return Solution(event, (Arrival(pick, "P", 0.0, 0.0, 0.25, 1.0),))


def test_the_three_largest_are_seen_at_all_stations_with_what_is_predicted(archive: Path) -> None:
    solutions = [solution(k, size) for k, size in enumerate((1.0, None, 3.0, 2.0, 4.0))]
    seen = look_again(solutions, surveyed(archive).units, PLACES, model="iasp91_crust", picker=picker_of())
    assert [one.name[:6] for one in seen] == ["ML 4.0", "ML 3.0", "ML 2.0"]
    first = seen[0]
    assert [trace.wave.station_id for trace in first.traces] == list(STATIONS)
    assert [len(trace.picked) for trace in first.traces] == [1, 0, 0]
    assert dict(first.traces[0].predicted)["P"] == first.origin_ns + round(3.75 * NS_PER_S)
    for near, far in zip(first.traces, first.traces[1:], strict=False):
        assert dict(near.predicted)["S"] < dict(far.predicted)["S"]
    (heard,) = first.heard
    assert set(heard.curves) == {"P", "S"}
    assert heard.wave.start_ns == first.traces[0].picked[0][1] - 10 * NS_PER_S
    assert abs(heard.start_ns - heard.wave.start_ns) < NS_PER_S / heard.rate_hz
    assert abs(len(heard.curves["P"]) / heard.rate_hz - heard.wave.span_s) < 0.1


def test_other_pickers_show_no_curves(archive: Path) -> None:
    units = surveyed(archive).units
    (seen,) = look_again([solution(0, 1.0)], units, PLACES, model="iasp91_crust", picker=picker_of("sta_lta_aic"))
    assert len(seen.traces) == 3
    assert seen.heard == []


def test_recordings_that_are_gone_are_left_out(archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "sds"
    shutil.copytree(archive, copy)
    units = surveyed(copy).units
    shutil.rmtree(copy)
    (seen,) = look_again([solution(0, 1.0)], units, PLACES, model="iasp91_crust", picker=picker_of())
    assert list(seen.traces) == []
    assert seen.heard == []


def test_no_more_is_read_than_is_worth_a_picture(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    units = surveyed(archive).units
    nearest = next(unit for unit in units if unit.station_id == "XX.AAA." and unit.first_ns == MIDNIGHT_NS)
    monkeypatch.setattr(looking, "MOST_BYTES", nearest.n_bytes)
    (seen,) = look_again([solution(0, 1.0)], units, PLACES, model="iasp91_crust", picker=picker_of())
    assert [trace.wave.station_id for trace in seen.traces] == ["XX.AAA."]


def test_nothing_with_a_magnitude_is_nothing_to_see(archive: Path) -> None:
    units = surveyed(archive).units
    assert look_again([solution(0, None)], units, PLACES, model="iasp91_crust", picker=picker_of()) == ()
