"""Associator: picks in, earthquakes out, for archives and live streams alike. Knows no wall clock and no files."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from math import floor

import numpy as np

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.errors import StateError
from foreshock.predict.associate.network import PHASES, AssociateSettings, Geometry, TravelTimes
from foreshock.predict.associate.result import Associated, Associations, Unused, UsedPick
from foreshock.predict.associate.search import Arrivals, Found, Search
from foreshock.types.arrays import Bools
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.station import Station

_SILENT_S = 3600.0


def _key(pick: Pick) -> tuple[int, str, str, float, float, int]:
    return pick.time_ns, pick.trace_id, pick.phase, -pick.probability, pick.sigma_s, pick.available_at_ns


class Associator:
    """Take picks as they come and give events once all their picks can have come.

    Time is cut into blocks counted from 1970. A block is searched when the data's time has passed its end by the
    longest travel time, so packets do not matter; a station that stays silent holds nothing up.

    Raises:
        InputError: there is no station, or the travel times do not begin below one.
    """

    def __init__(
        self, stations: Mapping[str, Station], travel_times: TravelTimes, *, settings: AssociateSettings | None = None
    ) -> None:
        self.settings = settings or AssociateSettings()
        self.geometry = Geometry(stations, travel_times, settings=self.settings)
        self._search = Search(self.geometry, self.settings)
        self._sensor = {name: i for i, name in enumerate(self.geometry.sensors)}
        self._block_ns = int(self.settings.block_s * NS_PER_S)
        self._guard_ns = int(self.settings.guard_s * NS_PER_S)
        self._longest_ns = int((self.geometry.longest_s + 5) * NS_PER_S)
        self._free: dict[tuple[int, str, str], Pick] = {}
        self._order: list[tuple[int, str, str]] = []
        self._events: list[Associated] = []
        self._next: int | None = None
        self._now_ns: int | None = None
        self._unused: list[Unused] = []
        self._seen_s = np.full(len(self.geometry.xy), -np.inf)
        self._ended = False

    def update(self, picks: Iterable[Pick], now_ns: int) -> list[Associated]:
        """Take picks; all before `now_ns` have now come. Give the events that are finished.

        Raises:
            StateError: it was flushed before.
        """
        if self._ended:
            raise StateError("associator was flushed", "it takes no picks after the end", "make a new one")
        for pick in picks:
            self._take(pick)
        self._now_ns = now_ns if self._now_ns is None else max(now_ns, self._now_ns)
        return self._advance(self._now_ns)

    def flush(self) -> list[Associated]:
        """Finish everything; no picks will follow."""
        self._ended = True
        return self._advance(None)

    def take_unused(self) -> list[Unused]:
        """Hand over the picks that have been found to belong to no event, with reasons, once."""
        out, self._unused = self._unused, []
        return sorted(out, key=lambda one: _key(one.pick))

    def _take(self, pick: Pick) -> None:
        """Keep a pick, or say why not."""
        key = (pick.time_ns, pick.trace_id, pick.phase)
        reason = ""
        if pick.trace_id not in self._sensor:
            reason = f"station {pick.trace_id} has no coordinates"
        elif pick.phase not in PHASES:
            reason = f"phase {pick.phase} has no travel times here"
        elif self._next is not None and pick.time_ns < self._next * self._block_ns - self._guard_ns:
            reason = "came after its time had been settled"
        if reason:
            self._unused.append(Unused(pick, reason))
            return
        other = self._free.get(key)
        if other is not None:
            pick, other = sorted((pick, other), key=_key)
            self._unused.append(Unused(other, "is a duplicate of another pick"))
        self._free[key] = pick

    def _advance(self, now_ns: int | None) -> list[Associated]:
        """Search every block that is complete."""
        out: list[Associated] = []
        self._order = sorted(self._free)
        while self._order:
            earliest = self._order[0][0]
            block = (earliest - self._longest_ns) // self._block_ns
            block = block if self._next is None else max(block, self._next)
            end = (block + 1) * self._block_ns + self._guard_ns + self._longest_ns
            if now_ns is not None and now_ns < end:
                break
            out += self._process(block)
        return sorted(out, key=lambda one: (one.event.time_ns, one.event.event_id))

    def _process(self, block: int) -> list[Associated]:
        """Search one block and settle what can no longer change."""
        zero = block * self._block_ns
        last = zero + self._block_ns + self._guard_ns + self._longest_ns
        picks = [self._free[k] for k in self._order[: bisect_left(self._order, (last, "", ""))]]
        arrivals = self._arrivals(picks, zero)
        np.maximum.at(self._seen_s, arrivals.site, arrivals.time_s + zero / NS_PER_S)
        alive: Bools = self._seen_s > zero / NS_PER_S - _SILENT_S
        guard, width = self.settings.guard_s, self.settings.block_s
        found = self._search.find(arrivals, start_s=-guard, end_s=width + guard, alive=alive)
        done = [self._event(one, picks, zero) for one in found if one.time_s < width]
        for event in done:
            for used in event.picks:
                del self._free[(used.pick.time_ns, used.pick.trace_id, used.pick.phase)]
        self._next = block + 1
        self._events = [e for e in self._events if e.event.time_ns > zero - 3 * self._longest_ns] + done
        settled = self._next * self._block_ns - self._guard_ns
        cut = bisect_left(self._order, (settled, "", ""))
        near = bisect_left(self._order, (last, "", ""))
        for key in self._order[:cut]:
            if key in self._free:
                pick = self._free.pop(key)
                self._unused.append(Unused(pick, self._reason(pick)))
        self._order[:near] = [key for key in self._order[cut:near] if key in self._free]
        return done

    def _arrivals(self, picks: list[Pick], zero_ns: int) -> Arrivals:
        """Turn picks into columns."""
        return Arrivals(
            np.array([(p.time_ns - zero_ns) / NS_PER_S for p in picks], float),
            np.array([self.geometry.site_of[p.trace_id] for p in picks], np.int64),
            np.array([self._sensor[p.trace_id] for p in picks], np.int64),
            np.array([PHASES.index(p.phase) for p in picks], np.int64),
            np.minimum(np.array([p.sigma_s for p in picks], float), 1.0),
        )

    def _event(self, found: Found, picks: list[Pick], zero_ns: int) -> Associated:
        """Write a found earthquake down."""
        time_ns = zero_ns + floor(found.time_s * NS_PER_S)
        latitude, longitude = self.geometry.place(float(found.at[0]), float(found.at[1]))
        used = [
            UsedPick(picks[i], PHASES[p], float(r))
            for i, p, r in zip(found.picks, found.phase, found.residual_s, strict=True)
        ]
        rms = float(np.sqrt(np.mean(found.residual_s**2)))
        event = Event(iso_utc(time_ns), time_ns, latitude, longitude, depth_km=float(found.at[2]))
        return Associated(event, tuple(sorted(used, key=lambda u: _key(u.pick))), rms, found.evidence)

    def _reason(self, pick: Pick) -> str:
        """Say why a pick fits none of the events about its time."""
        about = [e for e in self._events if 0 <= pick.time_ns - e.event.time_ns <= self._longest_ns]
        for event in about:
            if any(u.pick.trace_id == pick.trace_id and u.phase == pick.phase for u in event.picks):
                return f"event {event.event.event_id} has a better {pick.phase} pick of {pick.trace_id}"
        if about:
            return f"fits none of the {len(about)} events about its time"
        return "no event about its time: too few picks agree on one"


def associate(
    picks: Iterable[Pick],
    stations: Mapping[str, Station],
    travel_times: TravelTimes,
    *,
    settings: AssociateSettings | None = None,
) -> Associations:
    """Associate a whole archive: feed all, flush.

    Raises:
        InputError: there is no station.
    """
    associator = Associator(stations, travel_times, settings=settings)
    rows = sorted(picks, key=_key)
    events = associator.update(rows, rows[0].time_ns) if rows else []
    events += associator.flush()
    return Associations(tuple(events), tuple(associator.take_unused()))
