"""Peaks counted in batches equal those of SciPy one by one. Knows no files."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from foreshock.features.peaks import n_peaks, peak_marks


@given(
    curves=st.integers(1, 40).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 4), min_size=n, max_size=n), min_size=1, max_size=4)
    ),
    height=st.integers(0, 4),
)
def test_peaks_and_plateaus_are_counted_as_scipy_counts_them(curves: list[list[int]], height: int) -> None:
    x = np.array(curves, float)
    expected = [len(signal.find_peaks(curve, height=height)[0]) for curve in x]
    assert n_peaks(x, height=height).tolist() == expected


def test_ends_are_no_peaks_and_heights_may_differ_by_curve() -> None:
    x = np.array([[3.0, 1.0, 2.0, 1.0, 5.0], [0.0, 2.0, 0.0, 4.0, 0.0]])
    assert peak_marks(x, height=np.array([[0.0], [3.0]])).tolist() == [
        [False, False, True, False, False],
        [False, False, False, True, False],
    ]
