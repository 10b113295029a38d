"""Tests of the fitted source spectrum: levels and corners made by a formula, and what its uncertainty holds."""

from __future__ import annotations

import numpy as np

from foreshock.predict.magnitude.brune import fit

WAY = {"travel_s": 12.0, "q0": 180.0, "eta": 0.45}


def spectrum(f, omega0, corner, kappa):
    t_star = 12.0 / (180.0 * f**0.45) + kappa
    return omega0 / (1 + f**2 / corner**2) * np.exp(-np.pi * f * t_star)


def test_a_clean_spectrum_gives_its_level_and_corner():
    f = np.geomspace(0.1, 30, 60)
    for corner in (0.5, 2.0, 8.0):
        fitted = fit(f, spectrum(f, 3e-6, corner, 0.035), np.ones(60, bool), **WAY, kappa_s=0.035, kappa_sigma_s=0.015)
        assert abs(np.log10(fitted.omega0_m_s / 3e-6)) < 0.01
        assert abs(fitted.corner_hz / corner - 1) < 0.03
        assert fitted.resolved


def test_stated_uncertainties_of_level_and_corner_hold_what_they_say():
    """In 200 noisy spectra with neighbouring errors in common and κ drawn from its prior: 68 % within one, 95 % two."""
    rng = np.random.default_rng(3)
    f = np.geomspace(0.1, 30, 50)
    corner_z, level_z = [], []
    for _ in range(200):
        corner, kappa = 10 ** rng.uniform(-0.2, 0.9), max(0.0, rng.normal(0.035, 0.015))
        error = np.convolve(rng.normal(0, 0.15, 51), [0.7071, 0.7071], "valid")
        fitted = fit(
            f,
            spectrum(f, 1e-6, corner, kappa) * 10**error,
            np.ones(50, bool),
            **WAY,
            kappa_s=0.035,
            kappa_sigma_s=0.015,
        )
        corner_z.append(np.log10(fitted.corner_hz / corner) / np.log10(fitted.corner_factor))
        level_z.append(np.log10(fitted.omega0_m_s / 1e-6) / fitted.log_sigma)
    for z in (np.abs(corner_z), np.abs(level_z)):
        assert 0.58 < (z < 1).mean() < 0.88
        assert (z < 2).mean() > 0.9


def test_a_corner_below_the_band_is_not_called_resolved():
    f = np.geomspace(1.0, 30, 40)
    fitted = fit(f, spectrum(f, 1e-6, 0.2, 0.035), np.ones(40, bool), **WAY, kappa_s=0.035, kappa_sigma_s=0.0)
    assert not fitted.resolved
    assert fitted.corner_hz < 1.2
