"""Table: travel times laid on an even grid, read with their slopes at once. Knows no model and no picks."""

from __future__ import annotations

import numpy as np

from foreshock.errors import InputError
from foreshock.predict.travel.table import PHASES, TravelTimes
from foreshock.types.arrays import Float64, Ints

FAR_S = 1e6
"""Time to where the travel times do not reach: nothing ever fits it."""


class Table:
    """First arrivals of P and S from (distance, depth) nodes, linear between them.

    Raises:
        InputError: the travel times do not begin below a station.
    """

    def __init__(self, times: TravelTimes, *, reach_km: float, depth_km: float, step_km: float) -> None:
        reach = min(times.max_distance_km, reach_km)
        distance = np.arange(0, reach + 1e-9, step_km)
        depth = np.linspace(0, depth_km, max(3, int(np.ceil(depth_km / step_km)) + 1))
        known = np.stack([times.time_s(phase, distance[:, None], depth[None]) for phase in PHASES])
        if len(distance) < 2 or not np.isfinite(known[:, :2, :]).all():
            raise InputError(
                f"travel times to {times.max_distance_km} km and {times.max_depth_km} km of depth",
                "they must begin below a station",
                "give times from distance 0 and depth 0 on",
            )
        self.longest_s = float(np.nanmax(known))
        self.n_distance, self.n_depth = len(distance), len(depth)
        self.step_km, self.step_depth_km = step_km, float(depth[1])
        self._flat = np.where(np.isfinite(known), known, FAR_S).ravel()
        self._planes = _planes(known, self.step_km, self.step_depth_km)
        self.near_surface_s_km = (known[:, 0, 1] - known[:, 0, 0]) / depth[1]
        half = max(1, int(np.isfinite(known[1, :, 0]).sum()) // 2)
        self.slow_s_km = (known[:, half, 0] - known[:, 0, 0]) / distance[half]

    def time_s(self, distance_km: Float64, depth_km: Float64, phase: Ints) -> Float64:
        """Give seconds; arrays broadcast."""
        k, a, b = self._corner(distance_km, depth_km, phase)
        v, wide = self._flat, self.n_depth
        upper, lower = v[k], v[k + wide]
        upper = upper + (v[k + 1] - upper) * b
        lower = lower + (v[k + wide + 1] - lower) * b
        return np.asarray(upper + (lower - upper) * a)

    def about(self, depth_km: float) -> tuple[Float64, float]:
        """Give the nodes nearest to a depth, ([s, s/km, s/km of depth], phase × distance), and how far they are."""
        j = min(max(round(depth_km / self.step_depth_km), 0), self.n_depth - 1)
        return self._planes[j], depth_km - j * self.step_depth_km

    def _corner(self, distance_km: Float64, depth_km: Float64, phase: Ints) -> tuple[Ints, Float64, Float64]:
        """Find the corner below each point and the parts of the way to the next."""
        d, z = distance_km / self.step_km, depth_km / self.step_depth_km
        i = np.minimum(d.astype(np.int64), self.n_distance - 2)
        j = np.minimum(z.astype(np.int64), self.n_depth - 2)
        return (phase * self.n_distance + i) * self.n_depth + j, d - i, z - j


def _planes(known: Float64, step_km: float, step_depth_km: float) -> Float64:
    """Lay times and both slopes of them on the nodes, (depth, 3, phase × distance)."""
    slopes = np.stack([known, np.gradient(known, step_km, axis=1), np.gradient(known, step_depth_km, axis=2)], -1)
    far = ~np.isfinite(slopes).all(-1)
    slopes[far] = [FAR_S, 0, 0]
    planes = slopes.transpose(2, 3, 0, 1)
    return np.ascontiguousarray(planes.reshape(planes.shape[0], 3, -1))
