"""DataLink 1.1: a client that reads a stream or writes into a ring, and comes back by itself. Knows no server's inside.

A message is ``DL``, the length of its header, the header in ASCII, and a body of so many bytes as the header ends with.
Source: DataLink protocol (EarthScope, https://earthscope.github.io/libdali/datalink-protocol.html); times are
microseconds since 1970.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from foreshock.clock import Clock
from foreshock.collect.link import BackOff, Link, LinkState
from foreshock.collect.miniseed import Limits, decode, read_header
from foreshock.collect.seedlink.client import split_address
from foreshock.collect.seedlink.settings import ClientSettings
from foreshock.errors import ForeshockError, InputError, NetworkError
from foreshock.types.packet import Packet

PORT = 16000
AGENT = "foreshock:user:0:python"
MOST_BODY = 1 << 20
_WITH_BODY = ("PACKET", "OK", "ERROR", "INFO", "WRITE", "MATCH", "REJECT")
"""Messages whose header ends with the size of a body."""


class Message(NamedTuple):
    """One message: the words of its header, and its body."""

    words: tuple[str, ...]
    body: bytes


class Received(NamedTuple):
    """A record from a ring: its stream, number and time there, when it came here, and its bytes."""

    stream_id: str
    number: int
    ring_us: int
    arrived_ns: int
    record: bytes


def message(*words: object, body: bytes | None = None) -> bytes:
    """A message as bytes; the size of its body is put behind its words.

    Raises:
        InputError: its header is longer than 255 bytes.

    >>> message("MATCH", body=b"XX_.*")
    b'DL\\x07MATCH 5XX_.*'
    """
    told = [str(one) for one in words] + ([] if body is None else [str(len(body))])
    header = " ".join(told).encode("ascii")
    if len(header) > 255:
        raise InputError(f"header {header[:40]!r} …", "it has 255 bytes at most", "shorten the stream's name")
    return b"DL" + bytes([len(header)]) + header + (body or b"")


async def read_message(reader: asyncio.StreamReader) -> Message:
    """Read one message.

    Raises:
        NetworkError: the line is closed, or what comes is none.
    """
    try:
        start = await reader.readexactly(3)
        if start[:2] != b"DL":
            raise _nonsense(f"{start!r} where a message should begin")
        words = tuple((await reader.readexactly(start[2])).decode("ascii", "replace").split())
        size = _body_bytes(words)
        return Message(words, await reader.readexactly(size) if size else b"")
    except asyncio.IncompleteReadError:
        raise NetworkError("the server", "it hung up", "it will be tried again") from None


def _body_bytes(words: tuple[str, ...]) -> int:
    if not words or words[0] not in _WITH_BODY:
        return 0
    if not words[-1].isdigit() or len(words) < 2 or int(words[-1]) > MOST_BODY:
        raise _nonsense(f"header {' '.join(words)[:80]!r}")
    return int(words[-1])


def stream_id_of(record: bytes) -> str:
    """The name of a record's stream in a ring.

    Raises:
        FormatError: it is no miniSEED record.
    """
    header = read_header(record)
    network, station, location = header.station_id.split(".")
    parts = header.channel if "_" in header.channel else "_".join(header.channel)
    kind = "MSEED3" if record[:3] == b"MS\3" else "MSEED"
    return f"FDSN:{network}_{station}_{location}_{parts}/{kind}"


class DataLinkClient:
    """A line to a DataLink server that reads a stream.

    Args:
        address: ``host:port``; port 16000 where none is given.
        match, reject: regular expressions for stream ids, as the server reads them.
        clock: says when packets arrive.
        settings: `begin` next or all; retries, keepalive and staleness as for SeedLink.
        place: number and ring time of the last record used, to go on after it.
    """

    def __init__(
        self,
        address: str,
        *,
        clock: Clock,
        match: str | None = None,
        reject: str | None = None,
        settings: ClientSettings | None = None,
        place: tuple[int, int] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.host, self.port = split_address(address, default_port=PORT)
        self.match, self.reject, self.place = match, reject, place
        self.settings, self.limits = settings or ClientSettings(), limits or Limits()
        self.link = Link(f"datalink://{self.host}:{self.port}", clock, self.settings.stale_s)
        self._closed = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None

    def state(self) -> LinkState:
        """How the line stands now."""
        return self.link.state()

    async def close(self) -> None:
        """Hang up for good."""
        self._closed.set()
        if self._writer:
            self._writer.close()

    async def packets(self) -> AsyncIterator[Packet]:
        """Give packets as they come, for ever; `place` tells which was the last.

        Raises:
            NetworkError: the server cannot be had, more often in a row than the settings allow.
        """
        async for one in self.records():
            done = decode(
                [one.record],
                arrived_ns=one.arrived_ns,
                source=self.link.address,
                sequences=[one.number],
                limits=self.limits,
            )
            for refused in done.refused:
                self.link.refuse(refused.item, refused.reason)
            for packet in done.packets:
                yield packet

    async def records(self) -> AsyncIterator[Received]:
        """Give miniSEED records as they come and as they are, for ever; other packets are left out.

        Raises:
            NetworkError: the server cannot be had, more often in a row than the settings allow.
        """
        waits = BackOff(self.settings.retry_s, most_s=self.settings.most_retry_s)
        while not self._closed.is_set():
            try:
                async for one in self._one_line():
                    waits.begin_anew()
                    yield one
                    self.place = (one.number, one.ring_us)
            except (ForeshockError, OSError, TimeoutError) as error:
                if self._closed.is_set():
                    return
                self.link.lost(str(error) or "it took too long")
                wait_s, most = waits.next_s(), self.settings.most_retries
                if most is not None and waits.n_failed > most:
                    rule = f"it cannot be had after {waits.n_failed} attempts ({str(error).rstrip('.')})"
                    raise NetworkError(self.link.address, rule, "check that it runs, or allow more retries") from error
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closed.wait(), wait_s)

    async def _one_line(self) -> AsyncIterator[Received]:
        async with asyncio.timeout(self.settings.connect_s):
            reader, writer = await asyncio.open_connection(self.host, self.port)
        self._writer = writer
        try:
            async with asyncio.timeout(self.settings.connect_s):
                await self._begin(reader, writer)
            self.link.is_connected = True
            while True:
                heard = await self._heard(reader, writer)
                if heard.words[:1] == ("PACKET",) and heard.words[1].rpartition("/")[2] in ("MSEED", "MSEED3"):
                    yield self._received(heard)
        finally:
            self.link.is_connected = False
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1.0)

    async def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await greeted(reader, writer)
        for verb, pattern in (("MATCH", self.match), ("REJECT", self.reject)):
            if pattern is not None:
                await asked(reader, writer, message(verb, body=pattern.encode("ascii")))
        if self.place is not None:
            try:
                await asked(reader, writer, message("POSITION", "SET", *self.place))
            except NetworkError as error:  # the ring holds it no longer
                self.link.refuse(self.link.address, f"it holds record {self.place[0]} no longer: {error.rule}")
                await asked(reader, writer, message("POSITION", "SET", "EARLIEST", 0))
        elif self.settings.start_ns is not None:
            await asked(reader, writer, message("POSITION", "AFTER", self.settings.start_ns // 1000))
        elif self.settings.begin == "all":
            await asked(reader, writer, message("POSITION", "SET", "EARLIEST", 0))
        writer.write(message("STREAM"))

    async def _heard(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Message:
        waiting = asyncio.ensure_future(read_message(reader))
        try:
            for is_asked in (False, True):
                done, _ = await asyncio.wait([waiting], timeout=self.settings.keepalive_s)
                if done:
                    return waiting.result()
                if not is_asked:
                    writer.write(message("ID", AGENT))
        finally:
            waiting.cancel()
        silence_s = 2 * self.settings.keepalive_s
        raise NetworkError(self.link.address, f"nothing came for {silence_s:g} s", "it will be tried again")

    def _received(self, heard: Message) -> Received:
        words = heard.words
        if len(words) != 7 or not (words[2].isdigit() and words[3].isdigit()):
            raise _nonsense(f"header {' '.join(words)[:80]!r}")
        return Received(words[1], int(words[2]), int(words[3]), self.link.heard(1), heard.body)


class DataLinkWriter:
    """A line to a DataLink server that writes records into its ring, each acknowledged. Use it in ``async with``."""

    def __init__(self, address: str, *, connect_s: float = 15.0) -> None:
        self.host, self.port = split_address(address, default_port=PORT)
        self.connect_s = connect_s

    async def __aenter__(self) -> DataLinkWriter:
        async with asyncio.timeout(self.connect_s):
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
            await greeted(self._reader, self._writer)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def write(self, record: bytes) -> int:
        """Write one miniSEED record; give its number in the ring.

        Raises:
            FormatError: it is none. NetworkError: the server does not take it.
        """
        header = read_header(record)
        times = header.start_ns // 1000, header.end_ns // 1000
        told = message("WRITE", stream_id_of(record), *times, "A", body=record)
        return await asked(self._reader, self._writer, told)


async def greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Say who we are; give what the server is.

    Raises:
        NetworkError: it does not speak DataLink.
    """
    writer.write(message("ID", AGENT))
    heard = await read_message(reader)
    if heard.words[:1] != ("ID",) or "DLPROTO:1" not in " ".join(heard.words):
        raise _nonsense(f"greeting {' '.join(heard.words)[:80]!r}")
    return " ".join(heard.words[1:])


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, told: bytes) -> int:
    """Send a command and give the number in the answer.

    Raises:
        NetworkError: the server refuses it.
    """
    writer.write(told)
    heard = await read_message(reader)
    if heard.words[:1] != ("OK",):
        why = heard.body.decode("ascii", "replace")[:120] or " ".join(heard.words)[:120]
        command = " ".join(told[3 : 3 + told[2]].decode("ascii", "replace").split()[:3])
        raise NetworkError(f"{command}", f"the server answered {why!r}", "ask for what it offers")
    return int(heard.words[1]) if len(heard.words) > 1 and heard.words[1].isdigit() else 0


def _nonsense(value: str) -> NetworkError:
    return NetworkError(value, "it is no DataLink", "check that the server speaks DataLink, usually at port 16000")
