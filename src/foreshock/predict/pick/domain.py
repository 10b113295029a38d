"""Domain: how far what lies about a pick is from everything the picker has learnt from. Knows no networks.

A pick is described by a few numbers of the prepared samples about it: how loud each band is before it, in the second
after it and later, how much faster the ground moves than before, and how much of it is horizontal. Their distance from
the training's mean, in units of its spread (Mahalanobis 1936), says how unlike it is; 1 is where the outermost two per
cent of the picks learnt from begin.
"""

from __future__ import annotations

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
    edges = [round(at + seconds * rate_hz) for seconds in (-BEFORE_S, 0.0, SOON_S, LATER_S)]
    spans = [slice(max(0, a), max(0, b)) for a, b in pairwise(edges)]
    parts = [np.abs(x[:, span]) for span in spans]
    loud = [part[rows].mean() if part.size else 0.0 for rows in _bands(x) for part in parts]
    crossings = [_crossings(x[0, span]) for span in spans[:2]]
    soon = parts[1] if parts[1].size else np.zeros((len(x), 1), np.float32)
    return np.array([*loud, *crossings, soon[1:3].mean() - soon[0].mean()], np.float64)


def _bands(x: Float32) -> tuple[slice, slice]:
    """Rows of the first and of the last band; the same where there is one only."""
    return slice(0, 3), slice(len(x) - 3, len(x))


def _crossings(row: Float32) -> float:
    """How often a row changes its sign, a sample."""
    signs = np.signbit(row)
    return float((signs[1:] != signs[:-1]).mean()) if len(row) > 1 else 0.0


def novelty(features: Float64, domain: Domain) -> float:
    """The distance of a pick from the training's picks; beyond 1 it is unlike them."""
    apart = np.asarray(domain.root) @ (features - np.asarray(domain.mean))
    return float(np.sqrt((apart**2).sum()) / domain.limit)


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
