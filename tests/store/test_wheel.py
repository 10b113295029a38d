"""What is installed from a wheel opens a store: its migrations are packed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_wheel_brings_the_migrations(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    line = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", tmp_path, ROOT]
    subprocess.run(line, check=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from foreshock.store import store\n"
        "assert store.__file__.startswith(sys.argv[1])\n"
        "print(store.Store.open(f'sqlite:///{sys.argv[1]}/a.db').runs())"
    )
    line = [sys.executable, "-c", code, str(tmp_path / "site")]
    assert subprocess.run(line, capture_output=True, text=True, cwd=tmp_path).stdout == "[]\n"
