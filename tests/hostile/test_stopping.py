"""Runs that are stopped: by a signal, by a full disk, by another run. What can go on goes on to the same bits."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hostile_said import SENTENCE, Commands, Recording

from foreshock import outputs
from foreshock.outputs import locked_folder

TRAIN = ("train", "--model", "cnn-small", "--seed", "3")


@pytest.fixture
def table(rows: list[str], tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def network(folder: Path) -> tuple[bytes, bytes]:
    """The trained numbers of a run, without what it cost."""
    with zipfile.ZipFile(folder / "model.bundle") as bundle:
        return bundle.read("model.onnx"), bundle.read("weights.safetensors")


def full_disk(monkeypatch: pytest.MonkeyPatch, *, after: int, name: str) -> None:
    """Let the disk be full once a file of this name was written so often."""
    whole = outputs.write_bytes
    written: list[Path] = []

    def write(path: Path, content: bytes) -> None:
        if path.name == name:
            written.append(path)
            if len(written) > after:
                with outputs.whole_file(path) as temporary:
                    temporary.write_bytes(content[:10])
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole(path, content)

    monkeypatch.setattr("foreshock.train.keep.write_bytes", write)


@pytest.mark.slow
def test_a_disk_that_fills_while_training_is_told_and_the_run_goes_on_to_the_same_model(
    run: Commands, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [*TRAIN, "--table", table, "--epochs", 3]
    run.ok(*told, "--out", tmp_path / "unbroken")
    with monkeypatch.context() as patched:
        full_disk(patched, after=1, name="last.ckpt")
        said = run(*told, "--out", tmp_path / "broken")
    assert said.code == 1
    assert "the disk is full" in said.sentence
    assert [item.name for item in (tmp_path / "broken" / "training").glob("*.ckpt*")] == ["last.ckpt"]
    assert "add --resume" in run(*told, "--out", tmp_path / "broken").sentence
    run.ok(*told, "--out", tmp_path / "broken", "--resume")
    assert network(tmp_path / "broken") == network(tmp_path / "unbroken")


def test_a_disk_that_is_full_before_the_first_epoch_ends_leaves_nothing(
    run: Commands, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_disk(monkeypatch, after=0, name="last.ckpt")
    told = [*TRAIN, "--table", table, "--epochs", 2]
    run.refused(*told, says="the disk is full; free space", out=tmp_path / "out")


@pytest.mark.parametrize("verb", ["train", "predict", "convert", "prepare", "synthetic", "check", "evaluate", "demo"])
def test_a_folder_another_run_writes_into_is_refused_and_left_alone(
    verb: str, run: Commands, table: Path, recording: Recording, tmp_path: Path
) -> None:
    out, wave = tmp_path / "out", recording()
    words: dict[str, list[Any]] = {
        "train": [*TRAIN, "--table", table, "--epochs", 1],
        "predict": ["predict", wave, "--model", tmp_path],
        "convert": ["collect", "convert", wave],
        "prepare": ["prepare", wave, "--step", "detrend"],
        "synthetic": ["collect", "synthetic", "--records", 1],
        "check": ["collect", "check", wave],
        "evaluate": ["evaluate", "--model", tmp_path, "--table", table],
        "demo": ["demo", "--epochs", 1],
    }
    with locked_folder(out):
        run.refused(*words[verb], says="another run is writing into it", out=out)
        assert [item.name for item in out.iterdir()] == [outputs.LOCK_NAME]
    assert not out.exists()


# -- signals ---------------------------------------------------------------------------------------------------------


def start(*arguments: object) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "foreshock", *(str(one) for one in arguments)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stop(process: subprocess.Popen[str], when: Path | str, folder: Path, how: signal.Signals) -> tuple[int, str]:
    """Send a signal once a file that matches is there; give the exit code and what was said."""
    end = time.monotonic() + 120
    while process.poll() is None and not any(folder.rglob(str(when))) and time.monotonic() < end:
        time.sleep(0.01)
    assert process.poll() is None, process.communicate()
    process.send_signal(how)
    _, err = process.communicate(timeout=120)
    return process.returncode, err


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_training_that_is_stopped_goes_on_to_the_same_model(
    how: signal.Signals, run: Commands, table: Path, tmp_path: Path
) -> None:
    told = [*TRAIN, "--table", table, "--epochs", 15, "--patience", 15]
    run.ok(*told, "--out", tmp_path / "unbroken")
    code, err = stop(start(*told, "--out", tmp_path / "broken"), "last.ckpt", tmp_path / "broken", how)
    if how is signal.SIGKILL:
        assert code == -how
    else:
        assert code == 1
        assert SENTENCE.search(err)
        assert "resume" in err
    assert "Traceback" not in err
    run.ok(*told, "--out", tmp_path / "broken", "--resume")
    assert network(tmp_path / "broken") == network(tmp_path / "unbroken")
    assert not list((tmp_path / "broken").rglob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_writing_that_is_stopped_leaves_nothing(how: signal.Signals, run: Commands, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, err = stop(start("collect", "synthetic", "--records", 100_000, "--out", out), "*.part", out, how)
    assert code == 1
    assert SENTENCE.fullmatch(err.strip()), err
    assert "it was stopped from outside" in err
    assert not out.exists()
    run.ok("collect", "synthetic", "--records", 2, "--out", out)


@pytest.mark.slow
def test_what_a_killed_writing_left_is_named_and_never_taken_for_a_result(run: Commands, tmp_path: Path) -> None:
    out = tmp_path / "out"
    stop(start("collect", "synthetic", "--records", 100_000, "--out", out), "*.part", out, signal.SIGKILL)
    assert not (out / "dataset").exists()
    run.refused("collect", "synthetic", "--records", 2, says="unfinished run; remove it or choose", out=out)
