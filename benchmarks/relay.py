"""What our SeedLink server adds: from the moment a record is given to it to its arrival at each of ten clients.

One process serves: 1,000 stations, a miniSEED 2 record of 512 bytes each second from each, staggered over the second.
A second process drains ten version 4 clients, written by hand so that it costs little. Each record carries, in bytes
that its Steim frames leave unused, when it was given; both processes read the machine's one monotonic clock. Latency
therefore holds the server's work, the kernel's, and the draining process' own; the feeder's lateness (a record given
later than its turn) is told beside it, because on a busy machine the two have the same cause. So is, in rounds that
take turns with ours, the least that any server could add: a loop that writes the same bytes to the same clients and
keeps nothing. After all, each client must have every record once and in order, or the benchmark fails.

    python benchmarks/relay.py --json
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from multiprocessing.connection import Connection
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

# the number of threads is fixed before NumPy comes in
import numpy as np

from foreshock.clock import NS_PER_S, cpu_time_ns, monotonic_ns
from foreshock.collect.miniseed import encode2, read_header
from foreshock.collect.seedlink import Ring, SeedLinkServer, ServerSettings
from foreshock.collect.seedlink.wire import head4
from foreshock.types.packet import Packet

T = 1_700_000_000 * NS_PER_S
HEAD, NAME, RECORD = 17, 8, 512
FRAME = HEAD + NAME + RECORD
MEDIAN_MS, P95_MS = 1.0, 3.0
SETTLE_S = 2.0


class Draining(asyncio.Protocol):
    """One client: keeps the bytes of sequences and times, and when they came."""

    def __init__(self) -> None:
        self.rest, self.told, self.is_talking = b"", [], True

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(b"SLPROTO 4.0\r\nSTATION *\r\nDATA\r\nEND\r\n")

    def data_received(self, data: bytes) -> None:
        now = monotonic_ns()
        content = self.rest + data
        if self.is_talking:
            if len(content) < 12:
                self.rest = content
                return
            assert content[:12] == b"OK\r\n" * 3
            content, self.is_talking = content[12:], False
        n = len(content) // FRAME
        self.rest = content[n * FRAME :]
        if n:
            frames = np.frombuffer(content, np.uint8, n * FRAME).reshape(n, FRAME)
            given = frames[:, -8:].copy().view("<i8")[:, 0]
            station = frames[:, HEAD + 3 : HEAD + NAME].copy().view("S5")[:, 0].astype(np.int64)
            sequence = frames[:, 8:16].copy().view("<u8")[:, 0].astype(np.int64)
            self.told.append(np.stack([now - given, station, sequence]))


class Bare(asyncio.Protocol):
    """The least a server can do: says OK thrice and writes whatever is put."""

    clients: list[Any]

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(b"OK\r\n" * 3)
        self.clients.append(self.transport)


class BareServer:
    """A server without a ring, a protocol or a memory, with the same two verbs as ours."""

    def __init__(self) -> None:
        self.clients: list[Any] = []
        self.numbers: dict[str, int] = {}

    async def __aenter__(self) -> BareServer:
        kind = type("Bound", (Bare,), {"clients": self.clients})
        self.listening = await asyncio.get_running_loop().create_server(kind, "127.0.0.1", 0)
        self.port = self.listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self.clients:
            one.abort()
        self.listening.close()

    def put(self, record: bytes, header: Any) -> None:
        station = "XX_" + header.station_id.split(".")[1]
        number = self.numbers[station] = self.numbers.get(station, -1) + 1
        content = head4("2D", number, station=station, n_bytes=RECORD) + record
        for one in self.clients:
            one.write(content)


def drain(port: int, clients: int, pipe: Connection) -> None:
    """The draining process: connects, drains until told to stop, gives what it saw."""

    async def drained() -> list[np.ndarray]:
        loop = asyncio.get_running_loop()
        made = [await loop.create_connection(Draining, "127.0.0.1", port) for _ in range(clients)]
        while any(one.is_talking for _, one in made):
            await asyncio.sleep(0.01)
        pipe.send("ready")
        await loop.run_in_executor(None, pipe.recv)
        for transport, _ in made:
            transport.close()
        return [np.concatenate(one.told, axis=1) for _, one in made]

    pipe.send(asyncio.run(drained()))


async def serve(streams: int, clients: int, seconds: float, *, is_bare: bool = False) -> dict[str, Any]:
    """Serve and feed; give latencies, the feeder's lateness, and what it cost."""
    records = []
    rng = np.random.default_rng(0)
    for k in range(streams):
        samples = np.cumsum(rng.normal(0, 100, 100)).astype(np.int32)
        records += encode2(Packet(f"XX.{k:05d}.00", "HHZ", T, 100.0, samples, arrived_ns=T))
    headers = [read_header(record) for record in records]
    ours_or_bare: Any = BareServer()
    if not is_bare:
        ours_or_bare = SeedLinkServer(Ring(records=60), settings=ServerSettings(port=0), started_ns=T)
    async with ours_or_bare as server:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=drain, args=(server.port, clients, theirs))
        process.start()
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(None, ours.recv) == "ready"
        late, began, cpu = [], monotonic_ns(), cpu_time_ns()
        step_ns = NS_PER_S / streams
        for k in range(round(streams * seconds)):
            due_ns = began + round(k * step_ns)
            while (left_ns := due_ns - monotonic_ns()) > 0:
                await asyncio.sleep(left_ns / NS_PER_S)
            now = monotonic_ns()
            late.append(now - due_ns)
            record, header = records[k % streams], headers[k % streams]
            server.put(record[:-8] + now.to_bytes(8, "little"), header)
            if left_ns > -NS_PER_S and k % 8 == 0:
                await asyncio.sleep(0)  # a feeder that is late must not starve what it feeds
        cpu = cpu_time_ns() - cpu
        await asyncio.sleep(SETTLE_S)
        ours.send("stop")
        seen = await loop.run_in_executor(None, ours.recv)
        process.join()
    return {"seen": seen, "late": np.array(late) / 1e6, "cpu_ms": cpu / 1e6}


def are_whole(seen: list[np.ndarray], streams: int, n: int) -> bool:
    """Whether every client has every record once, in order."""
    for told in seen:
        _, station, sequence = told
        if told.shape[1] != n or not all(
            np.array_equal(sequence[station == k], np.arange((station == k).sum())) for k in range(streams)
        ):
            return False
    return True


def main() -> int:
    """Measure and tell."""
    made = fair.parser(__doc__)
    made.set_defaults(rounds=3)
    made.add_argument("--streams", type=fair.at_least_one, default=1000, help="stations (default 1000)")
    made.add_argument("--clients", type=fair.at_least_one, default=10, help="readers of all of them (default 10)")
    made.add_argument("--seconds", type=float, default=20.0, help="length of a round (default 20)")
    asked = made.parse_args()
    told = (asked.streams, asked.clients, asked.seconds)
    rounds, bare = [], []
    for _ in range(asked.rounds):
        rounds.append(asyncio.run(serve(*told)))
        bare.append(asyncio.run(serve(*told, is_bare=True)))
    n = round(asked.streams * asked.seconds)
    equal = all(are_whole(one["seen"], asked.streams, n) for one in [*rounds, *bare])
    latency, least = ([np.concatenate([seen[0] for seen in one["seen"]]) / 1e6 for one in of] for of in (rounds, bare))
    bounds: dict[str, dict[str, float]] = {"median": {"at_most": MEDIAN_MS}, "p95": {"at_most": P95_MS}}
    figures = []
    for name, share in (("median", 50), ("p95", 95), ("p99", 99), ("max", 100)):
        values = [float(np.percentile(one, share)) for one in latency]
        figures.append(fair.figure(f"added latency, {name}", values, "ms", **bounds.get(name, {})))
    for name, share in (("median", 50), ("p95", 95)):
        values = [float(np.percentile(one, share)) for one in least]
        figures.append(fair.figure(f"a bare write instead, {name}", values, "ms"))
    for name, share in (("median", 50), ("p95", 95), ("p99", 99), ("max", 100)):
        values = [float(np.percentile(one["late"], share)) for one in rounds]
        figures.append(fair.figure(f"the feeder's own lateness, {name}", values, "ms"))
    for name, of in (("server", rounds), ("bare write", bare)):
        figures.append(fair.figure(f"{name} and feeder, CPU a record given", [one["cpu_ms"] / n for one in of], "ms"))
    return fair.tell(
        "relay",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "numpy"),
        equal=bool(equal),
        checked=f"each of {asked.clients} clients has each of {n} records once and in order",
        streams=asked.streams,
        clients=asked.clients,
        seconds=asked.seconds,
    )


if __name__ == "__main__":
    sys.exit(main())
