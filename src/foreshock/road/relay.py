"""Relay: a feed of records served by SeedLink until it is stopped, telling how it stands. Knows no protocol."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from foreshock import __version__
from foreshock.clock import Clock, iso_utc
from foreshock.collect.link import LinkState
from foreshock.collect.seedlink import Ring, SeedLinkServer, ServerSettings, Tally, read_accounts
from foreshock.errors import ConfigError, ForeshockError
from foreshock.road.relay_feeds import Feed, RelaySettings

TELL_S = 10.0


@dataclass(slots=True)
class Relayed:
    """What a relay has done."""

    source: str
    port: int
    tally: Tally
    skipped: list[tuple[str, str]] = field(default_factory=list)
    line: LinkState | None = None

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "schema": "foreshock.relay/1",
            "source": self.source,
            "port": self.port,
            **asdict(self.tally),
            "line": asdict(self.line) if self.line else None,
            "skipped": [{"item": item, "reason": reason} for item, reason in self.skipped],
        }

    def sentence(self) -> str:
        """The same for people."""
        told = self.tally
        lost = f", {told.n_missed} missed by slow ones" if told.n_missed else ""
        return f"{told.n_records} records from {self.source}, {told.n_sent} given to clients{lost}"


def server_of(
    ring: Ring,
    settings: ServerSettings,
    *,
    clock: Clock,
    accounts: Path | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
) -> SeedLinkServer:
    """A server over a ring, encrypted where a certificate is given, and closed to strangers where accounts are.

    Raises:
        ConfigError: accounts without a certificate, or a certificate that cannot be used.
    """
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            tls.load_cert_chain(certificate, key)
        except OSError as error:
            raise ConfigError(
                f"--certificate {certificate}", f"it cannot be used ({error})", "give PEM files"
            ) from error
    known = read_accounts(accounts) if accounts else None
    if known and not tls:
        raise ConfigError(f"--accounts {accounts}", "passwords are taken over TLS only", "add --certificate and --key")
    software = f"foreshock/{__version__}"
    return SeedLinkServer(
        ring, settings=settings, started_ns=clock.now_ns(), software=software, accounts=known, tls=tls
    )


def first_sequence(clock: Clock) -> int:
    """Where a ring begins to count: milliseconds of time, so that numbers rise from run to run."""
    return clock.now_ns() // 1_000_000


async def relay(
    feed: Feed, server: SeedLinkServer, *, source: str, settings: RelaySettings, tell: Callable[[str], None]
) -> Relayed:
    """Serve a feed until it is stopped by Ctrl-C or SIGTERM, or until it is done where that was asked for."""
    stop = asyncio.Event()
    refused: list[tuple[str, str]] = []
    async with server:
        port = server.port
        tell(f"serving {source} at {server.settings.host}:{port}")
        with stopped_by_signals(stop):
            tasks = [
                asyncio.create_task(_fed(feed, server, settings, refused)),
                asyncio.create_task(stop.wait()),
                asyncio.create_task(_telling(feed, server, tell)),
            ]
            try:
                await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
                if tasks[0].done():
                    await tasks[0]  # tells why it ended
                    tell("the source has ended")
                    if settings.until_done:
                        await _all_taken(server, stop)
                    else:
                        await stop.wait()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        tally = server.tally()
    return Relayed(source, port, tally, [*feed.skipped, *refused], feed.state())


async def _fed(feed: Feed, server: SeedLinkServer, settings: RelaySettings, refused: list[tuple[str, str]]) -> None:
    while settings.waits and not server.is_read:
        await asyncio.sleep(0.02)
    often = max(1, settings.kept // 8)
    count = 0
    async for record in feed.records():
        try:
            server.put(record)
        except ForeshockError as error:
            refused.append(("record", error.rule))
        count += 1
        while settings.waits and count % often == 0 and server.furthest_behind() > settings.kept // 2:
            await asyncio.sleep(0.01)


async def _all_taken(server: SeedLinkServer, stop: asyncio.Event) -> None:
    while server.is_behind and not stop.is_set():
        await asyncio.sleep(0.02)


async def _telling(feed: Feed, server: SeedLinkServer, tell: Callable[[str], None]) -> None:
    """Say every now and then how it stands."""
    while True:
        await asyncio.sleep(TELL_S)
        told, state = server.tally(), feed.state()
        newest = max((one.newest_ns for one in server.ring.stations.values()), default=None)
        data = f", data up to {iso_utc(newest)}" if newest is not None else ""
        line = f"; {state}" if state else ""
        tell(f"{told.n_records} records, {told.n_clients} clients, {told.n_sent} given{data}{line}")


@contextlib.contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the relay in order, where the system lets them be heard."""
    loop = asyncio.get_running_loop()
    heard = []
    for one in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(one, stop.set)
            heard.append(one)
    try:
        yield
    finally:
        for one in heard:
            loop.remove_signal_handler(one)
