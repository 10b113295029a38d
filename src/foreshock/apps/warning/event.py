"""Event: one possible earthquake, the onsets it explains and what is believed of it now. Knows no alerts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from foreshock.apps.warning.amplitude import Measure
from foreshock.apps.warning.bank import Heard
from foreshock.apps.warning.size import Size
from foreshock.apps.warning.where import Where
from foreshock.clock import NS_PER_S, iso_utc

MOST_PLACES = 16
"""Places, of those believed most, for which magnitudes are weighed."""
MOST_SAMPLES = 200


@dataclass(frozen=True, eq=False)
class Belief:
    """What is believed at one moment.

    Attributes:
        known_ns: moment of arrival time at which it was. reference_ns: what `where` counts from.
        places: numbers of the nodes for which `size` holds weights.
        n_stations, n_phases: with onsets that fit, and all onsets explained.
    """

    known_ns: int
    reference_ns: int
    where: Where
    places: np.ndarray[tuple[int], np.dtype[np.intp]]
    size: Size
    n_stations: int
    n_phases: int

    @property
    def origin_time_ns(self) -> int:
        """When it began, UTC nanoseconds, to a millisecond."""
        return round(self.reference_ns + round(self.where.origin_time_s * NS_PER_S), -6)

    @property
    def probability(self) -> float:
        """Of being an earthquake nearby."""
        return self.where.probability


@dataclass(eq=False)
class Event:
    """A hypothesis with its onsets by station.

    Attributes:
        event_id: from its first onset, so that whoever hears the same calls it the same.
        p, s: onsets taken as P and as S, by station. seen: what was last measured after each, by the onset's name.
        due_ns: when it is looked at next, arrival time. changed: whether onsets have come since the last look.
    """

    event_id: str
    born_ns: int
    p: dict[str, Heard] = field(default_factory=dict)
    s: dict[str, Heard] = field(default_factory=dict)
    seen: dict[str, Measure] = field(default_factory=dict)
    belief: Belief | None = None
    due_ns: int = 0
    changed: bool = True
    ended: str = ""

    @property
    def last_ns(self) -> int:
        """The latest onset."""
        return max(one.pick.time_ns for one in self.p.values())


def event_name(first: Heard) -> str:
    """Name an event after its first onset.

    >>> from foreshock.types.pick import Pick
    >>> event_name(Heard(Pick("XX.A.", "P", 1_592_926_150_270_000_000, 0.9, 0.1, 1_592_926_151_000_000_000), 9.0))
    '20200623T152910.270-XX.A.'
    """
    text = iso_utc(first.pick.time_ns)[:23].replace("-", "").replace(":", "")
    return f"{text}-{first.station_id}"


def believed_places(where: Where) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The nodes that are believed most, at most `MOST_PLACES`, in a fixed order."""
    return np.sort(np.argsort(-where.weight, kind="stable")[:MOST_PLACES])
