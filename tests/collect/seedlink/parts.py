"""Records, a server on a free port and a raw version 4 client written from the protocol's text."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import numpy as np

from foreshock.collect.miniseed import encode2, encode3
from foreshock.collect.seedlink import Ring, SeedLinkServer, ServerSettings
from foreshock.types.packet import Packet

T = 1_700_000_000 * 10**9
S = 10**9
Result = TypeVar("Result")


def packet(k: int, *, station: str = "A", channel: str = "HHZ", n: int = 100) -> Packet:
    """The k-th second of a channel; its samples tell k."""
    samples = np.arange(k, k + n, dtype=np.int32)
    return Packet(f"XX.{station}.00", channel, T + k * S, 100.0, samples, arrived_ns=T + (k + 1) * S)


def record(k: int, *, station: str = "A", channel: str = "HHZ") -> bytes:
    """The k-th second as a miniSEED 2 record of 512 bytes."""
    return encode2(packet(k, station=station, channel=channel))[0]


def record3(k: int, *, station: str = "A", channel: str = "HHZ") -> bytes:
    """The k-th second as a miniSEED 3 record."""
    return encode3(packet(k, station=station, channel=channel))


def serve(ring: Ring | None = None, **told: Any) -> SeedLinkServer:
    """A server that is not yet started."""
    more = {name: told.pop(name) for name in ("accounts", "tls") if name in told}
    return SeedLinkServer(ring or Ring(), settings=ServerSettings(port=0, **told), started_ns=T, **more)


def run(what: Callable[[], Awaitable[Result]], *, at_most_s: float = 60.0) -> Result:
    """Run a test's coroutine; one that hangs fails."""

    async def bounded() -> Result:
        async with asyncio.timeout(at_most_s):
            return await what()

    return asyncio.run(bounded())


class Raw4:
    """A version 4 client that knows nothing of ours: every byte by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connected(cls, port: int, **tls: Any) -> Raw4:
        return cls(*await asyncio.open_connection("127.0.0.1", port, **tls))

    async def ask(self, line: str) -> str:
        self.writer.write(line.encode() + b"\r\n")
        return (await self.reader.readline()).decode().rstrip("\r\n")

    async def asks(self, *lines: str) -> list[str]:
        return [await self.ask(line) for line in lines]

    async def packet(self) -> tuple[str, int, str, bytes]:
        """Format and subformat, sequence, station id and payload of the next packet."""
        head = await self.reader.readexactly(17)
        assert head[:2] == b"SE"
        size, sequence, n_name = struct.unpack("<IQB", head[4:])
        station = (await self.reader.readexactly(n_name)).decode()
        return head[2:4].decode(), sequence, station, await self.reader.readexactly(size)

    async def info(self, words: str) -> dict[str, Any]:
        self.writer.write(f"INFO {words}\r\n".encode())
        kind, _, _, payload = await self.packet()
        told: dict[str, Any] = json.loads(payload)
        return told | {"kind": kind}

    async def sequences(self, n: int) -> list[int]:
        return [(await self.packet())[1] for _ in range(n)]

    def close(self) -> None:
        self.writer.close()
