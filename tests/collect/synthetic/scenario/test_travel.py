"""Travel times follow the layers that are named, as the locator's own tracer does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.collect.synthetic.scenario.families import family
from foreshock.collect.synthetic.scenario.travel import rays
from foreshock.predict.travel.layered import LayeredTimes
from foreshock.predict.travel.models import SOUTHERN_CALIFORNIA

TRACED = LayeredTimes(SOUTHERN_CALIFORNIA, max_distance_km=10.0, max_depth_km=5.0)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 500), st.floats(0.01, 60), st.sampled_from(["P", "S"]))
def test_first_arrivals_are_those_of_southern_california(distance: float, depth: float, phase: str) -> None:
    mine = rays(family("A"), phase, depth_km=np.array([depth]), distance_km=np.array([distance])).time_s
    theirs = TRACED.exact_s(phase, np.array([distance]), np.array([depth]))
    assert mine == pytest.approx(theirs, abs=2e-3)


def test_the_held_out_familys_waves_come_later() -> None:
    far, deep = np.array([5.0, 20.0, 60.0, 150.0]), np.full(4, 8.0)
    one, other = (rays(family(name), "P", depth_km=deep, distance_km=far).time_s for name in "AB")
    assert ((other / one > 1.02) & (other / one < 1.08)).all()
