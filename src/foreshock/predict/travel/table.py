"""What gives travel times, and a table of them over depth and distance. Knows no model and no events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from foreshock.types.arrays import Float64

PHASES = ("P", "S")


class TravelTimes(Protocol):
    """Times of first arrivals at stations on the datum (sea level)."""

    @property
    def max_distance_km(self) -> float:
        """The farthest epicentral distance it knows."""

    @property
    def max_depth_km(self) -> float:
        """The deepest source it knows."""

    def time_s(self, phase: str, distance_km: Float64, depth_km: Float64) -> Float64:
        """Give the first arrival of phase P or S (s); arrays broadcast, NaN out of range."""


@dataclass(frozen=True)
class Cells:
    """Where points lie in a table: the corner below and the way to the next, in depth and in distance."""

    flat: np.ndarray[tuple[int, ...], np.dtype[np.intp]]
    depth_part: Float64
    distance_part: Float64


@dataclass(frozen=True, eq=False)
class Grid:
    """Nodes of depth (any, rising) and of distance (even in asinh(distance / bend_km)).

    The mean slowness time / hypocentral distance is what is laid on them: it is smooth where time has a cone.
    """

    depth_km: Float64
    bend_km: float
    max_distance_km: float
    n_distance: int

    @property
    def distance_km(self) -> Float64:
        """Nodes of distance."""
        return np.asarray(self.bend_km * np.sinh(self._step * np.arange(self.n_distance)))

    @property
    def _step(self) -> float:
        return float(np.arcsinh(self.max_distance_km / self.bend_km)) / (self.n_distance - 1)

    def cells(self, distance_km: Float64, depth_km: Float64) -> Cells:
        """Find the cell of each point; both arrays have one shape and lie in range (clipped where not)."""
        along = np.arcsinh(distance_km / self.bend_km) / self._step
        column = np.clip(along, 0, self.n_distance - 2).astype(np.intp)
        left = self.bend_km * np.sinh(self._step * column)
        right = self.bend_km * np.sinh(self._step * (column + 1))
        row = np.clip(np.searchsorted(self.depth_km, depth_km, side="right") - 1, 0, len(self.depth_km) - 2)
        top = self.depth_km[row]
        depth_part = (depth_km - top) / (self.depth_km[row + 1] - top)
        return Cells(row * self.n_distance + column, depth_part, (distance_km - left) / (right - left))

    def at(self, cells: Cells, values: Float64) -> Float64:
        """Interpolate values (depth, distance) linearly in both directions."""
        flat, v, n = cells.flat, values.ravel(), self.n_distance
        upper = v[flat] + (v[flat + 1] - v[flat]) * cells.distance_part
        lower = v[flat + n] + (v[flat + n + 1] - v[flat + n]) * cells.distance_part
        return np.asarray(upper + (lower - upper) * cells.depth_part)
