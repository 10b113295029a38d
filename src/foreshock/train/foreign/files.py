"""Files: the pair in which SeisBench keeps a model, weights (.pt) and what they belong to (.json). Knows no torch."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreshock.errors import BundleError, FormatError, NotFoundError

MAX_WEIGHTS, MAX_JSON = 1 << 29, 1 << 20
"""Bytes; the largest picker of SeisBench has 3 MB."""

_PT = re.compile(r"^(?P<stem>.+)\.pt(?P<version>\.v[\w.]+)?$")


@dataclass(frozen=True, eq=False)
class WeightFiles:
    """Weights and the JSON beside them, as they were read.

    Attributes:
        name: that both share. weights: bytes of the .pt file. told: the JSON's object, empty where there is none.
        files: SHA-256 by file name.
    """

    name: str
    weights: bytes
    told: dict[str, Any]
    files: dict[str, str]


def read_weights(path: Path, *, needs_json: bool = True) -> WeightFiles:
    """Read a pair by either of its files, by their common name, or by a folder that holds one pair.

    Raises:
        NotFoundError: there is no such file, or no JSON beside the weights says how the network is built.
        BundleError: the folder holds several pairs.
        FormatError: a file is too large, damaged, or not what its name says.
    """
    weights = _weights_file(path)
    found = _PT.match(weights.name)
    assert found is not None  # `_weights_file` gives no other
    beside = weights.with_name(f"{found['stem']}.json{found['version'] or ''}")
    content = _content(weights, MAX_WEIGHTS)
    _check_weights(content, weights.name)
    files = {weights.name: _sha256(content)}
    told: dict[str, Any] = {}
    if beside.is_file():
        text = _content(beside, MAX_JSON)
        files[beside.name] = _sha256(text)
        told = _object(text, beside.name)
    if needs_json and "model_args" not in told:
        raise NotFoundError(
            f"weights {weights.name}",
            f"no {beside.name} beside them tells in 'model_args' how the network is built",
            "put it there, or tell by --set, e.g. --set norm=std --set phases=PSN",
        )
    return WeightFiles(found["stem"] + (found["version"] or ""), content, told, files)


def _weights_file(path: Path) -> Path:
    """The .pt file a path means."""
    if path.is_dir():
        held = sorted(item for item in path.iterdir() if item.is_file() and _PT.match(item.name))
        if len(held) == 1:
            return held[0]
        names = ", ".join(item.name for item in held[:5])
        if held:
            raise BundleError(f"folder {path} holds {names}", "it must hold one .pt file", "name the one you mean")
        raise NotFoundError(f"folder {path}", "it holds no .pt file", "give the folder of the weights")
    named = path.with_name(path.name.replace(".json", ".pt")) if ".json" in path.name else path
    for file in (named, path.with_name(path.name + ".pt")):
        if file.is_file() and _PT.match(file.name):
            return file
    if path.exists():
        raise FormatError(f"weights {path.name}", "SeisBench's end in .pt, or .pt.v1", "give the .pt file")
    raise NotFoundError(f"weights {path}", "there is no such file", "give a .pt file or the folder that holds it")


def _content(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as handle:
            content = handle.read(most + 1)
    except OSError as error:
        raise FormatError(f"file {file}", f"it cannot be read ({error.strerror})", "check its rights") from error
    if len(content) > most:
        raise FormatError(f"file {file.name} is over {most:,} bytes", "no picker is so large", "check the file")
    return content


def _check_weights(content: bytes, name: str) -> None:
    """A zip file (torch since 1.6) must not claim to be larger than it is: what is packed would be unpacked."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        if content[:2] != b"\x80\x02":
            raise FormatError(f"weights {name}", "it is no file of torch", "fetch it again")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            claimed = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FormatError(f"weights {name}", "it is damaged", "fetch it again") from error
    if claimed > len(content):
        raise FormatError(
            f"weights {name} hold {claimed:,} bytes in a file of {len(content):,}",
            "torch packs nothing",
            "do not use this file",
        )


def _object(content: bytes, name: str) -> dict[str, Any]:
    try:
        told = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"file {name}", "it is not JSON", "fetch it again") from error
    if not isinstance(told, dict) or not isinstance(told.get("model_args", {}), dict):
        raise FormatError(f"file {name}", "it does not tell the arguments of a model", "give the JSON of the weights")
    return told


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
