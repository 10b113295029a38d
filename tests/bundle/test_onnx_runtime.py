"""ONNX Runtime starts without its telemetry. Knows no bundles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_importing_the_runtime_leaves_nothing_in_the_home_or_temporary_folder(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    told = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    told |= {"HOME": str(home), "TMPDIR": str(temporary), "XDG_CACHE_HOME": str(home)}
    subprocess.run([sys.executable, "-c", "import foreshock.predict.runtime"], env=told, check=True)
    assert [*home.iterdir(), *temporary.iterdir()] == []
