"""Homogeneous: travel times in rock of one velocity. Knows no layers and no curvature of the Earth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.errors import InputError
from foreshock.types.arrays import Float64


@dataclass(frozen=True, slots=True)
class Homogeneous:
    """A half-space: straight rays at `vp_km_s` and `vs_km_s`; NaN beyond its distance and depth.

    Raises:
        InputError: a velocity or an extent is not positive, or S is not slower than P.

    >>> float(Homogeneous(6.0, 3.5).time_s("P", np.array(3.0), np.array(4.0)).round(6))
    0.833333
    """

    vp_km_s: float = 6.0
    vs_km_s: float = 3.46
    max_distance_km: float = 1000.0
    max_depth_km: float = 100.0

    def __post_init__(self) -> None:
        if not 0 < self.vs_km_s < self.vp_km_s < np.inf:
            raise InputError(
                f"velocities are P {self.vp_km_s} and S {self.vs_km_s} km/s",
                "both must be positive and S the slower",
                "give km per second, P first",
            )
        if not (0 < self.max_distance_km < np.inf and 0 < self.max_depth_km < np.inf):
            raise InputError(
                f"extent is {self.max_distance_km} km by {self.max_depth_km} km",
                "both must be positive",
                "give the farthest distance and the greatest depth",
            )

    def time_s(self, phase: str, distance_km: Float64, depth_km: Float64) -> Float64:
        """Give the seconds of a phase (``P`` or ``S``); distances and depths are broadcast.

        Raises:
            InputError: the phase is another.
        """
        if phase not in ("P", "S"):
            raise InputError(f"phase is {phase!r}", "it must be 'P' or 'S'", "ask for one of them")
        distance, depth = np.asarray(distance_km, float), np.asarray(depth_km, float)
        inside = (distance <= self.max_distance_km) & (depth >= 0) & (depth <= self.max_depth_km)
        speed = self.vp_km_s if phase == "P" else self.vs_km_s
        return np.where(inside, np.hypot(distance, depth) / speed, np.nan)
