"""DataLink: bytes as the protocol's text has them, our client and writer, and simpledali where it is installed."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from string import ascii_letters, digits
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import StepClock
from foreshock.collect.datalink import DataLinkClient, DataLinkWriter, message, stream_id_of
from foreshock.collect.datalink_server import DataLinkServer, pattern_of
from foreshock.collect.miniseed import encode2, encode3
from foreshock.collect.seedlink import ClientSettings, Ring
from foreshock.errors import ConfigError, FormatError, InputError, NetworkError
from foreshock.types.packet import Packet

T = 1_700_000_000 * 10**9
S = 10**9
Result = TypeVar("Result")


def record(k: int, *, station: str = "A", version: int = 2) -> bytes:
    samples = np.arange(k, k + 100, dtype=np.int32)
    one = Packet(f"XX.{station}.00", "HHZ", T + k * S, 100.0, samples, arrived_ns=T)
    return encode2(one)[0] if version == 2 else encode3(one)


def run(what: Callable[[], Awaitable[Result]]) -> Result:
    async def bounded() -> Result:
        async with asyncio.timeout(20):
            return await what()

    return asyncio.run(bounded())


@asynccontextmanager
async def serving(ring: Ring, **told: Any) -> AsyncIterator[DataLinkServer]:
    async with DataLinkServer(ring, put=ring.put, port=0, **told) as server:
        yield server


def client(port: int, **told: Any) -> DataLinkClient:
    own = {name: told.pop(name) for name in ("match", "reject", "place") if name in told}
    settings = ClientSettings(**{"retry_s": 0.01, "begin": "all", "most_retries": 1} | told)
    return DataLinkClient(f"127.0.0.1:{port}", clock=StepClock(T + 9 * S), settings=settings, **own)


async def first(n: int, one: DataLinkClient) -> list[Packet]:
    found: list[Packet] = []
    async with aclosing(one.packets()) as packets:
        async for packet in packets:
            found.append(packet)
            if len(found) == n:
                break
    return found


def test_what_is_written_is_numbered_and_read_with_its_samples() -> None:
    async def talk() -> tuple[list[int], list[Packet]]:
        async with serving(Ring()) as server:
            async with DataLinkWriter(f"127.0.0.1:{server.port}") as writer:
                numbers = [await writer.write(record(k, version=2 + k % 2)) for k in range(6)]
            return numbers, await first(6, client(server.port))

    numbers, packets = run(talk)
    assert numbers == list(range(6))
    assert [(one.station_id, one.channel, one.start_ns, one.sequence) for one in packets] == [
        ("XX.A.00", "HHZ", T + k * S, k) for k in range(6)
    ]
    assert all(one.arrived_ns == T + 9 * S for one in packets)
    assert np.array_equal(packets[5].samples, np.arange(5, 105))


def test_the_bytes_are_those_of_the_protocols_text() -> None:
    async def talk() -> list[bytes]:
        ring = Ring()
        ring.put(record(0))
        async with serving(ring) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"DL\x1fID dalitool:rt:12501:SunOS-5.10 DL"[:34])
            told = [await reader.readexactly(3)]
            told.append(await reader.readexactly(told[0][2]))
            writer.write(b"DL\x18POSITION SET EARLIEST 0 " + b"DL\x08MATCH 12XX_A_00_H_.." + b"DL\x06STREAM")
            for _ in range(3):
                head = await reader.readexactly(3)
                told.append(await reader.readexactly(head[2]))
                told.append(await reader.readexactly(int(told[-1].split()[-1])))
            writer.write(b"DL\x09ENDSTREAM")
            told.append(await reader.readexactly(12))
            writer.close()
            return told

    told = run(talk)
    assert told[1].startswith(b"ID DataLink foreshock :: DLPROTO:1.1")
    assert told[2].startswith(b"OK 0 ")
    assert told[4].startswith(b"OK 1 ")
    us = T // 1000
    assert told[6] == f"PACKET FDSN:XX_A_00_H_H_Z/MSEED 0 {us + 10**6} {us} {us + 10**6} 512".encode()
    assert told[7] == record(0)
    assert told[8] == b"DL\x09ENDSTREAM"


def test_live_records_are_pushed_in_order_of_arrival_among_stations() -> None:
    async def talk() -> list[str]:
        ring = Ring()
        async with serving(ring) as server:
            pulling = asyncio.create_task(first(6, client(server.port, begin="next")))
            while not server._waiting:
                await asyncio.sleep(0.005)
            for k in range(6):
                ring.put(record(k, station="ABC"[k % 3]))
                server.notice()
            return [one.station_id for one in await pulling]

    assert run(talk) == ["XX.A.00", "XX.B.00", "XX.C.00"] * 2


def test_a_later_client_goes_on_after_the_last_record_used() -> None:
    async def talk() -> list[int | None]:
        ring = Ring()
        for k in range(10):
            ring.put(record(k, station="AB"[k % 2]))
        async with serving(ring) as server:
            one = client(server.port)
            await first(4, one)
            assert one.place is not None
            assert one.place[0] == 2  # the fourth was given, but whether it was used nobody knows
            return [packet.sequence for packet in await first(7, client(server.port, place=one.place))]

    assert run(talk) == list(range(3, 10))


def test_match_reject_and_time_choose() -> None:
    async def talk() -> tuple[list[Packet], list[Packet], list[Packet]]:
        ring = Ring()
        for k in range(10):
            ring.put(record(k, station="AB"[k % 2]))
        async with serving(ring) as server:
            return (
                await first(5, client(server.port, match="XX_B_.*")),
                await first(5, client(server.port, reject="XX_B_.*")),
                await first(4, client(server.port, start_ns=T + 5 * S)),
            )

    of_b, not_b, late = run(talk)
    assert {one.station_id for one in of_b} == {"XX.B.00"}
    assert {one.station_id for one in not_b} == {"XX.A.00"}
    assert [one.sequence for one in late] == [6, 7, 8, 9]


def test_a_silent_line_is_asked_and_a_dead_one_left() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(3 + len("ID foreshock:user:0:python"))
        writer.write(message("ID", "DataLink test :: DLPROTO:1.1"))
        await reader.read()
        writer.close()

    async def talk() -> tuple[int, str]:
        async with serving(Ring()) as server:
            one = client(server.port, begin="next", keepalive_s=0.05)
            pulling = asyncio.create_task(first(1, one))
            await asyncio.sleep(0.3)
            kept = one.state().n_lost
            await one.close()
            pulling.cancel()
            await asyncio.gather(pulling, return_exceptions=True)
        listening = await asyncio.start_server(mute, "127.0.0.1", 0)
        with pytest.raises(NetworkError) as told:
            await first(
                1, client(listening.sockets[0].getsockname()[1], begin="next", keepalive_s=0.05, most_retries=0)
            )
        listening.close()
        return kept, str(told.value)

    kept, told = run(talk)
    assert kept == 0
    assert "nothing came for 0.1 s" in told


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400\r\n", b"DL\x02OK", b"DL\x14PACKET a 1 2 3 4 99x", b"DL\x05ID HI"])
def test_a_server_of_nonsense_is_told(answer: bytes) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answer)
        writer.close()

    async def talk() -> None:
        listening = await asyncio.start_server(nonsense, "127.0.0.1", 0)
        async with listening:
            await first(1, client(listening.sockets[0].getsockname()[1], most_retries=0))

    with pytest.raises(NetworkError, match="cannot be had after 1 attempts"):
        run(talk)


def test_junk_that_is_written_is_refused_and_the_line_goes_on() -> None:
    async def talk() -> tuple[bytes, int]:
        async with serving(Ring()) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(message("WRITE", "XX_A/MSEED", 0, 1, "A", body=b"junk"))
            head = await reader.readexactly(3)
            refused = await reader.readexactly(head[2])
            writer.close()
            async with DataLinkWriter(f"127.0.0.1:{server.port}") as again:
                with pytest.raises(FormatError):
                    await again.write(b"junk")
                return refused, await again.write(record(0))

    refused, number = run(talk)
    assert refused.startswith(b"ERROR 0 ")
    assert number == 0


def test_nobody_writes_where_nobody_may() -> None:
    async def talk() -> None:
        async with (
            DataLinkServer(Ring(), port=0) as server,
            DataLinkWriter(f"127.0.0.1:{server.port}") as writer,
        ):
            await writer.write(record(0))

    with pytest.raises(NetworkError, match="nobody may write here"):
        run(talk)


def test_exposure_needs_to_be_asked_for() -> None:
    with pytest.raises(ConfigError, match="--host 0.0.0.0"):
        DataLinkServer(Ring(), host="0.0.0.0")


@given(st.binary(max_size=300))
def test_any_pattern_is_taken_or_refused(body: bytes) -> None:
    with suppress(InputError):
        assert set(pattern_of(body)) <= set(ascii_letters + digits + "_:/-*?.")


def test_stream_ids_are_source_identifiers_with_their_format() -> None:
    assert stream_id_of(record(0)) == "FDSN:XX_A_00_H_H_Z/MSEED"
    assert stream_id_of(record(0, version=3)) == "FDSN:XX_A_00_H_H_Z/MSEED3"


@pytest.mark.skipif(importlib.util.find_spec("simpledali") is None, reason="simpledali is not installed")
def test_simpledali_writes_what_ours_reads_and_reads_what_ours_wrote() -> None:
    import simpledali

    async def talk() -> tuple[list[Packet], bytes]:
        async with serving(Ring()) as server, simpledali.SocketDataLink("127.0.0.1", server.port) as dali:
            await dali.id("test", "me", 0, "python")
            ack = await dali.writeAck("FDSN:XX_A_00_H_H_Z/MSEED", T // 1000, T // 1000 + 10**6, record(0))
            assert ack.type == "OK"
            packets = await first(1, client(server.port))
            await dali.match(".*")
            await dali.positionEarliest()
            async for one in dali.stream():
                return packets, bytes(one.data)
        raise AssertionError("nothing came")

    packets, read = run(talk)
    assert np.array_equal(packets[0].samples, np.arange(100))
    assert read == record(0)
