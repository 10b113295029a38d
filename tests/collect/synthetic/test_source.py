"""The point source against published numbers and closed forms. Knows no waveforms."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.collect.synthetic import source


def test_the_moment_of_magnitude_6_is_that_of_hanks_and_kanamori() -> None:
    dyne_cm = source.moment_nm([4.0, 6.0, 8.0]) * 1e7
    assert np.log10(dyne_cm) == pytest.approx([22.05, 25.05, 28.05], abs=1e-9)


def test_magnitude_and_moment_are_inverse() -> None:
    magnitude = np.linspace(-1, 8, 19)
    assert source.moment_magnitude(source.moment_nm(magnitude)) == pytest.approx(magnitude, abs=1e-12)


def test_the_corner_equals_brunes_figure_in_the_usual_mixed_units() -> None:
    # fc = 4.9e6 β (Δσ/M0)^(1/3) with km/s, bar and dyne·cm (Brune 1970, 1971; Boore 2003)
    moment, stress_pa, vs = 1e16, 5e6, 3500.0
    expected = 4.9e6 * 3.5 * (50.0 / 1e23) ** (1 / 3)
    assert source.corner_hz(moment, stress_drop_pa=stress_pa, vs_m_s=vs) == pytest.approx(expected, rel=2e-3)


def test_the_spectrum_is_half_at_the_corner_and_falls_with_the_square() -> None:
    frequency = np.array([0.0, 2.0, 200.0, 400.0], np.float32)
    amplitude = np.abs(source.omega_square(frequency, np.array([2.0])))[0]
    assert amplitude[:2] == pytest.approx([1.0, 0.5], rel=1e-6)
    assert amplitude[2] / amplitude[3] == pytest.approx(4.0, rel=1e-3)


def test_the_source_pulse_starts_at_zero_and_has_unit_area() -> None:
    rate, n, corner = 200.0, 8192, 1.5
    frequency = np.fft.rfftfreq(n, 1 / rate).astype(np.float32)
    pulse = np.fft.irfft(source.omega_square(frequency, np.array([corner]))[0]) * rate
    time = np.arange(n) / rate
    expected = (2 * np.pi * corner) ** 2 * time * np.exp(-2 * np.pi * corner * time)
    assert pulse.sum() / rate == pytest.approx(1.0, abs=1e-5)
    assert np.abs(pulse - expected)[5:-5].max() < 0.01 * expected.max()


def test_the_radiation_patterns_have_the_known_mean_squares_over_the_sphere() -> None:
    rng = np.random.default_rng(0)
    n = 400_000
    takeoff, azimuth = np.degrees(np.arccos(rng.uniform(-1, 1, n))), rng.uniform(0, 360, n)
    one = np.ones(n)
    p, sv, sh = source.radiation(40 * one, 60 * one, 110 * one, azimuth_deg=azimuth, takeoff_deg=takeoff)
    assert np.mean(p**2) == pytest.approx(4 / 15, rel=0.01)
    assert np.mean(sv**2 + sh**2) == pytest.approx(2 / 5, rel=0.01)


@pytest.mark.parametrize(
    ("azimuth", "takeoff", "p", "sh"),
    [(45.0, 90.0, 1.0, 0.0), (135.0, 90.0, -1.0, 0.0), (0.0, 90.0, 0.0, 1.0), (90.0, 90.0, 0.0, -1.0)],
)
def test_a_vertical_strike_slip_radiates_in_four_lobes(azimuth: float, takeoff: float, p: float, sh: float) -> None:
    a = np.array
    said = source.radiation(a([0.0]), a([90.0]), a([0.0]), azimuth_deg=a([azimuth]), takeoff_deg=a([takeoff]))
    assert [float(v[0]) for v in said] == pytest.approx([p, 0.0, sh], abs=1e-12)


def test_a_thrust_pushes_up_right_above_itself() -> None:
    a = np.array
    p, sv, sh = source.radiation(a([0.0]), a([45.0]), a([90.0]), azimuth_deg=a([20.0]), takeoff_deg=a([180.0]))
    assert float(p[0]) == pytest.approx(1.0)
    assert float(np.hypot(sv, sh)[0]) == pytest.approx(0.0, abs=1e-12)
