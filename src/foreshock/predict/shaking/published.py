"""What published models share: name, paper, table, and SI units of the answer. Knows no formula."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from foreshock.errors import InputError, nearest
from foreshock.predict.shaking.coefficients import coefficients
from foreshock.predict.shaking.measures import ln_to_si
from foreshock.predict.shaking.model import Distances, Domain, Ground, Motion, Rupture, common_shape
from foreshock.types.arrays import Float64

Rows = Mapping[str, Float64]
"""Coefficients by name, each (measure, 1, …)."""
Answer = tuple[Float64, Float64, Float64]
"""Mean, and standard deviations between and within earthquakes, of the logarithm in the paper's units."""

REGIONS = ("global", "california", "china", "italy", "japan", "new_zealand", "taiwan", "turkey")


@dataclass(frozen=True, slots=True)
class PublishedModel(ABC):
    """A model with a table beside it; a subclass names `key`, `cited` and `made_for`, and has the formulas.

    Attributes:
        key: author_year, the table's name. cited: authors, year and DOI. made_for: where it was made for.
    """

    key: ClassVar[str]
    cited: ClassVar[str]
    made_for: ClassVar[Domain]

    @property
    @abstractmethod
    def name(self) -> str:
        """The key with what the model was told."""

    @property
    def source(self) -> str:
        """Authors, year and DOI."""
        return self.cited

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures of the table."""
        return coefficients(self.key).measures

    @property
    def domain(self) -> Domain:
        """Where it was made for."""
        return self.made_for

    def predict(self, measures: Sequence[str], rupture: Rupture, *, distances: Distances, ground: Ground) -> Motion:
        """Give the motion (measure, …).

        Raises:
            InputError: the model was not published for a measure, or arrays do not broadcast.
        """
        shape = common_shape(rupture, distances, ground)
        answer = self._answer(measures, rupture, distances=distances, ground=ground, ndim=len(shape))
        mean, tau, phi = (np.broadcast_to(part, (len(measures), *shape)) for part in answer)
        to_si = np.reshape([ln_to_si(measure) for measure in measures], (len(measures), *(1,) * len(shape)))
        return Motion(tuple(measures), mean + to_si, tau, phi)

    @abstractmethod
    def _answer(
        self, measures: Sequence[str], rupture: Rupture, *, distances: Distances, ground: Ground, ndim: int
    ) -> Answer:
        """Give the answer, arrays that broadcast to (measure, …) with `ndim` dimensions behind the first."""

    def _rows(self, measures: Sequence[str], ndim: int) -> Rows:
        return coefficients(self.key).rows(measures, ndim=ndim)


@dataclass(frozen=True, slots=True)
class RegionalModel(PublishedModel):
    """A model of the NGA-West2 project for one region, which sets attenuation, the ground or the average basin.

    Raises:
        InputError: there is no such region.
    """

    region: str = "global"

    def __post_init__(self) -> None:
        if self.region not in REGIONS:
            raise InputError(
                f"region is {self.region!r}", "the models have no such region", nearest(self.region, REGIONS)
            )

    @property
    def name(self) -> str:
        """The key with the region: ``boore_2014(japan)``."""
        return f"{self.key}({self.region})"
