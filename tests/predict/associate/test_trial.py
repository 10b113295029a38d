"""Noise alone, dense hours and simultaneous events on drawn networks; presets by geometry. Knows no real recordings."""

from __future__ import annotations

import math

import pytest
from associate_made import MODEL, ROCK, network

from foreshock.predict.associate import AssociateSettings, Scene, associate, settings_for, trial
from foreshock.predict.associate.draw import draw
from foreshock.predict.associate.evidence import needed_evidence
from foreshock.predict.travel import PRESETS, LayeredTimes

STATIONS = network(1)
WIDE = LayeredTimes(PRESETS["iasp91_crust"], max_distance_km=1500.0)


def test_a_tenth_of_the_false_events_takes_ten_times_the_evidence():
    assert needed_evidence(1.0) == pytest.approx(math.log(86_400))
    assert needed_evidence(0.1) - needed_evidence(1.0) == pytest.approx(math.log(10))


def test_a_stricter_rate_of_false_events_never_gives_more_events():
    drawn = draw(STATIONS, MODEL, scene=Scene(events=15, span_s=900.0, reach_km=(12.0, 25.0)), seed=4, truth=ROCK)
    found = [
        len(associate(drawn.picks, STATIONS, MODEL, settings=AssociateSettings(false_per_day=rate)).events)
        for rate in (1e-12, 0.1, 100.0)
    ]
    assert found[0] < found[1] <= found[2]


@pytest.mark.parametrize(("n", "wide_km"), [(12, 8.0), (50, 100.0), (40, 600.0)])
def test_presets_grow_with_the_network(n, wide_km):
    told = settings_for(network(2, n=n, wide_km=wide_km), WIDE)
    assert wide_km / 20 < told.cell_km < wide_km / 4
    assert wide_km / 10 < told.margin_km < wide_km


def test_what_is_told_is_not_replaced_by_a_preset():
    told = settings_for(STATIONS, WIDE, settings=AssociateSettings(cell_km=7.0, margin_km=0.0, max_depth_km=15.0))
    assert (told.cell_km, told.margin_km, told.max_depth_km) == (7.0, 0.0, 15.0)


def test_six_hours_of_noise_make_no_event():
    assert trial(STATIONS, MODEL, scene=Scene(events=0, span_s=21_600.0), seed=6, truth=ROCK).found == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_two_days_of_noise_make_at_most_an_event_a_day(seed):
    assert trial(STATIONS, MODEL, scene=Scene(events=0), seed=seed, truth=ROCK).found <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "scene",
    [
        Scene(events=180, span_s=3600.0, every_s=20.0),
        Scene(events=150, span_s=7200.0, together=0.5),
        Scene(events=125, span_s=5400.0),
    ],
    ids=["an event each 20 s", "half of the events in one second", "2000 a day"],
)
def test_dense_scenes_are_found_again(scene):
    result = trial(STATIONS, MODEL, scene=scene, seed=1, truth=ROCK)
    assert result.recall >= 0.98
    assert result.false <= max(2, 0.01 * result.found)
