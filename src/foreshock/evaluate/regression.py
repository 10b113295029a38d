"""Metrics of values: how far a number lies from the truth, and whether stated quantiles hold. Knows tables only."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from foreshock.evaluate.metric import Summed, Weighted, ratio
from foreshock.types.arrays import Float64
from foreshock.types.predictions import Predictions

NOMINAL_COVERAGE = 0.9
"""What the interval from q05 to q95 promises to hold."""


class _OfValues:
    """What the metrics of values share on their label; the unit is that of the target."""

    unit: ClassVar[str] = "target"
    task: ClassVar[str] = "regress"
    better: ClassVar[str] = "lower"
    best: ClassVar[float] = 0.0


class MeanAbsoluteError(_OfValues, Summed):
    """The mean of |value − truth|."""

    name: ClassVar[str] = "mae"
    sentence: ClassVar[str] = "Mean absolute error."

    def statistics(self, predictions: Predictions) -> Float64:
        """Absolute error, and one."""
        return _and_one(np.abs(errors(predictions)))

    def from_sums(self, sums: Float64) -> Float64:
        """Mean."""
        return ratio(sums[:, 0], sums[:, 1])


class RootMeanSquareError(_OfValues, Summed):
    """The square root of the mean of (value − truth)²: large misses weigh more."""

    name: ClassVar[str] = "rmse"
    sentence: ClassVar[str] = "Root of the mean squared error; large misses weigh more."

    def statistics(self, predictions: Predictions) -> Float64:
        """Squared error, and one."""
        return _and_one(errors(predictions) ** 2)

    def from_sums(self, sums: Float64) -> Float64:
        """Root of the mean."""
        return np.sqrt(ratio(sums[:, 0], sums[:, 1]))


class AbsoluteBias(_OfValues, Summed):
    """The size of the mean error: how far the values lie too high or too low on the whole."""

    name: ClassVar[str] = "bias"
    sentence: ClassVar[str] = "Size of the mean error: how far too high or too low on the whole."

    def statistics(self, predictions: Predictions) -> Float64:
        """Signed error, and one."""
        return _and_one(errors(predictions))

    def from_sums(self, sums: Float64) -> Float64:
        """Size of the mean."""
        return np.abs(ratio(sums[:, 0], sums[:, 1]))


class MedianAbsoluteError(_OfValues, Weighted):
    """The median of |value − truth|: half of the rows are nearer; unmoved by a few large misses."""

    name: ClassVar[str] = "median_absolute_error"
    sentence: ClassVar[str] = "Median absolute error: half of the rows are nearer."

    def weighted(self, predictions: Predictions, weights: Float64) -> Float64:
        """Score the rows under each set of weights: weights (resample, example) → scores (resample,)."""
        return weighted_medians(np.abs(errors(predictions)), weights)


class IntervalCoverage(_OfValues, Summed):
    """The share of rows whose truth lies from q05 to q95; 0.9 is promised. NaN without those columns."""

    name: ClassVar[str] = "coverage_90"
    sentence: ClassVar[str] = "Share of rows whose truth lies between q05 and q95; 0.9 is promised."
    unit: ClassVar[str] = "1"
    better: ClassVar[str] = "higher"
    best: ClassVar[float] = 1.0

    def statistics(self, predictions: Predictions) -> Float64:
        """Inside or not, and one."""
        low, high = quantiles(predictions)
        truth = predictions.table["truth"].to_numpy(float)
        inside = np.where(np.isnan(low + high + truth), np.nan, (low <= truth) & (truth <= high))
        return _and_one(inside)

    def from_sums(self, sums: Float64) -> Float64:
        """Inside over all."""
        return ratio(sums[:, 0], sums[:, 1])


class IntervalWidth(_OfValues, Summed):
    """The mean of q95 − q05. NaN without those columns."""

    name: ClassVar[str] = "width_90"
    sentence: ClassVar[str] = "Mean width of the interval between q05 and q95."

    def statistics(self, predictions: Predictions) -> Float64:
        """Width, and one."""
        low, high = quantiles(predictions)
        return _and_one(high - low)

    def from_sums(self, sums: Float64) -> Float64:
        """Mean."""
        return ratio(sums[:, 0], sums[:, 1])


def errors(predictions: Predictions) -> Float64:
    """Value minus truth, row by row."""
    table = predictions.table
    return np.asarray(table["value"].to_numpy(float) - table["truth"].to_numpy(float))


def quantiles(predictions: Predictions) -> tuple[Float64, Float64]:
    """The columns q05 and q95, NaN where a predictor gave none."""
    table, n = predictions.table, len(predictions)
    low, high = (table[q].to_numpy(float) if q in table.columns else np.full(n, np.nan) for q in ("q05", "q95"))
    return low, high


def weighted_medians(values: Float64, weights: Float64) -> Float64:
    """The median of the values under each set of whole-number weights (resample, example) → (resample,).

    >>> weighted_medians(np.array([3.0, 1.0, 2.0, 10.0]), np.array([[1.0, 1, 1, 1], [0, 3, 1, 0]])).tolist()
    [2.5, 1.0]
    """
    if np.isnan(values).any():
        return np.full(len(weights), np.nan)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)
    half = reached[:, -1:] / 2
    last = len(values) - 1
    lower = np.minimum((reached < half).sum(1), last)
    upper = np.minimum((reached <= half).sum(1), last)
    middle = (values[order][lower] + values[order][upper]) / 2
    return np.where(half[:, 0] > 0, middle, np.nan)


def _and_one(values: Float64) -> Float64:
    """A column of values beside a column of ones."""
    return np.column_stack([values, np.ones(len(values))])
