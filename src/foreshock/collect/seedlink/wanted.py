"""Wanted: which channels a client wants, and from where on, in the words of either version. Knows no sockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.collect.seedlink.names import matches
from foreshock.collect.seedlink.settings import ClientSettings
from foreshock.collect.seedlink.wire import WRAP3
from foreshock.errors import InputError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Streams of the stations that fit a pattern.

    Attributes:
        station: pattern of ``NET_STA``. streams: patterns of location and channel, each with ``*`` and ``?``.
    """

    station: str
    streams: tuple[tuple[str, str], ...]

    def selectors(self, version: int) -> list[str]:
        """What SELECT says; nothing where all is wanted.

        Raises:
            InputError: version 3 has no words for a pattern.
        """
        if any(stream == ("*", "*") for stream in self.streams):
            return []
        return [(_selector4 if version == 4 else _selector3)(*stream) for stream in self.streams]


def wanted_of(patterns: Iterable[str]) -> list[Wanted]:
    """Read patterns ``NET.STA.LOC.CHA`` with ``*`` and ``?``; those of one station belong together.

    Raises:
        InputError: a pattern has not four parts.

    >>> wanted_of(["IU.ANMO.00.BH?", "IU.ANMO.00.LHZ"])
    [Wanted(station='IU_ANMO', streams=(('00', 'BH?'), ('00', 'LHZ')))]
    """
    streams: dict[str, list[tuple[str, str]]] = {}
    for pattern in patterns:
        parts = pattern.strip().split(".")
        if len(parts) != 4 or not all(parts[k] for k in (0, 1, 3)) or not pattern.isascii() or " " in pattern.strip():
            raise InputError(
                f"stream {pattern!r}", "it must be NET.STA.LOC.CHA, * and ? allowed", "write 'IU.ANMO.*.BH?'"
            )
        streams.setdefault(f"{parts[0]}_{parts[1]}", []).append((parts[2], parts[3]))
    return [Wanted(station, tuple(held)) for station, held in streams.items()]


def _selector4(location: str, channel: str) -> str:
    parts = "_".join(channel) if "*" not in channel and "_" not in channel else channel
    return f"{location}_{parts}"


def _selector3(location: str, channel: str) -> str:
    if location == "*" and channel == "*":
        return "?????"
    place = {"*": "??", "": "--"}.get(location, location)
    code = "???" if channel == "*" else channel
    if len(place) != 2 or len(code) != 3 or "*" in place + code:
        raise InputError(
            f"stream {location}.{channel}", "version 3 has LLCCC with ? only", "write 00.BH?, or use version 4"
        )
    return place + code


@dataclass(frozen=True, slots=True)
class Asking:
    """What is said of one station or pattern: STATION, SELECTs and DATA, without their answers."""

    station: str
    selectors: tuple[str, ...]
    data: str


def askings(
    wanted: list[Wanted], places: Mapping[str, int], *, version: int, settings: ClientSettings, is_first: bool
) -> list[Asking]:
    """What to ask for: stations that are known from their places on, then all that fit the patterns.

    On the first line that is what the settings say. On a later one, a station that is not known is new since the first,
    so all that is held of it is wanted; version 3 has no word for that.
    """
    told: list[Asking] = []
    for station, place in sorted(places.items()):
        one = next((one for one in wanted if matches(one.station, station)), None)
        if one is not None:
            told.append(Asking(station, tuple(one.selectors(version)), _data(place, settings, version)))
    for one in wanted:
        if one.station not in places:
            whole = "ALL" if version == 4 and (settings.begin == "all" or not is_first) else None
            told.append(Asking(one.station, tuple(one.selectors(version)), _data(whole, settings, version)))
    return told


def _data(place: int | str | None, settings: ClientSettings, version: int) -> str:
    """The words of DATA, FETCH or TIME."""
    times = [one for one in (settings.start_ns, settings.end_ns) if one is not None]
    if version == 4:
        start = ["ALL" if place is None and times else str(place)] if place is not None or times else []
        return " ".join(["DATA", *start, *map(iso_utc, times)])
    if place is None and (times or settings.begin == "all"):
        verb = "FETCH -1" if settings.is_dialup else "TIME"
        return " ".join([verb, *map(_time3, times or [NS_PER_S])])
    verb = "FETCH" if settings.is_dialup else "DATA"
    return " ".join([verb, *([f"{int(place) % WRAP3:06X}"] if isinstance(place, int) else []), *map(_time3, times)])


def _time3(time_ns: int) -> str:
    """``year,month,day,hour,minute,second``."""
    text = iso_utc(time_ns)[:19]
    return ",".join(str(int(part)) for part in text.replace("T", "-").replace(":", "-").split("-"))
