"""Tape: what a network said of streams at one window and hears again at later ones. Runs nothing, knows no time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from foreshock.bundle.card import Delay, Reach
from foreshock.types.arrays import AnyArray, Float32, Ints

SPARE = 8
"""Windows that a tape takes before what it holds is moved."""


class Tape:
    """The past of some streams that go on together; before the beginning nothing was said.

    What was said stays where it was written while windows go by, and is moved once in many of them: moving it at each
    would cost a long memory more than the network.

    Args:
        reach: of a network that carries a state.
        n: streams.

    >>> delays = (Delay(width=1, windows=(3, 1)),)
    >>> tape = Tape(Reach(stride_samples=8, margin_samples=0, state_size=2, delays=delays), 1)
    >>> for said in range(1, 6):
    ...     print(tape.heard().tolist())
    ...     tape.say(np.full((1, 1), said, np.float32))
    [[0.0, 0.0]]
    [[0.0, 1.0]]
    [[0.0, 2.0]]
    [[1.0, 3.0]]
    [[2.0, 4.0]]
    """

    def __init__(self, reach: Reach, n: int) -> None:
        self.reach, self.n = reach, n
        delays = reach.delays or (Delay(width=reach.state_size, windows=(1,)),)
        self._delays = [(one.width, one.windows, max(one.windows)) for one in delays]
        self._lines = [np.zeros((deepest + SPARE, n, width), np.float32) for width, _, deepest in self._delays]
        self._heard = np.zeros((n, reach.state_size), np.float32)
        self._at = 0

    def heard(self) -> Float32:
        """What the next window hears, (stream, number); the array is used again at the next call."""
        at, parts = self._at, []
        for line, (_, windows, deepest) in zip(self._lines, self._delays, strict=True):
            parts += [line[at + deepest - ago] for ago in windows]
        return np.concatenate(parts, 1, out=self._heard)

    def say(self, said: Float32) -> None:
        """Take what was said at this window, (stream, number), and go on to the next."""
        first, at = 0, self._at
        for line, (width, _, deepest) in zip(self._lines, self._delays, strict=True):
            line[at + deepest] = said[:, first : first + width]
            first += width
        self._at += 1
        if self._at == SPARE:
            self._move()

    def _move(self) -> None:
        for line, (_, _, deepest) in zip(self._lines, self._delays, strict=True):
            line[:deepest] = line[self._at : self._at + deepest]
        self._at = 0

    def taken(self, rows: Ints) -> Tape:
        """Some streams' own tape."""
        part = Tape(self.reach, len(rows))
        for line, whole in zip(part._lines, self._held(), strict=True):
            line[: len(whole)] = whole[:, rows]
        return part

    def put(self, rows: Ints, part: Tape) -> None:
        """Take some streams' past from another tape."""
        for whole, held in zip(self._held(), part._held(), strict=True):
            whole[:, rows] = held

    def forget(self, row: int) -> None:
        """Let a stream begin anew."""
        for held in self._held():
            held[:, row] = 0.0

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later: (window, stream, number) of each delay."""
        return {str(k): held.copy() for k, held in enumerate(self._held())}

    def restore(self, state: Mapping[str, AnyArray]) -> None:
        """Go on from a saved state of as many streams."""
        for k, held in enumerate(self._held()):
            held[:] = state[str(k)]

    def _held(self) -> list[Float32]:
        """The past of each delay that can still be heard, in its place."""
        at = self._at
        return [line[at : at + deepest] for line, (_, _, deepest) in zip(self._lines, self._delays, strict=True)]
