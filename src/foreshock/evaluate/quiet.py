"""Quiet: minutes of continuous recordings that surely hold no local event, and picks counted there. Knows no pickers.

The rule, fixed before any picker is asked: three stations or more that trigger within `COINCIDENCE_S` of each other
make a coincidence, from the first of their triggers to the last; a whole minute UTC is quiet when no coincidence lies
within `GUARD_S` of it. A pick there is false, unless an event was seen by fewer than three stations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.evaluate.bootstrap import Score
from foreshock.evaluate.pick_scores import rate_per_hour
from foreshock.types.pick import Pick

N_STATIONS = 3
COINCIDENCE_S = 5.0
GUARD_S = 30.0
MINUTE_NS = 60 * NS_PER_S


@dataclass(frozen=True)
class Quiet:
    """Quiet minutes by their first nanosecond, out of all whole minutes, and the stations that recorded them."""

    minutes: tuple[int, ...]
    n_minutes: int
    n_coincidences: int
    stations: tuple[str, ...]

    @property
    def station_hours(self) -> float:
        """Hours recorded in quiet minutes, over all stations."""
        return len(self.minutes) * len(self.stations) / 60


def coincidences(triggers: Mapping[str, Iterable[int]], *, within_s: float = COINCIDENCE_S) -> list[tuple[int, int]]:
    """Give first and last trigger of every time `N_STATIONS` stations or more trigger within a few seconds.

    Args:
        triggers: by station, UTC nanoseconds.
        within_s: how far apart the first and the last of three stations may be.

    >>> coincidences({"A": [0], "B": [2 * 10**9], "C": [4 * 10**9, 60 * 10**9]})
    [(0, 4000000000)]
    """
    ordered = sorted((time_ns, station) for station, times in triggers.items() for time_ns in times)
    found: list[tuple[int, int]] = []
    for k, (first_ns, _) in enumerate(ordered):
        seen: set[str] = set()
        for time_ns, station in ordered[k:]:
            if time_ns - first_ns > within_s * NS_PER_S:
                break
            seen.add(station)
            if len(seen) == N_STATIONS:
                found.append((first_ns, time_ns))
                break
    return found


def quiet_minutes(triggers: Mapping[str, Sequence[int]], *, first_ns: int, last_ns: int) -> Quiet:
    """Find the quiet whole minutes between two times that every station recorded.

    Raises:
        InputError: fewer than three stations recorded.
    """
    if len(triggers) < N_STATIONS:
        raise InputError(
            f"{len(triggers)} stations",
            f"quiet minutes are told by {N_STATIONS} stations or more",
            "give more stations",
        )
    together = coincidences(triggers)
    guard_ns = round(GUARD_S * NS_PER_S)
    every = range(-(-first_ns // MINUTE_NS) * MINUTE_NS, last_ns - MINUTE_NS + 1, MINUTE_NS)
    kept = tuple(
        minute
        for minute in every
        if not any(a < minute + MINUTE_NS + guard_ns and b >= minute - guard_ns for a, b in together)
    )
    return Quiet(kept, len(every), len(together), tuple(sorted(triggers)))


def false_picks_per_hour(picks: Iterable[Pick], quiet: Quiet, *, seed: int = 0) -> Score:
    """Picks per station-hour in quiet minutes, with a 95 % interval over minutes; n is the number of picks."""
    place = {minute: k for k, minute in enumerate(quiet.minutes)}
    counts = np.zeros(len(place), np.int64)
    for pick in picks:
        minute = place.get(pick.time_ns // MINUTE_NS * MINUTE_NS)
        if minute is not None and pick.trace_id in quiet.stations:
            counts[minute] += 1
    return rate_per_hour(counts, np.full(len(place), len(quiet.stations) / 60), seed=seed)
