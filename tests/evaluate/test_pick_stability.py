"""Stability counts picks that move and picks that vanish."""

from __future__ import annotations

import math

import numpy as np
import pytest

from foreshock.evaluate.pick_stability import Shifted, stability


def test_spread_presence_and_steadiness_are_those_of_a_hand() -> None:
    gone = np.nan
    arrivals = [
        Shifted("a", "P", np.array([0.01, 0.01, 0.01, 0.01])),
        Shifted("b", "P", np.array([0.0, 0.2, 0.0, 0.2])),
        Shifted("c", "P", np.array([0.0, 0.0, gone, 0.0])),
        Shifted("d", "P", np.full(4, gone)),
    ]
    scores = stability(arrivals)
    assert scores["p_shift_spread_s"].value == pytest.approx(0.0)
    assert scores["p_shift_found"].value == pytest.approx((1 + 1 + 0.75) / 3)
    assert scores["p_shift_unsteady"].value == pytest.approx(2 / 3)
    assert scores["p_shift_found"].n == 3
    assert math.isnan(scores["s_shift_found"].value)
