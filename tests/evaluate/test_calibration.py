"""Calibration: closed forms, simulation of a perfectly calibrated predictor, and the reliability curve."""

from __future__ import annotations

import math

import numpy as np
import pytest

from foreshock import law
from foreshock.errors import InputError
from foreshock.evaluate.calibration import ExpectedCalibrationError, expected_if_calibrated, reliability, wilson


def _drawn(said, n, *, sharper=1.0):
    """Truth drawn from probabilities that are then made sharper than they should be."""
    rng = np.random.default_rng(11)
    p = rng.uniform(0.02, 0.98, n)
    truth = (rng.random(n) < p).astype(int)
    odds = (p / (1 - p)) ** sharper
    told = odds / (1 + odds)
    return said(np.column_stack([1 - told, told]), truth)


def test_the_calibration_error_obeys_the_law(tmp_path):
    for metric in ExpectedCalibrationError.specimens(tmp_path):
        for seed in range(3):
            law.check_metric(metric, seed=seed)


def test_one_bin_worked_by_hand(said):
    # Confidence 0.8 throughout, three of four right: |0.75 − 0.8|.
    rows = said([[0.8, 0.2]] * 4, [0, 0, 0, 1])
    assert ExpectedCalibrationError()(rows) == pytest.approx(0.05)


def test_two_bins_are_weighed_by_their_rows(said):
    # Bin of 0.6: one of one right, gap 0.4. Bin of 0.9: two of three right, gap 0.9 − 2/3.
    rows = said([[0.6, 0.4], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1]], [0, 0, 0, 1])
    assert ExpectedCalibrationError()(rows) == pytest.approx((0.4 + 3 * (0.9 - 2 / 3)) / 4)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below_it(said):
    table = reliability(said([[0.6, 0.4]], [0]), n_bins=5)
    assert table["n"].tolist() == [0, 0, 1, 0, 0]


def test_a_perfectly_calibrated_predictor_has_nearly_no_error(said):
    assert ExpectedCalibrationError()(_drawn(said, 60_000)) < 0.008


def test_an_overconfident_predictor_shows_it(said):
    rows = _drawn(said, 20_000, sharper=3)
    assert ExpectedCalibrationError()(rows) > 0.08
    high = reliability(rows).query("n > 100 and confidence > 0.7")
    assert (high["accuracy_high"] < high["confidence"]).all()


def test_the_error_expected_by_chance_is_what_calibrated_predictors_show(said):
    rows = _drawn(said, 400)
    mean, high = expected_if_calibrated(rows, n=300)
    assert 0 < mean < high
    assert ExpectedCalibrationError()(rows) < high
    assert ExpectedCalibrationError()(_drawn(said, 400, sharper=4)) > expected_if_calibrated(rows, n=300)[1]


def test_the_error_expected_by_chance_shrinks_with_more_rows(said):
    assert (
        expected_if_calibrated(_drawn(said, 6_400), n=50)[0] < 0.6 * expected_if_calibrated(_drawn(said, 400), n=50)[0]
    )


def test_no_draw_is_refused(said):
    with pytest.raises(InputError, match="0 draws"):
        expected_if_calibrated(said([[1.0, 0.0]], [0]), n=0)


def test_the_reliability_curve_counts_every_row_once(said):
    table = reliability(_drawn(said, 1_000))
    assert table["n"].sum() == 1_000
    some = table[table["n"] > 0]
    assert ((some["low"] < some["confidence"]) & (some["confidence"] <= some["high"])).all()
    assert table[table["n"] == 0]["accuracy"].isna().all()


def test_wilson_bounds_are_the_published_ones():
    # Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, Table I: 81/263, 15/148.
    low, high = wilson(np.array([81.0, 15.0, 0.0]), np.array([263.0, 148.0, 20.0]))
    assert low == pytest.approx([0.2553, 0.0624, 0.0], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611], abs=5e-5)
    assert math.isnan(wilson(np.array([0.0]), np.array([0.0]))[0][0])
