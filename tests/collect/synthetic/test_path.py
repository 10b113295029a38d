"""Travel times, spreading and attenuation against closed forms and ObsPy's TauP. Knows no sources."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from obspy.taup import TauPyModel

from foreshock.collect.synthetic import path
from foreshock.collect.synthetic.settings import IASP91_CRUST, layer_column

TOP = layer_column(IASP91_CRUST, "top_km")
VP, VS = layer_column(IASP91_CRUST, "vp_km_s"), layer_column(IASP91_CRUST, "vs_km_s")


@given(st.floats(0.1, 100), st.floats(0, 1000), st.floats(1, 10))
def test_a_half_space_gives_the_straight_ray(depth: float, distance: float, velocity: float) -> None:
    ray = path.direct(
        np.array([0.0]), np.array([velocity]), depth_km=np.array([depth]), distance_km=np.array([distance])
    )
    way = np.hypot(depth, distance)
    assert ray.time_s[0] == pytest.approx(way / velocity, rel=1e-9)
    assert ray.slowness_s_km[0] == pytest.approx(distance / way / velocity, rel=1e-6, abs=1e-12)


@given(st.floats(0.1, 60), st.floats(0, 800), st.lists(st.floats(1.5, 9), min_size=3, max_size=3))
def test_a_ray_through_layers_lands_where_it_was_sent(depth: float, distance: float, v: list[float]) -> None:
    top, velocity = np.array([0.0, 3.0, 17.0]), np.array(v)
    ray = path.direct(top, velocity, depth_km=np.array([depth]), distance_km=np.array([distance]))
    crossed = np.clip(np.minimum(depth, [3.0, 17.0, np.inf]) - top, 0, None)
    sine = np.minimum(ray.slowness_s_km[0] * velocity, 1)
    used = crossed > 0
    vertical = float((crossed / velocity).sum())
    assert np.hypot(distance, depth) / velocity[used].max() - 1e-9 <= ray.time_s[0]
    assert vertical <= ray.time_s[0] + 1e-9 <= vertical + distance / velocity[used].max() + 2e-9
    if sine[used].max() < 0.999:
        landed = float((crossed * sine / np.sqrt(1 - np.where(used, sine, 0) ** 2)).sum())
        assert landed == pytest.approx(distance, rel=1e-6, abs=1e-6)


def test_the_head_wave_of_two_layers_is_the_textbooks() -> None:
    h, z, v1, v2, x = 30.0, 10.0, 6.0, 8.0, 150.0
    found = path.head(np.array([0.0, h]), np.array([v1, v2]), depth_km=np.array([z]), distance_km=np.array([x]))
    expected = x / v2 + (2 * h - z) * np.sqrt(v2**2 - v1**2) / (v1 * v2)
    assert found.time_s[0] == pytest.approx(expected, rel=1e-12)
    assert found.slowness_s_km[0] == pytest.approx(1 / v2)


def test_the_head_wave_overtakes_at_the_crossover_distance() -> None:
    h, v1, v2 = 30.0, 6.0, 8.0
    crossover = 2 * h * np.sqrt((v2 + v1) / (v2 - v1))
    distance, depth = np.array([crossover - 1, crossover + 1]), np.full(2, 1e-6)
    straight, along = (
        trace(np.array([0.0, h]), np.array([v1, v2]), depth_km=depth, distance_km=distance)
        for trace in (path.direct, path.head)
    )
    assert path.first(straight, along).downwards.tolist() == [False, True]


def test_no_head_wave_reaches_within_the_critical_distance_or_from_below() -> None:
    top, velocity = np.array([0.0, 30.0]), np.array([6.0, 8.0])
    near = path.head(top, velocity, depth_km=np.array([10.0, 40.0]), distance_km=np.array([20.0, 300.0]))
    assert np.isinf(near.time_s).all()


def test_no_head_wave_runs_along_a_slower_layer() -> None:
    top, velocity = np.array([0.0, 5.0]), np.array([6.0, 4.0])
    assert np.isinf(path.head(top, velocity, depth_km=np.array([1.0]), distance_km=np.array([100.0])).time_s[0])


@pytest.mark.parametrize(("depth", "distance"), [(10.0, 60.0), (5.0, 120.0), (15.0, 250.0)])
def test_first_arrivals_agree_with_taup_to_one_per_cent(depth: float, distance: float) -> None:
    model = TauPyModel("iasp91")
    for velocity, phases in ((VP, ["p", "P", "Pn"]), (VS, ["s", "S", "Sn"])):
        rays = model.get_travel_times(depth, distance / 111.195, phase_list=phases)
        straight, along = (
            trace(TOP, velocity, depth_km=np.array([depth]), distance_km=np.array([distance]))
            for trace in (path.direct, path.head)
        )
        assert path.first(straight, along).time_s[0] == pytest.approx(min(ray.time for ray in rays), rel=0.01)


def test_rays_leave_upwards_when_direct_and_downwards_along_an_interface() -> None:
    depth, distance = np.array([10.0]), np.array([200.0])
    straight = path.direct(TOP, VP, depth_km=depth, distance_km=distance)
    along = path.head(TOP, VP, depth_km=depth, distance_km=distance)
    assert straight.takeoff_deg(np.array([5.8]))[0] == pytest.approx(90 + np.degrees(np.arctan(10 / 200)), abs=0.01)
    assert along.takeoff_deg(np.array([5.8]))[0] == pytest.approx(np.degrees(np.arcsin(5.8 / 8.04)), abs=1e-6)


def test_spreading_is_one_over_r_and_then_its_root() -> None:
    gain = path.spreading_per_m(np.array([10.0, 70.0, 280.0]), crossover_km=70.0)
    assert gain == pytest.approx([1e-4, 1 / 70e3, 1 / 70e3 / 2])


def test_attenuation_decays_as_t_star_says() -> None:
    frequency = np.array([0.5, 2.0, 8.0, 20.0])
    spectrum = path.Attenuation.of(frequency, exponent=0.4).spectrum(np.array([12.0]), q_at_1_hz=200.0)[0]
    t_star = 12.0 / (200.0 * frequency**0.4)
    assert np.abs(spectrum) == pytest.approx(np.exp(-np.pi * frequency * t_star), rel=1e-5)


def test_attenuation_lets_nothing_through_before_the_ray() -> None:
    rate, n = 100.0, 8192
    frequency = np.fft.rfftfreq(n, 1 / rate)
    spectrum = path.Attenuation.of(frequency, exponent=0.5).spectrum(np.array([20.0]), q_at_1_hz=50.0)[0]
    pulse = np.fft.irfft(spectrum)
    assert np.abs(pulse[n // 2 :]).max() < 5e-3 * pulse.max()
    assert pulse.argmax() > 0


def test_delay_tables_equal_the_exponential() -> None:
    ramp = path.delays(np.array([0.0, 1.234567, 55.5]), n_frequencies=3001, step_hz=1 / 60)
    exact = np.exp(-2j * np.pi * np.arange(3001) / 60 * np.array([0.0, 1.234567, 55.5])[:, None])
    assert np.abs(ramp - exact).max() < 1e-6
