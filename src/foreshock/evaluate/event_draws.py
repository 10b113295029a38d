"""Intervals of what is said of each event: a mean or a quantile, and what becomes of it when events are drawn again.

Knows numbers, one an event, and nothing of what they measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from foreshock.evaluate.bootstrap import Score, bounds, draws
from foreshock.types.arrays import Float64


@dataclass(frozen=True)
class Draw:
    """The bootstrap: an earthquake is drawn with all that is said of it; unknown values (NaN) are left out before."""

    seed: int
    n: int
    level: float

    def mean(self, values: Float64) -> Score:
        """The mean of the known values."""
        known = values[np.isfinite(values)]
        drawn = [weights @ known / weights.sum(1) for weights in self._weights(len(known))]
        return self._score(float(known.mean()) if len(known) else np.nan, drawn, len(known))

    def quantile(self, values: Float64, share: float = 0.5) -> Score:
        """A quantile of the known values."""
        known = np.sort(values[np.isfinite(values)])
        drawn = [quantiles_of_draws(known, weights, share) for weights in self._weights(len(known))]
        return self._score(float(np.quantile(known, share)) if len(known) else np.nan, drawn, len(known))

    def _weights(self, n: int) -> Iterator[Float64]:
        return draws(np.arange(n), seed=self.seed, n=self.n)

    def _score(self, value: float, drawn: list[Float64], n: int) -> Score:
        low, high = bounds(value, np.concatenate(drawn) if drawn else np.empty(0), level=self.level)
        return Score(value, low, high, n, n)


def quantiles_of_draws(rising: Float64, weights: Float64, share: float) -> Float64:
    """The quantile of each resample of rising values (row,) under whole weights (resample, row), as NumPy has it."""
    reached = np.cumsum(weights, axis=1)
    at = share * (reached[:, -1] - 1)
    low, high = np.floor(at), np.ceil(at)
    a, b = (rising[np.minimum((reached <= place[:, None]).sum(1), len(rising) - 1)] for place in (low, high))
    return np.asarray(a + (at - low) * (b - a))
