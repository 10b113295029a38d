"""Folders of runs are read, found and, where they are damaged, refused with the file and the line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foreshock.errors import FormatError, NotFoundError
from foreshock.road.warning_runs import find_runs, read_run
from foreshock.road.warning_truth import read_warning_truth, truth_of

Folder = Callable[..., Any]


def test_a_run_is_read_as_it_was_written(say: Any, run_folder: Folder) -> None:
    message = say.Message(105.5, sites=[("A", 5.5, 5.0, 109.0, 110.0), ("B", 3.0, None, None, None)])
    path = run_folder().write(
        {"w": [message, say.Message(107.0, confidence="confirmed"), say.Message(108.0, cancel=True)]},
        beliefs={"w": [say.Belief(105.5, version=1), say.Belief(106.0, ellipse=None)]},
        picks=[("XX.S4.", "P", 103.0, "w")],
    )
    run = read_run(path)
    assert run.alerts["message_type"].to_list() == ["alert", "update", "cancel"]
    assert run.alerts["issued_ns"].to_list() == [say.at(105.5), say.at(107.0), say.at(108.0)]
    site = run.sites.iloc[0]
    assert (site["site_id"], site["intensity_q50"], site["threshold_ns"]) == ("A", 5.5, say.at(110.0))
    assert run.sites["threshold"].to_list() == [5.0, 4.0]  # of B nobody tells one
    assert read_run(path, site_threshold=3.5).sites["threshold"].to_list() == [5.0, 3.5]
    assert run.estimates["alert_version"].fillna(-1).to_list() == [1, -1]
    assert np.isnan(run.estimates["major_km"].iloc[1])
    assert run.picks["available_ns"].to_list() == [say.at(104.4)]
    assert (len(run.used), run.span_s, run.kind_of_data) == (9, 86_400.0, "synthetic")
    assert run.latency["total_ms"].to_list() == pytest.approx([1412.0] * 3)


def test_alerts_alone_are_a_run(say: Any, run_folder: Folder) -> None:
    path = run_folder().write({"w": [say.Message(105.5)]})
    for name in ("warn.json", "picks.csv", "latency.csv"):
        (path / name).unlink()
    run = read_run(path)
    assert (len(run.alerts), len(run.stations), len(run.estimates), run.started_ns) == (1, 0, 0, None)


def test_runs_are_found_within_folders_by_name(run_folder: Folder, tmp_path: Path) -> None:
    for name in ("many/b", "many/a", "many/deep/c"):
        run_folder(name).write({})
    found = find_runs([tmp_path / "many", tmp_path / "many" / "a"])
    assert [path.name for path in found] == ["a", "b", "c"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match="empty.*alerts.jsonl"):
        find_runs([tmp_path / "empty"])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("alerts.jsonl", b"{not json", "line 1"),
        ("alerts.jsonl", b"\xff\xfe", "UTF-8"),
        ("alerts.jsonl", b'{"alert_id":"a"}', "line 1"),
        ("estimates.csv", b"event_id\nw\n", "known_at"),
        (
            "estimates.csv",
            b"event_id,known_at,magnitude_q50\nw,yesterday,5\n",
            "line 2 of column known_at is 'yesterday'",
        ),
        ("estimates.csv", b"event_id,known_at,magnitude_q50\nw,2026-03-01T00:00:00Z,inf\n", "'inf'"),
        ("estimates.csv", b"event_id,known_at\nw,2026-03-01T00:00:00Z,7\n", "another number of cells"),
        ("estimates.csv", b"event_id,known_at\n,2026-03-01T00:00:00Z\n", "event_id is empty"),
        ("estimates.csv", b"event_id,event_id,known_at\n", "each column once"),
        ("picks.csv", b"trace_id,phase,time\n\x80,P,2026-03-01T00:00:00Z\n", "UTF-8"),
        ("warn.json", b"[]", "one JSON object"),
        ("warn.json", b'{"x": NaN}', "NaN"),
        ("warn.json", b"[" * 100_000, "JSON"),
        ("warn.json", b'{"stations": [{"station_id": "A", "latitude": 99, "longitude": 0}]}', "station"),
        ("warn.json", b'{"started": "2026-03-02T00:00:00Z", "ended": "2026-03-01T00:00:00Z"}', "ends before it begins"),
        ("warn.json", b'{"started": "soon"}', "soon"),
    ],
)
def test_a_damaged_file_is_refused_with_its_name_and_place(
    say: Any, run_folder: Folder, name: str, content: bytes, told: str
) -> None:
    path = run_folder().write({"w": [say.Message(105.5)]})
    (path / name).write_bytes(content)
    with pytest.raises(FormatError) as refused:
        read_run(path)
    assert told in str(refused.value)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("broken", ["latitude", "magnitude", "origin_time", "issued_at"])
def test_a_message_without_a_column_is_refused(say: Any, run_folder: Folder, broken: str) -> None:
    path = run_folder().write({"w": [say.Message(105.5)]})
    told = json.loads((path / "alerts.jsonl").read_text())
    told[broken] = {"q05": "x"} if broken == "magnitude" else "x"
    (path / "alerts.jsonl").write_text(json.dumps(told))
    with pytest.raises(FormatError, match="message 1"):
        read_run(path)


# -- truth -------------------------------------------------------------------------------------------------------------


def test_the_simulators_truth_is_read(say: Any, tmp_path: Path) -> None:
    adversaries = [{"kind": "spike", "start": say.iso(50.0), "duration_s": 2.0}, "storm",
                   {"kind": "teleseism", "time": say.iso(60.0), "end": say.iso(90.0)}]  # fmt: skip
    path = say.write_truth(
        tmp_path, [{"event_id": "t", "origin_s": 100.0}], p_s={"t": [102.0, 103.0]}, adversaries=adversaries,
        sites=[("t", "A", 5.5, 5.0, 110.0, 108.0), ("t", "B", 3.0, 5.0, None, None)],
    )  # fmt: skip
    truth = read_warning_truth(path)
    assert truth.synthetic
    assert truth.events["time_ns"].to_list() == [say.at(100.0)]
    assert truth.arrivals["p_ns"].to_list() == [say.at(102.0), say.at(103.0)]
    assert truth.sites["crossed_ns"].isna().to_list() == [False, True]
    spike = truth.adversaries[0]
    assert (spike.kind, spike.start_ns, spike.end_ns) == ("spike", say.at(50.0), say.at(52.0))
    assert truth.adversaries[1].start_ns < 0 < truth.adversaries[1].end_ns
    assert truth.adversaries[2].end_ns == say.at(90.0)


def test_a_catalogue_is_truth_too(tmp_path: Path) -> None:
    head = "event_id,time,latitude,longitude,depth_km,magnitude,magnitude_type"
    text = f"{head}\nus1,2020-06-23T15:29:04Z,15.9,-96.0,22.6,7.4,Mw\n"
    (tmp_path / "truth.csv").write_text(text)
    truth = read_warning_truth(tmp_path / "truth.csv")
    assert not truth.synthetic
    assert truth.events["magnitude"].to_list() == [7.4]
    assert len(truth.quakes) == 1
    assert len(truth.arrivals) == 0


def test_equal_truths_share_their_name_and_others_do_not(say: Any, tmp_path: Path) -> None:
    told = (("a", "t"), ("b", "t"), ("c", "u"))
    paths = [say.write_truth(tmp_path / name, [{"event_id": event}]) for name, event in told]
    names = [read_warning_truth(path).name for path in paths]
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"schema": "other/1", "events": []}', "other/1"),
        ('{"schema": "foreshock.warning_truth/1"}', "events"),
        ('{"schema": "foreshock.warning_truth/1", "events": [{"event_id": "t"}]}', "origin_time"),
        ('{"schema": "foreshock.warning_truth/1", "events": [7]}', "AttributeError"),
        ('{"schema": "foreshock.warning_truth/1", "events": [], "adversaries": [{"start": "x"}]}', "'x'"),
    ],
)
def test_a_damaged_truth_is_refused(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(content)
    with pytest.raises(FormatError) as refused:
        read_warning_truth(path)
    assert told in str(refused.value)


def test_an_event_that_stands_twice_or_nowhere_is_refused(say: Any, tmp_path: Path) -> None:
    for events, told in (([{"event_id": "t"}] * 2, "twice"), ([{"event_id": "t", "latitude": 99.0}], "99")):
        with pytest.raises(FormatError, match=told):
            read_warning_truth(say.write_truth(tmp_path, events))


def test_the_truth_of_a_run_lies_where_it_is_said(say: Any, run_folder: Folder, tmp_path: Path) -> None:
    path = run_folder("one").write({})
    with pytest.raises(NotFoundError, match="run one has none there"):
        truth_of(path, None)
    own = say.write_truth(path, [{"event_id": "t"}])
    by_name = say.write_truth(tmp_path / "truths" / "one", [{"event_id": "t"}])
    shared = say.write_truth(tmp_path / "shared", [{"event_id": "t"}])
    assert truth_of(path, None) == own
    assert truth_of(path, tmp_path / "truths") == by_name
    assert truth_of(path, tmp_path / "shared") == truth_of(path, shared) == shared
