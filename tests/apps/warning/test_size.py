"""Size: quantiles in order, sure where it may be, and "at least" where the source still grows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.apps.warning.relations import SYNTHETIC_A, WU_ZHAO_2006, Relation, lasting_s
from foreshock.apps.warning.settings import EventSettings
from foreshock.apps.warning.size import EARLY, EARLY_S, Displacements, Size, grid, sized

LEVELS = (0.05, 0.5, 0.95)


def seen_of(log_pd: Any, *, seen_s: float = 10.0, is_noise: bool = False) -> Displacements:
    x = np.atleast_1d(np.asarray(log_pd, float))
    return Displacements(x, np.full(len(x), seen_s), np.full(len(x), is_noise))


def size_of(seen: Displacements, far_km: Any, *, relation: Relation = WU_ZHAO_2006, **told: Any) -> Size:
    far = np.atleast_2d(np.asarray(far_km, float))
    return sized(
        seen,
        epicentral_km=far,
        depth_km=np.full(len(far), 8.0),
        weight=np.full(len(far), 1 / len(far)),
        relation=relation,
        settings=EventSettings(**told),
    )


def median_pd(magnitude: float, far_km: Any, *, relation: Relation = WU_ZHAO_2006) -> np.ndarray:
    far = np.asarray(far_km, float)
    return np.asarray(relation.log_pd(np.array(magnitude), epicentral_km=far, depth_km=np.full(far.shape, 8.0)))


FAR = np.array([15.0, 22.0, 30.0, 38.0, 45.0, 60.0, 70.0, 90.0])


def width(size: Size) -> float:
    return size.quantile(0.95) - size.quantile(0.05)


@pytest.mark.parametrize("magnitude", [3.0, 4.0, 5.0, 6.0, 7.0])
def test_displacements_as_the_relation_has_them_give_the_magnitude_back(magnitude: float) -> None:
    found = size_of(seen_of(median_pd(magnitude, FAR), seen_s=40.0), FAR, b_value=0.1)
    assert found.quantile(0.5) == pytest.approx(magnitude, abs=0.15)
    assert found.quantile(0.05) < magnitude < found.quantile(0.95)


@given(
    st.lists(st.floats(-9, 1), min_size=0, max_size=8),
    st.floats(0.3, 60),
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=6).map(sorted),
)
def test_quantiles_never_fall_and_agree_with_probabilities(
    log_pd: list[float], seen_s: float, levels: list[float]
) -> None:
    found = size_of(seen_of(np.array(log_pd), seen_s=seen_s), np.full((1, len(log_pd)), 30.0))
    told = [found.quantile(level) for level in levels]
    assert told == sorted(told)
    assert found.weight.sum() == pytest.approx(1.0)
    for level, value in zip(levels, told, strict=True):
        assert found.probability(value) == pytest.approx(1 - level, abs=1e-6)
    assert 0 <= found.sd < 4


def test_without_any_displacement_small_ones_are_as_common_as_gutenberg_and_richter_say() -> None:
    found = size_of(seen_of([]), np.zeros((1, 0)))
    ratio = found.probability(5.0) / found.probability(4.0)
    assert ratio == pytest.approx(0.1, rel=0.15)


def test_more_stations_make_it_narrower() -> None:
    widths = [width(size_of(seen_of(median_pd(5.0, FAR[:n])), FAR[:n])) for n in (1, 2, 4, 8)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.7 * widths[0]


def test_many_stations_never_make_it_surer_than_earthquakes_differ() -> None:
    far = np.full(200, 40.0)
    found = size_of(seen_of(median_pd(5.0, far)), far)
    assert found.sd > 0.5 * WU_ZHAO_2006.event_sigma / WU_ZHAO_2006.by_magnitude


def test_a_place_that_is_not_known_makes_it_wider() -> None:
    near_and_far = np.stack([FAR[:4], 3 * FAR[:4]])
    seen = seen_of(median_pd(5.0, FAR[:4]))
    assert width(size_of(seen, near_and_far)) > width(size_of(seen, FAR[:4]))


def test_noise_only_bounds_the_magnitude_from_above() -> None:
    noise = median_pd(4.0, FAR)
    found = size_of(seen_of(noise, is_noise=True), FAR, b_value=0.1)
    assert found.quantile(0.95) < 4.6
    assert found.quantile(0.05) < 2.5
    assert found.probability(5.0) < 0.01


def test_a_short_look_at_a_large_earthquake_says_at_least() -> None:
    seen = median_pd(6.5, FAR)
    short, long = (size_of(seen_of(seen, seen_s=s), FAR, b_value=0.1) for s in (0.5, 60.0))
    assert short.probability(7.0) > 3 * long.probability(7.0)
    assert width(short) > width(long)
    assert short.quantile(0.95) > 7.5
    assert short.probability(5.5) > 0.9


def test_the_longer_it_is_seen_to_grow_no_more_the_surer_it_is_small() -> None:
    seen = median_pd(4.5, FAR)
    large = [size_of(seen_of(seen, seen_s=s), FAR).probability(6.0) for s in (1.0, 2.0, 4.0, 15.0)]
    assert large == sorted(large, reverse=True)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.5, 20.0))
def test_larger_displacements_mean_larger_earthquakes(seed: int, seen_s: float) -> None:
    rng = np.random.default_rng(seed)
    x = median_pd(4.0, FAR) + rng.normal(0, 0.2, len(FAR))
    found = [size_of(seen_of(x + more, seen_s=seen_s), FAR).quantile(0.5) for more in (0.0, 0.3, 0.6)]
    assert found == sorted(found)


@pytest.mark.parametrize("relation", [WU_ZHAO_2006, SYNTHETIC_A])
@pytest.mark.parametrize("seen_s", [1.0, 30.0])
def test_the_truth_lies_between_the_quantiles_as_often_as_they_say(relation: Relation, seen_s: float) -> None:
    """Magnitudes from the prior, displacements from the model itself: 90 % of the intervals hold the truth."""
    rng = np.random.default_rng(7)
    told = EventSettings(b_value=0.3, least_magnitude=2.5, most_magnitude=7.5)
    steps = grid(told)
    share = 10 ** (-told.b_value * steps)
    hits = 0
    for _ in range(300):
        magnitude = rng.choice(steps, p=share / share.sum()) + rng.uniform(-0.05, 0.05)
        far = rng.uniform(10, 80, 5)
        early = 1 + EARLY * max(np.log10(EARLY_S / seen_s), 0.0)
        to_come = relation.growth * early * max(np.log10(float(lasting_s(np.array(magnitude))) / seen_s), 0.0)
        x = median_pd(magnitude, far, relation=relation) - to_come * rng.uniform(0, 1)
        x = x + rng.normal(0, relation.event_sigma) + rng.normal(0, relation.station_sigma, 5)
        seen = Displacements(x, np.full(5, seen_s), np.zeros(5, bool))
        found = size_of(seen, far, relation=relation, b_value=0.3, least_magnitude=2.5, most_magnitude=7.5)
        hits += found.quantile(0.05) <= magnitude <= found.quantile(0.95)
    assert 0.85 <= hits / 300 <= 0.95


@pytest.mark.parametrize("log_pd", [-30.0, 5.0])
def test_an_impossible_displacement_gives_a_belief_all_the_same(log_pd: float) -> None:
    found = size_of(seen_of([log_pd, -4.0]), [30.0, 40.0])
    assert np.isfinite(found.weight).all()
    assert [found.quantile(level) for level in LEVELS] == sorted(found.quantile(level) for level in LEVELS)


def test_the_grid_is_what_the_settings_say() -> None:
    told = EventSettings(least_magnitude=2.0, most_magnitude=3.0)
    assert grid(told) == pytest.approx(np.arange(2.0, 3.05, 0.1))
    assert replace(WU_ZHAO_2006, growth=0.0).growth == 0.0
