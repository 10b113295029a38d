"""Masked statistics equal those of the samples that count. Knows no files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foreshock.features import masked

THINGS = {
    "mean": (masked.mean, np.mean),
    "largest": (masked.largest, np.max),
    "median": (masked.median, np.median),
    "total": (masked.total, np.sum),
    "skewness": (lambda x, valid: masked.shape_of(x, valid)[0], stats.skew),
    "kurtosis": (lambda x, valid: masked.shape_of(x, valid)[1], lambda x: stats.kurtosis(x, fisher=False)),
}


@pytest.mark.parametrize("name", sorted(THINGS))
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(4, 30), share=st.floats(0, 1))
def test_a_statistic_of_masked_samples_is_that_of_the_rest(name: str, seed: int, n: int, share: float) -> None:
    ours, theirs = THINGS[name]
    rng = np.random.default_rng(seed)
    x, valid = rng.standard_normal((3, n)), rng.random((3, n)) >= share
    found = ours(x, valid)
    for row in range(3):
        kept = x[row, valid[row]]
        if len(kept) >= 4:
            assert found[row] == pytest.approx(theirs(kept), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(ours(x, None), ours(x, np.ones(x.shape, bool)), rtol=1e-12)


def test_nothing_left_is_nan_and_a_constant_has_no_shape() -> None:
    nothing = np.zeros((1, 5), bool)
    for statistic in (masked.mean, masked.largest, masked.median):
        assert np.isnan(statistic(np.ones((1, 5)), nothing)).all()
        assert np.isnan(statistic(np.ones((1, 0)), None)).all()
    assert np.isnan(masked.shape_of(np.full((1, 7), 0.1), None)).all()
