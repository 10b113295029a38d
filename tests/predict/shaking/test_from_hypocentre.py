"""Tests of ruptures grown from a hypocentre, and of distances averaged over their strikes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.errors import InputError
from foreshock.predict.shaking.from_hypocentre import from_hypocentre, mean_distance_km, upright
from foreshock.predict.shaking.wells_coppersmith_1994 import rupture_size_km


def test_sizes_are_those_of_the_published_lines() -> None:
    length, width = rupture_size_km(np.array([6.0, 7.0]), mechanism="strike_slip")
    np.testing.assert_allclose(np.log10(length), [1.15, 1.77])
    np.testing.assert_allclose(np.log10(width), [0.86, 1.13])
    with pytest.raises(InputError, match="'thrust'"):
        rupture_size_km(7.0, mechanism="thrust")


@pytest.mark.parametrize(("far", "half"), [(0.0, 10.0), (3.0, 10.0), (10.0, 10.0), (12.0, 10.0), (50.0, 10.0)])
def test_the_mean_over_strikes_is_that_of_many_strikes(far: float, half: float) -> None:
    strike = (np.arange(100_000) + 0.5) / 100_000 * np.pi / 2
    along, beside = far * np.cos(strike), far * np.sin(strike)
    each = np.hypot(np.maximum(along - half, 0), beside)
    assert float(mean_distance_km(np.array(far), half_length_km=np.array(half))) == pytest.approx(each.mean(), abs=1e-6)


@given(far=st.floats(0.01, 500), half=st.floats(0, 200), more=st.floats(0.1, 50))
def test_the_mean_distance_lies_between_both_ends_and_falls_with_length(far: float, half: float, more: float) -> None:
    mean, longer = mean_distance_km(np.array(far), half_length_km=np.array([half, half + more]))
    assert max(far - half, 0) - 1e-6 * far <= mean <= far * (1 + 1e-6)
    assert longer <= mean + 1e-6 * far


def test_up_to_magnitude_6_the_source_is_a_point() -> None:
    rupture, distances = from_hypocentre([4.0, 6.0], 30.0, depth_km=40.0)
    assert distances.joyner_boore_km.tolist() == [30.0, 30.0]
    assert distances.rupture_km.tolist() == [50.0, 50.0]
    assert np.asarray(rupture.top_km).tolist() == [40.0, 40.0]


def test_nothing_leaps_as_the_magnitude_grows() -> None:
    size = np.linspace(5.5, 8.0, 2501)
    _, distances = from_hypocentre(size, 25.0, depth_km=12.0)
    assert (np.diff(distances.joyner_boore_km) <= 0).all()
    assert np.abs(np.diff(distances.rupture_km)).max() < 0.1


def test_a_rupture_does_not_rise_above_the_ground() -> None:
    half, width, top = upright(np.array([6.5, 8.0]), depth_km=5.0)
    assert top.tolist() == [0.0, 0.0]
    np.testing.assert_allclose([2 * half, width], rupture_size_km(np.array([6.5, 8.0])))
