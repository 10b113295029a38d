"""Results are whole or absent, and two runs never write into one folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from foreshock.errors import OutputError
from foreshock.outputs import UNFINISHED_NAME, claimed_folder, whole_file, write_json, write_text


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError, match="stop"), whole_file(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError("stop")
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_json_never_holds_what_json_cannot_say(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        write_text(tmp_path / "no" / "a.txt", "x")


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(OutputError, match="disk is full"), whole_file(tmp_path / "a.bin") as temporary:
        temporary.symlink_to("/dev/full")
        temporary.write_bytes(b"x" * 10)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="read-only"):
            write_text(tmp_path / "a.txt", "x")
    finally:
        tmp_path.chmod(0o700)


def test_a_finished_folder_is_refused_and_keeps_its_results(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with claimed_folder(out) as folder:
        write_text(folder / "result.txt", "1")
    with pytest.raises(OutputError, match=r"already holds result\.txt"), claimed_folder(out):
        pytest.fail("the folder was given away")
    assert [item.name for item in out.iterdir()] == ["result.txt"]


def test_an_unfinished_folder_is_resumed_only_when_asked(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(RuntimeError), claimed_folder(out) as folder:
        write_text(folder / "part.txt", "1")
        raise RuntimeError
    with pytest.raises(OutputError, match="--resume"), claimed_folder(out):
        pytest.fail("the folder was given away")
    with claimed_folder(out, resume=True) as folder:
        assert (folder / "part.txt").read_text() == "1"
    assert not (out / UNFINISHED_NAME).exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("mine")
    with pytest.raises(OutputError, match="it is a file"), claimed_folder(path):
        pytest.fail("the file was taken for a folder")
    assert path.read_text() == "mine"


def test_a_run_that_fails_at_once_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), claimed_folder(tmp_path / "a" / "out"):
        raise RuntimeError
    assert not (tmp_path / "a" / "out").exists()


def test_two_processes_never_share_a_folder_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = (
        "import sys, pathlib\nfrom foreshock.outputs import claimed_folder\n"
        "with claimed_folder(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(OutputError, match="another run is writing"), claimed_folder(out, resume=True):
            pytest.fail("the folder was shared")
        other.kill()
    with claimed_folder(out, resume=True):
        assert out.is_dir()
