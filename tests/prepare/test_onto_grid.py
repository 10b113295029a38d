"""Recordings of any rate and size come onto one grid counted from the epoch, wherever they were cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.errors import InputError
from foreshock.prepare.onto_grid import GridHighpass, onto_grid
from foreshock.types.waveform import Waveform

START_NS = 1_600_000_000_120_000_000


def wave(rate_hz: float = 100.0, *, seconds: float = 60.0, components: str = "ZNE", gain: float = 1.0) -> Waveform:
    n = round(seconds * rate_hz)
    data = np.random.default_rng(1).standard_normal((len(components), n)) * gain
    return Waveform(data, rate_hz, START_NS, "XX.GRID.", components=components)


def test_samples_are_numbered_from_the_epoch() -> None:
    grid = onto_grid(wave(), rate_hz=100.0)
    assert grid.first == START_NS // 10_000_000
    assert grid.time_ns(100) == START_NS + 1_000_000_000


@pytest.mark.parametrize("rate_hz", [20.0, 31.25, 50.0, 100.0, 200.0, 250.0, 1000.0])
def test_a_piece_of_a_stream_gives_the_samples_of_the_whole(rate_hz: float) -> None:
    whole, cut = wave(rate_hz), round(20.01 * rate_hz) | 1
    all_of_it, piece = onto_grid(whole, rate_hz=100.0), onto_grid(whole.cut(cut, whole.n_samples), rate_hz=100.0)
    assert abs(piece.time_ns(0) - all_of_it.time_ns(piece.first - all_of_it.first)) < 1000
    settled = 1200
    here = all_of_it.x[:, piece.first - all_of_it.first + settled :]
    n = min(here.shape[1], piece.x.shape[1] - settled)
    np.testing.assert_allclose(piece.x[:, settled:][:, : n - 50], here[:, : n - 50], atol=1e-5)


@pytest.mark.parametrize("rate_hz", [50.0, 100.0])
def test_with_a_stride_the_grid_begins_and_ends_on_it_and_the_samples_keep_their_times(rate_hz: float) -> None:
    plain, strided = onto_grid(wave(rate_hz), rate_hz=100.0), onto_grid(wave(rate_hz), rate_hz=100.0, stride=64)
    assert (strided.first - strided.front) % 64 == 0
    assert strided.x.shape[1] % 64 == 0
    n = plain.x.shape[1]
    here = slice(strided.front, strided.front + n)
    np.testing.assert_array_equal(strided.x[:, here], plain.x)
    assert strided.valid[:, here].all()
    assert strided.valid.sum() == plain.valid.sum()
    assert not strided.x[~strided.valid].any()
    assert strided.time_ns(strided.front + 7) == plain.time_ns(7)


def test_missing_components_are_masked_and_horizontals_may_be_numbered() -> None:
    grid = onto_grid(wave(components="21"), rate_hz=100.0)
    assert not grid.valid[0].any()
    assert grid.valid[1:].all()
    assert not grid.x[0].any()


def test_a_stuck_value_is_masked_and_a_quiet_moment_is_not() -> None:
    data = np.array(wave().data)
    data[:, 1000:1100] = 5.0
    data[:, 3000:3500] = -7.0
    grid = onto_grid(Waveform(data, 100.0, START_NS, "XX.DEAD."), rate_hz=100.0)
    assert grid.valid[:, 1000:1100].all()
    assert not grid.valid[:, 3001:3499].any()
    assert grid.valid[:, 3501:].all()


@pytest.mark.parametrize("gain", [1e-35, 1e-12, 1e12, 1e35])
def test_absurd_amplitudes_stay_finite_and_alive(gain: float) -> None:
    grid = onto_grid(wave(gain=gain), rate_hz=100.0)
    assert np.isfinite(grid.x).all()
    assert grid.x.astype(np.float64).std() > 0


def test_too_low_a_rate_is_refused_with_the_rate() -> None:
    with pytest.raises(InputError, match="sampling rate is 1 Hz"):
        onto_grid(wave(1.0), rate_hz=100.0)


@given(cuts=st.lists(st.integers(1, 1999), max_size=20))
def test_packets_are_high_passed_to_the_same_numbers_as_the_whole(cuts: list[int]) -> None:
    x = (np.random.default_rng(3).standard_normal((3, 2000)) + 4000).astype(np.float32)
    valid = np.ones(x.shape, bool)
    valid[1, 300:700] = False
    whole = onto_grid(Waveform(x, 100.0, START_NS, "XX.GRID.", valid=valid), rate_hz=100.0)
    edges, live = [0, *sorted(set(cuts)), 2000], GridHighpass((3,), rate_hz=100.0)
    parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
    said = np.concatenate([live.update(x[:, part], valid[:, part]) for part in parts], -1)
    np.testing.assert_array_equal(said, whole.x)
