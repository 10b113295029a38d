"""Earthquakes of a recording keep their laws: Gutenberg-Richter, Omori-Utsu, places in the region."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.sequence import BACKGROUND, draw_quakes, omori_times
from foreshock.geo import distance_km

SETTINGS = NetworkDaySettings(stations=3, events=4000)


def test_magnitudes_have_the_slope_that_was_asked_for() -> None:
    size = draw_quakes(SETTINGS, seed=1).magnitude
    assert SETTINGS.magnitude_min <= size.min() < size.max() <= SETTINGS.magnitude_max
    b = np.log10(np.e) / (size.mean() - SETTINGS.magnitude_min)  # Aki (1965)
    assert b == pytest.approx(1.0, abs=4 / np.sqrt(len(size)))


def test_the_largest_are_mainshocks_and_the_larger_have_more_aftershocks() -> None:
    quakes = draw_quakes(SETTINGS, seed=1)
    counts = [int((quakes.sequence == k).sum()) for k in range(3)]
    assert [quakes.magnitude[quakes.sequence == k].max() for k in range(3)] == sorted(quakes.magnitude)[:-4:-1]
    assert counts == sorted(counts, reverse=True)
    assert (quakes.sequence == BACKGROUND).mean() == pytest.approx(SETTINGS.background_fraction, abs=0.03)


def test_aftershocks_follow_their_mainshock_and_lie_about_it() -> None:
    quakes = draw_quakes(SETTINGS, seed=1)
    own = np.flatnonzero(quakes.sequence == 0)
    main = own[quakes.magnitude[own].argmax()]
    assert (quakes.origin_ns[own] >= quakes.origin_ns[main]).all()
    away = distance_km(quakes.latitude[own], quakes.longitude[own], quakes.latitude[main], quakes.longitude[main])
    assert np.median(away) < 5 < SETTINGS.region_radius_km


def test_times_rise_and_keep_off_the_ends() -> None:
    quakes = draw_quakes(SETTINGS, seed=2)
    since_s = (quakes.origin_ns - SETTINGS.start_ns) / NS_PER_S
    assert (np.diff(quakes.origin_ns) >= 0).all()
    assert since_s.min() >= SETTINGS.edge_s
    assert since_s.max() <= SETTINGS.span_s - SETTINGS.edge_s + 1e-6


def test_all_lie_at_the_depths_that_were_asked_for() -> None:
    depth = draw_quakes(SETTINGS, seed=3).depth_km
    assert SETTINGS.depth_min_km <= depth.min() < depth.max() <= SETTINGS.depth_max_km


def test_a_dense_hour_has_an_event_every_so_many_seconds() -> None:
    settings = NetworkDaySettings(stations=3, span_s=3600.0, every_s=20.0)
    quakes = draw_quakes(settings, seed=0)
    assert len(quakes) == settings.n_events == 175
    assert np.allclose(np.diff(quakes.origin_ns) / NS_PER_S, 20.0)


def test_equal_seeds_give_equal_earthquakes_and_others_give_others() -> None:
    one, same, other = (draw_quakes(SETTINGS, seed=seed) for seed in (4, 4, 5))
    assert np.array_equal(one.origin_ns, same.origin_ns)
    assert np.array_equal(one.latitude, same.latitude)
    assert not np.array_equal(one.origin_ns, other.origin_ns)


def test_no_earthquake_at_all_is_a_catalogue_too() -> None:
    assert len(draw_quakes(NetworkDaySettings(stations=3, events=0), seed=0)) == 0


@given(st.floats(0, 1), st.floats(10, 1e6), st.floats(0.5, 2.5), st.floats(1, 1e4))
def test_omori_times_lie_within_the_span(u: float, span_s: float, p: float, c_s: float) -> None:
    second = omori_times(np.array([u]), span_s=np.array([span_s]), p=p, c_s=c_s)[0]
    assert -1e-6 * span_s <= second <= span_s * (1 + 1e-6)


def test_omori_counts_fall_as_the_law_says() -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    second = omori_times(u, span_s=np.full(len(u), 10_000.0), p=1.2, c_s=100.0)
    seen = np.histogram(second, [0, 100, 1000, 10_000])[0] / len(u)
    total = 100**-0.2 - 10_100**-0.2
    law = [(a**-0.2 - b**-0.2) / total for a, b in ((100, 200), (200, 1100), (1100, 10_100))]
    assert seen == pytest.approx(law, abs=1e-4)
