"""Encode: packets into miniSEED records, version 2 of a fixed length or version 3 of any. Knows no files.

Whole numbers are packed by Steim-2 where their differences allow, floats are kept as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foreshock.collect.miniseed import version2, version3
from foreshock.collect.miniseed.header import FLOAT32, FLOAT64, INT32, STEIM2
from foreshock.collect.miniseed.steim import FRAME_BYTES, pack
from foreshock.errors import InputError
from foreshock.types.arrays import AnyArray
from foreshock.types.packet import Packet

_ENCODING = {np.dtype(np.int32): INT32, np.dtype(np.float32): FLOAT32, np.dtype(np.float64): FLOAT64}
MOST_SAMPLES = 65_535
"""Of a miniSEED 2 record."""


def encode2(packet: Packet, *, sequence: int = 1, record_bytes: int = 512) -> list[bytes]:
    """Write a packet as miniSEED 2 records of one length, as many as it needs; time is kept to the microsecond.

    Raises:
        InputError: a code is too long for miniSEED 2, or the length is no power of two from 256.

    >>> one = Packet("XX.A.", "HHZ", 10**18, 100.0, np.arange(90, dtype=np.int32), arrived_ns=10**18)
    >>> [len(record) for record in encode2(one)]
    [512]
    """
    power = record_bytes.bit_length() - 1
    if record_bytes != 1 << power or not 8 <= power <= version2.LARGEST:
        raise InputError(f"record length {record_bytes}", "it must be a power of two from 256 bytes", "use 512")
    codes = version2.codes_of(packet.station_id, packet.channel)
    head = 64 if version2.factors(packet.rate_hz) else 128
    records: list[bytes] = []
    first = 0
    for payload, n, encoding in _payloads(packet.samples, (record_bytes - head) // FRAME_BYTES, big=True):
        header = version2.write_header(
            codes,
            start_ns=packet.start_ns + version2.span_ns(first, packet.rate_hz),
            rate_hz=packet.rate_hz,
            n_samples=n,
            encoding=encoding,
            sequence=sequence + len(records),
            power=power,
        )
        records.append((header + payload).ljust(record_bytes, b"\0"))
        first += n
    return records


def encode3(packet: Packet) -> bytes:
    """Write a packet as one miniSEED 3 record.

    Raises:
        InputError: its name is too long for an identifier.
    """
    name = version3.identifier(packet.station_id, packet.channel)
    if len(name) > 255 or not name.isascii():
        raise InputError(f"identifier {name[:80]!r}", "it must be 255 ASCII letters at most", "shorten the codes")
    enough = packet.n_samples // (FRAME_BYTES // 4 - 1) + 2
    ((payload, n, encoding),) = _payloads(packet.samples, enough, big=False, most=packet.n_samples)
    return version3.write_record(
        name, payload, start_ns=packet.start_ns, rate_hz=packet.rate_hz, n_samples=n, encoding=encoding
    )


def _payloads(
    samples: AnyArray, frames: int, *, big: bool, most: int = MOST_SAMPLES
) -> Iterator[tuple[bytes, int, int]]:
    """Payloads of at most so many frames, with their number of samples and encoding."""
    if samples.dtype == np.int32:
        packed = [pack(samples[first : first + most], before=int(samples[max(0, first - 1)]), frames=frames)
                  for first in range(0, len(samples), most)]  # fmt: skip
        if all(part is not None for part in packed):
            for part in packed:
                for payload, n in part or []:
                    yield payload, n, STEIM2
            return
    encoding = _ENCODING[samples.dtype]
    room = min(most, frames * FRAME_BYTES // samples.dtype.itemsize) if big else len(samples)
    plain = samples.astype(samples.dtype.newbyteorder(">" if big else "<"))
    for first in range(0, len(samples), room):
        held = plain[first : first + room]
        yield held.tobytes(), len(held), encoding
