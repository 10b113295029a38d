"""The door of ground-motion models: what they are told, what they give, where they apply. Knows no one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from foreshock.errors import InputError, nearest
from foreshock.types.arrays import Bools, Float64, frozen

MECHANISMS = ("unknown", "strike_slip", "normal", "reverse")
TECTONIC = ("active_crust", "stable_crust", "interface", "slab")


@dataclass(frozen=True, eq=False)
class Rupture:
    """What breaks. Numbers are arrays that broadcast with the places; a mechanism holds for all.

    Attributes:
        magnitude: moment magnitude.
        mechanism: one of ``MECHANISMS``.
        dip_deg: of the plane, 90 is upright.
        top_km, width_km, hypocentre_km: depth of the plane's top, its width down dip, depth of the hypocentre;
            NaN where unknown (each model then uses its own estimate).

    Raises:
        InputError: a magnitude, dip, depth or width is not one, or the mechanism is unknown here.
    """

    magnitude: Float64
    mechanism: str = "unknown"
    dip_deg: npt.ArrayLike = 90.0
    top_km: npt.ArrayLike = np.nan
    width_km: npt.ArrayLike = np.nan
    hypocentre_km: npt.ArrayLike = np.nan

    def __post_init__(self) -> None:
        if self.mechanism not in MECHANISMS:
            raise InputError(f"mechanism is {self.mechanism!r}", "it is not known", nearest(self.mechanism, MECHANISMS))
        _put(self, "magnitude", low=-2, high=10, unknown=False)
        _put(self, "dip_deg", low=0, high=90, unknown=False)
        _put(self, "top_km", low=0, high=800)
        _put(self, "width_km", low=0, high=1000)
        _put(self, "hypocentre_km", low=-10, high=800)


@dataclass(frozen=True, eq=False)
class Distances:
    """How far places are from the rupture, km; arrays that broadcast.

    Attributes:
        joyner_boore_km: to the rupture's projection on the surface. rupture_km: to the rupture.
        across_km: horizontal, at right angles to the strike from the top edge, positive on the hanging wall; 0 where
            the strike is unknown and the plane upright.

    Raises:
        InputError: a distance is negative or not a number.
    """

    joyner_boore_km: Float64
    rupture_km: Float64
    across_km: npt.ArrayLike = 0.0

    def __post_init__(self) -> None:
        _put(self, "joyner_boore_km", low=0, high=25_000, unknown=False)
        _put(self, "rupture_km", low=0, high=25_000, unknown=False)
        _put(self, "across_km", low=-25_000, high=25_000, unknown=False)


@dataclass(frozen=True, eq=False)
class Ground:
    """What places stand on; arrays that broadcast.

    Attributes:
        vs30_m_s: mean shear velocity of the upper 30 m.
        z1_km, z25_km: depths to 1.0 and 2.5 km/s; NaN where unknown, which means the average for this `vs30_m_s`.
        measured: whether `vs30_m_s` was measured at the place, not inferred.

    Raises:
        InputError: a velocity or depth is not one.
    """

    vs30_m_s: npt.ArrayLike = 760.0
    z1_km: npt.ArrayLike = np.nan
    z25_km: npt.ArrayLike = np.nan
    measured: bool = False

    def __post_init__(self) -> None:
        _put(self, "vs30_m_s", low=50, high=4000, unknown=False)
        _put(self, "z1_km", low=0, high=20)
        _put(self, "z25_km", low=0, high=30)


def _put(noun: object, name: str, *, low: float, high: float, unknown: bool = True) -> None:
    values = frozen(getattr(noun, name), np.float64)
    wrong = ~((values >= low) & (values <= high))
    if unknown:
        wrong &= ~np.isnan(values)
    if wrong.any():
        raise InputError(
            f"{name} is {np.extract(wrong, values)[0]:g}", f"it must lie in {low:g}..{high:g}", "check its unit"
        )
    object.__setattr__(noun, name, values)


@dataclass(frozen=True, eq=False)
class Motion:
    """Ground motion as a model sees it: natural logarithms of SI values, arrays (measure, …).

    Attributes:
        measures: names of the rows. mean_ln: mean of the logarithm (so e to its power is the median).
        tau, phi: standard deviations between and within earthquakes.
    """

    measures: tuple[str, ...]
    mean_ln: Float64
    tau: Float64
    phi: Float64

    @property
    def sigma(self) -> Float64:
        """Total standard deviation of the logarithm."""
        return np.asarray(np.hypot(self.tau, self.phi))


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a model was made for: magnitudes and distances (lowest, highest), kind of crust, and Vs30."""

    magnitudes: tuple[float, float]
    distances_km: tuple[float, float]
    tectonic: str
    vs30_m_s: tuple[float, float]


class GroundMotionModel(Protocol):
    """A published model: one file named author_year, its table beside it, its check values in its tests."""

    @property
    def name(self) -> str:
        """Short name, as in a logic tree: ``boore_2014``, with its region where it has several."""

    @property
    def source(self) -> str:
        """Authors, year and DOI."""

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures it was published for."""

    @property
    def domain(self) -> Domain:
        """Where it was made for."""

    def predict(self, measures: Sequence[str], rupture: Rupture, *, distances: Distances, ground: Ground) -> Motion:
        """Give the motion (measure, …) where … is what the arrays of the three nouns broadcast to.

        Raises:
            InputError: the model was not published for a measure.
        """


def applies(
    model: GroundMotionModel, *, magnitude: npt.ArrayLike, distance_km: npt.ArrayLike, tectonic: str = "active_crust"
) -> Bools:
    """Say where a model is used within what it was made for; arrays broadcast.

    Raises:
        InputError: there is no such kind of crust.
    """
    if tectonic not in TECTONIC:
        raise InputError(f"tectonic type is {tectonic!r}", "it is not known", nearest(tectonic, TECTONIC))
    size, far = np.broadcast_arrays(np.asarray(magnitude, float), np.asarray(distance_km, float))
    domain = model.domain
    inside = (size >= domain.magnitudes[0]) & (size <= domain.magnitudes[1])
    inside &= (far >= domain.distances_km[0]) & (far <= domain.distances_km[1])
    return np.asarray(inside & (tectonic == domain.tectonic))


def common_shape(rupture: Rupture, distances: Distances, ground: Ground) -> tuple[int, ...]:
    """Give the shape that the arrays of the three nouns broadcast to.

    Raises:
        InputError: they do not broadcast.
    """
    arrays = [value for noun in (rupture, distances, ground) for value in vars(noun).values()]
    try:
        return np.broadcast_shapes(*(np.shape(value) for value in arrays if isinstance(value, np.ndarray)))
    except ValueError as error:
        raise InputError(
            f"ruptures, distances and places do not fit ({error})",
            "their arrays must broadcast",
            "give ruptures as (rupture, 1) and places as (place,)",
        ) from error
