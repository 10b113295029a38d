"""Running features: any chunking equals the whole; holes, overlaps, bounds. Knows no files."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock import features
from foreshock.clock import NS_PER_S
from foreshock.errors import ConfigError, InputError, StateError
from foreshock.features.running import RunningFeatures, running_features
from foreshock.types.waveform import Waveform

START_NS = 1_600_000_000_123_456_789


def wave(x: np.ndarray, *, rate_hz: float = 20.0, unit: str = "m/s2", valid: np.ndarray | None = None) -> Waveform:
    return Waveform(x, rate_hz, START_NS, "XX.RUN.", components="ZNE"[: len(x)], unit=unit, valid=valid)


def whole(waveform: Waveform, p_sample: float | None = None) -> dict[str, float]:
    return features.table(
        waveform.data[None],
        rate_hz=waveform.rate_hz,
        unit=waveform.unit,
        components=waveform.components,
        valid=waveform.valid[None],
        p_sample=None if p_sample is None else [p_sample],
        names=[one.name for one in running_features()],
    ).iloc[0].to_dict()  # fmt: skip


def chunked(waveform: Waveform, cuts: list[int], p_ns: int | None = None) -> dict[str, float]:
    stream = RunningFeatures(waveform.rate_hz, waveform.unit, components=waveform.components, p_ns=p_ns)
    edges = [0, *sorted(cuts), waveform.n_samples]
    for first, last in itertools.pairwise(edges):
        stream.update(waveform.cut(first, last))
    return stream.values()


def assert_same(found: dict[str, float], expected: dict[str, float]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-6, abs=1e-9, nan_ok=True), name


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 420),
    cuts=st.lists(st.integers(0, 420), max_size=12),
    unit=st.sampled_from(["count", "m", "m/s", "m/s2"]),
    rate_hz=st.sampled_from([1.0, 12.5, 20.0, 33.3]),
    masked=st.sampled_from([0.0, 0.02, 0.4, 1.0]),
    offset=st.sampled_from([0.0, 1.0, 300.0]),
    p=st.none() | st.integers(-5, 430),
)
def test_any_chunking_equals_the_whole(
    seed: int, n: int, cuts: list[int], unit: str, rate_hz: float, masked: float, offset: float, p: int | None
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((3, n)) * np.exp(rng.normal(0, 2, n)) + offset
    waveform = wave(x, rate_hz=rate_hz, unit=unit, valid=rng.random((3, n)) >= masked)
    found = chunked(waveform, [min(cut, n) for cut in cuts], None if p is None else waveform.time_ns(p))
    assert_same(found, whole(waveform, p))


def test_sample_by_sample_equals_the_whole() -> None:
    waveform = wave(np.random.default_rng(0).standard_normal((3, 300)))
    assert_same(chunked(waveform, list(range(1, 300)), waveform.time_ns(100)), whole(waveform, 100))


def test_a_hole_between_chunks_is_masked_and_doubled_samples_are_dropped() -> None:
    x = np.random.default_rng(1).standard_normal((3, 400))
    valid = np.ones(x.shape, bool)
    valid[:, 150:200] = False
    waveform = wave(x, valid=valid)
    stream = RunningFeatures(20.0, "m/s2")
    for first, last in ((0, 150), (200, 300), (250, 400), (10, 60)):
        stream.update(waveform.cut(first, last))
    assert_same(stream.values(), whole(waveform))


def test_values_may_be_read_at_any_time_without_changing_what_follows() -> None:
    waveform = wave(np.random.default_rng(2).standard_normal((3, 300)), unit="m")
    stream = RunningFeatures(20.0, "m")
    for k in range(0, 300, 50):
        stream.update(waveform.cut(k, k + 50))
        assert_same(stream.values(), whole(waveform.cut(0, k + 50)))


def test_memory_does_not_grow_with_the_stream() -> None:
    rng = np.random.default_rng(3)
    stream, sizes = RunningFeatures(100.0, "m/s2", p_ns=START_NS), []
    for k in range(40):
        piece = Waveform(rng.standard_normal((3, 2000)), 100.0, START_NS + k * 20 * NS_PER_S, "XX.RUN.", unit="m/s2")
        sizes.append(len(pickle.dumps(stream.update(piece))))
    assert max(sizes[20:]) <= max(sizes[:20]) + 1024


def test_an_empty_stream_says_so_and_empty_chunks_do_no_harm() -> None:
    stream = RunningFeatures(20.0, "m/s2", names=["rms"])
    with pytest.raises(StateError, match="values before any chunk"):
        stream.values()
    stream.update(wave(np.zeros((3, 0))))
    assert np.isnan(stream.values()["rms_Z"])


def test_what_needs_the_end_of_a_record_is_refused() -> None:
    with pytest.raises(ConfigError, match="'d5_95'"):
        RunningFeatures(20.0, "m/s2", names=["d5_95"])


def test_another_rate_unit_or_instrument_and_a_long_hole_are_refused() -> None:
    waveform = wave(np.zeros((3, 100)))
    with pytest.raises(InputError, match="'m/s'"):
        RunningFeatures(20.0, "m/s").update(waveform)
    with pytest.raises(InputError, match=r"40\.0"):
        RunningFeatures(40.0, "m/s2").update(waveform)
    stream = RunningFeatures(20.0, "m/s2").update(waveform)
    with pytest.raises(InputError, match="XX.OTHER."):
        stream.update(Waveform(waveform.data, 20.0, waveform.end_ns, "XX.OTHER.", unit="m/s2"))
    with pytest.raises(InputError, match="leaves a hole of 700 s"):
        stream.update(waveform.with_data(waveform.data, start_ns=waveform.end_ns + 700 * NS_PER_S))
