"""Ranks: ROC and precision-recall curves and the areas under them, ties counted rightly. Knows arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.evaluate.metric import ratio
from foreshock.types.arrays import Bools, Float64, Ints


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve through thresholds, from the strictest to the loosest; equal scores make one step.

    Attributes:
        x, y: false- and true-positive rate (ROC), or recall and precision.
        thresholds: the score at or above which a row counts as positive.
        area: the area under the curve (ROC), or the average precision.
    """

    x: Float64
    y: Float64
    thresholds: Float64
    area: float


def roc_areas(scores: Float64, positive: Bools, weights: Float64) -> Float64:
    """The area under the ROC curve for each set of weights (resample, example) → (resample,); ties count one half.

    NaN where either side has no weight. Equal to the Mann-Whitney probability (Hanley & McNeil 1982,
    doi:10.1148/radiology.143.1.7063747).

    >>> roc_areas(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]), np.ones((1, 4))).tolist()
    [0.75]
    """
    hits, alarms, _ = _cumulative(scores, positive, weights)
    width, height = np.diff(alarms, axis=1), (hits[:, 1:] + hits[:, :-1]) / 2
    return ratio((width * height).sum(1), hits[:, -1] * alarms[:, -1])


def average_precisions(scores: Float64, positive: Bools, weights: Float64) -> Float64:
    """Precision averaged over recall steps for each set of weights (resample, example) → (resample,).

    AP = Σ (R_k − R_{k−1}) P_k, without interpolation; NaN where there is no positive weight.

    >>> average_precisions(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), np.ones((1, 3))).round(4).tolist()
    [0.8333]
    """
    hits, alarms, _ = _cumulative(scores, positive, weights)
    precision = np.nan_to_num(ratio(hits[:, 1:], hits[:, 1:] + alarms[:, 1:]))
    return ratio((np.diff(hits, axis=1) * precision).sum(1), hits[:, -1])


def roc_curve(scores: Float64, positive: Bools) -> Curve:
    """The ROC curve: false-positive rate across, true-positive rate up, from (0, 0) to (1, 1)."""
    weights = np.ones((1, len(scores)))
    hits, alarms, thresholds = _cumulative(scores, positive, weights)
    area = float(roc_areas(scores, positive, weights)[0])
    return Curve(ratio(alarms[0], alarms[0, -1:]), ratio(hits[0], hits[0, -1:]), thresholds, area)


def precision_recall_curve(scores: Float64, positive: Bools) -> Curve:
    """The precision-recall curve: recall across, precision up; begins at recall 0 with precision 1."""
    weights = np.ones((1, len(scores)))
    hits, alarms, thresholds = _cumulative(scores, positive, weights)
    area = float(average_precisions(scores, positive, weights)[0])
    precision = ratio(hits[0], hits[0] + alarms[0])
    precision[0] = 1.0
    return Curve(ratio(hits[0], hits[0, -1:]), precision, thresholds, area)


def _cumulative(scores: Float64, positive: Bools, weights: Float64) -> tuple[Float64, Float64, Float64]:
    """Weight of positives and negatives at or above each distinct score: (resample, 1 + distinct), and the scores."""
    order = np.argsort(-scores, kind="stable")
    ends = _ends_of_ties(scores[order])
    sorted_weights = weights[:, order]
    total = np.cumsum(sorted_weights, axis=1)[:, ends]
    hits = np.cumsum(sorted_weights * positive[order], axis=1)[:, ends]
    nothing = np.zeros((len(weights), 1))
    thresholds = np.concatenate([[np.inf], scores[order][ends]])
    return np.hstack([nothing, hits]), np.hstack([nothing, total - hits]), thresholds


def _ends_of_ties(sorted_scores: Float64) -> Ints:
    """The last place of every run of equal scores."""
    changes = np.flatnonzero(np.diff(sorted_scores))
    return np.append(changes, len(sorted_scores) - 1)[: len(sorted_scores)].astype(np.int64)
