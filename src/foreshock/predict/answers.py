"""Answers: numbers per example turned into the table of predictions. Knows nothing about who made the numbers."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from foreshock.errors import LabelError
from foreshock.types.arrays import Float64, Floats
from foreshock.types.examples import Examples
from foreshock.types.predictions import PROBABILITY_PREFIX, Predictions

Quantile: TypeAlias = float | Float64
"""One for all examples, or (example,)."""


def classified(examples: Examples, probabilities: Floats, *, classes: tuple[str, ...]) -> Predictions:
    """Make the table for a classification; truth is a class name, or missing where it is unknown.

    Args:
        examples: what was asked; every column of its table is kept to group by.
        probabilities: (example, class), rows sum to one.
        classes: names of the columns.

    Raises:
        LabelError: a labelled example is of a class the predictor does not know.
    """
    table = _asked(examples)
    table["truth"] = _class_names(examples, classes)
    p = np.asarray(probabilities, np.float64)
    for k, name in enumerate(classes):
        table[PROBABILITY_PREFIX + name] = p[:, k]
    return Predictions(table, classes=classes)


def valued(examples: Examples, values: Floats, *, residuals: tuple[Quantile, Quantile] | None = None) -> Predictions:
    """Make the table for a regression.

    Args:
        examples: what was asked; every column of its table is kept to group by.
        values: (example,).
        residuals: the 5 % and 95 % quantiles of truth minus value, from which columns q05 and q95 are made.
    """
    table = _asked(examples)
    known = examples.y is not None and not examples.classes
    table["truth"] = np.asarray(examples.y, np.float64) if known else np.nan
    table["value"] = np.asarray(values, np.float64)
    if residuals is not None:
        table["q05"], table["q95"] = table["value"] + residuals[0], table["value"] + residuals[1]
    return Predictions(table)


def _asked(examples: Examples) -> pd.DataFrame:
    """The examples' own columns, without any that a prediction writes."""
    ours = [
        name
        for name in examples.table.columns
        if name in ("truth", "value", "q05", "q95") or str(name).startswith(PROBABILITY_PREFIX)
    ]
    return examples.table.drop(columns=ours)


def _class_names(examples: Examples, classes: tuple[str, ...]) -> Any:
    if examples.y is None or not examples.classes:
        return pd.array([None] * len(examples), dtype="string")
    foreign = sorted(set(examples.classes) - set(classes))
    if foreign:
        raise LabelError(
            f"examples have the class {foreign[0]!r}", f"the predictor knows {classes}", "relabel or train again"
        )
    return pd.array(np.array(examples.classes, object)[examples.y], dtype="string")
