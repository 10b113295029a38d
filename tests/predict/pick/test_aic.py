"""AIC cuts where the nature of samples changes, by the formula written out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.errors import InputError
from foreshock.predict.pick.aic import EDGE, aic, best_cut


def test_aic_equals_the_published_formula_written_out() -> None:
    x = np.array([1.0, -1, 1, -1, 1, -1, 5, -5, 5, -5, 5, -5])
    values = aic(x)
    for k in range(EDGE, len(x) - EDGE):
        assert values[k] == pytest.approx(k * np.log(np.var(x[:k])) + (12 - k) * np.log(np.var(x[k:])))
    assert values[6] == pytest.approx(6 * np.log(1) + 6 * np.log(25))
    assert int(np.argmin(values)) == 6
    assert np.isinf(values[:EDGE]).all()
    assert np.isinf(values[len(x) - EDGE + 1 :]).all()


@settings(deadline=None, max_examples=40)
@given(at=st.integers(40, 260), seed=st.integers(0, 50), scale=st.sampled_from([1e-9, 1.0, 1e6]))
def test_the_cut_lies_at_the_change_whatever_the_unit(at: int, seed: int, scale: float) -> None:
    x = np.random.default_rng(seed).standard_normal(300) * np.where(np.arange(300) < at, 1, 30) * scale
    cut = best_cut(x)
    assert abs(cut.sample - at) <= 4
    assert 0 < cut.sigma < 5
    assert 200 < cut.ratio < 4000


def test_a_sharper_change_is_surer() -> None:
    noise = np.random.default_rng(0).standard_normal(400)
    sigmas = [best_cut(noise * np.where(np.arange(400) < 200, 1, gain)).sigma for gain in (1.5, 3, 30)]
    assert sigmas[0] > sigmas[1] > sigmas[2] > 0.28


def test_spread_is_honest_for_independent_samples() -> None:
    """Over many draws the true change lies within two sigma about as often as a normal error would."""
    rng, gain = np.random.default_rng(3), np.where(np.arange(200) < 100, 1.0, 3.0)
    cuts = [best_cut(rng.standard_normal(200) * gain) for _ in range(300)]
    within = np.mean([abs(cut.sample - 100) <= 2 * cut.sigma for cut in cuts])
    assert 0.85 < within <= 1.0


def test_repeated_samples_widen_the_spread() -> None:
    x = np.random.default_rng(1).standard_normal(300) * np.where(np.arange(300) < 150, 1, 2)
    assert best_cut(x, n_correlated=4.0).sigma > best_cut(x).sigma


@pytest.mark.parametrize("x", [np.zeros(50), np.ones((2, 50)), np.r_[np.zeros(25), np.ones(25)]])
def test_constant_samples_do_not_break_it(x: np.ndarray) -> None:
    cut = best_cut(x)
    assert np.isfinite([cut.sigma, cut.ratio]).all()
    assert EDGE <= cut.sample <= 50 - EDGE


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(InputError, match="AIC of 7 samples"):
        aic(np.arange(7.0))
