"""Answers keep what was asked beside what was said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from foreshock.errors import LabelError
from foreshock.predict import specimen
from foreshock.predict.answers import classified, valued
from foreshock.predict.softmax import softmax


def test_columns_to_group_by_are_kept_and_old_answers_are_not() -> None:
    examples = specimen.wave_examples(4)
    old = {"truth": "x", "prob_noise": 9.0, "value": 1.0, "distance_km": 5.0}
    asked = replace(examples, table=examples.table.assign(**old))
    said = classified(asked, np.tile([0.25, 0.75], (4, 1)), classes=specimen.CLASSES)
    assert said.table["distance_km"].tolist() == [5.0] * 4
    assert said.table["truth"].tolist() == ["noise", "earthquake"] * 2
    assert "value" not in said.table
    assert said.probabilities[0].tolist() == [0.25, 0.75]


def test_truth_follows_the_name_of_a_class_not_its_number() -> None:
    examples = specimen.wave_examples(4)
    turned = replace(examples, classes=("earthquake", "noise"), y=1 - examples.y)
    for asked in (examples, turned):
        said = classified(asked, np.tile([0.5, 0.5], (4, 1)), classes=specimen.CLASSES)
        assert said.truth_numbers.tolist() == [0, 1, 0, 1]


def test_truth_is_missing_where_it_is_unknown() -> None:
    blind = replace(specimen.wave_examples(3), y=None)
    assert classified(blind, np.full((3, 2), 0.5), classes=specimen.CLASSES).table["truth"].isna().all()
    assert valued(replace(specimen.magnitude_examples(3), y=None), np.zeros(3)).table["truth"].isna().all()


def test_a_class_the_predictor_does_not_know_is_named() -> None:
    examples = replace(specimen.wave_examples(2), classes=("noise", "avalanche"))
    with pytest.raises(LabelError, match="'avalanche'"):
        classified(examples, np.full((2, 2), 0.5), classes=specimen.CLASSES)


def test_residual_quantiles_stand_around_the_value() -> None:
    said = valued(specimen.magnitude_examples(2), np.array([1.0, 2.0]), residuals=(-0.5, np.array([0.1, 0.3])))
    assert said.table[["q05", "q95"]].to_numpy().tolist() == [[0.5, 1.1], [1.5, 2.3]]


def test_softmax_with_temperature_equals_its_formula() -> None:
    z = np.array([[1.0, 2.0, 4.0], [-800.0, 0.0, 800.0]])
    want = np.exp(z[0] / 2) / np.exp(z[0] / 2).sum()
    np.testing.assert_allclose(softmax(z, temperature=2.0)[0], want, rtol=1e-14)
    np.testing.assert_allclose(softmax(z)[1], [0, 0, 1], atol=1e-300)
    np.testing.assert_array_equal(softmax(z.T, axis=0).T, softmax(z))


def test_an_empty_batch_gives_an_empty_table() -> None:
    none = specimen.wave_examples(2).take(np.array([], int))
    said = classified(none, np.zeros((0, 2)), classes=specimen.CLASSES)
    assert len(said) == 0
    assert isinstance(said.table, pd.DataFrame)
