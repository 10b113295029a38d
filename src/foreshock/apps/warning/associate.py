"""Associate: which onset belongs to which possible earthquake, and where a new one begins. Knows no alerts."""

from __future__ import annotations

import numpy as np

from foreshock.apps.warning.amplitude import displacements
from foreshock.apps.warning.bank import Heard
from foreshock.apps.warning.event import Belief, Event, believed_places, event_name
from foreshock.apps.warning.network import Network
from foreshock.apps.warning.relations import Relation
from foreshock.apps.warning.settings import EventSettings
from foreshock.apps.warning.size import sized
from foreshock.apps.warning.where import Where, believed
from foreshock.clock import NS_PER_S
from foreshock.geo.place import Places
from foreshock.predict.travel import TravelTimes

NEAR_SIGMAS = 3.5
SLOWEST_P_KM_S = 5.0
FARTHEST_PAIR_KM = 150.0
MOST_ONSETS = 16
"""Onsets of one event that are weighed for its place, the first ones; later ones hardly move it."""
MOST_SIZED = 10
LEAST_LOG_ODDS = -6.0
"""An event less likely than this is not begun."""
SAME_S, SAME_KM = 8.0, 40.0
"""Two events whose beliefs are nearer than this may be one."""
FREE_S = 40.0
S_SIGMA_S = 0.8
SETTLED = 6
"""Stations from which on an event that is sure keeps what it has."""
MUCH_BETTER = 5.0
"""Log odds by which another event must explain an onset better than the one it fits."""


class Associator:
    """Weighs onsets against events; between calls it keeps the last answer only, which is often asked twice."""

    def __init__(self, network: Network, travel: TravelTimes, settings: EventSettings, relation: Relation) -> None:
        self.network, self.travel, self.settings, self.relation = network, travel, settings, relation
        self._last: tuple[tuple[int, tuple[Heard, ...]], tuple[int, Where]] | None = None

    # -- beliefs -------------------------------------------------------------------------------------------------------

    def where(self, onsets: list[Heard], *, now_ns: int) -> tuple[int, Where]:
        """Say where an earthquake with these onsets would be; also the time that is counted from."""
        first = sorted(onsets, key=_time)[:MOST_ONSETS]
        asked = (now_ns, tuple(first))
        if self._last is None or self._last[0] != asked:
            reference_ns = first[0].pick.time_ns
            evidence = self.network.evidence(first, reference_ns=reference_ns, now_ns=now_ns)
            self._last = asked, (reference_ns, believed(evidence, travel=self.travel, settings=self.settings))
        return self._last[1]

    def belief(self, event: Event, *, now_ns: int) -> Belief:
        """Look at an event anew, from its onsets and the amplitudes after them."""
        onsets = sorted(event.p.values(), key=_time)
        reference_ns, where = self.where(onsets, now_ns=now_ns)
        places = believed_places(where)
        nodes = where.nodes
        heard = onsets[:MOST_SIZED]
        at = [self.network.at[one.station_id] for one in heard]
        stations = Places(self.network.latitude[at], self.network.longitude[at])
        far = stations.distance_km(nodes.latitude[places], nodes.longitude[places])
        depth = nodes.depth_km[places]
        weight = where.weight[places] / where.weight[places].sum()
        apart = self.travel.time_s("S", far, depth[:, None]) - self.travel.time_s("P", far, depth[:, None])
        s_after_p = weight @ np.nan_to_num(apart, nan=60.0)
        which, seen = displacements(self.network.bank, heard, s_after_p_s=s_after_p, known=event.seen)
        size = sized(
            seen,
            epicentral_km=far[:, which],
            depth_km=depth,
            weight=weight,
            relation=self.relation,
            settings=self.settings,
        )
        fitting = int(where.fits.sum()) + max(0, len(onsets) - MOST_ONSETS)
        return Belief(now_ns, reference_ns, where, places, size, fitting, len(event.p) + len(event.s))

    # -- onsets --------------------------------------------------------------------------------------------------------

    def joins(self, heard: Heard, event: Event) -> str:
        """Say whether an onset is an event's P or S at its station; empty when it is neither."""
        if event.belief is None:
            return ""
        for phase in ("P", "S"):
            taken = event.p if phase == "P" else event.s
            if heard.station_id not in taken and self._fits(heard, event.belief, phase):
                return phase
        return ""

    def _fits(self, heard: Heard, belief: Belief, phase: str) -> bool:
        due, spread = self._due(heard.station_id, belief, phase)
        sigma = np.hypot(heard.pick.sigma_s, self.settings.onset_sigma_s if phase == "P" else S_SIGMA_S)
        late_s = (heard.pick.time_ns - belief.reference_ns) / NS_PER_S - due
        return bool(abs(late_s) < NEAR_SIGMAS * np.hypot(sigma, spread))

    def _due(self, station_id: str, belief: Belief, phase: str) -> tuple[float, float]:
        """When a phase is due at a station, s after the reference, and how surely."""
        where, at = belief.where, self.network.at[station_id]
        nodes, places = where.nodes, belief.places
        weight = where.weight[places] / where.weight[places].sum()
        one = Places(self.network.latitude[at : at + 1], self.network.longitude[at : at + 1])
        far = one.distance_km(nodes.latitude[places], nodes.longitude[places])[:, 0]
        travel_s = np.nan_to_num(self.travel.time_s(phase, far, nodes.depth_km[places]), nan=1e4)
        due = where.origin_s[places] + travel_s
        mean = float(weight @ due)
        spread = float(np.sqrt(weight @ (due - mean) ** 2))
        return mean, float(np.hypot(spread, self.settings.model_sigma * float(weight @ travel_s)))

    def begun(self, heard: Heard, free: list[Heard], *, now_ns: int) -> Event | None:
        """Begin an event with an onset and those free ones that one earthquake could have made, if that is likely."""
        group = [heard, *(one for one in free if self._could_share(heard, one))]
        if len({one.station_id for one in group}) < 2:
            return None
        onsets = _nearest_of_each(group, heard)
        _, where = self.where(onsets, now_ns=now_ns)
        fitting = [one for one, fits in zip(sorted(onsets, key=_time)[:MOST_ONSETS], where.fits, strict=True) if fits]
        if len(fitting) < 2 or where.log_odds < LEAST_LOG_ODDS:
            return None
        return Event(event_name(min(fitting, key=_time)), now_ns, p={one.station_id: one for one in fitting})

    def is_settled(self, event: Event) -> bool:
        """Whether an event is so sure that nobody doubts what belongs to it."""
        return event.belief is not None and event.belief.n_stations >= SETTLED and event.belief.probability > 0.99

    def better(self, heard: Heard, event: Event, others: list[Heard], *, now_ns: int) -> Event | None:
        """Begin another event with an onset that an unsure event would take, if that explains much more."""
        with_it = [*event.p.values(), heard]
        other = self.begun(heard, others, now_ns=now_ns)
        if other is None or len(other.p) <= 2:
            return None
        _, taken = self.where(_first_of_each(with_it), now_ns=now_ns)
        _, apart = self.where(list(other.p.values()), now_ns=now_ns)
        return other if apart.log_odds > taken.log_odds + MUCH_BETTER else None

    def _could_share(self, one: Heard, other: Heard) -> bool:
        if one.station_id == other.station_id:
            return False
        apart_s = abs(one.pick.time_ns - other.pick.time_ns) / NS_PER_S
        if apart_s > FREE_S:
            return False
        far = float(self.network.distance_km(self.network.at[one.station_id])[self.network.at[other.station_id]])
        return far <= FARTHEST_PAIR_KM and apart_s <= far / SLOWEST_P_KM_S + 1.0

    def same(self, one: Event, other: Event, *, now_ns: int) -> bool:
        """Whether two events are one: their beliefs are near, and together their onsets fit one place."""
        a, b = one.belief, other.belief
        if a is None or b is None or abs(a.origin_time_ns - b.origin_time_ns) > SAME_S * NS_PER_S:
            return False
        far = Places(np.array([a.where.latitude]), np.array([a.where.longitude])).distance_km(
            np.array(b.where.latitude), np.array(b.where.longitude)
        )
        if float(far[0]) > SAME_KM + 2 * (_reach_km(a.where) + _reach_km(b.where)):
            return False
        onsets = _first_of_each([*one.p.values(), *other.p.values()])
        _, where = self.where(onsets, now_ns=now_ns)
        return bool(where.fits.mean() >= 0.8)

    def strays(self, event: Event) -> list[str]:
        """Stations whose onset does not fit the event any more."""
        if event.belief is None:
            return []
        onsets = sorted(event.p.values(), key=_time)[:MOST_ONSETS]
        return [one.station_id for one, fits in zip(onsets, event.belief.where.fits, strict=False) if not fits]

    def dead(self, event: Event) -> list[str]:
        """Stations whose onset was over at once."""
        return [one.station_id for one in event.p.values() if not self.network.bank.lives(one)]


def _reach_km(where: Where) -> float:
    """How far a belief reaches, roughly: two standard deviations of latitude and longitude."""
    lat, lon = where.nodes.latitude, where.nodes.longitude
    north = (lat - where.latitude) * 111.2
    east = ((lon - where.longitude + 180) % 360 - 180) * 111.2 * np.cos(np.radians(where.latitude))
    return float(np.sqrt(where.weight @ (north**2 + east**2)))


def _nearest_of_each(onsets: list[Heard], heard: Heard) -> list[Heard]:
    """Of each station the onset nearest in time to one."""
    found: dict[str, Heard] = {}
    for one in sorted(onsets, key=lambda one: (abs(one.pick.time_ns - heard.pick.time_ns), one.station_id)):
        found.setdefault(one.station_id, one)
    return list(found.values())


def _first_of_each(onsets: list[Heard]) -> list[Heard]:
    found: dict[str, Heard] = {}
    for one in sorted(onsets, key=_time):
        found.setdefault(one.station_id, one)
    return list(found.values())


def _time(heard: Heard) -> tuple[int, str]:
    return heard.pick.time_ns, heard.station_id
