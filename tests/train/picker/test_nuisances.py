"""Nuisances are finite, of one size, of many kinds, and follow from the seed."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from foreshock.train.picker.nuisances import nuisance


@pytest.mark.parametrize("n_samples", [64, 1000, 4096])
def test_a_nuisance_fills_its_window_and_its_largest_sample_is_one(n_samples: int) -> None:
    for seed in range(60):
        x = nuisance(np.random.default_rng(seed), n_samples)
        assert x.shape == (3, n_samples)
        assert np.isfinite(x).all()
        assert np.abs(x).max() == pytest.approx(1.0) or not x.any()


def test_a_nuisance_follows_from_its_seed() -> None:
    one, same, other = (nuisance(np.random.default_rng(seed), 2048) for seed in (4, 4, 5))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
