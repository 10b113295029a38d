"""Band rasters: levels that can be worked out by hand, nothing from the future, and components that are missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.prepare.band_raster import CENTRES_HZ, POWERS, band_raster
from foreshock.types.waveform import Waveform

RATE = 100.0
P_S = 20.0


def wave(data: np.ndarray, *, unit: str = "m/s", components: str = "ZNE", rate_hz: float = RATE) -> Waveform:
    return Waveform(
        data, rate_hz, 0, "XX.A.", components=components, channels=tuple(f"HH{c}" for c in components), unit=unit
    )


def sine(frequency_hz: float, amplitudes: tuple[float, ...], *, span_s: float = 40.0) -> np.ndarray:
    t = np.arange(int(span_s * RATE)) / RATE
    return np.outer(amplitudes, np.sin(2 * np.pi * frequency_hz * t))


def raster(data: np.ndarray, **told: str) -> np.ndarray:
    return band_raster(wave(data, **told), round(P_S * NS_PER_S), before_s=5.0, after_s=10.0).power


@pytest.mark.parametrize("band", [2, 5, 8])
def test_a_sine_has_half_its_squared_amplitude_in_its_band(band: int) -> None:
    power = raster(sine(CENTRES_HZ[band], (2.0, 0.0, 0.0)))[POWERS.index("zz")]
    whole_periods = power[band, 50:].mean()
    assert whole_periods == pytest.approx(2.0, rel=0.03)
    assert power[:, 50:].mean(1).argmax() == band


@pytest.mark.parametrize(("unit", "order"), [("m", -1), ("m/s2", 1)])
def test_displacement_and_acceleration_give_the_velocity_they_are(unit: str, order: int) -> None:
    band = 4
    velocity = raster(sine(CENTRES_HZ[band], (1.0, 0.5, 0.2)))
    other = raster(sine(CENTRES_HZ[band], (1.0, 0.5, 0.2)) * (2 * np.pi * CENTRES_HZ[band]) ** order, unit=unit)
    np.testing.assert_allclose(other[:2, band], velocity[:2, band], rtol=1e-4)


def test_a_flat_response_turns_counts_into_velocity_and_its_sign_turns_the_ground() -> None:
    data = np.random.default_rng(0).normal(size=(3, 4000)).astype(np.float32)
    one = {"unit": "m/s", "sensitivity": 100.0, "poles": [], "zeros": [], "normalization": 1.0}
    told = [one, one, {**one, "sensitivity": -100.0}]
    counts = wave(data * 100, unit="count")
    got = band_raster(counts, round(P_S * NS_PER_S), before_s=5.0, after_s=10.0, response=told)
    assert got.unit == "m/s"
    np.testing.assert_allclose(got.power[:3], raster(data)[:3], rtol=1e-4)
    np.testing.assert_allclose(got.power[3], -raster(data)[3], rtol=1e-4)


def test_a_response_for_ground_motion_is_refused() -> None:
    data = np.ones((3, 4000), np.float32)
    with pytest.raises(InputError, match="3 responses for 3 rows in 'm/s'"):
        band_raster(wave(data), 0, before_s=1.0, after_s=1.0, response=[{}, {}, {}])


def test_no_step_knows_what_comes_after_it() -> None:
    rng = np.random.default_rng(1)
    data = rng.normal(size=(3, 4000)).astype(np.float32)
    other, at = data.copy(), int((P_S + 3.0) * RATE)
    other[:, at:] = rng.normal(size=(3, 4000 - at)) * 1e6
    first, second = raster(data), raster(other)
    np.testing.assert_array_equal(first[..., : 50 + 30], second[..., : 50 + 30])
    assert not np.array_equal(first[..., 81:], second[..., 81:])


def test_a_record_cut_at_its_end_gives_the_same_steps() -> None:
    whole = wave(np.random.default_rng(2).normal(size=(3, 4000)).astype(np.float32))
    cut = whole.cut(0, int((P_S + 4.0) * RATE))
    a, b = (band_raster(one, round(P_S * NS_PER_S), before_s=5.0, after_s=10.0) for one in (whole, cut))
    np.testing.assert_array_equal(a.power[..., :90], b.power[..., :90])
    assert b.seen[:90].all()
    assert not b.seen[90:].any()


def test_masked_samples_do_not_count() -> None:
    data = np.random.default_rng(3).normal(size=(3, 4000)).astype(np.float32)
    valid = np.ones(data.shape, bool)
    valid[1, 2050:2100] = False
    got = band_raster(replace(wave(data), valid=valid), round(P_S * NS_PER_S), before_s=5.0, after_s=10.0)
    assert got.seen[50:60].tolist() == [1.0] * 5 + [0.0] * 5


def test_horizontals_turned_by_a_right_angle_exchange_their_cross_powers() -> None:
    z, n, e = np.random.default_rng(4).normal(size=(3, 4000)).astype(np.float32)
    plain, turned = raster(np.stack([z, n, e])), raster(np.stack([z, -e, n]))
    np.testing.assert_allclose(turned[1], plain[1], rtol=1e-6)
    np.testing.assert_allclose(turned[2:4], [-plain[3], plain[2]], rtol=1e-5, atol=1e-12)


def test_bands_above_half_the_rate_are_told_to_be_missing() -> None:
    low = wave(np.random.default_rng(5).normal(size=(3, 800)).astype(np.float32), rate_hz=20.0)
    got = band_raster(low, round(P_S * NS_PER_S), before_s=5.0, after_s=10.0)
    assert got.bands.sum() == 7
    assert not got.power[:, ~got.bands].any()


def test_a_dead_horizontal_is_replaced_by_the_other_and_tells_no_direction() -> None:
    z, n, _ = np.random.default_rng(6).normal(size=(3, 4000)).astype(np.float32)
    dead = wave(np.stack([z, n, np.full_like(n, -8e6)]))
    got = band_raster(dead, round(P_S * NS_PER_S), before_s=5.0, after_s=10.0)
    np.testing.assert_allclose(got.power[1], raster(np.stack([z, n, n]))[1], rtol=1e-6)
    assert (got.dead, got.oriented, got.power[2:].any()) == ("E", False, np.False_)


def test_a_vertical_alone_is_refused_by_its_letters() -> None:
    with pytest.raises(InputError, match="components are 'Z' .*a vertical and two horizontals"):
        band_raster(wave(np.ones((1, 100), np.float32), components="Z"), 0, before_s=1.0, after_s=1.0)


def test_horizontals_called_1_and_2_are_taken_without_a_direction() -> None:
    data = np.random.default_rng(7).normal(size=(3, 4000)).astype(np.float32)
    got = band_raster(wave(data, components="Z12"), round(P_S * NS_PER_S), before_s=5.0, after_s=10.0)
    assert not got.oriented
    np.testing.assert_array_equal(got.power, raster(data))


def test_a_rate_of_1_hz_is_refused() -> None:
    with pytest.raises(InputError, match="sampling rate is 1 Hz"):
        band_raster(wave(np.ones((3, 100), np.float32), rate_hz=1.0), 0, before_s=1.0, after_s=1.0)


@pytest.mark.parametrize("scale", [1e-12, 1e12, 1e30])
def test_absurd_amplitudes_stay_finite_and_in_proportion(scale: float) -> None:
    data = np.random.default_rng(8).normal(size=(3, 4000))
    np.testing.assert_allclose(raster((data * scale).astype(np.float32))[0], raster(data)[0] * scale**2, rtol=1e-4)
