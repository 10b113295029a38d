"""The verb `warn`, as a user types it: a folder comes of a scenario; what cannot be done is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foreshock.cli.app import main
from foreshock.collect.synthetic.scenario import ScenarioSettings, make_scenario, write_scenario


def run(capsys: pytest.CaptureFixture[str], *told: object) -> tuple[int, str, str]:
    code = 0
    try:
        main(["warn", *map(str, told)])
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small scenario's files."""
    folder = tmp_path_factory.mktemp("scenario")
    told = {"family": "B", "stations": 9, "magnitude": 5.5, "before_s": 20.0, "after_s": 12.0, "seed": 3}
    write_scenario(make_scenario(ScenarioSettings(**told)), folder, sites=3)
    return folder


def test_a_scenario_s_packets_become_alerts(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "--replay",
        made,
        "--stations",
        made / "stations.xml",
        "--sites",
        made / "sites.csv",
        "--out",
        tmp_path / "a",
    )
    code, out, err = run(capsys, *words, "--relation", "synthetic_a", "--no-report", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["schema"] == "foreshock.warned/1"
    assert told["alerts"] >= 2
    first = json.loads((tmp_path / "a" / "alerts.jsonl").read_text().splitlines()[0])
    assert (first["status"], len(first["sites"])) == ("test", 3)
    facts = json.loads((tmp_path / "a" / "warn.json").read_text())
    assert (facts["mode"], facts["kind_of_data"]) == ("replay", "synthetic")
    assert facts["settings"]["relation"] == "synthetic_a"


def test_recordings_become_alerts_like_packets_do(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--replay", made / "archive", "--stations", made / "stations.xml", "--out", tmp_path / "a")
    code, out, err = run(capsys, *words, "--relation", "synthetic_a", "--no-report", "--json")
    assert code == 0, err
    assert json.loads(out)["alerts"] >= 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--out", "a"), "--replay and --seedlink"),
        (("--out", "a", "--replay", "x", "--seedlink", "h:1"), "--replay and --seedlink"),
        (("--out", "a", "--replay", "nowhere", "--stations", "x"), "nowhere"),
        (("--out", "a", "--replay", "{made}"), "--stations"),
        (
            ("--out", "a", "--replay", "{made}", "--stations", "{made}/stations.xml", "--relation", "wu"),
            "relation 'wu'",
        ),
        (("--out", "a", "--replay", "{made}", "--stations", "{made}/none.xml"), "none.xml"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name_and_leaves_nothing(
    words: tuple[str, ...], named: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, *(word.format(made=made) for word in words))
    assert code != 0
    assert named in err
    assert not (tmp_path / "a").exists()


def test_a_finished_folder_is_not_written_over(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine.txt").write_text("mine")
    code, _, err = run(capsys, "--replay", made, "--stations", made / "stations.xml", "--out", tmp_path / "a")
    assert code != 0
    assert str(tmp_path / "a") in err
    assert [one.name for one in (tmp_path / "a").iterdir()] == ["mine.txt"]
