"""Manifest: what a download's folder holds, with checksums, and what is known about the rest. Knows no network."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from foreshock.clock import iso_utc
from foreshock.collect.formats import read_traces
from foreshock.collect.stations import parse_stationxml
from foreshock.errors import ForeshockError, FormatError, InputError, OutputError
from foreshock.outputs import explained, write_json

STATIONS_NAME = "stations.xml"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the server; patterns take ``*``, ``?`` and comma lists, times are UTC nanoseconds."""

    base_url: str
    network: str
    station: str
    location: str
    channel: str
    start_ns: int
    end_ns: int
    span_s: float

    def __post_init__(self) -> None:
        if not self.start_ns < self.end_ns:
            raise InputError(
                f"request from {iso_utc(self.start_ns)} to {iso_utc(self.end_ns)}",
                "it must end after it begins",
                "give the earlier time as start and the later as end",
            )
        if not self.span_s > 0:
            raise InputError(f"span is {self.span_s} s", "it must be positive", "use 86400 for days")
        if not self.base_url.startswith(("http://", "https://")):
            raise InputError(
                f"server {self.base_url!r}",
                "its address begins with http:// or https://",
                "give an address such as https://service.iris.edu",
            )

    def as_json(self) -> dict[str, Any]:
        """The request as it stands in a manifest."""
        return {
            "base_url": self.base_url.rstrip("/"),
            "network": self.network,
            "station": self.station,
            "location": self.location,
            "channel": self.channel,
            "start": iso_utc(self.start_ns),
            "end": iso_utc(self.end_ns),
            "span_s": self.span_s,
        }


@dataclass(eq=False)
class Manifest:
    """What the folder holds, and what is known about the rest of the request."""

    out: Path
    request: Request
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    no_data: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    fetched: int = 0

    @property
    def path(self) -> Path:
        """Where it is written."""
        return self.out / "manifest.json"

    @classmethod
    def open(cls, out: Path, request: Request) -> Manifest:
        """Take up the folder's manifest, or begin one.

        Raises:
            FormatError: the manifest is damaged.
            InputError: the folder holds another request's download.
            OutputError: the folder holds something else.
        """
        path = out / "manifest.json"
        if not path.exists():
            _refuse_foreign_folder(out)
            return cls(out, request)
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            files = {str(k): {"sha256": str(v["sha256"]), "bytes": int(v["bytes"])} for k, v in held["files"].items()}
            no_data = {str(k): str(v) for k, v in held["no_data"].items()}
            asked = dict(held["request"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(
                f"manifest {path}", f"it is damaged ({error})", "remove it to check every file"
            ) from error
        for key, value in request.as_json().items():
            if asked.get(key) != value:
                raise InputError(
                    f"folder {out} was downloaded with {key} {asked.get(key)!r}",
                    f"this request has {value!r}",
                    "choose another folder",
                )
        return cls(out, request, files=files, no_data=no_data)

    def holds(self, name: str) -> bool:
        """Whether the file is there unchanged; a changed one is removed, an unknown one taken in if it can be read."""
        path = self.out / name
        if not path.is_file():
            self.files.pop(name, None)
            return False
        if name in self.files:
            return self._is_unchanged(name, path)
        try:
            check_file(name, path)
        except ForeshockError:
            return False
        self.take_in(name)
        return True

    def _is_unchanged(self, name: str, path: Path) -> bool:
        if _sha256(path) == str(self.files[name]["sha256"]):
            return True
        del self.files[name]
        with explained(path):
            path.unlink()
        return False

    def take_in(self, name: str) -> None:
        """Note the size and checksum of a file that has come."""
        path = self.out / name
        self.files[name] = {"sha256": _sha256(path), "bytes": path.stat().st_size}
        self.failed.pop(name, None)

    def save(self) -> None:
        """Write it, whole or not at all; one that knows nothing is not kept."""
        if not (self.files or self.no_data or self.failed):
            self._forget()
            return
        content = {
            "request": self.request.as_json(),
            "files": dict(sorted(self.files.items())),
            "no_data": dict(sorted(self.no_data.items())),
            "failed": dict(sorted(self.failed.items())),
        }
        write_json(self.path, content)

    def _forget(self) -> None:
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # files that came before lie in it
            (self.out / "waveforms").rmdir()


def _refuse_foreign_folder(out: Path) -> None:
    with explained(out):
        foreign = sorted(item.name for item in out.iterdir() if item.name != "waveforms" and item.name[0] != ".")
    if foreign:
        raise OutputError(f"folder {out}", f"it already holds {foreign[0]}", "choose a new or empty folder")


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def check_file(name: str, path: Path) -> None:
    """Refuse a file that is not what was asked for.

    Raises:
        FormatError: it is no whole miniSEED (or StationXML), or holds another channel.
    """
    if name == STATIONS_NAME:
        parse_stationxml(path.read_bytes(), where="the server's answer")
        return
    wanted = Path(name).name.split("__")[0]
    strangers = {trace.id for trace in read_traces(path)} - {wanted}
    if strangers:
        raise FormatError("the server's answer", f"it holds {min(strangers)}, not {wanted}", "try again")


def check_bytes(name: str, content: bytes) -> None:
    """Refuse an answer that is not what was asked for (see `check_file`)."""
    with TemporaryDirectory(prefix="foreshock-") as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        check_file(name, path)
