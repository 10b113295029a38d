"""Nodes: places at which a hypocentre is tried, each with the volume it stands for. Knows no arrivals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from foreshock.geo.place import moved
from foreshock.types.arrays import Float64

DEPTHS_KM = (4.0, 10.0, 16.0, 24.0, 38.0)
DEPTH_SHARES = (0.25, 0.30, 0.24, 0.15, 0.06)
"""How earthquakes lie in depth before anything is known: most in the upper crust; our own choice."""
N_RINGS, N_DIRECTIONS = 17, 18
NEAREST_KM = 1.5
FINE_STEPS = 9
FINE_REACH = 2.6
"""Standard deviations of the coarse belief that the fine nodes reach to."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """Trial hypocentres, arrays (node,): `prior` is a share of the region, `coarse_km` how far a node speaks for."""

    latitude: Float64
    longitude: Float64
    depth_km: Float64
    prior: Float64
    coarse_km: Float64


@cache
def _fan(most_km: float) -> tuple[Float64, Float64, Float64, Float64]:
    """East, north, area and width of places about a station, close by it and far apart beyond."""
    edges = np.concatenate([[0.0], np.geomspace(NEAREST_KM, most_km, N_RINGS)])
    radius = np.sqrt((edges[:-1] ** 2 + edges[1:] ** 2) / 2)
    turn = 2 * np.pi * (np.arange(N_DIRECTIONS)[None] + 0.5 * (np.arange(N_RINGS)[:, None] % 2)) / N_DIRECTIONS
    area = np.pi * np.diff(edges**2)[:, None] / N_DIRECTIONS
    width = np.sqrt(area)
    shape = turn.shape
    east, north = radius[:, None] * np.sin(turn), radius[:, None] * np.cos(turn)
    return tuple(np.broadcast_to(v, shape).ravel() for v in (east, north, area, width))  # type: ignore[return-value]


def coarse_nodes(latitude: float, longitude: float, *, most_km: float) -> Nodes:
    """Give nodes about the station that heard first, up to `most_km` away.

    >>> len(coarse_nodes(30.0, 100.0, most_km=150.0).prior)
    1530
    """
    east, north, area, width = _fan(most_km)
    lat, lon = moved(np.full(len(east), latitude), np.full(len(east), longitude), east_km=east, north_km=north)
    n, depths = len(east), np.array(DEPTHS_KM)
    share = area[:, None] / (np.pi * most_km**2) * np.array(DEPTH_SHARES)
    spread = np.hypot(width[:, None], 0.5 * np.gradient(depths)) / np.sqrt(12)
    return Nodes(
        np.repeat(lat, len(depths)),
        np.repeat(lon, len(depths)),
        np.tile(depths, n),
        share.ravel(),
        spread.ravel(),
    )


def fine_nodes(nodes: Nodes, weight: Float64, *, most_km: float) -> Nodes:
    """Give closer nodes where a belief over others lies: about its mean, along its axes, at the depths it holds."""
    lat0, lon0 = float(weight @ nodes.latitude), _mean_longitude(nodes.longitude, weight)
    north, east = _offsets(nodes, lat0, lon0)
    along, spread = _axes(east, north, weight, least_km=float(weight @ nodes.coarse_km))
    unit = np.linspace(-FINE_REACH, FINE_REACH, FINE_STEPS)
    u, v = (grid.ravel() for grid in np.meshgrid(unit * spread[0], unit * spread[1], indexing="ij"))
    east_km, north_km = along @ np.stack([u, v])
    centre = float(weight @ north), float(weight @ east)
    lat, lon = moved(
        np.full(len(u), lat0), np.full(len(u), lon0), east_km=east_km + centre[1], north_km=north_km + centre[0]
    )
    depths, shares = _fine_depths(nodes, weight)
    area = spread[0] * spread[1] * (unit[1] - unit[0]) ** 2
    prior = np.broadcast_to(area / (np.pi * most_km**2) * shares, (len(u), len(depths)))
    cell = np.sqrt(area) / np.sqrt(12)
    return Nodes(
        np.repeat(lat, len(depths)),
        np.repeat(lon, len(depths)),
        np.tile(depths, len(u)),
        np.ascontiguousarray(prior).ravel(),
        np.full(len(u) * len(depths), cell),
    )


def _fine_depths(nodes: Nodes, weight: Float64) -> tuple[Float64, Float64]:
    """Depths that the belief has not ruled out, and the prior's share of each."""
    mean = float(weight @ nodes.depth_km)
    spread = max(2.0, float(np.sqrt(weight @ (nodes.depth_km - mean) ** 2)))
    low, high = max(0.5, mean - 2.2 * spread), min(60.0, mean + 2.2 * spread)
    depths = np.linspace(low, high, 8)
    density = np.interp(depths, DEPTHS_KM, np.array(DEPTH_SHARES) / np.gradient(np.array(DEPTHS_KM)))
    return depths, density * (depths[1] - depths[0])


def _mean_longitude(longitude: Float64, weight: Float64) -> float:
    first = float(longitude[0])
    return first + float(weight @ ((longitude - first + 180) % 360 - 180))


def _offsets(nodes: Nodes, latitude: float, longitude: float) -> tuple[Float64, Float64]:
    """North and east of a place, km, flat."""
    north = (nodes.latitude - latitude) * 111.2
    east = ((nodes.longitude - longitude + 180) % 360 - 180) * 111.2 * np.cos(np.radians(latitude))
    return north, east


def _axes(east: Float64, north: Float64, weight: Float64, *, least_km: float) -> tuple[Float64, Float64]:
    """Axes of the belief (east and north, axis) and their standard deviations."""
    apart = np.stack([east - weight @ east, north - weight @ north])
    covariance = (apart * weight) @ apart.T
    values, vectors = np.linalg.eigh(covariance)
    return vectors, np.sqrt(np.maximum(values, least_km**2 / 4 + 0.04))


@dataclass(frozen=True, slots=True)
class Ellipse:
    """The region that holds 68 % of a belief: half axes in km and the longer one's azimuth."""

    major_km: float
    minor_km: float
    azimuth_deg: float


CHI_68 = float(np.sqrt(2.2789))
"""Half axis of the 68 % region of a two-dimensional normal distribution, in standard deviations."""


def ellipse(nodes: Nodes, weight: Float64) -> Ellipse:
    """Give the 68 % ellipse of a belief."""
    lat0, lon0 = float(weight @ nodes.latitude), _mean_longitude(nodes.longitude, weight)
    north, east = _offsets(nodes, lat0, lon0)
    vectors, spread = _axes(east, north, weight, least_km=0.0)
    azimuth = float(np.degrees(np.arctan2(vectors[0, 1], vectors[1, 1])) % 180)
    return Ellipse(CHI_68 * float(spread[1]), CHI_68 * float(spread[0]), azimuth)
