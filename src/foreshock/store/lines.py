"""What a table tells of an earthquake or a pick: one line each, the same columns in CSV, Parquet and GeoJSON.

Knows the columns and what they are made of; knows no file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from foreshock.clock import iso_utc, utc_ns
from foreshock.errors import InputError
from foreshock.store.plain import distinct, plain
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution

ELLIPSE = ("major_km", "minor_km", "azimuth_deg", "gap_deg", "rms_s")
EVENT_COLUMNS = (
    "event_id",
    "time",
    "latitude",
    "longitude",
    "depth_km",
    "magnitude",
    "magnitude_type",
    *ELLIPSE,
    "quality",
)
EVENT_NEEDED = EVENT_COLUMNS[:4]
PICK_COLUMNS = (
    "trace_id",
    "phase",
    "time",
    "sigma_s",
    "probability",
    "polarity",
    "polarity_probability",
    "novelty",
    "available_at",
    "event_id",
)
PICK_NEEDED = PICK_COLUMNS[:3]
TEXTS = frozenset({"event_id", "magnitude_type", "quality", "trace_id", "phase", "polarity"})
_OTHERWISE: dict[str, Any] = {
    "sigma_s": 0.0,
    "probability": 1.0,
    "polarity": "unknown",
    "polarity_probability": 0.5,
    "novelty": 0.0,
}
TIMES = frozenset({"time", "available_at"})


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event with its ellipse (68 %, half axes), gap, root mean square of residuals and class; None is unknown."""

    event: Event
    major_km: float | None = None
    minor_km: float | None = None
    azimuth_deg: float | None = None
    gap_deg: float | None = None
    rms_s: float | None = None
    quality: str | None = None


@dataclass(frozen=True, slots=True)
class PickLine:
    """A pick and the event that uses it, or None."""

    pick: Pick
    event_id: str | None = None


def event_lines(solutions: Iterable[Solution]) -> Iterator[EventLine]:
    """A line an event, in the order given.

    Raises:
        InputError: two different solutions have one id, or a value cannot be kept.
    """
    for solution, _ in distinct(solutions):
        sure = solution.uncertainty
        known = {name: getattr(sure, name) for name in (*ELLIPSE, "quality")} if sure else {}
        yield EventLine(solution.event, **{name: _known(value) for name, value in known.items()})


def pick_lines(solutions: Iterable[Solution], *, unused: Iterable[Pick] = ()) -> Iterator[PickLine]:
    """A line a pick: event by event, then the picks that no event uses."""
    for solution, _ in distinct(solutions):
        yield from (PickLine(arrival.pick, solution.event.event_id) for arrival in solution.arrivals)
    yield from (PickLine(plain(pick, whose=f"pick at {pick.trace_id}")) for pick in unused)


def _known(value: Any) -> Any:
    return None if value == "" or (isinstance(value, float) and math.isnan(value)) else value


def event_cells(line: EventLine) -> dict[str, Any]:
    """The line's values under the names of `EVENT_COLUMNS`; the time is UTC nanoseconds."""
    event = line.event
    names = ("event_id", "latitude", "longitude", "depth_km", "magnitude", "magnitude_type")
    held = {name: getattr(event, name) for name in names}
    return {"time": event.time_ns} | held | {name: getattr(line, name) for name in (*ELLIPSE, "quality")}


def pick_cells(line: PickLine) -> dict[str, Any]:
    """The line's values under the names of `PICK_COLUMNS`; times are UTC nanoseconds."""
    pick = line.pick
    names = ("trace_id", "phase", "sigma_s", "probability", "polarity", "polarity_probability", "novelty")
    times = {"time": pick.time_ns, "available_at": pick.available_at_ns}
    return {name: getattr(pick, name) for name in names} | times | {"event_id": line.event_id}


def event_line(cells: Mapping[str, Any]) -> EventLine:
    """A line of values as `event_cells` gives them; what is not there is unknown.

    Raises:
        InputError: the event is impossible, or has no id.
    """
    _check_id(cells["event_id"], "event_id")
    size, kind = cells.get("magnitude"), cells.get("magnitude_type")
    event = Event(
        cells["event_id"],
        cells["time"],
        cells["latitude"],
        cells["longitude"],
        depth_km=cells.get("depth_km"),
        magnitude=size,
        magnitude_type=kind if kind is not None or size is None else "M",
    )
    return EventLine(event, **{name: cells.get(name) for name in (*ELLIPSE, "quality")})


def pick_line(cells: Mapping[str, Any]) -> PickLine:
    """A line of values as `pick_cells` gives them; a pick without a probability is sure.

    Raises:
        InputError: the pick is impossible, or has no instrument.
    """
    _check_id(cells["trace_id"], "trace_id")
    told = {name: value if cells.get(name) is None else cells[name] for name, value in _OTHERWISE.items()}
    known_ns = cells.get("available_at")
    pick = Pick(
        trace_id=cells["trace_id"],
        phase=cells["phase"] or "",
        time_ns=cells["time"],
        available_at_ns=cells["time"] if known_ns is None else known_ns,
        **told,
    )
    return PickLine(pick, cells.get("event_id"))


def _check_id(value: Any, name: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} is {value!r}", "it must not be empty", "give it an id")


def as_text(name: str, value: Any) -> str:
    """A cell as text that gives the same value back: numbers with all their digits, times as ISO-8601."""
    if value is None:
        return ""
    if name in TIMES:
        return iso_utc(value)
    return value if name in TEXTS else repr(float(value))


def from_text(name: str, text: str) -> Any:
    """The value of a cell's text; an empty cell is None.

    Raises:
        InputError: it is no time. ValueError: it is no number.
    """
    if not text:
        return None
    reading: Callable[[str], Any] = utc_ns if name in TIMES else str if name in TEXTS else float
    return reading(text)
