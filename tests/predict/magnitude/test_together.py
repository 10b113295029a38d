"""Tests of the network's value: a median that stands one bad station, and an uncertainty that is what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.predict.magnitude.together import JoiningSettings, judged, together
from foreshock.types.solution import StationMagnitude

SETTINGS = JoiningSettings()


def joined(held, fewest=1):
    return together("ML", judged(held, SETTINGS), method="test", settings=SETTINGS, fewest=fewest)


def stations(*values, used=True):
    return [
        StationMagnitude(f"XX.S{k}.", value, used=used, reason="" if used else "no") for k, value in enumerate(values)
    ]


def test_no_used_station_gives_no_magnitude():
    assert joined(stations(3.0, 3.1, used=False)) is None
    assert joined([]) is None
    assert joined(stations(3.0, 3.1), fewest=3) is None


def test_an_outlier_is_named_and_kept_but_not_used():
    found = joined(stations(3.0, 3.1, 2.9, 3.05, 5.0))
    assert found.value == pytest.approx(3.025)
    assert found.n_stations == 4
    assert [one.trace_id for one in found.stations if not one.used] == ["XX.S4."]
    assert "5.00 lies" in found.stations[4].reason


def test_among_four_stations_nobody_is_called_an_outlier():
    assert joined(stations(3.0, 3.1, 2.9, 5.0)).n_stations == 4


def test_two_stations_tell_no_uncertainty():
    assert joined(stations(3.0, 3.2)).uncertainty is None


@given(st.permutations(range(6)))
def test_the_order_of_stations_changes_nothing(order):
    held = stations(3.0, 3.1, 2.8, 3.3, 3.05, 4.9)
    mixed = joined([held[k] for k in order])
    assert (mixed.value, mixed.uncertainty) == (3.05, joined(held).uncertainty)


def test_the_uncertainty_is_the_scatter_of_the_median():
    """Of 400 networks of 15 stations that scatter by 0.25."""
    rng = np.random.default_rng(0)
    found = [joined(stations(*rng.normal(3.0, 0.25, 15))) for _ in range(400)]
    scatter = np.std([one.value for one in found])
    assert np.median([one.uncertainty for one in found]) == pytest.approx(scatter, rel=0.15)


def test_what_is_wrong_at_all_stations_at_once_is_not_averaged_away():
    told = JoiningSettings(model_sigma=0.15)
    found = together("ML", stations(*np.linspace(2.9, 3.1, 200)), method="test", settings=told)
    assert 0.15 < found.uncertainty < 0.16
