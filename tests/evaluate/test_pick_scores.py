"""Scores of picks are those that a hand works out; intervals hold them and come from whole events."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from foreshock.clock import NS_PER_S
from foreshock.evaluate.pick_measures import MEASURES, bin_of, precision_recall_of, reliability_of
from foreshock.evaluate.pick_scores import Answer, mean_of, rate_per_hour, score_pickers
from foreshock.evaluate.pick_tally import LabelledTrace
from foreshock.types.pick import Pick

N = 60


def said(trace: str, phase: str, at_s: float, probability: float = 0.9) -> Pick:
    time_ns = round(at_s * NS_PER_S)
    return Pick(trace, phase, time_ns, probability=probability, sigma_s=0.1, available_at_ns=time_ns)


def labelled(n: int = N, *, per_event: int = 2) -> list[LabelledTrace]:
    """Traces with P at 10 s and S at 20 s; every third is of network YY."""
    return [
        LabelledTrace(f"t{k}", f"e{k // per_event}", 10 * NS_PER_S, 20 * NS_PER_S, {"network": "XXY"[k % 3] * 2})
        for k in range(n)
    ]


def picker(*, seed: int, spread_s: float, found: float = 0.9, extra: float = 0.2) -> list[Pick]:
    rng = np.random.default_rng(seed)
    picks = []
    for k in range(N):
        for phase, at in (("P", 10.0), ("S", 20.0)):
            if rng.random() < found:
                picks.append(said(f"t{k}", phase, at + rng.normal(0, spread_s), float(rng.uniform(0.5, 1))))
        if rng.random() < extra:
            picks.append(said(f"t{k}", "P", 40.0, float(rng.uniform(0, 0.5))))
    return picks


def test_every_measure_is_that_of_a_hand() -> None:
    traces = labelled(4, per_event=1)
    residuals = (0.0, 0.05, -0.3, 0.02)
    picks: Sequence[Pick] = [
        *(said(f"t{k}", "P", 10 + r, 0.75) for k, r in enumerate(residuals)),
        said("t0", "P", 50, 0.25),
        said("t1", "S", 20.2, 0.95),
    ]
    scores = score_pickers({"me": Answer(picks)}, traces).pickers["me"].scores
    values = {name: score.value for name, score in scores.items()}
    assert values["p_within_0.1_s"] == pytest.approx(3 / 4)
    assert values["p_within_0.5_s"] == values["p_recall"] == 1.0
    assert values["p_precision"] == pytest.approx(4 / 5)
    assert values["p_f1"] == pytest.approx(8 / 9)
    assert values["p_residual_median_s"] == pytest.approx(0.01)
    assert values["p_residual_mad_s"] == pytest.approx(0.025)
    assert values["p_outliers"] == pytest.approx(1 / 4)
    assert values["p_ece"] == pytest.approx((4 * 0.25 + 0.25) / 5)
    assert values["s_recall"] == pytest.approx(1 / 4)
    assert values["s_precision"] == 1.0
    assert values["f1"] == pytest.approx(2 * 5 / (8 + 6))
    assert values["other_per_record"] == pytest.approx(1 / 4)
    assert (scores["p_precision"].n, scores["s_recall"].n, scores["s_residual_median_s"].n) == (5, 4, 1)
    assert math.isnan(scores["s_residual_median_s"].low), "one event gives no interval"


def test_intervals_hold_the_value_and_the_better_picker_is_told_apart() -> None:
    answers = {"fine": Answer(picker(seed=1, spread_s=0.03)), "coarse": Answer(picker(seed=2, spread_s=0.4))}
    found = score_pickers(answers, labelled())
    for said_by in found.pickers.values():
        for name, score in said_by.scores.items():
            assert score.low <= score.value <= score.high, name
    apart = found.pickers["coarse"].difference
    assert apart["p_within_0.1_s"].low > 0
    assert apart["p_residual_mad_s"].high < 0
    assert found.pickers["fine"].difference == {}
    assert (found.n_traces, found.n_events, found.n_p, found.n_s) == (60, 30, 60, 60)


def test_rows_of_one_event_widen_the_interval() -> None:
    picks = [said(f"t{k}", "P", 10.0) for k in range(N) if k % 20 < 10]
    reach = []
    for per_event in (1, 10):
        score = score_pickers({"me": Answer(picks)}, labelled(per_event=per_event)).pickers["me"].scores["p_recall"]
        reach.append(score.high - score.low)
    assert reach[1] > 1.5 * reach[0]


def test_the_worst_group_is_named() -> None:
    picks = [pick for pick in picker(seed=1, spread_s=0.02) if int(pick.trace_id[1:]) % 3 != 2]
    [by_network] = score_pickers({"me": Answer(picks)}, labelled()).pickers["me"].groups
    assert by_network.column == "network"
    assert by_network.worst == "YY"
    assert by_network.clearly


def test_a_picker_that_found_nothing_or_tells_no_probabilities_is_scored_too() -> None:
    answers = {
        "mute": Answer(()),
        "plain": Answer(picker(seed=1, spread_s=0.02), has_probabilities=False),
    }
    found = score_pickers(answers, labelled())
    assert found.pickers["mute"].scores["p_recall"].value == 0.0
    assert math.isnan(found.pickers["mute"].scores["p_precision"].value)
    assert math.isnan(found.pickers["plain"].scores["p_ece"].value)
    assert any("mute: no pick at all" in text for text in found.warnings)
    told = found.as_json()
    assert told["pickers"]["mute"]["scores"]["p_precision"]["value"] is None
    assert set(told["measures"]) == {measure.name for measure in MEASURES}


def test_equal_seeds_give_equal_scores() -> None:
    answers = {"me": Answer(picker(seed=1, spread_s=0.1))}
    assert score_pickers(answers, labelled()).as_json() == score_pickers(answers, labelled()).as_json()


def test_precision_and_recall_over_the_threshold_end_at_all_picks() -> None:
    judged = pd.DataFrame({"probability": [0.9, 0.5, 0.5, 0.2], "right": [True, True, False, True]})
    table = precision_recall_of(judged, 4)
    assert table["threshold"].tolist() == [0.9, 0.5, 0.2]
    assert table["precision"].tolist() == pytest.approx([1, 2 / 3, 3 / 4])
    assert table["recall"].tolist() == pytest.approx([1 / 4, 2 / 4, 3 / 4])


def test_reliability_counts_each_bin() -> None:
    judged = pd.DataFrame({"probability": [0.05, 0.95, 1.0, 0.91], "right": [False, True, True, False]})
    table = reliability_of(judged)
    assert table["n"].tolist() == [1, 3]
    assert table["right"].tolist() == pytest.approx([0, 2 / 3])
    assert bin_of(np.array([0.05, 0.95])).tolist() == [0, 9]


def test_a_rate_is_counts_over_hours_with_an_interval_over_spans() -> None:
    score = rate_per_hour(np.array([0, 1, 0, 2] * 10), np.full(40, 0.05))
    assert score.value == pytest.approx(15.0)
    assert 5 < score.low < 15 < score.high < 30
    assert (score.n, score.n_events) == (30, 40)
    assert math.isnan(mean_of(np.empty(0), np.empty(0, np.int64)).value)
