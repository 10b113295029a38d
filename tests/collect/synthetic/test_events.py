"""Events: how they are drawn and numbered. Knows no waveforms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.collect.synthetic import SyntheticSettings, events, stations


@given(st.floats(0, 1), st.integers(0, 10_000))
def test_noise_is_spread_evenly_over_any_run(fraction: float, first: int) -> None:
    found = events.noise_slots(np.arange(first, first + 200), fraction=fraction).sum()
    assert abs(int(found) - 200 * fraction) <= 1 + 1e-6


def test_magnitudes_follow_the_slope_asked_for() -> None:
    settings = SyntheticSettings(magnitude_min=2.0, magnitude_max=7.0, b_value=1.0)
    found = events.magnitudes(np.random.default_rng(0).random(200_000), settings)
    assert found.min() >= 2.0
    assert found.max() <= 7.0
    assert (found >= 3.0).mean() == pytest.approx(0.1, rel=0.03)  # ten times fewer a unit of magnitude
    assert (found >= 4.0).mean() == pytest.approx(0.01, rel=0.1)


def test_events_keep_the_ranges_of_the_settings() -> None:
    settings = SyntheticSettings(stations=1, distance_min_km=20.0, distance_max_km=40.0, rate_hz=10.0)
    network = stations.build_network(settings, seed=0)
    scene = events.build_scene(settings, network, seed=0, index=np.arange(500))
    for name, low, high in (("distance_km", 19.8, 40.2), ("depth_km", 2, 25), ("magnitude", 1.5, 5.5)):
        values = getattr(scene, name)
        assert low <= values.min() < values.max() <= high
    assert np.log10(scene.stress_drop_pa).std() == pytest.approx(0.3, rel=0.1)


def test_the_hundred_millionth_record_still_has_a_date() -> None:
    settings = SyntheticSettings(rate_hz=10.0)
    network = stations.build_network(settings, seed=0)
    scene = events.build_scene(settings, network, seed=0, index=np.array([0, 99_999_999]))
    assert (scene.origin_ns >= events.EPOCH_NS).all()
    assert (scene.origin_ns < events.EPOCH_NS + 24 * 366 * 86_400 * 10**9).all()
