"""HYPO71 phase files: cards of 80 columns, an event a block. Knows the columns; treats every file as hostile.

Lee & Lahr, HYPO71 (revised), US Geological Survey Open-File Report 75-311, 1975, doi:10.3133/ofr75311: station in
columns 1-4, P's onset, letter, first motion and weight code in 5-8, date to minute in 10-19, seconds of P in 20-24,
of S in 32-36, S's letter in 38 and weight code in 40; a card without station ends an event (columns 18-19: use S,
fix the depth; 20-24: trial depth). The format has two digits for the year, hundredths of a second and four letters
for a station, and no S without a P: such an S has a P of weight 4 (not used) beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.store.phases import (
    MINUTE_NS,
    Pairs,
    PhaseGroup,
    ShortNames,
    Written,
    each_line,
    first_of_each,
    instrument_of,
    minute_of,
    motion_of,
    seconds_of,
    unreadable,
    write_phases,
)
from foreshock.types.pick import Pick
from foreshock.types.solution import Arrival, Solution

LONGEST_STATION = 4
TICK_NS = NS_PER_S // 100
FIRST_YEAR = 1960
"""Two digits of a year mean 1960 to 2059."""
WEIGHTS = (1.0, 0.75, 0.5, 0.25, 0.0)
"""What weight codes 0 to 4 stand for."""
MOTIONS = {"up": "U", "down": "D", "unknown": " "}


def write_hypo71(path: Path, solutions: Iterable[Solution]) -> Written:
    """Write phase cards, whole or not at all; give the short names and what the format has no room for.

    Raises:
        InputError: two different solutions have one id, or a value cannot be kept.
        OutputError: the file cannot be written.
    """
    return write_phases(path, solutions, _cards, longest=LONGEST_STATION)


def _cards(solution: Solution, names: ShortNames, left_out: Pairs) -> Iterator[str]:
    item = f"event {solution.event.event_id}"
    year = int(iso_utc(solution.event.time_ns)[:4])
    if not FIRST_YEAR <= year < FIRST_YEAR + 100:
        left_out.append((item, f"the format has two digits for the year: {year} cannot be told"))
        return
    stations, others = first_of_each(solution, names, "PS")
    left_out += others
    cards = []
    for name, arrivals in stations.items():
        card = _card(name, arrivals.get("P"), arrivals.get("S"))
        if card is None:
            left_out.append((f"{item}: S at {name}", "it is 100 s or more after the minute of P, or before it"))
            card = _card(name, arrivals.get("P"), None)
        cards += [card] if card else []
    if not cards:
        left_out.append((item, "it has no arrival"))
        return
    yield from cards
    fixed, depth_km = solution.depth_fixed, solution.event.depth_km
    yield " " * 17 + ("11" + f"{depth_km:5.1f}" if fixed and depth_km is not None else "10")


def _card(name: str, p: Arrival | None, s: Arrival | None) -> str | None:
    """One station's card; None where S cannot be told on the card of this P, or there is neither."""
    first = p or s
    if first is None:
        return None
    minute_ns, p_ticks = divmod(_rounded(first), MINUTE_NS)
    motion = MOTIONS[p.pick.polarity] if p else " "
    weight = _code(p.weight) if p else 4
    card = f"{name:<4} P{motion}{weight} {_date(minute_ns * MINUTE_NS)}{p_ticks / NS_PER_S:5.2f}"
    if s is None:
        return card
    s_ticks = _rounded(s) - minute_ns * MINUTE_NS
    if not 0 <= s_ticks < 100 * NS_PER_S:
        return None
    return f"{card:<31}{s_ticks / NS_PER_S:5.2f} S {_code(s.weight)}"


def _rounded(arrival: Arrival) -> int:
    """The time in whole hundredths of a second, so that no second is told as 60.00."""
    return (arrival.pick.time_ns + TICK_NS // 2) // TICK_NS * TICK_NS


def _date(minute_ns: int) -> str:
    return "".join(part for part in iso_utc(minute_ns)[2:16] if part.isdigit())


def _code(weight: float) -> int:
    return min(range(5), key=lambda code: (abs(WEIGHTS[code] - weight), code))


def read_hypo71(path: Path, *, names: Mapping[str, str] | None = None) -> tuple[PhaseGroup, ...]:
    """Read phase cards; a pick's probability is what its weight code stands for, its sigma is not told (0).

    Args:
        path: the file.
        names: ``NET.STA.LOC`` by short name, as `write_hypo71` gives them; others become ``.NAME.``.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no phase file; the sentence names the line.
    """
    what = f"HYPO71 file {path}"
    groups: list[PhaseGroup] = []
    picks: list[Pick] = []
    for number, line in each_line(path, what=what):
        if not line[:4].strip():
            groups += [PhaseGroup(tuple(picks))] if picks else []
            picks = []
            continue
        try:
            picks += _picks(line, names or {})
        except (ValueError, IndexError) as error:
            raise unreadable(error, what=what, number=number, kind="phase card") from error
    return (*groups, PhaseGroup(tuple(picks))) if picks else tuple(groups)


def _picks(line: str, names: Mapping[str, str]) -> Iterator[Pick]:
    trace_id = instrument_of(line[:4].strip(), names)
    if line[5:6].upper() != "P" or not line[19:24].strip():
        raise ValueError("column 6 must be P, and the seconds of P stand in columns 20 to 24")
    digits = line[9:19].replace(" ", "0")
    year = int(digits[:2]) + (1900 if int(digits[:2]) >= FIRST_YEAR % 100 else 2000)
    minute_ns = minute_of(year, digits[2:])
    p_weight = _weight(line[7:8])
    has_s = line[31:36].strip() != ""
    if p_weight > 0 or not has_s:
        yield _pick(trace_id, "P", minute_ns + _seconds_ns(line[19:24]), p_weight, motion_of(line[6:7]))
    if has_s:
        yield _pick(trace_id, "S", minute_ns + _seconds_ns(line[31:36]), _weight(line[39:40]), "unknown")


def _pick(trace_id: str, phase: str, time_ns: int, weight: float, motion: str) -> Pick:
    return Pick(trace_id, phase, time_ns, weight, 0.0, time_ns, polarity=motion)


def _weight(code: str) -> float:
    if code.strip() and code not in "01234":
        raise ValueError(f"weight code {code!r} is none of 0 to 4")
    return WEIGHTS[int(code)] if code.strip() else 1.0


def _seconds_ns(text: str) -> int:
    """F5.2 as Fortran reads it: without a point, the last two digits are hundredths."""
    told = text.strip()
    value = float(told) if "." in told else int(told) / 100
    return round(seconds_of(value, told=told) * 100) * TICK_NS
