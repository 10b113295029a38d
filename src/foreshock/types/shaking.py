"""Shaking: how strongly the ground moves at places, with its uncertainty. Knows nothing about how it was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.errors import InputError
from foreshock.geo import check_place
from foreshock.types.arrays import Float64, frozen


@dataclass(frozen=True, eq=False)
class Shaking:
    """One intensity measure at places: median in its unit, spread as standard deviations of its natural logarithm.

    Attributes:
        measure: ``PGA``, ``PGV``, ``SA(1.0)`` …
        unit: the unit of `median`.
        latitude, longitude, median, tau, phi: equally long; `tau` between and `phi` within events (ln units).

    >>> Shaking("PGA", "m/s2", [30.0], [100.0], [0.5], [0.3], [0.5]).measure
    'PGA'
    """

    measure: str
    unit: str
    latitude: Float64
    longitude: Float64
    median: Float64
    tau: Float64
    phi: Float64

    def __post_init__(self) -> None:
        names = ("latitude", "longitude", "median", "tau", "phi")
        for name in names:
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))
        if len({len(getattr(self, name)) for name in names}) != 1:
            raise InputError(f"{self.measure} columns differ in length", "they must be equal", "give one value a place")
        check_place(self.latitude, self.longitude, whose=self.measure)
        for name in ("median", "tau", "phi"):
            values = getattr(self, name)
            if not np.all(np.isfinite(values) & (values >= 0)):
                raise InputError(f"{name} of {self.measure} is negative or not finite", "it must be ≥ 0", "correct it")
