"""Spans: when a miniSEED 2 file of one channel was recorded, by the headers of its records. Knows no samples."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.miniseed import version2
from foreshock.collect.miniseed.header import DAY_S, Header
from foreshock.errors import FormatError
from foreshock.types.arrays import AnyArray, Ints

_HEAD = np.dtype(
    {
        "names": ["quality", "codes", "year", "day", "hour", "minute", "second", "tenths_ms", "n", "rate", "late"],
        "formats": ["u1", "S12", ">u2", ">u2", "u1", "u1", "u1", ">u2", ">u2", ">u4", ">i4"],
        "offsets": [6, 8, 20, 22, 24, 25, 26, 28, 30, 32, 40],
        "itemsize": 48,
    }
)
_QUALITIES = np.frombuffer(b"DRQM", np.uint8)


class Recorded(NamedTuple):
    """Samples without a hole longer than was asked for: whose, from when to when, and how many."""

    station_id: str
    channel: str
    first_ns: int
    last_ns: int
    n_samples: int


def recorded(path: Path, *, longest_hole_s: float) -> list[Recorded] | None:
    """Tell when a file was recorded, to a tenth of a millisecond; None where more must be asked than these headers.

    That is where the file is not of big-endian records of one length, one channel and one rate, or where a record has
    a clock correction.
    """
    try:
        content = np.memmap(path, np.uint8, "r")
        first = version2.read_header(bytes(content[:512]))
        rows = content.reshape(-1, first.end)[:, : _HEAD.itemsize].copy().view(_HEAD)[:, 0]
    except (FormatError, ValueError, OSError):
        return None
    rows = rows[rows["n"] > 0]
    return _runs(rows, first, longest_hole_s) if len(rows) and first.rate_hz > 0 and _are_alike(rows) else None


def _are_alike(rows: AnyArray) -> bool:
    """Whether all are data records of one channel and rate, with a time that can be read as it stands."""
    one = all((rows[name] == rows[name][0]).all() for name in ("codes", "rate"))
    true = np.isin(rows["quality"], _QUALITIES) & (rows["late"] == 0)
    true &= (rows["year"] >= 1900) & (rows["year"] <= 2100) & (rows["day"] >= 1) & (rows["day"] <= 366)
    true &= (rows["hour"] < 24) & (rows["minute"] < 60) & (rows["second"] <= 60) & (rows["tenths_ms"] < 10_000)
    return bool(one and true.all())


def _runs(rows: AnyArray, first: Header, longest_hole_s: float) -> list[Recorded]:
    starts = _moments_ns(rows)
    order = np.argsort(starts, kind="stable")
    starts, counts = starts[order], rows["n"][order].astype(np.int64)
    ends = np.maximum.accumulate(starts + np.rint(counts * (NS_PER_S / first.rate_hz)).astype(np.int64))
    cuts = np.flatnonzero(starts[1:] - ends[:-1] > longest_hole_s * NS_PER_S) + 1
    return [
        Recorded(first.station_id, first.channel, int(starts[low]), int(ends[high - 1]), int(counts[low:high].sum()))
        for low, high in pairwise([0, *cuts.tolist(), len(starts)])
    ]


def _moments_ns(rows: AnyArray) -> Ints:
    year, day, hour, minute, second, tenths_ms = (
        rows[name].astype(np.int64) for name in ("year", "day", "hour", "minute", "second", "tenths_ms")
    )
    days = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) + day - 1
    return np.asarray(
        (days * DAY_S + hour * 3600 + minute * 60 + second) * NS_PER_S + tenths_ms * 100_000, dtype=np.int64
    )
