"""Groups: a score by distance, magnitude, SNR, instrument, station or source; the worst is named. Knows tables only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import pandas as pd

from foreshock.errors import InputError, nearest
from foreshock.evaluate.bootstrap import Score, interval
from foreshock.plugins import Metric
from foreshock.types.predictions import Predictions

EDGES: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "distance_km": (10, 30, 60, 100, 200, 400),
        "magnitude": (1, 2, 3, 4, 5, 6),
        "snr_db": (0, 5, 10, 20, 30, 40),
        "depth_km": (5, 10, 20, 40, 70, 300),
    }
)
"""Inner bin edges of well-known columns: below the first, between two (low ≤ value < high), from the last on."""

COLUMNS = ("distance_km", "magnitude", "snr_db", "depth_km", "instrument", "network", "station_id", "source", "fold")
"""Columns that are looked at, in this order, when nobody says which."""

MIN_ROWS = 30
MIN_EVENTS = 10
MAX_CATEGORIES = 40
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Group:
    """One group: its name, its score with interval, whether it is large enough to be judged."""

    name: str
    score: Score
    enough: bool


@dataclass(frozen=True, slots=True)
class Grouped:
    """A metric by the groups of one column.

    Attributes:
        column, metric: names.
        groups: in order of bins, or of size; small ones are there too, with ``enough`` false.
        worst: name of the worst group that is large enough; None where none is.
        clearly: whether the interval of the worst group leaves out the score of all rows together.
    """

    column: str
    metric: str
    groups: tuple[Group, ...]
    worst: str | None
    clearly: bool


def by_group(
    predictions: Predictions,
    metric: Metric,
    *,
    column: str,
    edges: Sequence[float] | None = None,
    min_rows: int = MIN_ROWS,
    min_events: int = MIN_EVENTS,
    seed: int = 0,
    n: int = 500,
) -> Grouped:
    """Score every group of a column and name the worst among those with enough rows and events.

    Numbers are put into bins at `edges` (by default `EDGES`, or quarters of the data); texts are categories, the 40
    largest apart and the rest together. Missing values make the group ``unknown``, which is never named the worst.

    Raises:
        InputError: there is no such column, or the edges do not rise.
    """
    names = group_names(predictions.table, column, edges)
    overall = metric(predictions)
    groups = []
    for name in names.cat.categories:
        rows = np.flatnonzero((names == name).to_numpy(bool))
        if len(rows) == 0:
            continue
        part = Predictions(predictions.table.iloc[rows], classes=predictions.classes)
        score = interval(metric, part, seed=seed, n=n)
        groups.append(Group(str(name), score, score.n >= min_rows and score.n_events >= min_events))
    worst = _worst(groups, metric)
    clearly = worst is not None and not worst.score.low <= overall <= worst.score.high
    return Grouped(column, metric.name, tuple(groups), worst.name if worst else None, clearly)


def known_columns(predictions: Predictions) -> tuple[str, ...]:
    """The columns of `COLUMNS` that the table has and that split it into at least two groups."""
    found = []
    for column in COLUMNS:
        if column in predictions.table.columns:
            names = group_names(predictions.table, column, None)
            if names[names != UNKNOWN].nunique() >= 2:
                found.append(column)
    return tuple(found)


def _worst(groups: Sequence[Group], metric: Metric) -> Group | None:
    judged = [g for g in groups if g.enough and g.name != UNKNOWN and math.isfinite(g.score.value)]
    if len(judged) < 2:
        return None
    choose = min if metric.better == "higher" else max
    return choose(judged, key=lambda group: group.score.value)


def group_names(table: pd.DataFrame, column: str, edges: Sequence[float] | None) -> pd.Series:
    """The group of each row, as an ordered categorical.

    Raises:
        InputError: there is no such column, or the edges do not rise.
    """
    if column not in table.columns:
        raise InputError(
            f"column {column!r}", "the predictions do not have it", nearest(column, map(str, table.columns))
        )
    values = table[column]
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if edges is not None or (numeric and (column in EDGES or values.nunique() > 8)):
        return _binned(pd.to_numeric(values, errors="coerce"), _edges(column, values, edges))
    return _categories(values)


def _edges(column: str, values: pd.Series, edges: Sequence[float] | None) -> list[float]:
    if edges is None and column not in EDGES:
        quarters = np.nanquantile(values.to_numpy(float, na_value=np.nan), [0.25, 0.5, 0.75])
        return sorted({float(f"{edge:.3g}") for edge in quarters})
    inner = [float(edge) for edge in (EDGES[column] if edges is None else edges)]
    if not inner or not all(low < high for low, high in pairwise(inner)):
        raise InputError(f"edges of {column!r} are {inner}", "they must rise", "write for example [10, 100]")
    return inner


def _binned(values: pd.Series, inner: list[float]) -> pd.Series:
    labels = [f"< {inner[0]:g}", *(f"{a:g}–{b:g}" for a, b in pairwise(inner)), f"≥ {inner[-1]:g}"]
    numbers = values.to_numpy(float, na_value=np.nan)
    place = np.digitize(numbers, inner)
    names = [UNKNOWN if math.isnan(v) else labels[k] for v, k in zip(numbers, place, strict=True)]
    return pd.Series(pd.Categorical(names, categories=[*labels, UNKNOWN]))


def _categories(values: pd.Series) -> pd.Series:
    written = values.astype(str)
    texts = written.where(values.notna() & (written.str.strip() != ""), UNKNOWN)
    counts = texts[texts != UNKNOWN].value_counts()
    order = sorted(counts.index, key=lambda name: (-int(counts[name]), name))
    kept = order[:MAX_CATEGORIES]
    rest = f"other ({len(order) - len(kept)})"
    if len(order) > len(kept):
        texts = texts.where(texts.isin([*kept, UNKNOWN]), rest)
        kept = [*kept, rest]
    return pd.Series(pd.Categorical(texts.tolist(), categories=[*kept, UNKNOWN]))
