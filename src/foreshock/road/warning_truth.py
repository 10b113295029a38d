"""Warning truth read: a simulator's truth.json and site_truth.csv, or a catalogue. Treats every file as hostile."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.errors import FormatError, InputError, NotFoundError
from foreshock.evaluate.warning.run import table_of
from foreshock.evaluate.warning.truth import (
    ARRIVAL_COLUMNS,
    EVENT_COLUMNS,
    Adversary,
    WarningTruth,
)
from foreshock.road.warning_runs import read_json
from foreshock.road.warning_shaking import TRUE_SITES, read_shaking, with_s
from foreshock.store.lines import event_cells
from foreshock.store.quakeml_reader import read_quakeml
from foreshock.store.tables import read_events
from foreshock.types.alert import FARTHEST_NS

SCHEMA = "foreshock.warning_truth/1"
TRUTH = "truth.json"
NEAREST_BYTES = 16
"""Letters of the hash that names a truth."""


def truth_of(run: Path, given: Path | None) -> Path:
    """Find the truth of a run.

    It is the file that was given; in a folder that was given ``NAME/truth.json``, ``truth.json`` or ``NAME.json``;
    without one, the truth.json in the run's own folder.

    Raises:
        NotFoundError: there is none.
    """
    if given is not None and not given.is_dir():
        tried = [given]
    else:
        name = run.name
        places = [run] if given is None else [given / name, given]
        tried = [place / TRUTH for place in places]
        tried += [] if given is None else [given / f"{name}.json"]
    for path in tried:
        if path.is_file():
            return path
    raise NotFoundError(f"truth {tried[0]}", f"run {run.name} has none there", "give --truth FILE, or a folder of them")


def read_warning_truth(path: Path, *, scale_name: str = "mmi") -> WarningTruth:
    """Read truth: JSON of the schema `SCHEMA`, QuakeML (``.xml``, ``.qml``), or a CSV of events.

    What sites felt is told in the scale of that name (``mmi``, ``jma``, ``csis``), see `read_shaking`.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no truth. InputError: there is no such scale.
    """
    if not path.is_file():
        raise NotFoundError(f"truth {path}", "there is no such file", "correct the path")
    kind = path.suffix.lower()
    try:
        if kind == ".json":
            return _simulated(path, scale_name)
        events = _quakeml(path) if kind in (".xml", ".qml", ".quakeml") else _events_csv(path)
        return WarningTruth(
            _named(path), _events(events), table_of([], ARRIVAL_COLUMNS), read_shaking(path, scale_name=scale_name)
        )
    except InputError as error:
        if isinstance(error, FormatError):
            raise
        raise _bad(path, f"{error.value}: {error.rule}") from error


def _simulated(path: Path, scale_name: str) -> WarningTruth:
    told = read_json(path)
    if told.get("schema") != SCHEMA:
        raise _bad(path, f"its schema is {str(told.get('schema'))[:60]!r}, not {SCHEMA!r}")
    try:
        events = [_event(one) for one in told["events"]]
        arrivals = [_arrival(one) for one in told.get("arrivals") or ()]
        adversaries = tuple(_adversary(one) for one in told.get("adversaries") or ())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _bad(path, f"{type(error).__name__}: {error}") from error
    synthetic = str(told.get("kind_of_data") or "synthetic") == "synthetic"
    sites = with_s(read_shaking(path, scale_name=scale_name), _events(events), told.get("layers"), beside=path)
    return WarningTruth(
        _named(path),
        _events(events),
        table_of(arrivals, ARRIVAL_COLUMNS),
        sites,
        adversaries,
        synthetic,
        {"settings": told.get("settings") or {}},
    )


def _event(one: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {name: _number(one.get(name)) for name in ("latitude", "longitude", "depth_km", "magnitude")}
    kind = str(one.get("kind") or "earthquake")
    return {"event_id": str(one["event_id"]), "time_ns": utc_ns(one["origin_time"]), "kind": kind, **numbers}


def _arrival(one: Mapping[str, Any]) -> dict[str, Any]:
    times = {f"{phase}_ns": _time(one.get(f"{phase}_time")) for phase in ("p", "s")}
    return {"event_id": str(one["event_id"]), "station_id": str(one["station_id"]), **times}


def _adversary(one: Mapping[str, Any] | str) -> Adversary:
    """Its kind, and when it was there: ``start`` (or ``time``, ``origin_time``) and ``end`` (or ``duration_s``).

    A mere name, or one without times, was there all the time.
    """
    if isinstance(one, str):
        return Adversary(one, -FARTHEST_NS, FARTHEST_NS)
    began = next((one[name] for name in ("start", "time", "origin_time", "begin") if one.get(name)), None)
    kind = str(one.get("kind") or one.get("name") or "unknown")
    if began is None:
        return Adversary(kind, -FARTHEST_NS, FARTHEST_NS)
    start_ns = utc_ns(str(began))
    lasted_ns = round(float(one.get("duration_s") or 0.0) * NS_PER_S)
    return Adversary(kind, start_ns, _time(one.get("end")) or start_ns + lasted_ns)


def _quakeml(path: Path) -> list[dict[str, Any]]:
    return [
        {
            "event_id": one.event.event_id,
            "time_ns": one.event.time_ns,
            "latitude": one.event.latitude,
            "longitude": one.event.longitude,
            "depth_km": one.event.depth_km,
            "magnitude": one.event.magnitude,
            "kind": "earthquake",
        }
        for one in read_quakeml(path).solutions
    ]


def _events_csv(path: Path) -> list[dict[str, Any]]:
    rows = [dict(event_cells(line)) for line in read_events(path)]
    return [{**row, "time_ns": row["time"], "kind": "earthquake"} for row in rows]


def _events(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return table_of(rows, EVENT_COLUMNS).astype({"time_ns": "int64"})


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _time(value: Any) -> int | None:
    return None if value is None or value == "" else utc_ns(str(value))


def _named(path: Path) -> str:
    """A truth is called by its content, so that runs under equal truths share their events."""
    beside = path.with_name(TRUE_SITES)
    content = path.read_bytes() + (beside.read_bytes() if beside.is_file() else b"")
    return hashlib.sha256(content).hexdigest()[:NEAREST_BYTES]


def _bad(path: Path, why: str) -> FormatError:
    return FormatError(f"truth {path}", why, "give truth.json of the simulator, QuakeML or a CSV file of events")
