"""Levels forget what is ten seconds old, know no gain, and do not care where a stream was cut."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.prepare.level import HIGHEST, HOP, LEVEL_HOPS, compressed, levels


def noise(seed: int = 0, n: int = 200 * HOP) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((3, n))


def test_the_level_is_the_mean_size_of_the_hops_before() -> None:
    x = noise()
    got = levels(x, np.ones(x.shape, bool))
    assert got.shape == (201,)
    assert got[100] == pytest.approx(np.abs(x[:, (100 - LEVEL_HOPS) * HOP : 100 * HOP]).mean())


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
    x[:, : 3 * HOP] = 0.0
    valid = np.ones(x.shape, bool)
    valid[:, : 3 * HOP] = False
    y = compressed(x, valid)
    assert np.abs(y[:, 3 * HOP : 7 * HOP]).mean() == pytest.approx(np.abs(y[:, 100 * HOP :]).mean(), rel=0.15)


def test_silence_stays_silent_and_what_follows_it_is_bounded() -> None:
    x = np.zeros((3, 100 * HOP))
    assert not compressed(x, np.ones(x.shape, bool)).any()
    x[:, 50 * HOP] = 1e-300
    y = compressed(x, np.ones(x.shape, bool))
    assert y.max() == pytest.approx(np.log1p(HIGHEST))
    assert np.isfinite(y).all()


def test_nothing_valid_gives_zeros() -> None:
    x = noise()
    assert not compressed(x, np.zeros(x.shape, bool)).any()
