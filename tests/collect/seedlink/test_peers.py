"""Other people's SeedLink clients and our server: ObsPy always, slinktool and EarthScope's client where they are."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import logging
import shutil
import subprocess
from typing import Any
from xml.etree import ElementTree

import numpy as np
import obspy
import pytest
from obspy.clients.seedlink.slclient import SLClient
from obspy.clients.seedlink.slpacket import SLPacket
from seedlink_parts import record, record3, run, serve

from foreshock.collect.seedlink import Ring

logging.getLogger("obspy.clients.seedlink").setLevel(logging.CRITICAL)


def obspy_client(port: int, **told: Any) -> SLClient:
    one = SLClient(timeout=60)
    one.slconn.set_sl_address(f"127.0.0.1:{port}")
    for name, value in told.items():
        setattr(one, name, value)
    one.initialize()
    return one


def collected(one: SLClient, n: int) -> list[tuple[int, Any]]:
    """Sequence and trace of the first n packets, then hang up."""
    found: list[tuple[int, Any]] = []

    def take(_: int, packet: Any) -> bool:
        if isinstance(packet, SLPacket):
            found.append((packet.get_sequence_number(), packet.get_trace()))
        return len(found) == n

    one.run(packet_handler=take)
    return found


def test_obspys_client_hears_every_record_of_the_stations_it_asked_for() -> None:
    async def talk() -> list[tuple[int, Any]]:
        async with serve(Ring(begin=2**24 - 3)) as server:
            one = obspy_client(server.port, multiselect="XX_A:00HHZ,XX_B:HH?", begin_time="2023,11,14,22,13,20")
            for k in range(6):
                for channel in ("HHZ", "HHN"):
                    server.put(record(k, station="AB"[k % 2], channel=channel))
                server.put(record(k, station="C"))
            server.put(record3(9))
            return await asyncio.to_thread(collected, one, 9)

    found = run(talk)
    names = [trace.id for _, trace in found]
    assert names.count("XX.A.00.HHZ") == 3
    assert (names.count("XX.B.00.HHZ"), names.count("XX.B.00.HHN")) == (3, 3)
    for _, trace in found:
        k = round(trace.stats.starttime.timestamp - 1_700_000_000)
        assert np.array_equal(trace.data, np.arange(k, k + 100))
    of_b = [sequence for sequence, trace in found if "B" in trace.id]
    assert of_b == [(2**24 - 3 + k) % 2**24 for k in range(6)]


def test_obspys_client_resumes_by_its_sequence_with_nothing_lost_or_doubled() -> None:
    async def talk() -> list[int]:
        async with serve() as server:
            for k in range(8):
                server.put(record(k))
            heard = []
            for n in (3, 2, 3):
                one = obspy_client(server.port, multiselect="XX_A:HHZ")
                stream = one.slconn.streams[0]
                stream.seqnum = heard[-1] if heard else -1
                if not heard:
                    one.slconn.set_begin_time("2023,11,14,22,13,20")
                heard += [sequence for sequence, _ in await asyncio.to_thread(collected, one, n)]
            return heard

    assert run(talk) == list(range(8))


def test_obspys_client_reads_info_streams() -> None:
    async def talk() -> str:
        async with serve() as server:
            for k in range(40):
                server.put(record(k, station=f"S{k:02d}"))
            one = obspy_client(server.port, infolevel="STREAMS")
            await asyncio.to_thread(one.run, lambda _, packet: packet.get_type() == SLPacket.TYPE_SLINFT)
            return str(one.slconn.get_info_string())

    told = ElementTree.fromstring(run(talk))
    stations = told.findall("station")
    assert [one.get("name") for one in stations] == [f"S{k:02d}" for k in range(40)]
    stream = stations[7].find("stream")
    assert stream is not None
    assert (stream.get("location"), stream.get("seedname"), stream.get("type")) == ("00", "HHZ", "D")
    assert stream.get("begin_time") == "2023/11/14 22:13:27.0000"


def test_obspys_client_ends_where_its_time_ends() -> None:
    async def talk() -> list[tuple[int, Any]]:
        async with serve() as server:
            for k in range(10):
                server.put(record(k))
            one = obspy_client(
                server.port, multiselect="XX_A:HHZ", begin_time="2023,11,14,22,13,22", end_time="2023,11,14,22,13,25"
            )
            return await asyncio.to_thread(collected, one, 99)

    assert [sequence for sequence, _ in run(talk)] == [2, 3, 4]


@pytest.mark.skipif(importlib.util.find_spec("seedlink_client") is None, reason="seedlink-client is not installed")
@pytest.mark.parametrize("version", [3, 4])
def test_earthscopes_client_hears_resumes_and_reads_info(version: int) -> None:
    import seedlink_client as peer

    protocol = peer.Protocol.V3 if version == 3 else peer.Protocol.V4

    def heard(port: int, **told: Any) -> list[tuple[int, bytes]]:
        with peer.SeedLink("127.0.0.1", port=port, timeout=20, protocol=protocol, dialup=True) as one:
            one.add_stream("XX_A", "00HHZ" if version == 3 else "00_H_H_Z", **told)
            return [(packet.seqnum, bytes(packet.payload)) for packet in one.collect()]

    def told(port: int) -> Any:
        with peer.SeedLink("127.0.0.1", port=port, timeout=20, protocol=protocol) as one:
            return one.info_dict("STREAMS")

    async def talk() -> tuple[list[tuple[int, bytes]], Any]:
        async with serve(Ring(begin=500)) as server:
            for k in range(6):
                server.put(record(k))
                server.put(record(k, channel="LHZ"))
            found = await asyncio.to_thread(heard, server.port, seqnum=503)
            return found, await asyncio.to_thread(told, server.port)

    found, info = run(talk)
    assert found == [(504 + 2 * k, record(2 + k)) for k in range(4)]
    assert "HHZ" in str(info) or "00_H_H_Z" in str(info)


@pytest.mark.parametrize("version", ["-3", "-4"])
def test_slinktool_hears_the_same(version: str) -> None:
    if not shutil.which("slinktool"):
        pytest.skip("slinktool is not on PATH")

    async def talk() -> bytes:
        async with serve() as server:
            for k in range(5):
                server.put(record(k))
            command = ["slinktool", version, "-d", "-S", "XX_A", "-o", "-", f"127.0.0.1:{server.port}"]
            done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=30)
            return bytes(done.stdout)

    heard = obspy.read(io.BytesIO(run(talk)))
    heard.merge()
    assert heard[0].stats.npts == 500
