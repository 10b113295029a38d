"""Measure: one number with its n and its interval: by drawing events again, exact for shares and for rates.

Knows numbers and to which event each belongs, and nothing of what they mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.stats import beta, binom, chi2

from foreshock.errors import InputError, nearest
from foreshock.evaluate.bootstrap import Resamples, bounds, draws
from foreshock.evaluate.event_draws import quantiles_of_draws
from foreshock.types.arrays import Float64, Ints

Statistic = Callable[[Float64, Float64], Float64]
"""Rising values (row,) and weights (resample, row) → the statistic of each resample."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number, its 95 % interval and what it rests on.

    Attributes:
        n: rows. n_events: events they belong to. hits: of a share or a rate, how often it happened.
        exposure: of a rate, for how long, or over how much, it could have happened.
        upper: with no hit at all, what the truth hardly exceeds: 3 / n (the rule of three: Hanley & Lippman-Hand 1983,
            doi:10.1001/jama.1983.03330370053031).
    """

    value: float
    low: float
    high: float
    n: int
    n_events: int
    hits: int | None = None
    upper: float | None = None
    exposure: float | None = None

    def __bool__(self) -> bool:
        """Whether it rests on anything."""
        return self.n > 0 or self.exposure is not None

    def as_json(self) -> dict[str, Any]:
        """Plain values; hits and upper only where they mean something."""
        told: dict[str, Any] = {"value": self.value, "low": self.low, "high": self.high}
        told |= {"n": self.n, "n_events": self.n_events}
        told |= {} if self.hits is None else {"hits": self.hits}
        told |= {} if self.exposure is None else {"exposure": self.exposure}
        return told | ({} if self.upper is None else {"upper_95": self.upper})


NOTHING = Measure(math.nan, math.nan, math.nan, 0, 0)


def share(hits: int, n: int, *, level: float = 0.95, n_events: int | None = None) -> Measure:
    """A share of independent rows with its exact interval (Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404).

    >>> one = share(0, 20)
    >>> one.value, round(one.high, 4), one.upper
    (0.0, 0.1684, 0.15)
    """
    if n == 0:
        return NOTHING
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, n - hits + 1))
    high = 1.0 if hits == n else float(beta.ppf(1 - tail, hits + 1, n - hits))
    upper = min(1.0, 3 / n) if hits == 0 else None
    return Measure(hits / n, low, high, n, n if n_events is None else n_events, hits, upper)


def rate(hits: int, exposure: float, *, level: float = 0.95) -> Measure:
    """Happenings in a unit of exposure, with the exact interval of a Poisson count (Garwood 1936, doi:10.2307/2333958).

    >>> round(rate(0, 100.0).upper, 3)
    0.03
    """
    if not exposure > 0:
        return NOTHING
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(chi2.ppf(tail, 2 * hits)) / 2
    high = float(chi2.ppf(1 - tail, 2 * hits + 2)) / 2
    upper = 3 / exposure if hits == 0 else None
    return Measure(hits / exposure, low / exposure, high / exposure, hits, hits, hits, upper, exposure)


def binomial_band(n: int, promised: float, *, level: float = 0.95) -> tuple[float, float]:
    """Where the share of n rows lies if what was promised is true; NaN of none."""
    if n == 0:
        return math.nan, math.nan
    tail = (1 - level) / 2
    low, high = (float(binom.ppf(at, n, promised)) / n for at in (tail, 1 - tail))
    return low, high


# -- statistics --------------------------------------------------------------------------------------------------------


def _mean(values: Float64, weights: Float64) -> Float64:
    return np.asarray(weights @ values / weights.sum(1))


def _sd(values: Float64, weights: Float64) -> Float64:
    """Standard deviation, with n - 1; NaN of one value."""
    n = weights.sum(1)
    mean = weights @ values / n
    square = np.maximum(weights @ values**2 / n - mean**2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(np.where(n > 1, square * n / (n - 1), np.nan)))


def _quantile(at: float) -> Statistic:
    return lambda values, weights: quantiles_of_draws(values, weights, at)


STATISTICS: Mapping[str, Statistic] = MappingProxyType(
    {"mean": _mean, "sd": _sd, "median": _quantile(0.5), "p05": _quantile(0.05), "p95": _quantile(0.95)}
)


@dataclass(frozen=True)
class Draws:
    """The bootstrap over events: an earthquake is drawn with all its rows."""

    seed: int = 0
    n: int = 1000
    level: float = 0.95

    def __post_init__(self) -> None:
        if self.n < 20 or not 0 < self.level < 1:
            raise InputError(
                f"{self.n} resamples, level {self.level}", "20 at least, and between 0 and 1", "use 1000, 0.95"
            )

    def measure(self, values: Float64, clusters: Ints, *, statistic: str) -> Measure:
        """A statistic of the known values (row,), each of an event; a ``share`` of 0 and 1 is exact if events are."""
        known = np.isfinite(values)
        said, events = values[known], clusters[known]
        if not len(said):
            return NOTHING
        if statistic == "share":
            alone = len(np.unique(events)) == len(events)
            if alone:
                return share(int(said.sum()), len(said), level=self.level)
            drawn = self.of(self.resamples(said, events, statistic="mean"))
            exact = share(int(said.sum()), len(said), level=self.level)
            return Measure(drawn.value, drawn.low, drawn.high, drawn.n, drawn.n_events, exact.hits, exact.upper)
        return self.of(self.resamples(said, events, statistic=statistic))

    def resamples(self, values: Float64, clusters: Ints, *, statistic: str) -> Resamples:
        """The statistic of finite values, and of each draw of events."""
        if statistic not in STATISTICS:
            raise InputError(f"statistic {statistic!r}", "it is not known", nearest(statistic, STATISTICS))
        of = STATISTICS[statistic]
        order = np.argsort(values, kind="stable")
        rising, events = values[order], np.unique(clusters, return_inverse=True)[1][order]
        value = float(of(rising, np.ones((1, len(rising))))[0]) if len(rising) else math.nan
        drawn = [of(rising, weights) for weights in draws(events, seed=self.seed, n=self.n)]
        whole = np.concatenate(drawn) if drawn else np.empty(0)
        return Resamples(value, whole, len(rising), len(np.unique(events)))

    def ratio(self, above: Float64, below: Float64, clusters: Ints) -> Measure:
        """The sum of one column by the sum of another, as a precision is; NaN of nothing."""
        if not len(below) or below.sum() == 0:
            return NOTHING
        events = np.unique(clusters, return_inverse=True)[1]
        value, n_events = float(above.sum() / below.sum()), len(np.unique(events[below > 0]))
        drawn: list[Float64] = []
        for weights in draws(events, seed=self.seed, n=self.n):
            with np.errstate(invalid="ignore", divide="ignore"):
                drawn.append(weights @ above / (weights @ below))
        found = np.concatenate(drawn) if drawn else np.empty(0)
        low, high = bounds(value, found[np.isfinite(found)], level=self.level)
        return Measure(value, low, high, int(below.sum()), n_events, int(above.sum()))

    def of(self, said: Resamples) -> Measure:
        """What resamples say."""
        score = said.score(self.level)
        return Measure(score.value, score.low, score.high, score.n, score.n_events)
