"""NonLinLoc phase files (.obs): a pick a line, an empty line between events. Treats every file as hostile.

Lomax, NonLinLoc, "Phase Files, NonLinLoc Phase file format" (alomax.free.fr/nlloc, formats): station, instrument,
component, onset, phase, first motion, date, hour and minute, seconds, error type and size, coda, amplitude, period,
prior weight. The format has six letters for a station and for a phase. Seconds are told to the microsecond and the
error to three digits; an event's id stands on a line of its own, as QuakeML writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from foreshock.clock import iso_utc
from foreshock.store.phases import (
    MINUTE_NS,
    Pairs,
    PhaseGroup,
    ShortNames,
    Written,
    each_line,
    instrument_of,
    minute_of,
    motion_of,
    seconds_of,
    unreadable,
    write_phases,
)
from foreshock.store.quakeml_words import resource_id, text_of
from foreshock.types.pick import Pick
from foreshock.types.solution import Arrival, Solution

LONGEST_STATION = LONGEST_PHASE = 6
MOTIONS = {"up": "U", "down": "D", "unknown": "?"}
_EVENT = "PUBLIC_ID "


def write_nonlinloc(path: Path, solutions: Iterable[Solution]) -> Written:
    """Write observations, whole or not at all; give the short names and what the format has no room for.

    Raises:
        InputError: two different solutions have one id, or a value cannot be kept.
        OutputError: the file cannot be written.
    """
    return write_phases(path, solutions, _block, longest=LONGEST_STATION)


def _block(solution: Solution, names: ShortNames, left_out: Pairs) -> list[str]:
    item = f"event {solution.event.event_id}"
    lines = list(_lines(solution, names, left_out, item))
    if not lines:
        left_out.append((item, "it has no arrival"))
        return []
    return [f"{_EVENT}{resource_id(solution.event.event_id, 'event')}", *lines, ""]


def _lines(solution: Solution, names: ShortNames, left_out: Pairs, item: str) -> Iterator[str]:
    for arrival in solution.arrivals:
        word = arrival.phase
        if not (word.isascii() and word.isprintable() and 0 < len(word) <= LONGEST_PHASE and word.split() == [word]):
            where = f"{item}: {word!r} at {arrival.pick.trace_id}"
            left_out.append((where, f"the format has {LONGEST_PHASE} letters for a phase"))
            continue
        yield _line(arrival, names.of(arrival.pick.trace_id))


def _line(arrival: Arrival, name: str) -> str:
    pick = arrival.pick
    minute, rest_us = divmod((pick.time_ns + 500) // 1000, 60_000_000)
    when = "".join(letter for letter in iso_utc(minute * MINUTE_NS)[:16] if letter.isdigit())
    start = f"{name:<6} {'?':<4} {'?':<4} ? {arrival.phase:<6} {MOTIONS[pick.polarity]}"
    unknown = f"{-1:9.2e}"
    used = 1 if arrival.weight > 0 else 0
    seconds = f"{rest_us // 1_000_000:2d}.{rest_us % 1_000_000:06d}"
    return f"{start} {when[:8]} {when[8:]} {seconds} GAU {pick.sigma_s:9.2e} {unknown} {unknown} {unknown} {used:9.2e}"


def read_nonlinloc(path: Path, *, names: Mapping[str, str] | None = None) -> tuple[PhaseGroup, ...]:
    """Read observations; a pick of prior weight 0 has probability 0, every other 1.

    Args:
        path: the file.
        names: ``NET.STA.LOC`` by short name, as `write_nonlinloc` gives them; others become ``.NAME.``.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no phase file; the sentence names the line.
    """
    what = f"NonLinLoc file {path}"
    groups: list[PhaseGroup] = []
    picks: list[Pick] = []
    event_id = ""
    for number, line in chain(each_line(path, what=what), [(0, "")]):
        try:
            if line.startswith(_EVENT):
                event_id = text_of(line.removeprefix(_EVENT).strip(), "event")
            elif line.strip() and not line.startswith("#"):
                picks.append(_pick(line.split(), names or {}))
            elif picks and not line.strip():
                groups.append(PhaseGroup(tuple(picks), event_id))
                picks, event_id = [], ""
        except (ValueError, IndexError, OverflowError) as error:
            raise unreadable(error, what=what, number=number, kind="observation") from error
    return tuple(groups)


def _pick(words: list[str], names: Mapping[str, str]) -> Pick:
    if len(words) < 11:
        raise ValueError(f"it has {len(words)} fields of at least 11")
    name, _, _, _, phase, motion, date, clock, seconds, _, error = words[:11]
    if len(date) != 8 or not (date + clock).isdigit():
        raise ValueError(f"{date} {clock} is no date and time")
    minute_ns = minute_of(int(date[:4]), date[4:] + clock.zfill(4))
    time_ns = minute_ns + round(seconds_of(float(seconds), told=seconds) * 1_000_000) * 1000
    weight = float(words[14]) if len(words) > 14 else 1.0
    return Pick(
        instrument_of(name, names),
        phase,
        time_ns,
        0.0 if weight == 0 else 1.0,
        float(error),
        time_ns,
        polarity=motion_of(motion),
    )
