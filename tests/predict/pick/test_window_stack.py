"""What a labeller says of windows is put together where they overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.bundle import Windows
from foreshock.predict.pick.window_stack import Stack, starts


@given(st.integers(1, 400), st.integers(1, 50), st.data())
def test_windows_cover_every_sample_and_never_reach_beyond_the_end(n: int, window: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, window - 1))
    begins = starts(n, window=window, overlap=overlap)
    covered = np.zeros(n, bool)
    for begin in begins:
        assert 0 <= begin <= n - window
        covered[begin : begin + window] = True
    assert covered.all() == (n >= window)
    assert len(set(begins)) == len(begins)


@pytest.mark.parametrize("stacking", ["avg", "max"])
@pytest.mark.parametrize("blinded", [(0, 0), (3, 2), (9, 0)])
def test_a_stack_equals_mean_or_highest_over_the_windows_that_speak(stacking: str, blinded: tuple[int, int]) -> None:
    rng, n, window = np.random.default_rng(1), 57, 20
    values: dict[str, Any] = {"overlap_samples": 8, "stacking": stacking, "scale": "std", "blinded_samples": blinded}
    told = Windows.model_validate(values | {"onsets": {"P": 0.3}})
    begins = starts(n, window=window, overlap=8)
    said = rng.random((len(begins), 2, window)).astype(np.float32)
    stack = Stack(n, 2, told, begins=begins, window=window)
    table = np.full((len(begins), 2, n), np.nan, np.float32)
    for k, begin in enumerate(begins):
        assert not stack.is_whole
        stack.add(begin, said[k])
        inner = slice(blinded[0], window - blinded[1])
        table[k, :, begin + blinded[0] : begin + window - blinded[1]] = said[k, :, inner]
    assert stack.is_whole
    silent = np.isnan(table).all(0)
    filled = np.where(silent, 0, table)
    want = np.nanmean(filled, 0) if stacking == "avg" else np.nanmax(filled, 0)
    got = stack.curves()
    assert np.array_equal(np.isnan(got), silent)
    assert np.allclose(got[~silent], want[~silent], atol=1e-6)
