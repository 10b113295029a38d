"""What all tests share: where the real recordings lie, and that Ctrl-C is heard. Knows nothing about any one part."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every machine, however slow; HYPOTHESIS_SEARCH=1 looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("search" if os.environ.get("HYPOTHESIS_SEARCH") else "same")

if "fdsn_made" not in sys.modules:
    spec = importlib.util.spec_from_file_location("fdsn_made", Path(__file__).parent / "collect" / "fdsn_server.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fdsn_made"] = module
    spec.loader.exec_module(module)


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real recordings named by FORESHOCK_DATA; without it the test is skipped and says so."""
    named = os.environ.get("FORESHOCK_DATA")
    if not named:
        pytest.skip("FORESHOCK_DATA is not set: real recordings are not here")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"FORESHOCK_DATA={named} is not a folder")
    return folder


@pytest.fixture(scope="session", autouse=True)
def heard() -> Iterator[None]:
    """Let programs that tests start hear Ctrl-C although the tests run in the background, where it is ignored."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
