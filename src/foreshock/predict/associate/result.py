"""Result: events with their picks, and picks without an event with the reason. Knows not how either was found."""

from __future__ import annotations

import math
from dataclasses import dataclass

from foreshock.types.event import Event
from foreshock.types.pick import Pick

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class UsedPick:
    """A pick, the phase it was taken for and how late it came (s)."""

    pick: Pick
    phase: str
    residual_s: float


@dataclass(frozen=True, slots=True)
class Associated:
    """A preliminary origin, the picks it explains, their RMS (s) and its evidence against chance.

    `at_km` is the place on the network's own plane: east, north and depth.
    """

    event: Event
    picks: tuple[UsedPick, ...]
    rms_s: float
    evidence: float
    at_km: tuple[float, float, float]

    @property
    def false_per_day(self) -> float:
        """How many events as good as this chance makes a day, at most."""
        return _DAY_S * math.exp(-self.evidence)

    def __str__(self) -> str:
        stations = len({used.pick.trace_id for used in self.picks})
        e = self.event
        return (
            f"{e.event_id}  {e.latitude:.3f} {e.longitude:.3f}  {e.depth_km or 0:.0f} km  "
            f"{len(self.picks)} picks of {stations} stations  rms {self.rms_s:.2f} s"
        )


@dataclass(frozen=True, slots=True)
class Unused:
    """A pick that belongs to no event, and why."""

    pick: Pick
    reason: str

    def __str__(self) -> str:
        return f"{self.pick.trace_id}  {self.pick.phase}  {self.pick.time}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Associations:
    """Events in order of time, every pick that none of them explains, and notes (item, sentence) on stations."""

    events: tuple[Associated, ...]
    unused: tuple[Unused, ...]
    notes: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        used = sum(len(event.picks) for event in self.events)
        head = f"{len(self.events)} events of {used} picks; {len(self.unused)} picks belong to none"
        return "\n".join([head, *map(str, self.events), *(f"note on {item}: {text}" for item, text in self.notes)])
