"""Engine: packets in, decisions out, tick by tick of arrival time; live and in replay the same. Knows no clock.

What is decided at a tick follows from the packets that had arrived by then and from nothing else: not from the wall
clock, not from how packets were read, not from how fast a replay runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from foreshock.apps.warning.associate import Associator
from foreshock.apps.warning.bank import Bank, Heard
from foreshock.apps.warning.decide import Teller, Told, Wanted, wanted
from foreshock.apps.warning.event import Belief, Event
from foreshock.apps.warning.network import Network
from foreshock.apps.warning.relations import relation
from foreshock.apps.warning.settings import WarningSettings
from foreshock.clock import NS_PER_S, monotonic_ns
from foreshock.deliver.issue import Draft
from foreshock.errors import ConfigError
from foreshock.predict.shaking import Boore2014, LogicTree, Sites, single
from foreshock.predict.travel import TravelTimes
from foreshock.types.packet import Packet
from foreshock.types.station import Station

LOOKS_S = ((5.0, 0.25), (20.0, 0.5), (float("inf"), 1.0))
"""Up to an age, an event is looked at again so often; at once when it has a new onset."""
FREE_S = 60.0
"""An onset that belongs to nothing is let go after so long."""
MOST_FREE = 400
MOST_EVENTS = 50


@dataclass(frozen=True, eq=False)
class Decision:
    """That an event is told now, or told to be none: what follows from which onsets.

    Attributes:
        draft: what is to be said. cancel: whether it withdraws what was said.
        final: whether the event ends with it.
    """

    event_id: str
    at_ns: int
    draft: Draft
    belief: Belief
    onsets: tuple[Heard, ...]
    spent_ns: tuple[int, int, int] = (0, 0, 0)
    cancel: bool = False
    final: bool = False


@dataclass(frozen=True, eq=False)
class Look:
    """What was believed of an event at a moment, told or not."""

    event_id: str
    belief: Belief
    state: str


class Engine:
    """One warning engine.

    Args:
        stations: by ``NET.STA.LOC``.
        travel: times of P and S.
        sites: places that are told what to expect.
        tree: ground-motion models.
        stopwatch: measures how long stages take, in nanoseconds; nothing is decided by it.

    Attributes:
        spent_ns: what the last tick cost: streams and onsets, events, decisions.

    Raises:
        ConfigError: there is no station, or no relation of that name.
    """

    def __init__(
        self,
        stations: Mapping[str, Station],
        *,
        travel: TravelTimes,
        settings: WarningSettings | None = None,
        sites: Sites | None = None,
        tree: LogicTree | None = None,
        stopwatch: Callable[[], int] = monotonic_ns,
    ) -> None:
        if not stations:
            raise ConfigError("a network of 0 stations", "an engine needs stations", "give a station file")
        self.settings = settings or WarningSettings()
        self.bank = Bank(stations, stream=self.settings.stream, trigger=self.settings.trigger)
        self.network = Network(self.bank, self.settings.event)
        self.associator = Associator(self.network, travel, self.settings.event, relation(self.settings.relation))
        self.teller = Teller(self.settings.policy, travel, tree or single(Boore2014()), sites)
        self.events: list[Event] = []
        self.free: list[Heard] = []
        self.onsets: list[tuple[Heard, str, str]] = []
        self.looks: list[Look] = []
        self.spent_ns = (0, 0, 0)
        self._told: dict[str, Told] = {}
        self._stopwatch, self._deciding_ns = stopwatch, 0

    # -- time ----------------------------------------------------------------------------------------------------------

    def run(self, packets: Iterable[Packet]) -> Iterator[tuple[int, list[Decision]]]:
        """Go through packets in order of arrival: (moment of arrival time, what is decided), for ticks that decide."""
        tick_ns = round(self.settings.stream.tick_s * NS_PER_S)
        last_ns = 0
        for number, batch in groupby(packets, key=lambda packet: packet.arrived_ns // tick_ns):
            now_ns = max((number + 1) * tick_ns, last_ns)
            yield from self.idle(until_ns=now_ns)
            if decided := self.take(batch, now_ns=now_ns):
                yield now_ns, decided
            last_ns = now_ns
        if decided := self.close(now_ns=last_ns):
            yield last_ns, decided

    def idle(self, *, until_ns: int) -> Iterator[tuple[int, list[Decision]]]:
        """Look at events whose time has come before a moment, while no packets came."""
        tick_ns = round(self.settings.stream.tick_s * NS_PER_S)
        while self.events and (due_ns := min(event.due_ns for event in self.events)) < until_ns:
            now_ns = -(-due_ns // tick_ns) * tick_ns
            if now_ns >= until_ns:
                return
            if decided := self.take((), now_ns=now_ns):
                yield now_ns, decided

    def take(self, packets: Iterable[Packet], *, now_ns: int) -> list[Decision]:
        """Take the packets of one tick, which ends at `now_ns`; give what is decided at its end."""
        begun_ns, self._deciding_ns = self._stopwatch(), 0
        onsets = self.bank.take(packets, now_ns=now_ns)
        heard_ns = self._stopwatch()
        for heard in onsets:
            self._hear(heard, now_ns)
        due = [event for event in self.events if self._is_due(event, now_ns)]
        decided = [one for event in due for one in self._look(event, now_ns)]
        self.events = [event for event in self.events if not event.ended]
        self._let_go(now_ns)
        events_ns = self._stopwatch() - heard_ns - self._deciding_ns
        self.spent_ns = (heard_ns - begun_ns, events_ns, self._deciding_ns)
        return [replace(one, spent_ns=self.spent_ns) for one in decided]

    def close(self, *, now_ns: int) -> list[Decision]:
        """End all events with a last look."""
        decisions = [one for event in self.events for one in self._end(event, now_ns, "ended")]
        self.events = []
        return decisions

    # -- onsets --------------------------------------------------------------------------------------------------------

    def _hear(self, heard: Heard, now_ns: int) -> None:
        for event in sorted(self.events, key=_likeliest):
            phase = self.associator.joins(heard, event)
            if phase:
                if self._is_taken_away(heard, event, now_ns):
                    return
                (event.p if phase == "P" else event.s)[heard.station_id] = heard
                self.network.explained(heard)
                event.changed = event.changed or phase == "P"
                self.onsets.append((heard, phase, event.event_id))
                return
        begun = self.associator.begun(heard, self.free, now_ns=now_ns)
        if begun is None or len(self.events) >= MOST_EVENTS:
            self.network.noted(heard)
            self.free = [*self.free, heard][-MOST_FREE:]
            self.onsets.append((heard, "P", ""))
            return
        self._begin(begun, heard, now_ns)

    def _is_taken_away(self, heard: Heard, event: Event, now_ns: int) -> bool:
        """Begin another event if an onset that fits an unsure one says more together with others' onsets."""
        if self.associator.is_settled(event):
            return False
        unsure = [one for one in self.events if not self.associator.is_settled(one)]
        lent = [one for other in unsure for one in (*other.p.values(), *other.s.values())]
        begun = self.associator.better(heard, event, [*self.free, *lent], now_ns=now_ns)
        if begun is None:
            return False
        taken = {onset_id(one) for one in begun.p.values()}
        for other in unsure:
            self._give_up(other, taken)
        self._begin(begun, heard, now_ns)
        return True

    def _give_up(self, event: Event, taken: set[str]) -> None:
        """Let an event go on without what another one explains better."""
        for phases in (event.p, event.s):
            for station_id in [name for name, one in phases.items() if onset_id(one) in taken]:
                del phases[station_id]
                event.changed = True

    def _begin(self, event: Event, heard: Heard, now_ns: int) -> None:
        members = set(event.p)
        self.free = [one for one in self.free if event.p.get(one.station_id) is not one]
        if heard.station_id not in members:
            self.network.noted(heard)
            self.free.append(heard)
        for one in event.p.values():
            self.network.explained(one)
            self.onsets.append((one, "P", event.event_id))
        event.belief = self.associator.belief(event, now_ns=now_ns)
        for other in self.events:
            if self.associator.same(event, other, now_ns=now_ns):
                self._join(other, event)
                return
        self.events.append(event)

    def _join(self, kept: Event, other: Event) -> None:
        """Two events are one: the older keeps its name."""
        for station_id, one in other.p.items():
            if station_id not in kept.p or one.pick.time_ns < kept.p[station_id].pick.time_ns:
                kept.p[station_id] = one
                self.onsets.append((one, "P", kept.event_id))
        kept.changed = True

    def _let_go(self, now_ns: int) -> None:
        oldest_ns = now_ns - round(FREE_S * NS_PER_S)
        if self.free and self.free[0].pick.time_ns < oldest_ns:
            self.free = [one for one in self.free if one.pick.time_ns >= oldest_ns]

    # -- events --------------------------------------------------------------------------------------------------------

    def _is_due(self, event: Event, now_ns: int) -> bool:
        return event.changed or now_ns >= event.due_ns

    def _look(self, event: Event, now_ns: int) -> list[Decision]:
        self._bury(event)
        if not event.p:
            return self._end(event, now_ns, "withdrawn")
        event.belief = self.associator.belief(event, now_ns=now_ns)
        event.changed = False
        for station_id in self.associator.strays(event):
            if len(event.p) > 2:
                stray = event.p.pop(station_id)
                self.network.noted(stray)
                event.changed = True
        young_s = (now_ns - event.born_ns) / NS_PER_S
        event.due_ns = now_ns + round(next(every for age, every in LOOKS_S if young_s < age) * NS_PER_S)
        age_s = (now_ns - event.last_ns) / NS_PER_S
        if age_s > self.settings.event.forget_s:
            return self._end(event, now_ns, "ended")
        told = self._told.get(event.event_id)
        if told is None and event.belief.probability < 1e-3 and age_s > 3.0:
            return self._end(event, now_ns, "withdrawn")
        self.looks.append(Look(event.event_id, event.belief, "open"))
        return self._decided(event, now_ns)

    def _bury(self, event: Event) -> None:
        """Let go of onsets that were over at once, the last one but where people were told."""
        keep = 1 if event.event_id in self._told else 0
        for station_id in self.associator.dead(event)[: max(0, len(event.p) - keep)]:
            self.network.noted(event.p.pop(station_id))

    def _decided(self, event: Event, now_ns: int, *, ends: bool = False) -> list[Decision]:
        assert event.belief is not None
        told = self._told.get(event.event_id)
        asked = wanted(event.belief, told, policy=self.settings.policy, ends=ends)
        if asked is None:
            return []
        return [self._decision(event, asked, now_ns, final=ends)]

    def _decision(self, event: Event, asked: Wanted, now_ns: int, *, final: bool) -> Decision:
        assert event.belief is not None
        onsets = tuple(sorted(event.p.values(), key=lambda one: (one.pick.time_ns, one.station_id)))
        since_ns = self._stopwatch()
        draft = self.teller.draft(event.belief, asked, lineage=tuple(onset_id(one) for one in onsets))
        self._deciding_ns += self._stopwatch() - since_ns
        if asked.cancel:
            self._told.pop(event.event_id, None)
        else:
            before = self._told.get(event.event_id)
            first_ns = before.first_ns if before else now_ns
            self._told[event.event_id] = Told(event.belief, asked.confidence, now_ns, first_ns)
        return Decision(event.event_id, now_ns, draft, event.belief, onsets, cancel=asked.cancel, final=final)

    def _end(self, event: Event, now_ns: int, how: str) -> list[Decision]:
        """Let an event go: what was an earthquake gets its last word, what was none frees its onsets."""
        event.ended = how
        if event.belief is None:
            return []
        if how == "withdrawn":
            for one in event.p.values():
                self.network.noted(one)
        self.network.calmed(event.p)
        if how == "withdrawn" and event.event_id in self._told:  # what was told must be taken back
            nothing = Wanted(self._told[event.event_id].confidence, "no onset of it is left", cancel=True)
            decisions = [self._decision(event, nothing, now_ns, final=True)]
        else:
            decisions = self._decided(event, now_ns, ends=True)
        self.looks.append(Look(event.event_id, event.belief, how))
        self._told.pop(event.event_id, None)
        return decisions


def onset_id(heard: Heard) -> str:
    """Name an onset in the ledger."""
    return f"pick-{heard.station_id}-{heard.pick.time_ns // 1_000_000}"


def _likeliest(event: Event) -> tuple[float, str]:
    return (-(event.belief.where.log_odds if event.belief else 0.0), event.event_id)
