"""The command line speaks in one sentence, keeps its exit codes, and leaves nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foreshock.cli import main
from foreshock.collect.datasets import write_dataset
from foreshock.collect.synthetic import SyntheticSettings, synthesise


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main([str(one) for one in arguments])
    said = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, said.out, said.err


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    code, out, err = run(capsys, *arguments, "--json")
    assert code == 0, err
    told: dict[str, Any] = json.loads(out)
    return told


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic data set with splits, as `foreshock collect synthetic` writes it."""
    out = tmp_path_factory.mktemp("数据") / "set"
    records = []
    for seed, (split, n) in enumerate({"train": 60, "dev": 24, "test": 40}.items()):
        settings = SyntheticSettings(
            records=n, rate_hz=50.0, span_s=40.0, split=split, network="ABC"[seed], p_earliest_fraction=0.4,
            p_latest_fraction=0.5,
        )  # fmt: skip
        records += list(synthesise(settings, seed=seed))
    write_dataset(out, iter(records), name="set")
    return out


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The article's CSV: every row a sample, the label in the last column, Chinese column names."""
    path = tmp_path_factory.mktemp("table") / "地震.csv"
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 3, 240)
    rows = rng.standard_normal((240, 30)) + np.sin(np.arange(30) * (kinds[:, None] + 1) / 3)
    lines = [",".join([*(f"特征{k}" for k in range(30)), "类型"])]
    lines += [",".join([*(f"{value:.5f}" for value in row), "地震噪声爆破"[2 * k : 2 * k + 2]]) for row, k in
              zip(rows, kinds, strict=True)]  # fmt: skip
    path.write_text("\n".join(lines), encoding="gb18030")
    return path


def test_no_verb_or_a_wrong_one_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "trane")[0] == 2
    assert run(capsys, "train")[0] == 2
    assert run(capsys, "demo", "--epochs", "0")[0] == 2


def test_a_failure_is_one_sentence_and_the_same_in_parts_for_machines(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = run(capsys, "collect", "scan", tmp_path / "nowhere", "--json")
    assert code == 1
    assert err.startswith("foreshock: ")
    assert err.count("\n") == 1
    assert {"kind", "value", "rule", "remedy"} == set(json.loads(out)["error"])


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version")[:2] == (0, "0.1.0\n")


def test_the_doctor_finds_nothing_broken(capsys: pytest.CaptureFixture[str]) -> None:
    told = run_json(capsys, "doctor")
    assert told["failed"] == 0
    assert {"python", "core", "disk", "runtime", "steps"} <= {one["subject"] for one in told["findings"]}


def test_the_doctor_names_a_data_folder_that_is_not_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FORESHOCK_DATA", str(tmp_path / "gone"))
    code, out, _ = run(capsys, "doctor")
    assert code == 1
    assert "FORESHOCK_DATA" in out


def test_synthetic_records_are_made_scanned_and_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = run_json(capsys, "collect", "synthetic", "--out", tmp_path / "s", "--records", "12", "--seed", "3")
    assert made["n"] == 12
    checked = run_json(capsys, "collect", "check", made["out"], "--out", tmp_path / "check")
    assert checked["items"] == 12
    assert (tmp_path / "check" / "check.json").is_file()
    assert list((tmp_path / "check").glob("*.png"))


def test_a_data_set_becomes_an_sds_archive_that_can_be_scanned(
    capsys: pytest.CaptureFixture[str], dataset: Path, tmp_path: Path
) -> None:
    made = run_json(capsys, "collect", "convert", dataset, "--to", "sds", "--out", tmp_path / "sds")
    scanned = run_json(capsys, "collect", "scan", tmp_path / "sds")
    assert made["n"] > 0
    assert scanned["n"] >= made["n"]


def test_recordings_are_prepared_and_measured(
    capsys: pytest.CaptureFixture[str], dataset: Path, tmp_path: Path
) -> None:
    steps = ["--step", "bandpass:low_hz=1,high_hz=10", "--step", "resample:rate_hz=25"]
    prepared = run_json(capsys, "prepare", dataset, "--out", tmp_path / "p", *steps)
    assert prepared["n"] == 124
    measured = run_json(
        capsys, "features", tmp_path / "p" / "dataset", "--out", tmp_path / "f.csv", "--feature", "rms", "--step", ""
    )
    assert measured["n"] == 124
    assert (tmp_path / "f.csv").read_text().startswith("trace_id,")


def test_features_are_listed_with_units_and_sources(capsys: pytest.CaptureFixture[str]) -> None:
    told = run_json(capsys, "features", "--list")
    assert told["n"] >= 60
    assert all(one["sentence"] and one["unit"] for one in told["features"])


@pytest.mark.parametrize("task", ["detect", "magnitude"])
def test_a_model_is_trained_evaluated_and_asked(
    task: str, capsys: pytest.CaptureFixture[str], dataset: Path, tmp_path: Path
) -> None:
    run_folder, report = tmp_path / "run", tmp_path / "report"
    trained = run_json(capsys, "train", "--data", dataset, "--task", task, "--out", run_folder, "--epochs", "2")
    assert Path(trained["bundle"]).is_file()
    assert trained["split"] == "dev"
    scored = run_json(capsys, "evaluate", "--model", run_folder, "--data", dataset, "--out", report)
    assert scored["schema"] == "foreshock.scores/1"
    assert scored["n"] >= 15
    assert scored["rivals"]
    for who in (scored["ours"], *scored["rivals"].values()):
        for score in who.values():
            assert {"value", "low", "high"} <= set(score)
    assert (report / "report.html").is_file()
    assert (report / "metrics.json").is_file()
    asked = run_json(capsys, "predict", dataset, "--model", run_folder, "--out", tmp_path / "asked")
    assert asked["n"] > scored["n"]


def test_a_table_is_learnt_and_what_was_done_is_told(
    capsys: pytest.CaptureFixture[str], table: Path, tmp_path: Path
) -> None:
    code, out, err = run(capsys, "train", "--table", table, "--model", "cnn", "--out", tmp_path / "t", "--epochs", "6")
    assert code == 0, err
    assert "model.bundle" in out
    for word in ("GB18030", "Shape", "Scaling", "Split"):
        assert word in err
    scored = run_json(capsys, "evaluate", "--model", tmp_path / "t", "--table", table)
    assert scored["ours"]["accuracy"]["value"] > 0.5
    asked = run_json(capsys, "predict", "--table", table, "--model", tmp_path / "t", "--out", tmp_path / "asked")
    assert asked["n"] == 240


def test_a_finished_folder_is_never_overwritten(
    capsys: pytest.CaptureFixture[str], table: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, _, err = run(capsys, "train", "--table", table, "--out", tmp_path, "--epochs", "1")
    assert code == 1
    assert "already holds mine.txt" in err
    assert [item.name for item in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "--task", "detect"), "exactly one must be given"),
        (("train", "--table", "TABLE", "--task", "detect"), "a table is its own task"),
        (("train", "--data", "DATA"), "recordings need a task"),
        (("train", "--data", "DATA", "--task", "detekt"), "did you mean 'detect'"),
        (("train", "--data", "DATA", "--task", "detect", "--model", "cnm"), "did you mean 'cnn'"),
        (("train", "--data", "DATA", "--task", "detect", "--model", "cnn-regression"), "cnn-regression"),
        (("train", "--data", "nowhere", "--task", "detect"), "does not exist"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_one_sentence_and_leaves_nothing(
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    dataset: Path,
    table: Path,
    tmp_path: Path,
) -> None:
    told = [{"DATA": str(dataset), "TABLE": str(table)}.get(one, one) for one in arguments]
    code, _, err = run(capsys, *told, "--out", tmp_path / "out")
    assert code == 1
    assert said in err
    assert not (tmp_path / "out").exists()


def test_a_wrong_split_is_named(capsys: pytest.CaptureFixture[str], dataset: Path, table: Path, tmp_path: Path) -> None:
    run(capsys, "train", "--table", table, "--model", "cnn-small", "--out", tmp_path / "t", "--epochs", "1")
    code, _, err = run(capsys, "evaluate", "--model", tmp_path / "t", "--table", table, "--split", "tset")
    assert (code, "did you mean 'test'" in err) == (1, True)
    code, _, err = run(capsys, "evaluate", "--model", tmp_path / "t", "--data", dataset)
    assert code == 1
    assert "table" in err


def test_other_verbs_run_without_torch(
    dataset: Path, table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "train", "--table", table, "--model", "cnn-small", "--out", tmp_path / "t", "--epochs", "1")
    blocked = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('torch', 'lightning'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from foreshock.cli import main\nmain(sys.argv[1:])"
    )
    for told in (
        ("evaluate", "--model", tmp_path / "t", "--table", table),
        ("predict", "--model", tmp_path / "t", "--table", table, "--out", tmp_path / "asked"),
        ("features", dataset, "--out", tmp_path / "f.csv", "--feature", "rms"),
        ("collect", "scan", dataset.parent),
        ("models", "show", tmp_path / "t"),
    ):
        command = [sys.executable, "-c", blocked, *map(str, told)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "MPLBACKEND": "Agg"}
        )
        assert done.returncode in (0, 1 if told[1] == "scan" else 0), done.stderr
        assert "Traceback" not in done.stderr


def test_rows_without_labels_can_be_asked_about_but_not_scored(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "train", "--table", table, "--model", "cnn-small", "--out", tmp_path / "t", "--epochs", "1")
    head, first, *_ = table.read_text(encoding="gb18030").splitlines()
    alone = tmp_path / "alone.csv"
    alone.write_text("\n".join(line.rpartition(",")[0] for line in (head, first)), encoding="utf-8")
    code, _, err = run(capsys, "predict", "--model", tmp_path / "t", "--table", alone, "--out", tmp_path / "asked")
    assert code == 0, err
    rows = (tmp_path / "asked" / "predictions.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2
    for split in ("test", "all"):
        code, _, err = run(capsys, "evaluate", "--model", tmp_path / "t", "--table", alone, "--split", split)
        assert code == 1
        assert "label" in err
