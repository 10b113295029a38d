"""Random windows of long traces: scaled and labelled as the slow way does it. Knows no network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.collect.datasets import MemmapBlock
from foreshock.errors import ConfigError, InputError
from foreshock.prepare.labels import phase_curves as slow_curves
from foreshock.prepare.windows import normalise as slow_scale
from foreshock.train.crops import Crops, phase_curves, scale_in_place


def block(n: int = 12, length: int = 400) -> MemmapBlock:
    data = np.random.default_rng(0).normal(3, 2, (n, 3, length)).astype(np.float32)
    size = np.arange(n) * 3 * length
    return MemmapBlock(data.ravel(), size, np.tile([3, length], (n, 1)), np.arange(n), np.full(n, 100.0))


def crops(**changes) -> Crops:
    arrivals = np.column_stack([np.arange(12) * 10.0 + 100, np.where(np.arange(12) % 3, 250.5, np.nan)])
    plain = {"n_samples": 200, "sigma_samples": 10.0, "batch_size": 5, "seed": 0, "epoch": 0}
    return Crops(block(), arrivals, **(plain | changes))


@settings(max_examples=60, deadline=None)
@given(
    p=st.one_of(st.just(np.nan), st.floats(-200, 400)),
    s=st.one_of(st.just(np.nan), st.floats(-200, 400)),
    sigma=st.floats(0.5, 40),
)
def test_curves_are_those_of_the_slow_way(p, s, sigma):
    fast = phase_curves(np.array([[p, s], [50.0, 60.0]]), 200, sigma_samples=sigma).numpy()
    slow = slow_curves([p, 50.0], [s, 60.0], 200, sigma_samples=sigma)
    np.testing.assert_allclose(fast, slow, atol=2e-6)
    np.testing.assert_allclose(fast.sum(1), 1, atol=1e-6)


@pytest.mark.parametrize("how", ["peak", "std"])
def test_scaling_is_that_of_the_slow_way_and_a_dead_window_stays_zero(how):
    x = np.random.default_rng(0).normal(5, 100, (6, 3, 300)).astype(np.float32)
    x[2] = 7.0
    np.testing.assert_allclose(scale_in_place(torch.from_numpy(x.copy()), how), slow_scale(x, how)[0], atol=1e-5)


def test_each_trace_comes_once_an_epoch_at_a_place_that_seed_and_epoch_decide():
    one, two = list(crops()), list(crops())
    assert [len(batch["x"]) for batch in one] == [5, 5, 2]
    assert all(torch.equal(a["x"], b["x"]) and torch.equal(a["y"], b["y"]) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one[0]["x"], next(iter(crops(epoch=1)))["x"])


def test_a_window_and_its_curves_move_together():
    batch = crops().batch(np.array([4, 4]), np.array([0, 60]))
    assert batch["y"][0, 0].argmax() == 140
    assert batch["y"][1, 0].argmax() == 80
    raw = block().trace(4)[:, 60:260]
    np.testing.assert_allclose(batch["x"][1], slow_scale(raw[None], "peak")[0][0], atol=1e-5)


def test_traces_that_are_too_short_and_arrivals_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="a trace of 400 samples: a window has 500"):
        crops(n_samples=500)
    with pytest.raises(InputError, match="one P and S a trace"):
        Crops(block(), np.zeros((3, 2)), n_samples=9, sigma_samples=1.0, batch_size=1, seed=0, epoch=0)
    with pytest.raises(ConfigError, match="sigma 0"):
        crops(sigma_samples=0)
