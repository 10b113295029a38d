"""Packet lines: packets of any kind written down with both their times, a JSON object a line. Knows no clock.

The first line is ``{"schema": "foreshock.packets/1"}``. Each other holds ``id`` (NET.STA.LOC), ``channel``,
``start_ns``, ``rate_hz``, ``arrived_ns``, ``unit``, ``type`` (``i4``, ``f4`` or ``f8``, little-endian), ``samples``
(base64) and, where known, ``source`` and ``sequence``. Lines stand in order of arrival; a name that ends in ``.gz`` is
compressed. A file is taken as hostile: lines and samples are bounded, and what breaks a rule is left out and told.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from foreshock.errors import ForeshockError, FormatError, NotFoundError, NothingMatchedError
from foreshock.outputs import whole_file
from foreshock.types.arrays import AnyArray
from foreshock.types.packet import Packet

SCHEMA = "foreshock.packets/1"
LONGEST_LINE, MOST_LINES = 1 << 22, 50_000_000
MOST_SAMPLES = 100_000
MOST_TOLD = 1000
"""Lines left out beyond so many are counted, not listed."""
LONGEST_TEXT = 100
FARTHEST_NS = 1 << 62
_TYPES: dict[str, np.dtype[Any]] = {"i4": np.dtype("<i4"), "f4": np.dtype("<f4"), "f8": np.dtype("<f8")}
_COMPRESSION = 3


def write_packet_lines(path: Path, packets: Iterable[Packet]) -> int:
    """Write packets in the order given and say how many; the same packets give the same bytes.

    Raises:
        OutputError: the file cannot be written.
    """
    n = 0
    with whole_file(path) as temporary, temporary.open("wb") as handle, _sink(path, handle) as lines:
        lines.write(_line({"schema": SCHEMA}))
        for packet in packets:
            lines.write(_line(_told(packet)))
            n += 1
    return n


def _sink(path: Path, handle: BinaryIO) -> Any:
    if path.suffix == ".gz":
        return gzip.GzipFile(filename="", mode="wb", fileobj=handle, compresslevel=_COMPRESSION, mtime=0)
    return io.BufferedWriter(handle)


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


def _told(packet: Packet) -> dict[str, Any]:
    kind = f"{packet.samples.dtype.kind}{packet.samples.dtype.itemsize}"
    told = {
        "id": packet.station_id,
        "channel": packet.channel,
        "start_ns": packet.start_ns,
        "rate_hz": packet.rate_hz,
        "arrived_ns": packet.arrived_ns,
        "unit": packet.unit,
        "type": kind,
        "samples": base64.b64encode(packet.samples.astype(_TYPES[kind], copy=False).tobytes()).decode("ascii"),
    }
    if packet.source:
        told["source"] = packet.source
    if packet.sequence is not None:
        told["sequence"] = packet.sequence
    return told


class PacketLines:
    """Packets of such a file, in the order of its lines.

    Attributes:
        skipped: (file and line, reason) of what the last pass left out, the first thousand. n_skipped: how many.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.skipped: list[tuple[str, str]] = []
        self.n_skipped = 0

    def packets(self) -> Iterator[Packet]:
        """Give packets, a channel each.

        Raises:
            NotFoundError: the file is not there.
            FormatError: its first line names no schema known here.
            NothingMatchedError: it holds no packet.
        """
        self.skipped, self.n_skipped = [], 0
        if not self.path.is_file():
            raise NotFoundError(f"packet log {self.path}", "it is no file", "give a .jsonl or .jsonl.gz")
        given = False
        lines = self._lines()
        _check_head(next(lines, (1, b""))[1], self.path)
        for number, line in lines:
            try:
                packet = _packet(line)
            except ForeshockError as error:
                self._skip(number, error.rule)
                continue
            given = True
            yield packet
        if not given:
            why = f" ({self.skipped[0][0]}: {self.skipped[0][1]})" if self.skipped else ""
            raise NothingMatchedError(f"packet log {self.path}", f"it holds no packet{why}", "give another")

    def _skip(self, number: int, reason: str) -> None:
        self.n_skipped += 1
        if len(self.skipped) < MOST_TOLD:
            self.skipped.append((f"{self.path}:{number}", reason))

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """Lines with their numbers, to the end or to where the file breaks off."""
        with gzip.open(self.path, "rb") if self.path.suffix == ".gz" else self.path.open("rb") as handle:
            for number in range(1, MOST_LINES + 1):
                try:
                    line = handle.readline(LONGEST_LINE + 1)
                except (OSError, EOFError, zlib.error) as error:
                    self._skip(number, f"it cannot be read on ({error})")
                    return
                if not line:
                    return
                if len(line) > LONGEST_LINE:
                    self._skip(number, f"the line is longer than {LONGEST_LINE} bytes")
                    return
                if line.strip():
                    yield number, line
        self._skip(MOST_LINES, f"it has more than {MOST_LINES} lines")


def is_packet_lines(path: Path) -> bool:
    """Say whether a file's first line names the schema; anything that cannot be read does not."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as handle:
            _check_head(handle.readline(LONGEST_TEXT + 1), path)
    except (OSError, EOFError, zlib.error, FormatError):
        return False
    return True


def _check_head(line: bytes, path: Path) -> None:
    told = _object(line) if line else {}
    if told.get("schema") != SCHEMA:
        raise FormatError(f"packet log {path}", f"its first line does not name {SCHEMA}", "give another file")


def _object(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise _refuse("it is not JSON") from None
    if not isinstance(told, dict):
        raise _refuse("it is no object")
    return told


def _packet(line: bytes) -> Packet:
    told = _object(line)
    sequence = told.get("sequence")
    return Packet(
        _text(told, "id"),
        _text(told, "channel"),
        _whole(told, "start_ns"),
        _rate(told),
        _samples(told),
        _whole(told, "arrived_ns"),
        source=_text(told, "source") if "source" in told else "",
        sequence=None if sequence is None else _whole(told, "sequence"),
        unit=_text(told, "unit"),
    )


def _text(told: dict[str, Any], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable() or not value.isascii():
        raise _refuse(f"{key} is {str(value)[:40]!r}, no short text")
    return value


def _whole(told: dict[str, Any], key: str) -> int:
    value = told.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > FARTHEST_NS:
        raise _refuse(f"{key} is {str(value)[:40]!r}, no whole number in range")
    return value


def _rate(told: dict[str, Any]) -> float:
    value = told.get("rate_hz")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1e-3 < value < 1e5:
        raise _refuse(f"rate_hz is {str(value)[:40]!r}, no rate")
    return float(value)


def _samples(told: dict[str, Any]) -> AnyArray:
    kind, text = told.get("type"), told.get("samples")
    if not isinstance(kind, str) or kind not in _TYPES or not isinstance(text, str):
        raise _refuse("its samples or their type are not as they must be")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _refuse("its samples are not base64") from None
    size = _TYPES[kind].itemsize
    if len(content) % size or not 0 < len(content) // size <= MOST_SAMPLES:
        raise _refuse(f"its samples are {len(content)} bytes, not 1 to {MOST_SAMPLES} of {size} bytes")
    held = np.frombuffer(content, _TYPES[kind])
    return np.asarray(held, _TYPES[kind].newbyteorder("="))


def _refuse(rule: str) -> FormatError:
    return FormatError("line", rule, "leave it out")
