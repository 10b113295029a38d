"""Predicted arrivals at a network's stations, their elevation counted. Knows no observed times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foreshock.geo import Places, moved
from foreshock.predict.travel.table import PHASES, TravelTimes
from foreshock.types.arrays import Bools, Float64, Ints
from foreshock.types.station import Station

_STEP_KM = 0.2
_SHALLOW_KM = 0.2


@dataclass(frozen=True, eq=False)
class Network:
    """Stations as columns, sorted by id, with the travel times beneath them and the slowness near the surface."""

    names: tuple[str, ...]
    places: Places
    height_km: Float64
    travel: TravelTimes
    surface_s_km: Mapping[str, float]

    @classmethod
    def of(cls, stations: Mapping[str, Station], travel: TravelTimes) -> Network:
        """Take stations; the slowness near the surface is that of a ray from 0.2 km straight up."""
        names = tuple(sorted(stations))
        rows = [stations[name] for name in names]
        slow = {
            phase: float(travel.time_s(phase, np.array(0.0), np.array(_SHALLOW_KM))) / _SHALLOW_KM for phase in PHASES
        }
        places = Places(np.array([s.latitude for s in rows], float), np.array([s.longitude for s in rows], float))
        height = np.array([s.elevation_m / 1000 for s in rows], float)
        return cls(names, places, height, travel, slow)

    def heard(self, station: Ints, is_s: Bools) -> Arrivals:
        """Give the arrivals at some stations (by number), P or S each; P before S is quicker but not needed."""
        places = Places(self.places.latitude[station], self.places.longitude[station])
        return Arrivals(self, places, self.height_km[station], is_s)


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Predicted times of one event's picks."""

    network: Network
    places: Places
    height_km: Float64
    is_s: Bools

    def datum_s(self, distance_km: Float64, depth_km: Float64) -> Float64:
        """Give times on the datum, (..., pick); depth is (..., 1) or (..., pick)."""
        time = np.empty(distance_km.shape)
        depth = np.broadcast_to(depth_km, distance_km.shape)
        for phase, mine in (("P", ~self.is_s), ("S", self.is_s)):
            if mine.any():
                time[..., mine] = self.network.travel.time_s(phase, distance_km[..., mine], depth[..., mine])
        return time

    def time_s(self, latitude: Float64, longitude: Float64, depth_km: Float64) -> Float64:
        """Give times at the stations' heights, (..., pick)."""
        distance = self.places.distance_km(latitude, longitude)
        time = self.datum_s(distance, self._depth(depth_km))
        if not self.height_km.any():
            return time
        beyond = self.datum_s(distance + _STEP_KM, self._depth(depth_km))
        return time + self._climb_s(np.asarray(depth_km)[..., None], (beyond - time) / _STEP_KM)

    def rough_s(self, latitude: Float64, longitude: Float64, depth_km: Float64) -> Float64:
        """Give times as if all stations stood on the datum, (..., pick): what a search needs."""
        return self.datum_s(self.places.distance_km(latitude, longitude), np.maximum(depth_km, 0)[..., None])

    def _depth(self, depth_km: Float64) -> Float64:
        """Depth for the table: a source above the datum is seen from the station's height, through surface rock."""
        depth = np.asarray(depth_km, float)[..., None]
        return np.where(depth < 0, -np.abs(self.height_km + depth), depth)

    def _climb_s(self, depth_km: Float64, flat_s_km: Float64) -> Float64:
        """Give what a station's height adds: height × vertical slowness in the rock near the surface.

        The ray's horizontal slowness is that on the datum; for a source above the datum nothing is added, as its
        straight path was taken already.
        """
        surface = np.where(self.is_s, self.network.surface_s_km["S"], self.network.surface_s_km["P"])
        climb = self.height_km * np.sqrt(np.clip(surface**2 - flat_s_km**2, 0, None))
        return np.where((depth_km < 0) | np.isnan(climb), 0.0, climb)

    def slopes(
        self, latitude: Float64, longitude: Float64, depth_km: Float64, *, deepest_km: float
    ) -> tuple[Float64, Float64]:
        """Give times (start, pick) and their slopes (s/km) to the east, north and down, (start, pick, 3)."""
        down = np.where(depth_km + _STEP_KM > deepest_km, -_STEP_KM, _STEP_KM)
        east, north = np.array([0, _STEP_KM, 0, 0]), np.array([0, 0, _STEP_KM, 0])
        lat, lon = moved(latitude[:, None], longitude[:, None], east_km=east, north_km=north)
        depth = depth_km[:, None] + down[:, None] * np.array([0, 0, 0, 1])
        distance = self.places.distance_km(lat, lon)
        distance = np.concatenate([distance, distance[:, :1] + _STEP_KM], 1)
        time = self.datum_s(distance, self._depth(np.concatenate([depth, depth[:, :1]], 1)))
        still = time[:, 0] + self._climb_s(depth_km[:, None], (time[:, 4] - time[:, 0]) / _STEP_KM)
        change = np.moveaxis(time[:, 1:4] - time[:, :1], 1, 2)
        return still, change / np.stack([np.full_like(down, _STEP_KM), np.full_like(down, _STEP_KM), down], -1)[:, None]
