"""Recorded: packets of a replay, by what stands in its files. Knows no relay and no engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from foreshock.collect.as_packets import FilePackets
from foreshock.collect.packet_lines import PacketLines, is_packet_lines
from foreshock.collect.packet_logs import PacketLog
from foreshock.collect.telemetry import constant, jittered
from foreshock.config import Settings
from foreshock.errors import NotFoundError
from foreshock.types.packet import Packet

LINES = (".jsonl", ".jsonl.gz")


class ReplaySettings(Settings):
    """How recordings without arrival times are turned into packets.

    Attributes:
        packet_s: length of packets. latency_s: from a packet's end to its arrival, median.
        jitter: standard deviation of the latency's logarithm. lost: share that never arrives. seed: of both.
        start_ns, end_ns: only data of this time.
    """

    packet_s: float = 1.0
    latency_s: float = 0.9
    jitter: float = 0.0
    lost: float = 0.0
    seed: int = 0
    start_ns: int | None = None
    end_ns: int | None = None


class Recorded(Protocol):
    """Packets that were recorded, in order of arrival."""

    skipped: list[tuple[str, str]]

    def packets(self) -> Iterator[Packet]:
        """Give them once more."""
        ...


def recorded(path: Path, settings: ReplaySettings | None = None) -> Recorded:
    """Open a log of packets (our own or OpenEEW's), or recordings: a file, a folder, an SDS archive.

    Logs keep their arrival times; recordings are given some by the settings.

    Raises:
        NotFoundError: there is no such path.
        InputError: a setting breaks its rule.
    """
    told = settings or ReplaySettings()
    if not path.exists():
        raise NotFoundError(f"recordings {path}", "they do not exist", "give a file or a folder")
    lines = path if path.is_file() and path.name.endswith(LINES) else path / "packets.jsonl.gz"
    if lines.is_file() and is_packet_lines(lines):
        return PacketLines(lines)
    if path.name.endswith(LINES) or (path.is_dir() and any(path.rglob("*.jsonl*"))):
        return PacketLog(path)
    if told.jitter or told.lost:
        telemetry = jittered(told.latency_s, spread=told.jitter, lost=told.lost, seed=told.seed)
    else:
        telemetry = constant(told.latency_s)
    return FilePackets(path, packet_s=told.packet_s, telemetry=telemetry, start_ns=told.start_ns, end_ns=told.end_ns)
