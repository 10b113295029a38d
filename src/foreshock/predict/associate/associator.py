"""Associator: picks in, earthquakes out, for archives and live streams alike. Knows no wall clock and no files."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from math import floor

import numpy as np

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.errors import StateError
from foreshock.predict.associate.arrivals import Arrivals, Found, Taken
from foreshock.predict.associate.explain import Explainer
from foreshock.predict.associate.geometry import Geometry
from foreshock.predict.associate.noise import Noise
from foreshock.predict.associate.result import Associated, Associations, Unused, UsedPick
from foreshock.predict.associate.search import Search
from foreshock.predict.associate.settings import AssociateSettings
from foreshock.predict.travel.table import PHASES, TravelTimes
from foreshock.types.arrays import Bools
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.station import Station

Key = tuple[int, str, str]

_MOST_SIGMA_S = 1.0


def _key(pick: Pick) -> tuple[int, str, str, float, float, int]:
    return pick.time_ns, pick.trace_id, pick.phase, -pick.probability, pick.sigma_s, pick.available_at_ns


class Associator:
    """Take picks as they come and give events once all their picks can have come.

    Time is cut into blocks counted from 1970. A block is searched when the data's time has passed its end by the
    longest travel time, so packets do not matter; a station that stays silent holds nothing up.

    Raises:
        InputError: no station can be used, or the travel times do not begin below one.
    """

    def __init__(
        self, stations: Mapping[str, Station], times: TravelTimes, *, settings: AssociateSettings | None = None
    ) -> None:
        self.geometry = Geometry(stations, times, settings=settings)
        self.settings = self.geometry.settings
        self._search = Search(self.geometry)
        self._sensor = {name: i for i, name in enumerate(sorted(self.geometry.sites.site_of))}
        self._block_ns = int(self.settings.block_s * NS_PER_S)
        self._guard_ns = int(self.settings.guard_s * NS_PER_S)
        self._longest_ns = int((self.geometry.longest_s + 5) * NS_PER_S)
        self.begin()

    @property
    def wait_s(self) -> float:
        """How long after an origin its event is given at the latest, by the data's time."""
        return self.settings.block_s + self.settings.guard_s + self._longest_ns / NS_PER_S

    def begin(self) -> None:
        """Forget all picks, events and noise: the next update is the first."""
        self._noise = Noise(self.geometry)
        self._explainer = Explainer(self.geometry)
        self._free: dict[Key, Pick] = {}
        self._order: list[Key] = []
        self._events: list[Associated] = []
        self._next: int | None = None
        self._now_ns: int | None = None
        self._unused: list[Unused] = []
        self._fell: dict[Key, str] = {}
        self._seen_s = np.full(self.geometry.n_sites, -np.inf)
        self._ended = False

    def update(self, picks: Iterable[Pick], until_ns: int) -> list[Associated]:
        """Take picks; all before `until_ns` have now come. Give the events that are finished.

        Raises:
            StateError: it was finished before.
        """
        if self._ended:
            raise StateError("associator was finished", "it takes no picks after the end", "call begin()")
        for pick in picks:
            self._take(pick)
        self._now_ns = until_ns if self._now_ns is None else max(until_ns, self._now_ns)
        return self._advance(self._now_ns)

    def finish(self) -> list[Associated]:
        """Give the events that are left; no picks will follow."""
        self._ended = True
        return self._advance(None)

    def take_unused(self) -> list[Unused]:
        """Hand over the picks that have been found to belong to no event, with reasons, once."""
        out, self._unused = self._unused, []
        return sorted(out, key=lambda one: _key(one.pick))

    def notes(self) -> list[tuple[str, str]]:
        """Give what is odd about stations: (sensor, sentence)."""
        return [*self.geometry.sites.notes, *self._explainer.notes()]

    def _take(self, pick: Pick) -> None:
        """Keep a pick, or say why not."""
        reason = self._refusal(pick)
        if reason:
            self._unused.append(Unused(pick, reason))
            return
        key = (pick.time_ns, pick.trace_id, pick.phase)
        other = self._free.get(key)
        if other is not None:
            pick, other = sorted((pick, other), key=_key)
            self._unused.append(Unused(other, "is a duplicate of another pick"))
        self._free[key] = pick

    def _refusal(self, pick: Pick) -> str:
        """Say why a pick cannot be used at all."""
        if pick.trace_id not in self._sensor:
            reason = self.geometry.sites.left_out.get(pick.trace_id, "has no coordinates")
            return f"station {pick.trace_id} {reason}"
        if pick.phase not in PHASES:
            return f"phase {pick.phase} has no travel times here"
        if not math.isfinite(pick.sigma_s):
            return f"its sigma is {pick.sigma_s} s"
        if self._next is not None and pick.time_ns < self._next * self._block_ns - self._guard_ns:
            return "came after its time had been settled"
        return ""

    def _advance(self, now_ns: int | None) -> list[Associated]:
        """Search every block that is complete."""
        out: list[Associated] = []
        self._order = sorted(self._free)
        while self._order:
            block = (self._order[0][0] - self._longest_ns) // self._block_ns
            block = block if self._next is None else max(block, self._next)
            end = (block + 1) * self._block_ns + self._guard_ns + self._longest_ns
            if now_ns is not None and now_ns < end:
                break
            out += self._process(block)
        return sorted(out, key=lambda one: (one.event.time_ns, one.event.event_id))

    def _process(self, block: int) -> list[Associated]:
        """Search one block and settle what can no longer change."""
        zero = block * self._block_ns
        keys = self._order[
            : bisect_left(self._order, (zero + self._block_ns + self._guard_ns + self._longest_ns, "", ""))
        ]
        picks = [self._free[key] for key in keys]
        arrivals = self._arrivals(picks, zero)
        np.maximum.at(self._seen_s, arrivals.slot % self.geometry.n_sites, arrivals.time_s + zero / NS_PER_S)
        alive: Bools = self._seen_s > zero / NS_PER_S - self.settings.silent_s
        guard, width = self.settings.guard_s, self.settings.block_s
        found = self._search.find(
            arrivals,
            start_s=-guard,
            end_s=width + guard,
            noise=self._noise,
            alive=alive,
            taken=self._taken(zero),
        )
        done = [self._event(one, picks, zero) for one in found if one.time_s < width]
        for fell in self._search.fell:
            self._fell.update((keys[i], fell.reason) for i in fell.picks)
        self._explainer.heard(done)
        self._noise.learn_echoes(self._search.n_held, self._search.n_echoes)
        for event in done:
            for used in event.picks:
                del self._free[(used.pick.time_ns, used.pick.trace_id, used.pick.phase)]
        self._events = [e for e in self._events if e.event.time_ns > zero - 3 * self._longest_ns] + done
        self._settle(block, keys)
        return done

    def _settle(self, block: int, keys: list[Key]) -> None:
        """Let go of the picks that can no longer join an event, and count them as noise."""
        span_s = (1 if self._next is None else block + 1 - self._next) * self.settings.block_s
        self._next = block + 1
        limit = (self._next * self._block_ns - self._guard_ns, "", "")
        cut = bisect_left(keys, limit)
        over = [key for key in keys[:cut] if key in self._free]
        picks = [self._free.pop(key) for key in over]
        fell = {i: self._fell[key] for i, key in enumerate(over) if key in self._fell}
        reasons = self._explainer.reasons(picks, self._events, fell)
        self._unused += [Unused(pick, reason) for pick, reason in zip(picks, reasons, strict=True)]
        self._noise.learn(self._slots(picks), span_s)
        self._order[: len(keys)] = [key for key in keys[cut:] if key in self._free]
        self._fell = {key: reason for key, reason in self._fell.items() if key in self._free}

    def _slots(self, picks: list[Pick]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        g = self.geometry
        return np.array([PHASES.index(p.phase) * g.n_sites + g.sites.site_of[p.trace_id] for p in picks], np.int64)

    def _taken(self, zero_ns: int) -> Taken:
        """Turn the picks that events before hold into columns."""
        picks = [
            used.pick for event in self._events for used in event.picks if used.pick.time_ns > zero_ns - self._guard_ns
        ]
        return Taken(np.array([p.time_ns - zero_ns for p in picks], float) / NS_PER_S, self._slots(picks))

    def _arrivals(self, picks: list[Pick], zero_ns: int) -> Arrivals:
        """Turn picks into columns."""
        slot = self._slots(picks)
        return Arrivals(
            np.array([p.time_ns - zero_ns for p in picks], float) / NS_PER_S,
            slot,
            np.array([self._sensor[p.trace_id] for p in picks], np.int64),
            slot // self.geometry.n_sites,
            np.minimum(np.array([p.sigma_s for p in picks], float), _MOST_SIGMA_S),
        )

    def _event(self, found: Found, picks: list[Pick], zero_ns: int) -> Associated:
        """Write a found earthquake down."""
        time_ns = zero_ns + floor(found.time_s * NS_PER_S)
        at = (float(found.at[0]), float(found.at[1]), float(found.at[2]))
        latitude, longitude = self.geometry.sites.place(at[0], at[1])
        used = [
            UsedPick(picks[i], PHASES[p], r)
            for i, p, r in zip(found.picks.tolist(), found.phase.tolist(), found.residual_s.tolist(), strict=True)
        ]
        rms = float(np.sqrt(np.mean(found.residual_s**2)))
        event = Event(iso_utc(time_ns), time_ns, latitude, longitude, depth_km=at[2])
        return Associated(event, tuple(sorted(used, key=lambda u: _key(u.pick))), rms, found.evidence, at)


def associate(
    picks: Iterable[Pick],
    stations: Mapping[str, Station],
    times: TravelTimes,
    *,
    settings: AssociateSettings | None = None,
) -> Associations:
    """Associate a whole archive: begin, feed all, finish.

    Raises:
        InputError: no station can be used.
    """
    associator = Associator(stations, times, settings=settings)
    rows = sorted(picks, key=_key)
    events = associator.update(rows, rows[0].time_ns) if rows else []
    events += associator.finish()
    return Associations(tuple(events), tuple(associator.take_unused()), tuple(associator.notes()))
