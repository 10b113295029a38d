"""Result: what a picker says of one recording: picks or the reason for none. Knows no pickers."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.types.pick import Pick


@dataclass(frozen=True, slots=True)
class PickResult:
    """Picks in order of time; when there is none, the reason in a sentence."""

    picks: tuple[Pick, ...]
    reason: str = ""
