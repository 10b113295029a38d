"""Statistics along time that leave masked samples out. A mask of None means that all samples count. Knows no units.

Rules that all features share: no sample left → NaN; a statistic that would divide by zero → NaN; never a warning.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from foreshock.types.arrays import Bools, Float64

Mask: TypeAlias = Bools | None


def ratio(above: Any, below: Any) -> Float64:
    """Divide; where the divisor is not above zero the answer is NaN.

    >>> ratio(1.0, [2.0, 0.0]).tolist()
    [0.5, nan]
    """
    above, below = np.broadcast_arrays(np.asarray(above, np.float64), np.asarray(below, np.float64))
    out = np.full(below.shape, np.nan)
    np.divide(above, below, out=out, where=below > 0)
    return out


def root(values: Any) -> Float64:
    """Square root; of a negative number NaN, without a warning."""
    values = np.asarray(values, np.float64)
    out = np.full(values.shape, np.nan)
    np.sqrt(values, out=out, where=values >= 0)
    return out


def count(x: Float64, valid: Mask) -> Float64:
    """How many samples count (…)."""
    if valid is None:
        return np.full(x.shape[:-1], float(x.shape[-1]))
    return np.asarray(valid.sum(-1), np.float64)


def total(x: Float64, valid: Mask) -> Float64:
    """Sum over time (…)."""
    if valid is None:
        return np.asarray(x.sum(-1))
    return np.asarray(np.where(valid, x, 0.0).sum(-1))


def mean(x: Float64, valid: Mask) -> Float64:
    """Mean over time (…)."""
    return ratio(total(x, valid), count(x, valid))


def centred(x: Float64, valid: Mask) -> Float64:
    """The samples less their mean, masked ones zero (…, time)."""
    level = np.nan_to_num(mean(x, valid))[..., None]
    d: Float64 = x - level
    return d if valid is None else np.where(valid, d, 0.0)


def largest(x: Float64, valid: Mask) -> Float64:
    """Maximum over time (…)."""
    if x.shape[-1] == 0:
        return np.full(x.shape[:-1], np.nan)
    if valid is None:
        return np.asarray(x.max(-1))
    found = np.where(valid, x, -np.inf).max(-1)
    return np.where(np.isneginf(found), np.nan, found)


def median(x: Float64, valid: Mask) -> Float64:
    """Median over time (…)."""
    n = x.shape[-1]
    if n == 0:
        return np.full(x.shape[:-1], np.nan)
    if valid is None:
        middle = np.partition(x, (n - 1) // 2, axis=-1) if n % 2 else np.partition(x, (n // 2 - 1, n // 2), axis=-1)
        return np.asarray(0.5 * (middle[..., (n - 1) // 2] + middle[..., n // 2]))
    held = valid.sum(-1)
    low, high = np.maximum(held - 1, 0) // 2, np.minimum(held // 2, n - 1)
    ranked = np.sort(np.where(valid, x, np.inf), axis=-1)
    at_low, at_high = (np.take_along_axis(ranked, k[..., None], -1)[..., 0] for k in (low, high))
    return np.where(held > 0, 0.5 * (np.where(held > 0, at_low, 0.0) + np.where(held > 0, at_high, 0.0)), np.nan)


def shape_of(x: Float64, valid: Mask) -> tuple[Float64, Float64]:
    """Skewness m₃/m₂^1.5 and kurtosis m₄/m₂² (3 for a normal distribution) of the central moments over time (…)."""
    d = centred(x, valid)
    squares = d * d
    n = count(x, valid)
    m2, m3, m4 = ratio(squares.sum(-1), n), ratio(_dot(squares, d), n), ratio(_dot(squares, squares), n)
    m2 = without_rounding(m2, np.nan_to_num(mean(x, valid)))
    return ratio(m3, m2 * np.sqrt(m2)), ratio(m4, m2 * m2)


def without_rounding(variance: Float64, level: Float64) -> Float64:
    """The variance, exactly zero where it is only the rounding of a constant's mean, `level`."""
    return np.where(variance > (4 * np.finfo(float).eps * level) ** 2, variance, 0.0)


def _dot(a: Float64, b: Float64) -> Float64:
    return np.asarray(np.einsum("...t,...t->...", a, b))
