"""PLUM: the shaking that stations see now, carried a little way to the places around them. Knows no source.

Kodera et al. (2018), BSSA 108, 983-1003, doi:10.1785/0120170085: the intensity at a place is the largest of the
stations within a radius, each less its own site's amplification, plus the place's. Of two stations that must agree, one
shakes with the trigger and another beside it with less (Cochran et al. 2019, BSSA 109, 1524-1541).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from foreshock.errors import InputError
from foreshock.geo import EARTH_RADIUS_KM, check_place
from foreshock.types.arrays import Bools, Float64, frozen

RADIUS_KM = 30.0
OLDEST_S = 10.0


@dataclass(frozen=True, eq=False)
class Observed:
    """What stations see at one moment; arrays (station,).

    Attributes:
        latitude, longitude: where they stand.
        intensity: on any one scale; -inf or NaN where nothing is known.
        age_s: how old each value is, in data time.
        amplification: F of each site, in units of the scale.
    """

    latitude: Float64
    longitude: Float64
    intensity: Float64
    age_s: npt.ArrayLike = 0.0
    amplification: npt.ArrayLike = 0.0

    def __post_init__(self) -> None:
        n = np.shape(self.latitude)
        for name in ("latitude", "longitude", "intensity", "age_s", "amplification"):
            given = np.asarray(getattr(self, name), float)
            values = frozen(np.broadcast_to(given, n) if given.ndim == 0 else given, np.float64)
            if values.shape != n or len(n) != 1:
                raise InputError(
                    f"{name} has shape {values.shape}", f"it must be {n}, one a station", "give all equally"
                )
            object.__setattr__(self, name, values)
        check_place(self.latitude, self.longitude, whose="station of the wavefield")


@dataclass(frozen=True, slots=True)
class TwoStations:
    """The rule against one broken station: `trigger` at one and `beside` at another within the radius, here in MMI."""

    trigger: float = 4.0
    beside: float = 2.5


@dataclass(frozen=True, eq=False)
class Wavefield:
    """Places that are forecast again and again; keeps nothing of what it was told before.

    Attributes:
        latitude, longitude: of the places, (place,). amplification: F of each, in units of the scale.
        radius_km: how far a station speaks for. oldest_s: older values are not used.

    Raises:
        InputError: a place is none, or radius or age is not positive.

    >>> field = Wavefield(np.array([30.0, 30.2, 35.0]), np.array([100.0, 100.0, 100.0]))
    >>> field.intensity(Observed(np.array([30.1]), np.array([100.0]), np.array([5.0]))).tolist()
    [5.0, 5.0, -inf]
    """

    latitude: Float64
    longitude: Float64
    amplification: npt.ArrayLike = 0.0
    radius_km: float = RADIUS_KM
    oldest_s: float = OLDEST_S
    _tree: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude, whose="place of the wavefield")
        if not (0 < self.radius_km <= 1000 and self.oldest_s > 0):
            raise InputError(
                f"radius is {self.radius_km} km, oldest {self.oldest_s} s",
                "the radius must lie in 0..1000 km and the age be positive",
                "correct them",
            )
        object.__setattr__(self, "_tree", cKDTree(_on_sphere(self.latitude, self.longitude)))

    def intensity(self, seen: Observed, *, rule: TwoStations | None = None) -> Float64:
        """Give the intensity at the places, (place,); -inf where no station speaks.

        With a rule, a station's value counts as soon as it or a neighbour triggers and another confirms.
        """
        out = np.full(len(self.latitude), -np.inf)
        fresh = self._fresh(seen)
        at = _on_sphere(seen.latitude[fresh], seen.longitude[fresh])
        bare = (np.asarray(seen.intensity) - np.asarray(seen.amplification))[fresh]
        if rule is not None and len(at):
            sure = _confirmed(at, np.asarray(seen.intensity)[fresh], rule, reach=_chord(self.radius_km))
            at, bare = at[sure], bare[sure]
        if len(at):
            near = self._tree.query_ball_point(at, _chord(self.radius_km))
            counts = [len(places) for places in near]
            np.maximum.at(out, np.concatenate(near).astype(np.intp), np.repeat(bare, counts))
        return np.asarray(out + self.amplification)

    def _fresh(self, seen: Observed) -> Bools:
        """Stations whose value is known and not too old; none comes from the future."""
        age = np.asarray(seen.age_s)
        return np.asarray(np.isfinite(seen.intensity) & (age >= 0) & (age <= self.oldest_s))


def _confirmed(at: Float64, intensity: Float64, rule: TwoStations, *, reach: float) -> Bools:
    """Stations that belong to a pair within reach of each other, one at the trigger and the other at what confirms."""
    pairs = cKDTree(at).query_pairs(reach, output_type="ndarray")
    low, high = np.sort(intensity[pairs], axis=1).T
    agreed = pairs[(high >= rule.trigger) & (low >= rule.beside)]
    sure = np.zeros(len(at), bool)
    sure[agreed.ravel()] = True
    return sure


def _on_sphere(latitude: Float64, longitude: Float64) -> Float64:
    lat, lon = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], -1)


def _chord(km: float) -> float:
    """The straight line, in radii, under an arc of this length."""
    return float(2 * np.sin(km / EARTH_RADIUS_KM / 2))
