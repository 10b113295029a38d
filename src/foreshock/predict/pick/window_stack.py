"""Stack: what a labeller says of windows, put together where they overlap. Knows no network."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from foreshock.bundle import Windows
from foreshock.types.arrays import Float32, Ints


def starts(n: int, *, window: int, overlap: int) -> list[int]:
    """Where windows begin in `n` samples: every `window` - `overlap`, and the last so that it ends with the record.

    >>> starts(10, window=4, overlap=1), starts(11, window=4, overlap=1), starts(3, window=4, overlap=1)
    ([0, 3, 6], [0, 3, 6, 7], [])
    """
    found = list(range(0, n - window + 1, window - overlap))
    if found and found[-1] + window < n:
        found.append(n - window)
    return found


class Stack:
    """The answers for one block, put together as they come, in order of time.

    Args:
        n: samples of the block. n_classes: curves that are kept. told: how windows are put together.
        begins: where the windows begin. window: samples of one.
    """

    def __init__(self, n: int, n_classes: int, told: Windows, *, begins: list[int], window: int) -> None:
        self._told, self._begins, self._window = told, begins, window
        self._first, back = told.blinded_samples
        self._last = window - back
        empty = 0.0 if told.stacking == "avg" else -np.inf
        self._sum = np.full((n_classes, n), empty, np.float32)
        self._left = len(begins)

    @property
    def is_whole(self) -> bool:
        """Whether every window has been answered."""
        return self._left == 0

    def add(self, begin: int, said: Float32) -> None:
        """Take the answer (class, time) for the window that begins at a sample."""
        mine = self._sum[:, begin + self._first : begin + self._last]
        if self._told.stacking == "avg":
            mine += said[:, self._first : self._last]
        else:
            np.maximum(mine, said[:, self._first : self._last], out=mine)
        self._left -= 1

    def curves(self) -> Float32:
        """The curves (class, time), NaN where no window says anything."""
        count = self._counts(self._begins)
        with np.errstate(invalid="ignore"):
            if self._told.stacking == "avg":
                self._sum /= count
        self._sum[:, count == 0] = np.nan
        return self._sum

    def _counts(self, begins: Iterable[int]) -> Ints:
        steps = np.zeros(self._sum.shape[1] + 1, np.int32)
        held = np.asarray(list(begins))
        np.add.at(steps, held + self._first, 1)
        np.add.at(steps, held + self._last, -1)
        count: Ints = np.cumsum(steps[:-1], dtype=np.int32)
        return count
