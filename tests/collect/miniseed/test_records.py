"""miniSEED 2 and 3: written here and read by ObsPy and here; published records; hostile ones cost only themselves."""

from __future__ import annotations

import base64
import io
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import obspy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.collect.miniseed import Limits, cut, decode, encode2, encode3, read_header
from foreshock.collect.miniseed.crc32c import crc32c
from foreshock.errors import FormatError, InputError
from foreshock.types.arrays import AnyArray
from foreshock.types.packet import Packet

T = utc_ns("2023-11-14T22:13:20.123456Z")
RATES = (100.0, 31.25, 200.0, 0.1, 1 / 3, 1 / 60, 40.0001, 0.123, 1000.0)


def packet(samples: AnyArray, *, rate_hz: float = 100.0, start_ns: int = T, channel: str = "HHZ") -> Packet:
    return Packet("XX.ABCDE.00", channel, start_ns, rate_hz, samples, arrived_ns=T + 10**16)


def wiggle(n: int, dtype: type = np.int32, *, seed: int = 0) -> AnyArray:
    return np.cumsum(np.random.default_rng(seed).normal(0, 300, n)).astype(dtype)


def read(records: list[bytes]) -> list[Packet]:
    done = decode(records, arrived_ns=T + 10**16)
    assert done.refused == []
    return done.packets


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("dtype", [np.int32, np.float32, np.float64])
def test_version_2_comes_back_from_obspy_and_from_here(rate_hz: float, dtype: type) -> None:
    one = packet(wiggle(1234, dtype), rate_hz=rate_hz)
    records = encode2(one)
    assert {len(record) for record in records} == {512}
    stream = obspy.read(io.BytesIO(b"".join(records)), format="MSEED")
    stream.merge()
    assert stream[0].id == "XX.ABCDE.00.HHZ"
    assert stream[0].stats.starttime.ns == one.start_ns
    assert stream[0].stats.sampling_rate == pytest.approx(rate_hz, rel=1e-6)
    assert np.array_equal(stream[0].data, one.samples)
    ours = read(records)
    assert np.array_equal(np.concatenate([part.samples for part in ours]), one.samples)
    assert all(abs(b.start_ns - a.end_ns) < 2000 for a, b in pairwise(ours))


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("dtype", [np.int32, np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 100, 5000])
def test_version_3_comes_back_to_the_nanosecond_and_the_last_bit_of_the_rate(
    rate_hz: float, dtype: type, n: int
) -> None:
    one = packet(wiggle(n, dtype), rate_hz=rate_hz, start_ns=T + 789)
    (back,) = read([encode3(one)])
    assert (back.station_id, back.channel, back.start_ns) == ("XX.ABCDE.00", "HHZ", T + 789)
    assert back.rate_hz == pytest.approx(rate_hz, rel=1e-15)
    assert back.samples.dtype == dtype
    assert np.array_equal(back.samples, one.samples)


@pytest.mark.parametrize(
    ("encoding", "order"),  # the manual knows big-endian Steim frames only
    [
        ("STEIM1", ">"),
        ("STEIM2", ">"),
        *((name, order) for name in ("INT16", "INT32", "FLOAT32", "FLOAT64") for order in "<>"),
    ],
)
@pytest.mark.parametrize("reclen", [256, 512, 4096])
def test_what_obspy_writes_is_read_in_every_encoding(encoding: str, order: str, reclen: int) -> None:
    kind = {"INT16": np.int16, "FLOAT32": np.float32, "FLOAT64": np.float64}.get(encoding, np.int32)
    x = wiggle(700, kind)
    told = {"network": "IU", "station": "ANMO", "location": "10", "channel": "BHE", "sampling_rate": 40.0}
    trace = obspy.Trace(x, told | {"starttime": obspy.UTCDateTime(ns=T)})
    content = io.BytesIO()
    obspy.Stream([trace]).write(content, format="MSEED", encoding=encoding, byteorder=order, reclen=reclen)
    records, rest = cut(content.getvalue())
    assert rest == b""
    parts = read(records)
    assert {(part.station_id, part.channel, part.rate_hz) for part in parts} == {("IU.ANMO.10", "BHE", 40.0)}
    assert parts[0].start_ns == T
    assert np.array_equal(np.concatenate([part.samples for part in parts]), x)


REFERENCE = (
    "TVMDBBXNWwfmB5wAFCAmAQAAAAAAAPA/3AAAALf+CH4BEwAAuAEAAEZEU046WFhfVEVTVF9fTF9IX1oAAAYACgAKAAYAAAD5//T/9P/4/w=="
)


def test_the_beginning_of_the_published_16_bit_record_is_read() -> None:
    """FDSN miniSEED 3, reference-data/reference-sinusoid-int16: header, checksum 0x7E08FEB7, first samples."""
    head = base64.b64decode(REFERENCE)
    assert head[28:32] == struct.pack("<I", 0x7E08FEB7)
    assert np.frombuffer(head[59:], "<i2", 6).tolist() == [0, 6, 10, 10, 6, 0]
    with pytest.raises(FormatError, match="it ends after 79 of 499 bytes"):
        read_header(head)


def test_a_leap_second_is_the_next_minutes_first() -> None:
    record = bytearray(encode3(packet(wiggle(5), start_ns=utc_ns("2016-12-31T23:59:59Z"))))
    record[14] = 60
    record[28:32] = bytes(4)
    record[28:32] = struct.pack("<I", crc32c(bytes(record)))
    assert read([bytes(record)])[0].start_ns == utc_ns("2017-01-01T00:00:00Z")


def test_a_time_correction_counts_until_it_is_applied() -> None:
    record = bytearray(encode2(packet(wiggle(50)))[0])
    record[40:44] = struct.pack(">i", 12_345)
    assert read([bytes(record)])[0].start_ns == T + 1_234_500_000
    record[36] |= 2
    assert read([bytes(record)])[0].start_ns == T


# -- hostile -----------------------------------------------------------------------------------------------------------


def changed(record: bytes, at: int, content: bytes) -> bytes:
    return record[:at] + content + record[at + len(content) :]


V2, V3 = encode2(packet(wiggle(100)))[0], encode3(packet(wiggle(100)))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (b"", "does not begin as miniSEED"),
        (b"GET / HTTP/1.1\r\n" * 32, "does not begin as miniSEED"),
        (bytes(512), "does not begin as miniSEED"),
        (V2[:256], "it ends after 256 of 512 bytes"),
        (V2[:40], "does not begin as miniSEED"),
        (changed(V2, 20, struct.pack(">H", 1)), "year is not between 1900 and 2100"),
        (changed(V2, 22, struct.pack(">H", 500)), "year is not between 1900 and 2100"),
        (changed(V2, 24, bytes([25])), "its time is day"),
        (changed(V2, 20, struct.pack(">HHBBB", 1970, 1, 0, 0, 0)), "when no clock was set"),
        (changed(V2, 20, struct.pack(">H", 2090)), "after it arrived"),
        (changed(V2, 32, struct.pack(">hh", 0, 0)), "holds no time series"),
        (changed(V2, 32, struct.pack(">hh", 32767, 32767)), "sampling rate is 1.07368e+09 Hz"),
        (changed(V2, 32, struct.pack(">hh", -32767, -32767)), "e-10 Hz, outside"),
        (changed(V2, 30, struct.pack(">H", 0)), "holds no time series"),
        (changed(V2, 30, struct.pack(">H", 60_000)), "of the 60000 samples its header promises"),
        (changed(V2, 46, struct.pack(">H", 0)), "no blockette 1000"),
        (changed(V2, 50, struct.pack(">H", 48)), "blockettes point backwards"),
        (changed(V2, 54, bytes([40])), "no blockette 1000"),
        (changed(V2, 52, bytes([99])), "its encoding 99"),
        (changed(V2, 52, bytes([5])), "no room for the 100 samples"),
        (changed(V2, 53, bytes([0])), "little-endian"),
        (changed(V2, 64, b"\xff" * 64), "Steim frames"),
        (changed(V2, 8, b"\xff\xfe"), "not ASCII"),
        (changed(V2, 15, b"   "), "its codes are"),
        (V3[:-1], "it ends after"),
        (V3[:30], "after 30 of the 40 bytes of a header"),
        (changed(V3, 70, b"\x01"), "checksum does not fit"),
        (changed(V3, 36, struct.pack("<I", 2**31)), "more than 1048576"),
    ],
)
def test_a_hostile_record_costs_itself_and_says_why(record: bytes, said: str) -> None:
    done = decode([V2, record, V3], arrived_ns=T + 10**9)
    assert [one.number for one in done.refused] == [1]
    assert said in done.refused[0].reason
    assert done.refused[0].item
    assert [np.array_equal(one.samples, wiggle(100)) for one in done.packets] == [True, True]


@given(st.binary(max_size=600), st.integers(0, 511), st.sampled_from([V2, V3]))
def test_any_damage_gives_a_packet_or_a_reason(junk: bytes, at: int, record: bytes) -> None:
    done = decode([changed(record, at, junk), V2], arrived_ns=T)
    assert len(done.packets) + len(done.refused) == 2
    assert done.packets
    assert np.array_equal(done.packets[-1].samples, wiggle(100))


def test_what_is_believed_of_the_future_can_be_set() -> None:
    late_ns = T - 7200 * NS_PER_S
    assert "7200 s after it arrived" in decode([V2], arrived_ns=late_ns).refused[0].reason
    assert decode([V2], arrived_ns=late_ns, limits=Limits(ahead_s=None)).packets[0].latency_s < 0


def test_a_stream_of_bytes_is_cut_at_its_records_and_the_rest_is_kept() -> None:
    records, rest = cut(V2 + V3 + V2[:300])
    assert records == [V2, V3]
    assert rest == V2[:300]
    with pytest.raises(FormatError, match="at byte 512 it does not begin"):
        cut(V2 + bytes(1000))


def test_codes_too_long_for_version_2_are_refused_with_the_remedy() -> None:
    long = Packet("XX.STATION.00", "HHZ", T, 100.0, wiggle(5), arrived_ns=T)
    with pytest.raises(InputError, match="station 'STATION' of XX.STATION.00.HHZ: .* use miniSEED 3"):
        encode2(long)
    assert read([encode3(long)])[0].station_id == "XX.STATION.00"


@pytest.mark.realdata
def test_real_records_are_what_obspy_reads(realdata: Path) -> None:
    paths = (
        sorted((realdata / "luhu_continuous").rglob("*.mseed"))[:1] + sorted((realdata / "esec").rglob("*.mseed"))[:3]
    )
    assert len(paths) == 4
    for path in paths:
        content = path.read_bytes()[: 512 * 2000]
        records, rest = cut(content)
        done = decode(records, arrived_ns=T)
        assert done.refused == []
        stream = obspy.read(io.BytesIO(content[: len(content) - len(rest)]), format="MSEED")
        for trace in stream:
            parts = [one for one in done.packets if f"{one.station_id}.{one.channel}" == trace.id]
            inside = [one for one in parts if trace.stats.starttime.ns <= one.start_ns < trace.stats.endtime.ns]
            assert np.array_equal(np.concatenate([one.samples for one in inside]), trace.data)
