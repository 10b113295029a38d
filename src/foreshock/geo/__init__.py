"""Geometry on the Earth: geodesics, grids, fast distances and small steps. Knows nothing about stations or events."""

from __future__ import annotations

from foreshock.geo.geodesic import (
    EARTH_RADIUS_KM,
    WGS84_A_KM,
    WGS84_F,
    check_place,
    distance_km,
    inverse,
    local_grid,
)
from foreshock.geo.place import Places, earth_centred_km, moved

__all__ = [
    "EARTH_RADIUS_KM",
    "WGS84_A_KM",
    "WGS84_F",
    "Places",
    "check_place",
    "distance_km",
    "earth_centred_km",
    "inverse",
    "local_grid",
    "moved",
]
