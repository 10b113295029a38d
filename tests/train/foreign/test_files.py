"""Weights and the JSON beside them are found, and doubted."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
import torch

from foreshock.errors import BundleError, FormatError, NotFoundError
from foreshock.train.foreign import files
from foreshock.train.foreign.files import read_weights


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A pair with a version, as SeisBench keeps it."""
    torch.save({"a": torch.zeros(2)}, tmp_path / "net.pt.v2")
    (tmp_path / "net.json.v2").write_text(json.dumps({"docstring": "made up", "model_args": {"phases": "PSN"}}))
    return tmp_path


@pytest.mark.parametrize("name", ["net.pt.v2", "net.json.v2", "."])
def test_a_pair_is_found_by_either_file_or_by_its_folder(pair: Path, name: str) -> None:
    found = read_weights(pair / name)
    assert found.name == "net.v2"
    assert found.told["model_args"] == {"phases": "PSN"}
    content = (pair / "net.pt.v2").read_bytes()
    assert found.weights == content
    assert found.files["net.pt.v2"] == hashlib.sha256(content).hexdigest()
    assert sorted(found.files) == ["net.json.v2", "net.pt.v2"]


def test_a_common_name_is_enough(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "net.pt")
    (tmp_path / "net.json").write_text('{"model_args": {}}')
    assert read_weights(tmp_path / "net").name == "net"


def test_a_folder_with_two_pairs_is_refused_with_their_names(pair: Path) -> None:
    torch.save({}, pair / "other.pt")
    with pytest.raises(BundleError, match=r"holds net\.pt\.v2, other\.pt: it must hold one"):
        read_weights(pair)


def test_weights_without_their_json_are_refused_unless_somebody_tells(pair: Path) -> None:
    (pair / "net.json.v2").unlink()
    with pytest.raises(NotFoundError, match=r"net\.pt\.v2: no net\.json\.v2 beside them .* --set phases=PSN"):
        read_weights(pair)
    assert read_weights(pair, needs_json=False).told == {}


def test_a_json_of_something_else_does_not_count(pair: Path) -> None:
    (pair / "net.json.v2").write_text('{"steps": 1500}')
    with pytest.raises(NotFoundError, match="'model_args'"):
        read_weights(pair)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "not JSON"), (b"{", "not JSON"), (b"[1]", "does not tell"), (b'{"model_args": 3}', "does not tell"),
     (b"\xff\xfe", "not JSON"), (b"[" * 100_000, "not JSON")],
)  # fmt: skip
def test_a_damaged_json_is_refused_with_its_name(pair: Path, content: bytes, said: str) -> None:
    (pair / "net.json.v2").write_bytes(content)
    with pytest.raises(FormatError, match=rf"net\.json\.v2: .*{said}"):
        read_weights(pair)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 and no more"])
def test_weights_that_are_none_are_refused(pair: Path, content: bytes) -> None:
    (pair / "net.pt.v2").write_bytes(content)
    with pytest.raises(FormatError, match=r"net\.pt\.v2: it is (no file of torch|damaged)"):
        read_weights(pair)


def test_weights_that_would_unpack_to_more_than_they_are_are_refused(pair: Path) -> None:
    with zipfile.ZipFile(pair / "net.pt.v2", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/data.pkl", bytes(10_000_000))
    with pytest.raises(FormatError, match="hold 10,000,000 bytes in a file of"):
        read_weights(pair)


def test_huge_files_are_not_read(pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_WEIGHTS", 100)
    with pytest.raises(FormatError, match=r"net\.pt\.v2 is over 100 bytes"):
        read_weights(pair)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no such file"):
        read_weights(tmp_path / "net.pt")
    with pytest.raises(NotFoundError, match=r"holds no \.pt file"):
        read_weights(tmp_path)
    (tmp_path / "net.h5").write_bytes(b"")
    with pytest.raises(FormatError, match=r"SeisBench's end in \.pt"):
        read_weights(tmp_path / "net.h5")
