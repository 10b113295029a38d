"""Where results go: places that are taken, are no folders or cannot be written to, and disks that are too small."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hostile_said import SENTENCE, Commands, Recording

Verb = list[Any]


@pytest.fixture
def verbs(recording: Recording, dataset: Path, detector: Path) -> dict[str, Verb]:
    wave = recording()
    return {
        "convert": ["collect", "convert", wave],
        "convert to sds": ["collect", "convert", wave, "--to", "sds"],
        "convert a data set": ["collect", "convert", dataset],
        "prepare": ["prepare", wave, "--step", "detrend"],
        "prepare a data set": ["prepare", dataset, "--step", "detrend"],
        "features": ["features", wave, "--feature", "rms"],
        "predict": ["predict", wave, "--model", detector],
        "predict a data set": ["predict", dataset, "--model", detector],
        "check": ["collect", "check", wave],
        "synthetic": ["collect", "synthetic", "--records", 2],
    }


VERBS = [
    "convert", "convert to sds", "convert a data set", "prepare", "prepare a data set", "features", "predict",
    "predict a data set", "check", "synthetic",
]  # fmt: skip


@pytest.mark.parametrize("what", ["a file", "a full folder", "a link to a file", "a fifo", "a link in a circle"])
def test_a_place_that_is_taken_is_refused_and_left_as_it_was(
    what: str, verbs: dict[str, Verb], run: Commands, tmp_path: Path
) -> None:
    out, mine = tmp_path / "out", tmp_path / "mine"
    mine.write_text("mine")
    if what == "a file":
        out.write_text("mine")
    elif what == "a full folder":
        out.mkdir()
        (out / "mine.txt").write_text("mine")
    elif what == "a fifo":
        os.mkfifo(out)
    else:
        out.symlink_to(mine if what == "a link to a file" else out)
    before = sorted(tmp_path.rglob("*"))
    for name in VERBS:
        if name == "features" and what == "a link in a circle":
            continue  # a link without an end is no file: it is replaced
        said = run(*verbs[name], "--out", out)
        assert said.code == 1, name
        assert SENTENCE.fullmatch(said.sentence), name
        assert str(out) in said.sentence, name
        assert sorted(tmp_path.rglob("*")) == before, name
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("name", ["convert", "predict", "check", "synthetic", "features"])
@pytest.mark.parametrize("where", ["file/out", "x" * 300, "gone/out"])
def test_a_place_that_cannot_be_made_is_one_sentence(
    where: str, name: str, verbs: dict[str, Verb], run: Commands, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    if where == "gone/out" and name != "features":
        run.ok(*verbs[name], "--out", tmp_path / where)  # folders are made as deep as they are asked for
        return
    run.refused(*verbs[name], "--out", tmp_path / where, says="cannot write|the system refused")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_link_to_an_empty_folder_is_written_through(verbs: dict[str, Verb], run: Commands, tmp_path: Path) -> None:
    out, real = tmp_path / "out", tmp_path / "real"
    real.mkdir()
    out.symlink_to(real)
    run.ok(*verbs["convert"], "--out", out)
    assert out.is_symlink()
    assert (real / "dataset" / "metadata.csv").is_file()


def test_a_verb_that_fails_leaves_an_empty_folder_empty_and_a_new_one_away(
    run: Commands, recording: Recording, tmp_path: Path
) -> None:
    bad, there = tmp_path / "bad.mseed", tmp_path / "there"
    bad.write_bytes(recording().read_bytes()[:3000])
    there.mkdir()
    for words in (["collect", "convert", bad], ["prepare", bad, "--step", "detrend"]):
        assert run(*words, "--out", there).code == 1
        assert not list(there.iterdir())
        run.refused(*words, says="bad.mseed", out=tmp_path / "new" / "out")


@pytest.mark.slow
@pytest.mark.parametrize("n_blocks", [0, 1, 10])
def test_on_a_disk_that_is_too_small_a_result_is_whole_or_refused_and_away(
    n_blocks: int, verbs: dict[str, Verb], run: Commands, tmp_path: Path
) -> None:
    """``ulimit -f`` ends every file after so many KiB, as a full disk does."""
    for name in VERBS:
        out, whole = tmp_path / name / "out", tmp_path / name / "whole"
        out.parent.mkdir()
        words = " ".join(f"'{word}'" for word in [sys.executable, "-m", "foreshock", *verbs[name], "--out", out])
        limited = f"trap '' XFSZ; ulimit -f {n_blocks}; {words}"
        done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, (name, done.stderr)
        if done.returncode == 0:
            run.ok(*verbs[name], "--out", whole)
            assert sizes(out) == sizes(whole), name
        else:
            sentence = done.stderr.splitlines()[-1]
            assert SENTENCE.fullmatch(sentence), (name, done.stderr)
            assert "cannot write" in sentence, name
            assert not out.exists(), (name, sorted(out.rglob("*")))


def sizes(out: Path) -> list[int]:
    return [out.stat().st_size] if out.is_file() else sorted(item.stat().st_size for item in out.rglob("*"))


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write")
@pytest.mark.parametrize("rights", [0o555, 0o000])
def test_a_folder_one_may_not_write_to_is_one_sentence(rights: int, run: Commands, tmp_path: Path) -> None:
    told = ["collect", "synthetic", "--records", 1]
    run.ok(*told, "--out", tmp_path / "open")  # what is imported late must be there before rights are given up
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        closed = Path(folder) / "closed"
        closed.mkdir()
        closed.chmod(rights)
        child = os.fork()
        if child == 0:
            os.setgid(65534)
            os.setuid(65534)
            said = run(*told, "--out", closed / "out")
            good = said.code == 1 and "the folder is read-only; choose a folder you may write to" in said.sentence
            os._exit(0 if good else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert not list(closed.iterdir())
