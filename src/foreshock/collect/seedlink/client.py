"""Client: records and packets from a SeedLink server, 3 or 4, that comes back by itself and says how it stands.

It resumes every station by its sequence, so that a lost line loses and doubles nothing that the server still holds.
Knows no server's inside.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from foreshock.clock import Clock
from foreshock.collect.link import BackOff, Link, LinkState
from foreshock.collect.miniseed import Limits, decode
from foreshock.collect.miniseed.version2 import named
from foreshock.collect.seedlink.handshake import Talk, ask, begin4, ends_of, greet
from foreshock.collect.seedlink.names import seedlink_names
from foreshock.collect.seedlink.settings import ClientSettings
from foreshock.collect.seedlink.wanted import askings, wanted_of
from foreshock.collect.seedlink.wire import Frame, Frames
from foreshock.errors import ForeshockError, InputError, NetworkError
from foreshock.types.packet import Packet

READ_BYTES = 1 << 16
AGENT = "foreshock/0.1"


class Batch(NamedTuple):
    """Records that came together: when, and the records with their sequences."""

    arrived_ns: int
    frames: list[Frame]


class SeedLinkClient:
    """A line to a SeedLink server.

    Args:
        address: ``host:port``; port 18000 (18500 with TLS) where none is given.
        streams: patterns ``NET.STA.LOC.CHA``.
        clock: says when packets arrive.
        places: next sequences by ``NET_STA`` to go on from, as `places` gave them.
        account: name and password, sent over TLS only. tls: how to encrypt; None leaves it plain.
        limits: what is believed of a record.
    """

    def __init__(
        self,
        address: str,
        streams: Sequence[str] = ("*.*.*.*",),
        *,
        clock: Clock,
        settings: ClientSettings | None = None,
        places: Mapping[str, int] | None = None,
        account: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.host, self.port = split_address(address, default_port=18500 if tls else 18000)
        self.settings = settings or ClientSettings()
        if account and not tls:
            raise InputError(f"account {account[0]!r}", "a password is sent over TLS only", "connect with TLS")
        self.wanted, self.clock, self.account, self.tls = wanted_of(streams), clock, account, tls
        self.limits = limits or Limits()
        self.places: dict[str, int] = dict(places or {})
        self.link = Link(f"seedlink://{self.host}:{self.port}", clock, self.settings.stale_s)
        self.version = 0
        self._is_first, self._asks_ends = not places, True
        self._writer: asyncio.StreamWriter | None = None
        self._closed = asyncio.Event()

    def state(self) -> LinkState:
        """How the line stands now."""
        return self.link.state()

    async def close(self) -> None:
        """Hang up for good; what is waiting for packets ends."""
        self._closed.set()
        if self._writer:
            self._writer.close()

    async def packets(self) -> AsyncIterator[Packet]:
        """Give packets as they come, for ever; `places` tells at any time which were given.

        Raises:
            NetworkError: the server cannot be had, more often in a row than the settings allow.
        """
        async for batch in self._batches():
            records = [frame.payload for frame in batch.frames]
            sequences = [frame.sequence for frame in batch.frames]
            done = decode(
                records, arrived_ns=batch.arrived_ns, source=self.link.address, sequences=sequences, limits=self.limits
            )
            for one in done.refused:
                self.link.refuse(one.item, one.reason)
            for packet in done.packets:
                yield packet
                if packet.sequence is not None:
                    self.places[seedlink_names(packet.station_id, packet.channel)[0]] = packet.sequence + 1
            self._taken(batch)

    async def batches(self) -> AsyncIterator[Batch]:
        """Give records as they come and as they are, for ever.

        Raises:
            NetworkError: the server cannot be had, more often in a row than the settings allow.
        """
        async for batch in self._batches():
            yield batch
            self._taken(batch)

    def _taken(self, batch: Batch) -> None:
        for frame in batch.frames:
            if frame.station:
                self.places[frame.station] = frame.sequence + 1

    async def _batches(self) -> AsyncIterator[Batch]:
        waits = BackOff(self.settings.retry_s, most_s=self.settings.most_retry_s)
        while not self._closed.is_set():
            try:
                async for batch in self._one_line():
                    waits.begin_anew()
                    yield batch
                return  # the server has said END
            except (ForeshockError, OSError, TimeoutError) as error:
                if self._closed.is_set():
                    return
                self.link.lost(str(error) or "it took too long")
                wait_s = waits.next_s()
                most = self.settings.most_retries
                if most is not None and waits.n_failed > most:
                    raise self._given_up(error, waits.n_failed) from error
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closed.wait(), wait_s)

    def _given_up(self, error: Exception, times: int) -> NetworkError:
        rule = f"it cannot be had after {times} attempts ({str(error).rstrip('.') or 'it took too long'})"
        return NetworkError(self.link.address, rule, "check that it runs, or allow more retries")

    async def _one_line(self) -> AsyncIterator[Batch]:
        """Batches until the line is lost (an error) or ends (none)."""
        async with asyncio.timeout(self.settings.connect_s):
            reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
        self._writer = writer
        try:
            async with asyncio.timeout(self.settings.connect_s):
                frames = await self._shaken(Talk(reader, writer))
            self.link.is_connected = True
            self._is_first = False
            while True:
                content = await self._heard(reader, writer)
                found = frames.feed(content)
                records = self._records(found)
                if records:
                    yield Batch(self.link.heard(len(records)), records)
                if found and found[-1].kind == "end":
                    return
                if self.settings.gather_s:
                    await asyncio.sleep(self.settings.gather_s)
        finally:
            self.link.is_connected = False
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1.0)

    async def _shaken(self, talk: Talk) -> Frames:
        settings = self.settings
        self.version = await greet(talk, protocol=settings.protocol)
        patterns = [one.station for one in self.wanted]
        ends: dict[str, int] = {}
        if self.version == 4:
            await begin4(talk, agent=AGENT, account=self.account)
            if self._is_first and settings.begin == "next" and not settings.is_dialup and self._asks_ends:
                self._asks_ends = False  # a server that cannot answer is not asked again
                ends = await ends_of(talk, patterns)
                self._asks_ends = True
        elif self.account:
            raise NetworkError(self.link.address, "version 3 takes no password", "use version 4")
        told = askings(self.wanted, self.places, version=self.version, settings=settings, is_first=self._is_first)
        refused = await ask(talk, told, version=self.version, is_dialup=settings.is_dialup)
        for sentence in refused:
            self.link.refuse(self.link.address, sentence)
        self.places = ends | self.places
        return Frames(self.version)

    async def _heard(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Bytes from the line; a silent server is asked whether it is there, and given up when it stays silent.

        Raises:
            NetworkError: the line is closed or silent.
        """
        for is_asked in (False, True):
            try:
                async with asyncio.timeout(self.settings.keepalive_s):
                    content = await reader.read(READ_BYTES)
            except TimeoutError:
                if not is_asked:
                    writer.write(b"INFO ID\r\n")
                continue
            if not content:
                raise NetworkError(self.link.address, "the server hung up", "it will be tried again")
            return content
        silence_s = 2 * self.settings.keepalive_s
        raise NetworkError(
            self.link.address, f"nothing came for {silence_s:g} s, not even an answer", "it will be tried again"
        )

    def _records(self, found: list[Frame]) -> list[Frame]:
        """The records among packets, each with its station."""
        records = []
        for frame in found:
            if frame.kind == "error":
                raise NetworkError(
                    self.link.address, f"the server said {frame.payload[:100]!r}", "it will be tried again"
                )
            if frame.kind[0] not in "23":
                continue
            if not frame.station:
                frame = self._with_station(frame)
            records.append(frame)
        return records

    def _with_station(self, frame: Frame) -> Frame:
        """A version 3 packet with the station that its record names."""
        try:
            station_id, channel = named(frame.payload[8:20])
        except ForeshockError:
            return frame
        return frame._replace(station=seedlink_names(station_id, channel)[0])


def split_address(address: str, *, default_port: int) -> tuple[str, int]:
    """Host and port.

    Raises:
        InputError: the port is none.

    >>> split_address("localhost:18001", default_port=18000), split_address("[::1]", default_port=18000)
    (('localhost', 18001), ('::1', 18000))
    """
    bare = address.removeprefix("seedlink://").removeprefix("datalink://").rstrip("/")
    host, colon, port = bare.rpartition(":") if not bare.endswith("]") else (bare, "", "")
    if not colon:
        host, port = bare, str(default_port)
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise InputError(f"address {address!r}", "it must be host:port", "write localhost:18000")
    return host.strip("[]"), int(port)
