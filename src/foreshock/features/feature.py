"""Feature: the name, unit, sentence, formula and source of one number. Knows nothing about how it is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Group: TypeAlias = Literal["amplitude", "frequency", "period", "shape", "polarisation", "p_wave", "hibert_provost"]
Each: TypeAlias = Literal["component", "instrument"]

AS_GIVEN = "as given"
"""The unit of a feature that is measured in whatever unit the samples came in."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One number that describes a window.

    Attributes:
        name: short name; a feature of each component becomes the columns ``name_Z``, ``name_N``, ``name_E``.
        unit: SI unit, ``1`` for a ratio, ``as given`` for the unit of the samples (counts stay counts).
        sentence: what it is.
        formula: how it is computed.
        source: paper and DOI, or the textbook name of a statistic.
        group: amplitude, frequency, period, shape, polarisation, p_wave or hibert_provost.
        each: ``component`` (one column a component) or ``instrument`` (one column).
    """

    name: str
    unit: str
    sentence: str
    formula: str
    source: str
    group: Group
    each: Each = "instrument"

    def columns(self, components: str) -> list[str]:
        """Names of its columns for components such as ``ZNE``.

        >>> Feature("rms", "as given", "…", "…", "…", "amplitude", "component").columns("ZN")
        ['rms_Z', 'rms_N']
        """
        return [f"{self.name}_{letter}" for letter in components] if self.each == "component" else [self.name]
