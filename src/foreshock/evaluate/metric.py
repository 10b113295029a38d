"""Weighted and Summed: the two shapes a metric can have so that resampling it is quick. Knows no particular metric."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol, Self, runtime_checkable

import numpy as np

from foreshock.errors import InputError
from foreshock.plugins import Metric
from foreshock.types.arrays import Float64
from foreshock.types.predictions import Predictions


@runtime_checkable
class WeightedMetric(Metric, Protocol):
    """A metric that can also score many re-weighted copies of the same predictions at once."""

    def weighted(self, predictions: Predictions, weights: Float64) -> Float64:
        """Score the rows under each set of weights: weights (resample, example) → scores (resample,).

        A weight k must mean the same as k copies of the row; weights of 1 must give the plain score.
        """
        ...


class Weighted(ABC):
    """A metric written once, on weights; the plain score is the one with every weight 1."""

    name: ClassVar[str]
    sentence: ClassVar[str]
    unit: ClassVar[str]
    task: ClassVar[str]
    better: ClassVar[str]
    best: ClassVar[float]

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[Self]:
        """Instances for the law."""
        return [cls()]

    def __call__(self, predictions: Predictions) -> float:
        """Score a table of predictions; NaN where the score is not defined for it.

        Raises:
            InputError: the predictions are for the other task.
        """
        check_task(self, predictions)
        if len(predictions) == 0:
            return math.nan
        return float(self.weighted(predictions, np.ones((1, len(predictions))))[0])

    @abstractmethod
    def weighted(self, predictions: Predictions, weights: Float64) -> Float64:
        """Score the rows under each set of weights: weights (resample, example) → scores (resample,)."""


class Summed(Weighted):
    """A metric that is a function of sums over rows, such as a mean."""

    @abstractmethod
    def statistics(self, predictions: Predictions) -> Float64:
        """What is summed: (example, statistic)."""

    @abstractmethod
    def from_sums(self, sums: Float64) -> Float64:
        """The score of each set of sums: (resample, statistic) → (resample,)."""

    def weighted(self, predictions: Predictions, weights: Float64) -> Float64:
        """Score the rows under each set of weights: weights (resample, example) → scores (resample,)."""
        return self.from_sums(weights @ self.statistics(predictions))


def check_task(metric: Metric, predictions: Predictions) -> None:
    """Refuse predictions that the metric cannot read.

    Raises:
        InputError: a metric of classes met values, or the other way round.
    """
    task = "classify" if predictions.classes else "regress"
    if metric.task != task:
        raise InputError(
            f"metric {metric.name!r} was given predictions to {task}",
            f"it scores predictions to {metric.task}",
            "choose a metric of the same task",
        )


def ratio(numerator: Float64, denominator: Float64) -> Float64:
    """Divide, giving NaN where the denominator is zero.

    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    out = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=out, where=denominator != 0))


def mean_of_defined(values: Float64) -> Float64:
    """Average over the last axis, leaving out NaN; NaN where nothing is left.

    >>> mean_of_defined(np.array([[1.0, np.nan], [np.nan, np.nan]])).tolist()
    [1.0, nan]
    """
    defined = np.isfinite(values)
    return ratio(np.where(defined, values, 0.0).sum(-1), defined.sum(-1).astype(float))
