"""Per-class tables: worked by hand and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from foreshock.evaluate.per_class import confusion, per_class, precision_recall_curves, roc_curves


def test_rows_are_true_and_columns_are_named(said):
    rows = said([[0.1, 0.9], [0.2, 0.8], [0.9, 0.1]], [0, 1, 0])
    assert confusion(rows).tolist() == [[1, 1], [0, 1]]


def test_the_table_agrees_with_scikit_learn(tied):
    sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle of this test")
    table = per_class(tied)
    precision, recall, f1, support = sklearn.precision_recall_fscore_support(tied.truth_numbers, tied.predicted)
    np.testing.assert_allclose(table[["precision", "recall", "f1", "support"]], np.c_[precision, recall, f1, support])
    np.testing.assert_array_equal(confusion(tied), sklearn.confusion_matrix(tied.truth_numbers, tied.predicted))
    one_hot = np.eye(3)[tied.truth_numbers]
    np.testing.assert_allclose(table["roc_auc"], sklearn.roc_auc_score(one_hot, tied.probabilities, average=None))


def test_what_is_not_defined_is_nan_and_not_zero(said):
    table = per_class(said([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0]], [0, 1])).set_index("class")
    assert math.isnan(table.loc["b", "precision"])
    assert table.loc["b", "recall"] == 0.0
    assert math.isnan(table.loc["c", "recall"])
    assert math.isnan(table.loc["c", "f1"])
    assert table["support"].tolist() == [1, 1, 0]


def test_classes_that_cannot_be_ranked_have_no_curve(said):
    rows = said([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0]], [0, 1])
    assert set(roc_curves(rows)) == set(precision_recall_curves(rows)) == {"a", "b"}
