"""Examples: a batch ready for a model: windows, labels and where each came from. Knows nothing about models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from foreshock.errors import InputError, LabelError
from foreshock.types.arrays import AnyArray, Float32, frozen

LONGEST_NAME = 200
"""Letters of a class's name."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Windows (example, channel, time) with labels and a table of what is known about each.

    Attributes:
        x: float32, (example, channel, time), normalised as the preparation says.
        y: (example,) int64 class numbers, float64 values for a regression, or None where unknown.
        classes: names of the classes in order of their number; empty for a regression.
        rate_hz: samples per second.
        context: named float32 columns (example,) a model may read beside the wave (``log10_scale`` …).
        table: one row an example with at least ``trace_id`` and ``event_id``.

    Raises:
        InputError: shapes do not fit, or a number is not finite.
        LabelError: a class number has no name, or a name cannot be printed.
    """

    x: Float32
    rate_hz: float
    table: pd.DataFrame
    y: AnyArray | None = None
    classes: tuple[str, ...] = ()
    context: Mapping[str, Float32] = field(default_factory=dict)

    def __post_init__(self) -> None:
        x = np.asarray(self.x, np.float32)
        if x.ndim != 3:
            raise InputError(f"x has shape {x.shape}", "it must be (example, channel, time)", "add the missing axis")
        if not np.isfinite(x).all():
            raise InputError("x holds NaN or Inf", "every sample must be finite", "mask or drop such records")
        put = object.__setattr__
        put(self, "x", frozen(x, np.float32))
        put(self, "context", MappingProxyType({k: frozen(v, np.float32) for k, v in self.context.items()}))
        put(self, "table", self.table.reset_index(drop=True))
        if self.y is not None:
            put(self, "y", frozen(self.y, np.int64 if self.classes else np.float64))
        self._check()

    def _check(self) -> None:
        lengths = {"x": len(self.x), "table": len(self.table)} | {k: len(v) for k, v in self.context.items()}
        if self.y is not None:
            lengths["y"] = len(self.y)
        if len(set(lengths.values())) != 1:
            raise InputError(f"examples have lengths {lengths}", "they must be equal", "give one row an example")
        missing = {"trace_id", "event_id"} - set(self.table.columns)
        if missing:
            raise InputError(
                f"table lacks {sorted(missing)}", "each example names its trace and event", "add the columns"
            )
        if (
            self.y is not None
            and self.classes
            and len(self.y)
            and not 0 <= self.y.min() <= self.y.max() < len(self.classes)
        ):
            raise LabelError(
                f"class numbers reach {int(self.y.max())}", f"there are {len(self.classes)} classes", "number from 0"
            )
        for name in self.classes:
            if not (0 < len(name) <= LONGEST_NAME and name.isprintable()):
                raise LabelError(
                    f"class {name[:40]!r} of {len(name)} letters",
                    f"a class has a name of 1 to {LONGEST_NAME} letters that can be printed",
                    "rename it",
                )
        if self.y is not None and not self.classes and not np.isfinite(self.y).all():
            raise LabelError("a target is NaN or Inf", "every target must be finite", "drop records without a target")

    def __len__(self) -> int:
        return len(self.x)

    def take(self, rows: AnyArray) -> Examples:
        """The named rows (indices or a mask), in that order."""
        chosen = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows, np.int64)
        return replace(
            self,
            x=self.x[chosen],
            y=None if self.y is None else self.y[chosen],
            table=self.table.iloc[chosen],
            context={name: values[chosen] for name, values in self.context.items()},
        )
