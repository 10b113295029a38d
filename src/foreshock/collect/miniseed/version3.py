"""miniSEED 3 headers, read and written, and FDSN source identifiers. Knows no samples.

Source: miniSEED 3 and FDSN Source Identifiers (FDSN, https://docs.fdsn.org).
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from functools import lru_cache

from foreshock.clock import NS_PER_S
from foreshock.collect.miniseed.crc32c import crc32c
from foreshock.collect.miniseed.header import STEIM1, STEIM2, Header, moment_ns, refuse

FIXED_BYTES = 40
LARGEST_BYTES = 1 << 20
PREFIX = "FDSN:"
_FIXED = struct.Struct("<2sBBIHHBBBBdIIBBHI")


def is_version3(record: bytes, at: int = 0) -> bool:
    """Whether bytes look like the beginning of a miniSEED 3 record."""
    return record[at : at + 3] == b"MS\3"


def record_bytes(record: bytes, at: int = 0) -> int:
    """How long the record that begins at a byte says it is.

    Raises:
        FormatError: there are not 40 bytes, or it says more than 1 MB.
    """
    if len(record) - at < FIXED_BYTES:
        raise refuse(f"it ends after {len(record) - at} of the 40 bytes of a header")
    size = FIXED_BYTES + record[at + 33] + sum(struct.unpack_from("<HI", record, at + 34))
    if size > LARGEST_BYTES:
        raise refuse(f"it says it is {size} bytes long, more than {LARGEST_BYTES}")
    return int(size)


def read_header(record: bytes) -> Header:
    """Read the header of one whole miniSEED 3 record.

    Raises:
        FormatError: it is cut, its checksum does not fit, or its identifier or time is none.
    """
    end = record_bytes(record)
    if len(record) < end:
        raise refuse(f"it ends after {len(record)} of {end} bytes")
    (_, _, _, nanos, year, day, hour, minute, second, encoding, rate, n_samples, crc, _, n_name, n_extra, _) = (
        _FIXED.unpack_from(record)
    )
    if crc32c(record[:28] + b"\0\0\0\0" + record[32:end]) != crc:
        raise refuse("its checksum does not fit its bytes")
    if nanos >= NS_PER_S:
        raise refuse(f"its time has {nanos} nanoseconds")
    station_id, channel = read_identifier(record[FIXED_BYTES : FIXED_BYTES + n_name])
    start_ns = moment_ns(year, day, hour, minute, second) + nanos
    rate_hz = rate if rate >= 0 else -1.0 / rate
    big = encoding in (STEIM1, STEIM2)
    payload = FIXED_BYTES + n_name + n_extra
    return Header(station_id, channel, start_ns, rate_hz, n_samples, encoding, big, payload, end)


@lru_cache(maxsize=8192)
def read_identifier(name: bytes) -> tuple[str, str]:
    """``NET.STA.LOC`` and channel of an FDSN source identifier; longer channels keep their underscores.

    >>> read_identifier(b"FDSN:IU_ANMO_00_B_H_Z"), read_identifier(b"FDSN:XX_A__L_FUZZY_5")
    (('IU.ANMO.00', 'BHZ'), ('XX.A.', 'L_FUZZY_5'))
    """
    text = name.decode("ascii", "replace")
    parts = text.removeprefix(PREFIX).split("_")
    if not text.startswith(PREFIX) or len(parts) != 6 or not parts[1] or "." in text or not text.isascii():
        raise refuse(f"its name {text[:80]!r} is no FDSN source identifier of a channel")
    network, station, location, *channel = parts
    short = all(len(part) == 1 for part in channel)
    return f"{network}.{station}.{location}", "".join(channel) if short else "_".join(channel)


def identifier(station_id: str, channel: str) -> str:
    """The FDSN source identifier of a channel.

    >>> identifier("IU.ANMO.00", "BHZ")
    'FDSN:IU_ANMO_00_B_H_Z'
    """
    parts = "_".join(channel) if "_" not in channel else channel
    return f"{PREFIX}{station_id.replace('.', '_')}_{parts}"


def write_record(name: str, payload: bytes, *, start_ns: int, rate_hz: float, n_samples: int, encoding: int) -> bytes:
    """Write one record with its checksum; the publication version is 1, raw data."""
    seconds, nanos = divmod(start_ns, NS_PER_S)
    moment = datetime.fromtimestamp(seconds, UTC)
    told_hz = rate_hz if rate_hz >= 1 else -1.0 / rate_hz
    coded = name.encode("ascii")
    head = _FIXED.pack(
        b"MS", 3, 0, nanos, moment.year, moment.timetuple().tm_yday, moment.hour, moment.minute, moment.second,
        encoding, told_hz, n_samples, 0, 1, len(coded), 0, len(payload),
    )  # fmt: skip
    record = head + coded + payload
    return record[:28] + struct.pack("<I", crc32c(record)) + record[32:]
