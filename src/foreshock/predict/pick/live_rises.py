"""Rises: curves followed frame by frame, from the first moment over a threshold to the last word. Knows no waveforms.

A rise begins when its curve leaves the lower threshold behind, is told when it reaches the upper one, told again when
it has grown clearly more probable, and ended when it falls under the lower one. It goes by frames alone, so that it
does not matter in how many pieces they come.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from foreshock.predict.pick.peak import FOOT, OFF, centre, width
from foreshock.types.arrays import AnyArray, Float64

LONGEST_FRAMES = 250
"""A curve that stays up longer is ended there, and silent until it has come down."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something to tell: what kind, the frame where the rise was first told, and where the arrival stands now.

    Attributes:
        at: the frame at which it is said. frame: of the arrival, may be fractional. height: of the curve there.
        width: frames at half the height or higher.
    """

    kind: str
    number: int
    at: int
    frame: float
    height: float
    width: float


@dataclass(slots=True)
class Rise:
    """One curve's rise, if there is one now.

    Attributes:
        first: the frame where it began; below zero when there is none.
        heights: of its frames so far. told: the frame of the first word, below zero before.
        next_height: from where it is told again.
        muted: whether it was ended for its length and has not come down yet.
    """

    first: int = -1
    heights: list[float] = field(default_factory=list)
    told: int = -1
    next_height: float = 1.0
    muted: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the curve is up."""
        return self.first >= 0 or self.muted

    def follow(self, curve: Float64, first: int, *, on: float, grows: float) -> Iterator[Said]:
        """Take the next frames, the first of which has a number, and give what is to be told.

        Arguments:
            on: the upper threshold. grows: a rise is told again when its height makes this step in log odds.
        """
        for k, height in enumerate(curve.tolist()):
            if height > OFF * on:
                yield from self._up(height, first + k, on=on, grows=grows)
            elif self.is_open:
                yield from self.close(first + k, on=on)

    def close(self, at: int, *, on: float) -> Iterator[Said]:
        """End what is open."""
        if self.told >= 0:
            yield self._now("ended", at, on)
        self.first, self.heights, self.told, self.muted = -1, [], -1, False

    def _up(self, height: float, at: int, *, on: float, grows: float) -> Iterator[Said]:
        if self.muted:
            return
        if self.first < 0:
            self.first, self.heights = at, []
        self.heights.append(height)
        if self.told < 0 and height >= on:
            self.told, self.next_height = at, _raised(height, grows)
            yield self._now("started", at, on)
        elif self.told >= 0 and height > self.next_height:
            self.next_height = _raised(height, grows)
            yield self._now("updated", at, on)
        if len(self.heights) >= LONGEST_FRAMES:
            yield from self.close(at, on=on)
            self.muted = True

    def _now(self, kind: str, at: int, on: float) -> Said:
        heights = np.asarray(self.heights)
        peak = int(np.argmax(heights))
        high = float(heights[peak])
        frame = centre(heights, peak, foot=max(FOOT * high, OFF * on))
        return Said(kind, self.told, at, self.first + frame, high, width(heights, peak))

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later."""
        return {
            "numbers": np.array([self.first, self.told, int(self.muted)]),
            "heights": np.array([self.next_height, *self.heights]),
        }

    @classmethod
    def restored(cls, state: Mapping[str, AnyArray]) -> Rise:
        """A rise that goes on from a saved state."""
        first, told, muted = (int(k) for k in state["numbers"])
        next_height, *heights = (float(height) for height in state["heights"])
        return cls(first, heights, told, next_height, bool(muted))


def _raised(height: float, grows: float) -> float:
    """The height whose log odds are so much higher."""
    kept = min(max(height, 1e-9), 1 - 1e-9)
    return max(height, 1 / (1 + (1 - kept) / kept * math.exp(-grows)))
