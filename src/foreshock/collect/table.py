"""Table: a CSV file whose rows are samples and whose last column is the label. Knows nothing about seismograms.

The file is passed through twice: once as text (encoding, delimiter, ragged rows), once by pandas (numbers).
"""

from __future__ import annotations

import codecs
import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from foreshock.errors import FormatError, LabelError, NotFoundError
from foreshock.types.arrays import Float64, Ints, frozen

ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
GROUP_NAMES = ("event_id", "group", "事件", "事件编号")
"""Columns that say which rows belong together; a split keeps such rows on one side."""
LABEL_NAMES = ("label", "class", "target", "y", "标签", "类别", "类型")
MISSING = ("", "nan", "NaN", "NAN", "na", "NA", "N/A", "null", "NULL", "None", "-")
_CHUNK_BYTES = 1 << 20

_Labels: TypeAlias = tuple[Ints | None, tuple[str, ...], list[str]]
_NO_LABELS: _Labels = (None, (), [])


@dataclass(frozen=True, eq=False)
class Table:
    """Samples as rows, with a label each (or none, for rows a model is asked about).

    Attributes:
        x: float64, (row, column).
        y: (row,) int64 class numbers, or None.
        classes: names of the classes in order of their number: numbers rising, or names sorted.
        columns: names of the feature columns.
        notes: what was done to the file, a sentence each.
        groups: (row,) names of what a row belongs to (its event), or None.
        label: the name of the label column, empty where there is none.
    """

    x: Float64
    y: Ints | None
    classes: tuple[str, ...]
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    label: str = "label"

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", frozen(self.x, np.float64))
        object.__setattr__(self, "y", None if self.y is None else frozen(self.y, np.int64))

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the text is written."""

    path: Path
    encoding: str
    delimiter: str
    decimal: str
    has_header: bool
    names: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())
    labelled: bool = True


def read_table(path: Path | str, *, columns: Sequence[str] | None = None) -> Table:
    """Read a numeric CSV table whose last column is the label.

    UTF-8 (with or without BOM) or GB18030; comma, semicolon or tab; with or without a header; labels are names or
    whole numbers; a column called ``event_id``, ``group`` or ``事件`` is taken out as the rows' group.

    Args:
        path: the file.
        columns: those a model was trained on. A table that holds exactly these has no label, and one with a label may
            hold rows of a single class: it is asked about, not learnt from.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is empty, not text, ragged, holds a cell that is no number, or has only a label column.
        LabelError: a label is missing, all labels are the same, or they are measurements rather than classes.
    """
    path = Path(path)
    layout = _unlabelled(_layout(path), columns)
    frame = _frame(layout)
    label, features, groups = _columns(layout)
    y, classes, label_notes = _labels(frame[label], layout, least=2 if columns is None else 1) if label else _NO_LABELS
    x = _numbers(frame, features, layout)
    notes = [*layout.notes, *label_notes]
    if groups:
        notes.append(f"Column {groups!r} says which rows belong together: {frame[groups].nunique()} groups.")
    constant = [name for name, still in zip(features, (x == x[0]).all(axis=0), strict=True) if still]
    if constant:
        notes.append(f"{len(constant)} columns never change (first: {constant[0]!r}); they were kept.")
    return Table(
        x=x,
        y=y,
        classes=classes,
        columns=tuple(features),
        notes=(f"Read {len(x)} rows of {x.shape[1]} numbers; {_told(label)}.", *notes),
        groups=tuple(frame[groups].astype(str)) if groups else None,
        label=label,
    )


def _told(label: str) -> str:
    return f"the last column {label!r} is the label" if label else "there is no label"


# -- how the text is written -------------------------------------------------------------------------------------------


def _layout(path: Path) -> _Layout:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as handle:
        head = [line for line in islice(handle, 50) if line.strip()]
    if not head:
        raise FormatError(f"table {path}", "it is empty", "give rows of numbers with a label last")
    delimiter = _delimiter(path, head)
    rows = list(csv.reader(head[:2], delimiter=delimiter))
    decimal = "," if delimiter != "," and any("," in cell for cell in rows[-1][:-1]) else "."
    has_header = _is_header(rows[0], decimal)
    names = _names(rows[0]) if has_header else tuple(f"column_{k + 1}" for k in range(len(rows[0])))
    notes = [
        f"The text is {'UTF-8' if encoding.startswith('utf') else 'GB18030'}, cut at each {DELIMITERS[delimiter]}."
    ]
    notes += ["Decimal commas were read as points."] if decimal == "," else []
    notes += [] if has_header else ["There is no header: columns were numbered from 1."]
    _check_rows(path, encoding, delimiter, len(names))
    return _Layout(path, encoding, delimiter, decimal, has_header, names, tuple(notes))


def _unlabelled(layout: _Layout, columns: Sequence[str] | None) -> _Layout:
    """Take the label off a layout whose columns are, but for the group, exactly those a model reads."""
    held = [name for name in layout.names if not (layout.has_header and name.lower() in GROUP_NAMES)]
    return replace(layout, labelled=columns is None or held != list(columns))


def _encoding(path: Path) -> str:
    """The first of `ENCODINGS` in which every byte of the file can be read."""
    if not path.is_file():
        raise NotFoundError(f"table {path}", "there is no such file", "correct the path")
    for encoding in ENCODINGS:
        try:
            decoder = codecs.getincrementaldecoder(encoding)()
            with path.open("rb") as handle:
                while chunk := handle.read(_CHUNK_BYTES):
                    if b"\x00" in chunk:
                        raise FormatError(f"table {path}", "it holds zero bytes: it is no text", "export it as CSV")
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            return encoding
        except UnicodeDecodeError:
            continue
        except OSError as error:
            reason = f"it cannot be read ({error.strerror})"
            raise NotFoundError(f"table {path}", reason, "correct the path or its rights") from error
    raise FormatError(f"table {path}", "it is neither UTF-8 nor GB18030 text", "save it as UTF-8")


def _delimiter(path: Path, head: list[str]) -> str:
    """The delimiter that cuts every one of the first lines into equally many cells, the most; else the commonest."""
    counts = {mark: [len(row) for row in csv.reader(head, delimiter=mark)] for mark in DELIMITERS}
    even = {mark: found[0] for mark, found in counts.items() if len(set(found)) == 1 and found[0] > 1}
    if even:
        return max(even, key=lambda mark: (even[mark], mark == ";"))
    most = max(counts, key=lambda mark: counts[mark][0])
    if counts[most][0] < 2:
        raise FormatError(
            f"table {path}", "it has only a label column", "put the numbers before the label, cut by commas"
        )
    return most


def _is_header(row: list[str], decimal: str) -> bool:
    features = [cell for cell, name in zip(row, row, strict=True) if name.strip().lower() not in GROUP_NAMES][:-1]
    if row[-1].strip().lower() in LABEL_NAMES:
        return True
    return bool(features) and not any(_is_number(cell, decimal) or cell.strip() in MISSING for cell in features)


def _is_number(cell: str, decimal: str) -> bool:
    try:
        float(cell.strip().replace(decimal, "."))
    except ValueError:
        return False
    return True


def _names(row: list[str]) -> tuple[str, ...]:
    """Column names as written; an empty one is numbered, a repeated one gets its number."""
    names: list[str] = []
    for k, cell in enumerate(row):
        name = cell.strip() or f"column_{k + 1}"
        names.append(f"{name}_{k + 1}" if name in names else name)
    return tuple(names)


def _check_rows(path: Path, encoding: str, delimiter: str, width: int) -> None:
    with path.open(encoding=encoding, newline="") as handle:
        reader = csv.reader(handle, delimiter=delimiter)
        try:
            for row in reader:
                if row and len(row) != width:
                    raise FormatError(
                        f"table {path} line {reader.line_num} has {len(row)} cells",
                        f"the first line has {width}",
                        "give every row the same number of cells",
                    )
        except csv.Error as error:
            raise FormatError(
                f"table {path} line {reader.line_num}", f"it is no CSV ({error})", "correct it"
            ) from error


# -- numbers -----------------------------------------------------------------------------------------------------------


def _columns(layout: _Layout) -> tuple[str, list[str], str | None]:
    """The label column (empty where there is none), the feature columns and the group column."""
    *before, label = layout.names if layout.labelled else (*layout.names, "")
    groups = next((name for name in before if name.lower() in GROUP_NAMES), None) if layout.has_header else None
    features = [name for name in before if name != groups]
    if not features:
        raise FormatError(f"table {layout.path}", "it has only a label column", "put the numbers before the label")
    return label, features, groups


def _frame(layout: _Layout) -> pd.DataFrame:
    label, features, groups = _columns(layout)
    as_text = {name: str for name in (label, groups) if name}
    try:
        frame = pd.read_csv(
            layout.path,
            encoding=layout.encoding,
            sep=layout.delimiter,
            decimal=layout.decimal,
            header=None,
            skiprows=1 if layout.has_header else 0,
            names=list(layout.names),
            dtype=as_text,
            na_values={name: list(MISSING) for name in features},
            keep_default_na=False,
            skipinitialspace=True,
            low_memory=False,
        )
    except pd.errors.EmptyDataError as error:
        raise FormatError(f"table {layout.path}", "it has a header and no rows", "add rows") from error
    except (pd.errors.ParserError, ValueError) as error:
        raise FormatError(f"table {layout.path}", f"it cannot be read ({error})", "correct that line") from error
    if frame.empty:
        raise FormatError(f"table {layout.path}", "it has a header and no rows", "add rows")
    return frame


def _numbers(frame: pd.DataFrame, features: list[str], layout: _Layout) -> Float64:
    columns = []
    for name in features:
        column = frame[name]
        if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            _refuse_words(column, name, layout)
        columns.append(pd.to_numeric(column, errors="coerce").to_numpy(np.float64))
    x = np.stack(columns, axis=1)
    wrong = ~np.isfinite(x)
    if wrong.any():
        row, at = (int(found) for found in np.argwhere(wrong)[0])
        raise FormatError(
            f"table {layout.path} holds {int(wrong.sum())} empty, NaN or Inf cells",
            f"every cell must be a finite number (first: line {_line(row, layout)}, column {features[at]!r})",
            "fill them or drop those rows",
        )
    return x


def _refuse_words(column: pd.Series, name: str, layout: _Layout) -> None:
    text = column.astype(str).str.strip()
    words = column.notna() & ~text.isin(MISSING) & pd.to_numeric(text, errors="coerce").isna()
    words |= text.str.lower().isin(["true", "false"])
    if words.any():
        row = int(np.argmax(words.to_numpy(bool)))
        raise FormatError(
            f"table {layout.path} line {_line(row, layout)}, column {name!r} holds {text.iloc[row][:40]!r}",
            "every cell before the label must be a number",
            "replace words by numbers",
        )


def _line(row: int, layout: _Layout) -> int:
    """The line of the file a row stands on (where no blank lines come before it)."""
    return row + (2 if layout.has_header else 1)


# -- labels ------------------------------------------------------------------------------------------------------------


def _labels(column: pd.Series, layout: _Layout, *, least: int) -> _Labels:
    labels = [label.strip() for label in column.fillna("").astype(str)]
    if "" in labels:
        raise LabelError(
            f"table {layout.path} line {_line(labels.index(''), layout)}",
            f"its label is empty ({labels.count('')} such rows)",
            "label every row",
        )
    numeric = all(_is_number(label, layout.decimal) for label in labels)
    if numeric:
        labels = list(_whole_numbers(labels, layout))
    classes = tuple(sorted(set(labels), key=float if numeric else str))
    if len(classes) < least:
        raise LabelError(
            f"table {layout.path}: every label is {classes[0]!r}", "two classes at least are needed", "add other rows"
        )
    number = {name: k for k, name in enumerate(classes)}
    counts = Counter(labels)
    if len(classes) > 2 and max(counts.values()) == 1:
        raise LabelError(
            f"table {layout.path}: all {len(labels)} labels differ", "rows of a class share its label", "put it last"
        )
    told = ", ".join(f"{name!r} {counts[name]}" for name in classes[:10]) + (" …" if len(classes) > 10 else "")
    notes = [f"Labels are {'whole numbers' if numeric else 'names'}, {len(classes)} classes: {told} rows."]
    return np.array([number[label] for label in labels], np.int64), classes, notes


def _whole_numbers(labels: list[str], layout: _Layout) -> Iterator[str]:
    """Labels 1, 1.0 and 01 are one class, 1."""
    for row, label in enumerate(labels):
        value = float(label.replace(layout.decimal, "."))
        if not math.isfinite(value) or value != round(value):
            raise LabelError(
                f"table {layout.path} line {_line(row, layout)} has the label {label!r}",
                "a class is a name or a whole number; measurements are no classes",
                "put the class in the last column",
            )
        yield str(round(value))
