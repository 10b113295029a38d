"""Distance, azimuth and grids on the WGS84 ellipsoid. Knows nothing about stations or events."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from geographiclib.geodesic import Geodesic

from foreshock.errors import InputError

Floats = npt.NDArray[np.float64]

WGS84_A_KM = 6378.137
"""Equatorial radius of the WGS84 ellipsoid (NIMA TR8350.2)."""
WGS84_F = 1 / 298.257223563
"""Flattening of the WGS84 ellipsoid (NIMA TR8350.2)."""
EARTH_RADIUS_KM = 6371.0088
"""Mean Earth radius R1 (IUGG)."""


def check_place(latitude: npt.ArrayLike, longitude: npt.ArrayLike, *, whose: str = "place") -> None:
    """Refuse latitudes outside -90..90 and longitudes outside -180..360.

    Raises:
        InputError: a coordinate is out of range or not a number.
    """
    lat, lon = np.asarray(latitude, float), np.asarray(longitude, float)
    for name, values, low, high in (("latitude", lat, -90, 90), ("longitude", lon, -180, 360)):
        wrong = ~((values >= low) & (values <= high))
        if np.any(wrong):
            raise InputError(
                f"{name} is {np.extract(wrong, values)[0]} ({whose})",
                f"it must lie between {low} and {high} degrees",
                "check the order of latitude and longitude",
            )


def inverse(
    latitude_1: npt.ArrayLike, longitude_1: npt.ArrayLike, latitude_2: npt.ArrayLike, longitude_2: npt.ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Give distance (km), azimuth and back azimuth (deg) between places on WGS84, arrays broadcast.

    Vincenty's inverse formula (Survey Review 23(176), 1975, doi:10.1179/sre.1975.23.176.88); nearly antipodal
    pairs, where it does not converge, are solved one by one with Karney's algorithm (J. Geod. 87, 2013,
    doi:10.1007/s00190-012-0578-z).

    >>> km, az, baz = inverse(0.0, 0.0, 0.0, 1.0)
    >>> round(float(km), 3), float(az), float(baz)
    (111.319, 90.0, 270.0)
    """
    lat1, lon1, lat2, lon2 = np.broadcast_arrays(
        *(np.asarray(v, np.float64) for v in (latitude_1, longitude_1, latitude_2, longitude_2))
    )
    check_place(lat1, lon1)
    check_place(lat2, lon2)
    u1, u2 = (np.arctan((1 - WGS84_F) * np.tan(np.radians(lat))) for lat in (lat1, lat2))
    span = np.radians((lon2 - lon1 + 180.0) % 360.0 - 180.0)
    lam, arc, lost = _on_auxiliary_sphere(u1, u2, span)
    distance = _arc_length_km(*arc)
    azimuth = np.asarray(np.degrees(np.arctan2(np.cos(u2) * np.sin(lam), _north(u1, u2, lam))) % 360.0)
    back = np.asarray(np.degrees(np.arctan2(-np.cos(u1) * np.sin(lam), _north(u2, u1, lam))) % 360.0)
    if np.any(lost):
        exact = [_near_antipode(*pair) for pair in zip(lat1[lost], lon1[lost], lat2[lost], lon2[lost], strict=True)]
        distance[lost], azimuth[lost], back[lost] = np.transpose(exact)
    return distance, azimuth, back


def _near_antipode(lat1: float, lon1: float, lat2: float, lon2: float) -> tuple[float, float, float]:
    """Solve one pair of places where Vincenty's iteration is lost."""
    line = Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2)
    return line["s12"] / 1000.0, line["azi1"] % 360.0, (line["azi2"] + 180.0) % 360.0


def _north(u1: Floats, u2: Floats, lam: Floats) -> Floats:
    """Give the northward part of the direction from reduced latitude u1 to u2, `lam` apart in longitude."""
    return np.asarray(np.cos(u1) * np.sin(u2) - np.sin(u1) * np.cos(u2) * np.cos(lam))


def _on_auxiliary_sphere(
    u1: Floats, u2: Floats, span: Floats
) -> tuple[Floats, tuple[Floats, ...], npt.NDArray[np.bool_]]:
    """Iterate the longitude difference on the auxiliary sphere; the last item flags pairs that did not converge."""
    lam, step = span.copy(), np.full(span.shape, np.inf)
    for _ in range(50):
        sin_sigma = np.hypot(np.cos(u2) * np.sin(lam), _north(u1, u2, lam))
        cos_sigma = np.sin(u1) * np.sin(u2) + np.cos(u1) * np.cos(u2) * np.cos(lam)
        sigma = np.arctan2(sin_sigma, cos_sigma)
        sin_alpha = np.cos(u1) * np.cos(u2) * np.sin(lam) / np.where(sin_sigma > 0, sin_sigma, 1.0)
        cos2_alpha = 1 - sin_alpha**2
        cos_2m = cos_sigma - 2 * np.sin(u1) * np.sin(u2) / np.maximum(cos2_alpha, 1e-15)
        cos_2m = np.where(cos2_alpha > 1e-15, cos_2m, 0.0)
        c = WGS84_F / 16 * cos2_alpha * (4 + WGS84_F * (4 - 3 * cos2_alpha))
        series = sigma + c * sin_sigma * (cos_2m + c * cos_sigma * (2 * cos_2m**2 - 1))
        new = span + (1 - c) * WGS84_F * sin_alpha * series
        step, lam = np.abs(new - lam), new
        if not np.any(step > 1e-12):
            break
    lost = (step > 1e-9) | (np.abs(lam) > np.pi)
    return lam, (sigma, sin_sigma, cos_sigma, cos2_alpha, cos_2m), lost


def _arc_length_km(sigma: Floats, sin_sigma: Floats, cos_sigma: Floats, cos2_alpha: Floats, cos_2m: Floats) -> Floats:
    """Turn the arc on the auxiliary sphere into the length of the geodesic."""
    a, b = WGS84_A_KM, WGS84_A_KM * (1 - WGS84_F)
    uu = cos2_alpha * (a**2 - b**2) / b**2
    big_a = 1 + uu / 16384 * (4096 + uu * (-768 + uu * (320 - 175 * uu)))
    big_b = uu / 1024 * (256 + uu * (-128 + uu * (74 - 47 * uu)))
    third = big_b / 6 * cos_2m * (4 * sin_sigma**2 - 3) * (4 * cos_2m**2 - 3)
    second = big_b / 4 * (cos_sigma * (2 * cos_2m**2 - 1) - third)
    return np.asarray(b * big_a * (sigma - big_b * sin_sigma * (cos_2m + second)))


def distance_km(
    latitude_1: npt.ArrayLike, longitude_1: npt.ArrayLike, latitude_2: npt.ArrayLike, longitude_2: npt.ArrayLike
) -> Floats:
    """Give the distance in km between places on WGS84, arrays broadcast (see `inverse`)."""
    return inverse(latitude_1, longitude_1, latitude_2, longitude_2)[0]


def local_grid(latitude: float, longitude: float, *, half_width_km: float, spacing_km: float) -> tuple[Floats, Floats]:
    """Make a square grid of places around a centre: latitudes and longitudes, each (row, column).

    >>> lat, lon = local_grid(30.0, 100.0, half_width_km=10, spacing_km=5)
    >>> lat.shape, float(lat[2, 2]), float(lon[2, 2])
    ((5, 5), 30.0, 100.0)
    """
    check_place(latitude, longitude, whose="grid centre")
    if not 0 < spacing_km <= half_width_km or abs(latitude) > 85:
        raise InputError(
            f"grid of {half_width_km} km by {spacing_km} km at latitude {latitude}",
            "the spacing must be positive, below the half width, and the centre within 85 degrees of the equator",
            "choose a smaller spacing or another centre",
        )
    count = round(half_width_km / spacing_km)
    offsets = np.arange(-count, count + 1) * spacing_km
    lat = latitude + np.degrees(offsets / EARTH_RADIUS_KM)
    lon = longitude + np.degrees(offsets / (EARTH_RADIUS_KM * np.cos(np.radians(latitude))))
    grid_lat, grid_lon = np.meshgrid(lat, lon, indexing="ij")
    return grid_lat, grid_lon
