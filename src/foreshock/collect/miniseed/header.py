"""Header: what a miniSEED record says of itself, whichever its version, and the limits of what is believed.

Knows no bytes: `version2` and `version3` read them.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.config import Settings
from foreshock.errors import FormatError

TEXT, INT16, INT32, FLOAT32, FLOAT64, STEIM1, STEIM2 = 0, 1, 3, 4, 5, 10, 11
DAY_S = 86_400
GPS_EPOCH_NS = 315_964_800 * NS_PER_S
"""1980-01-06: where a receiver's clock stands that has never seen a satellite; a computer's stands ten years before."""


class Header(NamedTuple):
    """What a record says: whose, when, how many, and where its payload lies.

    Attributes:
        station_id, channel: ``NET.STA.LOC`` and code. start_ns: UTC nanoseconds of sample 0. rate_hz: samples a second.
        n_samples: promised. encoding: the FDSN's number. big: whether numbers are big-endian. payload, end: bytes.
    """

    station_id: str
    channel: str
    start_ns: int
    rate_hz: float
    n_samples: int
    encoding: int
    big: bool
    payload: int
    end: int

    @property
    def end_ns(self) -> int:
        """UTC nanoseconds of the sample after the last one."""
        return self.start_ns + (round(self.n_samples * NS_PER_S / self.rate_hz) if self.rate_hz > 0 else 0)


class Limits(Settings):
    """What is believed of a record; outside, it is refused with a reason.

    Attributes:
        earliest_ns: data older than this comes from a clock that was never set, UTC nanoseconds.
        ahead_s: data may begin so long after it arrives, seconds; None lets any future pass.
        lowest_hz, highest_hz: sampling rates.
        most_samples: of one record.
    """

    earliest_ns: int = GPS_EPOCH_NS + 7 * DAY_S * NS_PER_S
    ahead_s: float | None = 3600.0
    lowest_hz: float = 1e-3
    highest_hz: float = 1e5
    most_samples: int = 1_000_000


def refuse(rule: str) -> FormatError:
    """The error that says why a record is none."""
    return FormatError("miniSEED record", rule, "ask its sender")


def doubt(header: Header, *, arrived_ns: int, limits: Limits) -> str:
    """Why a header is not believed; empty when it is.

    >>> one = Header("XX.A.", "HHZ", 0, 100.0, 9, STEIM2, True, 64, 512)
    >>> doubt(one, arrived_ns=0, limits=Limits())
    'it begins at 1970-01-01T00:00:00.000000Z, when no clock was set'
    """
    rate_hz, n_samples = header.rate_hz, header.n_samples
    if n_samples <= 0 or rate_hz == 0:
        return "it holds no time series"
    if not limits.lowest_hz <= rate_hz <= limits.highest_hz:
        return f"its sampling rate is {rate_hz:g} Hz, outside {limits.lowest_hz:g} to {limits.highest_hz:g} Hz"
    if n_samples > limits.most_samples:
        return f"it promises {n_samples} samples, more than {limits.most_samples}"
    if header.start_ns < limits.earliest_ns:
        return f"it begins at {iso_utc(header.start_ns)}, when no clock was set"
    if limits.ahead_s is not None and header.start_ns > arrived_ns + limits.ahead_s * NS_PER_S:
        ahead_s = (header.start_ns - arrived_ns) / NS_PER_S
        return f"it begins {ahead_s:.0f} s after it arrived, at {iso_utc(header.start_ns)}"
    return ""


@lru_cache(maxsize=64)
def _days_before(year: int) -> int:
    return (date(year, 1, 1) - date(1970, 1, 1)).days


def moment_ns(year: int, day: int, hour: int, minute: int, second: int) -> int:
    """UTC nanoseconds of a year, day of the year and time of day; a leap second counts as the next minute's first.

    Raises:
        FormatError: there is no such moment, or no four-digit year.
    """
    if not (1 <= year <= 9999 and 1 <= day <= 366 and hour < 24 and minute < 60 and second <= 60):
        raise refuse(f"its time is day {day} of {year}, {hour}:{minute}:{second}")
    return ((_days_before(year) + day - 1) * DAY_S + hour * 3600 + minute * 60 + second) * NS_PER_S
