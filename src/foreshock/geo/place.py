"""Distances from many places to many, fast, and small steps on the ellipsoid. Knows no geodesics and no stations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.geo.geodesic import WGS84_A_KM, WGS84_F, Floats

_E2 = WGS84_F * (2 - WGS84_F)


def earth_centred_km(latitude: Floats, longitude: Floats) -> Floats:
    """Give the point on the ellipsoid as (..., 3), from the Earth's centre."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    prime = WGS84_A_KM / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
    return np.stack(
        [prime * np.cos(lat) * np.cos(lon), prime * np.cos(lat) * np.sin(lon), prime * (1 - _E2) * np.sin(lat)], -1
    )


def radii_km(latitude: Floats) -> tuple[Floats, Floats]:
    """Give the radii of the meridian and of the parallel, in km a radian of latitude and of longitude."""
    lat = np.radians(np.clip(latitude, -89.99, 89.99))
    root = np.sqrt(1 - _E2 * np.sin(lat) ** 2)
    return WGS84_A_KM * (1 - _E2) / root**3, WGS84_A_KM / root * np.cos(lat)


@dataclass(frozen=True, eq=False)
class Places:
    """Places, for distances to many others."""

    latitude: Floats
    longitude: Floats

    def distance_km(self, latitude: Floats, longitude: Floats) -> Floats:
        """Give distances (..., place) along the surface: chords bent on the mean sphere of the place.

        Against geodesics: within 0.1 km at 1000 km.
        """
        apart = earth_centred_km(latitude, longitude)[..., None, :] - earth_centred_km(self.latitude, self.longitude)
        chord = np.sqrt((apart**2).sum(-1))
        meridian, parallel = radii_km(latitude)
        radius = np.sqrt(meridian * parallel / np.cos(np.radians(np.clip(latitude, -89.99, 89.99))))[..., None]
        return np.asarray(2 * radius * np.arcsin(np.minimum(chord / (2 * radius), 1)))


def moved(latitude: Floats, longitude: Floats, *, east_km: Floats, north_km: Floats) -> tuple[Floats, Floats]:
    """Give places a few km away.

    >>> lat, lon = moved(np.array(0.0), np.array(0.0), east_km=np.array(111.3195), north_km=np.array(0.0))
    >>> round(float(lon), 4)
    1.0
    """
    meridian, parallel = radii_km(latitude)
    north = np.clip(latitude + np.degrees(north_km / meridian), -90.0, 90.0)
    return north, (longitude + np.degrees(east_km / parallel) + 180) % 360 - 180
