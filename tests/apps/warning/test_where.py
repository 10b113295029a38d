"""Where: exact arrivals are located; noise, flashes and far waves are told from earthquakes; only silence counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warning_parts import travel

from foreshock.apps.warning.evidence import Evidence
from foreshock.apps.warning.settings import EventSettings
from foreshock.apps.warning.where import FALL, Where, believed
from foreshock.geo.place import Places, moved

LAT, LON = 35.0, -118.0
GRID = np.array([(e, n) for e in (-40.0, -20.0, 0.0, 20.0, 40.0) for n in (-40.0, -20.0, 0.0, 20.0, 40.0)])
LATE = 100.0


def places(east_km: Any, north_km: Any, *, lat: float = LAT, lon: float = LON) -> tuple[np.ndarray, np.ndarray]:
    n = len(np.atleast_1d(east_km))
    return moved(
        np.full(n, lat), np.full(n, lon), east_km=np.atleast_1d(east_km) * 1.0, north_km=np.atleast_1d(north_km) * 1.0
    )


def evidence(times: np.ndarray, level: Any, *, heard: int, until: Any = LATE, **told: Any) -> Evidence:
    """The first so many stations of the grid heard; of the others data are known until a time after the first onset."""
    grid = places(GRID[:, 0], GRID[:, 1], **told)
    order = np.argsort(times, kind="stable")
    first, rest = order[:heard], order[heard:]
    zero = times[first[0]]
    return Evidence(
        grid[0][first],
        grid[1][first],
        times[first] - zero,
        np.full(heard, 0.05),
        np.broadcast_to(level, len(times))[first] * 1.0,
        np.full(heard, 4 / 3600),
        3 / 86_400,
        grid[0][rest],
        grid[1][rest],
        np.broadcast_to(until, len(times))[rest] * 1.0,
    )


def quake(
    *, east_km: float, north_km: float, heard: int, depth_km: float = 10.0, source: float = 4.0, until: Any = None,
    **told: Any,
) -> tuple[Evidence, float, float]:  # fmt: skip
    """What an earthquake makes of the grid; data are known to just after the last onset if nothing else is told."""
    lat, lon = (float(x[0]) for x in places(east_km, north_km, **told))
    grid = places(GRID[:, 0], GRID[:, 1], **told)
    far = Places(np.array([lat]), np.array([lon])).distance_km(*grid).ravel()
    times = travel().time_s("P", far, np.full(len(far), depth_km))
    level = source - FALL * np.log10(np.hypot(far, depth_km))
    if until is None:
        ordered = np.sort(times)
        until = (ordered[heard - 1] - ordered[0]) + 0.3
    return evidence(times, level, heard=heard, until=until, **told), lat, lon


def believe(one: Evidence) -> Where:
    return believed(one, travel=travel(), settings=EventSettings())


def apart_km(found: Where, lat: float, lon: float) -> float:
    there = Places(np.array([lat]), np.array([lon]))
    return float(there.distance_km(np.array([found.latitude]), np.array([found.longitude])).ravel()[0])


@pytest.mark.parametrize(("east_km", "north_km"), [(5.0, -3.0), (28.0, 11.0), (-14.0, -33.0)])
@pytest.mark.parametrize("heard", [4, 6, 12])
def test_exact_arrivals_inside_a_network_are_located_within_a_few_km(
    east_km: float, north_km: float, heard: int
) -> None:
    one, lat, lon = quake(east_km=east_km, north_km=north_km, heard=heard)
    found = believe(one)
    assert apart_km(found, lat, lon) < (8.0 if heard == 4 else 4.0)
    assert found.probability > (0.9 if heard == 4 else 0.99)
    assert found.fits.all()
    assert found.weight.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(("lat", "lon"), [(10.0, 179.9), (-45.0, -179.95), (64.0, 20.0)])
def test_the_date_line_and_the_north_change_nothing(lat: float, lon: float) -> None:
    one, there, here = quake(east_km=5.0, north_km=-3.0, heard=8, lat=lat, lon=lon)
    found = believe(one)
    assert apart_km(found, there, here) < 4
    assert -180 <= found.longitude < 180
    assert found.probability > 0.99


def test_one_stray_onset_does_not_move_the_earthquake() -> None:
    one, lat, lon = quake(east_km=5.0, north_km=-3.0, heard=9)
    time_s = one.time_s.copy()
    time_s[5] -= 3.0
    found = believe(replace(one, time_s=time_s))
    assert apart_km(found, lat, lon) < 6
    assert found.fits.tolist() == [k != 5 for k in range(9)]


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_stations_changes_nothing_that_matters(random: Any) -> None:
    one, _, _ = quake(east_km=5.0, north_km=-3.0, heard=6)
    order = list(range(6))
    random.shuffle(order)
    names = ("latitude", "longitude", "time_s", "sigma_s", "level", "noise_rate")
    other = replace(one, **{name: getattr(one, name)[order] for name in names})
    a, b = believe(one), believe(other)
    assert apart_km(b, a.latitude, a.longitude) < 0.1
    assert b.log_odds == pytest.approx(a.log_odds, abs=0.05)


@pytest.mark.parametrize("heard", [3, 6, 15, 25])
@pytest.mark.parametrize("level", [1.0, 2.0, 3.0])
def test_onsets_at_one_moment_everywhere_are_no_earthquake(heard: int, level: float) -> None:
    rng = np.random.default_rng(heard)
    found = believe(evidence(rng.normal(0, 0.02, 25), level, heard=heard, until=1.0))
    assert found.probability < 0.2


@pytest.mark.parametrize("azimuth_deg", [10.0, 100.0, 215.0])
def test_a_plane_wave_from_far_away_is_no_earthquake_nearby(azimuth_deg: float) -> None:
    turn = np.radians(azimuth_deg)
    times = 0.06 * (GRID @ [np.sin(turn), np.cos(turn)])
    found = believe(evidence(times, 1.1, heard=25, until=10.0))
    assert found.probability < 0.05


def test_noise_at_two_stations_that_does_not_fit_is_no_earthquake() -> None:
    times = np.full(25, 50.0)
    times[0], times[24] = 0.0, 7.0
    found = believe(evidence(times, 0.8, heard=2, until=10.0))
    assert found.probability < 0.05


def test_silent_stations_nearby_speak_against_an_earthquake() -> None:
    heard, _, _ = quake(east_km=5.0, north_km=-3.0, heard=3)
    silent, _, _ = quake(east_km=5.0, north_km=-3.0, heard=3, until=20.0)
    assert believe(silent).log_odds < believe(heard).log_odds - 5


def test_what_is_late_is_not_silence() -> None:
    nothing, _, _ = quake(east_km=5.0, north_km=-3.0, heard=3, until=-90.0)
    nobody = replace(nothing, silent_latitude=np.zeros(0), silent_longitude=np.zeros(0), until_s=np.zeros(0))
    assert believe(nothing).log_odds == pytest.approx(believe(nobody).log_odds, abs=1e-9)


def test_each_station_more_makes_surer() -> None:
    odds = [believe(quake(east_km=5.0, north_km=-3.0, heard=n)[0]).log_odds for n in (2, 3, 4, 6)]
    assert odds == sorted(odds)


def test_a_noisy_station_counts_for_less() -> None:
    one, _, _ = quake(east_km=5.0, north_km=-3.0, heard=4)
    noisy = replace(one, noise_rate=np.full(4, 0.05))
    assert believe(noisy).log_odds < believe(one).log_odds - 2


def test_in_a_storm_few_onsets_at_one_moment_are_doubted() -> None:
    one, _, _ = quake(east_km=0.0, north_km=0.0, heard=2, until=0.3)
    together = replace(one, time_s=np.zeros(2))
    storm = replace(together, disturbances_per_s=0.1)
    assert believe(storm).log_odds < believe(together).log_odds - 1


def test_one_station_alone_gives_no_certainty() -> None:
    found = believe(quake(east_km=5.0, north_km=-3.0, heard=1)[0])
    assert found.probability < 0.9
    assert np.isfinite(found.log_odds)


@pytest.mark.parametrize("level", [-3.0, 0.0, 9.0])
def test_absurd_levels_give_a_number_all_the_same(level: float) -> None:
    found = believe(evidence(np.arange(25.0) * 1e3, level, heard=20, until=0.0))
    assert 0 <= found.probability <= 1
    assert np.isfinite(found.weight).all()
