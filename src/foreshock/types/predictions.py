"""Predictions: what a predictor said about each example beside what was true. Knows nothing about who predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from foreshock.errors import InputError
from foreshock.types.arrays import Float64, Ints

PROBABILITY_PREFIX = "prob_"


@dataclass(frozen=True, eq=False)
class Predictions:
    """A table with one row an example.

    Columns: ``trace_id``, ``event_id``, any columns to group by; for classes ``truth`` (a class name, or missing) and
    ``prob_<class>`` for every class; for a regression ``truth`` and ``value`` (and ``q05``, ``q95`` where known).

    Raises:
        InputError: a column is missing, a probability is outside 0..1, or a row does not sum to one (to 1e-3).

    >>> table = pd.DataFrame({"trace_id": ["a"], "event_id": ["e"], "truth": ["noise"],
    ...                       "prob_noise": [0.8], "prob_quake": [0.2]})
    >>> Predictions(table, classes=("noise", "quake")).predicted
    array([0])
    """

    table: pd.DataFrame
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        needed = ["trace_id", "event_id", "truth"]
        needed += [PROBABILITY_PREFIX + name for name in self.classes] if self.classes else ["value"]
        missing = [name for name in needed if name not in self.table.columns]
        if missing:
            raise InputError(f"predictions lack {missing}", "every row needs them", "let a predictor write the table")
        object.__setattr__(self, "table", self.table.reset_index(drop=True))
        if not self.classes:
            if not np.isfinite(self.table["value"].to_numpy(float)).all():
                raise InputError(
                    "a predicted value is NaN or Inf", "every value must be finite", "correct the predictor"
                )
            return
        p = self.probabilities
        if not np.isfinite(p).all() or p.min(initial=0) < -1e-6 or np.abs(p.sum(1) - 1).max(initial=0) > 1e-3:
            raise InputError("probabilities of a row", "they must lie in 0..1 and sum to 1", "correct the predictor")

    def __len__(self) -> int:
        return len(self.table)

    @property
    def probabilities(self) -> Float64:
        """Class probabilities, (example, class)."""
        return self.table[[PROBABILITY_PREFIX + name for name in self.classes]].to_numpy(np.float64)

    @property
    def predicted(self) -> Ints:
        """The most probable class number of each example."""
        return np.asarray(self.probabilities.argmax(1), np.int64)

    @property
    def truth_numbers(self) -> Ints:
        """The true class number of each example."""
        number = {name: k for k, name in enumerate(self.classes)}
        unknown = sorted(set(self.table["truth"].astype(str)) - set(number))
        if unknown:
            raise InputError(
                f"truth holds {unknown[0]!r}", f"the classes are {self.classes}", "score labelled rows only"
            )
        return np.array([number[str(name)] for name in self.table["truth"]], np.int64)
