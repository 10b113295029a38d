"""Packet logs: packets that were recorded with both their times, in the order in which they arrived. Knows no clock.

Read is the log of OpenEEW sensors: a JSON object a line, ``device_id``, ``device_t``, ``cloud_t`` (seconds), ``sr``
(Hz), ``x``, ``y``, ``z`` (gal). `device_t` is taken as the time of a packet's last sample: in the records of 2020-06-23
the cloud has packets 0.11 s after it, much sooner than the second that a packet is long. `x` is taken as the
vertical: in the 1.3 s after the records of that day first exceed ten times their noise, it is the largest at all five
devices that do. Both are inferred, not documented.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.errors import ForeshockError, FormatError, NotFoundError, NothingMatchedError
from foreshock.types.packet import Packet

AXES = {"x": "BNZ", "y": "BN1", "z": "BN2"}
"""Channels of an accelerometer at 31.25 Hz."""
NETWORK = "OE"
"""The network that its stations are given; the log has none."""
GAL = 0.01
"""m/s2."""
LONGEST_LINE, MOST_LINES = 1 << 20, 2_000_000
MOST_SAMPLES = 100_000
_NEEDED = ("device_id", "device_t", "cloud_t", "sr")


class PacketLog:
    """Packets of a log: a file, or a folder of files, ``.jsonl`` or ``.jsonl.gz``.

    Attributes:
        skipped: (file and line, reason) of what the last pass left out.
    """

    def __init__(self, path: Path | str, *, network: str = NETWORK, axes: Mapping[str, str] = AXES) -> None:
        self.path, self.network, self.axes = Path(path), network, dict(axes)
        self.skipped: list[tuple[str, str]] = []

    def files(self) -> list[Path]:
        """The files of the log, in order of name.

        Raises:
            NotFoundError: the path is not there.
        """
        if self.path.is_file():
            return [self.path]
        if not self.path.is_dir():
            raise NotFoundError(f"packet log {self.path}", "it does not exist", "give a file or a folder of .jsonl.gz")
        return sorted([*self.path.rglob("*.jsonl"), *self.path.rglob("*.jsonl.gz")])

    def packets(self) -> Iterator[Packet]:
        """Give packets in order of arrival, a channel each.

        Raises:
            NotFoundError: the path is not there.
            NothingMatchedError: it holds no packet.
        """
        self.skipped = []
        held = [sorted(self._of_file(file), key=attrgetter("arrived_ns")) for file in self.files()]
        if not any(held):
            why = f" ({self.skipped[0][0]}: {self.skipped[0][1]})" if self.skipped else ""
            raise NothingMatchedError(f"packet log {self.path}", f"it holds no packet{why}", "give another")
        yield from merge(*held, key=attrgetter("arrived_ns"))

    def _of_file(self, file: Path) -> Iterator[Packet]:
        for number, line in _lines(file, self.skipped):
            try:
                yield from self._of_line(line)
            except ForeshockError as error:
                self.skipped.append((f"{file}:{number}", error.rule))

    def _of_line(self, line: bytes) -> list[Packet]:
        told = _told(line)
        name = str(told["device_id"])
        if not name.isalnum() or not name.isascii() or len(name) > 8:
            raise _refuse(f"its device is {name[:20]!r}")
        rows = {axis: _samples(told.get(axis)) for axis in self.axes}
        lengths = {len(row) for row in rows.values()}
        if len(lengths) != 1:
            raise _refuse("its axes do not hold equally many samples")
        n = lengths.pop()
        rate_hz, end_s = float(told["sr"]), float(told["device_t"])
        if not (1e-3 < rate_hz < 1e5 and 0 < end_s < 1e11 and 0 < float(told["cloud_t"]) < 1e11):
            raise _refuse(f"its rate or times are {rate_hz} Hz, {end_s} s, {told['cloud_t']} s")
        start_ns = round(end_s * NS_PER_S) - round((n - 1) * NS_PER_S / rate_hz)
        arrived_ns = round(float(told["cloud_t"]) * NS_PER_S)
        return [
            Packet(
                f"{self.network}.{name}.",
                channel,
                start_ns,
                rate_hz,
                rows[axis] * np.float32(GAL),
                arrived_ns,
                source="openeew",
                unit="m/s2",
            )
            for axis, channel in self.axes.items()
        ]


def _lines(file: Path, skipped: list[tuple[str, str]]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; what breaks off or has no end is told."""
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as handle:
        for number in range(1, MOST_LINES + 1):
            try:
                line = handle.readline(LONGEST_LINE + 1)
            except (OSError, EOFError, zlib.error) as error:
                skipped.append((f"{file}:{number}", f"it cannot be read on ({error})"))
                return
            if not line:
                return
            if len(line) > LONGEST_LINE:
                skipped.append((f"{file}:{number}", f"the line is longer than {LONGEST_LINE} bytes"))
                return
            if line.strip():
                yield number, line
    skipped.append((str(file), f"it has more than {MOST_LINES} lines"))


def _told(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise _refuse("it is not JSON") from None
    if not isinstance(told, dict):
        raise _refuse("it is no object")
    for key in _NEEDED:
        if key not in told:
            raise _refuse(f"{key} is missing")
    for key in _NEEDED[1:]:
        value = told[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise _refuse(f"{key} is {str(value)[:40]!r}, not a number")
    return told


def _samples(values: object) -> Any:
    if not isinstance(values, list) or not 0 < len(values) <= MOST_SAMPLES:
        raise _refuse(f"an axis is no list of 1 to {MOST_SAMPLES} samples")
    try:
        row = np.array(values, np.float32)
    except (ValueError, TypeError, OverflowError):
        raise _refuse("an axis holds what is no number") from None
    if row.ndim != 1 or not np.isfinite(row).all():
        raise _refuse("an axis holds NaN, infinity or lists")
    return row


def _refuse(rule: str) -> FormatError:
    return FormatError("line", rule, "leave it out")
