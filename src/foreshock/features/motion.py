"""Motion: displacement, velocity and acceleration of samples given in one of them, chunk by chunk. Knows no features.

The steps are those of `prepare.calculus`: trapezoid rule from zero, central differences with one-sided ends.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np

from foreshock.features.layout import Layout
from foreshock.prepare.calculus import Differentiate, Integrate
from foreshock.prepare.step import ArrayStep, State, relative
from foreshock.types.arrays import Bools, Float64
from foreshock.units import GROUND_MOTION_ORDER

QUANTITIES = tuple(GROUND_MOTION_ORDER)
"""Displacement, velocity, acceleration, by their units."""

Piece = tuple[str, Float64, Bools]


class Motion:
    """Turns samples into displacement, velocity and acceleration; masked samples add nothing to an integral."""

    def __init__(self, layout: Layout, wanted: tuple[str, ...] = QUANTITIES) -> None:
        self.layout = layout
        order = GROUND_MOTION_ORDER.get(layout.unit)
        reach = [] if order is None else [GROUND_MOTION_ORDER[unit] for unit in wanted]
        self.wanted = wanted if reach else ()
        self.down = [_Stage(Integrate(), layout.rate_hz) for _ in range(max(0, (order or 0) - min(reach, default=9)))]
        self.up = [
            _Stage(Differentiate(), layout.rate_hz) for _ in range(max(0, max(reach, default=-9) - (order or 0)))
        ]

    def update(self, x: Float64, valid: Bools) -> Iterator[Piece]:
        """Take the next samples (…, time); give (unit, samples, mask) for every wanted quantity."""
        yield from self._only(self.layout.unit, x, valid)
        for branch, by in ((self.down, -1), (self.up, 1)):
            y, mask = x, valid
            for far, stage in enumerate(branch, 1):
                y, mask = stage.run(y, mask)
                yield from self._only(self._unit(by * far), y, mask)

    def tail(self) -> Iterator[Piece]:
        """Give what the differences held back, as if no more samples came, and leave this object as it was."""
        branch = copy.deepcopy(self.up)
        late: tuple[Float64, Bools] | None = None
        for far, stage in enumerate(branch, 1):
            early = stage.run(*late) if late is not None else None
            last = stage.drain()
            late = _joined(early, last)
            if late is not None:
                yield from self._only(self._unit(far), *late)

    def _unit(self, by: int) -> str:
        return QUANTITIES[GROUND_MOTION_ORDER[self.layout.unit] + by]

    def _only(self, unit: str, x: Float64, valid: Bools) -> Iterator[Piece]:
        if unit in self.wanted:
            yield unit, x, valid


class _Stage:
    """A step with its own state, made when the first samples show their shape."""

    def __init__(self, step: ArrayStep, rate_hz: float) -> None:
        self.step = step
        self.rate_hz = rate_hz
        self.state: State | None = None

    def run(self, x: Float64, valid: Bools) -> tuple[Float64, Bools]:
        if self.state is None:
            leading = x.shape[:-1]
            self.state = self.step.begin(self.rate_hz, leading)
            self.state |= {"first": np.full(leading, np.nan), "last": np.zeros(leading)}
        return self.step.run(relative(x, valid, self.state), valid, self.state)

    def drain(self) -> tuple[Float64, Bools] | None:
        return None if self.state is None else self.step.drain(self.state)


def _joined(early: tuple[Float64, Bools] | None, last: tuple[Float64, Bools] | None) -> tuple[Float64, Bools] | None:
    if early is None or last is None:
        return early if last is None else last
    return np.concatenate([early[0], last[0]], -1), np.concatenate([early[1], last[1]], -1)
