"""Accumulators at their edges. Knows no files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.features.accumulate import Area, Crossings, Moments, StandardisedCav, window_sums


@given(n=st.integers(1, 9), size=st.integers(0, 40), seed=st.integers(0, 2**32 - 1))
def test_window_sums_are_sums_over_windows(n: int, size: int, seed: int) -> None:
    x = np.random.default_rng(seed).exponential(size=(2, size))
    expected = [x[:, k : k + n].sum(-1) for k in range(size - n + 1)]
    np.testing.assert_allclose(window_sums(x, n).T, np.array(expected).reshape(-1, 2), rtol=1e-12)


def test_small_windows_after_large_ones_lose_no_digits() -> None:
    x = np.concatenate([np.full(1000, 1e15), np.full(1000, 1e-3)])
    assert window_sums(x, 10)[-1] == pytest.approx(1e-2, rel=1e-12)


def test_one_sample_has_no_area_and_none_at_all_is_nan() -> None:
    area = Area(10.0)
    area.update(np.ones((1, 0)), None)
    assert np.isnan(area.value).all()
    area.update(np.ones((1, 1)), None)
    assert area.value.tolist() == [0.0]
    area.update(np.ones((1, 10)), None)
    assert area.value == pytest.approx([1.0])


def test_seconds_of_a_rate_that_is_no_whole_number_are_cut_where_they_end() -> None:
    # at 2.5 Hz second 0 holds the steps that begin at samples 0, 1, 2 and second 1 those of 3 and 4
    cav = StandardisedCav(2.5, threshold=1.0)
    for value in (1.0, 0.1, 0.1, 0.1, 0.1, 0.1):
        cav.update(np.array([[value]]), None)
    assert cav.value == pytest.approx([(0.55 + 0.1 + 0.1) / 2.5])


def test_moments_of_a_large_offset_keep_their_digits() -> None:
    x = np.random.default_rng(0).standard_normal(20_000)
    moments = Moments()
    for piece in np.array_split(x + 1e6, 7):
        moments.update(piece[None], None)
    plain = Moments()
    plain.update(x[None], None)
    assert moments.kurtosis == pytest.approx(plain.kurtosis, rel=1e-6)
    assert moments.skewness == pytest.approx(plain.skewness, abs=1e-6)


def test_a_constant_has_no_kurtosis_however_it_is_cut() -> None:
    moments = Moments()
    for n in (1, 3, 7, 1000):
        moments.update(np.full((1, n), 0.1), None)
    assert np.isnan(moments.kurtosis).all()


def test_crossings_are_not_counted_over_a_hole() -> None:
    crossings = Crossings()
    crossings.update(np.array([[1.0, 0.0, -1.0]]), np.array([[True, False, True]]))
    crossings.update(np.array([[1.0]]), None)
    assert crossings.share.tolist() == [1.0]
