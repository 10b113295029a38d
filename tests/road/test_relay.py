"""The relay serves files, packet logs and other servers to real clients; it ends in order and tells what it did."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import obspy
import pytest

from foreshock.clock import LiveClock, StepClock, utc_ns
from foreshock.collect.datalink_server import DataLinkServer
from foreshock.collect.packet_lines import write_packet_lines
from foreshock.collect.seedlink import ClientSettings, Ring, SeedLinkClient, ServerSettings
from foreshock.errors import ConfigError, InputError, NotFoundError
from foreshock.road.relay import Relayed, first_sequence, relay, server_of
from foreshock.road.relay_feeds import RelaySettings, feed_of
from foreshock.types.packet import Packet

T = utc_ns("2020-06-23T15:29:04Z")
Result = TypeVar("Result")


def recordings(folder: Path, *, n: int = 1000, station: str = "AB") -> Path:
    for code in ("HHZ", "HHN"):
        told = {"network": "XX", "station": station, "location": "00", "channel": code, "sampling_rate": 100.0}
        samples = np.random.default_rng(len(code)).integers(-999, 999, n).astype(np.int32)
        trace = obspy.Trace(samples, told | {"starttime": obspy.UTCDateTime(ns=T)})
        trace.write(str(folder / f"{station}.{code}.mseed"), format="MSEED")
    return folder


def run(what: Callable[[], Awaitable[Result]]) -> Result:
    async def bounded() -> Result:
        async with asyncio.timeout(30):
            return await what()

    return asyncio.run(bounded())


async def relayed(source: str, **told: Any) -> tuple[list[Packet], Relayed]:
    """Run a relay to its end; give what a client heard."""
    settings = RelaySettings(**{"speed": 1000.0, "waits": True, "until_done": True} | told)
    server = server_of(Ring(begin=5), ServerSettings(port=0), clock=StepClock(T))
    said: list[str] = []
    task = asyncio.create_task(
        relay(feed_of(source, settings), server, source=source, settings=settings, tell=said.append)
    )
    while not said:
        await asyncio.sleep(0.005)
    assert said[0].startswith(f"serving {source} at 127.0.0.1:")
    client = SeedLinkClient(
        f"127.0.0.1:{server.port}",
        clock=LiveClock(),
        settings=ClientSettings(begin="all", most_retries=0, retry_s=0.01),
    )
    heard: list[Packet] = []

    async def pull() -> None:
        async with aclosing(client.packets()) as packets:
            async for packet in packets:
                heard.append(packet)  # noqa: PERF401 (what came before the end must stay)

    pulling = asyncio.create_task(pull())
    done = await task
    await client.close()
    await asyncio.gather(pulling, return_exceptions=True)
    return heard, done


@pytest.mark.parametrize("version", [2, 3])
def test_files_are_replayed_whole_with_their_own_times(tmp_path: Path, version: int) -> None:
    heard, done = run(lambda: relayed(str(recordings(tmp_path)), version=version, packet_s=0.5))
    assert (done.tally.n_records, done.tally.n_sent, done.skipped) == (40, 40, [])
    for code in ("HHZ", "HHN"):
        parts = [one for one in heard if one.channel == code]
        stream = obspy.read(str(tmp_path / f"AB.{code}.mseed"))
        assert np.array_equal(np.concatenate([one.samples for one in parts]), stream[0].data)
        assert parts[0].start_ns == T
    assert [one.start_ns for one in heard] == sorted(one.start_ns for one in heard)


def test_a_replay_takes_its_time_divided_by_its_speed(tmp_path: Path) -> None:
    async def timed() -> float:
        began = asyncio.get_running_loop().time()
        await relayed(str(recordings(tmp_path)), speed=10.0)
        return asyncio.get_running_loop().time() - began

    assert 0.9 <= run(timed) < 5  # ten packets of a second, the first at once


def test_a_replay_as_now_moves_all_times_by_as_much(tmp_path: Path) -> None:
    before_ns = LiveClock().now_ns()
    heard, _ = run(lambda: relayed(str(recordings(tmp_path, n=300)), speed=1.0, as_now=True))
    later = {one.start_ns - (T + k // 2 * 10**9) for k, one in enumerate(heard)}
    assert len(later) <= 2
    assert max(later) - min(later) < 10_000
    assert before_ns <= heard[0].end_ns <= before_ns + 10 * 10**9  # the first packet arrives at its end, which is now


def test_a_replay_as_now_is_not_faster_than_the_world(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="what happens now is not faster"):
        feed_of(str(recordings(tmp_path)), RelaySettings(speed=2.0, as_now=True))


def test_our_own_packet_log_is_relayed_with_its_arrivals(tmp_path: Path) -> None:
    samples = np.arange(100, dtype=np.int32)
    packets = [Packet("XX.A.", "HHZ", T + k * 10**9, 100.0, samples, T + (k + 2) * 10**9) for k in range(3)]
    write_packet_lines(tmp_path / "packets.jsonl.gz", packets)
    heard, done = run(lambda: relayed(str(tmp_path / "packets.jsonl.gz")))
    assert [one.start_ns for one in heard] == [one.start_ns for one in packets]
    assert done.tally.n_records == 3


def test_a_replay_that_waits_loses_nothing_to_a_slow_client(tmp_path: Path) -> None:
    async def slow() -> tuple[int, int]:
        source = str(recordings(tmp_path, n=60_000))
        settings = RelaySettings(speed=1e6, waits=True, until_done=True, kept=40, packet_s=0.5)
        serving = ServerSettings(port=0, line_bytes=4096, turn_bytes=4096)
        server = server_of(Ring(records=40), serving, clock=StepClock(T))
        said: list[str] = []
        feed = feed_of(source, settings)
        task = asyncio.create_task(relay(feed, server, source=source, settings=settings, tell=said.append))
        while not said:
            await asyncio.sleep(0.005)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=2048)
        writer.write(b"SLPROTO 4.0\r\nSTATION *\r\nDATA ALL\r\nEND\r\n")
        n_bytes = 0
        while chunk := await reader.read(16_384):
            n_bytes += len(chunk)
            await asyncio.sleep(0.001)
        writer.close()
        return (n_bytes - 12) // (17 + 5 + 512), (await task).tally.n_missed

    assert run(slow) == (2400, 0)


def test_a_relay_of_a_relay_hands_on_the_same_bytes(tmp_path: Path) -> None:
    async def chained() -> tuple[list[bytes], list[bytes]]:
        ring = Ring(begin=5)
        upstream = server_of(ring, ServerSettings(port=0), clock=StepClock(T))
        async with upstream:
            settings = RelaySettings()
            feed = feed_of(f"seedlink://127.0.0.1:{upstream.port}", settings)
            server = server_of(Ring(begin=900), ServerSettings(port=0), clock=StepClock(T))
            task = asyncio.create_task(relay(feed, server, source="up", settings=settings, tell=lambda _: None))
            while not upstream.is_read:
                await asyncio.sleep(0.005)
            source = feed_of(str(recordings(tmp_path)), RelaySettings(speed=1e5))
            async for record in source.records():
                upstream.put(record)
            while server.tally().n_records < 20:
                await asyncio.sleep(0.005)
            held = [one.record for one in server.ring.stations["XX_AB"].held()]
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return [one.record for one in ring.stations["XX_AB"].held()], held

    above, below = run(chained)
    assert len(above) == 20
    assert above == below


def test_a_datalink_ring_is_relayed(tmp_path: Path) -> None:
    async def chained() -> list[bytes]:
        ring = Ring()
        async with DataLinkServer(ring, put=ring.put, port=0) as above:
            settings = RelaySettings()
            feed = feed_of(f"datalink://127.0.0.1:{above.port}", settings)
            server = server_of(Ring(), ServerSettings(port=0), clock=StepClock(T))
            task = asyncio.create_task(relay(feed, server, source="up", settings=settings, tell=lambda _: None))
            while not above._waiting:
                await asyncio.sleep(0.005)
            async for record in feed_of(str(recordings(tmp_path)), RelaySettings(speed=1e5)).records():
                ring.put(record)
                above.notice()
            while server.tally().n_records < 20:
                await asyncio.sleep(0.005)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return [one.record for one in server.ring.stations["XX_AB"].held()]

    assert len(run(chained)) == 20


def test_a_packet_log_is_replayed_in_order_of_arrival(tmp_path: Path) -> None:
    lines = []
    for k, cloud_s in enumerate((0.3, 1.3, 5.0, 3.3)):
        row = [0.01 * j for j in range(32)]
        told = {"device_id": "001", "x": row, "y": row, "z": row, "sr": 31.25, "device_t": T / 1e9 + k}
        lines.append(json.dumps(told | {"cloud_t": T / 1e9 + cloud_s}))
    (tmp_path / "log.jsonl").write_text("\n".join([*lines, "junk"]))
    heard, done = run(lambda: relayed(str(tmp_path)))
    vertical = [one for one in heard if one.channel == "BNZ"]
    assert [round((one.end_ns - T) / 1e9) for one in vertical] == [0, 1, 3, 2]
    assert vertical[0].samples.dtype == np.float32
    assert done.skipped == [(f"{tmp_path / 'log.jsonl'}:5", "it is not JSON")]


def test_codes_too_long_for_miniseed_2_are_told_once_and_served_in_version_3(tmp_path: Path) -> None:
    row = [0.0] * 32
    told = {"device_id": "LONGNAME", "x": row, "y": row, "z": row, "sr": 31.25, "cloud_t": T / 1e9}
    (tmp_path / "log.jsonl").write_text("\n".join(json.dumps(told | {"device_t": T / 1e9 + k}) for k in range(3)))
    assert len(run(lambda: relayed(str(tmp_path), version=3))[0]) == 9
    feed = feed_of(str(tmp_path), RelaySettings(speed=1e5))

    async def all_of() -> list[bytes]:
        return [record async for record in feed.records()]

    assert run(all_of) == []
    assert [item for item, _ in feed.skipped] == [f"OE.LONGNAME..{code}" for code in ("BNZ", "BN1", "BN2")]
    assert "use miniSEED 3" in feed.skipped[0][1]


def test_numbers_rise_from_run_to_run() -> None:
    assert first_sequence(StepClock(T)) < first_sequence(StepClock(T + 10**9))


@pytest.mark.parametrize(
    ("source", "kind", "said"),
    [
        ("/nowhere/at/all", NotFoundError, "source /nowhere/at/all: it does not exist"),
        ("seedlink://", InputError, "it must be host:port"),
        ("seedlink://host:port", InputError, "it must be host:port"),
    ],
)
def test_a_source_that_is_none_is_refused(source: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        feed_of(source, RelaySettings())


def test_accounts_need_tls_and_certificates_must_be_some(tmp_path: Path) -> None:
    (tmp_path / "accounts").write_text("ann sesame\n")
    with pytest.raises(ConfigError, match="passwords are taken over TLS only"):
        server_of(Ring(), ServerSettings(), clock=StepClock(T), accounts=tmp_path / "accounts")
    with pytest.raises(ConfigError, match="it cannot be used"):
        server_of(Ring(), ServerSettings(), clock=StepClock(T), certificate=tmp_path / "accounts")


# -- the command -------------------------------------------------------------------------------------------------------


def foreshock(*told: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "foreshock", "relay", *told],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )


def test_the_command_serves_until_it_is_stopped_and_tells_what_it_did(tmp_path: Path) -> None:
    with foreshock(str(recordings(tmp_path)), "--port", "0", "--speed", "100", "--json") as relaying:
        assert relaying.stderr is not None
        port = int(relaying.stderr.readline().rpartition(":")[2])
        assert relaying.stderr.readline() == "the source has ended\n"
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"HELLO\r\n")
            assert line.recv(200).startswith(b"SeedLink v4.0 (foreshock/")
        relaying.send_signal(signal.SIGINT)
        told = json.loads(relaying.communicate(timeout=20)[0])
    assert relaying.returncode == 0
    assert (told["schema"], told["n_records"], told["n_clients"], told["skipped"]) == ("foreshock.relay/1", 20, 0, [])


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (["--host", "0.0.0.0"], "others than this machine could read there"),
        (["--expose", "all"], "it is 'accounts' or 'anyone'"),
        (["--expose", "accounts"], "it needs --accounts"),
        (["--start", "yesterday"], "it is not an ISO-8601 time"),
    ],
)
def test_the_command_refuses_in_one_sentence(tmp_path: Path, told: list[str], said: str) -> None:
    with foreshock(str(recordings(tmp_path)), "--port", "0", *told) as relaying:
        _, err = relaying.communicate(timeout=20)
    assert relaying.returncode == 1
    assert said in err
    assert "Traceback" not in err
