"""The trials of pickers: the lists are what their rules make, and every score is what was counted."""

from __future__ import annotations

import csv
import importlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.evaluate.pick_tally import LabelledTrace
from foreshock.evaluate.quiet import Quiet
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
MINUTE = utc_ns("2020-03-28T13:35:00Z")


def imported(name: str) -> Iterator[ModuleType]:
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def trials() -> Iterator[ModuleType]:
    yield from imported("pick_trials")


@pytest.fixture(scope="module")
def lists() -> Iterator[ModuleType]:
    yield from imported("pick_trial_lists")


def pick(trace_id: str, phase: str, at_s: float, *, since_ns: int = 0) -> Pick:
    time_ns = since_ns + round(at_s * NS_PER_S)
    return Pick(trace_id, phase, time_ns, probability=0.5, sigma_s=0.1, available_at_ns=time_ns)


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / "trials" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.realdata
def test_the_lists_are_what_their_rules_make_of_the_recordings(lists: ModuleType, realdata: Path) -> None:
    again = lists.made(realdata)
    assert set(again) == {"ncedc.csv", "picks_misc.csv", "gujarat.csv", "luhu_continuous.json", "trials.json"}
    for name, text in again.items():
        assert (FOLDER / "trials" / name).read_text(encoding="utf-8") == text, name


def test_an_event_lies_in_one_fold_and_folds_are_even() -> None:
    fold_of: dict[str, set[str]] = {}
    for row in rows("ncedc"):
        fold_of.setdefault(row["event_id"], set()).add(row["fold"])
    assert {len(folds) for folds in fold_of.values()} == {1}
    counts = {n: Counter(row["fold"] for row in rows("ncedc") if row["components"] == n) for n in "31"}
    assert sum(counts["3"].values()) == 76
    assert sum(counts["1"].values()) == 29
    assert set(counts["3"]) == set("01234")
    for each in counts.values():
        assert max(each.values()) - min(each.values()) <= 1


def test_folds_follow_from_the_seed(lists: ModuleType) -> None:
    events = {f"event {k}": k % 3 > 0 for k in range(50)}
    assert lists.folds(events, seed=4) == lists.folds(dict(reversed(events.items())), seed=4)
    assert lists.folds(events, seed=4) != lists.folds(events, seed=5)


def test_agreed_onsets_are_a_part_of_the_test_records() -> None:
    told = json.loads((FOLDER / "trials" / "trials.json").read_text(encoding="utf-8"))
    assert told["n"]["gujarat"] == len(rows("gujarat")) == 277
    assert told["n"]["gujarat_agreed"] == sum(bool(row["p"]) for row in rows("gujarat")) == 235
    assert told["n"]["picks_misc"] == len(rows("picks_misc"))


def test_quiet_minutes_are_whole_and_lie_in_the_span() -> None:
    told = json.loads((FOLDER / "trials" / "luhu_continuous.json").read_text(encoding="utf-8"))
    minutes = [utc_ns(text) for text in told["quiet_minutes"]]
    assert minutes == sorted(set(minutes))
    assert all(minute % (60 * NS_PER_S) == 0 for minute in minutes)
    assert utc_ns("2020-03-28T13:30:00Z") <= minutes[0]
    assert minutes[-1] < utc_ns("2020-03-28T14:10:00Z")


def test_every_origin_is_left_out_with_one_fold(trials: ModuleType) -> None:
    flat = [origin for some in trials.ORIGIN_FOLDS for origin in some]
    assert sorted(flat) == sorted({row["origin"] for row in rows("picks_misc")})
    assert len(trials.ORIGIN_FOLDS) == 5


def made(trials: ModuleType) -> object:
    """Two labelled records, the same two as calculated ones, and one quiet minute of two."""
    traces = tuple(LabelledTrace(name, name, p_ns=20 * NS_PER_S, s_ns=25 * NS_PER_S) for name in ("a", "b"))
    quiet = Quiet((MINUTE,), 2, 1, ("X", "Y"))
    everything = Quiet((MINUTE, MINUTE + 60 * NS_PER_S), 2, 1, ("X", "Y"))
    labelled = (trials.Trial("all", "ncedc", traces), trials.Trial("kept", "ncedc", traces[:1], held_out=True))
    return trials.Trials(labelled, traces, quiet, everything)


SAID = {
    "ncedc": [pick("a", "P", 20.05), pick("a", "S", 25.3), pick("a", "P", 40), pick("b", "P", 21.0)],
    "gujarat": [pick("a", "P", 22.9), pick("a", "S", 14.0), pick("b", "S", 20.0), pick("b", "P", 23.1)],
    "luhu_continuous": [pick("X", "P", 10, since_ns=MINUTE), pick("Y", "S", 70, since_ns=MINUTE)],
}


def test_every_score_is_what_was_counted(trials: ModuleType) -> None:
    told = {(row["trial"], row["picker"]): row["scores"] for row in trials.scored({"one": SAID}, made(trials), n=50)}
    assert set(told) == {("all", "one"), ("kept", "one"), ("gujarat", "one"), ("luhu quiet", "one")}
    both = told["all", "one"]
    assert (both["p_within_0.1_s"].value, both["s_within_0.1_s"].value, both["s_within_0.5_s"].value) == (0.5, 0, 0.5)
    assert both["other_per_record"].value == 1.0
    assert both["p_precision"].value == pytest.approx(1 / 3)
    assert told["gujarat", "one"]["found"].value == 0.5
    assert told["gujarat", "one"]["before_per_record"].value == 0.5
    assert told["luhu quiet", "one"]["quiet_per_station_hour"].value == 30.0
    assert told["luhu quiet", "one"]["all_per_station_hour"].value == 30.0
    assert told["luhu quiet", "one"]["all_p_per_station_hour"].value == 15.0


def test_no_pick_at_all_still_leaves_a_rate_possible(trials: ModuleType) -> None:
    scores = trials.false_picks([], made(trials))
    assert scores["quiet_per_station_hour"].value == 0
    assert scores["quiet_at_most"].value == pytest.approx(-np.log(0.05) * 30, rel=1e-6)


def test_who_has_learnt_from_records_is_scored_on_others_only(trials: ModuleType) -> None:
    told = trials.scored({"one": SAID, "two": SAID}, made(trials), held_out=["two"], n=20)
    assert [row["trial"] for row in told if row["picker"] == "two"] == ["kept", "gujarat", "luhu quiet"]
    assert "all" in [row["trial"] for row in told if row["picker"] == "one"]


def test_a_set_that_was_not_asked_about_is_not_scored(trials: ModuleType) -> None:
    told = trials.scored({"one": {"ncedc": SAID["ncedc"]}}, made(trials), n=20)
    assert {row["trial"] for row in told} == {"all", "kept"}


def test_picks_are_kept_and_read_again(trials: ModuleType, tmp_path: Path) -> None:
    trials.keep(tmp_path / "one", SAID)
    again = trials.said_by(str(tmp_path / "one"), tmp_path)
    assert {name: [(p.trace_id, p.phase, p.time_ns) for p in picks] for name, picks in again.items()} == {
        name: [(p.trace_id, p.phase, p.time_ns) for p in picks] for name, picks in SAID.items()
    }


def test_tables_and_json_name_every_picker(trials: ModuleType) -> None:
    told = trials.scored({"one": SAID, "two": SAID}, made(trials), n=20)
    text = trials.markdown(told)
    assert text.count("| one |") == text.count("| two |") == 4
    plain = json.loads(json.dumps(trials.as_json(told)))
    assert {row["picker"] for row in plain} == {"one", "two"}
    assert all("first_minus_this" in row for row in plain if row["picker"] == "two" and row["trial"] == "all")


def test_the_committed_results_hold_the_known_peer(trials: ModuleType) -> None:
    told = json.loads((FOLDER / "trials" / "results.json").read_text(encoding="utf-8"))
    row = next(r for r in told["rows"] if r["picker"] == "eqt_original" and r["trial"] == "ncedc, 3 components")
    known = {"p_within_0.1_s": 0.947, "p_within_0.5_s": 0.961, "s_within_0.1_s": 0.908, "s_within_0.5_s": 0.947}
    assert {name: round(row["scores"][name]["value"], 3) for name in known} == known
    assert row["scores"]["other_per_record"]["value"] == 0.25


def test_a_peer_gets_zeros_behind_what_is_shorter_than_its_window() -> None:
    for peers in imported("pick_peers"):
        wave = Waveform(
            np.ones((3, 1200), np.float32), 100.0, 0, "XX.A.", valid=np.array([[1], [1], [0]]) > [[0] * 1200]
        )
        longer = peers.padded(wave)
        assert longer.span_s == pytest.approx(60.1)
        assert longer.data[0, :1200].all()
        assert not longer.data[:, 1200:].any()
        assert not longer.valid[2].any()
        assert longer.valid[:2].all()
        assert peers.padded(longer) is longer
        assert [trace.stats.channel for trace in peers.stream_of(wave)] == ["HHZ", "HHN"]
