"""INFO: what a SeedLink server tells of itself, its stations and streams: JSON in version 4, XML in version 3.

Version 3 packs the XML as text into miniSEED records. Knows no sockets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from foreshock.clock import iso_utc
from foreshock.collect.miniseed.header import TEXT
from foreshock.collect.miniseed.version2 import write_header
from foreshock.collect.seedlink.names import matches
from foreshock.collect.seedlink.ring import Ring, StationRing
from foreshock.collect.seedlink.wire import RECORD3, head4

FORMATS = {
    "2": {"mimetype": "application/vnd.fdsn.mseed", "subformat": {"D": "data/generic"}},
    "3": {"mimetype": "application/vnd.fdsn.mseed3", "subformat": {"D": "data/generic"}},
    "J": {"mimetype": "application/json", "subformat": {"I": "SeedLink info", "E": "SeedLink error"}},
}
CAPABILITIES3 = (
    "dialup", "multistation", "window-extraction", "info:id", "info:capabilities", "info:stations", "info:streams"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    """What is told of a server: its software, who runs it, since when, and its ring."""

    software: str
    organization: str
    started_ns: int
    ring: Ring


def info4(server: Server, told: list[str], *, denied: str = "") -> bytes:
    """Answer ``INFO item [station [stream]]`` of version 4 by one packet."""
    item = told[0].upper() if told else ""
    station = told[1] if len(told) > 1 else "*"
    stream = told[2].partition(".")[0] if len(told) > 2 else "*"
    content: dict[str, Any] = {"software": _software(server), "organization": server.organization}
    if denied:
        content["error"] = {"code": denied, "message": "say AUTH USERPASS first"}
    elif item in ("ID", "CAPABILITIES"):
        content["capability"] = ["SLPROTO:4.0", "SLPROTO:3.1", "TIME", "SEQWILDCARD"]
    elif item == "FORMATS":
        content["format"] = FORMATS
    elif item in ("STATIONS", "STREAMS"):
        if item == "STREAMS":
            content["format"] = FORMATS
        asked = [one for name, one in sorted(server.ring.stations.items()) if matches(station, name)]
        content["station"] = [_station4(server.ring, one, stream if item == "STREAMS" else "") for one in asked]
    else:
        content["error"] = {"code": "ARGUMENTS", "message": "items are ID, CAPABILITIES, FORMATS, STATIONS, STREAMS"}
    payload = json.dumps(content).encode()
    kind = "JE" if "error" in content else "JI"
    return head4(kind, 0, station="", n_bytes=len(payload)) + payload


def _software(server: Server) -> str:
    return f"SeedLink v4.0 ({server.software}) :: SLPROTO:4.0 SLPROTO:3.1"


def _station4(ring: Ring, one: StationRing, stream: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": one.name,
        "description": one.name,
        "begin_seq": one.first,
        "end_seq": one.next,
        "backfill": -1,
    }
    if stream:
        told["stream"] = [
            {
                "id": name,
                "format": kind[0],
                "subformat": kind[1],
                "origin": "native",
                "begin_time": iso_utc(begin_ns),
                "end_time": iso_utc(end_ns),
            }
            for name, kind, begin_ns, end_ns in ring.streams_of(one)
            if matches(stream, name)
        ]
    return told


def info3(server: Server, told: list[str]) -> bytes:
    """Answer ``INFO level`` of version 3 by records of text, or by an error."""
    level = told[0].upper() if told else ""
    if level not in ("ID", "CAPABILITIES", "STATIONS", "STREAMS"):
        return b"ERROR\r\n"
    inside = ""
    if level == "CAPABILITIES":
        inside = "".join(f"<capability name={quoteattr(name)}/>" for name in CAPABILITIES3)
    elif level != "ID":
        inside = "".join(
            _station3(server.ring, one, level == "STREAMS") for _, one in sorted(server.ring.stations.items())
        )
    top = _attributes(software=_software(server), organization=server.organization, started=_slash(server.started_ns))
    return b"".join(_records(f'<?xml version="1.0"?><seedlink{top}>{inside}</seedlink>'))


def _station3(ring: Ring, one: StationRing, with_streams: bool) -> str:
    network, _, station = one.name.partition("_")
    top = _attributes(
        name=station, network=network, description=one.name, begin_seq=f"{one.first % (1 << 24):06X}",
        end_seq=f"{one.next % (1 << 24):06X}", stream_check="enabled",
    )  # fmt: skip
    inside = ""
    for name, kind, begin_ns, end_ns in ring.streams_of(one) if with_streams else ():
        location, _, channel = name.partition("_")
        inside += f"<stream{_attributes(location=location, seedname=channel.replace('_', ''), type=kind[1])}"
        inside += f"{_attributes(begin_time=_slash(begin_ns), end_time=_slash(end_ns))}/>"
    return f"<station{top}>{inside}</station>"


def _attributes(**told: str) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in told.items())


def _slash(time_ns: int) -> str:
    """A time as version 3 writes it."""
    return iso_utc(time_ns)[:24].replace("-", "/").replace("T", " ").rstrip("Z")


def _records(text: str) -> Iterable[bytes]:
    """Text in miniSEED log records, each with the 8 bytes that say whether more follow."""
    content = text.encode("ascii", "xmlcharrefreplace")
    room = RECORD3 - 64
    for first in range(0, len(content), room):
        part = content[first : first + room]
        header = write_header(
            ("SL", "INFO", "", "INF"),
            start_ns=0,
            rate_hz=1.0,
            n_samples=len(part),
            encoding=TEXT,
            sequence=first // room + 1,
            power=9,
        )
        header = header[:32] + bytes(4) + header[36:]  # text has no rate
        yield (b"SLINFO *" if first + room < len(content) else b"SLINFO  ") + (header + part).ljust(RECORD3, b"\0")
