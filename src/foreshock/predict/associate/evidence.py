"""Evidence: how much better an earthquake explains picks than chance does, for the whole search. Knows no search."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from foreshock.predict.associate.geometry import Geometry
from foreshock.types.arrays import Bools, Float64, Ints

DAY_S = 86_400.0
_ROOT_2PI = math.sqrt(2 * math.pi)
_MOST_ROOM = -3.0


def needed_evidence(false_per_day: float) -> float:
    """Give the evidence above which chance makes at most so many events a day.

    A likelihood ratio has the mean one where there is chance only. So its integral over origins, with each place as
    likely as another, is one a second of origin time; of peaks that each hold more than c seconds of it there are at
    most 86,400 / c a day (Markov's inequality), however many places were tried. Evidence is log(c).

    >>> round(needed_evidence(0.1), 2)
    13.67
    """
    return math.log(DAY_S / false_per_day)


@dataclass(frozen=True, eq=False)
class Hits:
    """Picks taken for an event, each (pick,).

    Attributes:
        slot, residual_s, sigma_s: where, how late and with which standard deviation.
        slopes: of their times, (4, pick): s/km east, north and down, and one for the origin time.
        rate_hz: how often chance makes such a pick.
    """

    slot: Ints
    residual_s: Float64
    sigma_s: Float64
    slopes: Float64
    rate_hz: Float64


class Judge:
    """Weighs hits against misses out to the distance that favours an event most."""

    def __init__(self, geometry: Geometry) -> None:
        told = geometry.settings
        self._geometry = geometry
        self._seen = np.repeat([told.seen_p, told.seen_s], geometry.n_sites)
        self._missed = np.log(1 - self._seen)
        size = geometry.high - geometry.low
        self._prior = np.diag(np.append(12 / size**2, 0.0))
        self._log_volume = math.log(geometry.volume_km3)

    def weigh(self, at: Float64, hits: Hits, *, alive: Bools) -> tuple[float, Ints]:
        """Give the evidence, and the places among `hits` within the distance that favours the event most.

        Of one slot: (1 − seen) + seen × density of the residual / rate of noise picks, which has the mean one under
        chance; log of the product over slots, less log of how many distances were tried, and log of the space and
        time that the hits leave open (Laplace's approximation) over the volume searched.
        """
        g = self._geometry
        z = hits.residual_s / hits.sigma_s
        seen = self._seen[hits.slot]
        gain = np.log(1 - seen + seen * np.exp(-0.5 * z * z) / (hits.rate_hz * hits.sigma_s * _ROOT_2PI))
        worth = np.where(np.tile(alive, 2), self._missed, 0.0)
        worth[hits.slot] = -np.inf
        np.maximum.at(worth, hits.slot, gain)
        order = np.argsort(np.hypot(g.xy[:, 0] - at[0], g.xy[:, 1] - at[1]), kind="stable")
        sums = np.cumsum(worth.reshape(2, -1).sum(0)[order])
        best = int(np.argmax(sums))
        rank = np.empty(g.n_sites, np.int64)
        rank[order] = np.arange(g.n_sites)
        within = np.flatnonzero(rank[g.slot_site[hits.slot]] <= best)
        return float(sums[best]) - math.log(g.n_sites) + self._room(hits), within

    def at_most(self, cell: int, slot: Ints, sigma_s: Float64, *, rate_hz: Float64, alive: Bools) -> float:
        """Give the evidence if all these picks fitted an origin in a cell, as long as they leave little room."""
        g = self._geometry
        sigma = np.sqrt(sigma_s**2 + g.settings.static_s**2)
        worth = np.where(np.tile(alive, 2), self._missed, 0.0)
        worth[slot] = np.log(self._seen[slot] / (rate_hz[slot] * sigma * _ROOT_2PI))
        sums = np.cumsum(worth.reshape(2, -1).sum(0)[g.nearest[cell]])
        return float(sums.max()) - math.log(g.n_sites) + _MOST_ROOM

    def _room(self, hits: Hits) -> float:
        """Log of the volume × time (s) that the hits leave open, over the volume searched."""
        slopes = hits.slopes / hits.sigma_s
        _, log_det = np.linalg.slogdet(slopes @ slopes.T + self._prior)
        return 2 * math.log(2 * math.pi) - 0.5 * float(log_det) - self._log_volume
