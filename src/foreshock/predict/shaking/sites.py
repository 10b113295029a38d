"""Sites: the user's own places, their ground and the intensity that matters there, from CSV. Knows no source."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from foreshock.errors import FormatError, InputError, NotFoundError, nearest
from foreshock.geo import check_place
from foreshock.predict.shaking.scales import SCALES
from foreshock.types.arrays import Float64, frozen

UNKNOWN_VS30_M_S = 760.0
"""Ground of a site that tells none: the models' reference, soft rock."""
NEEDED = ("id", "name", "latitude", "longitude")
THRESHOLDS = tuple(f"threshold_{name}" for name in SCALES)
COLUMNS = (*NEEDED, "vs30_m_s", *THRESHOLDS)
MOST_BYTES = 200_000_000
MOST_SITES = 1_000_000
LONGEST_TEXT = 200


@dataclass(frozen=True, eq=False)
class Sites:
    """Places to forecast for; arrays (site,).

    Attributes:
        ids, names: what they are called; ids differ.
        latitude, longitude: where they are.
        vs30_m_s: mean shear velocity of the upper 30 m.
        thresholds: by scale, the intensity that matters at each site; NaN where none is told.

    Raises:
        InputError: columns differ in length, an id is doubled, a place or a velocity is none.

    >>> Sites(("a",), ("school",), [30.0], [100.0], [400.0]).vs30_m_s.tolist()
    [400.0]
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    latitude: Float64
    longitude: Float64
    vs30_m_s: npt.ArrayLike = UNKNOWN_VS30_M_S
    thresholds: Mapping[str, Float64] | None = None

    def __post_init__(self) -> None:
        n = len(self.ids)
        for name in ("latitude", "longitude", "vs30_m_s"):
            values = np.asarray(getattr(self, name), np.float64)
            object.__setattr__(self, name, frozen(np.broadcast_to(values, n) if values.ndim == 0 else values, float))
        told = {name: frozen(values, np.float64) for name, values in (self.thresholds or {}).items()}
        object.__setattr__(self, "thresholds", told)
        columns = (self.names, self.latitude, self.longitude, self.vs30_m_s, *told.values())
        if any(len(np.atleast_1d(column)) != n for column in columns):
            raise InputError(f"columns of {n} sites differ in length", "they must be equal", "give one value a site")
        if n != len(set(self.ids)):
            twice = next(name for name, count in Counter(self.ids).items() if count > 1)
            raise InputError(f"site id {twice!r} is there twice", "ids must differ", "rename or remove one")
        self._check_values(told)

    def _check_values(self, told: Mapping[str, Float64]) -> None:
        check_place(self.latitude, self.longitude, whose="sites")
        vs30 = np.asarray(self.vs30_m_s)
        _refuse(self.ids, "vs30_m_s", vs30, ~((vs30 >= 100) & (vs30 <= 3000)), rule="it must lie in 100..3000 m/s")
        for name, values in told.items():
            if name not in SCALES:
                raise InputError(f"threshold of scale {name!r}", "it is not a known scale", nearest(name, SCALES))
            ends = SCALES[name].lowest, SCALES[name].highest
            wrong = (values < ends[0]) | (values > ends[1])
            _refuse(self.ids, f"threshold_{name}", values, wrong, rule=f"it must lie in {ends[0]:g}..{ends[1]:g}")

    def __len__(self) -> int:
        return len(self.ids)


def read_sites(path: Path) -> Sites:
    """Read a CSV file with the columns id, name, latitude, longitude and, if wanted, vs30_m_s and threshold_<scale>.

    An empty ``vs30_m_s`` is 760 m/s and an empty threshold is none. Other columns are refused, so that a unit or a name
    mistyped is not overlooked.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is not such a table; the row and the column are named.
        InputError: values are impossible or ids doubled.
    """
    header, rows = _read(path)
    _check_header(header, path)
    at = {name: header.index(name) for name in header}
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header) or max(map(len, row)) > LONGEST_TEXT:
            raise FormatError(
                f"line {line} of {path} has {len(row)} fields",
                f"it must have the {len(header)} of its first line, none longer than {LONGEST_TEXT} letters",
                "correct the line",
            )
        for name in ("id", "name"):
            if not row[at[name]].isprintable() or (name == "id" and not row[at[name]].strip()):
                value = f"{name} in line {line} of {path} is {row[at[name]]!r}"
                raise FormatError(value, "it must be text that can be printed", "correct the field")
    columns = {name: [row[k] for row in rows] for name, k in at.items()}
    numbers = {name: _numbers(columns[name], name, path) for name in header if name not in ("id", "name")}
    vs30 = numbers.get("vs30_m_s", np.full(len(rows), np.nan))
    return Sites(
        tuple(columns["id"]),
        tuple(columns["name"]),
        numbers["latitude"],
        numbers["longitude"],
        np.where(np.isnan(vs30), UNKNOWN_VS30_M_S, vs30),
        {name.removeprefix("threshold_"): numbers[name] for name in header if name in THRESHOLDS},
    )


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    if not path.is_file():
        raise NotFoundError(f"sites file {path}", "it is no file", "give the path of a CSV file")
    if path.stat().st_size > MOST_BYTES:
        raise FormatError(f"sites file {path}", f"it is larger than {MOST_BYTES} bytes", "split it")
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.reader(lines) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"sites file {path}", f"it is no CSV text ({error})", "save it as UTF-8 CSV") from error
    if len(rows) < 2 or len(rows) > MOST_SITES + 1:
        raise FormatError(
            f"sites file {path} has {max(0, len(rows) - 1)} sites", f"it must have 1 to {MOST_SITES}", "correct it"
        )
    return [name.strip() for name in rows[0]], rows[1:]


def _check_header(header: Sequence[str], path: Path) -> None:
    for name in NEEDED:
        if name not in header:
            raise FormatError(
                f"sites file {path} has no column {name!r}", "it is needed", f"it has {', '.join(header)}"
            )
    for name, count in Counter(header).items():
        if name not in COLUMNS or count > 1:
            rule = "it is there twice" if count > 1 else "it is not a known column"
            raise FormatError(f"column {name!r} of {path}", rule, nearest(name, COLUMNS))


def _numbers(texts: Sequence[str], name: str, path: Path) -> Float64:
    """Turn a column into numbers; an empty field is NaN where the column may be empty."""
    may_be_empty = name not in NEEDED
    try:
        values = [float(text) if text.strip() or not may_be_empty else math.nan for text in texts]
        if all(math.isfinite(value) for value, text in zip(values, texts, strict=True) if text.strip()):
            return np.array(values)
    except ValueError:
        pass
    line, text = next((k, text) for k, text in enumerate(texts, start=2) if not _is_number(text, may_be_empty))
    raise FormatError(f"{name} in line {line} of {path} is {text[:40]!r}", "it must be a number", "correct the field")


def _is_number(text: str, may_be_empty: bool) -> bool:
    try:
        return math.isfinite(float(text)) if text.strip() or not may_be_empty else True
    except ValueError:
        return False


def _refuse(ids: Sequence[str], name: str, values: Float64, wrong: npt.NDArray[np.bool_], *, rule: str) -> None:
    if wrong.any():
        k = int(np.argmax(wrong))
        raise InputError(f"{name} of site {ids[k]!r} is {values[k]:g}", rule, "check its unit")
