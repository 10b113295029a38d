"""Secrets come from closed files and the environment, and do not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreshock.deliver.secret import Secret, read_keys, read_secret
from foreshock.deliver.tls import client_tls, server_tls
from foreshock.errors import ConfigError

KEY = "0123456789abcdef"


def test_a_secret_is_read_from_a_closed_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    monkeypatch.setenv("EEW_KEY", f" {KEY} ")
    assert read_secret(f"file:{path}").value == read_secret("env:EEW_KEY").value == KEY.encode()


@pytest.mark.parametrize("where", [KEY, f"key:{KEY}", "file:", "env:", "", f"{KEY}:{KEY}"])
def test_a_secret_is_not_told_as_itself_and_not_repeated(where: str) -> None:
    with pytest.raises(ConfigError, match="file:PATH or env:NAME") as told:
        read_secret(where)
    assert KEY not in str(told.value)


@pytest.mark.parametrize(("content", "mode", "why"), [(KEY, 0o644, "chmod"), ("short", 0o600, "5 bytes"),
    ("x" * 5000, 0o600, "bytes"), (f"{KEY}\n{KEY}", 0o600, "one line")])  # fmt: skip
def test_a_secret_that_is_none_is_refused(content: str, mode: int, why: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(ConfigError, match=why):
        read_secret(f"file:{path}")


def test_a_secret_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such variable"):
        read_secret("env:FORESHOCK_NO_SUCH_KEY")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_secret(f"file:{tmp_path}/none")


def test_a_secret_does_not_show() -> None:
    assert KEY not in f"{Secret(KEY.encode())} {Secret(KEY.encode())!r}"


def test_the_signers_keys_are_read_by_name_and_stay_closed(tmp_path: Path) -> None:
    for name in ("Ana", "Bo Chen"):
        (tmp_path / f"{name}.key").write_text(f"{name}: {KEY}")
        (tmp_path / f"{name}.key").chmod(0o600)
    keys = read_keys(tmp_path)
    assert {name: keys.key(name) for name in ("Ana", "Bo Chen", "Cy")} == {
        "Ana": f"Ana: {KEY}".encode(), "Bo Chen": f"Bo Chen: {KEY}".encode(), "Cy": b""
    }  # fmt: skip
    (tmp_path / "Ana.key").chmod(0o640)
    with pytest.raises(ConfigError, match="Ana.key"):
        read_keys(tmp_path)
    with pytest.raises(ConfigError, match="no NAME.key"):
        read_keys(tmp_path / "none")


def test_certificates_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "pem").write_text("not a certificate")
    for path in (tmp_path / "pem", tmp_path / "none"):
        with pytest.raises(ConfigError, match=path.name):
            client_tls(path)
        with pytest.raises(ConfigError, match=path.name):
            server_tls(path, None)
