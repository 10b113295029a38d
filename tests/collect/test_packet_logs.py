"""Packet logs and files become packets in order of arrival, with both their times; hostile lines cost themselves."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import obspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.collect.as_packets import FilePackets
from foreshock.collect.packet_logs import PacketLog
from foreshock.collect.telemetry import constant, jittered
from foreshock.errors import InputError, NotFoundError, NothingMatchedError

T = utc_ns("2020-06-23T15:29:04Z")


def line(device: str = "001", *, device_s: float = 0.0, cloud_s: float = 0.3, **changes: Any) -> str:
    row = [0.01 * k for k in range(32)]
    told = {"device_id": device, "x": row, "y": row, "z": row, "sr": 31.25}
    return json.dumps(told | {"device_t": T / 1e9 + device_s, "cloud_t": T / 1e9 + cloud_s} | changes)


def logged(folder: Path, *lines: str) -> PacketLog:
    (folder / "log.jsonl").write_text("\n".join(lines))
    return PacketLog(folder)


def test_a_line_is_a_packet_a_channel_in_metres_a_second_squared(tmp_path: Path) -> None:
    packets = list(logged(tmp_path, line()).packets())
    assert [(one.station_id, one.channel) for one in packets] == [("OE.001.", code) for code in ("BNZ", "BN1", "BN2")]
    one = packets[0]
    assert (one.rate_hz, one.unit, one.arrived_ns) == (31.25, "m/s2", pytest.approx(T + 0.3 * NS_PER_S, abs=1000))
    assert one.samples[-1] == np.float32(0.31) * np.float32(0.01)
    assert one.end_ns - one.start_ns == 32 * 32_000_000
    assert one.start_ns + 31 * 32_000_000 == pytest.approx(T, abs=1000)


def test_disorder_is_kept_and_arrivals_rise(tmp_path: Path) -> None:
    told = [line(device_s=2, cloud_s=2.3), line("002", device_s=0, cloud_s=9), line(device_s=1, cloud_s=3.1)]
    packets = [one for one in logged(tmp_path, *told).packets() if one.channel == "BNZ"]
    assert [one.arrived_ns for one in packets] == sorted(one.arrived_ns for one in packets)
    assert [one.station_id for one in packets] == ["OE.001.", "OE.001.", "OE.002."]
    assert packets[0].start_ns > packets[1].start_ns


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[1]", "it is no object"),
        (line(sr=None), "sr is 'None', not a number"),
        (line(sr=0), "its rate or times are 0.0 Hz"),
        (line(device_t="now"), "device_t is 'now', not a number"),
        (line(cloud_t=-5), "its rate or times"),
        (line(x=[1, 2]), "equally many samples"),
        (line(y=[]), "no list of 1 to"),
        (line(z=["a"] * 32), "what is no number"),
        (line(z=[[1]] * 32), "NaN, infinity or lists"),
        (line(x=[float("nan")] * 32), "NaN, infinity or lists"),
        (line("../../x"), "its device is '../../x'"),
        (line().replace("device_t", "time"), "device_t is missing"),
        ('{"x": "' + "a" * (1 << 20) + '"}', "longer than 1048576 bytes"),
    ],
)
def test_a_bad_line_is_told_by_file_and_number_and_the_log_goes_on(tmp_path: Path, bad: str, said: str) -> None:
    log = logged(tmp_path, line(), bad, line(device_s=1, cloud_s=1.3))
    packets = list(log.packets())
    assert len(packets) == (3 if len(bad) > 1 << 20 else 6)
    assert log.skipped[0][0].endswith("log.jsonl:2")
    assert said in log.skipped[0][1]


def test_a_cut_gzip_file_gives_what_came_before(tmp_path: Path) -> None:
    whole = gzip.compress("\n".join(line(device_s=k, cloud_s=k + 0.3) for k in range(500)).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    log = PacketLog(tmp_path)
    assert 100 < len(list(log.packets())) < 1500
    assert "cannot be read on" in log.skipped[0][1]


def test_nothing_there_and_nothing_in_it_are_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="does not exist"):
        list(PacketLog(tmp_path / "away").packets())
    with pytest.raises(NothingMatchedError, match="it holds no packet"):
        list(PacketLog(tmp_path).packets())


@pytest.mark.realdata
def test_the_log_of_oaxaca_has_the_known_delays_and_disorder(realdata: Path) -> None:
    log = PacketLog(realdata / "openeew_2020")
    packets = [one for one in log.packets() if one.channel == "BNZ"]
    assert log.skipped == []
    assert len({one.station_id for one in packets}) == 13
    assert all(a.arrived_ns <= b.arrived_ns for a, b in pairwise(packets))
    of_24 = [one for one in packets if one.station_id == "OE.024."]
    assert len(of_24) == 216
    assert sum(b.start_ns < a.start_ns for a, b in pairwise(of_24)) == 3
    one_sample_s = 1 / 31.25
    assert max(one.latency_s for one in of_24) + one_sample_s == pytest.approx(21.3, abs=0.05)
    assert min(one.latency_s for one in packets) + one_sample_s > 0.1
    assert max(np.abs(one.samples).max() for one in log.packets()) == pytest.approx(1.69, abs=0.01)


# -- files -------------------------------------------------------------------------------------------------------------


def trace(n: int, *, start_ns: int = T, channel: str = "HHZ", rate_hz: float = 100.0, dtype: type = np.int32) -> Any:
    told = {"network": "XX", "station": "A", "location": "00", "channel": channel, "sampling_rate": rate_hz}
    samples = np.random.default_rng(n).integers(-999, 999, n).astype(dtype)
    return obspy.Trace(samples, told | {"starttime": obspy.UTCDateTime(ns=start_ns)})


def written(folder: Path, *traces: Any) -> Path:
    for number, one in enumerate(traces):
        obspy.Stream([one]).write(str(folder / f"{number}.mseed"), format="MSEED")
    return folder


@settings(max_examples=40)
@given(
    n=st.integers(1, 1500),
    rate_hz=st.sampled_from([100.0, 31.25, 1.0, 200.0]),
    late_ns=st.integers(0, 3 * NS_PER_S),
    packet_s=st.sampled_from([0.1, 0.5, 1.0, 7.3]),
)
def test_packets_are_the_samples_once_each_cut_at_whole_times(
    tmp_path_factory: pytest.TempPathFactory, n: int, rate_hz: float, late_ns: int, packet_s: float
) -> None:
    late_ns -= late_ns % 1000  # miniSEED 2 keeps microseconds
    one = trace(n, start_ns=T + late_ns, rate_hz=rate_hz)
    folder = written(tmp_path_factory.mktemp("files"), one)
    packets = list(FilePackets(folder, packet_s=packet_s).packets())
    assert np.array_equal(np.concatenate([part.samples for part in packets]), one.data)
    assert all(abs(b.start_ns - a.end_ns) <= 1 for a, b in pairwise(packets))
    step_ns = round(packet_s * NS_PER_S)
    sample_ns = NS_PER_S / rate_hz
    assert all(part.start_ns % step_ns <= sample_ns + 1 for part in packets[1:])
    assert all(part.arrived_ns == part.end_ns for part in packets)


def test_gaps_stay_and_channels_come_together_by_arrival(tmp_path: Path) -> None:
    written(tmp_path, trace(300), trace(300, start_ns=T + 10 * NS_PER_S), trace(500, channel="HHN", dtype=np.float32))
    (tmp_path / "notes.txt").write_text("no recording")
    source = FilePackets(tmp_path, telemetry=constant(0.4))
    packets = list(source.packets())
    assert [(one.channel, one.n_samples) for one in packets[:4]] == [("HHZ", 100), ("HHN", 100)] * 2
    assert sum(one.n_samples for one in packets if one.channel == "HHZ") == 600
    assert {one.samples.dtype for one in packets if one.channel == "HHN"} == {np.dtype(np.float32)}
    assert {round(one.latency_s, 9) for one in packets} == {0.4}
    assert [item for item, _ in source.skipped] == [str(tmp_path / "notes.txt")]


def test_a_part_of_the_time_is_taken(tmp_path: Path) -> None:
    written(tmp_path, trace(1000))
    packets = list(FilePackets(tmp_path, start_ns=T + 2 * NS_PER_S, end_ns=T + 5 * NS_PER_S).packets())
    assert (packets[0].start_ns, packets[-1].end_ns) == (T + 2 * NS_PER_S, T + 5 * NS_PER_S)
    with pytest.raises(NothingMatchedError):
        list(FilePackets(tmp_path, start_ns=T + 90 * NS_PER_S).packets())


def test_jitter_is_the_same_each_time_reorders_and_loses_its_share(tmp_path: Path) -> None:
    written(tmp_path, trace(200_000))
    made = [
        list(FilePackets(tmp_path, telemetry=jittered(1.0, spread=0.8, lost=0.1, seed=3)).packets()) for _ in range(2)
    ]
    assert [one.arrived_ns for one in made[0]] == [one.arrived_ns for one in made[1]]
    starts = [one.start_ns for one in made[0]]
    assert starts != sorted(starts)
    assert len(starts) == pytest.approx(1800, abs=60)
    delays = np.array([one.latency_s for one in made[0]])
    assert np.median(delays) == pytest.approx(1.0, rel=0.1)
    assert np.log(delays).std() == pytest.approx(0.8, rel=0.1)
    other = list(FilePackets(tmp_path, telemetry=jittered(1.0, spread=0.8, seed=4)).packets())
    assert len(other) == 2000


@pytest.mark.parametrize("told", [{"median_s": -1.0}, {"median_s": 1.0, "lost": 1.5}, {"median_s": 1.0, "spread": -1}])
def test_impossible_telemetry_is_refused(told: dict[str, float]) -> None:
    with pytest.raises(InputError):
        jittered(told.pop("median_s"), **told)  # type: ignore[arg-type]


def test_packets_of_no_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 s"):
        FilePackets(tmp_path, packet_s=0)
