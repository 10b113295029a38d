"""Sites: stations on a plane about their middle, and those that cannot stand there, with reasons. Knows no picks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from geographiclib.geodesic import Geodesic

from foreshock.errors import InputError
from foreshock.geo import distance_km, inverse
from foreshock.types.arrays import Bools, Float64
from foreshock.types.station import Station

_LEAST_FAR_KM = 500.0
_TIMES_FAR = 8.0
_SAME_SITE_KM = 1.0


@dataclass(frozen=True, eq=False)
class Sites:
    """Where stations stand (x east, y north, km); sensors of one station (``NET.STA``) are one site.

    Attributes:
        names: of the sites, ``NET.STA``. site_of: number of the site of each sensor (``NET.STA.LOC``).
        left_out: why a sensor is not used. notes: what was assumed.
    """

    names: tuple[str, ...]
    site_of: dict[str, int]
    xy_km: Float64
    elevation_km: Float64
    middle: tuple[float, float]
    left_out: dict[str, str]
    notes: tuple[tuple[str, str], ...]

    def place(self, x_km: float, y_km: float) -> tuple[float, float]:
        """Give latitude and longitude of a point of the plane."""
        azimuth, km = float(np.degrees(np.arctan2(x_km, y_km))), float(np.hypot(x_km, y_km))
        spot = Geodesic.WGS84.Direct(self.middle[0], self.middle[1], azimuth, km * 1000)
        return float(spot["lat2"]), float(spot["lon2"])


def site_name(sensor: str) -> str:
    """Give the station (``NET.STA``) of a sensor (``NET.STA.LOC``).

    >>> site_name("XX.DEMO.00")
    'XX.DEMO'
    """
    return ".".join(sensor.split(".")[:2])


def sites_of(stations: Mapping[str, Station]) -> Sites:
    """Lay stations on a plane; those at 0/0, or far from all others, are left out with a reason.

    Raises:
        InputError: no station is left.
    """
    if not stations:
        raise InputError("there are 0 stations", "an event needs at least 3", "give stations with coordinates")
    left_out = _misplaced(stations)
    kept = sorted(name for name in stations if name not in left_out)
    if not kept:
        name, reason = min(left_out.items())
        raise InputError(f"station {name}", f"none of {len(stations)} can be used: this one {reason}", "correct them")
    names = tuple(sorted({site_name(name) for name in kept}))
    number = {name: i for i, name in enumerate(names)}
    site_of = {name: number[site_name(name)] for name in kept}
    first = {site: name for name, site in reversed(site_of.items())}
    places = [stations[first[site]] for site in range(len(names))]
    notes = [(name, f"stands apart from {first[s]}, the same station: taken to stand there")
             for name, s in site_of.items() if _apart_km(stations[name], places[s]) > _SAME_SITE_KM]  # fmt: skip
    middle, xy = _plane(places)
    height = np.array([place.elevation_m for place in places]) / 1000
    told = (*sorted(left_out.items()), *notes)
    return Sites(names, site_of, xy, height, middle, left_out, told)


def _apart_km(one: Station, other: Station) -> float:
    return float(distance_km(one.latitude, one.longitude, other.latitude, other.longitude))


def _plane(places: list[Station]) -> tuple[tuple[float, float], Float64]:
    """Give the middle, and azimuthal equidistant coordinates about it."""
    lat = np.array([place.latitude for place in places])
    lon = np.array([place.longitude for place in places])
    turn = np.radians(lon)
    middle = (float(lat.mean()), float(np.degrees(np.arctan2(np.sin(turn).mean(), np.cos(turn).mean()))))
    km, azimuth, _ = inverse(middle[0], middle[1], lat, lon)
    return middle, np.stack([km * np.sin(np.radians(azimuth)), km * np.cos(np.radians(azimuth))], 1)


def _misplaced(stations: Mapping[str, Station]) -> dict[str, str]:
    """Say which stations cannot stand where they are said to stand."""
    names = sorted(stations)
    lat = np.array([stations[name].latitude for name in names])
    lon = np.array([stations[name].longitude for name in names])
    zero = (lat == 0) & (lon == 0)
    out = {
        name: "stands at 0/0: its coordinates are missing" for name, is_zero in zip(names, zero, strict=True) if is_zero
    }
    if zero.all() or len(names) - zero.sum() < 3:
        return out
    far, limit, centre = _far(lat, lon, ~zero)
    for i in np.flatnonzero(far & ~zero):
        away = float(distance_km(*centre, lat[i], lon[i]))
        reason = f"stands {away:,.0f} km from the middle of the others, beyond {limit:,.0f} km"
        if abs(lon[i]) <= 90 and float(distance_km(*centre, lon[i], lat[i])) <= limit:
            reason += ": latitude and longitude are exchanged"
        out[names[i]] = reason
    return out


def _far(lat: Float64, lon: Float64, known: Bools) -> tuple[Bools, float, tuple[float, float]]:
    """Find stations much farther out than half of them are; the centre is the station nearest to all the others."""
    apart = np.asarray(distance_km(lat[:, None], lon[:, None], lat[None], lon[None]))
    among = apart[:, known]
    centre = int(np.argmin(np.where(known, np.median(among, 1), np.inf)))
    limit = max(_LEAST_FAR_KM, _TIMES_FAR * float(np.median(among[centre])))
    return apart[centre] > limit, limit, (float(lat[centre]), float(lon[centre]))
