"""Decode: miniSEED records of either version into packets, many at a time. What cannot be used gets a reason.

Records are hostile: a cut one, a wrong length, a broken frame, 1970 or an absurd rate costs that record and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from foreshock.collect.miniseed import version2, version3
from foreshock.collect.miniseed.header import (
    FLOAT32,
    FLOAT64,
    INT16,
    INT32,
    STEIM1,
    STEIM2,
    Header,
    Limits,
    doubt,
    refuse,
)
from foreshock.collect.miniseed.steim import unpack
from foreshock.errors import ForeshockError
from foreshock.types.arrays import AnyArray
from foreshock.types.packet import Packet

_PLAIN = {INT16: ("i2", np.int32), INT32: ("i4", np.int32), FLOAT32: ("f4", np.float32), FLOAT64: ("f8", np.float64)}
_STEIM = {STEIM1: 1, STEIM2: 2}


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that cannot be used.

    Attributes:
        item: whose it seems to be, or its beginning. reason: why. number: its place among what was given.
    """

    item: str
    reason: str
    number: int


@dataclass(slots=True)
class Decoded:
    """What came of some records, in their order."""

    packets: list[Packet] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read_header(record: bytes) -> Header:
    """Read the header of one miniSEED record, 2 or 3.

    Raises:
        FormatError: it is neither, or it is cut or damaged.
    """
    if version3.is_version3(record):
        return version3.read_header(record)
    header = version2.read_header(record)
    if len(record) < header.end:
        raise refuse(f"it ends after {len(record)} of {header.end} bytes")
    return header


def decode(
    records: Sequence[bytes],
    *,
    arrived_ns: int,
    source: str = "",
    sequences: Sequence[int | None] | None = None,
    limits: Limits | None = None,
) -> Decoded:
    """Decode records that arrived together, each whole and beginning with its header.

    Args:
        records: miniSEED 2 or 3, mixed as they come.
        arrived_ns: when they arrived, UTC nanoseconds.
        source: where from. sequences: their numbers there. limits: what is believed of a header.
    """
    limits = limits or Limits()
    headers: list[Header | None] = []
    reasons: dict[int, tuple[str, str]] = {}
    for number, record in enumerate(records):
        try:
            header = read_header(record)
        except ForeshockError as error:
            headers.append(None)
            reasons[number] = (seeming(record), error.rule)
            continue
        headers.append(header)
        why = doubt(header, arrived_ns=arrived_ns, limits=limits)
        if why:
            reasons[number] = (f"{header.station_id}.{header.channel}", why)
            headers[-1] = None
    done = Decoded()
    for number, samples in _samples(records, headers):
        held = headers[number]
        assert held is not None
        if isinstance(samples, str):
            reasons[number] = (f"{held.station_id}.{held.channel}", samples)
            continue
        sequence = sequences[number] if sequences else None
        try:
            done.packets.append(
                Packet(
                    held.station_id, held.channel, held.start_ns, held.rate_hz, samples, arrived_ns, source, sequence
                )
            )
        except ForeshockError as error:
            reasons[number] = (f"{held.station_id}.{held.channel}", error.rule)
    done.refused = [Refused(*reasons[number], number) for number in sorted(reasons)]
    return done


def _samples(records: Sequence[bytes], headers: Sequence[Header | None]) -> Iterable[tuple[int, AnyArray | str]]:
    """The samples of each record that has a header, or why there are none, in order."""
    told: list[AnyArray | str | None] = [None] * len(records)
    packed: dict[int, list[int]] = {}
    for number, header in enumerate(headers):
        if header is None:
            continue
        steim = _STEIM.get(header.encoding)
        if steim and header.big:
            packed.setdefault(steim, []).append(number)
        else:
            told[number] = _plain(records[number], header)
    for steim, numbers in packed.items():
        known = [(records[k], head) for k in numbers if (head := headers[k]) is not None]
        payloads = [record[head.payload : head.end] for record, head in known]
        unpacked = unpack(payloads, [head.n_samples for _, head in known], steim=steim)
        for number, samples in zip(numbers, unpacked, strict=True):
            told[number] = samples
    return [(number, samples) for number, samples in enumerate(told) if samples is not None]


def _plain(record: bytes, header: Header) -> AnyArray | str:
    """Samples that are not packed."""
    kind = _PLAIN.get(header.encoding)
    if kind is None:
        if header.encoding in _STEIM:
            return "its Steim frames are little-endian, which the manual does not know"
        return f"its encoding {header.encoding} is not one of whole numbers, floats and Steim-1 and -2"
    told = np.dtype(kind[0]).newbyteorder(">" if header.big else "<")
    if header.payload + header.n_samples * told.itemsize > header.end:
        return f"it has no room for the {header.n_samples} samples its header promises"
    return np.frombuffer(record, told, header.n_samples, header.payload).astype(kind[1])


def seeming(record: bytes) -> str:
    """Whose a record seems to be, for telling of it."""
    if version2.is_version2(record):
        codes = (record[18:20], record[8:13], record[13:15], record[15:18])
        return ".".join(code.decode("ascii", "replace").strip() for code in codes)
    return f"{len(record)} bytes that begin {bytes(record[:8])!r}"


def cut(content: bytes) -> tuple[list[bytes], bytes]:
    """Cut bytes into whole records and what is left over of the last one.

    Raises:
        FormatError: somewhere no record begins; the byte is told.
    """
    records, at = [], 0
    while at < len(content):
        left = len(content) - at
        if left < 48 and (left < 3 or not version3.is_version3(content, at) or left < version3.FIXED_BYTES):
            break
        try:
            size = (version3 if version3.is_version3(content, at) else version2).record_bytes(content, at)
        except ForeshockError as error:
            if left < 512:
                break
            raise refuse(f"at byte {at} {error.rule}") from error
        if at + size > len(content):
            break
        records.append(content[at : at + size])
        at += size
    return records, content[at:]
