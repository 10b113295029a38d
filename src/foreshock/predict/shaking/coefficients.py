"""Coefficients: a model's published table, a row a measure, from the file beside it. Knows no formula."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from foreshock.errors import InputError, nearest
from foreshock.types.arrays import Float64


@dataclass(frozen=True, eq=False)
class Coefficients:
    """A table: names of the measures and, by name, columns of one value a measure."""

    measures: tuple[str, ...]
    columns: Mapping[str, Float64]

    def rows(self, measures: Sequence[str], *, ndim: int) -> Mapping[str, Float64]:
        """Give the columns at these measures, each (measure, 1, …) with `ndim` ones, to broadcast over places.

        Raises:
            InputError: a measure is not in the table.
        """
        at = [self._row(measure) for measure in measures]
        shape = (len(at), *(1,) * ndim)
        return {name: column[at].reshape(shape) for name, column in self.columns.items()}

    def _row(self, measure: str) -> int:
        if measure not in self.measures:
            raise InputError(
                f"measure is {measure!r}", "the model was not published for it", nearest(measure, self.measures)
            )
        return self.measures.index(measure)


@cache
def coefficients(name: str) -> Coefficients:
    """Read the table ``NAME.csv`` beside this file, once a process.

    >>> coefficients("boore_2014").measures[:3]
    ('PGA', 'PGV', 'SA(0.01)')
    """
    text = files(__package__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    columns = {key: np.array([float(row[key]) for row in rows]) for key in rows[0] if key != "measure"}
    for column in columns.values():
        column.flags.writeable = False
    return Coefficients(tuple(row["measure"] for row in rows), MappingProxyType(columns))
