"""Solutions out of rows, a batch at a time, in order of time. Knows the tables; knows no engine and no URL."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from foreshock.errors import InputError
from foreshock.geo import check_place
from foreshock.store import schema
from foreshock.store.saving import Run
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Amplitude, Arrival, Magnitude, Mechanism, Solution, StationMagnitude, Uncertainty
from foreshock.types.station import Channel, Station

AT_ONCE = 200
"""Solutions held in memory at once."""
ROWS_AT_ONCE = 2000
NounT = TypeVar("NounT")


@dataclass(frozen=True)
class Box:
    """A box of latitudes and longitudes, edges included; west of more than east crosses the antimeridian.

    >>> Box(south=-10, north=10, west=170, east=-170).east
    -170
    """

    south: float
    north: float
    west: float
    east: float

    def __post_init__(self) -> None:
        check_place([self.south, self.north], [self.west, self.east], whose="box")
        if self.south > self.north:
            raise InputError(f"box from {self.south} to {self.north} north", "south comes first", "exchange them")


@dataclass(frozen=True)
class Kept:
    """A solution as the store has it: what made it, when it was added, and whether its event prefers it."""

    solution: Solution
    run: Run | None
    added_ns: int
    preferred: bool


Range = tuple[float | None, float | None]
"""From, to; None is no limit."""


def wanted(
    *, between: tuple[int | None, int | None] | None = None, region: Box | None = None, magnitude: Range | None = None
) -> list[ColumnElement[bool]]:
    """What an origin must be like: from ≤ time < to, inside a box, from ≤ magnitude ≤ to."""
    table = schema.OriginRow
    asked = list(_in_time(table.time_ns, between))
    if region is not None:
        asked += [table.latitude.between(region.south, region.north), _in_longitude(region)]
    low, high = magnitude or (None, None)
    if low is not None:
        asked.append(table.magnitude >= low)
    if high is not None:
        asked.append(table.magnitude <= high)
    return asked


def _in_time(column: Any, between: tuple[int | None, int | None] | None) -> Iterator[ColumnElement[bool]]:
    start, end = between or (None, None)
    if start is not None:
        yield column >= int(start)
    if end is not None:
        yield column < int(end)


def _in_longitude(region: Box) -> ColumnElement[bool]:
    """Longitudes lie in -180..360, so that one meridian may be written in two ways, or three at 180."""
    east = region.east + (360 if region.east < region.west else 0)
    column = schema.OriginRow.longitude
    return or_(*(column.between(region.west + turn, east + turn) for turn in (-720, -360, 0, 360)))


def load_solutions(connection: Connection, asked: Sequence[ColumnElement[bool]]) -> Iterator[Solution]:
    """Preferred solutions in order of time, then of id, however many there are."""
    table = schema.OriginRow
    query = _origins(connection).where(table.preferred, *asked)
    query = query.order_by(table.time_ns, _by_letters(connection, schema.EventRow.event_id))
    rows = connection.execute(query.execution_options(yield_per=AT_ONCE))
    for some in rows.partitions():
        yield from _whole(connection, some)


def load_history(connection: Connection, event_id: str) -> list[Kept]:
    """Every solution of an event, in the order in which they came."""
    query = _origins(connection).where(schema.EventRow.event_id == event_id).order_by(schema.OriginRow.id)
    rows = connection.execute(query).all()
    runs = _runs(connection)
    return [
        Kept(solution, runs.get(row.run_pk), row.added_ns, bool(row.preferred))
        for solution, row in zip(_whole(connection, rows), rows, strict=True)
    ]


def load_picks(
    connection: Connection, *, between: tuple[int | None, int | None] | None, trace_ids: Sequence[str] | None
) -> Iterator[Pick]:
    """Picks in order of time, then of instrument and phase."""
    table = schema.PickRow
    query = select(*table.__table__.c).where(*_in_time(table.time_ns, between))
    if trace_ids is not None:
        query = query.where(table.trace_id.in_(trace_ids))
    names = (_by_letters(connection, column) for column in (table.trace_id, table.phase, table.key))
    query = query.order_by(table.time_ns, *names).execution_options(yield_per=ROWS_AT_ONCE)
    for row in connection.execute(query):
        yield _noun(Pick, row)


def load_stations(connection: Connection) -> dict[str, Station]:
    """Stations by id, in order of id, each with its channels."""
    table, part = schema.StationRow, schema.ChannelRow
    channels = defaultdict(list)
    for row in connection.execute(select(*part.__table__.c).order_by(part.station_pk, part.position)):
        channels[row.station_pk].append(_noun(Channel, row))
    rows = connection.execute(select(*table.__table__.c).order_by(_by_letters(connection, table.station_id)))
    return {row.station_id: _noun(Station, row, channels=tuple(channels[row.id])) for row in rows}


def load_runs(connection: Connection) -> list[Run]:
    """What made the solutions, in the order in which they came."""
    return list(_runs(connection).values())


def _runs(connection: Connection) -> dict[int, Run]:
    table = schema.RunRow
    return {
        row.id: Run(row.name, json.loads(row.config), json.loads(row.versions), json.loads(row.inputs))
        for row in connection.execute(select(*table.__table__.c).order_by(table.id))
    }


def _origins(connection: Connection) -> Select[Any]:
    events = schema.EventRow.__table__
    return select(*schema.OriginRow.__table__.c, events.c.event_id).join(
        events, events.c.id == schema.OriginRow.event_pk
    )


def _by_letters(connection: Connection, column: Any) -> ColumnElement[str]:
    """Order by code points in both dialects, whatever a server's own language would do."""
    return column.collate("C" if connection.dialect.name == "postgresql" else "BINARY")  # type: ignore[no-any-return]


def _whole(connection: Connection, rows: Sequence[Any]) -> Iterator[Solution]:
    origins = [row.id for row in rows]
    arrivals = _arrivals(connection, origins)
    magnitudes = _magnitudes(connection, origins)
    notes = _parts(connection, schema.NoteRow, "origin_pk", origins)
    mechanisms = _parts(connection, schema.MechanismRow, "origin_pk", origins)
    for row in rows:
        yield Solution(
            _noun(Event, row),
            arrivals=tuple(arrivals[row.id]),
            uncertainty=_uncertainty(row),
            depth_fixed=bool(row.depth_fixed),
            model=row.model,
            magnitudes=tuple(magnitudes[row.id]),
            mechanism=_noun(Mechanism, mechanisms[row.id][0]) if row.id in mechanisms else None,
            notes=tuple(note.note for note in notes[row.id]),
        )


def _uncertainty(row: Any) -> Uncertainty | None:
    if row.quality is None:
        return None
    return _noun(Uncertainty, row, depth_km=row.depth_error_km, time_s=_number(row.time_error_s))


def _arrivals(connection: Connection, origins: Sequence[int]) -> dict[int, list[Arrival]]:
    held, picks = schema.ArrivalRow.__table__, schema.PickRow.__table__
    told = [column.label(f"pick_{column.name}") for column in picks.c]
    query = select(*held.c, *told).join(picks, picks.c.id == held.c.pick_pk).where(held.c.origin_pk.in_(origins))
    found: dict[int, list[Arrival]] = defaultdict(list)
    for row in connection.execute(query.order_by(held.c.origin_pk, held.c.position)):
        pick = Pick(**{item.name: getattr(row, f"pick_{item.name}") for item in fields(Pick)})
        found[row.origin_pk].append(_noun(Arrival, row, pick=pick))
    return found


def _magnitudes(connection: Connection, origins: Sequence[int]) -> dict[int, list[Magnitude]]:
    sizes = _parts(connection, schema.MagnitudeRow, "origin_pk", origins)
    said = _parts(connection, schema.StationMagnitudeRow, "magnitude_pk", _ids(sizes))
    measured = _parts(connection, schema.AmplitudeRow, "station_magnitude_pk", _ids(said))
    stations = {
        number: tuple(
            _noun(
                StationMagnitude,
                row,
                used=bool(row.used),
                amplitudes=tuple(_noun(Amplitude, item) for item in measured[row.id]),
            )
            for row in rows
        )
        for number, rows in said.items()
    }
    found: dict[int, list[Magnitude]] = defaultdict(list)
    for origin, rows in sizes.items():
        found[origin] = [_noun(Magnitude, row, stations=stations.get(row.id, ())) for row in rows]
    return found


def _parts(connection: Connection, table: Any, owner: str, numbers: Sequence[int]) -> dict[int, list[Any]]:
    """Rows of a table by the number of what they belong to, in order."""
    columns = table.__table__.c
    order = [columns[owner], *([columns.position] if "position" in columns else [])]
    found: dict[int, list[Any]] = defaultdict(list)
    for i in range(0, len(numbers), ROWS_AT_ONCE):
        asked = select(*columns).where(columns[owner].in_(numbers[i : i + ROWS_AT_ONCE]))
        for row in connection.execute(asked.order_by(*order)):
            found[getattr(row, owner)].append(row)
    return found


def _ids(rows: dict[int, list[Any]]) -> list[int]:
    return [row.id for some in rows.values() for row in some]


def _noun(kind: type[NounT], row: Any, **given: Any) -> NounT:
    """A noun out of the columns that have its names; NULL is NaN where a number is not optional."""
    named: Any = kind  # mypy takes no class for hashable
    held = {
        name: _number(getattr(row, name)) if needed else getattr(row, name)
        for name, needed in _names(named)
        if name not in given
    }
    return kind(**held, **given)


@cache
def _names(kind: type[Any]) -> tuple[tuple[str, bool], ...]:
    """The fields of a noun, and whether each must hold a number."""
    return tuple((item.name, item.type == "float") for item in fields(kind))


def _number(value: float | None) -> float:
    return math.nan if value is None else value
