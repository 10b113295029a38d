"""Left out: what a source of records tells of its last pass beside the records. Knows no files."""

from __future__ import annotations

from collections.abc import Sequence


class Telling:
    """Keeps what a pass left out and what it repaired or assumed, each item once."""

    def __init__(self) -> None:
        self._skipped: list[tuple[str, str]] = []
        self._notes: list[tuple[str, str]] = []

    def _begin(self) -> None:
        """Forget the pass before."""
        self._skipped, self._notes = [], []

    @property
    def skipped(self) -> Sequence[tuple[str, str]]:
        """Items left out by the last pass, each with its reason."""
        return tuple(dict.fromkeys(self._skipped))

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """What the last pass repaired, turned or assumed, each with its item."""
        return tuple(dict.fromkeys(self._notes))
