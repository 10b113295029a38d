"""A peak of a curve gives an arrival between frames, its width, and a probability."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.bundle import Onset
from foreshock.predict.pick.peak import centre, probability_of, width


@given(st.floats(180.0, 220.0), st.floats(3.0, 20.0))
def test_the_centre_of_a_bell_lies_between_frames(at: float, sigma: float) -> None:
    curve = np.exp(-(((np.arange(400) - at) / sigma) ** 2) / 2) * 0.8
    peak = int(np.argmax(curve))
    assert centre(curve, peak, foot=0.24) == pytest.approx(at, abs=0.1)
    assert width(curve, peak) == pytest.approx(2.3548 * sigma, abs=1.5)


def test_another_peak_behind_a_gap_does_not_draw_the_centre() -> None:
    curve = np.array([0.0, 0.5, 0.9, 0.5, 0.0, 0.8, 0.8, 0.0])
    assert centre(curve, 2, foot=0.1) == pytest.approx(2.0)
    assert width(curve, 2) == 3


def test_a_peak_at_the_edge_of_a_record_is_its_own_centre() -> None:
    assert centre(np.array([0.9, 0.1, 0.0]), 0, foot=0.27) == pytest.approx(0.0)


def test_probability_follows_the_logistic_curve() -> None:
    assert probability_of(0.5, Onset(threshold=0.5, offset=0.3, slope=2.0)) == pytest.approx(1 / (1 + np.exp(-0.3)))
    assert 0 <= probability_of(0.0, Onset(threshold=0.5)) < 1e-6
