"""The verb `pick` prints, writes and explains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import obspy
import pytest

from foreshock.cli import main
from foreshock.evaluate.pick_tables import read_picks


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main([str(one) for one in arguments])
    said = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, said.out, said.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two stations, one of which records nothing but zeros, and a file that is no recording."""
    folder = tmp_path / "记录"
    folder.mkdir()
    stream = obspy.read()
    stream.write(str(folder / "a.mseed"), format="MSEED")
    for trace in stream:
        trace.data = np.zeros(len(trace.data), np.int32)
        trace.stats.station = "STILL"
    stream.write(str(folder / "b.mseed"), format="MSEED")
    (folder / "c.txt").write_text("no recording")
    return folder


def test_picks_are_told_to_machines_with_reasons_and_what_was_skipped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "pick", folder, "--json")
    assert code == 0, err
    told: dict[str, Any] = json.loads(out)
    assert told["schema"] == "foreshock.pick/1"
    assert told["picker"] == "picker"
    assert told["n"] == len(told["picks"]) == 2
    assert told["picks"][0]["time"].startswith("2009-08-24T00:20:07.")
    assert told["reasons"][0]["reason"] == "every sample is the same"
    assert told["skipped"][0]["item"].endswith("c.txt")


def test_picks_are_written_whole_and_never_over_another_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = folder.parent / "picks.csv"
    code, out, _ = run(capsys, "pick", folder, "--out", table)
    assert code == 0
    assert "2 picks by picker written to" in out
    assert [pick.phase for pick in read_picks(table).picks] == ["P", "S"]
    code, _, err = run(capsys, "pick", folder, "--out", table)
    assert code == 1
    assert "it exists" in err


def test_people_read_a_line_a_pick_and_a_line_a_reason(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "pick", folder, "--model", "sta_lta_aic", "--min-probability", "0.7")
    assert code == 0
    assert out.startswith("1 pick by sta_lta_aic\nBW.RJOB.  P  2009-08-24T00:20:07.72")
    assert "no pick on BW.STILL." in out


def test_a_wrong_picker_or_path_is_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "pick", folder, "--model", "sta_lta")
    assert code == 1
    assert "did you mean 'sta_lta_aic'" in err
    assert run(capsys, "pick", folder / "gone")[0] == 1
    assert run(capsys, "pick", folder, "--min-probability", "2")[0] == 2
