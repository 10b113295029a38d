"""A recording made, a catalogue scored: the two verbs of synthetic networks, as a user types them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from foreshock.cli import main
from foreshock.clock import NS_PER_S, utc_ns
from foreshock.road.catalogue.writing import write_tables
from foreshock.types.event import Event
from foreshock.types.solution import Magnitude, Solution, Uncertainty


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main([str(one) for one in arguments])
    said = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, said.out, said.err


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "small.toml").write_text("[network_day]\nmagnitude_min = 1.5\n[network_day.ground]\nrate_hz = 25.0\n")
    told = ("--stations", "2", "--events", "6", "--span-s", "300", "--settings", str(folder / "small.toml"))
    with pytest.raises(SystemExit) as end:
        main(["collect", "synthetic-network", "--out", str(folder / "made"), *told, "--json"])
    assert end.value.code == 0
    return folder / "made" / "truth.csv"


@pytest.fixture(scope="module")
def catalogue(truth: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four of the six, 0.2 s late, with an ellipse, a depth and two magnitudes."""
    folder = tmp_path_factory.mktemp("found")
    with truth.open(newline="") as lines:
        rows = list(csv.DictReader(lines))[:4]
    solutions = [
        Solution(
            Event(
                f"f{k}",
                utc_ns(row["time"]) + NS_PER_S // 5,
                float(row["latitude"]),
                float(row["longitude"]),
                depth_km=float(row["depth_km"]) + 1,
                magnitude=float(row["magnitude"]),
                magnitude_type="ML",
            ),
            uncertainty=Uncertainty(1.0, 0.5, 20.0, time_s=0.1, gap_deg=90.0, rms_s=0.1, quality="A", depth_km=2.0),
            magnitudes=(Magnitude("ML", float(row["magnitude"]), 0.1, 3, "t"), Magnitude("Mw", 2.0, 0.1, 3, "t")),
        )
        for k, row in enumerate(rows)
    ]
    write_tables(folder, solutions, skipped=())
    return folder


def test_a_recording_is_written_with_its_truth(truth: Path) -> None:
    names = sorted(item.name for item in truth.parent.iterdir() if not item.name.startswith("."))
    assert names == ["archive", "arrivals.csv", "recorders.csv", "settings.json", "stations.xml", "truth.csv"]
    assert json.loads((truth.parent / "settings.json").read_text())["stations"] == 2


def test_a_folders_quakeml_adds_depth_time_and_all_magnitudes(
    truth: Path, catalogue: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked = ("--events", catalogue, "--truth", truth, "--out", tmp_path / "scores", "--json")
    code, out, _ = run(capsys, "evaluate", "--task", "catalogue", *asked)
    told = json.loads(out)
    assert code == 0
    assert (told["schema"], told["n_truth"], told["n_matched"]) == ("foreshock.event_scores/1", 6, 4)
    measures = {name: held["value"] for name, held in told["measures"].items()}
    assert measures["recall"] == pytest.approx(4 / 6)
    assert measures["origin_time_bias_s"] == pytest.approx(0.2, abs=1e-5)
    assert (measures["time_coverage_68"], measures["depth_coverage_68"]) == (0.0, 1.0)
    assert set(told["magnitudes"]) == {"ML", "Mw"}
    assert told["magnitudes"]["ML"]["bias"]["value"] == pytest.approx(0.0, abs=1e-9)
    assert json.loads((tmp_path / "scores" / "catalogue_scores.json").read_text()) == told
    assert len((tmp_path / "scores" / "pairs.csv").read_text().splitlines()) == 5


def test_a_table_alone_is_scored_without_what_it_does_not_tell(
    truth: Path, catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(
        capsys, "evaluate", "--task", "catalogue", "--events", catalogue / "events.csv", "--truth", truth
    )
    assert code == 0
    assert "4 found, 6 true, 4 matched within 3 s and 30 km" in out
    assert "time_coverage_68      –" in out
    assert "fewer than 30 earthquakes" in err


def test_a_run_that_found_nothing_is_scored_too(
    truth: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_tables(tmp_path, [], skipped=())
    code, out, _ = run(capsys, "evaluate", "--task", "catalogue", "--events", tmp_path, "--truth", truth, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["n_found"], told["measures"]["recall"]["value"]) == (0, 0.0)


def test_what_is_missing_is_named(truth: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, "evaluate", "--task", "catalogue", "--truth", truth)
    assert code
    assert "--events" in err
    code, _, err = run(capsys, "evaluate", "--task", "catalogue", "--truth", truth, "--events", tmp_path / "none")
    assert code
    assert "there is no such file or folder" in err
    bad = tmp_path / "truth.csv"
    bad.write_text("event_id,time,latitude,longitude,n_stations\na,2020-01-01T00:00:00Z,1,2,many\n")
    code, _, err = run(capsys, "evaluate", "--task", "catalogue", "--truth", bad, "--events", truth)
    assert code
    assert "many" in err


def test_a_wrong_setting_of_a_recording_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[network_day]\nmagnitude_mim = 1.0\n")
    code, _, err = run(
        capsys, "collect", "synthetic-network", "--out", tmp_path / "x", "--settings", tmp_path / "bad.toml"
    )
    assert code
    assert "magnitude_min" in err
    assert not (tmp_path / "x").exists()
