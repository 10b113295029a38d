"""Softmax line: multinomial logistic regression by L-BFGS. Knows numbers and class numbers, no waveforms."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from foreshock.predict.softmax import softmax
from foreshock.types.arrays import Float64, Ints

MAX_ITERATIONS = 500
TOLERANCE = 1e-6
"""On the gradient's largest element."""


def fit_softmax(features: Float64, numbers: Ints, *, n_classes: int, c: float) -> Float64:
    """Find the weights that minimise mean log-loss + |W|²/(2·c·n), the intercept left free.

    The objective is convex; `c` is the inverse strength of the ridge (as LIBLINEAR's C). With two classes and one
    feature this is Platt's calibration (Platt 1999, without his smoothed targets).

    Args:
        features: (example, feature), standardised.
        numbers: (example,) class numbers.
        n_classes: how many classes there are, even if some do not occur.
        c: inverse strength of the ridge, positive.

    Returns:
        (feature + 1, class); the last row is the intercept.
    """
    n, width = features.shape
    design = np.hstack([features, np.ones((n, 1))])
    truth = np.eye(n_classes)[numbers]
    ridge = np.append(np.full(width, 1.0 / (c * n)), 0.0)[:, None]

    def loss(flat: Float64) -> tuple[float, Float64]:
        w = flat.reshape(width + 1, n_classes)
        p = softmax(design @ w)
        value = -np.log(np.maximum((p * truth).sum(1), 1e-300)).mean() + 0.5 * (ridge * w * w).sum()
        return float(value), (design.T @ (p - truth) / n + ridge * w).ravel()

    start = np.zeros((width + 1) * n_classes)
    options = {"maxiter": MAX_ITERATIONS, "gtol": TOLERANCE}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x, np.float64).reshape(width + 1, n_classes)


def probabilities(features: Float64, weights: Float64) -> Float64:
    """Give the class probabilities (example, class) of weights from `fit_softmax`."""
    return softmax(features @ weights[:-1] + weights[-1])


def log_loss(p: Float64, numbers: Ints) -> float:
    """Mean of −ln of the probability of the true class, probabilities not below 1e-15.

    >>> round(log_loss(np.array([[0.5, 0.5]]), np.array([1])), 6)
    0.693147
    """
    return float(-np.log(np.maximum(p[np.arange(len(p)), numbers], 1e-15)).mean())
