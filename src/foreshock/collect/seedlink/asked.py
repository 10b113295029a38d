"""Asked: what a reader has asked for: stations, streams, from where on, and of which time. Knows no sockets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.collect.seedlink.names import Selector, are_chosen, matches
from foreshock.collect.seedlink.ring import Entry, StationRing
from foreshock.collect.seedlink.wire import WRAP3
from foreshock.errors import InputError

Where = Literal["next", "all", "sequence", "sequence3"]
"""From where on: what comes next, all that is held, or a sequence, whole or of version 3's 24 bits."""


@dataclass(slots=True)
class Request:
    """What is asked of the stations that fit a pattern.

    Attributes:
        station: pattern of ``NET_STA``. selectors: of streams. where, sequence: from where on.
        start_ns, end_ns: only records that overlap this time. is_accepted: whether data were asked for.
    """

    station: str
    selectors: list[Selector] = field(default_factory=list)
    where: Where = "next"
    sequence: int = 0
    start_ns: int | None = None
    end_ns: int | None = None
    is_accepted: bool = False

    def begin(self, ring: StationRing, *, is_new: bool) -> int:
        """The first sequence wanted of a station; of a new one, all."""
        if is_new or self.where == "all":
            return ring.first
        if self.where == "next":
            return ring.next
        return (ring.from_sequence if self.where == "sequence" else ring.from_sequence3)(self.sequence)

    def chooses(self, entry: Entry) -> bool:
        """Whether a record's stream is wanted."""
        return are_chosen(self.selectors, entry.stream, entry.kind)

    def overlaps(self, entry: Entry) -> bool:
        """Whether a record lies in the time that is wanted."""
        return (self.end_ns is None or entry.start_ns < self.end_ns) and (
            self.start_ns is None or entry.end_ns > self.start_ns
        )


def request_of(requests: list[Request], station: str) -> Request | None:
    """The first request that fits a station; later ones do not speak of it."""
    return next((one for one in requests if one.is_accepted and matches(one.station, station)), None)


def put_data4(request: Request, told: list[str]) -> None:
    """Read ``DATA [seq|ALL|-1 [start [end]]]`` of version 4 into a request.

    Raises:
        InputError: an argument is none of these.
    """
    _put_where(request, told[0] if told else "-1", version=4, has_time=len(told) > 1)
    _put_times(request, [_time4(text) for text in told[1:]])


def put_data3(request: Request, told: list[str]) -> None:
    """Read ``DATA [seq [start [end]]]`` of version 3, the sequence hexadecimal, into a request.

    Raises:
        InputError: an argument is none of these.
    """
    _put_where(request, told[0] if told else "-1", version=3, has_time=len(told) > 1)
    _put_times(request, [_time3(text) for text in told[1:]])


def put_time3(request: Request, told: list[str]) -> None:
    """Read ``TIME [start [end]]`` of version 3 into a request: of all that is held, what lies in that time.

    Raises:
        InputError: an argument is no time.
    """
    request.where = "all"
    _put_times(request, [_time3(text) for text in told])


def _put_where(request: Request, text: str, *, version: int, has_time: bool) -> None:
    if text == "-1":  # with a time that is where to begin, as TIME says it
        request.where = "all" if has_time else "next"
        return
    if text.upper() == "ALL":
        request.where = "all"
        return
    try:
        sequence = int(text, 16 if version == 3 else 10)
    except ValueError:
        sequence = -1
    if not 0 <= sequence < 1 << 64 or len(text) > 20:
        raise InputError(f"sequence {text[:40]!r}", "it is no sequence number", "write a number, or ALL")
    is_short = version == 3 and sequence <= WRAP3
    request.where, request.sequence = (
        "sequence3" if is_short else "sequence",
        sequence % WRAP3 if is_short else sequence,
    )


def _put_times(request: Request, times: list[int]) -> None:
    if len(times) > 2 or (len(times) == 2 and times[1] <= times[0]):
        raise InputError("time window", "it is a start and an end after it", "give two times or one")
    request.start_ns = times[0] if times else None
    request.end_ns = times[1] if len(times) > 1 else None


def _time4(text: str) -> int:
    if not text.endswith("Z"):
        raise InputError(f"time {text[:40]!r}", "it must be UTC and end in Z", "write 2020-06-23T15:29:04Z")
    return utc_ns(text)


def _time3(text: str) -> int:
    """``year,month,day,hour,minute,second``."""
    parts = text.split(",")
    if len(parts) != 6 or not all(part.isdigit() and len(part) <= 4 for part in parts):
        raise InputError(
            f"time {text[:40]!r}", "it must be year,month,day,hour,minute,second", "write 2020,6,23,15,29,4"
        )
    year, month, day, hour, minute, second = (int(part) for part in parts)
    whole = utc_ns(f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{min(second, 59):02d}Z")
    return whole + NS_PER_S * (second >= 60)
