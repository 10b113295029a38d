"""Bank: what all stations hear, from packets to onsets and amplitudes, with no memory but rings. Knows no earthquakes.

Time here is of two kinds: a line's watermark says up to when data are known, and the moment of arrival says when
something became known. What is heard depends on the first alone; the second only says when a hole is given up.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from foreshock.apps.warning.group import NOT_YET, Group
from foreshock.apps.warning.instrument import VERTICAL, Meaning, chosen_band, meaning
from foreshock.apps.warning.line import Line, Piece
from foreshock.apps.warning.onset import NOISE_S, Onset, judged
from foreshock.apps.warning.settings import StreamSettings, TriggerSettings
from foreshock.clock import NS_PER_S
from foreshock.types.arrays import Bools, Float64
from foreshock.types.packet import Packet
from foreshock.types.pick import Pick
from foreshock.types.station import Station

MOST_REASONS = 1000
"""Different things left out that are told one by one."""
LARGEST = 1e6
"""m, m/s or m/s2: beyond this no instrument measures, and filters would not forget it."""


@dataclass(eq=False)
class Channel:
    """One channel that is used: its line, its group and its row there."""

    code: str
    line: Line
    group: Group
    row: int
    counts: float
    up: bool = False
    quiet_until: int = NOT_YET
    triggers: list[int] = field(default_factory=list)


@dataclass(eq=False)
class Ear:
    """One station: its channels, the vertical first among them where it has come, and what was heard last."""

    station: Station
    band: str | None
    channels: dict[str, Channel] = field(default_factory=dict)
    vertical: Channel | None = None
    loud_ns: int = 0

    @property
    def data_ns(self) -> int:
        """The vertical's watermark; -1 before anything has come."""
        return -1 if self.vertical is None else self.vertical.line.data_ns


@dataclass(frozen=True, slots=True)
class Heard:
    """An onset at a station: the pick, how far it stands above the noise at once, and that noise (rms, in the band)."""

    pick: Pick
    snr: float
    noise: float = 0.0

    @property
    def station_id(self) -> str:
        """Where."""
        return self.pick.trace_id


class Bank:
    """All stations' lines, filters and triggers.

    Args:
        stations: by ``NET.STA.LOC``; packets of others are counted and left out.

    Attributes:
        left_out: what could not be used, with its reason, and how often. disturbed: times of loud triggers that were no
            onsets, the last ones.
    """

    def __init__(self, stations: Mapping[str, Station], *, stream: StreamSettings, trigger: TriggerSettings) -> None:
        self.stream, self.trigger = stream, trigger
        self.ears = {name: Ear(one, chosen_band(one)) for name, one in sorted(stations.items())}
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.n_packets = 0
        self.disturbed: deque[int] = deque(maxlen=1000)
        self._groups: dict[tuple[float, str, bool], Group] = {}
        self._meant: dict[tuple[str, str, str], Meaning | str] = {}
        self._levels: dict[tuple[str, int], float] = {}
        self._waiting: dict[tuple[str, str], tuple[Ear, Channel]] = {}

    # -- packets -------------------------------------------------------------------------------------------------------

    def take(self, packets: Iterable[Packet], *, now_ns: int) -> list[Heard]:
        """Take the packets of one tick, give the onsets that are known now, in order of time."""
        pieces: list[tuple[Ear, Channel, Piece]] = []
        for packet in sorted(packets, key=_order):  # as they lie in time, however they were read
            self.n_packets += 1
            found = self._channel(packet, now_ns)
            if isinstance(found, str):
                self._leave_out(f"{packet.station_id}.{packet.channel}", found)
                continue
            ear, channel = found
            pieces += [(ear, channel, piece) for piece in channel.line.put(packet)]
            if channel.line.is_waiting:
                self._waiting[packet.station_id, packet.channel] = (ear, channel)
        pieces += self._released(now_ns)
        heard = [one for wave in _waves(pieces) for one in self._run(wave, now_ns)]
        return sorted(heard, key=lambda one: (one.pick.time_ns, one.pick.trace_id))

    def _leave_out(self, item: str, why: str) -> None:
        if len(self.left_out) < MOST_REASONS or (item, why) in self.left_out:
            self.left_out[item, why] += 1
        else:
            self.left_out["others", "more than can be told"] += 1

    def _released(self, now_ns: int) -> Iterator[tuple[Ear, Channel, Piece]]:
        for key, (ear, channel) in list(self._waiting.items()):
            yield from ((ear, channel, piece) for piece in channel.line.release(now_ns))
            if not channel.line.is_waiting:
                del self._waiting[key]

    def _channel(self, packet: Packet, now_ns: int) -> tuple[Ear, Channel] | str:
        """Where a packet belongs, or why it is left out."""
        ear = self.ears.get(packet.station_id)
        if ear is None:
            return "the station is not in the station file"
        if ear.band is not None and packet.channel[:-1] != ear.band:
            return f"{ear.band} of this station is used"
        if why := self._out_of_time(packet, now_ns):
            return why
        channel = ear.channels.get(packet.channel)
        meant = self._meaning(packet, ear.station)
        if isinstance(meant, str):
            return meant
        if channel is None:
            channel = self._new(ear, packet, meant)
        if packet.rate_hz != channel.line.rate_hz:
            return f"{packet.rate_hz:g} samples a second; it began with {channel.line.rate_hz:g}"
        if (meant.counts, meant.unit) != (channel.counts, channel.group.unit):
            return f"its samples are in {packet.unit!r}, they began otherwise"
        if max(float(packet.samples.max()), -float(packet.samples.min())) > LARGEST * abs(channel.counts):
            return f"its samples are beyond {LARGEST:g} {channel.group.unit}"
        return ear, channel

    def _out_of_time(self, packet: Packet, now_ns: int) -> str:
        if packet.end_ns > now_ns + self.stream.ahead_s * NS_PER_S:
            return "it comes from the future"
        if packet.end_ns < now_ns - self.stream.behind_s * NS_PER_S:
            return f"it is older than {self.stream.behind_s:g} s"
        return ""

    def _meaning(self, packet: Packet, station: Station) -> Meaning | str:
        key = (packet.station_id, packet.channel, packet.unit)
        known = self._meant.get(key)
        if known is None or isinstance(known, str):
            known = self._meant[key] = meaning(packet, station)
        return known

    def _new(self, ear: Ear, packet: Packet, meant: Meaning) -> Channel:
        is_vertical = packet.channel[-1] in VERTICAL and ear.vertical is None
        key = (packet.rate_hz, meant.unit, is_vertical)
        if key not in self._groups:
            self._groups[key] = Group(packet.rate_hz, meant.unit, is_vertical, self.stream.ring_s, self.trigger)
        group = self._groups[key]
        line = Line(packet.rate_hz, self.stream)
        channel = Channel(packet.channel, line, group, group.add_row(), meant.counts)
        ear.channels[packet.channel] = channel
        ear.band = packet.channel[:-1]
        if is_vertical:
            ear.vertical = channel
        return channel

    # -- samples -------------------------------------------------------------------------------------------------------

    def _run(self, wave: list[tuple[Ear, Channel, Piece]], now_ns: int) -> Iterator[Heard]:
        """Filter pieces of different channels, those of one group and length together."""
        for _, same in groupby(sorted(wave, key=_place), key=_kind):
            parts = list(same)
            group = parts[0][1].group
            x = np.stack([piece.samples / channel.counts for _, channel, piece in parts])
            for (_, channel, piece), row in zip(parts, x, strict=True):
                if piece.begins or group.next[channel.row] == NOT_YET:
                    group.begin(channel.row, first=piece.first, level=float(row[0]))
                    channel.up, channel.triggers = False, []
                    channel.quiet_until = NOT_YET
            rows = np.array([channel.row for _, channel, _ in parts])
            measured = np.array([piece.measured for *_, piece in parts])
            ratio = group.run(rows, x, measured=measured)
            self._note_loud(parts, group)
            if ratio is not None:
                yield from self._listened(parts, ratio, now_ns)

    def _note_loud(self, parts: list[tuple[Ear, Channel, Piece]], group: Group) -> None:
        for ear, channel, _ in parts:
            if group.peak["acceleration"][channel.row] > LOUD_M_S2:
                ear.loud_ns = max(ear.loud_ns, channel.line.time_ns(int(group.next[channel.row])))

    def _listened(self, parts: list[tuple[Ear, Channel, Piece]], ratio: Float64, now_ns: int) -> Iterator[Heard]:
        high = (ratio > self.trigger.on).any(-1)
        for (ear, channel, piece), values, is_high in zip(parts, ratio, np.atleast_1d(high).tolist(), strict=True):
            if is_high or channel.up:
                self._scan(channel, piece, values)
            if channel.triggers:
                yield from self._judge(ear, channel, now_ns)

    def _scan(self, channel: Channel, piece: Piece, ratio: Float64) -> None:
        """Follow the ratio through a piece: up where it passes `on`, down where it falls below `off`."""
        warm = int(channel.group.begun[channel.row] + self.stream.warm_s * channel.line.rate_hz)
        at, n = 0, len(ratio)
        while at < n:
            rest = ratio[at:]
            hits = np.flatnonzero(rest < self.trigger.off if channel.up else rest > self.trigger.on)
            if not len(hits):
                return
            at += int(hits[0])
            number = piece.first + at
            if not channel.up and number >= max(warm, channel.quiet_until) and piece.measured:
                channel.triggers.append(number)
                channel.quiet_until = number + round(self.trigger.quiet_s * channel.line.rate_hz)
            channel.up = not channel.up
            at += 1

    def _judge(self, ear: Ear, channel: Channel, now_ns: int) -> Iterator[Heard]:
        line, group = channel.line, channel.group
        needed = round(self.trigger.judge_s * line.rate_hz)
        reached = int(group.next[channel.row])
        for number in [one for one in channel.triggers if one + needed <= reached]:
            channel.triggers.remove(number)
            onset = self._onset(channel, number, last=number + needed)
            if onset is None:
                continue
            if onset.refused:
                if onset.snr >= self.trigger.least_snr:
                    self.disturbed.append(line.time_ns(onset.number))
                self._leave_out(f"onset at {ear.station.station_id}", onset.refused)
                continue
            time_ns = line.time_ns(onset.number)
            pick = Pick(
                ear.station.station_id,
                "P",
                time_ns,
                probability=float(np.clip(1 - 1 / onset.snr, 0.0, 0.99)),
                sigma_s=onset.sigma_s,
                available_at_ns=max(time_ns, now_ns),
            )
            yield Heard(pick, onset.snr, onset.noise)

    def _onset(self, channel: Channel, number: int, *, last: int) -> Onset | None:
        rate_hz, group, row = channel.line.rate_hz, channel.group, channel.row
        first = max(number - int((NOISE_S + 1.5) * rate_hz), int(group.begun[row]), int(group.next[row]) - group.size)
        if number - first < 2 * rate_hz or group.bridged[row] > number - rate_hz:
            return None  # the stream has just begun, or the hole before it was bridged: nobody knows what was there
        band, raw = (group.window(name, row, first=first, last=last) for name in ("trigger", "raw"))
        return judged(band, raw, first=first, trigger=number, rate_hz=rate_hz, least_snr=self.trigger.least_snr)

    # -- asked by others -----------------------------------------------------------------------------------------------

    def after(
        self, station_id: str, quantity: str, *, first_ns: int, last_ns: int, verticals: bool
    ) -> list[tuple[float, Float64]]:
        """Samples of a quantity between two times: (rate, samples) of each channel that has them."""
        found = []
        for channel in self.ears[station_id].channels.values():
            if (channel is self.ears[station_id].vertical) != verticals or channel.line.start_ns is None:
                continue
            low, high = channel.line.number_at(first_ns), channel.line.number_at(last_ns)
            samples = channel.group.window(quantity, channel.row, first=low, last=high)
            if len(samples):
                found.append((channel.line.rate_hz, samples))
        return found

    def level(self, heard: Heard) -> float:
        """Give log10 of how far the first seconds after an onset stand above the noise, as far as they have come.

        What has left the rings is remembered for as long as it is asked.
        """
        key = (heard.station_id, heard.pick.time_ns)
        if not self.holds(heard.station_id, heard.pick.time_ns):
            return self._levels.get(key, float(np.log10(heard.snr)))
        first_ns, last_ns = heard.pick.time_ns, heard.pick.time_ns + round(LEVEL_S * NS_PER_S)
        after = self.after(heard.station_id, "trigger", first_ns=first_ns, last_ns=last_ns, verticals=True)
        peak = float(np.abs(after[0][1]).max()) if after and heard.noise > 0 else 0.0
        self._levels[key] = float(np.log10(max(heard.snr, peak / heard.noise if heard.noise > 0 else 0.0)))
        if len(self._levels) > MOST_LEVELS:
            del self._levels[next(iter(self._levels))]
        return self._levels[key]

    def holds(self, station_id: str, time_ns: int) -> bool:
        """Whether the vertical's samples from a time on are still in the rings, whole."""
        channel = self.ears[station_id].vertical
        if channel is None or channel.line.start_ns is None:
            return False
        group, row = channel.group, channel.row
        oldest = max(int(group.next[row]) - group.size, int(group.begun[row]))
        return channel.line.number_at(time_ns) >= oldest

    def lives(self, heard: Heard) -> bool:
        """Whether an onset is still heard a while later, where that is known by now; a disturbance is over by then."""
        left = self._left(heard)
        if left is None:
            return True
        peak = heard.noise * 10 ** self.level(heard)
        return left > max(LIVING_NOISE * heard.noise, LIVING_SHARE * peak)

    def is_known_to_live(self, heard: Heard) -> bool:
        """Whether it is known that an onset was not over at once."""
        return self._left(heard) is not None and self.lives(heard)

    def _left(self, heard: Heard) -> float | None:
        """What is left of an onset after `LIVING_S`; None before that is known."""
        first_ns, last_ns = (heard.pick.time_ns + round(s * NS_PER_S) for s in LIVING_S)
        if not self.holds(heard.station_id, first_ns):
            return None
        after = self.after(heard.station_id, "trigger", first_ns=first_ns, last_ns=last_ns, verticals=True)
        if not after or heard.noise <= 0 or len(after[0][1]) < 0.8 * (LIVING_S[1] - LIVING_S[0]) * after[0][0]:
            return None
        return float(np.abs(after[0][1]).max())

    def is_stale(self, station_id: str, *, now_ns: int) -> bool:
        """Whether nothing has come of a station for so long that its silence says nothing."""
        ear = self.ears[station_id]
        return ear.vertical is None or now_ns - ear.vertical.line.heard_ns > self.stream.stale_s * NS_PER_S

    def is_warm(self, station_id: str) -> bool:
        """Whether a station has heard long enough to be believed."""
        channel = self.ears[station_id].vertical
        if channel is None:
            return False
        heard = channel.group.next[channel.row] - channel.group.begun[channel.row]
        return bool(heard >= self.stream.warm_s * channel.line.rate_hz)

    def awake(self, *, now_ns: int) -> Bools:
        """Which stations are neither stale nor cold, in order of their names."""
        return np.array([not self.is_stale(one, now_ns=now_ns) and self.is_warm(one) for one in self.ears], bool)

    def data_ns(self) -> Float64:
        """Watermarks of all stations in order of their names, UTC nanoseconds as floats; -inf where there is none."""
        return np.array([ear.data_ns if ear.vertical is not None else -np.inf for ear in self.ears.values()])

    def state(self, station_id: str, *, now_ns: int) -> str:
        """How a station stands: ``silent``, ``stale``, ``warming`` or ``good``."""
        if self.ears[station_id].vertical is None:
            return "silent"
        if self.is_stale(station_id, now_ns=now_ns):
            return "stale"
        return "good" if self.is_warm(station_id) else "warming"


LEVEL_S = 2.0
MOST_LEVELS = 5000
LIVING_S = (0.7, 1.2)
LIVING_NOISE, LIVING_SHARE = 2.5, 0.05
"""What an onset must leave after `LIVING_S`: times the noise, and as a share of its peak."""
LOUD_M_S2 = 0.02
"""A station that accelerates by more is asked for its intensity (about MMI 2.5)."""


def _order(packet: Packet) -> tuple[str, str, int, int]:
    return packet.station_id, packet.channel, packet.start_ns, packet.n_samples


def _kind(part: tuple[Ear, Channel, Piece]) -> tuple[float, str, bool, int]:
    """What pieces must share to be filtered together."""
    _, channel, piece = part
    group = channel.group
    return group.rate_hz, group.unit, group.listens, len(piece.samples)


def _place(part: tuple[Ear, Channel, Piece]) -> tuple[float, str, bool, int, int]:
    return *_kind(part), part[1].row


def _waves(pieces: list[tuple[Ear, Channel, Piece]]) -> Iterator[list[tuple[Ear, Channel, Piece]]]:
    """Pieces such that each wave has one of a channel at most, in order."""
    left = pieces
    while left:
        seen: set[int] = set()
        now: list[tuple[Ear, Channel, Piece]] = []
        later: list[tuple[Ear, Channel, Piece]] = []
        for part in left:
            (later if id(part[1]) in seen else now).append(part)
            seen.add(id(part[1]))
        yield now
        left = later
