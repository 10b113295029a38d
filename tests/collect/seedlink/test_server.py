"""The server to a client that speaks the protocol by hand: handshake, resume, time, INFO, limits, TLS, slow readers."""

from __future__ import annotations

import asyncio
import ssl
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seedlink_parts import Raw4, S, T, record, record3, run, serve

from foreshock.clock import iso_utc
from foreshock.collect.seedlink import Accounts, Ring
from foreshock.collect.seedlink.server import SeedLinkServer
from foreshock.errors import ConfigError, FormatError, InputError, OutputError


async def streaming(server: SeedLinkServer, *lines: str) -> Raw4:
    """A client that has said these lines and waits for data."""
    raw = await Raw4.connected(server.port)
    assert await raw.ask("SLPROTO 4.0") == "OK"
    answers = await raw.asks(*lines)
    assert set(answers) == {"OK"}, answers
    raw.writer.write(b"END\r\n")
    return raw


def test_the_handshake_of_the_protocols_text() -> None:
    async def talk() -> list[str]:
        async with serve() as server:
            raw = await Raw4.connected(server.port)
            told = [await raw.ask("HELLO"), (await raw.reader.readline()).decode().strip()]
            told += await raw.asks(
                "SLPROTO 4.0", "USERAGENT slinktool/4.3 libslink/2020.046", "GETCAPABILITIES", "STATION GE_APE",
                "SELECT", "SELECT *_B_H_?.2D", "DATA 1405339897", "STATION GE_WLF", "SELECT *_H_H_?:native", "DATA ALL",
                "NONSENSE", "station GE_*", "DATA x", "AUTH USERPASS a b",
            )  # fmt: skip
            raw.close()
            return told

    told = run(talk)
    assert told[0].startswith("SeedLink v4.0 (foreshock) :: SLPROTO:4.0 SLPROTO:3.1")
    assert told[1] == "Foreshock relay"
    assert told[2:4] == ["OK", "OK"]
    assert "TIME" in told[4].split()
    assert told[5] == "OK"
    assert told[6].startswith("ERROR ARGUMENTS")
    assert told[7:12] == ["OK"] * 5
    assert told[12].startswith("ERROR UNSUPPORTED")
    assert told[13] == "OK"
    assert told[14].startswith("ERROR ARGUMENTS sequence 'x'")
    assert told[15].startswith("ERROR UNSUPPORTED")


def test_commands_may_be_sent_before_earlier_ones_are_answered_and_end_in_any_way() -> None:
    async def talk() -> tuple[bytes, str]:
        async with serve() as server:
            raw = await Raw4.connected(server.port)
            raw.writer.write(b"\r\n\nSLPROTO 4.0\nstation\tXX_A\rSELECT 00_*\r\n\r\nDATA\r\nEND\r\n")
            answers = await raw.reader.readexactly(16)
            server.put(record(0))
            told = (await raw.packet())[2]
            raw.close()
            return answers, told

    assert run(talk) == (b"OK\r\n" * 4, "XX_A")


def test_a_record_is_pushed_as_it_came_with_its_station_and_number() -> None:
    async def talk() -> list[tuple[str, int, str, bytes]]:
        async with serve(Ring(begin=2**40)) as server:
            raw = await streaming(server, "STATION *", "DATA")
            await asyncio.sleep(0.05)
            for one in (record(0), record3(1), record(0, station="B")):
                server.put(one)
            told = [await raw.packet() for _ in range(3)]
            raw.close()
            return told

    assert run(talk) == [
        ("2D", 2**40, "XX_A", record(0)),
        ("3D", 2**40 + 1, "XX_A", record3(1)),
        ("2D", 2**40, "XX_B", record(0, station="B")),
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("DATA ALL", [10, 11, 12, 13, 14]),
        ("DATA 12", [12, 13, 14]),
        ("DATA 0", [10, 11, 12, 13, 14]),
        ("DATA 99", [15]),
        ("DATA", [15]),
        ("DATA -1", [15]),
        (f"DATA ALL {iso_utc(T + 11 * S)} {iso_utc(T + 13 * S)}", [11, 12]),
        (f"DATA 12 {iso_utc(T + 11 * S)}", [12, 13, 14]),
        (f"DATA ALL {iso_utc(T + 13 * S + S // 2)}", [13, 14]),
    ],
)
def test_data_begin_where_they_were_asked_for(data: str, expected: list[int]) -> None:
    async def talk() -> list[int]:
        async with serve(Ring(records=5)) as server:
            for k in range(15):
                server.put(record(k))
            raw = await streaming(server, "STATION XX_A", data)
            await asyncio.sleep(0.05)
            server.put(record(15))
            found = await raw.sequences(len(expected))
            raw.close()
            return found

    assert run(talk) == expected


def test_dialup_ends_with_end_and_nothing_after_it() -> None:
    async def talk() -> tuple[list[int], bytes]:
        async with serve() as server:
            for k in range(3):
                server.put(record(k))
            raw = await Raw4.connected(server.port)
            await raw.asks("SLPROTO 4.0", "STATION *", "DATA ALL")
            raw.writer.write(b"ENDFETCH\r\n")
            found = await raw.sequences(3)
            end = await raw.reader.readexactly(3)
            server.put(record(3))
            await asyncio.sleep(0.05)
            raw.writer.write(b"INFO ID\r\nBYE\r\n")
            left = await raw.reader.read()
            raw.close()
            return found, end + left

    found, end = run(talk)
    assert found == [0, 1, 2]
    assert end[:3] == b"END"
    assert b"2D" not in end


def test_selectors_choose_streams_and_the_first_station_that_fits_speaks() -> None:
    async def talk() -> list[bytes]:
        async with serve() as server:
            raw = await streaming(
                server, "STATION XX_A", "SELECT 00_H_H_? !*_N", "DATA", "STATION XX_*", "SELECT *_Z", "DATA"
            )
            await asyncio.sleep(0.05)
            for station in "AB":
                for channel in ("HHZ", "HHN", "LHZ"):
                    server.put(record(0, station=station, channel=channel))
            told = [(await raw.packet())[3] for _ in range(3)]
            raw.close()
            return told

    assert run(talk) == [record(0), record(0, station="B"), record(0, station="B", channel="LHZ")]


def test_info_tells_stations_and_streams_as_json() -> None:
    async def talk() -> list[dict[str, object]]:
        async with serve(Ring(begin=5)) as server:
            for k in range(3):
                server.put(record(k))
            server.put(record(9, station="B"))
            raw = await Raw4.connected(server.port)
            await raw.ask("SLPROTO 4.0")
            told = [await raw.info(words) for words in ("ID", "FORMATS", "STREAMS XX_A 00_*", "STATIONS", "GAPS", "")]
            raw.close()
            return told

    who, formats, streams, stations, gaps, empty = run(talk)
    assert who["kind"] == "JI"
    assert str(who["software"]).startswith("SeedLink v4.0 (foreshock)")
    assert formats["format"]["2"]["mimetype"] == "application/vnd.fdsn.mseed"  # type: ignore[index]
    (station,) = streams["station"]  # type: ignore[misc,attr-defined]
    assert (station["id"], station["begin_seq"], station["end_seq"]) == ("XX_A", 5, 8)
    (stream,) = station["stream"]
    assert (stream["id"], stream["format"], stream["subformat"]) == ("00_H_H_Z", "2", "D")
    assert (stream["begin_time"], stream["end_time"]) == (iso_utc(T), iso_utc(T + 3 * S))
    assert [one["id"] for one in stations["station"]] == ["XX_A", "XX_B"]  # type: ignore[attr-defined]
    assert gaps["kind"] == empty["kind"] == "JE"
    assert gaps["error"]["code"] == "ARGUMENTS"  # type: ignore[index]


def test_info_is_answered_while_data_flow() -> None:
    async def talk() -> list[str]:
        async with serve() as server:
            raw = await streaming(server, "STATION *", "DATA")
            await asyncio.sleep(0.05)
            server.put(record(0))
            raw.writer.write(b"INFO ID\r\nSTATION XX_B\r\n")
            await asyncio.sleep(0.05)
            server.put(record(1))
            told = [(await raw.packet())[0] for _ in range(3)]
            raw.close()
            return told

    assert sorted(run(talk)) == ["2D", "2D", "JI"]


def test_a_client_that_stops_reading_stops_nobody_and_is_let_go() -> None:
    n = 16_000  # more than the kernel keeps on a line

    async def talk() -> tuple[list[int], float, int, int]:
        async with serve(Ring(records=200), stalled_s=0.4, line_bytes=1 << 14) as server:
            stuck = await streaming(server, "STATION *", "DATA")
            stuck.writer.transport.pause_reading()  # type: ignore[attr-defined]
            quick = await streaming(server, "STATION *", "DATA")
            await asyncio.sleep(0.05)
            loop, slowest_s, found = asyncio.get_running_loop(), 0.0, []
            one = record(0)
            for _ in range(n // 100):
                began = loop.time()
                for _ in range(100):
                    server.put(one)
                found += await quick.sequences(100)
                slowest_s = max(slowest_s, loop.time() - began)
            held = max(one._transport.get_write_buffer_size() for one in server._clients)
            await asyncio.sleep(1.0)
            dropped = server.tally().n_dropped
            quick.close()
            stuck.writer.transport.abort()
            return found, slowest_s, held, dropped

    found, slowest_s, held, dropped = run(talk)
    assert found == list(range(n))
    assert slowest_s < 2
    assert held < 1 << 18
    assert dropped == 1


def test_a_slow_client_goes_on_from_its_place_and_what_the_ring_forgot_is_counted() -> None:
    async def talk() -> tuple[list[int], int]:
        async with serve(Ring(records=50), line_bytes=1 << 12) as server:
            raw = await streaming(server, "STATION *", "DATA")
            await asyncio.sleep(0.05)
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
            one = record(0)
            for k in range(20_000):
                server.put(one)
                if k % 100 == 0:
                    await asyncio.sleep(0)
            raw.writer.transport.resume_reading()  # type: ignore[attr-defined]
            found = await raw.sequences(1)
            while found[-1] < 19_999:
                found += await raw.sequences(1)
            missed = server.tally().n_missed
            raw.close()
            return found, missed

    found, missed = run(talk)
    assert found == sorted(set(found))
    assert missed == 20_000 - len(found) > 0


def test_clients_beyond_the_limit_and_those_who_say_nothing_are_turned_away() -> None:
    async def talk() -> tuple[bytes, bytes, int, int]:
        async with serve(most_clients=1, handshake_s=0.2) as server:
            first = await Raw4.connected(server.port)
            await asyncio.sleep(0.02)
            second = await Raw4.connected(server.port)
            turned_away = await second.reader.read()
            silent = await first.reader.read()
            tally = server.tally()
            first.close()
            second.close()
            return turned_away, silent, tally.n_turned_away, tally.n_dropped

    assert run(talk) == (b"", b"", 1, 1)


@pytest.mark.parametrize("content", [b"A" * 300, b"\xff\x00" * 200, b"STATION " + b"*" * 200 + b"\r\n"])
def test_junk_is_answered_by_an_error_or_a_closed_line_and_the_server_lives(content: bytes) -> None:
    async def talk() -> tuple[bytes, str]:
        async with serve() as server:
            raw = await Raw4.connected(server.port)
            raw.writer.write(content)
            heard = await raw.reader.read(100)
            raw.close()
            other = await Raw4.connected(server.port)
            hello = await other.ask("HELLO")
            other.close()
            return heard, hello

    heard, hello = run(talk)
    assert heard.startswith(b"ERROR")
    assert hello.startswith("SeedLink")


def test_what_is_no_record_is_refused_and_not_numbered() -> None:
    server = serve()
    with pytest.raises(FormatError):
        server.put(b"junk" * 128)
    assert server.tally().n_records == 0


def test_whoever_invents_names_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreshock.collect.seedlink.ring.MOST_STREAMS", 3)
    ring = Ring()
    for station in "ABC":
        ring.put(record(0, station=station))
    with pytest.raises(InputError, match="stream of XX_D: the ring holds 3 streams already"):
        ring.put(record(0, station="D"))
    assert ring.put(record(1)).sequence == 1
    assert set(ring.stations) == {"XX_A", "XX_B", "XX_C"}


def test_exposure_needs_to_be_asked_for() -> None:
    with pytest.raises(ConfigError, match="--host 0.0.0.0: others than this machine could read there; .*--expose"):
        run(serve(host="0.0.0.0").start)


def test_a_port_in_use_is_told() -> None:
    async def twice() -> None:
        async with serve() as server:
            other = serve()
            other.settings = other.settings.model_copy(update={"port": server.port})
            await other.start()

    with pytest.raises(OutputError, match="cannot be listened at"):
        run(twice)


def test_a_password_is_taken_over_tls_only_and_opens_the_data(certificate: tuple[str, str]) -> None:
    known = Accounts({"ann": "sesame"})
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=certificate[0])
    ours.load_cert_chain(*certificate)

    async def talk() -> tuple[list[str], list[str], str, str, bytes]:
        async with serve(accounts=known) as plain:
            raw = await Raw4.connected(plain.port)
            bare = await raw.asks("SLPROTO 4.0", "AUTH USERPASS ann sesame", "STATION *")
            raw.close()
        async with serve(accounts=known, tls=ours) as server:
            raw = await Raw4.connected(server.port, ssl=theirs, server_hostname="localhost")
            before = await raw.asks("SLPROTO 4.0", "AUTH USERPASS ann Sesame", "AUTH USERPASS bob sesame", "STATION *")
            hidden = (await raw.info("STREAMS"))["kind"]
            opened = (await raw.asks("AUTH USERPASS ann sesame", "STATION *", "DATA"))[-1]
            raw.writer.write(b"END\r\n")
            await asyncio.sleep(0.05)
            server.put(record(0))
            payload = (await raw.packet())[3]
            raw.close()
            return bare, before, hidden, opened, payload

    bare, before, hidden, opened, payload = run(talk)
    assert [one.partition(" ")[2].partition(" ")[0] for one in bare] == ["", "UNEXPECTED", "UNAUTHORIZED"]
    assert [one.split(" ")[:2] for one in before[1:]] == [
        ["ERROR", "AUTH"],
        ["ERROR", "AUTH"],
        ["ERROR", "UNAUTHORIZED"],
    ]
    assert (hidden, opened, payload) == ("JE", "OK", record(0))


def test_version_3_says_ok_or_error_and_nothing_else() -> None:
    async def talk() -> list[str]:
        async with serve() as server:
            raw = await Raw4.connected(server.port)
            told = await raw.asks(
                "CAPABILITIES EXTREPLY", "CAPABILITIES NSWILDCARD", "CAT", "STATION * *", "SELECT BHZZ", "SELECT BH?.D",
                "SELECT", "DATA XYZ", "DATA 0x00001F", "STATION A XX", "TIME 2020,6,23", "TIME 2020,6,23,15,29,4",
                "FETCH 00001F 2020,6,23,15,29,60", "STATION",
            )  # fmt: skip
            raw.close()
            return told

    assert [one == "OK" for one in run(talk)] == [bool(int(one)) for one in "01010110110110"]
    assert set(run(talk)) == {"OK", "ERROR"}


def test_batch_is_answered_once_and_then_all_is_silent() -> None:
    async def talk() -> bytes:
        async with serve() as server:
            raw = await Raw4.connected(server.port)
            raw.writer.write(b"BATCH\r\nSTATION A XX\r\nSELECT BHZZ\r\nSELECT ?????\r\nDATA\r\nEND\r\n")
            await asyncio.sleep(0.1)
            server.put(record(0))
            heard = await raw.reader.readexactly(4 + 8 + 512)
            raw.close()
            return heard

    assert run(talk) == b"OK\r\nSL000000" + record(0)


def test_version_3_resumes_by_24_bits() -> None:
    ring = Ring(records=10, begin=2**24 * 3 - 5)
    for k in range(10):
        ring.put(record(k))
    station = ring.stations["XX_A"]
    assert [station.from_sequence3(low) - station.first for low in (2**24 - 5, 2**24 - 1, 0, 3)] == [0, 4, 5, 8]
    assert station.from_sequence3(5) == station.next
    assert ring.stations["XX_A"].get(2**24 * 3).before3 == b"SL000000"


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(1, 12))
def test_a_ring_holds_the_last_records_of_each_station_in_order(stations: list[int], records: int) -> None:
    ring = Ring(records=records, begin=7)
    counts = [0] * 4
    for station in stations:
        entry = ring.put(record(counts[station], station="ABCD"[station]))
        assert entry.sequence == 7 + counts[station]
        counts[station] += 1
    for station, count in enumerate(counts):
        if count:
            held = ring.stations["XX_" + "ABCD"[station]]
            assert (held.next, held.first) == (7 + count, 7 + max(0, count - records))
            assert [one.sequence for one in held.held()] == list(range(held.first, held.next))


def test_the_head_of_a_version_4_packet_is_little_endian() -> None:
    entry = Ring(begin=1).put(record(0))
    assert entry.before4 == b"SE2D" + struct.pack("<IQB", 512, 1, 4) + b"XX_A"
