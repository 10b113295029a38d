"""Bootstrap: intervals by drawing whole events again, for a score and for a difference. Knows no particular metric.

Rows of one event are alike (same source, same path), so resampling rows would promise too much; events are drawn with
replacement and all their rows come along (cluster bootstrap: Davison & Hinkley 1997, doi:10.1017/CBO9780511802843).
A metric with ``weighted`` is scored for many resamples at once; any other is called once a resample.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from foreshock.errors import InputError
from foreshock.evaluate.metric import WeightedMetric, check_task
from foreshock.plugins import Metric
from foreshock.types.arrays import Float64, Ints
from foreshock.types.predictions import Predictions

BLOCK_ELEMENTS = 1_000_000
"""Weights held at a time (resamples × rows), to bound memory at a few tens of megabytes."""


@dataclass(frozen=True, slots=True)
class Score:
    """A value with its interval; bounds are NaN where fewer than two events leave nothing to draw."""

    value: float
    low: float
    high: float
    n: int
    n_events: int


@dataclass(frozen=True, eq=False)
class Resamples:
    """A score and what it becomes when events are drawn again; equal seeds on equal events draw the same events.

    Attributes:
        value: the score of all rows.
        drawn: the score of each resample (resample,); empty below two events.
        n, n_events: rows and the events they belong to.
    """

    value: float
    drawn: Float64
    n: int
    n_events: int

    def minus(self, other: Resamples) -> Resamples:
        """This score minus another of the same rows, draw by draw."""
        return Resamples(self.value - other.value, self.drawn - other.drawn, self.n, self.n_events)

    def score(self, level: float) -> Score:
        """The value with its interval."""
        low, high = bounds(self.value, self.drawn[np.isfinite(self.drawn)], level=level)
        return Score(self.value, low, high, self.n, self.n_events)


def resample(metric: Metric, predictions: Predictions, *, seed: int = 0, n: int = 1000) -> Resamples:
    """Score predictions as they are and for `n` draws of events.

    Raises:
        InputError: the task does not fit, or ``n`` is below 20.
    """
    if n < 20:
        raise InputError(f"{n} resamples", "an interval needs at least 20", "ask for 1000")
    check_task(metric, predictions)
    events = event_numbers(predictions)
    drawn = [_scores(metric, predictions, weights) for weights in draws(events, seed=seed, n=n)]
    scores = np.concatenate(drawn) if drawn else np.empty(0)
    return Resamples(float(metric(predictions)), scores, len(events), int(events.max(initial=-1)) + 1)


def interval(metric: Metric, predictions: Predictions, *, seed: int = 0, n: int = 1000, level: float = 0.95) -> Score:
    """Score predictions, with a bias-corrected percentile interval over events (Efron 1987, doi:10.2307/2289144).

    The interval always holds the value itself. With few events (below about 30) it is too narrow.

    Args:
        metric: what is scored.
        predictions: rows with truth; a row without an event id counts as an event of its own.
        seed: of the draws; the same seed draws the same events.
        n: resamples.
        level: share of intervals that hold the truth.

    Raises:
        InputError: the task does not fit, ``n`` is below 20, or ``level`` is not in 0..1.
    """
    check_level(level)
    return resample(metric, predictions, seed=seed, n=n).score(level)


def difference(
    metric: Metric, a: Predictions, b: Predictions, *, seed: int = 0, n: int = 1000, level: float = 0.95
) -> Score:
    """Score of `a` minus score of `b` on the same rows, with an interval from drawing the same events for both.

    Raises:
        InputError: the two do not speak of the same traces with the same truth, or see `interval`.
    """
    check_level(level)
    ours, theirs = (resample(metric, said, seed=seed, n=n) for said in (a, aligned(a, b)))
    return ours.minus(theirs).score(level)


def aligned(a: Predictions, b: Predictions) -> Predictions:
    """Give `b` in the row order of `a`.

    Raises:
        InputError: the traces, the truth or the classes of the two differ.
    """
    ids, other = a.table["trace_id"].astype(str), b.table["trace_id"].astype(str)
    if not ids.equals(other):
        if sorted(ids) != sorted(other) or ids.duplicated().any():
            missing = sorted(set(ids) ^ set(other)) or sorted(ids[ids.duplicated()])
            raise InputError(
                f"trace {missing[0] if missing else '?'!r}",
                "two predictors can be compared only on the same traces, each named once",
                "predict the same split with both",
            )
        place = {name: k for k, name in enumerate(other)}
        b = Predictions(b.table.iloc[[place[name] for name in ids]], classes=b.classes)
    if sorted(a.classes) != sorted(b.classes) or not _same_truth(a, b):
        raise InputError(
            f"classes {a.classes} and {b.classes} or their truth",
            "two predictors can be compared only on the same truth",
            "predict the same split with both",
        )
    return b


def event_numbers(predictions: Predictions) -> Ints:
    """Number the events 0, 1, … by first appearance: (example,); a row without an event id is its own event."""
    ids = predictions.table["event_id"]
    without = (ids.isna() | (ids.astype(str).str.strip() == "")).to_numpy(bool)
    names = [
        ("row", k) if alone else ("event", str(name)) for k, (name, alone) in enumerate(zip(ids, without, strict=True))
    ]
    number = {name: k for k, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], np.int64)


def draws(events: Ints, *, seed: int, n: int) -> Iterator[Float64]:
    """Blocks of weights (resample, example): how often the event of each row was drawn; nothing below two events."""
    n_events = int(events.max(initial=-1)) + 1
    if n_events < 2:
        return
    rng = np.random.default_rng(seed)
    block = max(1, BLOCK_ELEMENTS // len(events))
    for first in range(0, n, block):
        rows = min(block, n - first)
        drawn = rng.integers(0, n_events, (rows, n_events)) + np.arange(rows)[:, None] * n_events
        counts = np.bincount(drawn.ravel(), minlength=rows * n_events).reshape(rows, n_events)
        yield counts.astype(float)[:, events]


def _scores(metric: Metric, predictions: Predictions, weights: Float64) -> Float64:
    """Score a block of resamples, all at once where the metric can."""
    if isinstance(metric, WeightedMetric):
        return np.asarray(metric.weighted(predictions, weights), float)
    rows = np.arange(len(predictions))
    copies = (np.repeat(rows, w.astype(np.int64)) for w in weights)
    return np.array([metric(Predictions(predictions.table.iloc[c], classes=predictions.classes)) for c in copies])


def bounds(value: float, drawn: Float64, *, level: float) -> tuple[float, float]:
    """Bias-corrected percentile bounds of a value from its resampled scores; NaN where there are none.

    >>> [round(bound, 6) for bound in bounds(0.5, np.linspace(0, 1, 1001), level=0.9)]
    [0.05, 0.95]
    """
    if len(drawn) == 0 or not math.isfinite(value):
        return math.nan, math.nan
    below = float(np.mean(drawn < value) + np.mean(drawn == value) / 2)
    z = float(ndtri(0.5 + level / 2))
    shift = float(np.clip(ndtri(np.clip(below, 1e-9, 1 - 1e-9)), -z, z))
    low, high = np.quantile(drawn, ndtr([2 * shift - z, 2 * shift + z]))
    return min(float(low), value), max(float(high), value)


def _same_truth(a: Predictions, b: Predictions) -> bool:
    if a.classes:
        return bool((a.table["truth"].astype(str).to_numpy() == b.table["truth"].astype(str).to_numpy()).all())
    one, two = a.table["truth"].to_numpy(float), b.table["truth"].to_numpy(float)
    return bool(np.allclose(one, two, rtol=1e-6, atol=1e-9, equal_nan=True))


def check_level(level: float) -> None:
    """Refuse a share of intervals outside 0..1.

    Raises:
        InputError: it is not between the two.
    """
    if not 0 < level < 1:
        raise InputError(f"level is {level}", "it must lie between 0 and 1", "use 0.95")
