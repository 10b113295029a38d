"""DataLink server: lets others write miniSEED records into a ring, and read them from it. Knows no SeedLink.

Records are numbered by the order in which they came. MATCH and REJECT take the part of regular expressions that cannot
take for ever: letters, ``.``, ``.*``, ``^``, ``$`` and an escaped dot.
"""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from heapq import merge
from operator import attrgetter

from foreshock.collect.datalink import Message, message, read_message
from foreshock.collect.miniseed import read_header
from foreshock.collect.seedlink.names import matches
from foreshock.collect.seedlink.ring import Entry, Ring, StationRing
from foreshock.collect.seedlink.settings import check_exposure
from foreshock.errors import ForeshockError, InputError, OutputError

HELLO = "DataLink foreshock :: DLPROTO:1.1 PACKETSIZE:1048576 WRITE"
TURN = 200
"""Records that one client is given before the others have their turn."""


class DataLinkServer:
    """A DataLink server over a ring.

    Args:
        ring: what is read. put: takes a record that somebody wrote; None lets nobody write.
        host, port: where it listens; port 0 takes a free one.
    """

    def __init__(
        self,
        ring: Ring,
        *,
        put: Callable[[bytes], Entry] | None = None,
        host: str = "127.0.0.1",
        port: int = 16000,
        is_exposed: bool = False,
    ) -> None:
        check_exposure(host, is_exposed=is_exposed)
        self.ring, self.put, self.host = ring, put, host
        self._port = port
        self._listening: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.Event] = set()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._listening is not None
        return int(self._listening.sockets[0].getsockname()[1])

    async def __aenter__(self) -> DataLinkServer:
        try:
            self._listening = await asyncio.start_server(self._served, self.host, self._port)
        except OSError as error:
            where = f"{self.host}:{self._port}"
            raise OutputError(where, f"it cannot be listened at ({error.strerror})", "choose another port") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening:
            self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def notice(self) -> None:
        """Hear that the ring has something new."""
        for event in self._waiting:
            event.set()

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await _Conversation(self, reader, writer).held()
        except (ForeshockError, OSError, asyncio.CancelledError):
            pass  # it hung up, spoke nonsense, or the server ends
        finally:
            self._tasks.discard(task)
            writer.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            yield event
        finally:
            self._waiting.discard(event)


class _Conversation:
    """One client: where it stands in the ring and what it wants."""

    def __init__(self, server: DataLinkServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.last = server.ring.n_records - 1  # what comes next
        self.match, self.reject = "*", ""

    async def held(self) -> None:
        """Answer until it hangs up."""
        while True:
            heard = await read_message(self.reader)
            if heard.words[:1] == ("STREAM",):
                await self._stream()
                continue
            try:
                self._say(self._answer(heard))
            except ForeshockError as error:
                self._refuse(error.rule)
            await self.writer.drain()

    def _say(self, answer: bytes) -> None:
        self.writer.write(answer)

    def _refuse(self, why: str) -> None:
        self._say(message("ERROR", 0, body=why.encode("ascii", "replace")))

    def _answer(self, heard: Message) -> bytes:
        verb, told = (heard.words[0] if heard.words else ""), heard.words[1:]
        if verb == "ID":
            return message("ID", HELLO)
        if verb == "WRITE":
            return self._write(heard)
        if verb == "POSITION":
            return self._position(told)
        if verb == "MATCH":
            self.match = pattern_of(heard.body)
            return message("OK", len(self._streams()), body=b"streams selected")
        if verb == "REJECT":
            self.reject = pattern_of(heard.body)
            return message("OK", len(self._streams()), body=b"streams selected")
        raise InputError(verb, f"{verb[:20]} is not known here", "use ID, WRITE, POSITION, MATCH, REJECT, STREAM")

    def _write(self, heard: Message) -> bytes:
        if self.server.put is None:
            raise InputError("WRITE", "nobody may write here", "read")
        if len(heard.words) < 6:
            raise InputError("WRITE", "it takes a stream, two times, flags and a size", "correct it")
        read_header(heard.body)
        order = self.server.put(heard.body).order
        self.server.notice()
        return message("OK", order, body=b"") if "A" in heard.words[-2] else b""

    def _position(self, told: tuple[str, ...]) -> bytes:
        ring = self.server.ring
        kind, value = (*told, "", "")[:2]
        if kind == "SET" and value == "EARLIEST":
            self.last = -1
        elif kind == "SET" and value == "LATEST":
            self.last = ring.n_records - 1
        elif kind == "SET" and value.isdigit() and int(value) < ring.n_records:
            self.last = int(value)
        elif kind == "AFTER" and value.isdigit():
            later = [one.order for one in self._entries(-1) if one.start_ns > int(value) * 1000]
            self.last = min(later, default=ring.n_records) - 1
        else:
            raise InputError("POSITION", "there is no such place", "use SET or AFTER")
        return message("OK", max(self.last, 0), body=b"")

    def _streams(self) -> list[str]:
        names = {
            _stream_id(one.name, stream, kind)
            for one in self.server.ring.stations.values()
            for stream, kind in one.streams
        }
        return [name for name in names if self._wants(name)]

    def _wants(self, name: str) -> bool:
        return matches(self.match, name) and not (self.reject and matches(self.reject, name))

    def _entries(self, last: int) -> Iterator[Entry]:
        """What is held of all stations after a number, in order."""
        rings = []
        for one in self.server.ring.stations.values():
            begin = bisect_right(range(one.first, one.next), last, key=partial(_order_of, one))
            rings.append(map(one.get, range(one.first + begin, one.next)))
        return merge(*rings, key=attrgetter("order"))

    async def _stream(self) -> None:
        """Give records until the client wants no more; only ID and ENDSTREAM are heard meanwhile."""
        hearing = asyncio.ensure_future(read_message(self.reader))
        with self.server._told() as news:
            try:
                while True:
                    is_done = self._give()
                    await self.writer.drain()
                    if is_done and not hearing.done():
                        waiting = asyncio.ensure_future(news.wait())
                        await asyncio.wait([hearing, waiting], return_when=asyncio.FIRST_COMPLETED)
                        waiting.cancel()
                    news.clear()
                    if hearing.done():
                        heard = hearing.result()
                        if heard.words[:1] == ("ENDSTREAM",):
                            self._say(message("ENDSTREAM"))
                            return
                        self._say(message("ID", HELLO))
                        hearing = asyncio.ensure_future(read_message(self.reader))
            finally:
                hearing.cancel()

    def _give(self) -> bool:
        """Give a turn's worth; say whether that was all."""
        for count, entry in enumerate(self._entries(self.last)):
            if count == TURN:
                return False
            self.last = entry.order
            name = _stream_id(entry.station, entry.stream, entry.kind)
            if self._wants(name):
                times = entry.end_ns // 1000, entry.start_ns // 1000, entry.end_ns // 1000
                self._say(message("PACKET", name, entry.order, *times, body=entry.record))
        return True


def _order_of(station: StationRing, sequence: int) -> int:
    return station.get(sequence).order


def _stream_id(station: str, stream: str, kind: str) -> str:
    return f"FDSN:{station}_{stream}/{'MSEED3' if kind[0] == '3' else 'MSEED'}"


def pattern_of(body: bytes) -> str:
    r"""A regular expression of the simple kind as a pattern of ``*`` and ``?``; unanchored ends are open.

    Raises:
        InputError: it has more in it than is taken.

    >>> pattern_of(b"XX_.*"), pattern_of(rb"^FDSN:XX_A_.._H_H_Z/MSEED$")
    ('*XX_*', 'FDSN:XX_A_??_H_H_Z/MSEED')
    """
    text = body.decode("ascii", "replace")
    begin, end = "" if text.startswith("^") else "*", "" if text.endswith("$") else "*"
    inner = text.removeprefix("^").removesuffix("$").replace(r"\.", "\0").replace(".*", "*").replace(".", "?")
    plain = inner.replace("\0", ".")
    if len(text) > 200 or not all(letter.isalnum() or letter in "_:/-*?." for letter in plain):
        raise InputError(f"pattern {text[:80]!r}", "only letters, '.', '.*', '^' and '$' are taken here", "simplify it")
    return f"{begin}{plain}{end}".replace("**", "*")
