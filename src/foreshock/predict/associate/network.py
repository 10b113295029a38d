"""Network: stations on a plane, presets from their geometry, and a fast travel-time table. Knows no picks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from geographiclib.geodesic import Geodesic

from foreshock.config import Settings
from foreshock.errors import InputError
from foreshock.geo import inverse
from foreshock.types.arrays import Float64, Ints
from foreshock.types.station import Station

PHASES = ("P", "S")
_FAR_S = 1e6


class TravelTimes(Protocol):
    """First arrivals in any one-dimensional Earth."""

    @property
    def max_distance_km(self) -> float:
        """Farthest distance."""
        ...

    @property
    def max_depth_km(self) -> float:
        """Greatest depth."""
        ...

    def time_s(self, phase: str, distance_km: Float64, depth_km: Float64) -> Float64:
        """Give seconds; NaN out of range."""
        ...


class AssociateSettings(Settings):
    """What may be told to the associator; None is taken from the network's geometry."""

    cell_km: float | None = None
    margin_km: float | None = None
    max_depth_km: float | None = None
    block_s: float = 120.0
    guard_s: float = 10.0
    min_picks: int = 5
    min_sites: int = 3
    evidence: float = 20.0
    static_s: float = 0.15
    model_fraction: float = 0.015


class Geometry:
    """Sites (sensors of one station are one site) on a plane about their middle, search cells and times to them.

    Raises:
        InputError: there is no station.
    """

    def __init__(self, stations: Mapping[str, Station], table: TravelTimes, *, settings: AssociateSettings) -> None:
        if not stations:
            raise InputError("there are 0 stations", "an event needs at least 3", "give stations with coordinates")
        self.sensors = sorted(stations)
        names = [".".join(name.split(".")[:2]) for name in self.sensors]
        places = {site: stations[s] for s, site in reversed(list(zip(self.sensors, names, strict=True)))}
        sites = sorted(places)
        self.site_of = {s: sites.index(n) for s, n in zip(self.sensors, names, strict=True)}
        lat = np.array([places[s].latitude for s in sites])
        lon = np.array([places[s].longitude for s in sites])
        span = np.radians(lon)
        self.middle = (
            float(lat.mean()),
            float(np.degrees(np.arctan2(np.sin(span).mean(), np.cos(span).mean()))),
        )
        km, azimuth, _ = inverse(self.middle[0], self.middle[1], lat, lon)
        self.xy = np.stack([km * np.sin(np.radians(azimuth)), km * np.cos(np.radians(azimuth))], 1)
        elevation_km = np.array([places[s].elevation_m for s in sites]) / 1000
        self._presets(table, settings)
        self._tabulate(table)
        self.late_s = elevation_km * np.diff(self.table[:, 0, :2], axis=1) / self.step_km
        self._cells()

    def _presets(self, table: TravelTimes, settings: AssociateSettings) -> None:
        """Choose search volume and cell size by station spacing and aperture."""
        apart = np.hypot(*(self.xy[:, None] - self.xy[None]).transpose(2, 0, 1))
        self.aperture_km = max(float(apart.max()), 5.0)
        np.fill_diagonal(apart, np.inf)
        nearest = apart.min(1)
        near = nearest[np.isfinite(nearest)]
        self.spacing_km = max(float(np.median(near)) if len(near) else 5.0, 1.0)
        self.margin_km = settings.margin_km or max(2 * self.spacing_km, 0.2 * self.aperture_km)
        self.depth_km = min(table.max_depth_km, settings.max_depth_km or max(30.0, 0.4 * self.aperture_km))
        widest = float(np.ptp(self.xy, axis=0).max()) + 2 * self.margin_km
        self.cell_km = settings.cell_km or widest / 12

    def _tabulate(self, table: TravelTimes) -> None:
        """Lay times on a regular grid of distance and depth."""
        self.step_km = min(1.0, self.cell_km / 8)
        reach = min(table.max_distance_km, self.aperture_km + 3 * self.margin_km)
        distance = np.arange(0, reach + self.step_km, self.step_km)
        depth = np.arange(0, self.depth_km + 1e-9, self.step_km)
        grids = [table.time_s(p, distance[:, None], depth[None]) for p in PHASES]
        known = np.stack(grids)
        if not np.isfinite(known[:, 0, :2]).all():
            raise InputError("travel times below a station are missing", "they must begin at distance 0", "check them")
        self.longest_s = float(np.nanmax(known))
        self.table = np.where(np.isfinite(known), known, _FAR_S)
        near = known[:, : max(3, len(distance) // 2), 0]
        self.slow_s_km = float((near[1, -1] - near[1, 0]) / (distance[near.shape[1] - 1]))

    def _cells(self) -> None:
        """Place the centres of the search cells."""
        low, high = self.xy.min(0) - self.margin_km, self.xy.max(0) + self.margin_km
        self.low, self.high = np.append(low, 0.0), np.append(high, self.depth_km)
        size = np.array([self.cell_km, self.cell_km, self.cell_km * 1.2])
        self.shape = np.maximum(1, np.ceil((self.high - self.low) / size)).astype(int)
        axes = [
            lo + (np.arange(n) + 0.5) * (hi - lo) / n for lo, hi, n in zip(self.low, self.high, self.shape, strict=True)
        ]
        self.cells = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], 1)
        n_sites = len(self.xy)
        self.cell_times = np.stack(
            [self.times(self.cells, np.arange(n_sites), np.full(n_sites, p)) for p in range(2)], 0
        )

    def times(self, points: Float64, site: Ints, phase: Ints) -> Float64:
        """Interpolate seconds (point, pick) from points (point, 3) to sites, for phase numbers."""
        xy = self.xy[site]
        d = np.hypot(points[:, :1] - xy[:, 0], points[:, 1:2] - xy[:, 1]) / self.step_km
        z = np.clip(points[:, 2:3] / self.step_km, 0, self.table.shape[2] - 1.001)
        i = np.minimum(d.astype(np.int64), self.table.shape[1] - 2)
        j = z.astype(np.int64)
        a, b = d - i, z - j
        wide = self.table.shape[2]
        flat = self.table.ravel()
        k = (phase * self.table.shape[1] + i) * wide + j
        upper = flat[k] * (1 - b) + flat[k + 1] * b
        lower = flat[k + wide] * (1 - b) + flat[k + wide + 1] * b
        out = upper * (1 - a) + lower * a
        if hasattr(self, "late_s"):
            out = out + self.late_s[phase, site]
        return np.asarray(out)

    def place(self, x_km: float, y_km: float) -> tuple[float, float]:
        """Give latitude and longitude of a point of the plane."""
        azimuth, km = float(np.degrees(np.arctan2(x_km, y_km))), float(np.hypot(x_km, y_km))
        spot = Geodesic.WGS84.Direct(self.middle[0], self.middle[1], azimuth, km * 1000)
        return float(spot["lat2"]), float(spot["lon2"])
