"""The stages' verbs take files, speak to people and machines, and name what is wrong. Knows no stage's inside."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from foreshock.cli import main

STATIONS = "network,station,latitude,longitude\nXX,A,30.0,100.0\nXX,B,30.1,100.0\nXX,C,30.0,100.1\n"
PICKS = "trace_id,phase,time\nXX.A.,P,2020-01-01T00:00:00Z\nXX.Z.,P,2020-01-01T00:00:01Z\n"


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with stations and two picks, in which the commands are given."""
    (tmp_path / "stations.csv").write_text(STATIONS, encoding="utf-8")
    (tmp_path / "picks.csv").write_text(PICKS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(words.split())
    said = capsys.readouterr()
    return int(str(left.value.code or 0)), said.out, said.err


def test_picks_left_over_are_explained(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told("associate picks.csv --stations stations.csv --out a --explain", capsys)
    assert code == 0
    assert out.startswith("0 earthquakes, 0 picks belong to them; 2 items left out")
    assert "1 × station … has no coordinates (such as XX.Z.  P  2020-01-01T00:00:01.000000Z" in err
    with (there / "a" / "unused_picks.csv").open(encoding="utf-8", newline="") as lines:
        first, second = csv.DictReader(lines)
    assert (first["trace_id"], first["reason"]) == ("XX.A.", "no event about its time: too few picks agree on one")
    assert (second["trace_id"], second["phase"], second["time"]) == ("XX.Z.", "P", "2020-01-01T00:00:01.000000Z")
    assert second["reason"] == "station XX.Z. has no coordinates"


def test_stations_are_tried_without_picks(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    rows = [f"XX,S{k},{30 + rng.uniform(0, 0.5):.3f},{100 + rng.uniform(0, 0.5):.3f}" for k in range(12)]
    (there / "many.csv").write_text("network,station,latitude,longitude\n" + "\n".join(rows) + "\n", encoding="utf-8")
    words = "associate --self-test --stations many.csv --events 60"
    code, out, _ = told(words, capsys)
    assert code == 0
    assert out.startswith("12 stations, cells of ")
    assert re.search(r"\d+ of \d+ earthquakes with six picks or more came back \(\d+\.\d%\); \d+ of \d+ given are", out)
    found = json.loads(told(f"{words} --json", capsys)[1])
    assert found["recalled"] >= 0.9 * found["possible"] > 20
    assert found["false"] <= 2
    assert json.loads(told(f"{words} --json", capsys)[1]) | {"cpu_s": 0} == found | {"cpu_s": 0}
    assert json.loads(told(f"{words} --seed 1 --json", capsys)[1])["picks"] != found["picks"]
    far = json.loads(told(f"{words} --min-picks 12 --json", capsys)[1])
    assert far["settings"]["min_picks"] == 12
    assert far["found"] < found["found"]


def test_a_network_on_which_nothing_has_six_picks_is_told_so(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (there / "two.csv").write_text(
        "network,station,latitude,longitude\nXX,A,30.0,100.0\nXX,B,30.1,100.0\n", encoding="utf-8"
    )
    code, out, _ = told("associate --self-test --stations two.csv --events 20", capsys)
    assert code == 0
    assert "no earthquake had six picks" in out


def test_a_settings_file_is_heeded_and_flags_win(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (there / "s.toml").write_text("[associate]\nmin_picks = 9\nfalse_per_day = 1.0\n[locate]\n", encoding="utf-8")
    words = "associate --self-test --stations stations.csv --events 5 --settings s.toml --json"
    said = json.loads(told(words, capsys)[1])["settings"]
    assert (said["min_picks"], said["false_per_day"]) == (9, 1.0)
    said = json.loads(told(f"{words} --min-picks 7", capsys)[1])["settings"]
    assert (said["min_picks"], said["false_per_day"]) == (7, 1.0)


def test_machines_get_one_object(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told("associate picks.csv --stations stations.csv --out a --json", capsys)[0] == 0
    code, out, _ = told("locate a/catalog.xml --stations stations.csv --out b --json", capsys)
    said = json.loads(out)
    assert (code, said["task"], said["n"], said["events"]) == (0, "locate", 0, [])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("associate none.csv --stations stations.csv --out o", "none.csv"),
        ("associate picks.csv --stations none.xml --out o", "none.xml"),
        ("locate picks.csv --stations stations.csv --out o", "it is not well-formed XML"),
        ("locate picks.csv --stations stations.csv --out o --fixed-depth-km 90", "fixed_depth_km 90"),
        ("associate --stations stations.csv --out o", "both are needed but for a self-test"),
        ("associate picks.csv --stations stations.csv --self-test", "a self-test draws its own"),
        ("associate picks.csv --stations stations.csv --out o --settings none.toml", "none.toml"),
        ("predict there --stations stations.csv --out o --magnitudes ML,MX", "kinds"),
        ("predict there --out o", "--stations: a catalogue needs to know where stations stand"),
        ("predict https://host/query?net=XX --out o", "it says no station"),
        ("magnitude picks.csv there --stations stations.csv --out o --kind MX", "kinds"),
    ],
)
def test_what_is_wrong_is_one_sentence(there: Path, capsys: pytest.CaptureFixture[str], words: str, why: str) -> None:
    code, _, err = told(words, capsys)
    assert code == 1
    assert why in err
    assert "defect of Foreshock" not in err
    assert not (there / "o").exists()
