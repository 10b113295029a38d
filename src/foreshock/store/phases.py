"""Phase files of older programs: what they share: short station names, events as groups of picks. Knows no format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.errors import ForeshockError, FormatError
from foreshock.outputs import whole_file
from foreshock.store.hostile import checked_file
from foreshock.store.plain import distinct
from foreshock.types.pick import Pick
from foreshock.types.solution import Arrival, Solution

MOST_BYTES = 2**30
LONGEST_LINE = 1000
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
MINUTE_NS = 60 * NS_PER_S
_MOTIONS = {"U": "up", "C": "up", "+": "up", "D": "down", "-": "down"}

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class PhaseGroup:
    """The picks of one event of a phase file; the id is empty where the file tells none."""

    picks: tuple[Pick, ...]
    event_id: str = ""


@dataclass(frozen=True)
class Written:
    """What a phase file could not say: which instrument each short name is, and (item, reason) of what is not in it."""

    names: Mapping[str, str]
    left_out: tuple[tuple[str, str], ...]


@dataclass
class ShortNames:
    """Gives every station a name of at most so many letters, the same in all of a file, and remembers which.

    Locations of one station share its name, as their coordinates do; stations of two networks never do.
    """

    longest: int
    names: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    _stations: dict[str, str] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def of(self, trace_id: str) -> str:
        """The short name of an instrument; one that could not keep its own is told."""
        parts = trace_id.split(".")
        station = ".".join(parts[:2]) if len(parts) == 3 else trace_id
        code = parts[1] if len(parts) == 3 else trace_id
        if station not in self._stations:
            self._stations[station] = self._free(code)
        name = self._stations[station]
        self.names.setdefault(name, trace_id)
        if trace_id not in self._known:
            self._known.add(trace_id)
            if name != code:
                self.told.append((trace_id, f"the format has {self.longest} letters for a station: it is {name!r}"))
            elif self.names[name] != trace_id:
                self.told.append(
                    (trace_id, f"the format has no location codes: it is {name!r} like {self.names[name]}")
                )
        return name

    def _free(self, code: str) -> str:
        """The code itself where it fits and is free, else its beginning with a letter that makes it its own."""
        taken = set(self._stations.values())
        if 0 < len(code) <= self.longest and code not in taken and _is_word(code):
            return code
        start = "".join(letter for letter in code if _is_word(letter)) or "X"
        tries = (start[: self.longest - len(end)] + end for end in _endings())
        return next(name for name in tries if name not in taken)


def _endings() -> Iterator[str]:
    yield from LETTERS
    yield from (one + other for one in LETTERS for other in LETTERS)
    yield from (one + two + three for one in LETTERS for two in LETTERS for three in LETTERS)


def _is_word(text: str) -> bool:
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def first_of_each(
    solution: Solution, names: ShortNames, phases: str
) -> tuple[dict[str, dict[str, Arrival]], list[tuple[str, str]]]:
    """The first arrival of each wanted phase at each short name, and (item, reason) of the others."""
    found: dict[str, dict[str, Arrival]] = {}
    others: list[tuple[str, str]] = []
    for arrival in solution.arrivals:
        item = f"event {solution.event.event_id}: {arrival.phase} at {arrival.pick.trace_id}"
        kind = arrival.phase[:1]
        if not kind or kind not in phases:
            others.append((item, f"the format knows {' and '.join(phases)} only"))
            continue
        if found.setdefault(names.of(arrival.pick.trace_id), {}).setdefault(kind, arrival) is not arrival:
            others.append((item, "the station has such an arrival already: the first holds"))
    return found, others


Lines: TypeAlias = Callable[[Solution, ShortNames, Pairs], Iterable[str]]
"""Gives the lines of a solution, and adds (item, reason) of what the format has no room for."""


def write_phases(path: Path, solutions: Iterable[Solution], lines: Lines, *, longest: int) -> Written:
    """Write the lines of each solution, whole or not at all.

    Arguments:
        longest: letters of a station.

    Raises:
        InputError: two different solutions have one id, or a value cannot be kept.
        OutputError: the file cannot be written.
    """
    names, left_out = ShortNames(longest), Pairs()
    with whole_file(path) as temporary, temporary.open("w", encoding="ascii", newline="\n") as handle:
        for solution, _ in distinct(solutions):
            handle.writelines(f"{line}\n" for line in lines(solution, names, left_out))
    return Written(dict(names.names), (*names.told, *left_out))


def instrument_of(code: str, names: Mapping[str, str]) -> str:
    """The instrument that a short name means; one that nobody knows has no network.

    >>> instrument_of("ABC", {"ABC": "XX.ABCDE."}), instrument_of("QQ", {})
    ('XX.ABCDE.', '.QQ.')
    """
    return names.get(code, f".{code}.")


def motion_of(letter: str) -> str:
    """The polarity that a letter of a phase file means.

    >>> motion_of("c"), motion_of("-"), motion_of("?")
    ('up', 'down', 'unknown')
    """
    return _MOTIONS.get(letter.upper(), "unknown")


def minute_of(year: int, digits: str) -> int:
    """The minute that digits after the year tell (month, day, hour, minute), UTC nanoseconds.

    Raises:
        InputError: there is no such minute.
    """
    return utc_ns(f"{year:04d}-{digits[:2]}-{digits[2:4]}T{digits[4:6]}:{digits[6:8]}:00Z")


def seconds_of(value: float, *, told: str) -> float:
    """Seconds after a minute as such files may have them: a little before it, or minutes after.

    Raises:
        ValueError: nobody writes so many.
    """
    if not -100 < value < 1000:
        raise ValueError(f"{told} s is no time of an arrival")
    return value


def unreadable(error: Exception, *, what: str, number: int, kind: str) -> FormatError:
    """The sentence about a line that is not what it should be."""
    why = f"{error.value}: {error.rule}" if isinstance(error, ForeshockError) else str(error)
    return FormatError(f"{what}: line {number}", f"it is no {kind} ({why})", "correct it")


def each_line(path: Path, *, what: str) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, without their ends.

    Raises:
        NotFoundError: there is no such file. FormatError: it is too large, no text, or has endless lines.
    """
    checked_file(path, what=what, most_bytes=MOST_BYTES)
    with path.open("rb") as handle:
        number = 0
        while raw := handle.readline(LONGEST_LINE + 1):
            number += 1
            if len(raw) > LONGEST_LINE or b"\x00" in raw:
                raise FormatError(f"{what}: line {number}", "it is no line of text", "give a phase file")
            try:
                yield number, raw.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise FormatError(f"{what}: line {number}", "it is not UTF-8", "give a phase file") from error
