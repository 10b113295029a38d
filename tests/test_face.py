"""The face: the public names are real, and looking at them costs nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import foreshock

HEAVY = ("torch", "lightning", "obspy", "scipy.signal", "pandas", "matplotlib")


@pytest.mark.parametrize("name", foreshock.__all__)
def test_every_public_name_is_where_it_is_said_to_be(name: str) -> None:
    assert getattr(foreshock, name) is not None
    assert name in dir(foreshock)


def test_a_wrong_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="quake"):
        _ = foreshock.quake


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("code", ["import foreshock", "import foreshock.cli.app"])
def test_importing_loads_nothing_heavy(code: str) -> None:
    loaded = run_python(f"{code}; import sys; print([n for n in {HEAVY!r} if n in sys.modules])")
    assert loaded.strip() == "[]"


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, time\nfrom foreshock.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit as end:\n"
        f"    assert end.code == 0\nprint('loaded', [n for n in {HEAVY!r} if n in sys.modules], time.process_time())"
    )
    last = run_python(code).strip().splitlines()[-1]
    assert last.startswith("loaded []")


def test_importing_touches_no_file_folder_or_socket() -> None:
    """Audit hooks see every open, mkdir and connect; reading the package's own modules is what an import is."""
    code = """
import sys
touched = []
def watch(event, args):
    if event in ("os.mkdir", "os.remove", "os.rename", "socket.connect", "socket.bind", "socket.getaddrinfo"):
        touched.append((event, str(args[:1])))
    if event == "open" and args[1] not in ("r", "rb", None):
        touched.append((event, str(args[:2])))
sys.dont_write_bytecode = True
sys.addaudithook(watch)
import foreshock
print(touched)
"""
    assert run_python(code).strip() == "[]"


def test_output_stays_utf8_safe_in_a_plain_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "foreshock", "--help"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict", "TERM": "dumb", "COLUMNS": "80"},
    )
    assert done.returncode == 0, done.stderr
