"""Metrics of values against numbers worked by hand and against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock import law
from foreshock.errors import InputError
from foreshock.evaluate import regression
from foreshock.evaluate.regression import weighted_medians

EVERY = (
    regression.MeanAbsoluteError,
    regression.RootMeanSquareError,
    regression.AbsoluteBias,
    regression.MedianAbsoluteError,
)


@pytest.mark.parametrize("metric", EVERY)
def test_every_metric_of_values_obeys_the_law(metric, tmp_path):
    for specimen in metric.specimens(tmp_path):
        for seed in range(3):
            law.check_metric(specimen, seed=seed)


def test_numbers_worked_by_hand(valued):
    # Errors +1, −2, +4, −4.
    four = valued([1, 0, 4, 0], [0, 2, 0, 4])
    got = [metric()(four) for metric in EVERY]
    assert got == pytest.approx([11 / 4, math.sqrt(37 / 4), 1 / 4, 3.0])


def test_classes_instead_of_values_are_refused(said):
    with pytest.raises(InputError, match="mae"):
        regression.MeanAbsoluteError()(said([[1.0, 0.0]], [0]))


@pytest.mark.parametrize("metric", EVERY)
def test_an_unexpected_nan_in_the_truth_spoils_the_score(metric, valued):
    assert math.isnan(metric()(valued([1.0, 2.0, 3.0], [1.0, math.nan, 3.0])))


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30), st.integers(0, 2**31))
def test_the_weighted_median_is_the_median_of_the_copies(values, seed):
    weights = np.random.default_rng(seed).integers(0, 4, (3, len(values))).astype(float)
    numbers = np.array(values, float)
    for row, got in zip(weights, weighted_medians(numbers, weights), strict=True):
        copies = np.repeat(numbers, row.astype(int))
        assert got == pytest.approx(np.median(copies) if len(copies) else math.nan, nan_ok=True)


def test_coverage_and_width_are_counted_where_quantiles_are_there(valued):
    rows = valued([0, 0, 0, 0], [0, 1, 2, -3], q05=[-1.0] * 4, q95=[1.0] * 4)
    assert regression.IntervalCoverage()(rows) == 0.5
    assert regression.IntervalWidth()(rows) == 2.0


def test_coverage_is_not_defined_without_quantiles(valued):
    assert math.isnan(regression.IntervalCoverage()(valued([0.0], [0.0])))
