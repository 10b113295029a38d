"""Repeated values are found in whole recordings and, two seconds late, in packets cut anywhere."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from foreshock.prepare.stuck import Stuck, shortest, stuck_spans

RATE_HZ = 20.0


def plainly(x: np.ndarray, least: int) -> np.ndarray:
    """Which samples are the end of `least` equal ones, counted one by one."""
    stuck, count = np.zeros(len(x), bool), 0
    for k, value in enumerate(x):
        count = count + 1 if k and value == x[k - 1] else 1
        stuck[k] = count >= least
    return stuck


runs = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 90)), min_size=1, max_size=8)


@given(runs=runs, cuts=st.lists(st.integers(1, 300), max_size=12))
def test_packets_know_a_stuck_value_when_it_has_stood_long_enough(runs: list[tuple[int, int]], cuts: list[int]) -> None:
    x = np.concatenate([np.full(n, value, np.float32) for value, n in runs])
    edges = sorted({0, *(cut for cut in cuts if cut < len(x)), len(x)})
    live, found = Stuck(rate_hz=RATE_HZ), np.zeros(len(x), bool)
    for a, b in itertools.pairwise(edges):
        for first, last in live.update(x[a:b]):
            found[a + first : a + last] = True
    np.testing.assert_array_equal(found, plainly(x, shortest(RATE_HZ)))


@given(runs=runs)
def test_a_recording_knows_it_from_the_first_sample_on(runs: list[tuple[int, int]]) -> None:
    x = np.concatenate([np.full(n, value, np.float32) for value, n in runs])
    late, least = plainly(x, shortest(RATE_HZ)), shortest(RATE_HZ)
    want = np.zeros(len(x), bool)
    for k in np.flatnonzero(late):
        want[k - least + 1 : k + 1] = True
    got = np.zeros(len(x), bool)
    for first, last in stuck_spans(x, rate_hz=RATE_HZ):
        got[first:last] = True
    np.testing.assert_array_equal(got, want)


def test_no_packet_at_all_is_no_run() -> None:
    live = Stuck(rate_hz=RATE_HZ)
    assert live.update(np.zeros(0, np.float32)) == []
    assert live.update(np.zeros(39, np.float32)) == []
    assert live.update(np.zeros(2, np.float32)) == [(0, 2)]
