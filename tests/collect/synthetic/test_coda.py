"""The scattered train against single-scattering theory. Knows no spectra."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.collect.synthetic import coda


def _scattering(**changes: float) -> coda.Scattering:
    values = {"origin_s": -3.0, "travel_s": 8.0, "rate_per_s": 0.05, "decay_per_s": 0.1, "spread_s": 0.5}
    arrays = {name: np.array([changes.get(name, value)]) for name, value in values.items()}
    return coda.Scattering(**arrays, spread_fraction=changes.get("spread_fraction", 0.0))


def test_nothing_is_scattered_before_the_direct_wave() -> None:
    time = np.arange(0, 30, 0.01, dtype=np.float32)
    shape = coda.envelope(time, _scattering(spread_fraction=0.9))[0]
    assert (shape[time < 4.99] == 0).all()
    assert (shape[time > 5.01] > 0).all()


def test_late_coda_decays_with_the_square_of_lapse_time_and_with_q() -> None:
    # Aki & Chouet (1975): power ~ t^-2 exp(-2π f t / Q)
    time = np.array([1000.0, 2000.0], np.float32)
    shape = coda.envelope(time, _scattering(origin_s=0.0, decay_per_s=1e-4))[0]
    assert (shape[1] / shape[0]) ** 2 == pytest.approx(0.25 * np.exp(-2e-4 * 1000), rel=1e-3)


def test_forward_scattering_spreads_the_share_of_energy_it_was_told() -> None:
    time = np.arange(0, 40, 0.001, dtype=np.float32)
    shape = coda.envelope(time, _scattering(rate_per_s=0.0, spread_fraction=0.85))[0].astype(float)
    assert (shape**2).sum() * 0.001 == pytest.approx(0.85, rel=0.01)


def test_coda_q_is_a_power_of_frequency() -> None:
    assert coda.coda_q(np.array([1.0, 4.0]), q_at_1_hz=100.0, exponent=0.5) == pytest.approx([100.0, 200.0])
