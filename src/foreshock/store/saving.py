"""Rows out of solutions: what is new is written, what is known stays. Knows the tables; knows no engine and no URL.

Every function runs inside the transaction of the connection it is lent. Rows that others may be writing at the same
time are written in order of their keys, so that two programs wait for each other and never in a circle.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from foreshock.store import schema
from foreshock.store.plain import fingerprint
from foreshock.types.pick import Pick
from foreshock.types.solution import Magnitude, Solution, StationMagnitude
from foreshock.types.station import Station

AT_ONCE = 1000
"""Keys asked for in one query."""
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """What made solutions: a name, its resolved config, the versions of programs and models, hashes of its inputs."""

    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


def save_run(connection: Connection, run: Run, *, added_ns: int) -> int:
    """Write what made solutions, once; give its row's number."""
    told = {name: json.dumps(dict(getattr(run, name)), sort_keys=True) for name in ("config", "versions", "inputs")}
    key = fingerprint([run.name, *told.values()])
    _insert_new(connection, schema.RunRow, [{"key": key, "name": run.name, "added_ns": added_ns, **told}])
    return int(connection.execute(select(schema.RunRow.id).where(schema.RunRow.key == key)).scalar_one())


def save_stations(connection: Connection, stations: Sequence[Station]) -> None:
    """Write stations; one that is known is replaced."""
    for station in sorted(stations, key=lambda held: held.station_id):
        place = {name: getattr(station, name) for name in ("latitude", "longitude", "elevation_m")}
        _insert_new(connection, schema.StationRow, [{"station_id": station.station_id, **place}])
        known = schema.StationRow.station_id == station.station_id
        connection.execute(update(schema.StationRow).where(known).values(**place))
        number = connection.execute(select(schema.StationRow.id).where(known)).scalar_one()
        connection.execute(delete(schema.ChannelRow).where(schema.ChannelRow.station_pk == number))
        _insert(
            connection,
            schema.ChannelRow,
            [{"station_pk": number, "position": i, **_cells(item)} for i, item in enumerate(station.channels)],
        )


def save_picks(connection: Connection, picks: Iterable[Pick]) -> dict[Pick, int]:
    """Write the picks that are not there yet; give every one's row."""
    keys = {pick: fingerprint(pick) for pick in dict.fromkeys(picks)}
    rows = [{"key": key, **_cells(pick)} for pick, key in sorted(keys.items(), key=lambda item: item[1])]
    _insert_new(connection, schema.PickRow, rows)
    numbers = _numbers(connection, schema.PickRow, "key", [row["key"] for row in rows])
    return {pick: numbers[key] for pick, key in keys.items()}


def save_solutions(
    connection: Connection, batch: Sequence[tuple[Solution, str]], *, run_pk: int | None, added_ns: int
) -> int:
    """Write solutions with their fingerprints, each the preferred one of its event; give how many were new."""
    names = sorted(solution.event.event_id for solution, _ in batch)
    _insert_new(connection, schema.EventRow, [{"event_id": name} for name in names])
    events = _numbers(connection, schema.EventRow, "event_id", names, lock=True)
    known = _known_origins(connection, list(events.values()))
    new = [(solution, key) for solution, key in batch if (events[solution.event.event_id], key) not in known]
    told = {"run_pk": run_pk, "added_ns": added_ns, "preferred": False}
    rows = [{"event_pk": events[item.event.event_id], "key": key, **told, **_origin(item)} for item, key in new]
    origins = _insert_giving(connection, schema.OriginRow, rows)
    known |= {(row["event_pk"], row["key"]): number for row, number in zip(rows, origins, strict=True)}
    _prefer(connection, {events[item.event.event_id]: known[events[item.event.event_id], key] for item, key in batch})
    _save_parts(connection, [item for item, _ in new], origins)
    return len(new)


def _known_origins(connection: Connection, events: list[int]) -> dict[tuple[int, str], int]:
    table = schema.OriginRow
    found: dict[tuple[int, str], int] = {}
    for some in _pieces(events):
        asked = select(table.event_pk, table.key, table.id).where(table.event_pk.in_(some))
        found |= {(event, key): number for event, key, number in connection.execute(asked)}
    return found


def _prefer(connection: Connection, wanted: Mapping[int, int]) -> None:
    """Mark one origin of each event as the preferred one; where it is that already, nothing is written."""
    table = schema.OriginRow
    for some in _pieces(list(wanted)):
        asked = select(table.id).where(table.event_pk.in_(some), table.preferred)
        now, then = set(connection.execute(asked).scalars()), {wanted[event] for event in some}
        for numbers, mark in ((now - then, False), (then - now, True)):
            if numbers:
                connection.execute(update(table).where(table.id.in_(sorted(numbers))).values(preferred=mark))


def _origin(solution: Solution) -> dict[str, Any]:
    event, sure = solution.event, solution.uncertainty
    cells = _cells(event) | {"depth_fixed": solution.depth_fixed, "model": solution.model}
    del cells["event_id"]
    ellipse = dict.fromkeys(("major_km", "minor_km", "azimuth_deg", "time_s", "gap_deg", "rms_s", "quality"))
    held = ellipse | {"depth_km": None} | (_cells(sure) if sure else {})
    return cells | {{"depth_km": "depth_error_km", "time_s": "time_error_s"}.get(n, n): v for n, v in held.items()}


def _save_parts(connection: Connection, solutions: Sequence[Solution], origins: Sequence[int]) -> None:
    picks = save_picks(connection, (arrival.pick for solution in solutions for arrival in solution.arrivals))
    arrivals: Rows = []
    notes: Rows = []
    mechanisms: Rows = []
    for solution, number in zip(solutions, origins, strict=True):
        for i, item in enumerate(solution.arrivals):
            where = {"origin_pk": number, "position": i, "pick_pk": picks[item.pick]}
            arrivals.append(where | _cells(item, but=("pick",)))
        notes += [{"origin_pk": number, "position": i, "note": note} for i, note in enumerate(solution.notes)]
        if solution.mechanism:
            mechanisms.append({"origin_pk": number, **_cells(solution.mechanism)})
    _insert(connection, schema.ArrivalRow, arrivals)
    _insert(connection, schema.NoteRow, notes)
    _insert(connection, schema.MechanismRow, mechanisms)
    _save_magnitudes(connection, solutions, origins)


def _save_magnitudes(connection: Connection, solutions: Sequence[Solution], origins: Sequence[int]) -> None:
    sizes = [
        (number, i, item)
        for solution, number in zip(solutions, origins, strict=True)
        for i, item in enumerate(solution.magnitudes)
    ]
    rows = [{"origin_pk": number, "position": i, **_cells(item, but=("stations",))} for number, i, item in sizes]
    magnitudes = _insert_giving(connection, schema.MagnitudeRow, rows)
    _save_station_magnitudes(connection, [(number, size) for number, (*_, size) in zip(magnitudes, sizes, strict=True)])


def _save_station_magnitudes(connection: Connection, sizes: Sequence[tuple[int, Magnitude]]) -> None:
    said: list[tuple[int, int, StationMagnitude]] = [
        (number, i, item) for number, size in sizes for i, item in enumerate(size.stations)
    ]
    rows = [{"magnitude_pk": number, "position": i, **_cells(item, but=("amplitudes",))} for number, i, item in said]
    numbers = _insert_giving(connection, schema.StationMagnitudeRow, rows)
    amplitudes = [
        {"station_magnitude_pk": number, "position": i, **_cells(item)}
        for number, (*_, station) in zip(numbers, said, strict=True)
        for i, item in enumerate(station.amplitudes)
    ]
    _insert(connection, schema.AmplitudeRow, amplitudes)


def _cells(noun: Any, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """A noun's own values under their names; its parts (tuples) have tables of their own; NaN is NULL."""
    kind: Any = type(noun)  # mypy takes no class for hashable
    held = {name: getattr(noun, name) for name in _names(kind) if name not in but}
    return {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in held.items()}


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


def _insert(connection: Connection, table: type[schema.Row], rows: Rows) -> None:
    if rows:
        connection.execute(insert(table.__table__), rows)  # type: ignore[arg-type]


def _insert_giving(connection: Connection, table: Any, rows: Rows) -> list[int]:
    """Write rows; give their numbers in the same order."""
    if not rows:
        return []
    asked = insert(table.__table__).returning(table.__table__.c.id, sort_by_parameter_order=True)
    return [int(number) for number in connection.execute(asked, rows).scalars()]


def _insert_new(connection: Connection, table: Any, rows: Rows) -> None:
    """Write the rows whose unique key is not there yet."""
    if rows:
        dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(table.__table__).on_conflict_do_nothing(), rows)


def _numbers(
    connection: Connection, table: Any, column: str, keys: Sequence[str], *, lock: bool = False
) -> dict[str, int]:
    """The rows' numbers by their natural keys; with `lock`, nobody else changes those rows before we are done."""
    named = getattr(table, column)
    found: dict[str, int] = {}
    for some in _pieces(keys):
        asked = select(named, table.id).where(named.in_(some)).order_by(table.id)
        found |= {key: int(number) for key, number in connection.execute(asked.with_for_update() if lock else asked)}
    return found


def _pieces(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[i : i + AT_ONCE] for i in range(0, len(values), AT_ONCE)]
