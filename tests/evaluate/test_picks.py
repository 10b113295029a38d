"""Matching of picks: one to one, as many as possible, as near as possible; residuals in closed form."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.errors import InputError
from foreshock.evaluate.picks import TrueArrival, match_picks, score_picks
from foreshock.types.pick import Pick

NS = 1_000_000_000


def _at(times_s, phase="P", trace="XX.A."):
    return [TrueArrival(trace, phase, round(t * NS)) for t in times_s]


def test_a_pick_belongs_to_the_nearest_arrival():
    found = match_picks(_at([10.1]), _at([9.8, 10.0]), tolerance_s=0.5)
    assert [(m.pick, m.truth, m.residual_s) for m in found] == [(0, 1, 0.1)]


def test_an_arrival_is_given_to_one_pick_only():
    assert len(match_picks(_at([10.0, 10.1, 10.2]), _at([10.1]))) == 1


def test_phases_and_traces_do_not_mix():
    assert match_picks(_at([10.0], "S"), _at([10.0], "P")) == []
    assert match_picks(_at([10.0], trace="XX.A."), _at([10.0], trace="XX.B.")) == []


def test_the_tolerance_itself_is_still_near_enough():
    assert len(match_picks(_at([10.5]), _at([10.0]), tolerance_s=0.5)) == 1
    assert match_picks(_at([10.500000001]), _at([10.0]), tolerance_s=0.5) == []


def test_times_of_today_keep_their_nanoseconds():
    now = 1_700_000_000 * NS
    found = match_picks([TrueArrival("X", "P", now + 1)], [TrueArrival("X", "P", now)])
    assert found[0].residual_s == 1e-9


@given(
    st.lists(st.integers(0, 12), max_size=4),
    st.lists(st.integers(0, 12), max_size=4),
    st.integers(1, 4),
)
def test_no_pairing_has_more_pairs_or_less_residual(mine, true, tolerance):
    best = (0, 0)
    for size in range(min(len(mine), len(true)), 0, -1):
        costs = [
            sum(abs(mine[i] - true[j]) for i, j in zip(some, others, strict=True))
            for some in itertools.combinations(range(len(mine)), size)
            for others in itertools.permutations(range(len(true)), size)
            if all(abs(mine[i] - true[j]) <= tolerance for i, j in zip(some, others, strict=True))
        ]
        if costs:
            best = (size, min(costs))
            break
    found = match_picks(_at(mine), _at(true), tolerance_s=tolerance)
    assert (len(found), round(sum(abs(m.residual_s) for m in found))) == best
    assert len({m.pick for m in found}) == len({m.truth for m in found}) == len(found)


def test_residuals_are_summed_up_as_written():
    truth = _at([0, 10, 20, 30, 40])
    picks = [
        Pick("XX.A.", "P", t.time_ns + d, 0.9, 0.1, t.time_ns + NS)
        for t, d in zip(truth, (0, NS // 10, -NS // 10, 4 * NS // 10), strict=False)
    ]
    row = score_picks([*picks, *_at([100])], truth, tolerance_s=0.5, outlier_s=0.25).set_index("phase").loc["P"]
    assert (row["n_truth"], row["n_picks"], row["n_matched"]) == (5, 5, 4)
    assert (row["precision"], row["recall"], row["f1"]) == (0.8, 0.8, 0.8)
    residuals = np.array([0, 0.1, -0.1, 0.4])
    assert row["mean_s"] == pytest.approx(0.1)
    assert row["std_s"] == pytest.approx(residuals.std())
    assert row["mad_s"] == pytest.approx(0.1)
    assert row["outliers"] == 0.25


def test_every_phase_has_a_row_and_all_together_one():
    table = score_picks(_at([1.0]) + _at([5.0], "S"), _at([1.0]) + _at([9.0], "S"))
    assert table["phase"].tolist() == ["P", "S", "all"]
    assert table["recall"].tolist() == [1.0, 0.0, 0.5]


def test_nothing_picked_is_no_recall_and_no_precision():
    row = score_picks([], _at([1.0])).iloc[0]
    assert row["recall"] == 0.0
    assert math.isnan(row["precision"])
    assert math.isnan(row["mean_s"])


@pytest.mark.parametrize("tolerance", [0.0, -1.0, math.nan, math.inf])
def test_a_senseless_tolerance_is_refused(tolerance):
    with pytest.raises(InputError, match="tolerance"):
        match_picks([], [], tolerance_s=tolerance)


def test_a_day_of_picks_is_matched_quickly():
    times = np.arange(0, 86_400, 5.0)
    assert len(match_picks(_at(times + 0.1), _at(times))) == len(times)
