"""Scores of catalogues by hand: matching, recall, errors, ellipses turned the right way, coverage of drawn ones."""

from __future__ import annotations

import json
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.errors import InputError, NothingMatchedError
from foreshock.evaluate.event_draws import Draw
from foreshock.evaluate.event_matching import KM_PER_S, match_events
from foreshock.evaluate.events import K68, K95, ellipse_radius, score_events
from foreshock.geo import EARTH_RADIUS_KM, distance_km

S = 1_000_000_000


def table(times_s: list[float], **columns: object) -> pd.DataFrame:
    n = len(times_s)
    made = {"event_id": [f"e{k}" for k in range(n)], "time_ns": [round(t * S) for t in times_s]}
    made |= {"latitude": [30.0] * n, "longitude": [100.0] * n, "depth_km": [10.0] * n, "magnitude": [1.2] * n}
    return pd.DataFrame(made | columns)


def places(east_km: np.ndarray, north_km: np.ndarray) -> dict[str, np.ndarray]:
    latitude = 30 + np.degrees(north_km / EARTH_RADIUS_KM)
    return {"latitude": latitude, "longitude": 100 + np.degrees(east_km / EARTH_RADIUS_KM) / np.cos(np.radians(30))}


def test_found_true_false_and_missed_are_counted() -> None:
    scores = score_events(table([0.5, 50, 100]), table([0, 100, 200, 300], n_stations=[5, 4, 3, 0]))
    assert scores.measures["recall"].value == 0.5
    assert scores.measures["precision"].value == pytest.approx(2 / 3)
    assert (scores.missed, scores.false) == (("e2", "e3"), ("e1",))
    assert {k: v.value for k, v in scores.recall_by["stations"].items()} == {
        "at least 1": pytest.approx(2 / 3),
        "at least 3": pytest.approx(2 / 3),
        "at least 4": 1.0,
    }


def test_matching_is_one_to_one_and_takes_as_many_as_it_can() -> None:
    matching = match_events(table([2.0, 2.5]), table([0.0, 2.4]))
    assert list(zip(matching.found, matching.truth, strict=True)) == [(0, 0), (1, 1)]
    assert len(match_events(table([0, 0.1, 0.2]), table([0.1]))) == 1


def test_tolerances_are_kept() -> None:
    truth = table([0.0])
    assert len(match_events(table([3.0]), truth)) == 1
    assert len(match_events(table([3.001]), truth)) == 0
    far = table([0.0], **places(np.array([31.0]), np.array([0.0])))
    assert len(match_events(far, truth)) == 0
    assert len(match_events(far, truth, within_km=32.0)) == 1


@settings(max_examples=60)
@given(st.lists(st.floats(0, 12), min_size=1, max_size=4), st.lists(st.floats(0, 12), min_size=1, max_size=4))
def test_no_other_choice_matches_more_or_better(mine: list[float], true: list[float]) -> None:
    found, truth = table(mine), table(true)
    matching = match_events(found, truth)
    pairs = list(zip(matching.found, matching.truth, strict=True))
    best = _best([x - y for x in mine for y in true], len(mine), len(true))
    misfit = sum(abs(round(mine[a] * S) - round(true[b] * S)) / S * KM_PER_S for a, b in pairs)
    assert len(pairs) == best[0]
    assert misfit == pytest.approx(best[1], abs=1e-6)


def _best(apart_s: list[float], n: int, m: int) -> tuple[int, float]:
    """The most pairs and their least misfit, by trying all."""
    away, size = np.abs(np.array(apart_s).reshape(n, m)), max(n, m)
    square = np.full((size, size), np.inf)
    square[:n, :m] = np.where(away <= 3.0, away * KM_PER_S, np.inf)
    found = []
    for order in permutations(range(size)):
        row = square[np.arange(size), order]
        held = row[np.isfinite(row)]
        found.append((-len(held), float(held.sum())))
    most = min(found)
    return -most[0], most[1]


def test_a_long_chain_of_neighbours_is_matched_in_order() -> None:
    times = [2.0 * k for k in range(300)]
    matching = match_events(table([t + 0.3 for t in times]), table(times))
    assert (matching.found == matching.truth).all()
    assert len(matching) == 300


def test_errors_are_what_they_are_by_hand() -> None:
    east = np.array([1.0, 2.0, 3.0])
    found = table([0.1, 100.2, 200.3], depth_km=[11.0, 12.0, 16.0], **places(east, 0 * east))
    measures = score_events(found, table([0, 100, 200])).measures
    assert measures["epicentre_median_km"].value == pytest.approx(2.0, rel=0.005)
    assert measures["epicentre_p95_km"].value == pytest.approx(2.9, rel=0.005)
    assert measures["origin_time_median_s"].value == pytest.approx(0.2)
    assert measures["origin_time_bias_s"].value == pytest.approx(0.2)
    assert measures["depth_bias_km"].value == pytest.approx(2.0)
    assert measures["epicentre_median_km"].n == 3


@pytest.mark.parametrize(("azimuth", "inside"), [(90.0, True), (270.0, True), (0.0, False), (60.0, False)])
def test_an_ellipse_is_turned_as_its_azimuth_says(azimuth: float, inside: bool) -> None:
    true = table([0.0], **places(np.array([3.0]), np.array([0.0])))
    found = table([0.0], major_km=[4.0], minor_km=[0.5], azimuth_deg=[azimuth])
    assert score_events(found, true).measures["ellipse_coverage_68"].value == float(inside)


def test_the_edge_of_the_ellipse_is_one() -> None:
    pairs = pd.DataFrame(
        {
            "to_truth_deg": [30.0, 120.0],
            "azimuth_deg": 30.0,
            "epicentre_km": [5.0, 2.0],
            "major_km": 5.0,
            "minor_km": 2.0,
        }
    )
    assert ellipse_radius(pairs) == pytest.approx([1.0, 1.0])


def test_ellipses_that_say_the_truth_cover_68_and_95_of_a_hundred() -> None:
    n, rng = 4000, np.random.default_rng(0)
    along, across, turn = 2 * rng.standard_normal(n), 0.7 * rng.standard_normal(n), rng.uniform(0, np.pi, n)
    east, north = along * np.sin(turn) + across * np.cos(turn), along * np.cos(turn) - across * np.sin(turn)
    found = table(
        [100.0 * k for k in range(n)],
        major_km=np.full(n, 2 * np.sqrt(K68)),
        minor_km=np.full(n, 0.7 * np.sqrt(K68)),
        azimuth_deg=np.degrees(turn),
        depth_sigma_km=np.ones(n),
    )
    depth = 10 + rng.standard_normal(n)
    truth = table([100.0 * k for k in range(n)], depth_km=depth, **places(east, north))
    measures = score_events(found, truth, n=100).measures
    assert measures["ellipse_coverage_68"].value == pytest.approx(0.68, abs=0.025)
    assert measures["ellipse_coverage_95"].value == pytest.approx(0.95, abs=0.012)
    assert measures["ellipse_scale"].value == pytest.approx(1.0, abs=0.03)
    assert measures["depth_coverage_68"].value == pytest.approx(0.683, abs=0.025)
    assert measures["depth_coverage_95"].value == pytest.approx(0.95, abs=0.012)


def test_the_levels_are_those_of_chi_square() -> None:
    assert -2 * np.log(1 - 0.68) == pytest.approx(K68, abs=1e-3)
    assert -2 * np.log(1 - 0.95) == pytest.approx(K95, abs=1e-3)


def test_a_given_depth_is_no_error_of_depth() -> None:
    found = table([0, 100], depth_km=[10.0, 30.0], depth_sigma_km=[1.0, np.nan])
    measures = score_events(found, table([0, 100])).measures
    assert (measures["depth_median_km"].value, measures["depth_median_km"].n) == (0.0, 1)
    assert measures["depth_coverage_68"].n == 1


def test_every_type_of_magnitude_has_its_own_bias() -> None:
    sizes = pd.DataFrame(
        {"event_id": ["e0", "e0", "e1"], "magnitude_type": ["ML", "Mw", "Mw"], "magnitude": [1.0, 1.5, 2.6]}
    )
    scores = score_events(table([0, 100]), table([0, 100], magnitude=[1.2, 2.2]), magnitudes=sizes)
    assert scores.magnitudes["ML"]["bias"].value == pytest.approx(-0.2)
    assert scores.magnitudes["Mw"]["mae"].value == pytest.approx(0.35)
    assert {k: v.value for k, v in scores.magnitudes["Mw"]["by_magnitude"].items()} == {
        "1.0-1.5": pytest.approx(0.3),
        "2.0-2.5": pytest.approx(0.4),
    }


def test_chance_matches_a_crowd_but_not_a_few() -> None:
    crowd = [2.0 * k for k in range(500)]
    assert score_events(table(crowd), table(crowd), n=20).measures["chance_recall"].value > 0.7
    few = [1000.0 * k for k in range(20)]
    assert score_events(table(few), table(few), n=20).measures["chance_recall"].value == 0


def test_intervals_hold_the_value_and_shrink_with_more_earthquakes() -> None:
    rng = np.random.default_rng(1)
    widths = []
    for n in (30, 3000):
        score = Draw(0, 500, 0.95).quantile(np.abs(rng.standard_normal(n)), 0.5)
        assert score.low <= score.value <= score.high
        widths.append(score.high - score.low)
    assert widths[1] < widths[0] / 5


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), st.sampled_from([0.1, 0.5, 0.95]))
def test_a_drawn_quantile_is_numpys(values: list[float], share: float) -> None:
    from foreshock.evaluate.event_draws import quantiles_of_draws

    rising = np.sort(np.array(values))
    counts = np.random.default_rng(len(values)).multinomial(len(values), np.full(len(values), 1 / len(values)), 5)
    said = quantiles_of_draws(rising, counts.astype(float), share)
    assert said == pytest.approx([np.quantile(np.repeat(rising, c), share) for c in counts], abs=1e-9)


def test_an_empty_catalogue_finds_nothing_and_says_so() -> None:
    scores = score_events(table([]).astype({"time_ns": "int64"}), table([0, 100]))
    assert scores.measures["recall"].value == 0
    told = json.loads(json.dumps(scores.as_json(), allow_nan=False))
    assert told["measures"]["precision"]["value"] is None
    assert told["n_found"] == 0


def test_few_earthquakes_are_warned_of() -> None:
    assert "fewer than 30" in score_events(table([0, 100]), table([0, 100])).warnings[0]


def test_what_cannot_be_scored_is_refused_with_its_value() -> None:
    good = table([0.0])
    with pytest.raises(InputError, match="latitude"):
        score_events(good.drop(columns="latitude"), good)
    with pytest.raises(InputError, match="'e0' of the true"):
        score_events(good, pd.concat([good, good]))
    with pytest.raises(InputError, match="0.0 s"):
        score_events(good, good, within_s=0.0)
    with pytest.raises(NothingMatchedError):
        score_events(good, good.iloc[:0])


def test_places_of_this_test_are_as_far_apart_as_they_say() -> None:
    there = places(np.array([3.0]), np.array([4.0]))
    assert distance_km(30.0, 100.0, there["latitude"], there["longitude"]) == pytest.approx(5.0, rel=0.01)
