"""Steim frames: what is packed comes back, ObsPy's frames are read, and broken ones say why."""

from __future__ import annotations

import io

import numpy as np
import obspy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.collect.miniseed.crc32c import crc32c
from foreshock.collect.miniseed.steim import pack, unpack
from foreshock.types.arrays import AnyArray

SAMPLES = st.lists(st.integers(-(2**27), 2**27), min_size=1, max_size=400).map(lambda x: np.array(x, np.int32))
SMALL = st.lists(st.integers(-40, 40), min_size=1, max_size=900).map(lambda x: np.cumsum(x).astype(np.int32))


@given(SAMPLES | SMALL, st.integers(-(2**27), 2**27), st.integers(1, 63))
def test_what_is_packed_comes_back_in_however_few_frames(x: AnyArray, before: int, frames: int) -> None:
    packed = pack(x, before=before, frames=frames)
    assert packed is not None
    assert all(len(payload) <= frames * 64 for payload, _ in packed)
    parts = unpack([payload for payload, _ in packed], [n for _, n in packed], steim=2)
    assert np.array_equal(np.concatenate([np.asarray(part) for part in parts]), x)


@given(st.lists(SAMPLES, min_size=1, max_size=9))
def test_many_together_are_what_each_is_alone(many: list[AnyArray]) -> None:
    packed = [pack(x, before=0, frames=400) for x in many]
    payloads = [part[0][0] for part in packed if part]
    together = unpack(payloads, [len(x) for x in many], steim=2)
    assert all(np.array_equal(np.asarray(one), x) for one, x in zip(together, many, strict=True))


@pytest.mark.parametrize(("name", "steim"), [("STEIM1", 1), ("STEIM2", 2)])
def test_frames_that_obspy_wrote_are_read(name: str, steim: int) -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate([np.cumsum(rng.integers(-w, w, 60)) for w in (3, 9, 30, 120, 500, 9000, 2**24)]).astype(np.int32)
    content = io.BytesIO()
    obspy.Stream([obspy.Trace(x)]).write(content, format="MSEED", encoding=name, reclen=8192)
    assert np.array_equal(np.asarray(unpack([content.getvalue()[64:]], [len(x)], steim=steim)[0]), x)


def test_a_difference_beyond_30_bits_is_not_packed() -> None:
    assert pack(np.array([0, 2**30], np.int32), before=0, frames=7) is None


def frames_of(x: AnyArray) -> bytes:
    packed = pack(x, before=0, frames=7)
    assert packed
    return packed[0][0]


@given(st.lists(st.binary(min_size=128, max_size=128), min_size=2, max_size=5), st.integers(1, 2), st.integers(1, 90))
def test_alone_or_together_damage_is_told_in_the_same_words(many: list[bytes], steim: int, n: int) -> None:
    together = unpack(many, [n] * len(many), steim=steim)
    alone = [unpack([one], [n], steim=steim)[0] for one in many]
    assert [one if isinstance(one, str) else one.tolist() for one in together] == [
        one if isinstance(one, str) else one.tolist() for one in alone
    ]


def test_a_wrong_last_sample_a_lost_frame_and_a_bad_code_are_told_and_cost_no_other_record() -> None:
    good = np.cumsum(np.random.default_rng(2).integers(-2000, 2000, 90)).astype(np.int32)
    frames = frames_of(good)
    wrong = frames[:8] + b"\x7f\0\0\0" + frames[12:]
    lost = frames[:64]
    coded = np.frombuffer(frames, ">u4").copy()
    coded[0] = 2 << 24  # the third data word says Steim-2's code 2 …
    coded[3] = 0  # … with top bits that mean nothing
    told = unpack([wrong, frames, lost, coded.astype(">u4").tobytes(), b"", frames], [90] * 6, steim=2)
    assert told[0] == "its Steim frames do not end on the sample they promise"
    assert str(told[2]).endswith("of the 90 samples its header promises")
    assert told[3] == "its Steim frames hold a code that means nothing"
    assert told[4] == "its payload holds no frame"
    assert all(np.array_equal(np.asarray(told[k]), good) for k in (1, 5))


@given(st.binary(min_size=64, max_size=640), st.integers(1, 2), st.integers(1, 400))
def test_any_bytes_give_samples_or_words(content: bytes, steim: int, n: int) -> None:
    (told,) = unpack([content], [n], steim=steim)
    assert isinstance(told, str) or (told.dtype == np.int32 and len(told) == n)


def bit_by_bit(content: bytes) -> int:
    """RFC 3309's checksum as it is defined."""
    state = 0xFFFFFFFF
    for byte in content:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


@given(st.binary(max_size=3000))
def test_the_checksum_is_the_one_of_rfc_3309(content: bytes) -> None:
    assert crc32c(content) == bit_by_bit(content)


def test_published_checksums() -> None:
    """RFC 3720, appendix B.4."""
    assert [crc32c(one) for one in (bytes(32), b"\xff" * 32, bytes(range(32)))] == [0x8A9136AA, 0x62A8AB43, 0x46DD794E]
