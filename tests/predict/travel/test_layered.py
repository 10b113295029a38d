"""Tests of travel times in flat layers."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.collect.synthetic import path
from foreshock.errors import InputError
from foreshock.predict.travel import PRESETS, LayeredTimes, VelocityModel


def test_in_one_layer_time_is_distance_over_velocity() -> None:
    times = LayeredTimes(VelocityModel((0.0,), (6.0,), (3.5,)))
    rng = np.random.default_rng(0)
    km, deep = rng.uniform(0, 400, 500), rng.uniform(-5, 60, 500)
    np.testing.assert_allclose(times.time_s("P", km, deep), np.hypot(km, deep) / 6, atol=1e-9)
    np.testing.assert_allclose(times.time_s("S", km, deep), np.hypot(km, deep) / 3.5, atol=1e-9)


def test_the_head_wave_has_its_textbook_time() -> None:
    times = LayeredTimes(VelocityModel((0.0, 30.0), (6.0, 8.0), (3.5, 4.6)))
    expected = 300 / 8 + 2 * 30 * np.sqrt(1 / 36 - 1 / 64)
    assert float(times.time_s("P", np.array(300.0), np.array(0.0))) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", sorted(PRESETS))
@pytest.mark.parametrize("phase", ["P", "S"])
def test_the_table_is_good_to_a_millisecond(name: str, phase: str) -> None:
    times = LayeredTimes(PRESETS[name])
    rng = np.random.default_rng(1)
    km = np.concatenate([rng.uniform(0, 400, 20_000), rng.uniform(0, 15, 20_000)])
    deep = rng.uniform(-5, 60, 40_000)
    worst = np.abs(times.time_s(phase, km, deep) - times.exact_s(phase, km, deep)).max()
    print(f"{name} {phase}: worst {worst * 1000:.2f} ms of n=40000")
    assert worst < 0.001


def test_times_equal_those_that_another_hand_wrote_for_the_synthetic_source() -> None:
    model = PRESETS["southern_california"]
    tops, velocity = np.array(model.tops_km), model.velocity_km_s("P")
    rng = np.random.default_rng(2)
    km, deep = rng.uniform(1, 300, 400), rng.uniform(0.5, 45, 400)
    rays = path.first(
        path.direct(tops, velocity, depth_km=deep, distance_km=km),
        path.head(tops, velocity, depth_km=deep, distance_km=km),
    )
    np.testing.assert_allclose(LayeredTimes(model).time_s("P", km, deep), rays.time_s, atol=1e-3)


def test_out_of_range_is_nan_and_shapes_broadcast() -> None:
    times = LayeredTimes(PRESETS["iasp91_crust"], max_distance_km=100.0)
    out = times.time_s("P", np.array([[50.0], [101.0]]), np.array([10.0, 61.0]))
    assert out.shape == (2, 2)
    assert np.isnan(out).tolist() == [[False, True], [True, True]]


@pytest.mark.parametrize(
    ("tops", "vp", "vs"),
    [((0.0, 0.0), (5.0, 6.0), (3.0, 3.5)), ((0.0,), (5.0, 6.0), (3.0,)), ((0.0,), (5.0,), (6.0,)), ((), (), ())],
)
def test_a_model_that_is_none_is_refused_by_name(
    tops: tuple[float, ...], vp: tuple[float, ...], vs: tuple[float, ...]
) -> None:
    with pytest.raises(InputError, match="model mine"):
        VelocityModel(tops, vp, vs, name="mine")


def test_an_unknown_phase_is_named() -> None:
    with pytest.raises(InputError, match="'Lg'"):
        LayeredTimes(PRESETS["iasp91_crust"]).time_s("Lg", np.array(1.0), np.array(1.0))
