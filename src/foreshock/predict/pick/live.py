"""Live: picks P and S on packets as they come, from any number of stations, and says more as it comes to know more.

Packets are put on the grid (`live_packets`), run through high-pass, level and network hop by hop (`live_engine`), and
the curves are followed frame by frame (`live_rises`); what the network says at first it settles, or takes back, seconds
later (`live_revision`). Everything goes by sample numbers counted from the epoch: in how
many pieces the same samples come changes neither times nor probabilities. Knows no sockets and no wall clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import numpy as np
from pydantic import Field

from foreshock.bundle import Bundle, shipped
from foreshock.clock import NS_PER_S
from foreshock.config import Settings
from foreshock.errors import InputError, StateError
from foreshock.predict.pick.live_engine import LiveEngine
from foreshock.predict.pick.live_packets import Held, Stream
from foreshock.predict.pick.live_revision import SECOND, Arrivals, Word
from foreshock.predict.pick.peak import FWHM, OFF, SHARPEST_S, probability_of
from foreshock.prepare.level import HOP
from foreshock.prepare.onto_grid import ROWS, check_rate
from foreshock.types.arrays import AnyArray, Bools, Float64, Ints
from foreshock.types.pick import Pick
from foreshock.types.pick_event import PickEvent
from foreshock.types.waveform import Waveform

SLICE_S = 5.0
"""Longer packets are cut into such pieces on their way in."""

MOST_HOPS = 128
PHASES = ("P", "S")


class LivePickerSettings(Settings):
    """What the live picker can be told.

    Attributes:
        p_threshold, s_threshold: heights of the curves that make a pick; the bundle's own where None.
        p_later_threshold, s_later_threshold: likewise of the second answer, which has the last word.
        revises: whether the second answer is asked; if not, a pick is final when its first curve has come down.
        wait_s: how far a component may lag behind the others (in time of the data) before they go on without it.
        restart_s: a station of which nothing came for longer begins anew.
        grows: a pick is told again when its height has grown by so much in log odds.
        most_stations: more are refused.
    """

    p_threshold: float | None = Field(default=None, gt=0, lt=1)
    s_threshold: float | None = Field(default=None, gt=0, lt=1)
    p_later_threshold: float | None = Field(default=None, gt=0, lt=1)
    s_later_threshold: float | None = Field(default=None, gt=0, lt=1)
    revises: bool = True
    wait_s: float = Field(default=10.0, ge=0, le=120)
    restart_s: float = Field(default=30.0, ge=1, le=600)
    grows: float = Field(default=0.7, gt=0)
    most_stations: int = Field(default=20_000, ge=1)


class LivePicker:
    """Picks on streams with a bundle that carries its state; memory does not grow with time.

    Args:
        bundle: what `read_bundle` gave, of a live picker; the one that ships where it is None.
        settings: see `LivePickerSettings`.
        stations: the components that stations have, ``{"XX.ABC.": "Z"}``. Of a station that is not named, three are
            awaited: one with a vertical alone is `wait_s` late at first, and no longer once that is known.
        threads: of the network.

    Raises:
        BundleError: the bundle is no live picker, or ONNX Runtime cannot run it.
    """

    def __init__(
        self,
        bundle: Bundle | None = None,
        settings: LivePickerSettings | None = None,
        *,
        stations: Mapping[str, str] | None = None,
        threads: int = 1,
    ) -> None:
        self.settings = settings or LivePickerSettings()
        bundle = bundle or shipped("picker-live")
        self._engine = LiveEngine(bundle, threads=threads)
        self.card, self.reach = self._engine.card, self._engine.reach
        self._network = sha256(bundle.onnx).hexdigest()
        self._awaited = {name: _places(letters, name) for name, letters in (stations or {}).items()}
        self._classes = {phase: self.card.classes.index(phase) for phase in PHASES if phase in self.reach.onsets}
        self._on = {phase: self._thresholds(phase) for phase in self._classes}
        self._later = (self.reach.margin_samples, self.reach.later_samples)
        rate_hz = self.card.rate_hz
        self._slice = round(SLICE_S * NS_PER_S)
        wait = round(self.settings.wait_s * rate_hz)
        self._held = Held(wait_samples=wait, room=(wait + round((SLICE_S + 2) * rate_hz)) // HOP * HOP + 2 * HOP)
        self._streams: dict[tuple[str, str], Stream] = {}
        self._rows: list[Stream] = []
        self._arrivals: dict[tuple[int, str], Arrivals] = {}
        self._is_up = np.zeros((0, len(self._classes)), bool)
        self._filtered = np.zeros(0, bool)
        self._told: list[PickEvent] = []

    @property
    def name(self) -> str:
        """What the bundle calls itself."""
        return self.card.name

    @property
    def ahead_s(self) -> float:
        """How long after a sample the first answer for it is there, at the latest."""
        return (self.reach.margin_samples + HOP) / self.card.rate_hz

    @property
    def settles_s(self) -> float:
        """How long after a sample the second answer for it is there, at the latest."""
        return (self.reach.later_samples + HOP) / self.card.rate_hz

    @property
    def dropped(self) -> dict[str, int]:
        """Samples of each station that came twice or too late."""
        lost: dict[str, int] = {}
        for stream in self._rows:
            if stream.dropped:
                lost[stream.name] = lost.get(stream.name, 0) + stream.dropped
        return lost

    # -- what everybody calls --------------------------------------------------------------------------------------

    def update(self, packets: Waveform | Iterable[Waveform]) -> list[PickEvent]:
        """Take packets of any stations, and give what is known now that was not known before.

        Raises:
            InputError: a packet cannot be used; none of those given is taken in then.
            BundleError: the network fails.
        """
        given = [packets] if isinstance(packets, Waveform) else list(packets)
        for packet in given:
            self._check(packet)
        n = len(self._streams.keys() | {_key(packet) for packet in given})
        if n > self.settings.most_stations:
            raise InputError(
                f"packets of {n} stations", f"{self.settings.most_stations} are followed", "raise most_stations"
            )
        for packet in given:
            self._made(packet)
        self._make_room()
        pieces = sorted((piece for packet in given for piece in self._pieces(packet)), key=_start)
        since_ns = pieces[0].start_ns if pieces else 0
        for piece in pieces:
            if piece.start_ns - since_ns > self._slice:
                self._advance()
                since_ns = piece.start_ns
            self._put(piece)
        self._advance()
        return self._given()

    def flush(self) -> list[PickEvent]:
        """End all streams: give what is known of what has come, and begin anew."""
        self._advance()
        for stream in self._rows:
            self._end(stream)
        return self._given()

    def save(self) -> dict[str, AnyArray]:
        """All that is needed to go on later, plain arrays: ``np.savez(path, **picker.save())``."""
        names = [[name, code, stream.row] for (name, code), stream in self._streams.items()]
        told = {"network": self._network, "streams": names}
        saved = {"told": np.array(json.dumps(told)), "filtered": self._filtered.copy()}
        saved |= {f"held.{name}": value for name, value in self._held.state().items()}
        saved |= {f"engine.{name}": value for name, value in self._engine.state().items()}
        for stream in self._rows:
            saved |= {f"stream.{stream.row}.{name}": value for name, value in stream.state().items()}
        for (row, phase), arrivals in self._arrivals.items():
            saved |= {f"arrivals.{row}.{phase}.{name}": value for name, value in arrivals.state().items()}
        return saved

    def restore(self, saved: Mapping[str, AnyArray]) -> None:
        """Go on from what `save` gave, of a picker with the same bundle and settings.

        Raises:
            StateError: it is the state of something else.
        """
        told = _told(saved)
        held = saved.get("held.x")
        if told["network"] != self._network or held is None or held.shape[-1:] != (self._held.room,):
            raise StateError("saved state", "it is of another bundle or other settings", "restore what fits")
        try:
            self._restore(saved, told["streams"])
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise StateError("saved state", "a part of it is missing or damaged", "begin anew") from error

    def _restore(self, saved: Mapping[str, AnyArray], streams: list[list[Any]]) -> None:
        self._held.restore(_part(saved, "held."))
        self._engine.restore(_part(saved, "engine."))
        n = len(saved["filtered"])
        self._filtered = np.array(saved["filtered"], bool)
        self._rows = [Stream.restored(_part(saved, f"stream.{row}."), grid_hz=self.card.rate_hz) for row in range(n)]
        self._streams = {(name, code): self._rows[row] for name, code, row in streams}
        revises = self.settings.revises
        self._arrivals = {
            (row, phase): Arrivals.restored(_part(saved, f"arrivals.{row}.{phase}."), revises=revises)
            for row in range(n)
            for phase in self._classes
            if f"arrivals.{row}.{phase}.name" in saved
        }
        self._is_up = np.zeros((n, len(self._classes)), bool)
        for (row, phase), arrivals in self._arrivals.items():
            self._is_up[row, list(self._classes).index(phase)] = arrivals.is_open

    # -- packets ---------------------------------------------------------------------------------------------------

    def _check(self, packet: Waveform) -> None:
        if not isinstance(packet, Waveform):
            raise InputError(f"packet is a {type(packet).__name__}", "it must be a Waveform", "convert it first")
        if packet.rate_hz != self.card.rate_hz:
            check_rate(packet.rate_hz, rate_hz=self.card.rate_hz, station_id=packet.station_id)
        if not any(letter in ROWS for letter in packet.components):
            raise InputError(
                f"components are {packet.components!r} ({packet.station_id})",
                "none is vertical or horizontal",
                "turn them to Z N E first",
            )

    def _pieces(self, packet: Waveform) -> Iterator[Waveform]:
        n = max(1, round(SLICE_S * packet.rate_hz))
        if packet.n_samples <= n:
            yield packet
            return
        for first in range(0, packet.n_samples, n):
            yield packet.cut(first, first + n)

    def _put(self, packet: Waveform) -> None:
        """Hold the samples of a packet that is not long."""
        is_whole = bool(packet.valid.all())
        if not packet.n_samples or not (is_whole or packet.valid.any()):
            return
        first_ns = packet.start_ns if is_whole else packet.time_ns(int(packet.valid.any(0).argmax()))
        stream = self._stream(packet, first_ns)
        for row, letter in enumerate(packet.components):
            place = ROWS.get(letter)
            if place is None or (letter == "3" and "Z" in packet.components):
                continue
            for number, x in stream.put(place, packet, row, is_whole=is_whole):
                self._hold(stream, place, number, x)

    def _stream(self, packet: Waveform, first_ns: int) -> Stream:
        """The stream of a packet, begun anew where it was away for long or changed its rate."""
        stream = self._streams[_key(packet)]
        restart_ns = round(self.settings.restart_s * NS_PER_S)
        if stream.has_begun and stream.must_begin_anew(
            first_ns, packet.end_ns, rate_hz=packet.rate_hz, restart_ns=restart_ns
        ):
            self._advance()
            self._end(stream)
        if not stream.has_begun:
            stream.rate_hz = packet.rate_hz
            stream.begin(packet)
            self._filtered[stream.row] = stream.is_resampled
            awaited = self._awaited.get(packet.station_id, np.ones(3, bool))
            self._held.begin(stream.row, stream.first_number, awaited)
        return stream

    def _made(self, packet: Waveform) -> Stream:
        """The stream of a packet, made with its row in all arrays where it is new."""
        key = _key(packet)
        if key not in self._streams:
            stream = Stream(len(self._rows), packet.station_id, packet.rate_hz, self.card.rate_hz)
            self._rows.append(stream)
            self._streams[key] = stream
        return self._streams[key]

    def _make_room(self) -> None:
        n = len(self._rows)
        if n > len(self._filtered):
            self._held.grow(n)
            self._engine.grow(n)
            self._filtered = np.concatenate([self._filtered, np.zeros(n - len(self._filtered), bool)])
            self._is_up = np.concatenate([self._is_up, np.zeros((n - len(self._is_up), len(self._classes)), bool)])

    def _hold(self, stream: Stream, place: int, number: int, x: AnyArray) -> None:
        held, row = self._held, stream.row
        if number + len(x) - held.first[row] > held.room:
            held.ends[row, place] = max(held.ends[row, place], number)
            self._advance()
        stream.dropped += held.write(row, place, number, x)

    # -- going on --------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Use all hops that are complete."""
        while True:
            hops = self._held.ready()
            rows = np.flatnonzero(hops)
            if not len(rows):
                return
            self._go(rows, int(min(hops[rows].min(), MOST_HOPS)))

    def _go(self, rows: Ints, hops: int) -> None:
        firsts = self._held.first[rows]
        x, valid = self._held.take(rows, hops)
        p = self._engine.run(rows, x, valid, filtered=self._filtered[rows])
        self._follow(rows, firsts, p)

    def _follow(self, rows: Ints, firsts: Ints, p: Float64) -> None:
        """Follow the curves that are up or come up."""
        for k, (phase, place) in enumerate(self._classes.items()):
            on = self._on[phase]
            busy = np.flatnonzero((p[:, place].max(-1) > OFF * np.array(on)).any(-1) | self._is_up[rows, k])
            for at in busy.tolist():
                stream = self._rows[int(rows[at])]
                arrivals = self._arrivals.setdefault((stream.row, phase), Arrivals(self.settings.revises))
                frames = self._frames(int(firsts[at]))
                for word in arrivals.follow(p[at, place], frames, on=on, grows=self.settings.grows):
                    self._tell(stream, phase, word)
                self._is_up[stream.row, k] = arrivals.is_open

    def _frames(self, first_sample: int) -> tuple[int, int]:
        """The frames that both answers have reached when the hop that begins at a sample is done."""
        sooner, later = ((first_sample - samples) // self.reach.every_samples for samples in self._later)
        return sooner, later

    def _end(self, stream: Stream) -> None:
        """Use all that has come of a station, with nothing after it, and forget it."""
        if not stream.has_begun:
            return
        for place, written in stream.finish():
            for number, x in written:
                self._hold(stream, place, number, x)
        row, held = stream.row, self._held
        left = -(-int(held.ends[row].max() - held.first[row]) // HOP) + self.reach.later_samples // HOP
        rows = np.array([row])
        while left > 0:
            hops = min(left, MOST_HOPS, held.room // HOP)
            self._go(rows, hops)
            left -= hops
        sooner, later = self._frames(int(held.first[row]))
        for k, phase in enumerate(self._classes):
            arrivals = self._arrivals.pop((row, phase), None)
            for word in arrivals.close((sooner - 1, later - 1), on=self._on[phase]) if arrivals else ():
                self._tell(stream, phase, word)
            self._is_up[row, k] = False
        self._engine.forget(row)
        held.is_live[row] = stream.has_begun = False

    # -- telling ---------------------------------------------------------------------------------------------------

    def _tell(self, stream: Stream, phase: str, word: Word) -> None:
        said, every = word.said, self.reach.every_samples
        is_second = word.answer == SECOND and said.kind != "withdrawn"
        onset = (self.reach.later_onsets if is_second else self.reach.onsets)[phase]
        time_ns = round(stream.time_ns(said.frame * every), -6)
        needed = said.at * every // HOP * HOP + HOP + self._later[word.answer]
        pick = Pick(
            trace_id=stream.name,
            phase=phase,
            time_ns=time_ns,
            probability=probability_of(said.height, onset),
            sigma_s=said.width * every * onset.sigma_factor / FWHM / self.card.rate_hz + SHARPEST_S,
            available_at_ns=max(time_ns, stream.time_ns(needed)),
        )
        self._told.append(PickEvent(said.kind, pick, f"{stream.name}/{phase}/{word.name}"))

    def _given(self) -> list[PickEvent]:
        """What was told since the last time, in order of when it was known."""
        told, self._told = self._told, []
        return sorted(told, key=lambda event: (event.pick.available_at_ns, event.pick_id))

    def _thresholds(self, phase: str) -> tuple[float, float]:
        """Of the first and of the second answer."""
        asked = self.settings
        first = {"P": asked.p_threshold, "S": asked.s_threshold}[phase]
        later = {"P": asked.p_later_threshold, "S": asked.s_later_threshold}[phase]
        return (
            self.reach.onsets[phase].threshold if first is None else first,
            self.reach.later_onsets[phase].threshold if later is None else later,
        )


def _start(packet: Waveform) -> int:
    return packet.start_ns


def _key(packet: Waveform) -> tuple[str, str]:
    """A station and the band and instrument of its channels, where they are named in full."""
    channel = packet.channels[0]
    return packet.station_id, channel[:-1] if len(channel) == 3 else ""


def _places(letters: str, name: str) -> Bools:
    """Which rows the components of a station fill."""
    places = [ROWS[letter] for letter in letters if letter in ROWS]
    if not places or len(places) < len(letters):
        raise InputError(f"station {name} has the components {letters!r}", "each must be Z or horizontal", "use 'ZNE'")
    flags = np.zeros(3, bool)
    flags[places] = True
    return flags


def _part(saved: Mapping[str, AnyArray], prefix: str) -> dict[str, AnyArray]:
    return {name.removeprefix(prefix): np.asarray(saved[name]) for name in saved if name.startswith(prefix)}


def _told(saved: Mapping[str, AnyArray]) -> dict[str, Any]:
    try:
        told = json.loads(str(saved["told"]))
        if set(told) != {"network", "streams"}:
            raise ValueError("other keys")
    except (KeyError, ValueError, TypeError) as error:
        raise StateError("saved state", "it is not what a live picker saves", "save it again") from error
    return dict(told)
