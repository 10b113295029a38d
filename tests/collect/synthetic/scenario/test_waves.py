"""Ground motion at places: it begins with P, keeps the published levels, and grows as the rupture does."""

from __future__ import annotations

import numpy as np
import pytest
from scenario_parts import BEFORE_S, a_span, an_event, places_at
from scipy.signal import butter, sosfilt

from foreshock.clock import cpu_time_ns
from foreshock.collect.synthetic.scenario.families import Family, family
from foreshock.collect.synthetic.scenario.site_truth import running_rotd50
from foreshock.collect.synthetic.scenario.waves import (
    Places,
    arrivals_s,
    fading,
    histogram,
    motion,
    rupture_of,
    spreading,
)
from foreshock.collect.synthetic.source import plateau_m_s
from foreshock.predict.shaking import Boore2014, Distances, Ground, Rupture
from foreshock.types.arrays import Float32


def moved(magnitude: float, places: Places, *, one: Family, seed: int = 0, seconds: float = 80.0) -> Float32:
    event = an_event(magnitude, seed=seed, family=one.name)
    parts = motion(event, one, places=places, span=a_span(seconds), seed=seed)
    return np.concatenate([part for _, part in parts])


def test_nothing_moves_before_p_and_s_is_the_larger() -> None:
    one, places = family("A"), places_at(np.linspace(10, 90, 8))
    for magnitude in (4.0, 6.5):
        wave = moved(magnitude, places, one=one)
        p, s = arrivals_s(an_event(magnitude), one, places=places)
        for k in range(len(places)):
            onset, shear = (int((BEFORE_S + time[k]) * 100) for time in (p, s))
            top = np.abs(wave[k]).max()
            assert np.abs(wave[k, :, : onset - 2]).max() < 1e-3 * top
            assert np.abs(wave[k, 1:, shear : shear + 3000]).max() > 1.5 * np.abs(wave[k, 1:, onset : shear - 5]).max()


def test_low_frequencies_have_the_level_of_the_moment() -> None:
    """Far below the corner of an M 4, the S spectrum is Ω0 of a double couple, on average over directions."""
    clean = family("A").model_copy(
        update={"path_sigma_ln": 0.0, "rock_power": 0.0, "soil_power": 0.0, "stress_drop_sigma_ln": 0.0}
    )
    far, event = 40.0, an_event(4.0)
    places = places_at(np.full(64, far), seed=3)
    wave = moved(4.0, places, one=clean)
    frequency = np.fft.rfftfreq(wave.shape[-1], 0.01)
    band = (frequency > 0.1) & (frequency < 0.25)
    moved_m = np.abs(np.fft.rfft(wave, axis=-1)[..., band]) * 0.01 / (2 * np.pi * frequency[band]) ** 2
    level = np.sqrt((moved_m**2).sum(1).mean())
    vs, density = (float(clean.at_depth(name, np.array([event.depth_km]))[0]) for name in ("vs_km_s", "density_kg_m3"))
    way = np.hypot(far, event.depth_km)
    expected = plateau_m_s(
        10 ** (1.5 * (4.0 + 10.7) - 7), density_kg_m3=density, velocity_m_s=1e3 * vs, spreading_per_m=1e-3 / way
    )
    assert level == pytest.approx(np.sqrt(2 / 5) * float(expected), rel=0.2)


def _boore(magnitude: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """ln of the simulated over the median of Boore et al. (2014), PGA and PGV, at 12 places 10 to 100 km away."""
    one = family("A")
    far = np.geomspace(10, 100, 12)
    event, places = an_event(magnitude, seed=seed), places_at(far, seed=seed)
    wave = moved(magnitude, places, one=one, seed=seed)
    velocity = np.cumsum(wave, axis=-1, dtype=float) / 100
    peaks = np.array([[running_rotd50(x[k, 1], x[k, 2])[-1] for k in range(12)] for x in (wave, velocity)])
    rupture = rupture_of(event, one, seed=seed)
    azimuth = np.random.default_rng(seed).uniform(0, 2 * np.pi, 12)
    east, north = far * np.sin(azimuth), far * np.cos(azimuth)
    flat = np.hypot(east[:, None] - rupture.east_km, north[:, None] - rupture.north_km)
    away = Distances(flat.min(1), np.hypot(flat, rupture.depth_km).min(1))
    told = Boore2014().predict(("PGA", "PGV"), Rupture(np.array(magnitude)), distances=away, ground=Ground(760.0))
    ln = np.log(peaks) - told.mean_ln
    return ln[0], ln[1]


@pytest.mark.parametrize("magnitude", [4.0, 5.0, 6.0, 7.0])
def test_family_a_shakes_like_boore_2014_within_a_factor_of_two(magnitude: float) -> None:
    found = np.array([_boore(magnitude, seed) for seed in range(12)])
    assert np.abs(found.mean(axis=(0, 2))).max() < 0.7
    assert found.std(axis=(0, 2)).min() > 0.3
    assert found.std(axis=(0, 2)).max() < 1.0


def _pd(magnitude: float, one: Family, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """log10 of Pd (cm) 1 and 3 s after P above Wu & Zhao (2006), where 3 s fit before S, R 10 to 60 km."""
    far = np.geomspace(12, 58, 10)
    event, places = an_event(magnitude, seed=seed), places_at(far, seed=seed)
    wave = moved(magnitude, places, one=one, seed=seed)[:, 0]
    sos = butter(2, 0.075, "high", fs=100, output="sos")
    velocity = sosfilt(sos, np.cumsum(wave, axis=-1, dtype=float) / 100)
    place = np.abs(sosfilt(sos, np.cumsum(velocity, axis=-1) / 100)) * 100
    p, s = arrivals_s(event, one, places=places)
    way = np.hypot(far, event.depth_km)
    law = -3.463 + 0.729 * magnitude - 1.374 * np.log10(way)
    rows = np.flatnonzero((s - p > 3) & (way < 60))
    tops = [[place[k, (o := int((BEFORE_S + p[k]) * 100)) : o + n].max() for k in rows] for n in (100, 300)]
    return tuple(np.log10(np.array(top)) - law[rows] for top in tops)  # type: ignore[return-value]


def test_pd_is_that_of_wu_and_zhao_on_average_and_grows_with_time() -> None:
    means, growth = [], []
    for magnitude in (4.0, 5.0, 6.0, 7.0):
        pairs = [_pd(magnitude, family("A"), seed) for seed in range(8)]
        early, late = (np.concatenate(part) for part in zip(*pairs, strict=True))
        means.append(late.mean())
        growth.append((late - early).mean())
    assert abs(np.mean(means)) < 0.3
    assert max(map(abs, means)) < 0.5
    assert growth[3] > growth[0] + 0.2


def test_the_first_second_of_an_m7_is_not_ten_times_that_of_an_m6() -> None:
    first = [np.concatenate([_pd(m, family("A"), seed)[0] for seed in range(8)]).mean() + 0.729 * m for m in (6.0, 7.0)]
    assert first[1] - first[0] < 0.75


def test_the_same_seed_gives_the_same_waves_and_another_seed_others() -> None:
    places = places_at([20.0, 40.0])
    one, again, other = (moved(5.0, places, one=family("B"), seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_an_event_that_began_before_the_samples_do_shows_its_later_waves() -> None:
    """The samples of a window that begins later are those of the longer one."""
    one, places, event = family("A"), places_at([30.0]), an_event(5.0)
    whole = next(motion(event, one, places=places, span=a_span(60.0), seed=0))[1]
    late = a_span(45.0)
    later = type(late)(late.start_ns + 15 * 10**9, 4500, 100.0)
    part = next(motion(event, one, places=places, span=later, seed=0))[1]
    assert np.abs(part - whole[..., 1500:]).max() < 1e-3 * np.abs(whole).max()


def test_an_event_after_the_samples_leaves_them_alone() -> None:
    late = type(a_span())(-(10**12), 1000, 100.0)
    assert not next(motion(an_event(6.0), family("A"), places=places_at([20.0]), span=late, seed=0))[1].any()


def test_power_fades_and_its_sum_stays() -> None:
    power = np.zeros(2000, np.float32)
    power[10] = 1
    faded = fading(power, 50.0)
    assert faded.sum() == pytest.approx(1, rel=1e-4)
    assert faded[60] / faded[10] == pytest.approx(np.exp(-1), rel=1e-3)
    assert not faded[:10].any()


def test_weights_between_samples_are_shared_and_none_is_lost() -> None:
    at, weight = np.array([[0.25, 3.0, 99.0]]), np.array([[1.0, 2.0, 5.0]])
    assert histogram(at, weight, n_samples=6).tolist() == [[0.75, 0.25, 0, 2, 0, 0]]
    assert histogram(at, weight, n_samples=6, whole=True).tolist() == [[0, 1, 0, 0, 2, 0]]


def test_spreading_is_continuous_at_the_crossover() -> None:
    for name in "AB":
        one = family(name)
        near, far = spreading(one, np.array([one.crossover_km - 1e-6, one.crossover_km + 1e-6]))
        assert near == pytest.approx(far, rel=1e-5)


@pytest.mark.slow
def test_a_station_costs_less_than_a_tenth_of_a_second() -> None:
    """Two minutes of an M 6 at 50 stations: the share of one is far below the bound even where machines are busy."""
    began = cpu_time_ns()
    moved(6.0, places_at(np.linspace(5, 150, 50)), one=family("A"), seconds=120.0)
    assert (cpu_time_ns() - began) / 1e9 / 50 < 0.1
