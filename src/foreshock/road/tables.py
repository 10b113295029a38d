"""Tables on the road: rows of numbers to examples, scaled by the training rows, split by group. Knows no network."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from foreshock.collect.datasets import event_split
from foreshock.collect.table import Table
from foreshock.errors import InputError, LabelError
from foreshock.types.arrays import Float32, Float64, Ints
from foreshock.types.examples import Examples
from foreshock.types.record import SPLITS

LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, eq=False)
class Scaling:
    """How the columns of a table are scaled: mean and standard deviation of the training rows."""

    columns: tuple[str, ...]
    mean: Float64
    std: Float64

    def scaled(self, rows: Float64) -> Float32:
        """Rows (row, column) in units of each column's deviation.

        Raises:
            InputError: a number lies absurdly far from those the scaling was learnt on.
        """
        x = (rows - self.mean) / self.std
        if not (np.abs(x) <= LARGEST).all():
            row, column = (int(found) for found in np.argwhere(~(np.abs(x) <= LARGEST))[0])
            raise InputError(
                f"row {row + 1}, column {self.columns[column]!r} is {rows[row, column]:g}",
                f"the training rows lie about {self.mean[column]:g} by {self.std[column]:g}",
                "correct that cell",
            )
        return x.astype(np.float32)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a bundle's card."""
        return {"column_mean": self.mean.tolist(), "column_std": self.std.tolist()}


def scaling_of(table: Table, rows: Any) -> Scaling:
    """Learn the scaling from some rows; a column that never changes is only shifted.

    Raises:
        InputError: a number is larger than a network can compute with.
    """
    x = table.x[rows]
    _check_size(table)
    std = x.std(axis=0)
    return Scaling(table.columns, x.mean(axis=0), np.where(std > 0, std, 1.0))


def _check_size(table: Table) -> None:
    wrong = np.abs(table.x) > LARGEST
    if wrong.any():
        row, column = (int(found) for found in np.argwhere(wrong)[0])
        raise InputError(
            f"row {row + 1}, column {table.columns[column]!r} is {table.x[row, column]:g}",
            f"a network computes with numbers up to {LARGEST:.2g}",
            "correct that cell, or give the column in other units",
        )


def scaling_from(columns: tuple[str, ...], preparation: dict[str, Any]) -> Scaling:
    """Give the scaling a bundle's card holds."""
    return Scaling(columns, np.array(preparation["column_mean"], float), np.array(preparation["column_std"], float))


def row_groups(table: Table) -> list[str]:
    """What each row belongs to: its group where the table names one, else its own content.

    Equal rows have equal content, so a row that stands twice never falls on both sides of a split.
    """
    if table.groups is not None:
        return list(table.groups)
    return [hashlib.sha256(row.tobytes()).hexdigest()[:16] for row in table.x]


def split_rows(table: Table, *, seed: int) -> dict[str, Any]:
    """Give the rows of train, dev and test, by group.

    Raises:
        LabelError: a side is left without rows, or the training rows without a class.
    """
    y = _labels(table)
    sides = np.array(event_split(row_groups(table), seed=seed))
    rows = {split: np.flatnonzero(sides == split) for split in SPLITS}
    for split, chosen in rows.items():
        if not len(chosen):
            raise LabelError(
                f"split {split!r} of {len(table)} rows is empty", "each side needs rows", "give more rows or groups"
            )
    missing = set(range(len(table.classes))) - set(y[rows["train"]].tolist())
    if missing:
        name = table.classes[min(missing)]
        raise LabelError(
            f"class {name!r} has no training row", "every class must be learnt from", "give more rows of that class"
        )
    return rows


def _labels(table: Table) -> Ints:
    if table.y is None:
        raise LabelError(
            f"table of {len(table)} rows", "it has no label column", "give the column that the model was trained on"
        )
    return table.y


def table_examples(table: Table, scaling: Scaling, *, classes: tuple[str, ...] | None = None) -> Examples:
    """Make examples (row, 1, column) at 1 Hz; classes are numbered as `classes` says, rows without label have no y.

    Raises:
        InputError: the columns are not those the scaling was learnt on.
        LabelError: a row is of a class that is not in `classes`.
    """
    if table.columns != scaling.columns:
        wrong = next((a for a, b in zip(table.columns, scaling.columns, strict=False) if a != b), "their number")
        raise InputError(
            f"columns of the table differ ({wrong!r}: {len(table.columns)} against {len(scaling.columns)})",
            "a model reads the columns it was trained on",
            "give the same columns in the same order",
        )
    order = classes or table.classes
    unknown = sorted(set(table.classes) - set(order))
    if unknown:
        raise LabelError(f"class {unknown[0]!r}", f"the model knows {order}", "drop those rows or train again")
    renumber = np.array([order.index(name) for name in table.classes], np.int64)
    ids = pd.DataFrame({"trace_id": [f"row-{k + 1}" for k in range(len(table))], "event_id": row_groups(table)})
    x = scaling.scaled(table.x)[:, None, :]
    y = None if table.y is None else renumber[table.y]
    return Examples(x, rate_hz=1.0, table=ids, y=y, classes=order)
