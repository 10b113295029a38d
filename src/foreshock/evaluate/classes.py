"""Metrics of classes: how often, how surely and how well ranked the right class is named. Knows tables only."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from foreshock.evaluate.metric import Summed, Weighted, mean_of_defined, ratio
from foreshock.evaluate.ranks import average_precisions, roc_areas
from foreshock.types.arrays import Float64, Ints
from foreshock.types.predictions import Predictions

SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)
"""Probabilities are lifted to this before a logarithm: one impossible surprise must not make the mean infinite."""


class _OfClasses:
    """What the metrics of classes share on their label."""

    unit: ClassVar[str] = "1"
    task: ClassVar[str] = "classify"


class _Share(_OfClasses):
    """A share of 0..1, the more the better."""

    better: ClassVar[str] = "higher"
    best: ClassVar[float] = 1.0


class _Penalty(_OfClasses):
    """A penalty, 0 at best."""

    better: ClassVar[str] = "lower"
    best: ClassVar[float] = 0.0


class Accuracy(_Share, Summed):
    """The share of rows whose most probable class is the true one."""

    name: ClassVar[str] = "accuracy"
    sentence: ClassVar[str] = "Share of rows whose most probable class is the true one."

    def statistics(self, predictions: Predictions) -> Float64:
        """Right or wrong, and one."""
        right = predictions.predicted == predictions.truth_numbers
        return np.column_stack([right, np.ones(len(predictions))]).astype(float)

    def from_sums(self, sums: Float64) -> Float64:
        """Right over all."""
        return ratio(sums[:, 0], sums[:, 1])


class BalancedAccuracy(_Share, Summed):
    """Recall averaged over the classes that occur: a rare class counts as much as a common one.

    Brodersen et al. (2010), doi:10.1109/ICPR.2010.764.
    """

    name: ClassVar[str] = "balanced_accuracy"
    sentence: ClassVar[str] = "Recall averaged over the classes that occur in the truth."

    def statistics(self, predictions: Predictions) -> Float64:
        """For every class: recognised rows, then true rows."""
        true = _one_hot(predictions.truth_numbers, predictions)
        named = _one_hot(predictions.predicted, predictions)
        return np.hstack([true * named, true])

    def from_sums(self, sums: Float64) -> Float64:
        """Mean recall."""
        recognised, true = np.split(sums, 2, axis=1)
        return mean_of_defined(ratio(recognised, true))


class MacroF1(_Share, Summed):
    """F1 averaged over the classes that occur in truth or prediction; F1 = 2TP / (2TP + FP + FN)."""

    name: ClassVar[str] = "macro_f1"
    sentence: ClassVar[str] = "F1 (harmonic mean of precision and recall) averaged over classes."

    def statistics(self, predictions: Predictions) -> Float64:
        """For every class: recognised rows, then true rows plus named rows."""
        true = _one_hot(predictions.truth_numbers, predictions)
        named = _one_hot(predictions.predicted, predictions)
        return np.hstack([true * named, true + named])

    def from_sums(self, sums: Float64) -> Float64:
        """Mean F1."""
        recognised, both = np.split(sums, 2, axis=1)
        return mean_of_defined(ratio(2 * recognised, both))


class MacroRocAuc(_Share, Weighted):
    """The area under the ROC curve of each class against the rest, averaged over classes; ties count one half."""

    name: ClassVar[str] = "macro_roc_auc"
    sentence: ClassVar[str] = "Area under the ROC curve of each class against the rest, averaged; 0.5 is guessing."

    def weighted(self, predictions: Predictions, weights: Float64) -> Float64:
        """Score the rows under each set of weights: weights (resample, example) → scores (resample,)."""
        p, truth = predictions.probabilities, predictions.truth_numbers
        areas = [roc_areas(p[:, k], truth == k, weights) for k in range(p.shape[1])]
        return mean_of_defined(np.column_stack(areas))


class MacroAveragePrecision(_Share, Weighted):
    """Average precision of each class against the rest, averaged over classes that occur; no interpolation."""

    name: ClassVar[str] = "macro_average_precision"
    sentence: ClassVar[str] = "Precision averaged over recall for each class against the rest, then over classes."

    def weighted(self, predictions: Predictions, weights: Float64) -> Float64:
        """Score the rows under each set of weights: weights (resample, example) → scores (resample,)."""
        p, truth = predictions.probabilities, predictions.truth_numbers
        areas = [average_precisions(p[:, k], truth == k, weights) for k in range(p.shape[1])]
        return mean_of_defined(np.column_stack(areas))


class LogLoss(_Penalty, Summed):
    """Mean of −ln of the probability given to the true class (the logarithmic score).

    Good (1952), doi:10.1111/j.2517-6161.1952.tb00104.x. Probabilities below 2.2e-16 are lifted to it.
    """

    name: ClassVar[str] = "log_loss"
    sentence: ClassVar[str] = "Mean of −ln of the probability given to the true class."
    unit: ClassVar[str] = "nat"

    def statistics(self, predictions: Predictions) -> Float64:
        """Surprise, and one."""
        told = _at(predictions.probabilities, predictions.truth_numbers)
        surprise = -np.log(np.clip(told, SMALLEST_PROBABILITY, 1.0))
        return np.column_stack([surprise, np.ones(len(told))])

    def from_sums(self, sums: Float64) -> Float64:
        """Mean surprise."""
        return ratio(sums[:, 0], sums[:, 1])


class Brier(_Penalty, Summed):
    """Mean over rows of Σ over classes of (probability − outcome)²: 0 at best, 2 at worst (Brier's own form).

    Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2. For two classes it is twice the one-class form.
    """

    name: ClassVar[str] = "brier"
    sentence: ClassVar[str] = "Squared error of the probabilities, summed over classes (0 to 2)."

    def statistics(self, predictions: Predictions) -> Float64:
        """Squared error, and one."""
        p = predictions.probabilities
        error = ((p - _one_hot(predictions.truth_numbers, predictions)) ** 2).sum(1)
        return np.column_stack([error, np.ones(len(p))])

    def from_sums(self, sums: Float64) -> Float64:
        """Mean squared error."""
        return ratio(sums[:, 0], sums[:, 1])


def _one_hot(numbers: Ints, predictions: Predictions) -> Float64:
    """Class numbers as columns of 0 and 1: (example, class)."""
    return np.asarray(numbers[:, None] == np.arange(len(predictions.classes)), float)


def _at(p: Float64, numbers: Ints) -> Float64:
    """The probability of one class a row."""
    return np.asarray(np.take_along_axis(p, numbers[:, None], axis=1)[:, 0])
