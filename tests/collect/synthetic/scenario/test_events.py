"""Which earthquakes happen: sizes, places and times as told."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock import geo
from foreshock.collect.synthetic.scenario.events import draw_events
from foreshock.collect.synthetic.scenario.networks import draw_net
from foreshock.collect.synthetic.scenario.rupture import TrueEvent
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings


def drawn(**told: object) -> tuple[TrueEvent, ...]:
    settings = ScenarioSettings(**told)  # type: ignore[arg-type]
    return draw_events(settings, draw_net(settings))


def nearest_km(event: TrueEvent, **told: object) -> float:
    places = draw_net(ScenarioSettings(**told)).places  # type: ignore[arg-type]
    return float(geo.distance_km(event.latitude, event.longitude, places.latitude, places.longitude).min())


def test_inside_is_between_stations_and_outside_is_beyond_them() -> None:
    for seed in range(20):
        (inside,) = drawn(seed=seed)
        (outside,) = drawn(seed=seed, where="outside", outside_km=(30.0, 60.0))
        assert nearest_km(inside, seed=seed) < 25
        assert 25 < nearest_km(outside, seed=seed) < 110


def test_events_outside_a_coastal_network_lie_off_the_coast() -> None:
    for seed in range(10):
        (event,) = drawn(seed=seed, network="coast", where="outside", stations=16)
        assert event.longitude < draw_net(ScenarioSettings(network="coast", seed=seed)).places.longitude.mean()


def test_magnitudes_follow_gutenberg_and_richter() -> None:
    sizes = np.array([drawn(seed=k, stations=3, b_value=1.0, magnitude_min=4.0)[0].magnitude for k in range(400)])
    assert 4 <= sizes.min() < sizes.max() <= 7
    assert np.mean(sizes > 5) == pytest.approx(0.1, abs=0.04)


def test_twins_are_as_far_apart_in_time_and_place_as_told() -> None:
    for seed in range(10):
        one, other = drawn(seed=seed, events=2, twin_after_max_s=40.0, twin_distance_min_km=50.0, magnitude=5.0)
        assert 0 <= (other.origin_time_ns - one.origin_time_ns) / 1e9 <= 40
        assert 49 < geo.distance_km(one.latitude, one.longitude, other.latitude, other.longitude) < 301
        assert one.event_id != other.event_id


def test_the_twin_may_come_before_the_first() -> None:
    told = {"events": 2, "twin_after_s": -20.0}
    one, other = drawn(**told)
    assert other.origin_time_ns == ScenarioSettings(**told).origin_ns  # type: ignore[arg-type]
    assert other.origin_time_ns - one.origin_time_ns == 20_000_000_000


def test_the_second_of_twins_comes_when_told() -> None:
    one, other = drawn(events=2, twin_after_s=17.5)
    assert other.origin_time_ns - one.origin_time_ns == 17_500_000_000


@pytest.mark.parametrize("magnitude", [3.0, 6.0, 8.0])
def test_planes_stay_below_the_ground_and_hold_their_hypocentre(magnitude: float) -> None:
    for seed in range(30):
        (event,) = drawn(seed=seed, stations=3, magnitude=magnitude, depth_min_km=3.0)
        assert event.top_km > 0.25
        assert event.top_km <= event.depth_km
        assert 0 <= event.down <= 0.85
        assert 0.05 <= event.along <= 0.95
