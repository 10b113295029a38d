"""The whole road of sources: records to a bundle to estimates to a report, small and on synthetic records."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import foreshock as fs
from foreshock.cli import main
from foreshock.collect.datasets import write_dataset
from foreshock.collect.synthetic import SyntheticSettings, synthesise
from foreshock.errors import InputError, NotFoundError, OutputError
from foreshock.road.source_estimating import estimate_source

torch = pytest.importorskip("torch")


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(one) for one in arguments])
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic records in counts of three stations, with a split by event."""
    out, records = tmp_path_factory.mktemp("set") / "dataset", []
    for seed, (split, n) in enumerate({"train": 80, "dev": 60, "test": 30}.items()):
        told = SyntheticSettings(
            records=n, rate_hz=25.0, span_s=60.0, split=split, noise_fraction=0.0, stations=2, network_radius_km=1.0,
            p_earliest_fraction=0.35, p_latest_fraction=0.4, gap_fraction=0.0,
        )  # fmt: skip
        records += list(synthesise(told, seed=seed))
    write_dataset(out, iter(records), name="set")
    return out


@pytest.fixture(scope="module")
def trained(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from foreshock.road.source import train_source
    from foreshock.train.source.learn import LearnSettings

    out = tmp_path_factory.mktemp("run") / "source"
    told = LearnSettings(members=1, width=8, hidden=8, steps=20, every=10)
    train_source(dataset, out=out, settings=told, n_synthetic=200, folds=False)
    return out


@pytest.mark.slow
def test_a_bundle_keeps_what_made_it_and_its_rivals(trained: Path) -> None:
    card = fs.read_bundle(trained / "source.bundle").card
    assert card.problem == "source"
    assert card.source is not None
    assert set(card.source.margins) == {"station", "network", "velocity", "unknown"}
    assert len(card.rivals["source_rivals"]["plain"]) == 10  # type: ignore[arg-type]
    assert card.training.split_sizes["train"] == 80
    assert card.metrics["magnitude_mae"].n == 60


@pytest.mark.slow
def test_the_command_scores_it_beside_its_rivals(
    trained: Path, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ("--task", "source", "--data", dataset, "--split", "test", "--model", trained)
    assert run("evaluate", *told, "--json", "--out", tmp_path / "report") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["n_records"] == 30
    assert {"source", "line", "line_tuned", "s_minus_p", "p_motion"} <= set(said["predictors"])
    late = said["predictors"]["source"]["30"]
    for name in ("magnitude_mae", "magnitude_coverage_90", "distance_median_relative_error"):
        assert late[name]["low"] <= late[name]["value"] <= late[name]["high"]
    assert "line" in said["rival_minus_ours"]
    assert (tmp_path / "report" / "report.html").is_file()
    assert run("evaluate", *told, "--no-station") == 0
    assert "above zero, ours is better" in capsys.readouterr().out


@pytest.mark.slow
def test_the_door_estimates_with_a_given_and_with_a_found_p(trained: Path, dataset: Path) -> None:
    with fs.Dataset.open(dataset) as data:
        record = next(iter(data.records(data.rows("test"))))
    given = fs.estimate_source(record.waveform, record.truth.p_ns, model=trained, elapsed_s=5.0)
    assert given.magnitude is not None
    assert given.elapsed_s == 5.0
    found = fs.estimate_source(record.waveform, model=trained)
    assert found.magnitude is not None or found.reason
    stream = fs.to_obspy(record.waveform)
    again = fs.estimate_source(stream, record.truth.p_ns, model=trained, elapsed_s=5.0)
    assert again.magnitude is not None
    assert again.magnitude.q50 == pytest.approx(given.magnitude.q50, abs=0.05)


def test_without_a_model_the_one_that_ships_is_asked() -> None:
    said = fs.estimate_source(fs.example_waveform())
    assert said.scale == "unknown"
    assert said.magnitude is not None
    assert said.magnitude.q05 < said.magnitude.q50 < said.magnitude.q95


def test_what_is_no_recording_is_refused(source_model: Path) -> None:
    with pytest.raises(InputError, match="from a Waveform or an ObsPy Stream"):
        estimate_source([1, 2, 3], 0, model=source_model)


def test_a_record_without_p_gets_a_reason(source_model: Path) -> None:
    rng = np.random.default_rng(0)
    quiet = fs.Waveform(rng.normal(size=(3, 3000)).astype(np.float32), 100.0, 0, "XX.A.")
    assert estimate_source(quiet, model=source_model).reason == "no P was found on the record"


@pytest.fixture(scope="module")
def source_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from foreshock.models.source import Source
    from foreshock.train.source.export import source_bundle
    from foreshock.train.source.learn import LearnSettings, member_of

    path = tmp_path_factory.mktemp("model") / "source.bundle"
    model = Source([member_of(LearnSettings(width=8, hidden=8), 0)])
    fs.write_bundle(path, source_bundle(model, name="untaught", instruments=[]))
    return path


WITHOUT_TORCH = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "lightning"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
import numpy as np
import foreshock as fs
import foreshock.road.source_assessment
data = np.random.default_rng(0).normal(size=(3, 3000)).astype(np.float32)
said = fs.estimate_source(fs.Waveform(data, 50.0, 0, "XX.A."), 20_000_000_000, model=sys.argv[1], elapsed_s=5.0)
print(said.elapsed_s, said.scale, said.magnitude is not None)
"""


def test_asking_needs_no_torch(source_model: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(source_model)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["5.0", "unknown", "True"]


def test_a_folder_without_sets_is_refused_before_anything_is_claimed(tmp_path: Path) -> None:
    from foreshock.road.source import train_source

    with pytest.raises(NotFoundError, match="holds none of gujarat"):
        train_source(tmp_path, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_refused(tmp_path: Path, dataset: Path) -> None:
    from foreshock.road.source import train_source

    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"already holds notes\.txt"):
        train_source(dataset, out=tmp_path)


def test_a_source_cannot_be_scored_without_a_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", "--task", "source", "--data", tmp_path) == 1
    assert str(tmp_path) in capsys.readouterr().err
    assert run("evaluate", "--task", "source") == 1
    assert "exactly one data set" in capsys.readouterr().err
