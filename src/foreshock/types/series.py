"""Series: one slow quantity at one place over time (water level, strain, radon). Knows no files and no physics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.errors import InputError
from foreshock.types.arrays import Float64, Ints, frozen


@dataclass(frozen=True, eq=False)
class Series:
    """Values with the time they were measured and the time they could first be known; NaN is a known gap.

    Raises:
        InputError: lengths differ, times do not rise, or a value was known before it was measured.

    >>> Series("groundwater", "well-1", "m", [0, 60], [1.0, 1.1], [0, 60]).kind
    'groundwater'
    """

    kind: str
    site: str
    unit: str
    time_ns: Ints
    value: Float64
    available_at_ns: Ints

    def __post_init__(self) -> None:
        for name, dtype in (("time_ns", np.int64), ("value", np.float64), ("available_at_ns", np.int64)):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))
        if not len(self.time_ns) == len(self.value) == len(self.available_at_ns):
            raise InputError(
                f"series {self.kind} at {self.site} has {len(self.time_ns)} times and {len(self.value)} values",
                "each value needs its time and the time it became available",
                "give equally long columns",
            )
        if np.any(np.diff(self.time_ns) <= 0):
            raise InputError(
                f"times of {self.kind} at {self.site} do not rise", "each must be later", "sort, drop doubles"
            )
        if np.any(self.available_at_ns < self.time_ns):
            raise InputError(
                f"series {self.kind} at {self.site} was known before it was measured",
                "available_at must not lie before time",
                "correct the delay",
            )
        if np.any(np.isinf(self.value)):
            raise InputError(
                f"series {self.kind} at {self.site} holds Inf", "values must be finite", "mark gaps as NaN"
            )
