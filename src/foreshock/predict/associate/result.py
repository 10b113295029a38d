"""Result: events with their picks, and picks without an event with the reason. Knows not how either was found."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.types.event import Event
from foreshock.types.pick import Pick


@dataclass(frozen=True, slots=True)
class UsedPick:
    """A pick, the phase it was taken for and how late it came (s)."""

    pick: Pick
    phase: str
    residual_s: float


@dataclass(frozen=True, slots=True)
class Associated:
    """A preliminary origin, the picks it explains, their RMS (s) and the log-likelihood gain over chance."""

    event: Event
    picks: tuple[UsedPick, ...]
    rms_s: float
    evidence: float


@dataclass(frozen=True, slots=True)
class Unused:
    """A pick that belongs to no event, and why."""

    pick: Pick
    reason: str


@dataclass(frozen=True, slots=True)
class Associations:
    """Events in order of time and every pick that none of them explains."""

    events: tuple[Associated, ...]
    unused: tuple[Unused, ...]
