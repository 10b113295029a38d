"""AIC: where a stretch of samples is best cut in two. Knows no phases and no settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.errors import InputError
from foreshock.types.arrays import Float64, Floats

MIN_SAMPLES = 8
EDGE = 2
"""Samples on either side that a cut needs, so that a variance means something."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where samples change their nature.

    Attributes:
        sample: the first sample after the cut.
        sigma: standard deviation of that sample number, by Akaike weights.
        ratio: variance after over variance before the cut, the mean over rows.
    """

    sample: int
    sigma: float
    ratio: float


def aic(x: Floats) -> Float64:
    """Give AIC(k) = k·ln var(x[:k]) + (N − k)·ln var(x[k:]) for every cut k, summed over rows; Inf at the edges.

    Maeda (1985), doi:10.4294/zisin1948.38.3_365, on the samples themselves; Zhang et al. (2003),
    doi:10.1785/0120020241. (They write N − k − 1 for the second factor; the cut moves by less than a sample.)

    Args:
        x: (row, sample) or (sample,).

    Returns:
        (sample,); the smallest value marks the onset.

    Raises:
        InputError: there are fewer than eight samples.
    """
    rows = np.atleast_2d(np.asarray(x, np.float64))
    n = rows.shape[1]
    if n < MIN_SAMPLES:
        raise InputError(f"AIC of {n} samples", f"it needs {MIN_SAMPLES}", "give a longer stretch")
    rows = rows - rows.mean(axis=1, keepdims=True)
    floor = 1e-12 * (rows**2).mean(axis=1, keepdims=True) + np.finfo(np.float64).tiny
    k = np.arange(EDGE, n - EDGE + 1)
    before = np.maximum(_running_variance(rows)[:, k - 1], floor)
    after = np.maximum(_running_variance(rows[:, ::-1])[:, n - k - 1], floor)
    values = np.full(n, np.inf)
    values[k[:-1]] = (k * np.log(before) + (n - k) * np.log(after)).sum(axis=0)[:-1]
    return values


def _running_variance(rows: Float64) -> Float64:
    """Variance of the first 1, 2, … samples of each row."""
    count = np.arange(1, rows.shape[1] + 1)
    mean = np.cumsum(rows, axis=1) / count
    return np.asarray(np.cumsum(rows**2, axis=1) / count - mean**2, np.float64)


def best_cut(x: Floats, *, n_correlated: float = 1.0) -> Cut:
    """Cut where AIC is smallest, and say how sure that is.

    The cuts are weighted by exp(−ΔAIC/2), Akaike weights (Burnham & Anderson 2004, doi:10.1177/0049124104268644);
    `sigma` is their spread about the best, with the error of a whole sample, 1/√12, added. Filtered samples repeat
    each other: ΔAIC is divided by `n_correlated`, the number of samples that say one thing.
    """
    values = aic(x)
    sample = int(np.argmin(values))
    weight = np.exp(-(values - values[sample]) / (2 * max(1.0, n_correlated)))
    spread = (weight * (np.arange(len(values)) - sample) ** 2).sum() / weight.sum()
    rows = np.atleast_2d(np.asarray(x, np.float64))
    before, after = rows[:, :sample].var(axis=1).sum(), rows[:, sample:].var(axis=1).sum()
    ratio = after / max(before, 1e-12 * after, float(np.finfo(np.float64).tiny))
    return Cut(sample, float(np.sqrt(spread + 1 / 12)), float(ratio))
