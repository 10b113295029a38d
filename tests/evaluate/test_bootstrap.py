"""Bootstrap: what intervals hold, how events widen them, and how predictors are compared."""

from __future__ import annotations

import math

import numpy as np
import pytest

from foreshock.errors import InputError
from foreshock.evaluate.bootstrap import aligned, bounds, difference, event_numbers, interval
from foreshock.evaluate.classes import Accuracy, LogLoss, MacroRocAuc
from foreshock.evaluate.regression import AbsoluteBias, MeanAbsoluteError
from foreshock.types.predictions import Predictions


def _clustered(valued, seed, *, n_events=40, rows=5, shared=1.0):
    """Errors made of a part that all rows of an event share and a part of each row."""
    rng = np.random.default_rng(seed)
    error = np.repeat(rng.normal(0, shared, n_events), rows) + rng.normal(0, 1, n_events * rows)
    return valued(error + 1.0, np.zeros(n_events * rows), rows_per_event=rows)


def test_an_interval_holds_its_value_and_counts_rows_and_events(tied):
    score = interval(Accuracy(), tied, n=200)
    assert score.low <= score.value <= score.high
    assert (score.n, score.n_events) == (300, 100)


def test_the_same_seed_draws_the_same_events(tied):
    assert interval(MacroRocAuc(), tied, seed=4, n=100) == interval(MacroRocAuc(), tied, seed=4, n=100)
    assert interval(MacroRocAuc(), tied, seed=4, n=100) != interval(MacroRocAuc(), tied, seed=5, n=100)


def test_the_interval_of_a_mean_is_the_textbook_one_for_independent_rows(valued):
    error = np.random.default_rng(2).normal(3, 1, 800)
    score = interval(AbsoluteBias(), valued(error, np.zeros(800)), n=4000)
    half = 1.96 * error.std() / math.sqrt(800)
    assert score.low == pytest.approx(error.mean() - half, abs=0.006)
    assert score.high == pytest.approx(error.mean() + half, abs=0.006)


def test_rows_of_one_event_widen_the_interval(valued):
    together = _clustered(valued, 1, rows=10, shared=2.0)
    alone = Predictions(together.table.assign(event_id=together.table["trace_id"]))
    wide, narrow = (interval(AbsoluteBias(), said, n=1000) for said in (together, alone))
    assert wide.value == narrow.value
    assert wide.high - wide.low > 1.8 * (narrow.high - narrow.low)


def test_a_higher_level_gives_a_wider_interval(tied):
    ninety, most = (interval(Accuracy(), tied, n=500, level=level) for level in (0.9, 0.99))
    assert most.high - most.low > ninety.high - ninety.low


def test_one_event_gives_a_value_without_an_interval(said):
    score = interval(Accuracy(), said([[0.9, 0.1], [0.2, 0.8]], [0, 0], rows_per_event=2))
    assert score.value == 0.5
    assert math.isnan(score.low)
    assert math.isnan(score.high)


def test_rows_without_an_event_stand_for_themselves(valued):
    rows = valued(np.zeros(5), np.zeros(5))
    rows.table["event_id"] = ["a", None, "", "a", math.nan]
    assert event_numbers(rows).tolist() == [0, 1, 2, 0, 3]


def test_a_metric_without_weights_gives_the_same_interval_more_slowly(tied):
    class Plain:
        name, sentence, unit, task, better, best = "plain", "", "1", "classify", "higher", 1.0

        def __call__(self, predictions):
            return Accuracy()(predictions)

    slow, fast = interval(Plain(), tied, n=40), interval(Accuracy(), tied, n=40)
    assert (slow.low, slow.high) == pytest.approx((fast.low, fast.high))


def test_a_predictor_does_not_differ_from_itself(tied):
    score = difference(LogLoss(), tied, tied, n=50)
    assert (score.value, score.low, score.high) == (0.0, 0.0, 0.0)


def test_a_paired_difference_is_sharper_than_two_intervals(valued):
    rng = np.random.default_rng(0)
    truth, shared = np.zeros(400), rng.normal(0, 1, 400)
    a = valued(shared, truth)
    b = valued(shared + np.sign(shared) * 0.1, truth)
    apart = difference(MeanAbsoluteError(), a, b, n=500)
    assert apart.value == pytest.approx(-0.1)
    assert apart.high < 0
    ours = interval(MeanAbsoluteError(), a, n=500)
    assert apart.high - apart.low < 0.1 * (ours.high - ours.low)


def test_a_rival_in_another_order_is_put_in_ours(tied):
    order = np.random.default_rng(0).permutation(len(tied))
    shuffled = Predictions(tied.table.iloc[order], classes=tied.classes)
    assert aligned(tied, shuffled).table.equals(tied.table)
    assert difference(Accuracy(), tied, shuffled, n=50).high == 0.0


def test_other_traces_are_refused_by_name(tied):
    fewer = Predictions(tied.table.iloc[:-1], classes=tied.classes)
    with pytest.raises(InputError, match="t299"):
        difference(Accuracy(), tied, fewer)


def test_other_truth_is_refused(tied):
    table = tied.table.assign(truth="a")
    with pytest.raises(InputError, match="same truth"):
        difference(Accuracy(), tied, Predictions(table, classes=tied.classes))


@pytest.mark.parametrize(("settings", "named"), [({"n": 5}, "5 resamples"), ({"level": 1.5}, "1.5")])
def test_senseless_settings_are_refused(tied, settings, named):
    with pytest.raises(InputError, match=named):
        interval(Accuracy(), tied, **settings)


def test_bounds_lean_against_a_bias_of_the_resamples():
    drawn = np.linspace(0.2, 1.2, 2001)
    low, high = bounds(0.5, drawn, level=0.9)
    assert low < np.quantile(drawn, 0.05)
    assert high < np.quantile(drawn, 0.95)
    assert bounds(0.1, drawn, level=0.9)[0] == 0.1


@pytest.mark.slow
def test_intervals_over_events_hold_the_truth_as_often_as_they_say(valued):
    """E|error| of a normal error with variance 1 + 1 and mean 1, known in closed form; 400 simulated test sets."""
    sigma = math.sqrt(2)
    truth = sigma * math.sqrt(2 / math.pi) * math.exp(-1 / (2 * sigma**2)) + math.erf(1 / (sigma * math.sqrt(2)))
    held = 0
    for seed in range(400):
        score = interval(MeanAbsoluteError(), _clustered(valued, seed, n_events=60), n=400, level=0.9)
        held += score.low <= truth <= score.high
    assert 0.85 <= held / 400 <= 0.95


@pytest.mark.slow
def test_intervals_over_rows_would_promise_too_much(valued):
    sigma = math.sqrt(2)
    truth = sigma * math.sqrt(2 / math.pi) * math.exp(-1 / (2 * sigma**2)) + math.erf(1 / (sigma * math.sqrt(2)))
    held = 0
    for seed in range(200):
        rows = _clustered(valued, seed, n_events=60)
        alone = Predictions(rows.table.assign(event_id=rows.table["trace_id"]))
        score = interval(MeanAbsoluteError(), alone, n=300, level=0.9)
        held += score.low <= truth <= score.high
    assert held / 200 < 0.82
