"""Size: what the first displacements say of the magnitude while the source may still be growing. Knows no stations.

A displacement seen for τ seconds is that of a source which has had τ seconds. Where a magnitude would take longer, what
is seen is a part of what is to come, by an unknown share of what growth with time allows. The share is the source's, so
the same at all its stations; every share is equally likely on a log scale, and is integrated over. That makes a
censored term that is a density, so that magnitudes with and without it can be compared. Stations of one earthquake also
share a deviation, over which is integrated as well: many stations would be too sure without both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, ndtr

from foreshock.apps.warning.relations import Relation, lasting_s
from foreshock.apps.warning.settings import EventSettings
from foreshock.types.arrays import Bools, Float64

STEP = 0.1
NODES, SHARES = np.polynomial.hermite_e.hermegauss(3)
PARTS = (np.arange(7) + 0.5) / 7
"""Shares of what may be to come that are tried."""
EARLY = 1.5
EARLY_S = 1.6
"""In so many first seconds a source grows faster, by the number above for each decade of time by which it has had less:
on family A the displacements of half a second lie lower than one slope allows, which real earthquakes may not do."""
FLOOR = 1e-9


@dataclass(frozen=True, eq=False)
class Displacements:
    """What stations have seen, arrays (station,): log10 of the peak (m), seconds seen, whether it is only noise.

    Where it is noise, the peak of the wave is at most what is told.
    """

    log_pd: Float64
    seen_s: Float64
    is_noise: Bools

    def __len__(self) -> int:
        return len(self.log_pd)


@dataclass(frozen=True, eq=False)
class Size:
    """A belief about the magnitude: `weight` (place, magnitude) sums to 1, for the places that were given."""

    magnitude: Float64
    weight: Float64

    @property
    def marginal(self) -> Float64:
        """The weight of each magnitude."""
        return np.asarray(self.weight.sum(0))

    def quantile(self, level: float) -> float:
        """Give a quantile, with magnitudes spread evenly within their step.

        >>> even = Size(np.array([4.0, 4.1]), np.array([[0.5, 0.5]]))
        >>> round(even.quantile(0.5), 3)
        4.05
        """
        edges = np.append(self.magnitude - STEP / 2, self.magnitude[-1] + STEP / 2)
        return float(np.interp(level, np.append(0.0, np.cumsum(self.marginal)), edges))

    def probability(self, magnitude: float) -> float:
        """Give P(M ≥ magnitude)."""
        edges = np.append(self.magnitude - STEP / 2, self.magnitude[-1] + STEP / 2)
        return float(1 - np.interp(magnitude, edges, np.append(0.0, np.cumsum(self.marginal))))

    @property
    def sd(self) -> float:
        """Standard deviation."""
        mean = float(self.marginal @ self.magnitude)
        return float(np.sqrt(self.marginal @ (self.magnitude - mean) ** 2))


def grid(settings: EventSettings) -> Float64:
    """Give the magnitudes that are tried."""
    return np.arange(settings.least_magnitude, settings.most_magnitude + STEP / 2, STEP)


def sized(
    seen: Displacements,
    *,
    epicentral_km: Float64,
    depth_km: Float64,
    weight: Float64,
    relation: Relation,
    settings: EventSettings,
) -> Size:
    """Say how large an earthquake is.

    Args:
        seen: of the stations. epicentral_km: (place, station). depth_km, weight: (place,), what is believed of places.
    """
    magnitude = grid(settings)
    log_prior = -np.log(10) * settings.b_value * magnitude
    if not len(seen):
        log_weight = np.log(weight)[:, None] + log_prior
        return Size(magnitude, np.exp(log_weight - logsumexp(log_weight)))
    median = relation.log_pd(magnitude[:, None], epicentral_km=epicentral_km[:, None], depth_km=depth_km[:, None, None])
    to_come = _to_come(magnitude, seen.seen_s, relation)
    shared = relation.event_sigma * NODES[:, None] - (PARTS[:, None, None] * to_come[:, None, None, :])
    log_each = _log_density(
        seen.log_pd - (median[:, :, None, None] + shared),
        sigma=relation.station_sigma,
        is_noise=seen.is_noise,
    )
    log_fit = logsumexp(log_each.sum(-1) + np.log(SHARES / SHARES.sum() / len(PARTS)), axis=(-2, -1))
    log_weight = np.log(np.maximum(weight, 1e-300))[:, None] + log_prior + log_fit
    return Size(magnitude, np.exp(log_weight - logsumexp(log_weight)))


def _to_come(magnitude: Float64, seen_s: Float64, relation: Relation) -> Float64:
    """Decades that a displacement may still gain, (magnitude, station)."""
    decades = np.maximum(np.log10(lasting_s(magnitude)[:, None] / seen_s), 0.0)
    return np.asarray(relation.growth * (1 + EARLY * np.maximum(np.log10(EARLY_S / seen_s), 0.0)) * decades)


def _log_density(apart: Float64, *, sigma: float, is_noise: Bools) -> Float64:
    """Log density of the peaks that were seen, `apart` above their median; of noise, of being at most so much."""
    density = np.exp(-0.5 * (apart / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    if is_noise.any():
        density = np.where(is_noise, ndtr(apart / sigma), density)
    return np.asarray(np.log(density + FLOOR))
