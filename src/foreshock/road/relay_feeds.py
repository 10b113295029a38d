"""Feeds: what a relay serves, each record when it arrives: a replay, or another server. Knows nothing of who listens.

A replay keeps data times as they were; it waits until each packet's arrival, by a clock that runs as fast as is asked.
Or it moves all times so that the first packet arrives now, for those who listen as if it were live.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from foreshock.clock import Clock, LiveClock, ReplayClock
from foreshock.collect.datalink import DataLinkClient
from foreshock.collect.link import LinkState
from foreshock.collect.miniseed import encode2, encode3
from foreshock.collect.pacing import until
from foreshock.collect.seedlink import ClientSettings, SeedLinkClient
from foreshock.config import Settings
from foreshock.errors import ConfigError, ForeshockError, InputError, NotFoundError
from foreshock.road.recorded import Recorded, ReplaySettings, recorded
from foreshock.types.packet import Packet

BREATH = 64
"""Packets after which a replay that is late lets the clients be served."""


class DataLinkFeed:
    """Records of a DataLink ring, byte for byte, as they come."""

    def __init__(self, client: DataLinkClient) -> None:
        self.client = client

    async def records(self) -> AsyncIterator[bytes]:
        """Records as they come, for ever."""
        async for one in self.client.records():
            yield one.record

    def state(self) -> LinkState:
        """How the line stands."""
        return self.client.state()

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """What the server refused."""
        return list(self.client.link.refused)


class RelaySettings(Settings):
    """What a relay can be told.

    Attributes:
        speed: of a replay. packet_s: length of packets made of files. latency_s, jitter, lost: their way (see
            `telemetry`). seed: of the jitter. start_ns, end_ns: only data of this time. version: of miniSEED made here.
        streams: patterns NET.STA.LOC.CHA asked of another server. kept: records that the ring holds of each station.
        waits: a replay begins when the first client wants data, and holds back for those who are slower.
        as_now: a replay's times are moved so that it begins now.
        until_done: end when all is given and taken.
    """

    speed: float = 1.0
    packet_s: float = 1.0
    latency_s: float = 0.0
    jitter: float = 0.0
    lost: float = 0.0
    seed: int = 0
    start_ns: int | None = None
    end_ns: int | None = None
    version: int = 2
    streams: tuple[str, ...] = ("*.*.*.*",)
    kept: int = 600
    waits: bool = False
    as_now: bool = False
    until_done: bool = False


class Feed(Protocol):
    """Gives miniSEED records when it is time."""

    def records(self) -> AsyncIterator[bytes]:
        """Records, each when it arrives."""
        ...

    def state(self) -> LinkState | None:
        """How the line to the source stands, where there is one."""
        ...

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """What cannot be used, with its reason."""
        ...


class ReplayFeed:
    """Packets that were recorded, given at the speed of a clock.

    Args:
        source: gives packets in order of arrival. speed: of the clock. version: of miniSEED, 2 in records of 512 bytes.
        now: moves all times so that the first packet arrives at this clock's present; speed is 1 then.

    Raises:
        InputError: the speed is not positive, or not 1 where times are moved.
    """

    def __init__(self, source: Recorded, *, speed: float = 1.0, version: int = 2, now: Clock | None = None) -> None:
        if not 0 < speed < float("inf"):
            raise InputError(f"speed {speed}", "it must be positive", "use 1 for real time")
        if now is not None and speed != 1:
            raise InputError(f"speed {speed} of a replay as now", "what happens now is not faster", "use 1")
        self.source, self.speed, self.version, self.now = source, speed, version, now
        self._refused: list[tuple[str, str]] = []

    async def records(self) -> AsyncIterator[bytes]:
        """Records, each when its packet arrives by the replay's clock; a code too long for miniSEED 2 is refused."""
        clock: Clock | None = None
        packets = self.source.packets()
        packet = await asyncio.to_thread(next, packets, None)  # reads the files; clients are heard meanwhile
        count, later_ns = 0, 0
        while packet is not None:
            if clock is None:
                clock = self.now or ReplayClock(packet.arrived_ns, speed=self.speed)
                later_ns = clock.now_ns() - packet.arrived_ns if self.now else 0
            await until(clock, packet.arrived_ns + later_ns)
            for record in self._encoded(replace(packet, start_ns=packet.start_ns + later_ns) if later_ns else packet):
                yield record
            count += 1
            if count % BREATH == 0:
                await asyncio.sleep(0)
            packet = next(packets, None)

    def _encoded(self, packet: Packet) -> Iterator[bytes]:
        try:
            yield from encode2(packet) if self.version == 2 else [encode3(packet)]
        except ForeshockError as error:
            known = (f"{packet.station_id}.{packet.channel}", str(error))
            if known not in self._refused:
                self._refused.append(known)

    def state(self) -> None:
        """There is no line."""

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """What cannot be used, with its reason."""
        return [*self.source.skipped, *self._refused]


class SeedLinkFeed:
    """Records of another server, byte for byte, as they come."""

    def __init__(self, client: SeedLinkClient) -> None:
        self.client = client

    async def records(self) -> AsyncIterator[bytes]:
        """Records as they come, for ever."""
        async for batch in self.client.batches():
            for frame in batch.frames:
                yield frame.payload

    def state(self) -> LinkState:
        """How the line stands."""
        return self.client.state()

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """What the server refused."""
        return list(self.client.link.refused)


def feed_of(source: str, settings: RelaySettings, *, login: Path | None = None) -> Feed:
    """What gives a source's records: a path, ``seedlink://host:port``, over TLS ``seedlinks://``, or ``datalink://``.

    Raises:
        NotFoundError: there is no such path. InputError: the address is none.
    """
    if source.startswith(("seedlink://", "seedlinks://")):
        tls = ssl.create_default_context() if source.startswith("seedlinks://") else None
        address = "seedlink://" + source.partition("://")[2]
        account = _account(login) if login else None
        more = ClientSettings(start_ns=settings.start_ns, end_ns=settings.end_ns, gather_s=0.0)
        return SeedLinkFeed(
            SeedLinkClient(address, settings.streams, clock=LiveClock(), settings=more, account=account, tls=tls)
        )
    if source.startswith("datalink://"):
        return DataLinkFeed(
            DataLinkClient(source, clock=LiveClock(), settings=ClientSettings(start_ns=settings.start_ns))
        )
    path = Path(source)
    if not path.exists():
        raise NotFoundError(f"source {source}", "it does not exist", "give a path, or seedlink://host:port")
    now = LiveClock() if settings.as_now else None
    return ReplayFeed(_packets_of(path, settings), speed=settings.speed, version=settings.version, now=now)


def _packets_of(path: Path, settings: RelaySettings) -> Recorded:
    told = {name: getattr(settings, name) for name in ReplaySettings.model_fields}
    return recorded(path, ReplaySettings(**told))


def _account(path: Path) -> tuple[str, str]:
    try:
        name, _, password = path.read_text("utf-8").strip().partition(" ")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFoundError(f"login {path}", f"it cannot be read ({error})", "give a file: name password") from error
    if not name or not password:
        raise ConfigError(f"login {path}", "it is not a name and a password", "write: ann sesame")
    return name, password
