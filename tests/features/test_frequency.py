"""Frequencies against closed forms. Knows no files."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import fft

from foreshock import features


def measure(x: np.ndarray, *, unit: str = "m/s", rate_hz: float = 100.0) -> dict:
    return features.table(x[None, None], rate_hz=rate_hz, unit=unit, components="Z").iloc[0].to_dict()


def sine(f: float, seconds: float = 20.0) -> np.ndarray:
    return np.sin(2 * np.pi * f * np.arange(round(seconds * 100)) / 100)


def test_a_sine_has_one_frequency() -> None:
    found = measure(sine(6.25), unit="count")
    assert found["dominant_frequency_Z"] == pytest.approx(6.25)
    assert found["spectral_centroid_Z"] == pytest.approx(6.25, rel=1e-3)
    assert found["spectral_bandwidth_Z"] < 0.2
    assert found["predominant_period_Z"] == pytest.approx(0.16)
    assert np.isnan(found["corner_frequency_Z"])
    assert np.isnan(found["mean_period_Z"])


def test_two_equal_sines_have_their_mean_as_centroid_and_half_their_distance_as_bandwidth() -> None:
    found = measure(sine(5.0) + sine(15.0))
    assert found["spectral_centroid_Z"] == pytest.approx(10.0, rel=1e-3)
    assert found["spectral_bandwidth_Z"] == pytest.approx(5.0, rel=1e-2)


def test_white_noise_fills_the_band_evenly() -> None:
    found = measure(np.random.default_rng(1).standard_normal(200_000), unit="count")
    assert found["spectral_centroid_Z"] == pytest.approx(25.0, rel=0.01)
    assert found["spectral_bandwidth_Z"] == pytest.approx(50 / np.sqrt(12), rel=0.01)


@pytest.mark.parametrize("corner_hz", [0.5, 2.0, 6.0])
@pytest.mark.parametrize("unit", ["m", "m/s", "m/s2"])
def test_the_corner_of_a_brune_pulse_is_found(corner_hz: float, unit: str) -> None:
    # u(t) = t exp(−ω₀t) has |U| = 1/(ω² + ω₀²): Brune's spectrum
    late, w = np.maximum(np.arange(40_000) / 1000 - 10, 0.0), 2 * np.pi * corner_hz
    u = late * np.exp(-w * late)
    for _ in range(["m", "m/s", "m/s2"].index(unit)):
        u = np.gradient(u, 1e-3)
    found = measure(u, unit=unit, rate_hz=1000.0)
    assert found["corner_frequency_Z"] == pytest.approx(corner_hz, rel=0.06)


def test_mean_period_follows_its_definition_on_the_acceleration() -> None:
    v = sine(2.0) + 0.5 * sine(8.0)
    weights = np.array([(2.0 * 1.0) ** 2, (8.0 * 0.5) ** 2])
    expected = (weights / [2.0, 8.0]).sum() / weights.sum()
    assert measure(v)["mean_period_Z"] == pytest.approx(expected, rel=1e-2)


def test_an_offset_changes_no_frequency() -> None:
    x = np.random.default_rng(2).standard_normal(1000)
    names = ["dominant_frequency", "spectral_centroid", "spectral_bandwidth"]
    here = features.table(x[None, None], rate_hz=50.0, unit="1", components="Z", names=names)
    there = features.table(x[None, None] + 1000, rate_hz=50.0, unit="1", components="Z", names=names)
    np.testing.assert_allclose(here, there, rtol=1e-9)


def test_the_spectrum_is_that_of_the_tapered_window() -> None:
    from foreshock.features.frequency import power_spectrum
    from foreshock.features.layout import Layout

    x = np.random.default_rng(3).standard_normal(64)
    f, power = power_spectrum(x[None], None, Layout(64.0, "1", "Z"))
    n, flank = np.arange(64), 0.05 * 63
    near = np.minimum(n, 63 - n)
    taper = np.where(near < flank, 0.5 * (1 - np.cos(np.pi * near / flank)), 1.0)
    assert f.tolist() == list(range(1, 33))
    np.testing.assert_allclose(power[0], np.abs(fft.rfft((x - x.mean()) * taper)[1:]) ** 2, rtol=1e-9)
