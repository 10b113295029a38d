"""Predictions on disk: one CSV file, a row an example. Knows no predictors; treats every file as hostile."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from foreshock.errors import FormatError, InputError, NotFoundError
from foreshock.outputs import whole_file
from foreshock.types.predictions import PROBABILITY_PREFIX, Predictions

TEXT_COLUMNS = (
    "trace_id",
    "event_id",
    "truth",
    "station_id",
    "network",
    "instrument",
    "source",
    "fold",
    "split",
    "kind",
)
VALUE_COLUMNS = ("value", "q05", "q95")
MAX_BYTES = 4_000_000_000
MAX_COLUMNS = 2_000


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write predictions as UTF-8 CSV: names first, then truth, then what was said, then columns to group by.

    A missing truth is an empty cell. Numbers are written so that reading gives the same float64.

    Raises:
        InputError: a class or column has no name, or two columns share one.
        OutputError: the file cannot be written.
    """
    table = predictions.table
    names = [str(name) for name in table.columns]
    if len(set(names)) < len(names) or "" in names or any(not name.strip() for name in predictions.classes):
        raise InputError(f"columns {names}", "each needs a name of its own", "rename them")
    said = [PROBABILITY_PREFIX + name for name in predictions.classes] or [c for c in VALUE_COLUMNS if c in names]
    first = ["trace_id", "event_id", "truth", *said]
    ordered = table[[*first, *(name for name in table.columns if name not in first)]]
    with whole_file(path) as temporary:
        ordered.to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")


def read_predictions(path: Path) -> Predictions:
    """Read what `write_predictions` wrote, or any CSV with the same columns.

    Classes are the ``prob_…`` columns in their order; without any it is a table of values.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is not such a table; the sentence names the file and what is wrong.
    """
    if not path.is_file():
        raise NotFoundError(f"predictions {path}", "there is no such file", "give the path of a CSV file")
    if path.stat().st_size > MAX_BYTES:
        raise _bad(path, f"it has {path.stat().st_size} bytes", f"at most {MAX_BYTES} are read")
    columns = _check_text(path)
    table = _read(path, columns)
    classes = tuple(name.removeprefix(PROBABILITY_PREFIX) for name in columns if name.startswith(PROBABILITY_PREFIX))
    numbers = [name for name in columns if name.startswith(PROBABILITY_PREFIX) or name in VALUE_COLUMNS]
    for name in [*numbers, *([] if classes else ["truth"])]:
        if name in table.columns:
            table[name] = _numbers(path, table[name], may_miss=name == "truth")
    if classes:
        table["truth"] = table["truth"].astype(object).where(table["truth"] != "", None)
    try:
        return Predictions(table, classes=classes)
    except InputError as error:
        raise _bad(path, error.value, error.rule) from error


def _check_text(path: Path) -> list[str]:
    """See that every line is text with as many cells as the header, and give the header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _check_rows(path, lines)
    except UnicodeDecodeError as error:
        raise _bad(path, f"byte {error.start} is not UTF-8", "a table of predictions is UTF-8 text") from error
    except csv.Error as error:
        raise _bad(path, f"it is not CSV ({error})", "a table of predictions is comma-separated") from error


def _check_rows(path: Path, lines: IO[str]) -> list[str]:
    rows = csv.reader(lines, strict=True)
    header = next(rows, None)
    if not header:
        raise _bad(path, "it is empty", "the first line names the columns")
    _check_header(path, header)
    for row in rows:
        if len(row) != len(header):
            raise _bad(path, f"line {rows.line_num} has {len(row)} cells", f"the header names {len(header)} columns")
        if any("\0" in cell for cell in row):
            raise _bad(path, f"line {rows.line_num} holds a NUL byte", "a table of predictions is text")
    if rows.line_num < 2:
        raise _bad(path, "it has a header only", "there must be at least one row")
    return header


def _check_header(path: Path, header: Sequence[str]) -> None:
    if len(header) > MAX_COLUMNS:
        raise _bad(path, f"it has {len(header)} columns", f"at most {MAX_COLUMNS} are read")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice or "" in header or PROBABILITY_PREFIX in header:
        raise _bad(path, f"column {(twice or [''])[0]!r} stands twice or is blank", "each needs a name of its own")
    missing = [name for name in ("trace_id", "event_id", "truth") if name not in header]
    if missing:
        raise _bad(path, f"it lacks the columns {missing}", "every row needs them")


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Every cell as text, then numbers where a whole column is numeric and is not a name."""
    table = pd.read_csv(
        path, dtype=str, keep_default_na=False, encoding="utf-8-sig", na_filter=False, skip_blank_lines=False
    )
    for name in columns:
        if name in TEXT_COLUMNS or name.startswith(PROBABILITY_PREFIX) or name in VALUE_COLUMNS:
            continue
        numeric = pd.to_numeric(table[name].where(table[name] != ""), errors="coerce")
        if bool((numeric.notna() | (table[name] == "")).all()):
            table[name] = numeric
    return table


def _numbers(path: Path, texts: pd.Series, *, may_miss: bool) -> pd.Series:
    """Turn cells into float64, exactly as written."""
    values = np.full(len(texts), np.nan)
    for k, text in enumerate(texts):
        if text == "" and may_miss:
            continue
        try:
            values[k] = float(text)
        except ValueError as error:
            raise _bad(path, f"row {k + 1} of column {texts.name!r} is {text!r}", "it must be a number") from error
    return pd.Series(values, name=texts.name)


def _bad(path: Path, value: str, rule: str) -> FormatError:
    return FormatError(f"predictions {path}: {value}", rule, "write the table with foreshock predict, or correct it")
