"""events.csv and picks.csv: tables whose numbers come back to the last digit. Treats every file as hostile.

Columns and their order are `lines.EVENT_COLUMNS` and `lines.PICK_COLUMNS`. Other columns are passed over in reading;
an empty cell is unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from foreshock.errors import FormatError, InputError
from foreshock.outputs import whole_file
from foreshock.store.hostile import checked_file
from foreshock.store.lines import (
    EVENT_COLUMNS,
    EVENT_NEEDED,
    PICK_COLUMNS,
    PICK_NEEDED,
    EventLine,
    PickLine,
    as_text,
    event_cells,
    event_line,
    event_lines,
    from_text,
    pick_cells,
    pick_line,
    pick_lines,
)
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution

MOST_BYTES = 4_000_000_000
LineT = TypeVar("LineT")


def write_events(path: Path, solutions: Iterable[Solution]) -> None:
    """Write a CSV line an event, whole or not at all.

    Raises:
        InputError: two different solutions have one id, or a value cannot be kept.
        OutputError: the file cannot be written.
    """
    _write(path, EVENT_COLUMNS, map(event_cells, event_lines(solutions)))


def write_picks(path: Path, solutions: Iterable[Solution], *, unused: Iterable[Pick] = ()) -> None:
    """Write a CSV line a pick with the event that uses it, then the picks that none uses."""
    _write(path, PICK_COLUMNS, map(pick_cells, pick_lines(solutions, unused=unused)))


def read_events(path: Path) -> tuple[EventLine, ...]:
    """Read what `write_events` wrote, or any CSV with event_id, time, latitude and longitude.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no such table; the sentence names file and line.
    """
    return tuple(_read(path, "events", EVENT_COLUMNS, EVENT_NEEDED, event_line))


def read_picks(path: Path) -> tuple[PickLine, ...]:
    """Read what `write_picks` wrote, or any CSV with trace_id, phase and time.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no such table; the sentence names file and line.
    """
    return tuple(_read(path, "picks", PICK_COLUMNS, PICK_NEEDED, pick_line))


def _write(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        handle.write(",".join(columns) + "\n")
        for row in rows:
            handle.write(",".join(_quoted(as_text(name, row[name])) for name in columns) + "\n")


def _quoted(cell: str) -> str:
    """A cell as RFC 4180 has it; Python 3.11's writer leaves a carriage return bare, at which its reader ends a row."""
    return '"' + cell.replace('"', '""') + '"' if any(letter in cell for letter in ',"\r\n') else cell


def _read(
    path: Path, kind: str, columns: Sequence[str], needed: Sequence[str], line: Callable[[dict[str, Any]], LineT]
) -> Iterator[LineT]:
    what = f"{kind} {path}"
    checked_file(path, what=what, most_bytes=MOST_BYTES)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = csv.reader(handle, strict=True)
            header = next(rows, [])
            missing = [name for name in needed if name not in header]
            if missing or len(set(header)) < len(header):
                raise _bad(what, f"its columns are {header[:14]}", f"it needs {', '.join(needed)}, each once")
            for row in rows:
                if len(row) != len(header):
                    raise _bad(what, f"line {rows.line_num} has {len(row)} cells", f"it needs {len(header)}")
                told = dict(zip(header, row, strict=True))
                yield _line(told, columns, line, f"{what}, line {rows.line_num}")
    except UnicodeDecodeError as error:
        raise _bad(what, f"byte {error.start} is not UTF-8", "a table is UTF-8 text") from error
    except csv.Error as error:
        raise _bad(what, f"it is not CSV ({error})", "a table is comma-separated") from error


def _line(told: dict[str, str], columns: Sequence[str], line: Callable[[dict[str, Any]], LineT], where: str) -> LineT:
    try:
        return line({name: from_text(name, told[name]) for name in columns if name in told})
    except InputError as error:
        raise FormatError(f"{where}: {error.value}", error.rule, error.remedy) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise _bad(where, str(error), "give a number or leave the cell empty") from error


def _bad(what: str, value: str, rule: str) -> FormatError:
    return FormatError(f"{what}: {value}", rule, "correct the table, or write it anew")
