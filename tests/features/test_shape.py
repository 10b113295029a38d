"""Shape features against closed forms, SciPy and ObsPy. Knows no files."""

from __future__ import annotations

import numpy as np
import pytest
from obspy.signal.trigger import classic_sta_lta
from scipy import signal, stats

from foreshock import features
from foreshock.features.shape import envelope

RATE_HZ = 100.0


def measure(x: np.ndarray, **more: object) -> dict:
    return (
        features.table(np.atleast_2d(x)[None], rate_hz=RATE_HZ, unit="count", components="Z", **more).iloc[0].to_dict()
    )


def test_a_sine_has_kurtosis_one_and_a_half_and_no_skewness() -> None:
    found = measure(np.sin(2 * np.pi * 2 * np.arange(10_000) / RATE_HZ + 0.1))
    assert found["kurtosis_Z"] == pytest.approx(1.5)
    assert found["skewness_Z"] == pytest.approx(0.0, abs=1e-12)
    assert found["zero_crossing_rate_Z"] == pytest.approx(4.0, rel=1e-2)


def test_moments_are_those_of_scipy() -> None:
    x = np.random.default_rng(0).exponential(size=4000) + 50
    found = measure(x)
    assert found["kurtosis_Z"] == pytest.approx(stats.kurtosis(x, fisher=False), rel=1e-10)
    assert found["skewness_Z"] == pytest.approx(stats.skew(x), rel=1e-10)
    assert found["mean_Z"] == pytest.approx(x.mean(), rel=1e-12)


def test_sta_lta_is_that_of_obspy() -> None:
    x = np.random.default_rng(1).standard_normal(5000)
    x[3000:3300] *= 8
    curve = classic_sta_lta(x, 50, 1000)[999:]
    found = measure(x)
    assert found["sta_lta_max_Z"] == pytest.approx(curve.max(), rel=1e-9)
    assert found["sta_lta_mean_Z"] == pytest.approx(curve.mean(), rel=1e-9)
    assert found["sta_lta_time_Z"] == pytest.approx((curve.argmax() + 999) / RATE_HZ)


def test_sta_lta_of_a_record_shorter_than_the_long_window_is_missing() -> None:
    assert np.isnan(measure(np.random.default_rng(1).standard_normal(999))["sta_lta_max_Z"])


def test_a_step_in_energy_raises_sta_lta_to_its_bound() -> None:
    x = np.concatenate([np.full(3000, 1e-9), np.ones(1000)])
    assert measure(x)["sta_lta_max_Z"] == pytest.approx(20.0, rel=1e-6)


def test_the_envelope_is_the_modulus_of_scipys_analytic_signal() -> None:
    for n in (2, 7, 64, 501):
        x = np.random.default_rng(n).standard_normal((3, n))
        np.testing.assert_allclose(envelope(x), np.abs(signal.hilbert(x)), rtol=1e-9, atol=1e-12)


def test_a_decaying_oscillation_tells_its_decay() -> None:
    t, tau = np.arange(4000) / RATE_HZ, 3.0
    x = np.where(t > 5, np.exp(-(t - 5) / tau), 0.0) * np.sin(2 * np.pi * 10 * t)
    found = measure(x)
    assert found["envelope_decay_rate_Z"] == pytest.approx(1 / tau, rel=0.02)
    assert found["envelope_decay_time_Z"] == pytest.approx(tau * np.log(10), rel=0.05)
    assert found["envelope_rise_time_Z"] < 0.1
    assert found["envelope_max_to_mean_Z"] == pytest.approx(40 / tau, rel=0.1)


def test_a_triangle_of_noise_rises_and_falls_as_it_is_drawn() -> None:
    t = np.arange(3000) / RATE_HZ
    x = np.interp(t, [0, 10, 30], [0, 1, 0]) * np.sin(2 * np.pi * 8 * t)
    found = measure(x)
    assert found["envelope_rise_time_Z"] == pytest.approx(9.0, abs=0.3)
    assert found["envelope_decay_time_Z"] == pytest.approx(18.0, abs=0.3)


def test_masked_samples_do_not_enter_the_moments() -> None:
    x = np.random.default_rng(3).standard_normal(800)
    dirty = np.concatenate([x[:300], np.full(200, 1e5), x[300:]])[None]
    found, clean = measure(dirty, valid=(np.abs(dirty) < 1e4)[None]), measure(x)
    for name in ("kurtosis_Z", "skewness_Z", "mean_Z", "rms_Z", "peak_Z"):
        assert found[name] == pytest.approx(clean[name], rel=1e-10)
