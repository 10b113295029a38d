"""Search everywhere for the places that explain most pairs of picks. Knows no slopes and no posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.geo import moved
from foreshock.predict.locate.arrivals import Arrivals, Network
from foreshock.predict.locate.observed import Observed
from foreshock.types.arrays import Float32, Float64, Ints

COLUMNS = 16
ROWS_OF_DEPTH = 8
MOST_PAIRS = 120
CRUST_KM_S = 6.0
FINE_KM = 6.0
_STRIDES = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)


@dataclass(frozen=True, eq=False)
class Coarse:
    """A grid about the network with the times to all its stations, made once."""

    latitude: Float64
    longitude: Float64
    depth_km: Float64
    cell_km: float
    cell_depth_km: float
    times_s: Float32

    def at(self, seen: Observed) -> Float32:
        """Give times (node, pick)."""
        return self.times_s[:, seen.station + seen.is_s * (self.times_s.shape[1] // 2)]


def depths_km(shallowest_km: float, deepest_km: float) -> Float64:
    """Nodes of depth, closer near the top."""
    part = ((np.arange(ROWS_OF_DEPTH) + 0.5) / ROWS_OF_DEPTH) ** 1.5
    return np.asarray(shallowest_km + (deepest_km - shallowest_km) * part)


def coarse_grid(network: Network, *, centre: tuple[float, float], half_width_km: float, depth_km: Float64) -> Coarse:
    """Lay the grid about a centre (latitude, longitude) and time all stations from it."""
    offset = half_width_km * (2 * (np.arange(COLUMNS) + 0.5) / COLUMNS - 1)
    east, north, depth = (v.ravel() for v in np.meshgrid(offset, offset, depth_km, indexing="ij"))
    lat, lon = moved(np.full(east.shape, centre[0]), np.full(east.shape, centre[1]), east_km=east, north_km=north)
    n = len(network.names)
    both = network.heard(np.tile(np.arange(n), 2), np.repeat([False, True], n))
    times = both.time_s(lat, lon, depth).astype(np.float32)
    span = float(np.ptp(depth_km)) / max(len(depth_km) - 1, 1)
    return Coarse(lat, lon, depth, 2 * half_width_km / COLUMNS, span, times)


def pairs(n: int) -> tuple[Ints, Ints]:
    """Choose pairs of picks: all where they are few, else each with neighbours at growing strides."""
    first, second = np.triu_indices(n, 1)
    if len(first) > MOST_PAIRS:
        strides = [s for s in _STRIDES if s < n][: max(1, MOST_PAIRS // n)]
        first = np.tile(np.arange(n), len(strides))
        second = (first + np.repeat(strides, n)) % n
    return first, second


def explained(seen: Observed, times_s: Float32 | Float64, *, blur_s: float, chosen: tuple[Ints, Ints]) -> Float64:
    """Count the pairs whose difference of times a place explains, (place,).

    Equal differential time: Font, Kao, Lallemand, Liu & Chiao (2004), Geophys. J. Int. 158, 655-675,
    doi:10.1111/j.1365-246X.2004.02158.x. A pair counts 1 / (1 + (misfit / width)²); the origin time drops out, and
    a wrong pick costs its own pairs only.
    """
    residual = np.asarray(seen.time_s, np.float32) - np.asarray(times_s, np.float32)
    one, other = chosen
    width2 = (seen.sigma_s[one] ** 2 + seen.sigma_s[other] ** 2 + blur_s**2).astype(np.float32)
    misfit = residual[:, one] - residual[:, other]
    count = 1 / (1 + misfit * misfit / width2)
    return np.asarray(np.nansum(count, axis=1), float)


def candidates(
    seen: Observed, arrivals: Arrivals, grid: Coarse, *, shallowest_km: float, deepest_km: float, n: int
) -> tuple[Float64, Float64, Float64]:
    """Give the best places (latitude, longitude, depth): the best cells, cut to thirds until they are fine."""
    chosen = pairs(len(seen.picks))
    cell, deep = grid.cell_km, grid.cell_depth_km
    score = explained(seen, grid.at(seen), blur_s=cell / CRUST_KM_S, chosen=chosen)
    lat, lon, depth = grid.latitude, grid.longitude, grid.depth_km
    while cell > FINE_KM:
        best = np.argsort(-score, kind="stable")[:n]
        cell, deep = cell / 3, deep / 3
        step = np.array([-1, 0, 1])
        east, north, down = (v.ravel() for v in np.meshgrid(step * cell, step * cell, step * deep, indexing="ij"))
        new = moved(lat[best, None], lon[best, None], east_km=east, north_km=north)
        depth = np.clip(depth[best, None] + down, shallowest_km, deepest_km).ravel()
        lat, lon = new[0].ravel(), new[1].ravel()
        score = explained(seen, arrivals.rough_s(lat, lon, depth), blur_s=cell / CRUST_KM_S, chosen=chosen)
    best = np.argsort(-score, kind="stable")[:n]
    return lat[best], lon[best], depth[best]
