"""Where words go: closed and full streams, readers that leave, terminals without Unicode, warnings as errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_said import Commands, Recording

pytestmark = pytest.mark.slow


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    here = {**os.environ, **environment, "foreshock": f"{sys.executable} -m foreshock"}
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=here, check=False, timeout=120)


def test_a_closed_standard_output_is_no_failure() -> None:
    done = shell("$foreshock models list >&-")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_standard_output_is_one_sentence() -> None:
    done = shell("$foreshock models list > /dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("foreshock: the standard output or a file: it cannot be written (No space left")
    assert done.stderr.count("\n") == 1


def test_a_full_standard_error_hides_no_exit_code() -> None:
    assert shell("$foreshock models show /nowhere 2> /dev/full").returncode == 1


def test_a_reader_that_has_seen_enough_sees_no_traceback() -> None:
    done = shell("$foreshock features --list | head -1; exit ${PIPESTATUS[0]}")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert done.returncode in (0, 1)


def test_a_terminal_without_unicode_shows_question_marks(recording: Recording, tmp_path: Path) -> None:
    wave = recording("地震.mseed")
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    done = shell(f"$foreshock features '{wave}' --feature rms --out '{tmp_path}/f.csv'", **plain)
    assert done.returncode == 0, done.stderr
    assert "1 rows" in done.stdout
    assert (tmp_path / "f.csv").is_file()


def test_nothing_warns_where_warnings_are_errors(recording: Recording, detector: Path, tmp_path: Path) -> None:
    wave = recording()
    for k, words in enumerate(
        (
            f"features '{wave}'",
            f"collect check '{wave}'",
            f"collect convert '{wave}'",
            f"prepare '{wave}' --step highpass:low_hz=1",
            f"predict '{wave}' --model '{detector}'",
        )
    ):
        done = shell(f"$foreshock {words} --out '{tmp_path}/{k}'", PYTHONWARNINGS="error")
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr


def test_wrong_usage_is_one_json_object_too(run: Commands) -> None:
    said = run("train", "--bogus", "--json")
    assert said.code == 2
    assert said.told["error"]["kind"] == "ConfigError"
