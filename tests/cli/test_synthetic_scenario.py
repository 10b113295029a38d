"""The verb of scenarios, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foreshock.cli.app import main

SHORT = "[scenario]\nstations = 3\nbefore_s = 3.0\nafter_s = 10.0\ntwin_after_max_s = 5.0\n"


def run(capsys: pytest.CaptureFixture[str], *told: object) -> tuple[int, str, str]:
    code = 0
    try:
        main(["collect", "synthetic-scenario", *map(str, told)])
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def short(tmp_path: Path) -> Path:
    (tmp_path / "short.toml").write_text(SHORT)
    return tmp_path / "short.toml"


@pytest.mark.parametrize(
    ("kind", "n_events", "names"),
    [("event", 1, []), ("twin", 2, []), ("quiet", 0, []), ("adversary:spikes,backlog", 0, ["spikes", "backlog"])],
)
def test_each_kind_is_made(
    kind: str, n_events: int, names: list[str], short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made"
    code, said, _ = run(capsys, "--out", out, "--kind", kind, "--settings", short, "--seed", 3, "--sites", 2, "--json")
    assert code == 0
    told = json.loads(said)
    assert told["schema"] == "foreshock.synthetic_scenario/1"
    assert (len(told["events"]), told["adversaries"]) == (n_events, names)
    truth = json.loads((out / "truth.json").read_text())
    assert len(truth["events"]) == n_events
    assert {item.name for item in out.iterdir()} == {
        *("archive", "packets.jsonl.gz", "site_truth.csv", "sites.csv", "stations.xml", "truth.json")
    }


def test_it_says_what_it_made(short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ("--out", tmp_path / "made", "--settings", short, "--magnitude", 6.1, "--family", "B", "--no-recordings")
    code, said, _ = run(capsys, *told)
    assert code == 0
    assert "M 6.1" in said
    assert "3 stations" in said
    assert "family B" in said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (("--kind", "triplet"), "kind 'triplet'"),
        (("--kind", "adversary:sonicboom"), "did you mean 'sonic_boom'"),
        (("--family", "C"), "family"),
        (("--stations", "0"), "stations"),
    ],
)
def test_what_is_not_known_is_told_and_nothing_is_left(
    told: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = run(capsys, "--out", tmp_path / "made", *told)
    assert code != 0
    assert said in error
    assert not (tmp_path / "made").exists()
