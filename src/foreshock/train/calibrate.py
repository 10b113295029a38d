"""Calibrate: one temperature for a classifier, residual quantiles for a regression. Knows no networks and no files."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from foreshock.types.arrays import AnyArray, Floats

BOUND = 4.0
"""The logarithm of a temperature lies within ± this."""


def temperature(logits: Floats, y: AnyArray) -> float:
    """The temperature by which logits (example, class) are divided so that the likelihood of `y` is largest.

    It changes no decision, only how sure they are (Guo et al. 2017, arXiv:1706.04599). Labels are smoothed as if one
    example more had been of any class alike (after Platt 1999, who did so for two): a few examples without a mistake do
    not make a classifier certain.

    >>> logits = np.array([[4.0, 0.0]] * 3 + [[0.0, 4.0]])
    >>> round(temperature(logits, np.array([0, 0, 1, 1])), 2)
    4.72
    >>> sure = np.array([[9.0, -9.0]] * 49)
    >>> t = temperature(sure, np.zeros(49, int))
    >>> round(float(np.exp(log_softmax(sure / t, axis=1)[0, 0])), 3)
    0.99
    """
    rows, unknown = np.arange(len(y)), 1 / (len(y) + 1)

    def negative_log_likelihood(log_t: float) -> float:
        told = log_softmax(logits / np.exp(log_t), axis=1)
        return float(-(1 - unknown) * told[rows, y].mean() - unknown * told.mean())

    found = minimize_scalar(negative_log_likelihood, bounds=(-BOUND, BOUND), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def residual_quantiles(truth: Floats, value: Floats) -> tuple[float, float, float]:
    """The 5, 50 and 95 % quantiles of truth minus value.

    >>> residual_quantiles(np.arange(101.0), np.zeros(101))
    (5.0, 50.0, 95.0)
    """
    low, middle, high = np.quantile(np.asarray(truth) - np.asarray(value), [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)
