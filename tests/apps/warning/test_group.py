"""Group: a row's numbers hang on its own samples alone, however they come and whoever else sends."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.apps.warning.group import Group
from foreshock.apps.warning.settings import TriggerSettings

RING_S = 20.0
NAMES = ("displacement", "velocity", "acceleration", "trigger", "raw")


def group(n_rows: int = 1, *, rate_hz: float = 100.0, listens: bool = True) -> Group:
    one = Group(rate_hz, "m/s2", listens, RING_S, TriggerSettings())
    for row in (one.add_row() for _ in range(n_rows)):
        one.begin(row, first=0, level=0.0)
    return one


def run(one: Group, row: int, x: np.ndarray, edges: list[int]) -> np.ndarray:
    at = sorted({0, len(x), *edges})
    told = [
        one.run(np.array([row]), x[None, low:high], measured=np.array([True])) for low, high in itertools.pairwise(at)
    ]
    return np.concatenate([ratio[0] for ratio in told if ratio is not None])


X = np.random.default_rng(0).normal(0, 1, 1500)


@given(st.lists(st.integers(1, 1499), max_size=20))
def test_cut_into_any_pieces_the_numbers_are_the_same_bit_for_bit(edges: list[int]) -> None:
    one, other = group(), group()
    assert np.array_equal(run(one, 0, X, []), run(other, 0, X, edges))
    for name in NAMES:
        parts = [two.window(name, 0, first=0, last=1500) for two in (one, other)]
        assert len(parts[0]) == 1500
        assert np.array_equal(*parts)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 9, 40])
def test_who_else_sends_at_the_moment_changes_nothing(n: int) -> None:
    alone, many = group(), group(n)
    rng = np.random.default_rng(1)
    expected = run(alone, 0, X, [700])
    row, found = n // 2, []
    for low, high in ((0, 700), (700, 1500)):
        x = rng.normal(0, 1e3, (n, high - low))
        x[row] = X[low:high]
        ratio = many.run(np.arange(n), x, measured=np.ones(n, bool))
        assert ratio is not None
        found.append(ratio[row])
    assert np.array_equal(np.concatenate(found), expected)
    for name in NAMES:
        told = (alone.window(name, 0, first=0, last=1500), many.window(name, row, first=0, last=1500))
        assert np.array_equal(*told)


def test_a_row_that_comes_later_begins_at_its_own_level() -> None:
    one = group()
    run(one, 0, X, [])
    row = one.add_row()
    one.begin(row, first=0, level=1e4)
    run(one, row, X + 1e4, [])
    assert np.allclose(
        one.window("displacement", row, first=0, last=1500), one.window("displacement", 0, first=0, last=1500)
    )


def test_the_ring_gives_what_it_holds_and_no_more() -> None:
    one = group()
    x = np.random.default_rng(2).normal(0, 1, 5000)
    run(one, 0, x, list(range(0, 5000, 100)))
    assert one.size == 2048
    raw = one.window("raw", 0, first=0, last=9999)
    assert np.allclose(raw, x[-2048:], atol=1e-6)
    assert len(one.window("raw", 0, first=4900, last=4950)) == 50
    assert len(one.window("raw", 0, first=6000, last=7000)) == 0


def test_what_was_before_a_new_beginning_is_not_given() -> None:
    one = group()
    run(one, 0, X, [])
    one.begin(0, first=1800, level=0.0)
    run(one, 0, X[:200], [])
    assert len(one.window("velocity", 0, first=0, last=9999)) == 200
    assert np.allclose(one.window("raw", 0, first=1800, last=2000), X[:200], atol=1e-6)


def test_steady_noise_has_a_ratio_about_one_from_the_beginning() -> None:
    ratio = run(group(), 0, np.random.default_rng(3).normal(0, 1, 6000), [])
    assert 0.7 < ratio[300:].mean() < 1.3
    assert np.isfinite(ratio).all()


def test_silence_gives_no_number_that_is_none() -> None:
    ratio = run(group(), 0, np.zeros(500), [100])
    assert np.isfinite(ratio).all()
    assert not ratio.any()


def test_a_group_that_does_not_listen_gives_no_ratio() -> None:
    one = group(listens=False)
    assert one.run(np.array([0]), X[None], measured=np.array([True])) is None
    assert "trigger" not in one.rings
