"""First arrivals of P and S in flat layers: direct rays and head waves. Knows no curvature and no topography."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from foreshock.errors import InputError
from foreshock.predict.travel.models import VelocityModel
from foreshock.predict.travel.table import PHASES, Grid
from foreshock.types.arrays import Float64

_NEWTON_STEPS = 14
_NEAR_KM = 1e-9
_LEAP_KM = 1e-7


def direct_s(tops_km: Float64, velocity_km_s: Float64, *, distance_km: Float64, depth_km: Float64) -> Float64:
    """Give the time of the ray between a source and the datum that turns nowhere; arrays of one shape.

    The unknown is the tangent of the angle in the fastest layer crossed: distance grows with it and is concave,
    so Newton's steps from below never overshoot. A source above the datum stands in the first layer's rock.

    >>> float(direct_s(np.array([0.0]), np.array([5.0]), distance_km=np.array(3.0), depth_km=np.array(4.0)))
    1.0
    """
    below = np.append(tops_km[1:], np.inf)
    crossed = np.clip(np.minimum(depth_km[..., None], below) - tops_km, 0, None)
    crossed[..., 0] = np.where(depth_km < 0, -depth_km, crossed[..., 0])
    crossed[..., 0] = np.maximum(crossed[..., 0], _NEAR_KM)
    fastest = np.where(crossed > 0, velocity_km_s, 0).max(-1, keepdims=True)
    ratio = velocity_km_s / fastest
    weight, bend = crossed * ratio, np.where(crossed > 0, 1 - ratio**2, 0)
    tangent = (distance_km / weight.sum(-1))[..., None]
    for _ in range(_NEWTON_STEPS):
        root = np.sqrt(1 + tangent**2 * bend)
        short = distance_km[..., None] - (weight * tangent / root).sum(-1, keepdims=True)
        tangent = tangent + short / (weight / root**3).sum(-1, keepdims=True)
    root = np.sqrt(1 + tangent**2 * bend)
    return np.asarray((crossed * np.sqrt(1 + tangent**2) / (velocity_km_s * root)).sum(-1))


@dataclass(frozen=True, eq=False)
class HeadWave:
    """The wave along one interface: time = slowness × distance + delay(depth) beyond a distance (depth)."""

    slowness_s_km: float
    depth_km: Float64
    delay_s: Float64
    from_km: Float64

    def time_s(self, distance_km: Float64, depth_km: Float64) -> Float64:
        """Give its time, inf where there is none."""
        delay = np.interp(depth_km, self.depth_km, self.delay_s)
        begins = np.interp(depth_km, self.depth_km, self.from_km)
        heard = (distance_km >= begins) & (depth_km <= self.depth_km[-1])
        return np.where(heard, self.slowness_s_km * distance_km + delay, np.inf)


def head_waves(tops_km: Float64, velocity_km_s: Float64, *, highest_km: float) -> tuple[HeadWave, ...]:
    """List the head waves of a model; delays are linear in the source's depth between layer tops.

    Dobrin & Savit (1988), Introduction to Geophysical Prospecting, section on refraction by several layers.
    """
    waves = []
    for j in range(1, len(tops_km)):
        if velocity_km_s[j] <= velocity_km_s[:j].max():
            continue
        slowness = 1 / velocity_km_s[j]
        upright = np.sqrt(velocity_km_s[:j] ** -2.0 - slowness**2)
        nodes = np.concatenate([[highest_km], tops_km[: j + 1]])
        top, bottom = tops_km[:j].copy(), tops_km[1 : j + 1]
        up = bottom - top
        top[0] = highest_km
        legs = np.clip(bottom - np.maximum(top, nodes[:, None]), 0, None) + up
        waves.append(HeadWave(slowness, nodes, legs @ upright, legs @ (slowness / upright)))
    return tuple(waves)


@dataclass(frozen=True, eq=False)
class LayeredTimes:
    """First arrivals in a model of flat layers, from a table; good to 0.005 s.

    Head waves are exact; the direct ray's mean slowness is interpolated. Stations stand on the datum: the locator
    adds what their elevation costs. Sources may lie up to `highest_km` above it.

    Raises:
        InputError: the wanted range is not one.

    >>> from foreshock.predict.travel.models import IASP91_CRUST
    >>> times = LayeredTimes(IASP91_CRUST, max_distance_km=100.0, max_depth_km=20.0)
    >>> round(float(times.time_s("P", np.array(30.0), np.array(10.0))), 3)
    5.452
    """

    model: VelocityModel
    max_distance_km: float = 400.0
    max_depth_km: float = 60.0
    highest_km: float = -5.0
    _grid: Grid = field(init=False, repr=False)
    _slowness: dict[str, Float64] = field(init=False, repr=False)
    _heads: dict[str, tuple[HeadWave, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not (0 < self.max_distance_km <= 2000 and 0 < self.max_depth_km <= 300 and -10 <= self.highest_km <= 0):
            raise InputError(
                f"range is {self.max_distance_km} km and {self.highest_km} to {self.max_depth_km} km deep",
                "flat layers serve up to 2000 km, from -10 to 300 km deep",
                "take a global model beyond",
            )
        tops = np.asarray(self.model.tops_km, float)
        nodes = _depth_nodes(tops, self.highest_km, self.max_depth_km)
        grid = Grid(nodes, bend_km=3.0, max_distance_km=self.max_distance_km, n_distance=320)
        object.__setattr__(self, "_grid", grid)
        velocity = {phase: self.model.velocity_km_s(phase) for phase in PHASES}
        object.__setattr__(self, "_slowness", {p: _mean_slowness(grid, tops, v) for p, v in velocity.items()})
        heads = {p: head_waves(tops, v, highest_km=self.highest_km) for p, v in velocity.items()}
        object.__setattr__(self, "_heads", heads)

    def time_s(self, phase: str, distance_km: Float64, depth_km: Float64) -> Float64:
        """Give the first arrival (s) on the datum; arrays broadcast, NaN out of range."""
        if phase not in PHASES:
            raise InputError(f"phase is {phase!r}", "there are tables for P and S", "give 'P' or 'S'")
        distance, depth = np.broadcast_arrays(np.asarray(distance_km, float), np.asarray(depth_km, float))
        slowness = self._grid.at(self._grid.cells(distance, depth), self._slowness[phase])
        time = slowness * np.hypot(distance, depth)
        for wave in self._heads[phase]:
            time = np.minimum(time, wave.time_s(distance, depth))
        known = (distance >= 0) & (distance <= self.max_distance_km)
        known &= (depth >= self.highest_km) & (depth <= self.max_depth_km)
        return np.where(known, time, np.nan)

    def exact_s(self, phase: str, distance_km: Float64, depth_km: Float64) -> Float64:
        """Give the first arrival (s) without the table."""
        distance, depth = np.broadcast_arrays(np.asarray(distance_km, float), np.asarray(depth_km, float))
        tops, velocity = np.asarray(self.model.tops_km, float), self.model.velocity_km_s(phase)
        time = direct_s(tops, velocity, distance_km=distance, depth_km=depth)
        for wave in self._heads[phase]:
            time = np.minimum(time, wave.time_s(distance, depth))
        return np.asarray(time)


def _depth_nodes(tops_km: Float64, highest_km: float, deepest_km: float) -> Float64:
    """Nodes of depth: each layer's top seen from above and from below (the ray leaps there), and close ones between."""
    inside = tops_km[(tops_km > highest_km) & (tops_km < deepest_km)]
    edges = np.concatenate([[highest_km], inside, [deepest_km]])
    parts = []
    for top, bottom in pairwise(edges):
        n = max(4, int(np.ceil((bottom - top) / 0.4)))
        nodes = top + (bottom - top) * (np.arange(n) / n) ** 1.5
        parts.append(np.insert(nodes, 1, top + _LEAP_KM))
    parts.append(np.array([deepest_km]))
    return np.asarray(np.concatenate(parts), np.float64)


def _mean_slowness(grid: Grid, tops_km: Float64, velocity_km_s: Float64) -> Float64:
    """Time over hypocentral distance of the direct ray, (depth, distance)."""
    distance, depth = np.broadcast_arrays(grid.distance_km, grid.depth_km[:, None])
    away = np.hypot(distance, depth)
    time = direct_s(tops_km, velocity_km_s, distance_km=distance, depth_km=depth)
    return np.asarray(np.where(away > 0, time / np.maximum(away, _NEAR_KM), 1 / velocity_km_s[0]), np.float64)
