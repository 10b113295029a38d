"""Warning runs read: the folder of a run becomes tables. Knows the files of a run and treats each as hostile."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from foreshock.clock import utc_ns
from foreshock.deliver.latency import COLUMNS as STAGES
from foreshock.deliver.lines import read_lines
from foreshock.errors import FormatError, InputError, NotFoundError
from foreshock.evaluate.warning.run import (
    ALERT_COLUMNS,
    ESTIMATE_COLUMNS,
    FELT,
    PICK_COLUMNS,
    SITE_COLUMNS,
    STATION_COLUMNS,
    TEXTS,
    WarningRun,
    table_of,
)
from foreshock.geo import check_place

ALERTS, ESTIMATES, PICKS, LATENCY, RUN = "alerts.jsonl", "estimates.csv", "picks.csv", "latency.csv", "warn.json"
MOST_BYTES = 2_000_000_000
MOST_JSON_BYTES = 100_000_000
MOST_DEPTH = 4
"""How deep folders of runs are searched."""
WRITTEN = {
    "known_ns": "known_at",
    "origin_ns": "origin_time",
    "time_ns": "time",
    "available_ns": "available_at",
    "p_ns": "p_time",
    "s_ns": "s_time",
    "crossed_ns": "crossed_at",
}
"""How times are called in files."""
LATENCY_COLUMNS = ("event_id", "version", *STAGES)


def find_runs(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Give the folders of runs that are named, or that lie within a folder that is named, in order of their names.

    Raises:
        NotFoundError: a path holds no run.
    """
    found: list[Path] = []
    for path in paths:
        here = sorted(_runs_in(path, MOST_DEPTH)) if path.is_dir() else []
        if not here:
            raise NotFoundError(f"run {path}", f"no folder there holds {ALERTS}", "name what foreshock warn wrote")
        found += [one for one in here if one not in found]
    return tuple(found)


def _runs_in(folder: Path, depth: int) -> Iterator[Path]:
    if (folder / ALERTS).is_file():
        yield folder
    elif depth > 0:
        for inner in folder.iterdir():
            if inner.is_dir() and not inner.is_symlink():
                yield from _runs_in(inner, depth - 1)


def read_run(folder: Path, *, name: str | None = None, site_threshold: float | None = None) -> WarningRun:
    """Read what a run of `foreshock warn` wrote; only its alerts must be there.

    Sites of which no threshold is told have `site_threshold`, by itself that of `FELT`.

    Raises:
        NotFoundError: there are no alerts.
        FormatError: a file is not as a run has it; the sentence names the file and the line.
    """
    path = folder / ALERTS
    if not path.is_file():
        raise NotFoundError(f"file {path}", "a run of warnings has it", "name what foreshock warn wrote")
    told = _lines(path)
    info = read_json(folder / RUN) if (folder / RUN).is_file() else {}
    try:
        alerts, sites = _alerts(told, path), _sites(told, path)
        scale = next((one for one in alerts["intensity_scale"] if one), "mmi")
        threshold = FELT.get(scale, FELT["mmi"]) if site_threshold is None else site_threshold
        return WarningRun(
            name=name or folder.name,
            alerts=alerts,
            sites=sites.assign(threshold=sites["threshold"].fillna(threshold)),
            estimates=read_csv(folder / ESTIMATES, ESTIMATE_COLUMNS, needed=("event_id", "known_ns")),
            picks=read_csv(folder / PICKS, PICK_COLUMNS, needed=("trace_id", "phase", "time_ns")),
            stations=_stations(info, folder / RUN),
            latency=read_csv(folder / LATENCY, LATENCY_COLUMNS, needed=("event_id", "version")),
            kind_of_data=str(info.get("kind_of_data") or ""),
            started_ns=_when(info.get("started")),
            ended_ns=_when(info.get("ended")),
            info=info,
            site_threshold=threshold,
        )
    except InputError as error:
        if isinstance(error, FormatError):
            raise
        raise _bad(folder, error.value, error.rule) from error


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; numbers that are none (NaN) are refused.

    Raises:
        NotFoundError: there is no such file. FormatError: it is too large or no object.
    """
    if not path.is_file():
        raise NotFoundError(f"file {path}", "there is no such file", "correct the path")
    if path.stat().st_size > MOST_JSON_BYTES:
        raise _bad(path, f"it has {path.stat().st_size} bytes", f"at most {MOST_JSON_BYTES} are read")
    try:
        told = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _bad(path, str(error), "it is JSON in UTF-8") from error
    if not isinstance(told, dict):
        raise _bad(path, f"it holds a {type(told).__name__}", "it is one JSON object")
    return told


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no number")


def read_csv(
    path: Path, columns: Sequence[str], *, needed: Sequence[str], written: Mapping[str, str] = WRITTEN
) -> pd.DataFrame:
    """Read columns of a CSV file: times (see `WRITTEN`) as UTC nanoseconds, texts, numbers; others are passed by.

    A file that is not there is an empty table, a column or cell that is not there unknown.

    Raises:
        FormatError: it is no such table, or a needed cell is empty.
    """
    if not path.is_file():
        return table_of([], columns)
    if path.stat().st_size > MOST_BYTES:
        raise _bad(path, f"it has {path.stat().st_size} bytes", f"at most {MOST_BYTES} are read")
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            header = list(rows.fieldnames or ())
            missing = [written.get(name, name) for name in needed if written.get(name, name) not in header]
            if missing or len(set(header)) < len(header):
                raise _bad(path, f"its columns are {header[:20]}", f"it needs {', '.join(missing)}, each column once")
            here = [name for name in columns if written.get(name, name) in header]
            names = {name: written.get(name, name) for name in here}
            return table_of([_cells(path, rows.line_num, row, names, needed) for row in rows], columns)
    except UnicodeDecodeError as error:
        raise _bad(path, f"byte {error.start}", "it is UTF-8 text") from error
    except csv.Error as error:
        raise _bad(path, str(error), "it is comma-separated") from error


def _cells(
    path: Path, line: int, row: Mapping[str, str], names: Mapping[str, str], needed: Sequence[str]
) -> dict[str, Any]:
    if None in row or None in row.values():
        raise _bad(path, f"line {line} has another number of cells than the header", "each column has one")
    cells: dict[str, Any] = {}
    for name, called in names.items():
        text = row[called].strip()
        if text == "" and name in needed:
            raise _bad(path, f"line {line} of column {called} is empty", "each row needs it")
        try:
            cells[name] = None if text == "" else _cell(name, text)
        except ValueError as error:
            raise _bad(path, f"line {line} of column {called} is {text[:60]!r}", f"{error}") from error
    return cells


def _cell(name: str, text: str) -> Any:
    if name in TEXTS:
        return text
    if name.endswith("_ns"):
        return utc_ns(text)
    value = float(text)
    if math.isinf(value):
        raise ValueError("it is a finite number")
    return None if math.isnan(value) else value


def _lines(path: Path) -> list[dict[str, Any]]:
    if path.stat().st_size > MOST_BYTES:
        raise _bad(path, f"it has {path.stat().st_size} bytes", f"at most {MOST_BYTES} are read")
    try:
        with path.open(encoding="utf-8") as lines:
            return list(read_lines(lines))
    except UnicodeDecodeError as error:
        raise _bad(path, f"byte {error.start}", "it is UTF-8 text") from error
    except FormatError as error:
        raise _bad(path, error.value, error.rule) from error


def _alerts(told: Iterable[Mapping[str, Any]], path: Path) -> pd.DataFrame:
    rows = []
    for number, one in enumerate(told, 1):
        try:
            size = one["magnitude"]
            row = {
                "message_type": one["msg_type"],
                "confidence": one.get("confidence", "provisional"),
                "issued_ns": utc_ns(one["issued_at"]),
                "origin_ns": utc_ns(one["origin_time"]),
                **{f"magnitude_{q}": float(size[q]) for q in ("q05", "q50", "q95")},
                **{name: float(one[name]) for name in ("latitude", "longitude", "depth_km")},
            }
            check_place(row["latitude"], row["longitude"], whose=f"message {number}")
        except (KeyError, TypeError, ValueError) as error:
            raise _bad(path, f"message {number} lacks or mistells a column ({error})", "see deliver.lines") from error
        rows.append({**one, **row})
    return table_of(rows, ALERT_COLUMNS).astype({"version": "int64"})


def _sites(told: Iterable[Mapping[str, Any]], path: Path) -> pd.DataFrame:
    rows = []
    for number, one in enumerate(told, 1):
        try:
            rows += [_site(one, site) for site in one.get("sites") or ()]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _bad(path, f"a site of message {number} ({error})", "see deliver.lines") from error
    return table_of(rows, SITE_COLUMNS)


def _site(message: Mapping[str, Any], site: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {name: float(site[name]) for name in ("latitude", "longitude")}
    made |= {f"intensity_{q}": float(site["intensity"][q]) for q in ("q05", "q50", "q95")}
    made |= {"s_ns": _when(site.get("s_arrival")), "threshold_ns": _when(site.get("threshold_time"))}
    threshold = site.get("threshold")
    named = {"site_id": str(site["site_id"]), "name": str(site.get("name") or site["site_id"])}
    of = {"event_id": message["event_id"], "version": message["version"]}
    return {**made, **named, **of, "threshold": None if threshold is None else float(threshold)}


def _stations(info: Mapping[str, Any], path: Path) -> pd.DataFrame:
    rows = []
    for one in info.get("stations") or ():
        try:
            row: dict[str, Any] = {"station_id": str(one["station_id"]), "state": str(one.get("state") or "")}
            row |= {name: float(one[name]) for name in ("latitude", "longitude")}
            check_place(row["latitude"], row["longitude"], whose=row["station_id"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _bad(path, f"station {str(one)[:80]}", f"it has an id and a place ({error})") from error
        rows.append(row | {"used": float(bool(one.get("used", True)))})
    return table_of(rows, STATION_COLUMNS).astype({"used": bool})


def _when(value: Any) -> int | None:
    return None if value is None or value == "" else utc_ns(str(value))


def _bad(path: Path, value: str, rule: str) -> FormatError:
    return FormatError(f"{path}: {value}", rule, "write it with foreshock warn, or correct it")
