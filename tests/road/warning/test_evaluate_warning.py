"""The verb as a user types it: runs, truth and a rival in; tables, JSON and a page out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foreshock.cli import main

Folder = Callable[..., Any]


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main([str(one) for one in arguments])
    said = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, said.out, said.err


@pytest.fixture
def folders(run_folder: Folder, say: Any, tmp_path: Path) -> Path:
    """Two runs with their own truth, and a rival a second later in both."""
    for who, late_s in (("ours", 0.0), ("rival", 1.0)):
        for k, m in ((1, 5.1), (2, 5.3)):
            size = (m - 0.4, m, m + 0.4)
            sites = [("A", 6.0, 5.0, 109.0, 111.0)]
            message = say.Message(105.5 + late_s, size, sites=sites)
            belief = say.Belief(105.5 + late_s, size, version=1)
            folder = run_folder(f"{who}/run{k}").write({"w": [message]}, beliefs={"w": [belief]})
            felt = [("t", "A", 5.5, 5.0, 111.0, 109.0)]
            events = [{"event_id": "t", "magnitude": 5.0 + 0.01 * k}]
            say.write_truth(folder, events, p_s={"t": [102.0, 103.0]}, sites=felt)
    return tmp_path


def test_a_folder_of_runs_is_pooled_beside_a_rival(
    folders: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "scores"
    rival = f"late={folders / 'rival'}"
    code, said, noted = _run(
        capsys, "evaluate", "--task", "warning", folders / "ours", "--rival", rival, "--out", out, "--json"
    )
    assert code == 0, noted
    told = json.loads(said)
    assert told["schema"] == "foreshock.warning_scores/1"
    assert (told["n_runs"], told["n"], told["statement"]) == (2, 2, "synthetic: proves engineering, not science")
    ours = told["ours"]["measures"]
    assert ours["first_alert_after_p2_median_s"]["value"] == pytest.approx(2.5)
    assert ours["magnitude_bias_first"]["value"] == pytest.approx((0.09 + 0.28) / 2)
    assert ours["site_lead_median_s"]["value"] == pytest.approx(5.5)
    apart = told["rivals"]["late"]["ours_minus_rival"]
    assert apart["first_alert_after_origin_median_s"] == {"value": -1, "low": -1, "high": -1, "n": 2, "n_events": 2}
    assert [rule["name"] for rule in told["ours"]["rules"]] == ["declared", "shakealert"]
    assert len(told["inputs"]) == 4
    written = {path.name for path in out.iterdir() if not path.name.startswith(".")}
    assert written == {
        "warning_scores.json", "report.html", "pictures", "events.csv", "seconds.csv", "by_second.csv", "sites.csv",
        "runs.csv", "false_and_split.csv", "twins.csv",
    }  # fmt: skip
    assert json.loads((out / "warning_scores.json").read_text()) == told
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Synthetic: proves engineering, not science." in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_people_are_told_the_same_in_a_table(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, noted = _run(
        capsys, "evaluate", "--task", "warning", folders / "ours" / "run1", folders / "ours" / "run2"
    )
    assert code == 0, noted
    assert said.startswith("synthetic: proves engineering, not science\n2 runs, 2 true events, 2 warned")
    assert "false_per_station_day" in said
    assert "0 (< 0.167)" in said  # nine stations, two days, no false warning: 3 / 18
    assert "below 30" in noted


def test_another_rule_is_called_ones_own(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("evaluate", "--task", "warning", folders / "ours", "--within-s", "0.001", "--json")
    told = json.loads(_run(capsys, *arguments)[1])
    assert told["rule"] == {"name": "own", "within_s": 0.001, "within_km": 60.0}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--task", "warning"), "RUNS"),
        (("--task", "warning", "nowhere"), "nowhere"),
        (("--task", "warning", "{ours}", "--rival", "plum"), "NAME=DIR"),
        (("--task", "warning", "{ours}", "--rival", "ours={ours}"), "taken"),
        (("--task", "warning", "{ours}", "--truth", "nothing.json"), "nothing.json"),
        (("--task", "picks", "{ours}"), "only --task warning takes runs"),
        (("--task", "warming", "{ours}"), "only --task warning"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    folders: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    given = [one.replace("{ours}", str(folders / "ours")) for one in arguments]
    code, _, noted = _run(capsys, "evaluate", *given)
    assert code in (1, 2)
    assert told in noted
    assert "Traceback" not in noted


def test_a_failed_score_leaves_no_folder(folders: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (folders / "ours" / "run2" / "truth.json").write_text("{}")
    out = tmp_path / "none"
    code, _, noted = _run(capsys, "evaluate", "--task", "warning", folders / "ours", "--out", out)
    assert code == 1
    assert "schema" in noted
    assert not out.exists()
