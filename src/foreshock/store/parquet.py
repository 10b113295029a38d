"""Parquet: the same tables, typed and small, for those who have the extra ``tables``. Treats every file as hostile.

Times are timestamps in nanoseconds, UTC. A file that would unpack to more than `MOST_BYTES` is refused beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from foreshock.errors import FormatError, InputError, MissingExtraError
from foreshock.outputs import whole_file
from foreshock.store.hostile import checked_file
from foreshock.store.lines import (
    EVENT_COLUMNS,
    EVENT_NEEDED,
    PICK_COLUMNS,
    PICK_NEEDED,
    TEXTS,
    TIMES,
    EventLine,
    PickLine,
    event_cells,
    event_line,
    event_lines,
    pick_cells,
    pick_line,
    pick_lines,
)
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution

ROWS_AT_ONCE = 20_000
MOST_BYTES = 8 * 2**30
LineT = TypeVar("LineT")


def write_events_parquet(path: Path, solutions: Iterable[Solution]) -> None:
    """Write a Parquet row an event, whole or not at all.

    Raises:
        MissingExtraError: pyarrow is not installed. OutputError: the file cannot be written.
    """
    _write(path, EVENT_COLUMNS, map(event_cells, event_lines(solutions)))


def write_picks_parquet(path: Path, solutions: Iterable[Solution], *, unused: Iterable[Pick] = ()) -> None:
    """Write a Parquet row a pick with the event that uses it, then the picks that none uses."""
    _write(path, PICK_COLUMNS, map(pick_cells, pick_lines(solutions, unused=unused)))


def read_events_parquet(path: Path) -> tuple[EventLine, ...]:
    """Read what `write_events_parquet` wrote.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no such table. MissingExtraError: pyarrow is missing.
    """
    return tuple(_read(path, EVENT_COLUMNS, EVENT_NEEDED, event_line))


def read_picks_parquet(path: Path) -> tuple[PickLine, ...]:
    """Read what `write_picks_parquet` wrote (see `read_events_parquet`)."""
    return tuple(_read(path, PICK_COLUMNS, PICK_NEEDED, pick_line))


def _arrow() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError.of("Parquet", extra="tables", package="pyarrow") from None
    return pyarrow


def _kind(arrow: Any, name: str) -> Any:
    if name in TIMES:
        return arrow.timestamp("ns", tz="UTC")
    return arrow.string() if name in TEXTS else arrow.float64()


def _write(path: Path, columns: Sequence[str], rows: Iterator[dict[str, Any]]) -> None:
    arrow = _arrow()
    schema = arrow.schema([(name, _kind(arrow, name)) for name in columns])
    with whole_file(path) as temporary, temporary.open("wb") as handle:
        writer = arrow.parquet.ParquetWriter(handle, schema)
        try:
            while some := list(islice(rows, ROWS_AT_ONCE)):
                writer.write_table(_table(arrow, schema, some))
        finally:
            writer.close()


def _table(arrow: Any, schema: Any, rows: list[dict[str, Any]]) -> Any:
    cells = []
    for field in schema:
        values = [row[field.name] for row in rows]
        if field.name in TIMES:
            cells.append(arrow.array(values, arrow.int64()).cast(field.type))
        else:
            cells.append(arrow.array(values, field.type))
    return arrow.Table.from_arrays(cells, schema=schema)


def _read(
    path: Path, columns: Sequence[str], needed: Sequence[str], line: Callable[[dict[str, Any]], LineT]
) -> Iterator[LineT]:
    arrow = _arrow()
    what = f"Parquet file {path}"
    checked_file(path, what=what, most_bytes=MOST_BYTES)
    try:
        with arrow.parquet.ParquetFile(path) as held:
            _check(arrow, held, what, columns, needed)
            there = [name for name in columns if name in held.schema_arrow.names]
            for batch in held.iter_batches(ROWS_AT_ONCE, columns=there):
                cells = [_cells(arrow, batch.column(name), name) for name in there]
                for row in zip(*cells, strict=True):
                    yield line(dict(zip(there, row, strict=True)))
    except InputError as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{what}: {error.value}", error.rule, error.remedy) from error
    except (arrow.ArrowException, OSError, ValueError, TypeError) as error:
        raise FormatError(what, "it is no Parquet file, or a damaged one", "write it anew") from error


def _check(arrow: Any, held: Any, what: str, columns: Sequence[str], needed: Sequence[str]) -> None:
    names = held.schema_arrow.names
    missing = [name for name in needed if name not in names]
    if missing or len(set(names)) < len(names):
        rule = f"it needs {', '.join(needed)}, each once"
        raise FormatError(f"{what}: its columns are {names[:14]}", rule, "write it with foreshock")
    for name in columns:
        if name in names and held.schema_arrow.field(name).type != _kind(arrow, name):
            kind = held.schema_arrow.field(name).type
            raise FormatError(
                f"{what}: {name} is {kind}", f"it must be {_kind(arrow, name)}", "write it with foreshock"
            )
    groups = [held.metadata.row_group(i) for i in range(held.metadata.num_row_groups)]
    unpacked = sum(group.column(i).total_uncompressed_size for group in groups for i in range(group.num_columns))
    if unpacked > MOST_BYTES:
        raise FormatError(what, f"it unpacks to {unpacked} bytes, of which at most {MOST_BYTES} are read", "split it")


def _cells(arrow: Any, column: Any, name: str) -> list[Any]:
    found = column.cast(arrow.int64()) if name in TIMES else column
    return list(found.to_pylist())
