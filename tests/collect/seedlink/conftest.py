"""Lets the tests of live sources share records, a server and a raw client; makes a certificate. Knows no protocol."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if "seedlink_parts" not in sys.modules:
    spec = importlib.util.spec_from_file_location("seedlink_parts", Path(__file__).with_name("parts.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["seedlink_parts"] = module
    spec.loader.exec_module(module)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate of this machine's own name and its key, made by openssl; without it the test is skipped."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not on PATH: no certificate can be made")
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run([*made, *names, "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files
