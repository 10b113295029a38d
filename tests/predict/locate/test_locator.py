"""Tests of the locator: what it finds, what its ellipses hold, what it refuses."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from foreshock.errors import InputError
from foreshock.geo import inverse, moved
from foreshock.predict.locate import LocateSettings, Locator, Origin, Unlocated
from foreshock.predict.locate.arrivals import Network
from foreshock.predict.travel import LayeredTimes, VelocityModel
from foreshock.types.pick import Pick
from foreshock.types.station import Station

TRUE = VelocityModel((0.0, 4.0, 18.0, 34.0), (5.4, 6.1, 6.8, 8.1), (3.1, 3.5, 3.9, 4.6), name="true")
WRONG = VelocityModel(
    (0.0, 6.0, 20.0, 32.0),
    tuple(1.04 * v for v in TRUE.vp_km_s),
    tuple(1.04 * v for v in TRUE.vs_km_s),
    name="4 % too fast, other depths",
)
BASE_NS = 1_700_000_000_000_000_000


def at(east_km: float, north_km: float) -> tuple[float, float]:
    lat, lon = moved(np.array(30.0), np.array(100.0), east_km=np.array(east_km), north_km=np.array(north_km))
    return float(lat), float(lon)


def network(
    n: int, rng: np.random.Generator, *, half_km: float = 50.0, highest_m: float = 2000.0
) -> dict[str, Station]:
    names = [f"XX.S{i:02d}." for i in range(n)]
    places = rng.uniform(-half_km, half_km, (n, 2))
    return {
        name: Station(name, *at(*place), float(rng.uniform(0, 2000))) for name, place in zip(names, places, strict=True)
    }


def picked(
    stations: dict[str, Station],
    travel: LayeredTimes,
    source: tuple[float, float, float],
    *,
    rng: np.random.Generator | None = None,
    static_s: dict[tuple[str, str], float] | None = None,
    heard: float = 1.0,
    wrong: float = 0.0,
) -> list[Pick]:
    """Picks of a source (latitude, longitude, depth), clean without a generator."""
    net, n = Network.of(stations, travel), len(stations)
    arrivals = net.heard(np.tile(np.arange(n), 2), np.repeat([False, True], n))
    times = arrivals.time_s(*(np.array(v) for v in source))
    out = []
    for i, t in enumerate(times):
        phase, sigma = ("P", 0.05) if i < n else ("S", 0.12)
        name = net.names[i % n]
        if rng is not None:
            t += rng.normal(0, sigma) + (static_s or {}).get((name, phase), 0.0)
            if rng.random() < wrong:
                t += rng.choice([-1, 1]) * rng.uniform(1, 10)
            if rng.random() > heard:
                continue
        ns = BASE_NS + round(t * 1e9)
        out.append(Pick(name, phase, ns, probability=0.9, sigma_s=sigma, available_at_ns=ns))
    return out


@pytest.fixture(scope="module")
def uniform() -> LayeredTimes:
    return LayeredTimes(VelocityModel((0.0,), (6.0,), (3.46,)))


@pytest.fixture(scope="module")
def stations() -> dict[str, Station]:
    return network(15, np.random.default_rng(5))


@pytest.fixture(scope="module")
def locator(uniform: LayeredTimes, stations: dict[str, Station]) -> Locator:
    return Locator(stations, uniform)


def found(locator: Locator, picks: list[Pick]) -> Origin:
    origin = locator.locate(picks)
    assert isinstance(origin, Origin), str(origin)
    return origin


def test_straight_rays_to_high_stations_lead_back_to_the_source(stations: dict[str, Station], locator: Locator) -> None:
    lat, lon, deep = *at(7.0, -4.0), 9.0
    picks = []
    for name, station in stations.items():
        flat, _, _ = inverse(lat, lon, station.latitude, station.longitude)
        ns = BASE_NS + round(float(np.hypot(flat, deep + station.elevation_m / 1000)) / 6 * 1e9)
        picks.append(Pick(name, "P", ns, probability=1.0, sigma_s=0.02, available_at_ns=ns))
    origin = found(locator, picks)
    km, _, _ = inverse(origin.latitude, origin.longitude, lat, lon)
    assert float(km) < 0.15
    assert origin.depth_km == pytest.approx(deep, abs=0.4)
    assert abs(origin.time_ns - BASE_NS) < 0.06e9
    assert origin.quality in "AB"


def test_the_order_of_picks_and_stations_does_not_matter(
    uniform: LayeredTimes, stations: dict[str, Station], locator: Locator
) -> None:
    picks = picked(stations, uniform, (*at(3.0, 3.0), 8.0), rng=np.random.default_rng(1), wrong=0.1)
    one = found(locator, picks)
    other = found(Locator(dict(reversed(stations.items())), uniform), picks[::-1])
    assert (one.time_ns, one.latitude, one.longitude, one.depth_km) == (
        other.time_ns,
        other.latitude,
        other.longitude,
        other.depth_km,
    )
    assert one.ellipse_km == other.ellipse_km


def test_a_pick_ten_seconds_wrong_is_named_and_moves_nothing(
    uniform: LayeredTimes, stations: dict[str, Station], locator: Locator
) -> None:
    picks = picked(stations, uniform, (*at(-5.0, 10.0), 12.0))
    clean = found(locator, picks)
    late = replace(picks[3], time_ns=picks[3].time_ns + 10**10, available_at_ns=picks[3].time_ns + 10**10)
    origin = found(locator, [*picks[:3], late, *picks[4:]])
    assert any(late.trace_id in note and "hardly counts" in note for note in origin.notes)
    km, _, _ = inverse(origin.latitude, origin.longitude, clean.latitude, clean.longitude)
    assert float(km) < 0.2


def test_station_corrections_are_taken_off(uniform: LayeredTimes, stations: dict[str, Station]) -> None:
    late = {(name, phase): 0.3 * (-1) ** i for i, name in enumerate(sorted(stations)) for phase in "PS"}
    picks = picked(stations, uniform, (*at(0.0, 5.0), 9.0), rng=np.random.default_rng(3), static_s=late)
    without, corrected = (found(Locator(stations, uniform, corrections_s=c), picks) for c in ({}, late))
    assert corrected.rms_s < 0.5 * without.rms_s


def test_a_depth_that_is_told_stays_and_says_so(uniform: LayeredTimes, stations: dict[str, Station]) -> None:
    picks = picked(stations, uniform, (*at(0.0, 5.0), 9.0))
    origin = found(Locator(stations, uniform, LocateSettings(fixed_depth_km=5.0)), picks)
    assert origin.depth_fixed
    assert origin.depth_km == 5.0
    assert np.isnan(origin.depth_error_km)
    assert "as told" in " ".join(origin.notes)


def test_a_depth_that_far_stations_cannot_tell_is_assumed_and_said(uniform: LayeredTimes) -> None:
    far = {f"XX.F{i}.": Station(f"XX.F{i}.", *at(140.0 + 15 * i, 25.0 * (i % 3 - 1))) for i in range(6)}
    picks = [p for p in picked(far, uniform, (*at(0.0, 0.0), 20.0), rng=np.random.default_rng(0)) if p.phase == "P"]
    origin = found(Locator(far, uniform), picks)
    assert origin.depth_fixed
    assert "do not tell it" in " ".join(origin.notes)


def _first(picks: list[Pick], n: int) -> list[Pick]:
    names = sorted({p.trace_id for p in picks})[:n]
    return [p for p in picks if p.trace_id in names]


def test_picks_that_cannot_locate_give_a_reason(
    uniform: LayeredTimes, stations: dict[str, Station], locator: Locator
) -> None:
    picks = picked(stations, uniform, (*at(0.0, 0.0), 9.0))
    for few, reason in (
        ([], "0 places"),
        (_first(picks, 2), "2 places"),
        ([p for p in picks if p.phase == "P"][:3], "3 usable picks"),
        ([replace(p, trace_id="YY.NONE.") for p in picks], "0 places"),
        ([replace(p, sigma_s=float("inf")) for p in picks], "0 places"),
    ):
        answer = locator.locate(few)
        assert isinstance(answer, Unlocated)
        assert reason in str(answer)


def test_stations_all_at_one_place_give_a_reason(uniform: LayeredTimes) -> None:
    same = {f"XX.A{i}.": Station(f"XX.A{i}.", 30.0, 100.0) for i in range(5)}
    answer = Locator(same, uniform).locate(picked(same, uniform, (*at(10.0, 0.0), 9.0)))
    assert isinstance(answer, Unlocated)
    assert "1 place;" in answer.reason


def test_s_before_p_and_doubled_picks_are_left_out_by_name(
    uniform: LayeredTimes, stations: dict[str, Station], locator: Locator
) -> None:
    picks = picked(stations, uniform, (*at(0.0, 0.0), 9.0))
    s = next(p for p in picks if p.phase == "S")
    swapped = replace(s, time_ns=s.time_ns - 60 * 10**9)
    double = replace(picks[2], probability=0.3, time_ns=picks[2].time_ns - 10**9)
    origin = found(locator, [*(p for p in picks if p is not s), swapped, double])
    told = " ".join(origin.notes)
    assert f"S of {s.trace_id} left out: its S comes before its P" in told
    assert f"{double.trace_id} at {double.time} left out: a surer one is there" in told


def test_times_that_fit_nothing_give_an_answer_of_the_lowest_class(
    uniform: LayeredTimes, stations: dict[str, Station], locator: Locator
) -> None:
    rng = np.random.default_rng(4)
    noise = [
        Pick(name, "P", BASE_NS + int(ns), probability=0.5, sigma_s=0.1, available_at_ns=BASE_NS + int(ns))
        for name, ns in zip(stations, rng.uniform(0, 3600e9, len(stations)), strict=True)
    ]
    answer = locator.locate(noise)
    assert isinstance(answer, Unlocated) or answer.quality == "D"


@pytest.mark.parametrize("late", [float("nan"), float("inf")])
def test_a_correction_that_is_no_number_is_refused(
    late: float, uniform: LayeredTimes, stations: dict[str, Station]
) -> None:
    with pytest.raises(InputError, match="correction of"):
        Locator(stations, uniform, corrections_s={("XX.S00.", "P"): late})


def test_a_network_across_the_date_line_is_no_special_place(uniform: LayeredTimes) -> None:
    rng = np.random.default_rng(6)
    there = {
        f"XX.D{i}.": Station(f"XX.D{i}.", -20 + float(rng.uniform(-0.4, 0.4)), [179.8, -179.8][i % 2]) for i in range(8)
    }
    origin = found(Locator(there, uniform), picked(there, uniform, (-20.05, 179.97, 10.0)))
    assert inverse(origin.latitude, origin.longitude, -20.05, 179.97)[0] < 0.3


def _trial(n_events: int, seed: int, *, half_km: float) -> tuple[list[float], ...]:
    """Epicentre misses (km), their squared sigmas, depth misses (km) and their sigmas, CPU ms, with a wrong model."""
    rng = np.random.default_rng(seed)
    right, travel = LayeredTimes(TRUE), LayeredTimes(WRONG)
    miss, sigmas, deep, deep_sigmas, cpu = [], [], [], [], []
    for _ in range(5):
        net = network(25, rng, half_km=half_km)
        static = {(name, phase): rng.normal(0, 0.1) for name in net for phase in "PS"}
        locator = Locator(net, travel)
        for _ in range(n_events // 5):
            lat, lon = at(*rng.uniform(-0.9 * half_km, 0.9 * half_km, 2))
            source = (lat, lon, float(rng.uniform(2, 20)))
            picks = picked(net, right, source, rng=rng, static_s=static, heard=0.7, wrong=0.1)
            began = time.process_time()
            origin = found(locator, picks)
            cpu.append((time.process_time() - began) * 1000)
            km, azimuth, _ = inverse(origin.latitude, origin.longitude, lat, lon)
            off = float(km) * np.array([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))])
            miss.append(float(km))
            sigmas.append(float(off @ np.linalg.solve(origin.covariance_km2[:2, :2], off)))
            if not origin.depth_fixed:
                deep.append(abs(origin.depth_km - source[2]))
                deep_sigmas.append(deep[-1] / origin.depth_error_km)
    return miss, sigmas, deep, deep_sigmas, cpu


def _told(half_km: float, n_events: int) -> tuple[float, float, float, float]:
    """Shares of epicentres in both ellipses, median misses of epicentre and depth (km); printed for the docs."""
    miss, sigmas, deep, deep_sigmas, cpu = _trial(n_events, 11, half_km=half_km)
    in_68, in_95 = (float(np.mean(np.array(sigmas) < r2)) for r2 in (2.279, 5.991))
    depth_68, depth_95 = (float(np.mean(np.array(deep_sigmas) < r)) for r in (0.994, 1.96))
    print(
        f"{2 * half_km:g} km, n={len(miss)}: epicentre median {np.median(miss):.2f} km, depth median "
        f"{np.median(deep):.2f} km, ellipses hold {in_68:.3f} and {in_95:.3f}, "
        f"depth {depth_68:.3f} and {depth_95:.3f}, CPU median {np.median(cpu):.1f} ms"
    )
    return in_68, in_95, float(np.median(miss)), float(np.median(deep))


@pytest.mark.slow
def test_with_a_wrong_model_statics_and_outliers_ellipses_hold_what_they_promise() -> None:
    in_68, in_95, miss, deep = _told(50.0, 400)
    assert miss < 0.8
    assert deep < 1.5
    assert 0.60 < in_68 < 0.82
    assert in_95 > 0.90


@pytest.mark.slow
def test_in_a_wide_network_layers_elsewhere_are_more_than_ellipses_know_of() -> None:
    in_68, in_95, miss, _ = _told(150.0, 200)
    assert miss < 3
    assert 0.5 < in_68 < 0.9
    assert in_95 > 0.7
