"""Server: SeedLink 3 and 4 that pushes each record the moment it comes. Knows no files and no clocks.

All runs in one thread and one event loop. Nobody waits for anybody: a client whose line is full keeps its place in the
ring and goes on from there when its line has room again; one that stays full too long is let go.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from foreshock.collect.miniseed import Header
from foreshock.collect.seedlink.accounts import Accounts
from foreshock.collect.seedlink.info import Server
from foreshock.collect.seedlink.reading import Reading
from foreshock.collect.seedlink.ring import Entry, Ring, StationRing
from foreshock.collect.seedlink.session import Session, lines_of
from foreshock.collect.seedlink.settings import ServerSettings, check_exposure
from foreshock.errors import OutputError


@dataclass(frozen=True, slots=True)
class Tally:
    """What a server has done so far."""

    n_clients: int
    n_records: int
    n_sent: int
    n_missed: int
    n_dropped: int
    n_turned_away: int


class SeedLinkServer:
    """A server over a ring; `put` gives it a record.

    >>> server = SeedLinkServer(Ring(), settings=ServerSettings(port=0), started_ns=0)
    >>> server.tally().n_clients
    0
    """

    def __init__(
        self,
        ring: Ring,
        *,
        settings: ServerSettings | None = None,
        started_ns: int,
        software: str = "foreshock",
        accounts: Accounts | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.ring, self.settings = ring, settings or ServerSettings()
        self.about = Server(software, self.settings.organization, started_ns, ring)
        self.accounts, self.tls = accounts, tls
        self.n_dropped = self.n_turned_away = self._n_sent = self._n_missed = 0
        self._clients: set[_Client] = set()
        self._followers: dict[str, list[_Client]] = {}
        self._listening: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._listening is not None
        return int(self._listening.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigError: the address is not this machine's own and exposure was not asked for.
            OutputError: the address cannot be had.
        """
        check_exposure(self.settings.host, is_exposed=self.settings.is_exposed)
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(
                lambda: _Client(self), self.settings.host, self.settings.port, ssl=self.tls
            )
        except OSError as error:
            where = f"{self.settings.host}:{self.settings.port}"
            raise OutputError(where, f"it cannot be listened at ({error.strerror})", "choose another --port") from error
        self._watch = asyncio.create_task(self._let_go())

    async def stop(self) -> None:
        """Hang up and listen no longer."""
        if self._watch:
            self._watch.cancel()
        for client in list(self._clients):
            client.hang_up()
        if self._listening:
            self._listening.close()
        await asyncio.sleep(0)

    async def __aenter__(self) -> SeedLinkServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def put(self, record: bytes, header: Header | None = None) -> Entry:
        """Hold a whole miniSEED record and push it to all who asked for it. Call it in the event loop's thread.

        Raises:
            FormatError: it is none.
        """
        entry = self.ring.put(record, header)
        name = entry.station
        station = self.ring.stations[name]
        followers = self._followers.get(name)
        if followers is None:
            followers = self._followers[name] = [one for one in self._clients if one.meets(name, station)]
        for client in followers:
            client.notice(name, station)
        return entry

    def tally(self) -> Tally:
        """What it has done so far."""
        readings = [one.reading for one in self._clients if one.reading]
        n_sent = self._n_sent + sum(one.n_sent for one in readings)
        n_missed = self._n_missed + sum(one.n_missed for one in readings)
        n_clients, n_records = len(self._clients), self.ring.n_records
        return Tally(n_clients, n_records, n_sent, n_missed, self.n_dropped, self.n_turned_away)

    @property
    def is_read(self) -> bool:
        """Whether a client is waiting for data."""
        return any(one.reading for one in self._clients)

    @property
    def is_behind(self) -> bool:
        """Whether something is still due to a client, or on its way."""
        return any(one.is_behind for one in self._clients)

    def furthest_behind(self) -> int:
        """By how many records of one station the slowest client is behind."""
        return max((one.reading.furthest_behind() for one in self._clients if one.reading), default=0)

    def drop_all(self) -> None:
        """Cut every line at once, as a failing network does."""
        for client in list(self._clients):
            client.cut()

    def _follow(self, client: _Client, names: list[str]) -> None:
        for name in names:
            self._followers.setdefault(name, []).append(client)

    def _left(self, client: _Client) -> None:
        self._clients.discard(client)
        if client.reading:
            self._forget(client, client.reading)

    def _forget(self, client: _Client, reading: Reading) -> None:
        self._n_sent += reading.n_sent
        self._n_missed += reading.n_missed
        for name in reading.places:
            self._followers[name].remove(client)

    async def _let_go(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(max(0.01, min(self.settings.stalled_s, self.settings.handshake_s) / 4))
            for client in list(self._clients):
                if client.is_overdue(loop.time()):
                    self.n_dropped += 1
                    client.cut()


class _Client(asyncio.Protocol):
    """One line: takes commands in, gives answers and records out."""

    def __init__(self, server: SeedLinkServer) -> None:
        self.server = server
        self.reading: Reading | None = None
        self._line = b""
        self._is_waiting = self._is_full = False
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        server, self._transport = self.server, transport
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        if len(server._clients) >= server.settings.most_clients:
            server.n_turned_away += 1
            transport.close()
            return
        server._clients.add(self)
        transport.set_write_buffer_limits(high=server.settings.line_bytes)
        check = server.accounts.knows if server.accounts else None
        self._session = Session(server.about, check=check, is_private=server.tls is not None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self.server._clients:
            self.server._left(self)

    def data_received(self, data: bytes) -> None:
        lines, self._line = lines_of(self._line + data)
        if len(self._line) > 255 or any(len(line) > 253 for line in lines) or len(lines) > 100_000:
            self._transport.write(b"ERROR LIMIT a line has 255 letters at most\r\n")
            self.hang_up()
            return
        answers = []
        for line in lines:
            was = self._session.is_streaming
            answers.append(self._session.answer(line))
            if self._session.is_streaming and not was:
                self._begin()
        self._since = self._loop.time()
        if any(answers):
            self._transport.write(b"".join(answers))
        if self._session.is_over:
            self.hang_up()

    def _begin(self) -> None:
        session = self._session
        self.reading = Reading(self.server.ring, session.requests, is_version4=session.version == 4)
        self.server._follow(self, list(self.reading.places))
        self._soon()

    def meets(self, name: str, station: StationRing) -> bool:
        """Whether it asked for a station that is new to the ring."""
        return self.reading is not None and self.reading.meet(name, station, is_new=True)

    def notice(self, name: str, station: StationRing) -> None:
        """Hear of a new record."""
        assert self.reading is not None
        self.reading.notice(name, station)
        if not self._is_waiting and not self._is_full:
            self._soon()

    def _soon(self) -> None:
        self._is_waiting = True
        self._loop.call_soon(self._give)

    def _give(self) -> None:
        """Give what is due, a turn's worth; the rest after the others had theirs."""
        self._is_waiting = False
        reading = self.reading
        if reading is None or self._is_full or self._transport.is_closing():
            return
        taken = reading.take(self.server.settings.turn_bytes)
        if taken:
            self._transport.write(b"".join(taken))
        if reading.is_behind:
            if not self._is_full:
                self._soon()
        elif self._session.is_dialup or (self._session.version == 3 and reading.is_past()):
            self._transport.write(b"END")
            self._since = self._loop.time()
            self.server._forget(self, reading)
            self.reading = None  # the client hangs up, or is let go

    def pause_writing(self) -> None:
        self._is_full, self._since = True, self._loop.time()

    def resume_writing(self) -> None:
        self._is_full, self._since = False, self._loop.time()
        if self.reading and not self._is_waiting:
            self._soon()

    def is_overdue(self, now_s: float) -> bool:
        """Whether it should be let go."""
        settings = self.server.settings
        if self._is_full:
            return now_s - self._since > settings.stalled_s
        return self.reading is None and now_s - self._since > settings.handshake_s

    @property
    def is_behind(self) -> bool:
        """Whether something is due to it, or waits on its line."""
        due = self.reading is not None and self.reading.is_behind
        return due or self._transport.get_write_buffer_size() > 0

    def hang_up(self) -> None:
        """Close the line once what waits on it is gone."""
        self._transport.close()

    def cut(self) -> None:
        """Close the line at once."""
        self._transport.abort()
