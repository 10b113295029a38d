"""The stages' verbs take files, speak to people and machines, and name what is wrong. Knows no stage's inside."""

from __future__ import annotations

import json
from pathlib import Path

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
    assert "XX.Z. P 2020-01-01T00:00:01.000000Z: station XX.Z. has no coordinates" in err


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
        ("magnitude picks.csv there --stations stations.csv --out o --kind MX", "kinds"),
    ],
)
def test_what_is_wrong_is_one_sentence(there: Path, capsys: pytest.CaptureFixture[str], words: str, why: str) -> None:
    code, _, err = told(words, capsys)
    assert code == 1
    assert why in err
    assert "defect of Foreshock" not in err
    assert not (there / "o").exists()
