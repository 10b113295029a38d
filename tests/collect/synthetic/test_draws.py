"""Numbered randomness: rows that do not care who asks. Knows no seismology."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.collect.synthetic import draws


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=40), st.integers(0, 2**70))
def test_a_row_is_the_same_in_any_company(index: list[int], seed: int) -> None:
    rows = draws.uniform_rows(seed, 3, index=np.array(index), n_columns=4)
    alone = [draws.uniform_rows(seed, 3, index=np.array([k]), n_columns=4)[0] for k in index]
    assert np.array_equal(rows, np.stack(alone))


def test_streams_seeds_and_rows_differ() -> None:
    index = np.arange(200)
    tables = [draws.uniform_rows(seed, stream, index=index, n_columns=1)[:, 0] for seed in (0, 1) for stream in (1, 2)]
    assert len(np.unique(np.concatenate(tables))) == 800


def test_rows_are_uniform() -> None:
    rows = draws.uniform_rows(5, 1, index=np.arange(20_000), n_columns=1)
    assert rows.mean() == pytest.approx(0.5, abs=0.01)
    assert rows.var() == pytest.approx(1 / 12, rel=0.02)


def test_spreads_reach_their_ends() -> None:
    ends = np.array([0.0, 0.5, 1.0])
    assert draws.between(ends, 2.0, 4.0) == pytest.approx([2, 3, 4])
    assert draws.log_between(ends, 1.0, 100.0) == pytest.approx([1, 10, 100])
    assert draws.normal(np.array([0.5, 0.8413447])) == pytest.approx([0, 1], abs=1e-6)
