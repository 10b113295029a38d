"""Quantiles: what 5, 50 and 95 % of a prediction promise, as a distribution that can be scored. Knows numbers only.

Between the three, a normal distribution is taken on either side of the median, each as wide as its own quantile says;
where both are equally wide it is the normal distribution itself.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from foreshock.types.arrays import Float64

Z95 = 1.6448536269514722
NARROWEST = 1e-6
_HALF = (np.sqrt(2.0) - 1.0) / (2.0 * np.sqrt(np.pi))
"""∫ of Φ² up to 0."""


def exceedance(q05: Float64, q50: Float64, q95: Float64, *, threshold: Float64) -> Float64:
    """The probability that a value reaches a threshold.

    >>> float(exceedance(np.array([4.0]), np.array([5.0]), np.array([6.0]), threshold=np.array([6.0]))[0])
    0.05
    """
    low, high = _widths(q05, q50, q95)
    away = threshold - q50
    return np.asarray(np.round(1.0 - ndtr(away / np.where(away < 0, low, high)), 12), np.float64)


def crps(q05: Float64, q50: Float64, q95: Float64, *, truth: Float64) -> Float64:
    """Continuous ranked probability score, in the unit of the value; 0 at best.

    ∫ (F(x) − 1{x ≥ truth})² dx of the two halves (Gneiting & Raftery 2007, doi:10.1198/016214506000001437).

    >>> round(float(crps(np.array([-Z95]), np.array([0.0]), np.array([Z95]), truth=np.array([0.0]))[0]), 4)
    0.2337
    """
    low, high = _widths(q05, q50, q95)
    away = truth - q50
    below, above = np.minimum(away, 0.0) / low, np.maximum(away, 0.0) / high
    # up to the truth F² counts, from there on (1 − F)², which is the same of the mirrored distribution
    left = low * _square(below) + low * (_square(-below) - _HALF)
    right = high * _square(-above) + high * (_square(above) - _HALF)
    return np.asarray(left + right, np.float64)


def _widths(q05: Float64, q50: Float64, q95: Float64) -> tuple[Float64, Float64]:
    """Standard deviations below and above the median."""
    low, high = np.maximum((q50 - q05) / Z95, NARROWEST), np.maximum((q95 - q50) / Z95, NARROWEST)
    return np.asarray(low, np.float64), np.asarray(high, np.float64)


def _square(z: Float64) -> Float64:
    """∫ of Φ² up to z: zΦ² + 2Φφ − Φ(z√2)/√π."""
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.asarray(z * ndtr(z) ** 2 + 2 * ndtr(z) * density - ndtr(z * np.sqrt(2)) / np.sqrt(np.pi))
