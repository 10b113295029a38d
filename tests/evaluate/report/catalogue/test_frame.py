"""Places become kilometres that are true from the centre on, wherever on the Earth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.evaluate.report.catalogue.frame import Frame
from foreshock.geo import inverse


@settings(max_examples=60, deadline=None)
@given(st.floats(-85, 85), st.floats(-180, 180), st.floats(-1, 1), st.floats(-1, 1))
def test_distances_from_the_centre_are_true(lat: float, lon: float, north: float, east: float) -> None:
    frame = Frame(lat, lon)
    other = (lat + north, (lon + east + 180) % 360 - 180)
    x, y = frame.km(*other)
    assert float(np.hypot(x, y)) == pytest.approx(float(inverse(lat, lon, *other)[0]), abs=1e-6)


def test_the_date_line_and_the_pole_tear_nothing_apart() -> None:
    frame = Frame.around([0.0, 0.0], [179.9, -179.9])
    x, _ = frame.km([0.0, 0.0], [179.9, -179.9])
    assert np.ptp(x) == pytest.approx(22.26, abs=0.01)
    polar = Frame.around([89.0, 89.0], [0.0, 180.0])
    assert polar.latitude == pytest.approx(90.0)
    assert np.hypot(*polar.km([89.0], [0.0])) == pytest.approx(111.7, abs=0.1)


def test_directions_turn_with_the_meridians() -> None:
    assert float(Frame(10.0, 20.0).turned_deg(10.5, 20.0)) == pytest.approx(0.0, abs=1e-9)
    frame = Frame(60.0, 0.0)
    (x0, y0), (x1, y1) = frame.km(60.0, 2.0), frame.km(60.01, 2.0)
    north_deg = float(np.degrees(np.arctan2(x1 - x0, y1 - y0)))
    assert float(frame.turned_deg(60.0, 2.0)) == pytest.approx(north_deg, abs=0.02)
    assert abs(north_deg) > 1.5


def test_a_frame_is_told_in_words() -> None:
    assert str(Frame(-17.0, 179.5)) == "17.000° S, 179.500° E"
