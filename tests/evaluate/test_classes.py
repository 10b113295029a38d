"""Metrics of classes against numbers worked by hand, against brute force and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock import law
from foreshock.errors import InputError
from foreshock.evaluate import classes
from foreshock.evaluate.ranks import average_precisions, precision_recall_curve, roc_areas, roc_curve

EVERY = (
    classes.Accuracy,
    classes.BalancedAccuracy,
    classes.MacroF1,
    classes.MacroRocAuc,
    classes.MacroAveragePrecision,
    classes.LogLoss,
    classes.Brier,
)


@pytest.mark.parametrize("metric", EVERY)
def test_every_metric_of_classes_obeys_the_law(metric, tmp_path):
    for specimen in metric.specimens(tmp_path):
        for seed in range(3):
            law.check_metric(specimen, seed=seed)


@pytest.mark.parametrize("metric", EVERY)
def test_values_instead_of_classes_are_refused_by_name(metric, valued):
    with pytest.raises(InputError, match=metric.name):
        metric()(valued([1.0], [1.0]))


def test_numbers_worked_by_hand(said):
    # Truth a a a b; named a a b b.
    four = said([[0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.1, 0.9]], [0, 0, 0, 1])
    assert classes.Accuracy()(four) == pytest.approx(3 / 4)
    assert classes.BalancedAccuracy()(four) == pytest.approx((2 / 3 + 1) / 2)
    assert classes.MacroF1()(four) == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert classes.LogLoss()(four) == pytest.approx(-math.log(0.8 * 0.6 * 0.3 * 0.9) / 4)
    assert classes.Brier()(four) == pytest.approx(2 * (0.2**2 + 0.4**2 + 0.7**2 + 0.1**2) / 4)


def test_metrics_agree_with_scikit_learn_on_tied_scores(tied):
    sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle of this test")
    truth, named, p = tied.truth_numbers, tied.predicted, tied.probabilities
    one_hot = np.eye(3)[truth]
    want = {
        classes.Accuracy: sklearn.accuracy_score(truth, named),
        classes.BalancedAccuracy: sklearn.balanced_accuracy_score(truth, named),
        classes.MacroF1: sklearn.f1_score(truth, named, average="macro"),
        classes.MacroRocAuc: sklearn.roc_auc_score(truth, p, multi_class="ovr", average="macro"),
        classes.MacroAveragePrecision: sklearn.average_precision_score(one_hot, p, average="macro"),
        classes.LogLoss: sklearn.log_loss(truth, np.clip(p, np.finfo(float).eps, 1)),
        classes.Brier: ((p - one_hot) ** 2).sum(1).mean(),
    }
    for metric, value in want.items():
        assert metric()(tied) == pytest.approx(value, rel=1e-9), metric.name


def test_two_class_brier_is_twice_the_one_class_form(said):
    sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle of this test")
    p = np.random.default_rng(0).random(50)
    truth = (np.random.default_rng(1).random(50) < p).astype(int)
    two = said(np.column_stack([1 - p, p]), truth)
    assert classes.Brier()(two) == pytest.approx(2 * sklearn.brier_score_loss(truth, p))


def test_a_certain_mistake_costs_much_but_not_infinitely(said):
    assert classes.LogLoss()(said([[1.0, 0.0]], [1])) == pytest.approx(-math.log(2**-52))


def test_a_constant_predictor_ranks_like_a_coin(said):
    constant = said(np.tile([0.3, 0.7], (40, 1)), [0, 1] * 20)
    assert classes.MacroRocAuc()(constant) == pytest.approx(0.5)
    assert classes.MacroAveragePrecision()(constant) == pytest.approx(0.5)


def test_ranking_is_not_defined_where_one_class_alone_occurs(said):
    assert math.isnan(classes.MacroRocAuc()(said([[0.2, 0.8], [0.4, 0.6]], [1, 1])))


def test_a_class_that_never_occurs_is_left_out_of_the_average(said):
    rows = said([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]], [0, 1])
    assert classes.MacroF1()(rows) == 1.0
    assert classes.BalancedAccuracy()(rows) == 1.0


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: len({positive for _, positive in rows}) == 2
    )
)
def test_area_under_roc_is_the_chance_that_a_positive_scores_higher(rows):
    scores, positive = np.array([s for s, _ in rows], float), np.array([p for _, p in rows])
    beats = scores[positive][:, None] - scores[~positive][None, :]
    want = ((beats > 0) + 0.5 * (beats == 0)).mean()
    got = roc_areas(scores, positive, np.ones((1, len(rows))))[0]
    assert got == pytest.approx(want)
    curve = roc_curve(scores, positive)
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(want)


@given(st.integers(0, 2**31), st.integers(2, 30))
def test_a_weight_means_so_many_copies_of_the_row(seed, n):
    rng = np.random.default_rng(seed)
    scores, positive = rng.integers(0, 4, n).astype(float), rng.random(n) < 0.5
    weights = rng.integers(0, 4, (1, n)).astype(float)
    again = np.repeat(np.arange(n), weights[0].astype(int))
    ones = np.ones((1, len(again)))
    for area in (roc_areas, average_precisions):
        weighted, copied = area(scores, positive, weights)[0], area(scores[again], positive[again], ones)[0]
        assert weighted == pytest.approx(copied, nan_ok=True)


@pytest.mark.parametrize("metric", EVERY)
def test_weighted_metrics_equal_the_score_of_copied_rows(metric, tied):
    rng = np.random.default_rng(5)
    weights = rng.integers(0, 3, (4, len(tied))).astype(float)
    got = metric().weighted(tied, weights)
    for row, score in zip(weights, got, strict=True):
        rows = np.repeat(np.arange(len(tied)), row.astype(int))
        copied = type(tied)(tied.table.iloc[rows], classes=tied.classes)
        assert score == pytest.approx(metric()(copied), rel=1e-12)


def test_curves_agree_with_scikit_learn_on_ties(tied):
    sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle of this test")
    scores, positive = tied.probabilities[:, 0], tied.truth_numbers == 0
    fpr, tpr, _ = sklearn.roc_curve(positive, scores, drop_intermediate=False)
    roc = roc_curve(scores, positive)
    np.testing.assert_allclose(roc.x, fpr)
    np.testing.assert_allclose(roc.y, tpr)
    precision, recall, _ = sklearn.precision_recall_curve(positive, scores)
    pr = precision_recall_curve(scores, positive)
    np.testing.assert_allclose(pr.x, recall[::-1])
    np.testing.assert_allclose(pr.y, precision[::-1])
