"""Tests of all magnitudes of one event: which are told, by which sensor, and what is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from foreshock.clock import utc_ns
from foreshock.collect.files import read
from foreshock.collect.response import responses
from foreshock.collect.stations import read_stations
from foreshock.config import settings_from
from foreshock.errors import ConfigError
from foreshock.predict.magnitude import MagnitudeSettings, sized
from foreshock.predict.magnitude.estimates import network_estimate
from foreshock.predict.travel import PRESETS, LayeredTimes, VelocityModel
from foreshock.types.event import Event
from foreshock.types.source import Quantiles, SourceEstimate

TRAVEL = LayeredTimes(VelocityModel((0.0,), (6.06,), (3.5,)), max_distance_km=300.0, max_depth_km=30.0)


def network(made, **given):
    """Six stations around one earthquake, each with noise of its own."""
    records = [made(east_km=20.0 + 10 * k, seed=k, name=f"XX.S{k}.", **given) for k in range(6)]
    return records[0].event, [one.wave for one in records], {one.wave.station_id: one.station for one in records}


def test_a_network_of_six_gives_ml_and_mw_with_their_types_methods_and_stations(made):
    event, waves, stations = network(made, mw=4.0, corner_hz=2.0)
    found = sized(event, (), waves, stations, travel=TRAVEL).magnitudes
    assert [one.kind for one in found] == ["Mw", "ML"]
    mw, ml = found
    assert mw.value == pytest.approx(4.0, abs=0.05)
    assert mw.n_stations == ml.n_stations == 6
    assert "omega-square" in mw.method
    assert "iaspei_2013 (curves 1)" in ml.method
    assert all(one.amplitudes for size in found for one in size.stations)
    assert {one.kind for one in mw.stations[0].amplitudes} == {"Omega0"}


def test_magnitudes_come_in_the_order_that_was_asked_for(made):
    event, waves, stations = network(made)
    found = sized(event, (), waves, stations, MagnitudeSettings(kinds=("ML",)), travel=TRAVEL).magnitudes
    assert [one.kind for one in found] == ["ML"]


@pytest.mark.parametrize("kinds", [("Ml",), ()])
def test_a_kind_that_is_none_is_refused(kinds):
    with pytest.raises(ConfigError, match="kinds"):
        settings_from(MagnitudeSettings, {"kinds": kinds}, where="test")


def test_the_same_recordings_in_another_order_give_the_same_answer(made):
    event, waves, stations = network(made)
    turned = dict(reversed(list(stations.items())))
    assert (
        sized(event, (), waves[::-1], turned, travel=TRAVEL).magnitudes
        == sized(event, (), waves, stations, travel=TRAVEL).magnitudes
    )


def test_what_is_left_out_is_named_with_its_reason(made):
    event, waves, stations = network(made)
    del stations["XX.S3."]
    waves[1] = replace(waves[1], unit="count")
    waves[2] = waves[2].cut(0, 6000)
    told = dict(sized(event, (), waves, stations, travel=TRAVEL).left_out)
    assert told["XX.S3."] == "its station is not known"
    assert told["XX.S1. HHN"] == "counts without a response or a sensitivity"
    assert "does not hold the window" in told["ML XX.S2."]
    assert "does not hold the window" in told["Mw XX.S2."]
    early = [waves[0].cut(0, 3000)]
    told = dict(sized(replace(event, time_ns=event.time_ns + 10**15), (), early, stations, travel=TRAVEL).left_out)
    assert told == {"XX.S0.": "nothing was recorded from P to after S"}


def test_a_long_record_gives_what_its_part_about_the_event_gives(made):
    record = made(mw=3.5, corner_hz=3.0, span_s=3000.0, origin_s=1500.0)
    stations = {"XX.A.": record.station}
    first, last = (int(record.wave.sample_at(t)) for t in (record.p_ns - 350 * 10**9, record.s_ns + 500 * 10**9))
    part = sized(record.event, (), [record.wave.cut(first, last)], stations, travel=TRAVEL).magnitudes
    whole = sized(record.event, (), [record.wave], stations, travel=TRAVEL).magnitudes
    assert [one.value for one in part] == [one.value for one in whole]


def test_nothing_usable_gives_nothing_and_says_why(made):
    event, waves, stations = network(made, noise_only=True)
    found = sized(event, (), waves, stations, travel=TRAVEL)
    assert found.magnitudes == ()
    assert len(found.left_out) == 12


def test_where_the_seismometer_clips_the_accelerometer_beside_it_is_asked(made):
    record = made(mw=4.0)
    top = 0.2 * np.abs(record.wave.data).max()
    clipped = record.wave.with_data(np.clip(record.wave.data, -top, top))
    strong = replace(record.wave, channels=("HNZ", "HNN", "HNE"))
    stations = {"XX.A.": record.station}
    found = sized(record.event, (), [strong, clipped], stations, travel=TRAVEL).magnitudes
    for size in found:
        assert all(one.channel.startswith("HN") for one in size.stations[0].amplitudes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": "m/s"},
        {"unit": "PA", "sensitivity": 1.0, "poles": [], "zeros": [], "normalization": 1.0},
        {"unit": "m/s", "sensitivity": 0.0, "poles": [], "zeros": [], "normalization": 1.0},
        {"unit": "m/s", "sensitivity": "many", "poles": [], "zeros": [], "normalization": 1.0},
        {"unit": "m/s", "sensitivity": 1.0, "poles": [[np.nan, 0.0]], "zeros": [], "normalization": 1.0},
    ],
)
def test_a_response_that_is_none_is_told_and_nothing_is_made_of_it(made, wrong):
    record = made()
    wave = replace(record.wave, unit="count")
    told = {f"XX.A..{channel}": wrong for channel in wave.channels}
    found = sized(record.event, (), [wave], {"XX.A.": record.station}, responses=told, travel=TRAVEL)
    assert found.magnitudes == ()
    assert "its response lacks one of" in dict(found.left_out)["XX.A. HHZ"]


@pytest.mark.parametrize("sensitivity", [1e-9, 1e30])
def test_an_absurd_sensitivity_gives_a_reason_and_no_magnitude(made, sensitivity):
    record = made()
    wave = replace(record.wave, unit="count")
    flat = {"unit": "m/s", "sensitivity": sensitivity, "poles": [], "zeros": [], "normalization": 1.0}
    told = {f"XX.A..{channel}": flat for channel in wave.channels}
    found = sized(record.event, (), [wave], {"XX.A.": record.station}, responses=told, travel=TRAVEL)
    assert found.magnitudes == ()
    reasons = dict(found.left_out)
    assert "is no magnitude" in reasons["ML XX.A."]
    assert "is no magnitude" in reasons["Mw XX.A."]


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_a_dead_recording_gives_a_reason(made, level):
    record = made()
    dead = record.wave.with_data(np.full(record.wave.data.shape, level, np.float32))
    found = sized(record.event, (), [dead], {"XX.A.": record.station}, travel=TRAVEL)
    assert found.magnitudes == ()
    assert len(found.left_out) == 2


def test_a_station_on_top_of_an_earthquake_without_depth_is_sized_at_the_depth_assumed(made):
    record = made(east_km=0.0, depth_km=10.0)
    event = replace(record.event, depth_km=None)
    found = sized(event, (), [record.wave], {"XX.A.": record.station}, travel=TRAVEL).magnitudes
    assert found == sized(record.event, (), [record.wave], {"XX.A.": record.station}, travel=TRAVEL).magnitudes


def test_estimates_of_a_source_bundle_are_joined_and_the_surer_counts_more():
    sure = SourceEstimate("XX.A.", 0, 5.0, magnitude=Quantiles(2.8, 2.9, 3.0, 3.1, 3.2), scale="velocity")
    unsure = SourceEstimate("XX.B.", 0, 5.0, magnitude=Quantiles(3.0, 3.5, 4.0, 4.5, 5.0), scale="velocity")
    silent = SourceEstimate("XX.C.", 0, 0.0, reason="no horizontals")
    found = network_estimate([sure, unsure, silent])
    assert (found.kind, found.n_stations) == ("M", 2)
    assert 3.0 < found.value < 3.1
    assert 0.05 < found.uncertainty < 0.2
    assert network_estimate([silent]) is None


def _event(file: Path, **other):
    told = {**json.loads(file.read_text()), **other}
    time = told["time"].replace(" ", "T").rstrip("Z") + "Z"
    return Event(told["id"], utc_ns(time), told["latitude"], told["longitude"], told["depth_km"]), told["magnitude"]


def _solved(folder: Path, event: Event):
    waves, stations = read(folder, stations=folder), read_stations(folder)
    told = {
        f"{wave.station_id}.{channel}": responses(folder, f"{wave.station_id}.{channel}", wave.start_ns + 10**9)
        for wave in waves
        for channel in wave.channels
    }
    travel = LayeredTimes(PRESETS["southern_california"])
    return sized(event, (), waves, stations, responses=told, travel=travel)


@pytest.mark.realdata
def test_ridgecrest_7_1_gets_its_moment_and_a_saturated_ml(realdata):
    """Ten accelerographs at 30 to 38 km: Mw 7.0 ± 0.2 of 7.1 from an aftershock-free minute, ML 6.4: it saturates.

    Three of the ten do not see the level below the corner; they say so and are not asked.
    """
    root = realdata / "strong_motion"
    event, catalogue = _event(root / "fdsn/ci38457511/event.json")
    found = {one.kind: one for one in _solved(root / "multiple_events/ci38457511", event).magnitudes}
    assert abs(found["Mw"].value - catalogue) < 0.25
    assert found["Mw"].n_stations >= 7
    assert all("level is not seen" in one.reason for one in found["Mw"].stations if not one.used)
    assert 6.0 < found["ML"].value < 6.8


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("nc51194936", {}),
        ("nc72282711", {"longitude": -122.312}),
        ("us70008dx7", {}),
        ("uu60363602", {}),
        ("uw61251926", {}),
    ],
)
def test_one_or_two_stations_come_within_half_a_unit_of_the_catalogue(realdata, name, other):
    folder = realdata / "strong_motion/fdsn" / name
    event, catalogue = _event(folder / "event.json", **other)
    found = {one.kind: one for one in _solved(folder, event).magnitudes}
    assert abs(found["Mw"].value - catalogue) < 0.5
    assert abs(found["ML"].value - catalogue) < 0.6


@pytest.mark.realdata
def test_clipped_seismometers_near_a_5_3_in_hawaii_are_refused_as_clipped(realdata):
    folder = realdata / "strong_motion/clipping_samples/hv70907436"
    event, _ = _event(folder / "event.json")
    told = dict(_solved(folder, event).left_out)
    for station in ("HSSD", "HUAD", "MLOD", "MOKD", "TOUO"):
        assert "clipped" in told[f"ML HV.{station}."]
