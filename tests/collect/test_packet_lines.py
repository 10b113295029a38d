"""Packets written down and read again: nothing changes, and nothing a hostile file holds gets through."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.collect.packet_lines import LONGEST_LINE, PacketLines, is_packet_lines, write_packet_lines
from foreshock.errors import FormatError, NotFoundError, NothingMatchedError
from foreshock.types.packet import Packet

GOOD: dict[str, Any] = {
    "id": "XX.A.",
    "channel": "HNZ",
    "start_ns": 5,
    "rate_hz": 100.0,
    "arrived_ns": 9,
    "unit": "count",
    "type": "i4",
    "samples": base64.b64encode(np.array([1, -2], "<i4").tobytes()).decode(),
}


def a_log(folder: Path, *lines: object, name: str = "log.jsonl") -> Path:
    path = folder / name
    rows = [{"schema": "foreshock.packets/1"}, *lines]
    path.write_bytes(b"".join(row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows))
    return path


def test_every_field_of_a_packet_comes_back(tmp_path: Path) -> None:
    kinds = (np.int32, np.float32, np.float64)
    told = [
        Packet("XX.A.00", "HNZ", -7, 31.25, np.arange(3).astype(kind), 1 << 60, source="s", sequence=4, unit="m/s2")
        for kind in kinds
    ]
    assert write_packet_lines(tmp_path / "log.jsonl.gz", told) == 3
    back = list(PacketLines(tmp_path / "log.jsonl.gz").packets())
    names = ("station_id", "channel", "start_ns", "rate_hz", "arrived_ns", "source", "sequence", "unit")
    for one, other in zip(told, back, strict=True):
        assert [getattr(one, name) for name in names] == [getattr(other, name) for name in names]
        assert one.samples.dtype == other.samples.dtype
        assert one.samples.tolist() == other.samples.tolist()
    write_packet_lines(tmp_path / "again.jsonl.gz", told)
    assert (tmp_path / "again.jsonl.gz").read_bytes() == (tmp_path / "log.jsonl.gz").read_bytes()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-(1 << 31), (1 << 31) - 1), min_size=1, max_size=50), st.integers(0, 1 << 61))
def test_any_counts_at_any_time_come_back(tmp_path_factory: pytest.TempPathFactory, counts: list[int], at: int) -> None:
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    write_packet_lines(path, [Packet("XX.A.", "HNZ", at, 100.0, np.array(counts, np.int32), at + 1)])
    (back,) = PacketLines(path).packets()
    assert (back.samples.tolist(), back.start_ns, back.arrived_ns) == (counts, at, at + 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"id": 3}, "id is '3'"),
        ({"id": "XX.A"}, "NET.STA.LOC"),
        ({"channel": "H\nZ"}, "channel"),
        ({"start_ns": 1.5}, "start_ns"),
        ({"arrived_ns": 1 << 63}, "arrived_ns"),
        ({"rate_hz": 0}, "rate_hz"),
        ({"rate_hz": True}, "rate_hz"),
        ({"type": "O"}, "samples or their type"),
        ({"type": ["i4"]}, "samples or their type"),
        ({"samples": "%%"}, "not base64"),
        ({"samples": ""}, "0 bytes"),
        ({"samples": "AAAA"}, "3 bytes"),
        ({"type": "f4", "samples": base64.b64encode(np.array([np.nan], "<f4").tobytes()).decode()}, "finite"),
        ({"sequence": "1"}, "sequence"),
    ],
)
def test_a_line_that_breaks_a_rule_is_left_out_and_told(tmp_path: Path, wrong: dict[str, Any], said: str) -> None:
    log = PacketLines(a_log(tmp_path, {**GOOD, **wrong}, GOOD))
    assert [packet.samples.tolist() for packet in log.packets()] == [[1, -2]]
    ((where, reason),) = log.skipped
    assert where.endswith("log.jsonl:2")
    assert said in reason
    assert log.n_skipped == 1


@pytest.mark.parametrize("line", [b"[1]\n", b"{\n", b"[" * 100_000 + b"\n", b"\xff\xfe\n"])
def test_a_line_that_is_no_object_is_left_out(tmp_path: Path, line: bytes) -> None:
    log = PacketLines(a_log(tmp_path, line, GOOD))
    assert len(list(log.packets())) == 1
    assert log.n_skipped == 1


def test_a_line_without_end_stops_the_reading_and_is_told(tmp_path: Path) -> None:
    log = PacketLines(a_log(tmp_path, GOOD, b"x" * (LONGEST_LINE + 10)))
    assert len(list(log.packets())) == 1
    assert "longer than" in log.skipped[0][1]


def test_a_file_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    rows = [
        Packet("XX.A.", "HNZ", k, 100.0, np.random.default_rng(k).integers(0, 9**9, 200, np.int32), k)
        for k in range(50)
    ]
    write_packet_lines(tmp_path / "log.jsonl.gz", rows)
    whole = (tmp_path / "log.jsonl.gz").read_bytes()
    (tmp_path / "log.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    log = PacketLines(tmp_path / "log.jsonl.gz")
    assert 5 < len(list(log.packets())) < 45
    assert "cannot be read on" in log.skipped[-1][1]


def test_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file"):
        list(PacketLines(tmp_path / "nowhere.jsonl").packets())
    (tmp_path / "other.jsonl").write_text('{"device_id": "001"}\n')
    with pytest.raises(FormatError, match=r"foreshock.packets/1"):
        list(PacketLines(tmp_path / "other.jsonl").packets())
    with pytest.raises(NothingMatchedError, match="no packet"):
        list(PacketLines(a_log(tmp_path)).packets())


def test_the_first_line_tells_what_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "other.jsonl.gz").write_bytes(gzip.compress(b'{"device_id": "001"}\n'))
    (tmp_path / "no.jsonl.gz").write_bytes(b"no gzip")
    assert is_packet_lines(a_log(tmp_path))
    assert not any(is_packet_lines(tmp_path / name) for name in ("other.jsonl.gz", "no.jsonl.gz", "nowhere.jsonl"))
