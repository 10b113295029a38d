"""Calibration: whether things said with probability p happen with frequency p. Knows tables only."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import ndtri

from foreshock.errors import InputError
from foreshock.evaluate.metric import Summed, ratio
from foreshock.types.arrays import Bools, Float64, Ints
from foreshock.types.predictions import Predictions

N_BINS = 15
"""Equal-width bins of confidence, as in Guo et al. (2017)."""


class ExpectedCalibrationError(Summed):
    """Σ over 15 equal-width bins of (share of rows) × |accuracy − mean confidence| of the most probable class.

    Naeini et al. (2015), doi:10.1609/aaai.v29i1.9602; top-label form with 15 bins: Guo et al. (2017), PMLR 70:1321.
    A bin holds low < confidence ≤ high. The estimate is never negative and so lies above zero for a perfectly
    calibrated predictor of few rows: compare with `expected_if_calibrated`.
    """

    name: ClassVar[str] = "ece"
    sentence: ClassVar[str] = "Mean gap between confidence and accuracy of the most probable class (15 bins)."
    unit: ClassVar[str] = "1"
    task: ClassVar[str] = "classify"
    better: ClassVar[str] = "lower"
    best: ClassVar[float] = 0.0

    def statistics(self, predictions: Predictions) -> Float64:
        """Right minus confidence in the bin of its row, then one."""
        confidence, right = top_label(predictions)
        return np.column_stack([_in_bins(right - confidence, confidence), np.ones(len(right))])

    def from_sums(self, sums: Float64) -> Float64:
        """Sum of absolute gaps over all."""
        return ratio(np.abs(sums[:, :-1]).sum(1), sums[:, -1])


def top_label(predictions: Predictions) -> tuple[Float64, Bools]:
    """The probability of the most probable class of each row, and whether that class is the true one."""
    confidence = np.clip(predictions.probabilities.max(1, initial=0.0), 0.0, 1.0)
    return confidence, predictions.predicted == predictions.truth_numbers


def reliability(predictions: Predictions, *, n_bins: int = N_BINS, level: float = 0.95) -> pd.DataFrame:
    """A row a bin of confidence: ``low, high, n, confidence, accuracy, accuracy_low, accuracy_high``.

    The bounds are Wilson's for independent rows (doi:10.1080/01621459.1927.10502953); rows of one event are not quite
    independent, so read them as the least that chance allows. Empty bins have n = 0 and NaN.
    """
    confidence, right = top_label(predictions)
    n = _in_bins(np.ones(len(right)), confidence, n_bins).sum(0)
    hits = _in_bins(right.astype(float), confidence, n_bins).sum(0)
    total = _in_bins(confidence, confidence, n_bins).sum(0)
    accuracy_low, accuracy_high = wilson(hits, n, level=level)
    edges = np.linspace(0, 1, n_bins + 1)
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "n": n.astype(np.int64),
            "confidence": ratio(total, n),
            "accuracy": ratio(hits, n),
            "accuracy_low": accuracy_low,
            "accuracy_high": accuracy_high,
        }
    )


def wilson(hits: Float64, n: Float64, *, level: float = 0.95) -> tuple[Float64, Float64]:
    """Wilson's score interval of a share, NaN where n is 0.

    >>> [round(float(bound[0]), 4) for bound in wilson(np.array([8.0]), np.array([10.0]))]
    [0.4902, 0.9433]
    """
    z = float(ndtri(0.5 + level / 2))
    share = ratio(hits, n)
    centre = ratio(share * n + z**2 / 2, np.where(n > 0, n + z**2, 0))
    with np.errstate(invalid="ignore"):
        half = ratio(z * np.sqrt(share * (1 - share) * n + z**2 / 4), np.where(n > 0, n + z**2, 0))
    return centre - half, centre + half


def expected_if_calibrated(predictions: Predictions, *, seed: int = 0, n: int = 500) -> tuple[float, float]:
    """The mean and the 95 % point of the ECE that a perfectly calibrated predictor with these confidences would show.

    Whether the most probable class is right is drawn with exactly its own probability (consistency resampling,
    Bröcker & Smith 2007, doi:10.1175/WAF993.1).

    Raises:
        InputError: fewer than one draw is asked for.
    """
    if n < 1:
        raise InputError(f"{n} draws", "there must be at least one", "ask for 500")
    confidence = top_label(predictions)[0]
    if len(confidence) == 0:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    bins = _bin_of(confidence, N_BINS)
    order = np.argsort(bins, kind="stable")
    starts = np.flatnonzero(np.diff(bins[order], prepend=-1))
    drawn = np.empty(n)
    for k in range(n):
        gap = (rng.random(len(confidence)) < confidence) - confidence
        drawn[k] = np.abs(np.add.reduceat(gap[order], starts)).sum() / len(confidence)
    return float(drawn.mean()), float(np.quantile(drawn, 0.95))


def _bin_of(confidence: Float64, n_bins: int) -> Ints:
    """The number of the bin low < confidence ≤ high; 0 falls into the first."""
    return np.asarray(np.clip(np.ceil(confidence * n_bins) - 1, 0, n_bins - 1), np.int64)


def _in_bins(values: Float64, confidence: Float64, n_bins: int = N_BINS) -> Float64:
    """Each value in the column of its bin, zero elsewhere: (example, bin)."""
    out = np.zeros((len(values), n_bins))
    out[np.arange(len(values)), _bin_of(confidence, n_bins)] = values
    return out
