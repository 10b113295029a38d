"""A small fast onset under long waves is seen in the upper band; masked samples stay silent."""

from __future__ import annotations

import numpy as np

from foreshock.prepare.bands import Bands, in_bands
from foreshock.prepare.level import HOP, WARM_HOPS, compressed


def test_a_fast_onset_under_long_waves_shows_in_the_upper_band() -> None:
    t = np.arange(3200) / 100
    small = np.where(t > 20, np.sin(2 * np.pi * 12 * t) * np.exp(-np.maximum(t - 20, 0)), 0.0)
    noise = np.random.default_rng(0).standard_normal(3200) * 0.02
    x = (10 * np.sin(2 * np.pi * 0.3 * t) + noise + small)[None]
    low, high = in_bands(x, np.ones_like(x, bool), corners=(0.0, 0.05))
    after, before = slice(2000, 2030), slice(1500, 1990)
    assert np.abs(high[after]).max() > 2 * np.abs(high[before]).max()
    assert np.abs(low[after]).max() < np.abs(low[before]).max()


def test_a_corner_of_zero_leaves_the_samples_as_they_are() -> None:
    x = np.random.default_rng(1).standard_normal((3, 640))
    valid = np.ones_like(x, bool)
    np.testing.assert_array_equal(in_bands(x, valid, corners=(0.0,)), compressed(x, valid))


def test_masked_samples_are_zero_in_every_band() -> None:
    x, valid = np.random.default_rng(1).standard_normal((3, 640)), np.ones((3, 640), bool)
    valid[1] = False
    valid[:, 100:200] = False
    seen = in_bands(x, valid, corners=(0.0, 0.05))
    assert seen.shape == (6, 640)
    assert not seen[np.concatenate([~valid, ~valid])].any()


def test_the_result_may_be_put_into_a_part_of_another_array() -> None:
    x, valid = np.random.default_rng(1).standard_normal((3, 640)).astype(np.float32), np.ones((3, 640), bool)
    wide = np.full((6, 700), 9.0, np.float32)
    put = in_bands(x, valid, corners=(0.0, 0.05), out=wide[:, 30:670])
    np.testing.assert_array_equal(put, in_bands(x, valid, corners=(0.0, 0.05)))
    assert np.shares_memory(put, wide)
    assert (wide[:, :30] == 9).all()
    assert (wide[:, 670:] == 9).all()


def test_hops_of_several_streams_give_what_the_whole_gives() -> None:
    x = np.random.default_rng(1).standard_normal((2, 3, 1600)).astype(np.float32)
    valid = np.ones(x.shape, bool)
    valid[0, 1, 400:700] = False
    x[~valid] = 0.0
    live, said, warm = Bands(2, corners=(0.0, 0.05)), [], WARM_HOPS * HOP
    for first in range(0, 1600, 5 * HOP):
        part = slice(first, first + 5 * HOP)
        other = Bands(2, corners=(0.0, 0.05))
        other.restore(live.state())
        taken = other.taken(np.array([1, 0]))
        said.append(taken.update(x[[1, 0], :, part], valid[[1, 0], :, part])[[1, 0]])
        live.put(np.array([1, 0]), taken)
    whole = in_bands(x, valid, corners=(0.0, 0.05))
    np.testing.assert_array_equal(np.concatenate(said, -1)[..., warm:], whole[..., warm:])
