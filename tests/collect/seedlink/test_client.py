"""Our client: resumes with nothing lost or doubled, waits, watches, and says how it stands."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest
from seedlink_parts import Raw4, S, T, record, record3, run, serve

from foreshock.clock import LiveClock, StepClock
from foreshock.collect.seedlink import Accounts, ClientSettings, Ring, SeedLinkClient
from foreshock.collect.seedlink.server import SeedLinkServer
from foreshock.errors import InputError, NetworkError
from foreshock.types.packet import Packet


def client(port: int, *streams: str, places: dict[str, int] | None = None, **told: Any) -> SeedLinkClient:
    """A client that tries again at once; what is not a setting is its own."""
    own = {name: told.pop(name) for name in ("account", "tls", "clock", "limits") if name in told}
    settings = ClientSettings(**{"retry_s": 0.005, "most_retry_s": 0.05} | told)
    more = {"clock": LiveClock(), "settings": settings, "places": places} | own
    return SeedLinkClient(f"127.0.0.1:{port}", streams or ("*.*.*.*",), **more)


async def first(n: int, one: SeedLinkClient) -> list[Packet]:
    """The first so many packets."""
    found: list[Packet] = []
    async with aclosing(one.packets()) as packets:
        async for packet in packets:
            found.append(packet)
            if len(found) == n:
                break
    return found


async def waiting(server: SeedLinkServer) -> None:
    """Come back when somebody waits for data."""
    while not any(one.reading for one in server._clients):
        await asyncio.sleep(0.002)


@pytest.mark.parametrize("protocol", [3, 4, None])
def test_packets_come_with_their_samples_times_and_numbers(protocol: int | None) -> None:
    async def talk() -> tuple[list[Packet], int]:
        async with serve(Ring(begin=300)) as server:
            one = client(server.port, "XX.*.00.HH?", protocol=protocol, clock=StepClock(T + 9 * S))
            pulling = asyncio.create_task(first(3, one))
            await waiting(server)
            for k in range(3):
                server.put(record(k))
                server.put(record(k, channel="LHZ"))
            return await pulling, one.version

    packets, version = run(talk)
    assert version == (protocol or 4)
    assert [(one.station_id, one.channel, one.start_ns, one.sequence) for one in packets] == [
        ("XX.A.00", "HHZ", T + k * S, 300 + 2 * k) for k in range(3)
    ]
    assert {one.arrived_ns for one in packets} == {T + 9 * S}
    assert packets[0].source.startswith("seedlink://127.0.0.1:")
    assert np.array_equal(packets[2].samples, np.arange(2, 102))


def test_version_4_brings_miniseed_3_and_version_3_leaves_it_out() -> None:
    async def talk(protocol: int) -> list[int]:
        async with serve() as server:
            for k in range(4):
                server.put(record3(k) if k % 2 else record(k))
            found = [
                one.sequence
                async for one in client(server.port, protocol=protocol, begin="all", is_dialup=True).packets()
            ]
            return [one for one in found if one is not None]

    assert run(lambda: talk(4)) == [0, 1, 2, 3]
    assert run(lambda: talk(3)) == [0, 2]


@pytest.mark.parametrize("protocol", [3, 4])
def test_a_time_is_cut_out_of_the_ring(protocol: int) -> None:
    async def talk() -> list[int]:
        async with serve() as server:
            for k in range(10):
                server.put(record(k))
            one = client(server.port, protocol=protocol, start_ns=T + 3 * S, end_ns=T + 6 * S, is_dialup=True)
            return [(packet.start_ns - T) // S async for packet in one.packets()]

    assert run(talk) == [3, 4, 5]


async def cut_again_and_again(n_cuts: int, *, protocol: int, per_cut: int = 4) -> tuple[dict[str, list[int]], int]:
    """Starts from each station while the line is cut, at any byte, again and again."""
    n = n_cuts * per_cut
    async with serve(Ring(records=2 * n, begin=2**24 - 7)) as server:
        one = client(server.port, protocol=protocol, begin="all", keepalive_s=5.0)
        pulling = asyncio.create_task(first(3 * n, one))
        rng = np.random.default_rng(5)
        for station in "ABC":
            server.put(record(0, station=station))
        for k in range(1, n):
            for station in "ABC":
                server.put(record(k, station=station))
            if k % per_cut == 0:
                for _ in range(int(rng.integers(0, 8))):
                    await asyncio.sleep(0)
                if rng.random() < 0.5:
                    await waiting(server)
                server.drop_all()
            if k % 50 == 0:
                await waiting(server)
        found: dict[str, list[int]] = {}
        for packet in await pulling:
            found.setdefault(packet.station_id, []).append((packet.start_ns - T) // S)
        return found, one.state().n_lost


def check_cut(n_cuts: int, protocol: int) -> None:
    found, n_lost = run(lambda: cut_again_and_again(n_cuts, protocol=protocol), at_most_s=300)
    assert n_lost > n_cuts // 3
    assert found == {f"XX.{station}.00": list(range(4 * n_cuts)) for station in "ABC"}


@pytest.mark.parametrize("protocol", [3, 4])
def test_fifty_cuts_lose_and_double_nothing(protocol: int) -> None:
    check_cut(50, protocol)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", [3, 4])
def test_a_thousand_cuts_lose_and_double_nothing(protocol: int) -> None:
    check_cut(1000, protocol)


def test_a_station_that_was_silent_before_the_cut_and_one_that_is_new_are_heard_after_it() -> None:
    async def talk() -> list[tuple[str, int]]:
        async with serve() as server:
            for k in range(3):
                server.put(record(k, station="QUIET"))
            one = client(server.port, retry_s=0.1)
            pulling = asyncio.create_task(first(4, one))
            await waiting(server)
            server.put(record(0))
            await asyncio.sleep(0.05)
            server.drop_all()
            server.put(record(1))
            server.put(record(3, station="QUIET"))
            server.put(record(0, station="NEW"))
            return sorted((packet.station_id, packet.start_ns) for packet in await pulling)

    assert run(talk) == [("XX.A.00", T), ("XX.A.00", T + S), ("XX.NEW.00", T), ("XX.QUIET.00", T + 3 * S)]


def test_another_process_goes_on_from_the_places_of_the_first() -> None:
    async def talk() -> tuple[list[int], list[int]]:
        async with serve() as server:
            for k in range(20):
                server.put(record(k))
            one = client(server.port, begin="all")
            before = await first(7, one)
            other = client(server.port, begin="all", places=one.places)
            after = await first(14, other)
            return [one.sequence or 0 for one in before], [one.sequence or 0 for one in after]

    before, after = run(talk)
    assert before == list(range(7))
    assert after == list(range(6, 20))  # the seventh was given, but whether it was used nobody knows


def test_a_server_that_began_anew_is_read_on() -> None:
    async def talk() -> list[int]:
        ring = Ring(begin=10)
        async with serve(ring) as server:
            one = client(server.port, begin="all")
            pulling = asyncio.create_task(first(6, one))
            for k in range(3):
                server.put(record(k))
            await waiting(server)
            await asyncio.sleep(0.05)
            port = server.port
        anew = serve(Ring(begin=1000))
        anew.settings = anew.settings.model_copy(update={"port": port})
        async with anew:
            for k in range(3, 6):
                anew.put(record(k))
            return [(packet.start_ns - T) // S for packet in await pulling]

    assert run(talk) == list(range(6))


def test_what_cannot_be_used_is_counted_with_its_reason_and_the_stream_goes_on() -> None:
    bad = bytearray(record(1))
    bad[64:80] = b"\xff" * 16

    async def talk() -> tuple[list[int], list[tuple[str, str]], int]:
        async with serve() as server:
            for one in (record(0), bytes(bad), record(2)):
                server.put(one)
            reader = client(server.port, begin="all", is_dialup=True)
            found = [packet.sequence or 0 async for packet in reader.packets()]
            return found, list(reader.link.refused), reader.state().n_refused

    found, refused, n_refused = run(talk)
    assert found == [0, 2]
    assert n_refused == 1
    assert refused[0][0] == "XX.A.00.HHZ"
    assert "Steim" in refused[0][1]


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


@contextlib.asynccontextmanager
async def listening(handle: Handler) -> AsyncIterator[int]:
    """A real server that does what it is told to and no more."""
    tasks: set[asyncio.Task[None]] = set()

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handled, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, silent_info: bool) -> None:
    """A version 3 server that accepts everything, then falls silent."""
    while line := await reader.readline():
        if line.startswith(b"HELLO"):
            writer.write(b"SeedLink v3.1 (2020.075) :: SLPROTO:3.1\r\nTest\r\n")
        elif line.startswith(b"INFO") and not silent_info:
            writer.write(b"SLINFO  " + record(0))
        elif not line.startswith((b"END", b"INFO")):
            writer.write(b"OK\r\n")


def test_a_silent_server_that_answers_is_kept_and_is_told_to_be_stale() -> None:
    clock = StepClock(T)

    async def talk() -> tuple[Any, Any]:
        async with listening(lambda r, w: greeted(r, w, silent_info=False)) as port:
            one = client(port, keepalive_s=0.05, stale_s=5.0, clock=clock)
            pulling = asyncio.create_task(first(1, one))
            await asyncio.sleep(0.4)
            before = one.state()
            clock.set(T + 60 * S)
            after = one.state()
            await one.close()
            await pulling
            return before, after

    before, after = run(talk)
    assert (before.is_connected, before.n_lost, before.stale_since_ns) == (True, 0, None)
    assert after.stale_since_ns == T
    assert "stale since 2023-11-14T22:13:20.000000Z" in str(after)


def test_a_dead_server_is_left_and_tried_again() -> None:
    async def talk() -> Any:
        async with listening(lambda r, w: greeted(r, w, silent_info=True)) as port:
            one = client(port, keepalive_s=0.05)
            pulling = asyncio.create_task(first(1, one))
            while one.state().n_lost < 2:
                await asyncio.sleep(0.01)
            state = one.state()
            await one.close()
            await pulling
            return state

    assert "nothing came for 0.1 s, not even an answer" in run(talk).problem


async def _http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def _endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(b"x" * 500_000)
    await writer.drain()
    await reader.read()


async def _mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def _hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()


async def _refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(b"SeedLink v3.0\r\nTest\r\n" if line.startswith(b"HELLO") else b"ERROR\r\n")


async def _junk_in_mid_stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        if line.startswith(b"HELLO"):
            writer.write(b"SeedLink v3.0\r\nTest\r\n")
        elif line.startswith(b"END"):
            writer.write(b"\x16\x03\x01\x02\x00" * 20)
        else:
            writer.write(b"OK\r\n")


@pytest.mark.parametrize(
    ("handle", "said"),
    [
        (_http, "SeedLink"),
        (_endless, "an answer without an end"),
        (_mute, "it took too long"),
        (_hangs_up, "it hung up"),
        (_refuses, "it refused all"),
        (_junk_in_mid_stream, "where a packet should begin"),
    ],
)
def test_a_server_of_nonsense_is_told_after_the_last_retry(handle: Handler, said: str) -> None:
    async def talk() -> None:
        async with listening(handle) as port:
            await first(1, client(port, connect_s=0.3, most_retries=1))

    with pytest.raises(NetworkError, match="it cannot be had after 2 attempts") as told:
        run(talk)
    assert said in str(told.value)


def test_a_version_4_server_that_tells_no_stations_is_asked_for_data_all_the_same() -> None:
    async def bare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line.startswith(b"HELLO"):
                writer.write(b"SeedLink v4.0 (bare) :: SLPROTO:4.0\r\nTest\r\n")
            elif line.startswith(b"INFO"):
                writer.write(b"ERROR UNSUPPORTED\r\n")
            elif line.startswith(b"END"):
                writer.write(Ring(begin=7).put(record(3)).before4 + record(3))
            else:
                writer.write(b"OK\r\n")

    async def talk() -> list[int | None]:
        async with listening(bare) as port:
            return [one.sequence for one in await first(1, client(port))]

    assert run(talk) == [7]


def test_no_server_at_all_is_told() -> None:
    async def talk() -> None:
        async with serve() as server:
            port = server.port
        await first(1, client(port, most_retries=0))

    with pytest.raises(NetworkError, match="seedlink://127.0.0.1:.* cannot be had after 1 attempts"):
        run(talk)


def test_a_refused_station_is_told_and_the_others_flow() -> None:
    async def talk() -> tuple[int, list[tuple[str, str]]]:
        async with serve() as server:
            server.put(record(0))
            one = client(server.port, "XX.A.00.HHZ", "XX.B.00." + "HHZ" * 30, begin="all", is_dialup=True)
            return len([packet async for packet in one.packets()]), list(one.link.refused)

    n, refused = run(talk)
    assert n == 1
    assert "ERROR ARGUMENTS pattern" in refused[0][1]


def test_a_password_goes_over_tls_and_opens_the_data(certificate: tuple[str, str]) -> None:
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=certificate[0])
    ours.load_cert_chain(*certificate)

    async def talk(password: str) -> int:
        async with serve(accounts=Accounts({"ann": "sesame"}), tls=ours) as server:
            server.put(record(0))
            one = client(
                server.port, begin="all", is_dialup=True, account=("ann", password), tls=theirs, most_retries=0
            )
            return len([packet async for packet in one.packets()])

    assert run(lambda: talk("sesame")) == 1
    with pytest.raises(NetworkError, match="AUTH USERPASS ann …: the server answered 'ERROR AUTH") as told:
        run(lambda: talk("wrong"))
    assert "wrong or" not in str(told.value).replace("name or password is wrong", "")
    with pytest.raises(InputError, match="over TLS only"):
        client(1, account=("ann", "sesame"))


def test_both_versions_give_the_same_samples_from_one_ring() -> None:
    async def talk() -> list[list[bytes]]:
        async with serve() as server:
            for k in range(30):
                server.put(record(k, station="AB"[k % 2]))
            readers = [client(server.port, protocol=version, begin="all", is_dialup=True) for version in (3, 4)]
            return [[packet.samples.tobytes() async for packet in one.packets()] for one in readers]

    three, four = run(talk)
    assert len(three) == 30
    assert three == four


def test_a_hand_written_client_hears_what_ours_hears() -> None:
    async def talk() -> tuple[list[bytes], list[bytes]]:
        async with serve() as server:
            for k in range(5):
                server.put(record(k))
            raw = await Raw4.connected(server.port)
            await raw.asks("SLPROTO 4.0", "STATION *", "DATA ALL")
            raw.writer.write(b"END\r\n")
            by_hand = [(await raw.packet())[3] for _ in range(5)]
            raw.close()
            one = client(server.port, begin="all", is_dialup=True)
            return by_hand, [frame.payload async for batch in one.batches() for frame in batch.frames]

    by_hand, ours = run(talk)
    assert by_hand == ours == [record(k) for k in range(5)]
