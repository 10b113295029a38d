"""Levels forget what is ten seconds old, know no gain, and do not care where a stream was cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.prepare.level import HIGHEST, HOP, LEVEL_HOPS, WARM_HOPS, Level, compressed, levels


def noise(seed: int = 0, n: int = 200 * HOP) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((3, n))


def test_the_level_is_the_mean_size_of_the_hops_before() -> None:
    x = noise()
    got = levels(x.astype(np.float32), np.ones(x.shape, bool))
    assert got.shape == (200,)
    assert got[150] == pytest.approx(np.abs(x[:, (150 - LEVEL_HOPS) * HOP : 150 * HOP]).mean())


@pytest.mark.parametrize("gain", [1e-12, 1e-3, 1e12])
def test_gain_changes_nothing(gain: float) -> None:
    x, valid = noise(), np.ones((3, 200 * HOP), bool)
    np.testing.assert_allclose(compressed(x * gain, valid), compressed(x, valid), rtol=1e-5, atol=1e-7)


def test_a_stream_cut_on_a_hop_gives_the_same_numbers_once_the_level_is_full() -> None:
    x, valid = noise(), np.ones((3, 200 * HOP), bool)
    whole, piece = compressed(x, valid), compressed(x[:, 50 * HOP :], valid[:, 50 * HOP :])
    np.testing.assert_array_equal(piece[:, LEVEL_HOPS * HOP :], whole[:, (50 + LEVEL_HOPS) * HOP :])


def test_a_huge_spike_is_forgotten_completely() -> None:
    x, valid = noise(), np.ones((3, 200 * HOP), bool)
    spoiled = x.copy()
    spoiled[0, 10 * HOP + 3] = 1e15
    after = (11 + LEVEL_HOPS) * HOP
    np.testing.assert_array_equal(compressed(spoiled, valid)[:, after:], compressed(x, valid)[:, after:])


def test_masked_samples_are_zero_and_do_not_pull_the_level_down() -> None:
    x, valid = noise(), np.ones((3, 200 * HOP), bool)
    valid[:, 60 * HOP : 80 * HOP] = False
    valid[1] = False
    y = compressed(x, valid)
    assert not y[~valid].any()
    assert np.abs(y[0, 80 * HOP : 90 * HOP]).mean() == pytest.approx(np.abs(y[0, 40 * HOP : 50 * HOP]).mean(), rel=0.2)


def test_the_first_samples_are_measured_by_the_next_second() -> None:
    x = noise() * 7.0
    valid = np.ones(x.shape, bool)
    valid[:, : 3 * HOP] = False
    y = compressed(x, valid)
    assert np.abs(y[:, 3 * HOP : 23 * HOP]).mean() == pytest.approx(np.abs(y[:, 100 * HOP :]).mean(), rel=0.15)


def test_silence_stays_silent_and_what_follows_it_is_bounded() -> None:
    x = np.zeros((3, 100 * HOP))
    assert not compressed(x, np.ones(x.shape, bool)).any()
    x[:, 50 * HOP] = 1e-30
    y = compressed(x, np.ones(x.shape, bool))
    assert y.max() == pytest.approx(np.log1p(HIGHEST))
    assert np.isfinite(y).all()


def test_nothing_valid_gives_zeros() -> None:
    x = noise()
    assert not compressed(x, np.zeros(x.shape, bool)).any()


def gappy(seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    x, valid = noise(seed, 400 * HOP), np.ones((3, 400 * HOP), bool)
    valid[:, 900:1100] = False
    valid[1, 1500:] = False
    return np.where(valid, x, 0.0).astype(np.float32), valid


@given(cuts=st.lists(st.integers(1, 399), max_size=30))
def test_packets_give_what_the_whole_gives_to_the_last_bit(cuts: list[int]) -> None:
    x, valid = gappy()
    edges, live = [0, *sorted(set(cuts)), 400], Level(())
    parts = [slice(a * HOP, b * HOP) for a, b in itertools.pairwise(edges)]
    said = np.concatenate([live.update(x[:, part], valid[:, part]) for part in parts], -1)
    warm = WARM_HOPS * HOP
    assert not said[:, :warm].any()
    np.testing.assert_array_equal(said[:, warm:], compressed(x, valid)[:, warm:])


def test_streams_side_by_side_do_not_see_each_other_and_may_be_saved_and_begun_anew() -> None:
    x, valid = gappy()
    two = np.stack([x, 100 * x[:, ::-1]])
    live, mask = Level((2,)), np.stack([valid, valid[:, ::-1]])
    head = live.update(two[..., : 80 * HOP], mask[..., : 80 * HOP])
    other = Level((2,))
    other.restore(live.state())
    other.forget(np.array([False, True]))
    tail = other.update(two[..., 80 * HOP :], mask[..., 80 * HOP :])
    np.testing.assert_array_equal(np.concatenate([head[0], tail[0]], -1), Level(()).update(x, valid))
    np.testing.assert_array_equal(tail[1], Level(()).update(two[1, :, 80 * HOP :], mask[1, :, 80 * HOP :]))
