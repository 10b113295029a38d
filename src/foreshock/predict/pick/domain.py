"""Domain: how far what lies about a pick is from everything the picker has learnt from. Knows no networks.

A pick is described by a few numbers of the prepared samples about it: how loud each band is before it, in the second
after it and later, how much faster the ground moves than before, and how much of it is horizontal. Their distance from
the training's mean, in units of its spread (Mahalanobis 1936), says how unlike it is; 1 is where the outermost two per
cent of the picks learnt from begin.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from foreshock.bundle import Domain
from foreshock.types.arrays import Float32, Float64

BEFORE_S, SOON_S, LATER_S = 2.0, 1.0, 4.0
N_FEATURES = 9
WIDEST = 5.0
"""Nothing is widened more than this."""


def described(x: Float32, at: int, *, rate_hz: float) -> Float64:
    """Describe what lies about sample `at` of prepared samples (band · 3, time): (feature,).

    >>> described(np.ones((6, 1000), np.float32), 500, rate_hz=100.0).shape
    (9,)
    """
    edges = [max(0, round(at + seconds * rate_hz)) for seconds in (-BEFORE_S, 0.0, SOON_S, LATER_S)]
    parts = [x[:, a:b] for a, b in pairwise(edges)]
    sizes = [np.abs(part) for part in parts]
    loud = [_mean(size[rows]) for rows in _bands(x) for size in sizes]
    crossings = [_crossings(part[0]) for part in parts[:2]]
    return np.array([*loud, *crossings, _mean(sizes[1][1:3]) - _mean(sizes[1][0])], np.float64)


def _bands(x: Float32) -> tuple[slice, slice]:
    """Rows of the first and of the last band; the same where there is one only."""
    return slice(0, 3), slice(len(x) - 3, len(x))


def _mean(values: Float32) -> np.float32:
    """The mean of all values, 0 of none: a plain sum costs a third of `mean`."""
    total: np.float32 = np.add.reduce(values, axis=None)
    return total / np.float32(max(values.size, 1))


def _crossings(row: Float32) -> float:
    """How often a row changes its sign, a sample."""
    signs = np.signbit(row)
    return np.count_nonzero(signs[1:] != signs[:-1]) / (len(row) - 1) if len(row) > 1 else 0.0


def novelty(features: Float64, domain: Domain) -> float:
    """The distance of a pick from the training's picks; beyond 1 it is unlike them."""
    mean, root = _arrays(domain)
    apart = root @ (features - mean)
    return float(np.sqrt((apart**2).sum()) / domain.limit)


@lru_cache(maxsize=16)
def _arrays(domain: Domain) -> tuple[Float64, Float64]:
    return np.array(domain.mean), np.array(domain.root)


def widened(probability: float, sigma_s: float, far: float) -> tuple[float, float]:
    """Draw a probability towards a half, and widen a spread, by as much as a pick lies outside.

    >>> widened(0.9, 0.1, 0.7)
    (0.9, 0.1)
    >>> probability, sigma_s = widened(0.9, 0.1, 2.0)
    >>> round(probability, 2), sigma_s
    (0.75, 0.2)
    """
    if far <= 1:
        return probability, sigma_s
    by = min(far, WIDEST)
    p = min(max(probability, 1e-9), 1 - 1e-9)
    return float(1 / (1 + (p / (1 - p)) ** (-1 / by))), sigma_s * by
