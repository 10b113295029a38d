"""Layout: what is known about samples before they come: rate, unit, components. Knows nothing about features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.errors import InputError
from foreshock.types.waveform import COMPONENTS
from foreshock.units import GROUND_MOTION_ORDER
from foreshock.units import unit as known_unit


@dataclass(frozen=True, slots=True)
class Layout:
    """Rate, SI unit and component letters of arrays (…, channel, time).

    Raises:
        InputError: the rate is not positive or a component letter is unknown or doubled.
        UnitError: the unit is unknown.
    """

    rate_hz: float
    unit: str
    components: str

    def __post_init__(self) -> None:
        if not (np.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise InputError(f"sampling rate is {self.rate_hz} Hz", "it must be positive", "correct rate_hz")
        doubled = len(set(self.components)) < len(self.components)
        if not self.components or set(self.components) - set(COMPONENTS) or doubled:
            raise InputError(
                f"components are {self.components!r}",
                f"each must be a different letter of {COMPONENTS}",
                "name every channel once",
            )
        object.__setattr__(self, "unit", known_unit(self.unit).si)

    @property
    def interval_s(self) -> float:
        """Seconds from one sample to the next."""
        return 1.0 / self.rate_hz

    @property
    def is_motion(self) -> bool:
        """Whether the samples are displacement, velocity or acceleration."""
        return self.unit in GROUND_MOTION_ORDER

    @property
    def vertical(self) -> int:
        """The channel of single-trace features: the vertical one, or the first where there is none."""
        return max(self.components.find("Z"), 0)

    def samples(self, span_s: float) -> int:
        """How many samples a span holds, at least one."""
        return max(1, round(span_s * self.rate_hz))
