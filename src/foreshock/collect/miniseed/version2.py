"""miniSEED 2 headers, read and written: the fixed section, and blockettes 100, 1000 and 1001. Knows no samples.

Source: SEED manual 2.4 (FDSN, 2012), chapter 8.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.collect.miniseed.header import Header, moment_ns, refuse
from foreshock.errors import InputError

SMALLEST, LARGEST = 7, 20
"""Record lengths are powers of two, 128 bytes to 1 MB."""
MOST_BLOCKETTES = 32

_FIXED = {order: struct.Struct(order + "6sBB5s2s3s2sHHBBBxHHhhBBBBiHH") for order in "<>"}
_LINK = {order: struct.Struct(order + "HH") for order in "<>"}
_RATE = {order: struct.Struct(order + "f") for order in "<>"}
_QUALITIES = b"DRQM"


def is_version2(record: bytes, at: int = 0) -> bool:
    """Whether bytes look like the beginning of a miniSEED 2 record.

    >>> is_version2(b"000001D " + bytes(40)), is_version2(b"MS\\3" + bytes(45))
    (True, False)
    """
    return (
        len(record) - at >= 48
        and record[at + 6] in _QUALITIES
        and record[at + 7] in b" \0"
        and not record[at : at + 6].strip(b"0123456789 \0")
    )


def read_header(record: bytes) -> Header:
    """Read the header of one miniSEED 2 record.

    Raises:
        FormatError: it is none, says how long it is nowhere, or its time is none.
    """
    order = _order(record)
    (_, _, _, _, _, _, _, year, day, hour, minute, second, tenths_ms, n_samples, factor,
     multiplier, activity, _, _, _, correction, payload, blockette) = _FIXED[order].unpack_from(record)  # fmt: skip
    rate_hz, encoding, big, power, micros = _blockettes(record, order, blockette, _nominal_hz(factor, multiplier))
    start_ns = moment_ns(year, day, hour, minute, second) + tenths_ms * 100_000 + micros * 1_000
    if not activity & 2:  # not yet applied
        start_ns += correction * 100_000
    station_id, channel = named(record[8:20])
    return Header(station_id, channel, start_ns, rate_hz, n_samples, encoding, big, payload, 1 << power)


@lru_cache(maxsize=8192)
def named(codes: bytes) -> tuple[str, str]:
    """``NET.STA.LOC`` and channel from a header's bytes 8 to 19.

    >>> named(b"ANMO 00BHZIU")
    ('IU.ANMO.00', 'BHZ')
    """
    try:
        text = codes.decode("ascii").replace("\0", " ")
    except UnicodeDecodeError:
        raise refuse("its codes are not ASCII") from None
    station, location, channel, network = (text[a:b].strip() for a, b in ((0, 5), (5, 7), (7, 10), (10, 12)))
    if not channel or not station or "." in text:
        raise refuse(f"its codes are {network!r} {station!r} {location!r} {channel!r}")
    return f"{network}.{station}.{location}", channel


def record_bytes(record: bytes, at: int = 0) -> int:
    """How long the record that begins at a byte says it is.

    Raises:
        FormatError: it does not say.
    """
    part = record[at : at + 512]
    order = _order(part)
    first = _FIXED[order].unpack_from(part)[-1]
    return int(1 << _blockettes(part, order, first, 0.0)[3])


def _order(record: bytes) -> str:
    if not is_version2(record):
        raise refuse("it does not begin as miniSEED 2 or 3 does")
    for order in "><":
        year, day = _LINK[order].unpack_from(record, 20)
        if 1900 <= year <= 2100 and 1 <= day <= 366:
            return order
    raise refuse("its year is not between 1900 and 2100")


def _nominal_hz(factor: int, multiplier: int) -> float:
    """The rate by factor and multiplier; negative ones divide."""
    if factor == 0 or multiplier == 0:
        return 0.0
    rate_hz = float(factor) if factor > 0 else -1.0 / factor
    return rate_hz * multiplier if multiplier > 0 else -rate_hz / multiplier


def _blockettes(record: bytes, order: str, at: int, rate_hz: float) -> tuple[float, int, bool, int, int]:
    """Rate, encoding, whether big-endian, the length's power of two, and microseconds, from the chain of blockettes."""
    encoding, big, power, micros = -1, True, 0, 0
    for _ in range(MOST_BLOCKETTES):
        if at == 0 or at + 8 > len(record):
            break
        kind, following = _LINK[order].unpack_from(record, at)
        if kind == 1000:
            encoding, big, power = record[at + 4], record[at + 5] == 1, record[at + 6]
        elif kind == 1001:
            micros = record[at + 5] - (256 if record[at + 5] > 127 else 0)
        elif kind == 100:
            told_hz = _RATE[order].unpack_from(record, at + 4)[0]
            rate_hz = told_hz if isfinite(told_hz) and told_hz > 0 else rate_hz
        if following and following <= at:
            raise refuse("its blockettes point backwards")
        at = following
    if not SMALLEST <= power <= LARGEST:
        raise refuse("it has no blockette 1000 that says how long it is")
    return rate_hz, encoding, big, power, micros


# -- writing -----------------------------------------------------------------------------------------------------------


def factors(rate_hz: float) -> tuple[int, int] | None:
    """Factor and multiplier that say a rate exactly, or None.

    >>> factors(100.0), factors(31.25), factors(0.1), factors(1 / 3)
    ((100, 1), (3125, -100), (1, -10), (-3, 1))
    """
    for multiplier in (1, 10, 100, 1000, 10_000):
        factor = rate_hz * multiplier
        if factor >= 1 and factor <= 32767 and factor == round(factor):
            return round(factor), 1 if multiplier == 1 else -multiplier
    period_s = round(1 / rate_hz)
    return (-period_s, 1) if 1 <= period_s <= 32767 and -1.0 / -period_s == rate_hz else None


def write_header(
    codes: tuple[str, str, str, str], *, start_ns: int, rate_hz: float, n_samples: int, encoding: int, sequence: int,
    power: int,
) -> bytes:  # fmt: skip
    """Write the header of a record, 64 or 128 bytes up to where its payload begins; time is kept to the microsecond.

    Raises:
        InputError: a code is longer than miniSEED 2 has letters for, or the year has no four digits.
    """
    padded = _padded(codes)
    start_us = (start_ns + 500) // 1000
    tenths_ms, micros = divmod(start_us + 50, 100)
    seconds, tenths = divmod(tenths_ms, 10_000)
    moment = datetime.fromtimestamp(seconds, UTC)
    if not 1900 <= moment.year <= 2100:
        raise InputError(f"record at {iso_utc(start_ns)}", "miniSEED 2 is read from 1900 to 2100", "correct its time")
    told = factors(rate_hz)
    factor, multiplier = told or (max(1, min(32767, round(rate_hz))), 1)
    payload = 64 if told else 128
    fixed = _FIXED[">"].pack(
        f"{sequence % 1_000_000:06d}".encode(), ord("D"), ord(" "), padded[1], padded[2], padded[3], padded[0],
        moment.year, moment.timetuple().tm_yday, moment.hour, moment.minute, moment.second, tenths, n_samples,
        factor, multiplier, 0, 0, 0, 2 if told else 3, 0, payload, 48,
    )  # fmt: skip
    fixed += struct.pack(">HHBBBx", 1000, 56, encoding, 1, power)
    fixed += struct.pack(">HHBbxB", 1001, 0 if told else 64, 0, micros - 50, 0)
    if not told:
        fixed += struct.pack(">HHf4x", 100, 0, rate_hz)
    return fixed.ljust(payload, b"\0")


def _padded(codes: tuple[str, str, str, str]) -> list[bytes]:
    padded = []
    for (what, length), code in zip(
        (("network", 2), ("station", 5), ("location", 2), ("channel", 3)), codes, strict=True
    ):
        if len(code) > length or not code.isascii():
            name = ".".join(codes)
            raise InputError(f"{what} {code!r} of {name}", f"miniSEED 2 keeps {length} ASCII letters", "use miniSEED 3")
        padded.append(code.ljust(length).encode())
    return padded


def codes_of(station_id: str, channel: str) -> tuple[str, str, str, str]:
    """Network, station, location and channel."""
    network, station, location = station_id.split(".")
    return network, station, location, channel


def span_ns(n_samples: int, rate_hz: float) -> int:
    """Nanoseconds that so many samples take."""
    return round(n_samples * NS_PER_S / rate_hz)
