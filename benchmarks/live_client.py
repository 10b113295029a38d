"""Our SeedLink client at the end of our server: CPU a packet from the socket to `Packet`, and that none is lost.

One process serves 1,000 stations with three channels of 100 Hz, a miniSEED 2 record of 512 bytes a second of each
channel, staggered; a second reads them with `SeedLinkClient.packets()`, version 4, and nothing else. Told is what the
reading process spends on a packet, and of a core at that rate: receiving, decoding and checking.

    python benchmarks/live_client.py --json
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from contextlib import aclosing
from multiprocessing.connection import Connection
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

# the number of threads is fixed before NumPy comes in
import numpy as np

from foreshock.clock import NS_PER_S, LiveClock, cpu_time_ns, monotonic_ns
from foreshock.collect.miniseed import encode2, read_header
from foreshock.collect.seedlink import ClientSettings, Ring, SeedLinkClient, SeedLinkServer, ServerSettings
from foreshock.types.packet import Packet

T = 1_700_000_000 * NS_PER_S
CHANNELS = ("HHZ", "HHN", "HHE")
MOST_OF_A_CORE = 0.35
"""Half of what the whole warning engine may use."""


def read(port: int, n: int, pipe: Connection) -> None:
    """The reading process: so many packets, then what they cost and how the line stood."""

    async def all_of() -> tuple[int, int, int, int]:
        client = SeedLinkClient(f"127.0.0.1:{port}", clock=LiveClock(), settings=ClientSettings(most_retries=0))
        count, samples, began = 0, 0, cpu_time_ns()
        async with aclosing(client.packets()) as packets:
            async for packet in packets:
                began = began if count else cpu_time_ns()
                count += 1
                samples += packet.n_samples
                if count == n:
                    break
        state = client.state()
        return count, samples, state.n_lost + state.n_refused, cpu_time_ns() - began

    pipe.send(asyncio.run(all_of()))


async def serve(stations: int, seconds: float) -> dict[str, Any]:
    """Feed and serve; give what the reader says."""
    rng = np.random.default_rng(0)
    records = []
    for k in range(stations):
        for channel in CHANNELS:
            samples = np.cumsum(rng.normal(0, 100, 100)).astype(np.int32)
            records += encode2(Packet(f"XX.{k:05d}.00", channel, T, 100.0, samples, arrived_ns=T))
    headers = [read_header(record) for record in records]
    n, rate = round(len(records) * seconds), len(records)
    async with SeedLinkServer(Ring(), settings=ServerSettings(port=0), started_ns=T) as server:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=read, args=(server.port, n, theirs))
        process.start()
        while not server.is_read:
            await asyncio.sleep(0.02)
        began = monotonic_ns()
        for k in range(n):
            while (left_ns := began + round(k * NS_PER_S / rate) - monotonic_ns()) > 0:
                await asyncio.sleep(left_ns / NS_PER_S)
            server.put(records[k % rate], headers[k % rate])
            if k % 8 == 0:
                await asyncio.sleep(0)
        count, samples, wrong, cpu_ns = await asyncio.get_running_loop().run_in_executor(None, ours.recv)
        missed = server.tally().n_missed
        process.join()
    is_whole = (count, samples, wrong, missed) == (n, 100 * n, 0, 0)
    return {"us": cpu_ns / n / 1e3, "share": cpu_ns / NS_PER_S / n * rate, "is_whole": is_whole}


def main() -> int:
    """Measure and tell."""
    made = fair.parser(__doc__)
    made.set_defaults(rounds=3)
    made.add_argument("--stations", type=fair.at_least_one, default=1000, help="of three channels (default 1000)")
    made.add_argument("--seconds", type=float, default=10.0, help="length of a round (default 10)")
    asked = made.parse_args()
    rounds = [asyncio.run(serve(asked.stations, asked.seconds)) for _ in range(asked.rounds)]
    figures = [
        fair.figure("client, CPU a packet", [one["us"] for one in rounds], "µs"),
        fair.figure("client, share of a core", [one["share"] for one in rounds], "", at_most=MOST_OF_A_CORE),
    ]
    return fair.tell(
        "live_client",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "numpy"),
        equal=all(one["is_whole"] for one in rounds),
        checked="every packet came, with every sample, over one line",
        stations=asked.stations,
        seconds=asked.seconds,
    )


if __name__ == "__main__":
    sys.exit(main())
