"""Amplitudes against closed forms. Knows no files."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock import features

G = 9.80665
RATE_HZ = 100.0


def one(x: np.ndarray, *, unit: str = "m/s2", rate_hz: float = RATE_HZ, components: str = "Z", **more: object) -> dict:
    x = np.atleast_2d(x)
    return features.table(x[None], rate_hz=rate_hz, unit=unit, components=components, **more).iloc[0].to_dict()


def sine(f: float, seconds: float = 10.0, rate_hz: float = RATE_HZ) -> np.ndarray:
    return np.sin(2 * np.pi * f * np.arange(round(seconds * rate_hz) + 1) / rate_hz)


def test_peaks_of_a_sine_in_acceleration_follow_from_calculus() -> None:
    found = one(3.0 * np.cos(2 * np.pi * 1.0 * np.arange(1001) / 100))
    assert found["pga_Z"] == pytest.approx(3.0)
    assert found["pgv_Z"] == pytest.approx(3.0 / (2 * np.pi), rel=1e-3)
    # u = A(1 − cos ωt)/ω² from rest: its peak is twice A/ω²
    assert found["pgd_Z"] == pytest.approx(2 * 3.0 / (2 * np.pi) ** 2, rel=2e-3)


def test_peaks_of_a_sine_in_displacement_follow_from_calculus() -> None:
    found = one(0.02 * sine(2.0, rate_hz=1000.0), unit="m", rate_hz=1000.0)
    assert found["pgd_Z"] == pytest.approx(0.02, rel=1e-4)
    assert found["pgv_Z"] == pytest.approx(0.02 * 4 * np.pi, rel=1e-4)
    assert found["pga_Z"] == pytest.approx(0.02 * (4 * np.pi) ** 2, rel=1e-3)


def test_the_vector_is_longer_than_any_component() -> None:
    found = one(np.array([[0.0, 3.0], [0.0, 4.0], [12.0, 0.0]]), components="ZNE")
    assert found["peak_vector"] == pytest.approx(12.0)
    assert one(np.array([[0.0, 3.0], [0.0, 4.0], [0.0, 12.0]]), components="ZNE")["pga_vector"] == pytest.approx(13.0)


def test_arias_intensity_of_a_sine_is_pi_a2_t_over_4g() -> None:
    assert one(2.0 * sine(5.0))["arias_Z"] == pytest.approx(np.pi / (4 * G) * 4.0 * 10.0, rel=1e-9)


def test_cav_of_a_constant_is_amplitude_times_duration_and_of_a_sine_two_over_pi_of_it() -> None:
    assert one(np.full(501, -0.4))["cav_Z"] == pytest.approx(2.0)
    assert one(sine(1.0))["cav_Z"] == pytest.approx(2 / np.pi * 10.0, rel=1e-3)


def test_standardised_cav_leaves_out_seconds_below_a_fortieth_of_g() -> None:
    a = np.zeros(401)
    a[:101], a[150:160], a[200:301], a[301:] = 0.02 * G, 0.01 * G, 0.03 * G, 0.024 * G
    # second 0 and 1 stay below 0.025 g except that second 1 ends at sample 200, which is 0.03 g
    pairs = 0.5 * (a[1:] + a[:-1]) / 100
    assert one(a)["cav_standardised_Z"] == pytest.approx(pairs[100:400].sum())
    assert one(0.5 * a)["cav_standardised_Z"] == 0.0


def test_significant_durations_of_constant_shaking_are_shares_of_it() -> None:
    found = one(np.ones(1001))
    assert found["d5_95_Z"] == pytest.approx(9.0)
    assert found["d5_75_Z"] == pytest.approx(7.0)
    assert found["energy_5_95_Z"] == pytest.approx(9.0)


def test_significant_durations_of_decaying_shaking_have_their_closed_form() -> None:
    tau, t = 4.0, np.arange(60001) / 1000
    found = one(np.exp(-t / tau), rate_hz=1000.0)
    # I(t) = 1 − exp(−2t/τ)
    assert found["d5_95_Z"] == pytest.approx(tau / 2 * np.log(0.95 / 0.05), rel=1e-4)
    assert found["d5_75_Z"] == pytest.approx(tau / 2 * np.log(0.95 / 0.25), rel=1e-4)


def test_counts_have_amplitudes_in_counts_and_no_ground_motion() -> None:
    found = one(np.array([3.0, -4.0]), unit="count")
    assert found["peak_Z"] == 4.0
    assert found["rms_Z"] == pytest.approx(np.sqrt(12.5))
    assert all(
        np.isnan(found[name]) for name in ("pga_Z", "pgv_Z", "pgd_Z", "arias_Z", "cav_Z", "d5_95_Z", "pga_vector")
    )
    assert features.column_units("counts", components="Z", names=["peak"]) == {"peak_Z": "count"}


def test_other_units_are_turned_into_si() -> None:
    assert one(np.array([100.0, 0.0]), unit="gal")["pga_Z"] == pytest.approx(1.0)
    assert one(np.array([1.0, 0.0]), unit="g")["peak_Z"] == pytest.approx(G)


def test_masked_samples_add_nothing_to_peaks_areas_or_durations() -> None:
    a = np.ones((1, 301))
    a[0, 100:200] = 1e6
    valid = np.abs(a) < 2
    found = one(a, valid=valid[None])
    assert found["pga_Z"] == found["rms_Z"] == 1.0
    assert found["cav_Z"] == pytest.approx((99 + 100) / 100)
    assert found["arias_Z"] == pytest.approx(np.pi / (2 * G) * (99 + 100) / 100)


def test_velocity_across_a_hole_has_no_acceleration() -> None:
    v = np.concatenate([np.zeros(50), np.full(50, np.nan), np.full(50, 7.0)])[None]
    found = one(np.nan_to_num(v), unit="m/s", valid=np.isfinite(v)[None])
    assert found["pga_Z"] == 0.0
    assert found["pgv_Z"] == 7.0
