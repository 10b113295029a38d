"""Warning: a source of packets, an engine and the ways out, run to the end; in replay or live. Knows no protocol.

In a replay alerts carry the moment of arrival time at which they were decided, whatever the replay's speed and however
packets are read: the same packets make the same bytes of `alerts.jsonl`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreshock.apps.warning.bank import Heard
from foreshock.apps.warning.engine import Decision, Engine, onset_id
from foreshock.clock import NS_PER_S, Clock, ReplayClock, StepClock, iso_utc
from foreshock.deliver.cap import CapSettings, cap_bytes
from foreshock.deliver.endpoint import Endpoint
from foreshock.deliver.files import NAME as ALERTS
from foreshock.deliver.files import Files
from foreshock.deliver.issue import Chain, issue
from foreshock.deliver.latency import Stamps
from foreshock.deliver.ledger import Ledger
from foreshock.deliver.lines import chains, read_lines
from foreshock.deliver.outbox import Outbox
from foreshock.deliver.record import Record, sent_before
from foreshock.errors import InputError, StateError
from foreshock.outputs import write_json
from foreshock.road.assessment import versions
from foreshock.road.warning_tables import ESTIMATES, LATENCY, PICKS, Row, look_row, pick_row, write_table
from foreshock.types.alert import Alert
from foreshock.types.authority import Authority
from foreshock.types.packet import Packet

LEDGER = "ledger.jsonl"
STATES_EVERY_NS = 10 * NS_PER_S
TELL_EVERY = 20_000
"""Packets after which a replay says how far it is."""


@dataclass(frozen=True)
class Warned:
    """What a run came to."""

    out: Path
    packets: int
    onsets: int
    events: int
    alerts: int
    left_out: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "schema": "foreshock.warned/1",
            "task": "warn",
            "n": self.packets,
            "onsets": self.onsets,
            "events": self.events,
            "alerts": self.alerts,
            "out": str(self.out),
            "skipped": [{"item": item, "reason": reason} for item, reason in self.left_out],
            "warnings": list(self.doubts),
        }

    def sentence(self) -> str:
        """For people."""
        return (
            f"{self.packets} packets, {self.onsets} onsets, {self.events} possible earthquakes, {self.alerts} alerts: "
            f"{self.out / ALERTS}"
        )


@dataclass(eq=False)
class Watch:
    """One run of an engine, with all it writes.

    Args:
        authority: says what alerts may be called, and by which clock they are issued.
    """

    engine: Engine
    out: Path
    authority: Authority
    engine_id: str
    endpoints: Sequence[Endpoint] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        clock = self.authority.clock
        cap = CapSettings(sender=self.engine_id, languages=("en", "zh-CN"))
        files = Files(self.out, formats={"cap": lambda alert: cap_bytes(alert, cap)})
        ledger_path = self.out / LEDGER
        already = sent_before(ledger_path) if ledger_path.exists() else set()
        self._chains = _told_before(self.out / ALERTS)
        self.ledger = Ledger(ledger_path, at_ns=clock.now_ns())
        self.record = Record(self.ledger, clock)
        self.outbox = Outbox([files, *self.endpoints], clock=clock, report=self.record.delivery, already=already)
        self.alerts: list[Alert] = []
        self._rows: list[Row] = []
        self._events: set[str] = set()
        self._refused: list[dict[str, str]] = []
        self._latency: list[Row] = []
        self._told_at: dict[tuple[str, int], tuple[int, str]] = {}
        self._written: set[str] = set()
        self._health: list[dict[str, str]] = []
        self._states: dict[str, str] = {}
        self._states_due_ns = 0
        self.last_ns = 0

    # -- telling -------------------------------------------------------------------------------------------------------

    def act(self, decisions: Iterable[Decision]) -> None:
        """Issue what was decided, write why, and send it."""
        for decision in decisions:
            self._lineage(decision)
            chain = self._chains.get(decision.event_id) or Chain(self.engine_id, decision.event_id)
            try:
                alert, followed = issue(decision.draft, chain, authority=self.authority, cancel=decision.cancel)
            except (StateError, InputError) as error:  # such as a clock that was stepped back: the stream goes on
                refused = {"time": iso_utc(decision.at_ns), "event_id": decision.event_id, "reason": str(error)}
                self._refused.append(refused)
                continue
            self._chains[decision.event_id] = followed
            self._told(decision, alert)

    def _told(self, decision: Decision, alert: Alert) -> None:
        self.alerts.append(alert)
        self._told_at[decision.event_id, decision.belief.known_ns] = (alert.version, alert.confidence)
        self.record.alert(alert)
        self.outbox.put(alert)
        self.outbox.pump()
        self._latency.append((decision.event_id, alert.version, *_latency(decision, alert)))

    def _lineage(self, decision: Decision) -> None:
        for one in decision.onsets:
            record_id = onset_id(one)
            if record_id not in self._written:
                self._written.add(record_id)
                self.ledger.write("pick", record_id=record_id, content=_onset(one), at_ns=decision.at_ns)

    def look_round(self, now_ns: int) -> None:
        """Note what was believed, and now and then which stations' state has changed."""
        self.last_ns = now_ns
        self._note_looks()
        if now_ns < self._states_due_ns:
            return
        self._states_due_ns = now_ns + STATES_EVERY_NS
        for name, state in self.engine.network.states(now_ns=now_ns).items():
            if self._states.get(name) != state:
                self._states[name] = state
                self._health.append({"time": iso_utc(now_ns), "station_id": name, "state": state})

    def _note_looks(self) -> None:
        """Turn looks into rows and let them go: a belief is a thousand times as large, and a live run has no end."""
        for look in self.engine.looks:
            version, confidence = self._told_at.get((look.event_id, look.belief.known_ns), (None, ""))
            self._rows.append(look_row(look, version=version, confidence=confidence))
            self._events.add(look.event_id)
        self.engine.looks.clear()

    # -- the end -------------------------------------------------------------------------------------------------------

    def finish(self, *, reason: str) -> Warned:
        """Write the tables and let everything go."""
        engine = self.engine
        self.outbox.close()
        self.ledger.close()
        self._note_looks()
        write_table(self.out / "estimates.csv", ESTIMATES, self._rows)
        write_table(self.out / "picks.csv", PICKS, [pick_row(*one) for one in engine.onsets])
        write_table(self.out / "latency.csv", LATENCY, self._latency)
        write_json(self.out / "warn.json", self._facts(reason))
        left_out = tuple((item, f"{why} ({n})") for (item, why), n in sorted(engine.bank.left_out.items()))
        n_onsets, n_events = len(engine.onsets), len(self._events)
        return Warned(self.out, engine.bank.n_packets, n_onsets, n_events, len(self.alerts), left_out)

    def _facts(self, reason: str) -> dict[str, Any]:
        bank = self.engine.bank
        stations = [
            {
                "station_id": name,
                "latitude": ear.station.latitude,
                "longitude": ear.station.longitude,
                "used": ear.vertical is not None,
                "state": self._states.get(name, "silent"),
            }
            for name, ear in bank.ears.items()
        ]
        dropped = [{"reason": f"{item}: {why}", "n": n} for (item, why), n in sorted(bank.left_out.items())]
        return {
            "schema": "foreshock.warn/1",
            **self.facts,
            "ended": iso_utc(self.last_ns) if self.last_ns else None,
            "end": reason,
            "packets": bank.n_packets,
            "stations": stations,
            "dropped": dropped,
            "health": self._health,
            "not_issued": self._refused,
            "ledger_faults": self.record.faults,
            "versions": versions(),
        }


def _onset(one: Heard) -> dict[str, Any]:
    pick = one.pick
    return {
        "station_id": one.station_id,
        "phase": pick.phase,
        "time": iso_utc(pick.time_ns),
        "available_at": iso_utc(pick.available_at_ns),
        "sigma_s": round(pick.sigma_s, 4),
        "snr": round(one.snr, 1),
    }


def _latency(decision: Decision, alert: Alert) -> tuple[float, ...]:
    """Milliseconds of each stage: from the last onset's data to the tick, and what the machine took from there."""
    sampled_ns = max((one.pick.time_ns for one in decision.onsets), default=decision.at_ns)
    heard, events, deciding = decision.spent_ns
    at = decision.at_ns
    stamps = Stamps(
        sampled_ns, at, at, at + heard, at + heard, at + heard + events, at + heard + events + deciding,
        at + heard + events + deciding,
    )  # fmt: skip
    return tuple(round(value, 3) for value in stamps.row().values())


def _told_before(path: Path) -> dict[str, Chain]:
    """Chains of an earlier run in this folder, by event: an engine that is started again goes on with them."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as lines:
        return {event_id: chain for (_, event_id), chain in chains(read_lines(lines)).items()}


# -- replay ------------------------------------------------------------------------------------------------------------


def replay(
    packets: Iterable[Packet], watch: Watch, clock: StepClock, *, speed: float | None = None,
    tell: Callable[[str], None] | None = None,
) -> Warned:  # fmt: skip
    """Run packets through; with a speed, as fast as the world ran times that, else as fast as can be."""
    paced = _paced(packets, speed) if speed is not None else packets
    for now_ns, decisions in watch.engine.run(_counted(paced, watch, tell)):
        clock.sleep_until(now_ns)
        watch.act(decisions)
    watch.look_round(max(watch.last_ns, clock.now_ns()))
    return watch.finish(reason="the packets ended")


def _paced(packets: Iterable[Packet], speed: float) -> Iterator[Packet]:
    clock: Clock | None = None
    for packet in packets:
        clock = clock or ReplayClock(packet.arrived_ns, speed=speed)
        clock.sleep_until(packet.arrived_ns)
        yield packet


def _counted(packets: Iterable[Packet], watch: Watch, tell: Callable[[str], None] | None) -> Iterator[Packet]:
    for n, packet in enumerate(packets, 1):
        watch.look_round(packet.arrived_ns)
        if tell and n % TELL_EVERY == 0:
            tell(f"{iso_utc(packet.arrived_ns)[:19]}Z: {n} packets, {len(watch.alerts)} alerts")
        yield packet


# -- live --------------------------------------------------------------------------------------------------------------


async def live(
    packets: AsyncIterator[Packet], watch: Watch, *, clock: Clock, stop: asyncio.Event, for_s: float | None = None
) -> Warned:
    """Run packets as they come until `stop` is set, the source ends or a time is over; tick by tick of the clock.

    What the source raises is raised again when all files are written.
    """
    tick_ns = round(watch.engine.settings.stream.tick_s * NS_PER_S)
    queue: asyncio.Queue[Packet | None] = asyncio.Queue()
    reader = asyncio.create_task(_read(packets, queue))
    until_ns = None if for_s is None else clock.now_ns() + round(for_s * NS_PER_S)
    held: list[Packet] = []
    reason = ""
    try:
        while not reason:
            await asyncio.sleep(tick_ns / NS_PER_S / 2)
            now_ns = clock.now_ns()
            over = _drained(queue, held)
            _ticks(watch, held, now_ns // tick_ns + over, tick_ns)  # what came last is not left lying
            if over:
                reason = "the source ended"
            elif stop.is_set():
                reason = "it was stopped"
            elif until_ns is not None and now_ns >= until_ns:
                reason = "its time was over"
    finally:
        reader.cancel()
        (failed,) = await asyncio.gather(reader, return_exceptions=True)
    watch.act(watch.engine.close(now_ns=clock.now_ns()))
    watch.look_round(clock.now_ns())
    if isinstance(failed, Exception):
        watch.finish(reason=f"the source broke: {failed}")
        raise failed
    return watch.finish(reason=reason)


async def _read(packets: AsyncIterator[Packet], queue: asyncio.Queue[Packet | None]) -> None:
    try:
        async for packet in packets:
            queue.put_nowait(packet)
    finally:
        queue.put_nowait(None)


def _drained(queue: asyncio.Queue[Packet | None], held: list[Packet]) -> bool:
    """Take what has come; whether the source has ended."""
    while not queue.empty():
        packet = queue.get_nowait()
        if packet is None:
            return True
        held.append(packet)
    return False


def _ticks(watch: Watch, held: list[Packet], present: int, tick_ns: int) -> None:
    """Run all ticks that are over, each with the packets that arrived in it."""
    held.sort(key=lambda packet: packet.arrived_ns)
    while held and held[0].arrived_ns // tick_ns < present:
        number = held[0].arrived_ns // tick_ns
        n = next((k for k, one in enumerate(held) if one.arrived_ns // tick_ns > number), len(held))
        batch, held[:n] = held[:n], []
        now_ns = (number + 1) * tick_ns
        for _, decisions in watch.engine.idle(until_ns=now_ns):
            watch.act(decisions)
        watch.act(watch.engine.take(batch, now_ns=now_ns))
        watch.look_round(now_ns)
    for _, decisions in watch.engine.idle(until_ns=present * tick_ns):
        watch.act(decisions)
