"""The examples run as a student runs them, and leave nothing behind. Judges no score."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from docs_pages import EXAMPLES, ROOT

SLOW = ("03", "04", "06")
"""Those that train."""
QUIET = {"OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8", "ORT_DISABLE_TELEMETRY": "1"}
"""ONNX Runtime 1.32 writes a file of its telemetry into the temporary folder unless it is told not to."""
SAID = {
    "01": ("P at 2009-08-24T00:20:07", "S at "),
    "02": ("zero_crossing_rate_Z", "in chunks"),
    "03": ("rows of", "the same answers"),
    "04": ("sta_lta", "they "),
    "05": ("Jingle passes", "Broken does not"),
    "06": ("window of 10 s", "One recording proves nothing"),
}


@pytest.mark.parametrize(
    "example",
    [pytest.param(one, marks=[pytest.mark.slow] if Path(one).name[:2] in SLOW else []) for one in EXAMPLES],
)
def test_an_example_runs_says_something_and_leaves_nothing_behind(example: str, tmp_path: Path) -> None:
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    warnings = ("-W", "error", "-W", "ignore:SelectableGroups:DeprecationWarning")
    done = subprocess.run(
        [sys.executable, *warnings, str(ROOT / example)],
        cwd=here,
        env=os.environ | QUIET | {"TMPDIR": str(temporary)},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert all(words in done.stdout for words in SAID[Path(example).name[:2]]), done.stdout
    assert not list(here.iterdir())
    assert not list(temporary.iterdir())
