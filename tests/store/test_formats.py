"""CSV, Parquet, GeoJSON, HYPO71 and NonLinLoc: what goes out comes back, and what a format cannot say is told."""

from __future__ import annotations

import csv
import json
import math
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import obspy
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from foreshock.clock import utc_ns
from foreshock.errors import FormatError, InputError, NotFoundError, OutputError
from foreshock.evaluate import pick_tables
from foreshock.geo import inverse
from foreshock.store.geojson import read_geojson, write_geojson
from foreshock.store.hypo71 import read_hypo71, write_hypo71
from foreshock.store.lines import PICK_COLUMNS, EventLine, event_lines, pick_lines
from foreshock.store.nonlinloc import read_nonlinloc, write_nonlinloc
from foreshock.store.parquet import (
    read_events_parquet,
    read_picks_parquet,
    write_events_parquet,
    write_picks_parquet,
)
from foreshock.store.quakeml import write_quakeml
from foreshock.store.quakeml_reader import read_quakeml
from foreshock.store.tables import read_events, read_picks, write_events, write_picks
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Arrival, Solution, Uncertainty

Maker = Callable[..., Solution]
WRITERS = {
    "csv-events": write_events,
    "csv-picks": write_picks,
    "parquet-events": write_events_parquet,
    "parquet-picks": write_picks_parquet,
    "geojson": write_geojson,
    "hypo71": write_hypo71,
    "nonlinloc": write_nonlinloc,
    "quakeml": write_quakeml,
}
READERS = {
    "csv-events": read_events,
    "csv-picks": read_picks,
    "parquet-events": read_events_parquet,
    "parquet-picks": read_picks_parquet,
    "geojson": read_geojson,
    "hypo71": read_hypo71,
    "nonlinloc": read_nonlinloc,
}


# -- tables ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_any_event_and_pick_comes_back_to_the_last_digit(
    kind: str, tmp_path: Path, any_solution: st.SearchStrategy[Solution]
) -> None:
    events, picks = tmp_path / "events", tmp_path / "picks"

    @settings(max_examples=60, phases=(Phase.explicit, Phase.generate))
    @given(any_solution, st.floats(allow_nan=False, allow_infinity=False, min_value=0))
    def comes_back(solution: Solution, sigma_s: float) -> None:
        named = [a for a in solution.arrivals if a.pick.trace_id.strip()]
        named = [replace(a, pick=replace(a.pick, sigma_s=sigma_s)) for a in named]
        solution = replace(solution, arrivals=tuple(named))
        lone = [replace(arrival.pick, phase="S") for arrival in named]
        WRITERS[f"{kind}-events"](events, [solution])
        WRITERS[f"{kind}-picks"](picks, [solution], unused=lone)
        assert READERS[f"{kind}-events"](events) == tuple(event_lines([solution]))
        assert READERS[f"{kind}-picks"](picks) == tuple(pick_lines([solution], unused=lone))

    comes_back()


def test_events_have_the_columns_of_the_plan(tmp_path: Path, quake: Maker) -> None:
    write_events(tmp_path / "events.csv", [quake(1)])
    header, row = (tmp_path / "events.csv").read_text().splitlines()
    assert header == (
        "event_id,time,latitude,longitude,depth_km,magnitude,magnitude_type,"
        "major_km,minor_km,azimuth_deg,gap_deg,rms_s,quality"
    )
    assert row.startswith("fs00001,2020-06-23T16:29:04.123456789Z,30.014285714285716,100.0111111111111,")
    assert row.endswith(",ML,1.2,0.7,41.0,97.5,0.08,B")


def test_picks_are_those_that_evaluation_reads(tmp_path: Path, quake: Maker) -> None:
    assert PICK_COLUMNS[:-1] == pick_tables.COLUMNS
    made = quake(1)
    write_picks(tmp_path / "picks.csv", [made])
    assert pick_tables.read_picks(tmp_path / "picks.csv").picks == tuple(a.pick for a in made.arrivals)


def test_what_is_unknown_is_an_empty_cell(tmp_path: Path) -> None:
    write_events(tmp_path / "a.csv", [Solution(Event("e", 0, 1.0, 2.0))])
    assert (tmp_path / "a.csv").read_text().splitlines()[1] == "e,1970-01-01T00:00:00.000000Z,1.0,2.0,,,,,,,,,"
    (line,) = read_events(tmp_path / "a.csv")
    assert line == EventLine(Event("e", 0, 1.0, 2.0))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "its columns are"),
        ("event_id,time\n", "it needs event_id, time, latitude, longitude"),
        ("event_id,time,latitude,longitude,time\n", "each once"),
        ("event_id,time,latitude,longitude\ne,2020-01-01,1\n", "line 2 has 3 cells"),
        ("event_id,time,latitude,longitude\ne,yesterday,1,2\n", "line 2: time 'yesterday'"),
        ("event_id,time,latitude,longitude\ne,2020-01-01,north,2\n", "line 2.*could not convert"),
        ("event_id,time,latitude,longitude\ne,2020-01-01,91,2\n", "line 2: latitude is 91.0"),
        ("event_id,time,latitude,longitude\ne,2020-01-01,nan,2\n", "line 2: latitude is nan"),
        ("event_id,time,latitude,longitude\ne,2020-01-01,,2\n", "line 2"),
        ("event_id,time,latitude,longitude\n ,2020-01-01,1,2\n", "line 2: event_id is ' '"),
        ('event_id,time,latitude,longitude\n"e,2020-01-01,1,2\n', "it is not CSV"),
        ("event_id,time,latitude,longitude\n" + "e" * 200_000 + ",2020-01-01,1,2\n", "it is not CSV"),
        ("event_id,time,latitude,longitude,depth_km\ne,2020-01-01,1,2,inf\n", "depth is inf"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(content: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(content)
    with pytest.raises(FormatError, match=sentence) as caught:
        read_events(tmp_path / "bad.csv")
    assert "bad.csv" in str(caught.value)


def test_parquet_of_another_kind_is_refused(tmp_path: Path, quake: Maker) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(FormatError, match=r"its columns are \['x'\]"):
        read_events_parquet(path)
    write_events_parquet(path, [quake(1)])
    told = pq.read_table(path)
    pq.write_table(told.set_column(2, "latitude", pa.array(["north"])), path)
    with pytest.raises(FormatError, match="latitude is string: it must be double"):
        read_events_parquet(path)
    assert told.schema.field("time").type == pa.timestamp("ns", tz="UTC")


# -- GeoJSON -----------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.floats(-90, 90), st.floats(-180, 360), st.none() | st.floats(-10, 800), st.integers(-(10**18), 10**18))
def test_a_point_comes_back(
    tmp_path_factory: pytest.TempPathFactory, lat: float, lon: float, depth_km: float | None, time_ns: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "a.json"
    write_geojson(path, [Solution(Event("地", time_ns, lat, lon, depth_km=depth_km))])
    (line,) = read_geojson(path)
    assert line.event == Event("地", time_ns, lat, lon - 360 if lon > 180 else lon, depth_km=depth_km)


def test_a_collection_is_as_the_rfc_wants(tmp_path: Path, quake: Maker) -> None:
    write_geojson(tmp_path / "a.geojson", [quake(i) for i in range(3)], ellipses=True)
    told = json.loads((tmp_path / "a.geojson").read_text())
    assert told["type"] == "FeatureCollection"
    assert [f["geometry"]["type"] for f in told["features"]] == ["Point", "Polygon"] * 3
    point = told["features"][0]
    assert point["geometry"]["coordinates"] == [100.0, 30.0, -8100.0]
    assert point["id"] == "fs00000"
    assert point["properties"]["depth_km"] == 8.1
    assert point["properties"]["quality"] == "B"
    assert read_geojson(tmp_path / "a.geojson") == tuple(event_lines([quake(i) for i in range(3)]))


@settings(max_examples=100)
@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 360),
    major=st.floats(1, 900),
    share=st.floats(0.05, 1),
    azimuth=st.floats(0, 360),
)
def test_ellipses_lie_on_the_map_wherever_they_are(
    tmp_path_factory: pytest.TempPathFactory, lat: float, lon: float, major: float, share: float, azimuth: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "e.json"
    sure = Uncertainty(major, major * share, azimuth, 0.1, 90.0, 0.1, "A")
    write_geojson(path, [Solution(Event("e", 0, lat, lon), uncertainty=sure)], ellipses=True)
    geometry = json.loads(path.read_text())["features"][1]["geometry"]
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for (ring,) in polygons:
        assert ring[0] == ring[-1]
        assert len(ring) >= 4
        x, y = np.array(ring).T
        assert np.all(np.abs(x) <= 180)
        assert np.all(np.abs(y) <= 90)
        assert np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) >= -1e-9  # counterclockwise
        around = abs(lat) > 80 and np.any(np.abs(y) == 90)  # about a pole a ring runs along the map's edge
        assert around or np.all(np.abs(np.diff(x)) < 180)
    if major < 300 and abs(lat) < 80:
        corners = np.array([place for (ring,) in polygons for place in ring if abs(abs(place[0]) - 180) > 1e-9])
        km = inverse(lat, lon, corners[:, 1], corners[:, 0])[0]
        assert np.all((km <= major * 1.001) & (km >= major * share * 0.999))


def test_an_ellipse_on_the_antimeridian_is_cut_in_two(tmp_path: Path) -> None:
    sure = Uncertainty(50.0, 20.0, 90.0, 0.1, 90.0, 0.1, "A")
    for lon in (180.0, -180.0, 179.9, -179.9, 180.1):
        write_geojson(tmp_path / "a.json", [Solution(Event("e", 0, 10.0, lon), uncertainty=sure)], ellipses=True)
        geometry = json.loads((tmp_path / "a.json").read_text())["features"][1]["geometry"]
        assert geometry["type"] == "MultiPolygon"
        (east,), (west,) = geometry["coordinates"]
        sides = {math.copysign(1, max((x for x, _ in ring), key=abs)) for ring in (east, west)}
        assert sides == {1.0, -1.0}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": {}}',
        '{"type": "FeatureCollection", "features": [1]}',
        '{"type": "FeatureCollection", "features": [{"properties": {}}]}',
        '{"type": "FeatureCollection", "features": [{"properties": [], "geometry": {"type": "Point"}}]}',
        '{"type": "FeatureCollection", "features": [{"properties": {"event_id": "e", "time": "2020-01-01"}, '
        '"geometry": {"type": "Point", "coordinates": [NaN, 1]}}]}',
        '{"type": "FeatureCollection", "features": [{"properties": {"event_id": "e", "time": "2020-01-01"}, '
        '"geometry": {"type": "Point", "coordinates": [0, 1e999]}}]}',
        '{"type": "FeatureCollection", "features": [{"properties": {"event_id": {}, "time": "2020-01-01"}, '
        '"geometry": {"type": "Point", "coordinates": [0, 1]}}]}',
        "[" * 200_000,
        '{"a":' * 200_000,
    ],
)
def test_a_collection_that_is_none_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(FormatError, match="bad.json"):
        read_geojson(tmp_path / "bad.json")


# -- phase files -------------------------------------------------------------------------------------------------------


def _solution(*picks: tuple[str, str, str, str, float], event_id: str = "e1", **more: Any) -> Solution:
    arrivals = []
    for trace_id, phase, time, polarity, weight in picks:
        time_ns = utc_ns(time)
        pick = Pick(trace_id, phase, time_ns, 0.9, 0.05, time_ns, polarity)
        arrivals.append(Arrival(pick, phase, 1.0, 2.0, 0.0, weight))
    start_ns = arrivals[0].pick.time_ns if arrivals else 0
    return Solution(Event(event_id, start_ns, 1.0, 2.0, depth_km=7.25), tuple(arrivals), **more)


def test_hypo71_cards_are_in_their_columns(tmp_path: Path) -> None:
    made = _solution(
        ("XX.ABC.00", "P", "2020-06-23T15:29:04.123", "up", 1.0),
        ("XX.ABCD.", "P", "2020-06-23T15:29:59.996", "down", 0.5),
        ("XX.ABC.00", "S", "2020-06-23T15:30:07.5", "unknown", 0.25),
        ("XX.LATE.", "S", "2020-06-23T15:30:09.25", "unknown", 1.0),
        depth_fixed=True,
    )
    written = write_hypo71(tmp_path / "a.pha", [made])
    assert written.left_out == ()
    assert (tmp_path / "a.pha").read_text().splitlines() == [
        "ABC  PU0 2006231529 4.12       67.50 S 3",
        "ABCD PD2 2006231530 0.00",
        "LATE P 4 2006231530 9.25        9.25 S 0",
        "                 11  7.2",
    ]
    # columns as the manual counts them, from 1
    card = " " + (tmp_path / "a.pha").read_text().splitlines()[0]
    assert (card[1:5], card[6], card[7], card[8]) == ("ABC ", "P", "U", "0")
    assert (card[10:16], card[16:18], card[18:20], card[20:25]) == ("200623", "15", "29", " 4.12")
    assert (card[32:37], card[38], card[40]) == ("67.50", "S", "3")


def test_hypo71_comes_back_to_a_hundredth_of_a_second(tmp_path: Path, quake: Maker) -> None:
    made = [quake(i) for i in range(20)]
    written = write_hypo71(tmp_path / "a.pha", made)
    assert written.left_out == ()
    groups = read_hypo71(tmp_path / "a.pha", names=written.names)
    for solution, group in zip(made, groups, strict=True):
        ours = {(a.pick.trace_id, a.phase): a.pick for a in solution.arrivals}
        for pick in group.picks:
            one = ours.pop((pick.trace_id, pick.phase))
            assert abs(one.time_ns - pick.time_ns) <= 5_000_000
            assert pick.polarity == ("unknown" if pick.phase == "S" else one.polarity)
        assert not ours


@settings(max_examples=100)
@given(st.integers(utc_ns("1960-01-01"), utc_ns("2059-12-31")), st.integers(0, 99 * 10**9), st.floats(0, 1))
def test_any_time_survives_a_card(
    tmp_path_factory: pytest.TempPathFactory, p_ns: int, later_ns: int, weight: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "t.pha"
    picks = [Pick("XX.A.", phase, at, 0.5, 0.1, at) for phase, at in (("P", p_ns), ("S", p_ns + later_ns))]
    arrivals = tuple(Arrival(pick, pick.phase, 1.0, 1.0, 0.0, weight) for pick in picks)
    written = write_hypo71(path, [Solution(Event("e", p_ns, 0.0, 0.0), arrivals)])
    found = read_hypo71(path)
    told = {pick.phase: pick.time_ns for group in found for pick in group.picks}
    for pick in picks:
        if pick.phase in told:
            assert abs(told[pick.phase] - pick.time_ns) <= 5_000_000
        else:
            assert weight < 0.125 or written.left_out


def test_what_hypo71_cannot_say_is_told(tmp_path: Path) -> None:
    made = _solution(
        ("XX.ABCDE.", "P", "2020-01-01T00:00:50", "up", 1.0),
        ("YY.ABCD.", "P", "2020-01-01T00:00:50", "up", 1.0),
        ("ZZ.ABCD.", "P", "2020-01-01T00:00:50", "up", 1.0),
        ("ZZ.ABCD.10", "P", "2020-01-01T00:00:51", "up", 1.0),
        ("XX.FAR.", "P", "2020-01-01T00:00:50", "up", 1.0),
        ("XX.FAR.", "S", "2020-01-01T00:01:41", "up", 1.0),
        ("XX.FAR.", "Lg", "2020-01-01T00:01:45", "up", 1.0),
    )
    old = _solution(("XX.A.", "P", "1911-01-01T00:00:00", "up", 1.0), event_id="old")
    written = write_hypo71(tmp_path / "a.pha", [made, old, Solution(Event("bare", 0, 0.0, 0.0))])
    assert written.names == {"ABC2": "XX.ABCDE.", "ABCD": "YY.ABCD.", "ABC3": "ZZ.ABCD.", "FAR": "XX.FAR."}
    told = dict(written.left_out)
    assert told["XX.ABCDE."] == "the format has 4 letters for a station: it is 'ABC2'"
    assert told["ZZ.ABCD."] == "the format has 4 letters for a station: it is 'ABC3'"
    assert "no such" not in told
    assert "the first holds" in told["event e1: P at ZZ.ABCD.10"]
    assert "100 s or more" in told["event e1: S at FAR"]
    assert "the format knows P and S only" in told["event e1: Lg at XX.FAR."]
    assert "1911 cannot be told" in told["event old"]
    assert "no arrival" in told["event bare"]
    (group,) = read_hypo71(tmp_path / "a.pha", names=written.names)
    assert [pick.trace_id for pick in group.picks] == ["XX.ABCDE.", "YY.ABCD.", "ZZ.ABCD.", "XX.FAR."]


def test_hypo71_of_other_programs_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.pha").write_text(
        "GRX IPU0 9402172216 4492       52.10ES 2\n"
        "WET EP-  940217 2 1   5.\n\n\n"
        "ABC  P 4 9402172216 1.00        9.00 S\n"
    )
    first, second = read_hypo71(tmp_path / "a.pha")
    assert [(p.trace_id, p.phase, p.time, p.polarity, p.probability) for p in first.picks] == [
        (".GRX.", "P", "1994-02-17T22:16:44.920000Z", "up", 1.0),
        (".GRX.", "S", "1994-02-17T22:16:52.100000Z", "unknown", 0.5),
        (".WET.", "P", "1994-02-17T02:01:05.000000Z", "down", 1.0),
    ]
    assert [(p.phase, p.time) for p in second.picks] == [("S", "1994-02-17T22:16:09.000000Z")]


def test_nonlinloc_comes_back_to_a_microsecond(tmp_path: Path, quake: Maker) -> None:
    made = [quake(i) for i in range(20)]
    written = write_nonlinloc(tmp_path / "a.obs", made)
    assert written.left_out == ()
    groups = read_nonlinloc(tmp_path / "a.obs", names=written.names)
    for solution, group in zip(made, groups, strict=True):
        assert group.event_id == solution.event.event_id
        for arrival, pick in zip(solution.arrivals, group.picks, strict=True):
            assert (pick.trace_id, pick.phase, pick.polarity) == (arrival.pick.trace_id, arrival.phase, "up")
            assert abs(pick.time_ns - arrival.pick.time_ns) <= 500
            assert pick.sigma_s == pytest.approx(arrival.pick.sigma_s, rel=0.005)


def test_nonlinloc_is_what_obspy_writes_of_the_same_picks(tmp_path: Path) -> None:
    made = _solution(
        ("XX.GRX.", "P", "2020-06-23T15:29:04.1234", "up", 1.0),
        ("XX.STATIO.", "S", "2020-06-23T15:30:59.5", "unknown", 1.0),
    )
    write_nonlinloc(tmp_path / "ours.obs", [made])
    write_quakeml(tmp_path / "a.xml", [made])
    obspy.read_events(str(tmp_path / "a.xml")).write(str(tmp_path / "theirs.obs"), format="NLLOC_OBS")
    lines = [
        [line.split() for line in (tmp_path / name).read_text().splitlines() if " GAU " in line]
        for name in ("ours.obs", "theirs.obs")
    ]
    for ours, theirs in zip(*lines, strict=True):
        assert (ours[0], ours[4], ours[6:8]) == (theirs[0], theirs[4], theirs[6:8])
        assert ours[5].lower() == theirs[5]
        told = [[float(words[i]) for i in (8, 10, 11, 12, 13)] for words in (ours, theirs)]
        assert told[0] == told[1]
        assert ours[9] == theirs[9] == "GAU"
    groups = read_nonlinloc(tmp_path / "theirs.obs")
    assert [pick.time_ns for group in groups for pick in group.picks] == [a.pick.time_ns for a in made.arrivals]


def test_what_nonlinloc_cannot_say_is_told(tmp_path: Path) -> None:
    made = _solution(
        ("XX.STATION.", "P", "2020-01-01T00:00:50", "up", 1.0),
        ("XX.STATIO.", "Pn", "2020-01-01T00:00:59.9999999", "up", 0.0),
        ("XX.STATIO.00", "PKIKPPKIKP", "2020-01-01T00:00:59.9999999", "up", 0.0),
        event_id="a\nb",
    )
    written = write_nonlinloc(tmp_path / "a.obs", [made, Solution(Event("bare", 0, 0.0, 0.0))])
    assert written.names == {"STATI2": "XX.STATION.", "STATIO": "XX.STATIO."}
    told = dict(written.left_out)
    assert told["XX.STATION."] == "the format has 6 letters for a station: it is 'STATI2'"
    assert "6 letters for a phase" in told["event a\nb: 'PKIKPPKIKP' at XX.STATIO.00"]
    assert told["event bare"] == "it has no arrival"
    (group,) = read_nonlinloc(tmp_path / "a.obs", names=written.names)
    assert group.event_id == "a\nb"
    assert [(p.trace_id, p.time, p.probability) for p in group.picks] == [
        ("XX.STATION.", "2020-01-01T00:00:50.000000Z", 1.0),
        ("XX.STATIO.", "2020-01-01T00:01:00.000000Z", 0.0),
    ]


@pytest.mark.parametrize(
    ("kind", "content", "sentence"),
    [
        ("hypo71", b"GRX IQU0 9402172216 4492\n", "line 1: it is no phase card"),
        ("hypo71", b"\n\nGRX IPU0 9413172216 4492\n", "line 3"),
        ("hypo71", b"GRX IPU9 9402172216 4492\n", "weight code '9'"),
        ("hypo71", b"GRX IPU0 94\n", "columns 20 to 24"),
        ("hypo71", b"GRX IPU0 9402172216 nan.\n", "could not convert"),
        ("hypo71", b"GRX IPU0 940217221699e9.\n", "could not convert"),
        ("hypo71", b"GRX IPU0 94021722162.e5\n", "no time of an arrival"),
        ("hypo71", "GRÜX IPU0 9402172216 4492\n".encode("latin-1"), "line 1: it is not UTF-8"),
        ("hypo71", b"GRX \x00PU0 9402172216 4492\n", "line 1: it is no line of text"),
        ("nonlinloc", b"GRX ? ? ? P U 19940217 2216 44.92\n", "it has 9 fields"),
        ("nonlinloc", b"GRX ? ? ? P U 19941317 2216 44.92 GAU 1e-2\n", "line 1"),
        ("nonlinloc", b"GRX ? ? ? P U 19940217 2216 inf GAU 1e-2\n", "no time of an arrival"),
        ("nonlinloc", b"GRX ? ? ? P U 19940217 2216 44.92 GAU -1e-2\n", "sigma -0.01"),
        ("nonlinloc", b"GRX ? ? ? P U 19940217 2216 44.92 GAU nan\n", "sigma nan"),
    ],
)
def test_a_phase_file_that_is_none_is_refused_with_its_line(
    kind: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    with pytest.raises(FormatError, match=sentence) as caught:
        READERS[kind](tmp_path / "bad.txt")
    assert "bad.txt" in str(caught.value)


# -- all ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(READERS))
def test_noise_a_cut_file_a_huge_file_and_no_file_are_one_sentence(kind: str, tmp_path: Path, quake: Maker) -> None:
    WRITERS[kind](tmp_path / "a", [quake(i) for i in range(3)])
    whole = (tmp_path / "a").read_bytes()
    noise = random.Random(3).randbytes(3000)
    for number, content in enumerate([noise, b"\x00" * 5000, whole[: len(whole) // 2], whole[:20] + noise + whole]):
        path = tmp_path / f"bad{number}"
        path.write_bytes(content)
        if kind in ("hypo71", "nonlinloc", "csv-events", "csv-picks") and number == 2:
            continue  # a table cut at the end of a line is a shorter table
        with pytest.raises(FormatError, match=f"bad{number}"):
            READERS[kind](path)
    with (tmp_path / "huge").open("wb") as handle:
        handle.truncate(2**40)
    with pytest.raises(FormatError, match="1099511627776 bytes"):
        READERS[kind](tmp_path / "huge")
    for missing in ("none", ".", "a\x00b"):
        with pytest.raises(NotFoundError):
            READERS[kind](tmp_path / missing)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_a_file_with_a_fault_is_read_or_refused_and_never_worse(kind: str, tmp_path: Path, quake: Maker) -> None:
    rng = random.Random(kind)
    path = tmp_path / "a"
    WRITERS[kind](path, [quake(i, n_stations=2) for i in range(2)])
    whole = path.read_bytes()
    read = READERS.get(kind, read_quakeml)
    faults = [b"\n", b"9" * 30, *b'nan 1e999 - \xff < \x00 , " inf null \xd9\xa1'.split(b" ")]
    refused = 0
    for _ in range(60):
        place, length = rng.randrange(len(whole)), rng.choice([0, 0, 1, 10])
        path.write_bytes(whole[:place] + rng.choice(faults) + whole[place + length :])
        try:
            read(path)
        except FormatError:
            refused += 1
    assert refused


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_contradictory_ids_leave_the_old_file(kind: str, tmp_path: Path, quake: Maker) -> None:
    path = tmp_path / "a"
    WRITERS[kind](path, [quake(1), quake(1)])
    before = path.read_bytes()
    WRITERS[kind](path, [quake(1)])
    assert path.read_bytes() == before
    with pytest.raises(InputError, match="event id 'fs00001': two different solutions have it"):
        WRITERS[kind](path, [quake(1), replace(quake(1), model="other")])
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a"]
    with pytest.raises(OutputError, match="its folder does not exist"):
        WRITERS[kind](tmp_path / "far" / "a", [quake(1)])


FILL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {folder!r})
from conftest import make_quake
from test_formats import WRITERS
from foreshock.errors import OutputError
made = [make_quake(i) for i in range(200)]
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, resource.RLIM_INFINITY))
for kind, write in WRITERS.items():
    path = Path({out!r}, kind)
    try:
        write(path, made)
        print(kind, "was written")
    except OutputError as error:
        print(kind, str(error).startswith(f"cannot write {{path}}: the system refused (File too large)"))
"""


def test_a_full_disk_leaves_no_file_and_one_sentence(tmp_path: Path) -> None:
    code = FILL.format(folder=str(Path(__file__).parent), out=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == [f"{kind} True" for kind in WRITERS], done.stderr
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None; sys.modules['pyarrow.parquet'] = None\n"
        "from pathlib import Path\nfrom foreshock.store.parquet import read_events_parquet\n"
        "try:\n    read_events_parquet(Path('a'))\nexcept ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "pip install 'foreshock[tables]'" in done.stdout


def test_a_table_opens_in_pandas(tmp_path: Path, quake: Maker) -> None:
    import pandas as pd

    write_events(tmp_path / "a.csv", [quake(i) for i in range(3)])
    write_events_parquet(tmp_path / "a.parquet", [quake(i) for i in range(3)])
    text, packed = pd.read_csv(tmp_path / "a.csv"), pd.read_parquet(tmp_path / "a.parquet")
    assert list(text.columns) == list(packed.columns)
    assert list(text.magnitude) == list(packed.magnitude)
    with (tmp_path / "a.csv").open(newline="") as handle:
        assert len(list(csv.reader(handle))) == 4
