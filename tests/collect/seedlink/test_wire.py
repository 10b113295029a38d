"""Packets come off the wire whole, however the bytes are cut; what is none is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seedlink_parts import record, record3

from foreshock.collect.seedlink.wire import Frame, Frames, head3, head4
from foreshock.errors import NetworkError

STREAM4 = b"".join(
    [
        head4("2D", 2**63, station="XX_A", n_bytes=512) + record(1),
        head4("3D", 7, station="", n_bytes=len(record3(2))) + record3(2),
        head4("JI", 0, station="", n_bytes=2) + b"{}",
        b"END",
    ]
)
STREAM3 = head3(2**24 + 5) + record(1) + b"SLINFO *" + record(2) + b"SLINFO  " + record(3) + b"END"


@given(st.lists(st.integers(1, 700), max_size=12), st.sampled_from([(4, STREAM4), (3, STREAM3)]))
def test_however_the_bytes_are_cut_the_packets_are_the_same(sizes: list[int], stream: tuple[int, bytes]) -> None:
    version, content = stream
    frames, found, at = Frames(version), [], 0
    for size in [*sizes, len(content)]:
        found += frames.feed(content[at : at + size])
        at += size
    assert found == Frames(version).feed(content)
    assert [one.kind for one in found] == {4: ["2D", "3D", "JI", "end"], 3: ["2D", "info*", "info", "end"]}[version]


def test_sequences_and_stations_are_what_was_sent() -> None:
    first, second = Frames(4).feed(STREAM4)[:2]
    assert first == Frame("2D", 2**63, "XX_A", record(1))
    assert (second.sequence, second.payload) == (7, record3(2))
    assert Frames(3).feed(STREAM3)[0] == Frame("2D", 5, "", record(1))


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("content", [b"HTTP/1.1 400 Bad Request", b"\0" * 40, b"SLxyzzyx" + bytes(512)])
def test_what_is_no_packet_is_told(version: int, content: bytes) -> None:
    with pytest.raises(NetworkError, match="SeedLink"):
        Frames(version).feed(content)


def test_a_packet_of_gigabytes_is_not_waited_for() -> None:
    with pytest.raises(NetworkError, match="4294967295 bytes"):
        Frames(4).feed(b"SE2D" + b"\xff" * 13)


def test_an_error_in_mid_stream_is_an_error() -> None:
    assert Frames(4).feed(b"ERROR LIMIT too many\r\n") == [Frame("error", 0, "", b"ERROR LIMIT too many")]
