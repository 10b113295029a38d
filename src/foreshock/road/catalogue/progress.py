"""Progress: how much of a long work is done, told now and then. Knows no work."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[str], None]

SHARE_TOLD = 0.05
"""Told each time this part more is done."""


class Progress:
    """Tells how much is done.

    >>> progress = Progress(2, "picked {} of {} units", print)
    >>> progress.more(1)
    picked 1 of 2 units
    """

    def __init__(self, n: int, words: str, tell: Tell) -> None:
        self._n, self._words, self._tell, self._done, self._told = n, words, tell, 0, 0.0

    def more(self, n: int) -> None:
        """Note that so many more are done."""
        self._done += n
        share = self._done / max(1, self._n)
        if share >= self._told + SHARE_TOLD or self._done == self._n:
            self._told = share
            self._tell(self._words.format(self._done, self._n))
