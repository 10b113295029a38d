"""Peterson's noise models against the published table and ObsPy's copy of them."""

from __future__ import annotations

import numpy as np
import pytest
from obspy.signal.spectral_estimation import get_nhnm, get_nlnm

from foreshock.collect.peterson import nhnm_db, nlnm_db


def test_both_models_equal_the_ones_obspy_ships():
    for ours, theirs in ((nlnm_db, get_nlnm), (nhnm_db, get_nhnm)):
        period, level = theirs()
        assert np.abs(ours(period) - level).max() < 0.002


@pytest.mark.parametrize(
    ("period_s", "low", "high"), [(0.1, -168.0, -91.5), (1.0, -166.4, -116.85), (100.0, -185.07, -131.5)]
)
def test_published_values_are_met(period_s, low, high):
    assert nlnm_db(period_s) == pytest.approx(low, abs=0.01)
    assert nhnm_db(period_s) == pytest.approx(high, abs=0.01)


def test_outside_the_published_periods_nothing_is_made_up():
    assert np.isnan(nlnm_db([0.05, 2e5])).all()
    assert np.isnan(nhnm_db([0.05, 2e5])).all()


def test_the_low_model_lies_below_the_high_one_everywhere():
    period = np.geomspace(0.1, 1e5, 1000)
    assert (nlnm_db(period) < nhnm_db(period)).all()
