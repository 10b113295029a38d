"""Fit: from a coarse cell to a place, a time and the picks that belong there. Knows neither evidence nor blocks."""

from __future__ import annotations

import numpy as np

from foreshock.predict.associate.arrivals import Arrivals
from foreshock.predict.associate.geometry import Geometry
from foreshock.predict.associate.votes import half_widths_s
from foreshock.types.arrays import Float64, Ints

REACH, OTHER_REACH = 3.5, 2.0
"""Standard deviations within which a pick belongs to an event, by its own name and by the other phase's."""
_FINE = np.stack([a.ravel() for a in np.meshgrid([-2, -1, 0, 1, 2], [-2, -1, 0, 1, 2], [-1, 0, 1], indexing="ij")], 1)
_SOFT = (0.8, 0.4, 0.2, 0.1, 0.0)


class Fit:
    """Places candidates: sub-cells first, then reweighted Gauss–Newton steps whose tolerance shrinks."""

    def __init__(self, geometry: Geometry, arrivals: Arrivals) -> None:
        self._geometry, self._arrivals = geometry, arrivals
        told = geometry.settings
        self._static_s, self._fraction = told.static_s, told.model_fraction
        self._half_s = half_widths_s(geometry)
        size = (geometry.high - geometry.low) / geometry.shape
        self._fine_km = size / [5, 5, 3]
        self._slow = geometry.table.slow_s_km
        self._hold = np.diag(np.append(0.6 / size**2, 1e-9))

    def sigma_s(self, travel_s: Float64, which: Ints) -> Float64:
        """Give the standard deviation of residuals: of the pick, the station and the model."""
        pick = self._arrivals.sigma_s[which]
        return np.asarray(np.sqrt(pick * pick + self._static_s**2 + (self._fraction * travel_s) ** 2))

    def near(self, cell: int, time_s: float, local: Ints) -> Ints:
        """Give the picks that may belong to an origin in a cell."""
        a = self._arrivals
        slot = a.slot[local]
        gap = np.abs(a.time_s[local] - time_s - self._geometry.slot_times[slot, cell])
        near: Ints = local[gap < self._half_s[a.phase[local]] * 1.4 + 0.5]
        return near

    def start(self, cell: int, near: Ints) -> tuple[Float64, float, int]:
        """Give the sub-cell and the time on which most picks agree, of equals the closest, and how many agree."""
        g, a = self._geometry, self._arrivals
        points = np.clip(g.cells[cell] + _FINE * self._fine_km, g.low, g.high)
        origin = np.sort(a.time_s[near] - g.times(points, a.slot[near]), axis=1)
        n = len(near)
        width = 2 * float(0.3 + 0.5 * self._fine_km[0] * self._slow.mean())
        apart = np.arange(len(points))[:, None] * 1e5
        line = (origin - origin.min() + apart).ravel()
        last = np.searchsorted(line, line + width, side="right")
        index = np.arange(len(line))
        ends = line[last - 1]
        score = (last - index) - 0.5 * (ends - line) / width
        best = int(np.argmax(score))
        row, first = divmod(best, n)
        end = int(last[best]) - row * n
        return points[row], float(origin[row, first:end].mean()), end - first

    def settle(
        self, at: Float64, time_s: float, which: Ints, *, soft: tuple[float, ...] = _SOFT
    ) -> tuple[Float64, float]:
        """Step to the place and time of least weighted residuals; a pick far off counts little, farther off nothing."""
        g, a = self._geometry, self._arrivals
        columns, time = g.columns(a.slot[which]), a.time_s[which]
        known = a.sigma_s[which] ** 2 + self._static_s**2
        matrix = np.ones((4, len(which)))
        for extra in soft:
            travel, matrix[:3] = g.times_and_slopes(at, columns)
            error = travel * self._fraction
            variance = known + (error * error + extra * extra)
            residual = time - time_s - travel
            squares = residual * residual / variance
            weight = (squares < 20.0) / (variance * (1 + 0.25 * squares))
            weighted = matrix * weight
            move = np.linalg.solve(weighted @ matrix.T + self._hold, weighted @ residual)
            at = np.minimum(np.maximum(at + np.minimum(np.maximum(move[:3], -g.cell_km), g.cell_km), g.low), g.high)
            time_s += min(max(float(move[3]), -3.0), 3.0)
        return at, time_s

    def choose(self, at: Float64, time_s: float, local: Ints) -> tuple[Ints, Ints, Float64, Float64]:
        """Give each sensor's phase its best pick, also one with the other phase's name.

        Returns:
            picks, phases, residuals (s) and their standard deviations (s); picks in order.
        """
        g, a = self._geometry, self._arrivals
        n = g.n_sites
        both = np.concatenate([local, local])
        phase = np.concatenate([a.phase[local], 1 - a.phase[local]])
        slot = a.slot[both] % n + phase * n
        travel, _ = g.times_and_slopes(at, g.columns(slot))
        residual = a.time_s[both] - time_s - travel
        sigma = self.sigma_s(travel, both)
        z = np.abs(residual) / sigma
        other = np.arange(len(both)) >= len(local)
        good = np.flatnonzero(z < np.where(other, OTHER_REACH, REACH))
        order = good[np.lexsort((both[good], z[good], other[good]))]
        order = _first_of(order, a.sensor[both[order]] * 2 + phase[order])
        order = _first_of(order, both[order])
        order = order[np.argsort(both[order], kind="stable")]
        return both[order], phase[order], residual[order], sigma[order]


def _first_of(order: Ints, key: Ints) -> Ints:
    """Keep the first of each key, in order."""
    _, first = np.unique(key, return_index=True)
    return order[np.sort(first)]
