"""Background noise against Peterson's models, by Welch's estimate. Knows no events."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from foreshock.collect.peterson import nhnm_db, nlnm_db
from foreshock.collect.synthetic import SyntheticSettings, noise, synthesise

QUIET = {
    "noise_fraction": 1.0,
    "cultural_db_max": 0.0,
    "hourly_db_sigma": 0.0,
    "transients_per_minute": 0.0,
    "noise_transients_per_minute": 0.0,
    "glitch_fraction": 0.0,
    "step_fraction": 0.0,
    "gap_fraction": 0.0,
    "unit": "m/s2",
}


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_generated_noise_has_the_level_asked_for(level: float) -> None:
    settings = SyntheticSettings(records=32, rate_hz=50.0, noise_level_min=level, noise_level_max=level, **QUIET)
    data = np.stack([record.waveform.data for record in synthesise(settings, seed=3)])
    frequency, power = signal.welch(data.astype(float), 50.0, nperseg=1024)
    band = (frequency >= 0.3) & (frequency <= 15)
    period = np.maximum(1 / frequency[band], 0.1)
    wanted = nlnm_db(period) + level * (nhnm_db(period) - nlnm_db(period))
    said = 10 * np.log10(power[:, :, band].mean((0, 1)))
    assert np.abs(said - wanted).max() < 1.0
    assert abs(np.mean(said - wanted)) < 0.25


def test_levels_0_and_1_are_the_two_models_and_culture_ends_at_the_high_one() -> None:
    frequency = np.array([0.05, 0.2, 1.0, 5.0])
    assert noise.acceleration_db(frequency, level=0.0) == pytest.approx(nlnm_db(1 / frequency))
    assert noise.acceleration_db(frequency, level=1.0) == pytest.approx(nhnm_db(1 / frequency))
    loud = noise.acceleration_db(frequency, level=0.9, cultural_db=60.0, culture_hz=5.0, tilt_db=60.0)
    assert (loud <= nhnm_db(1 / frequency) + 1e-9).all()
    assert loud[3] == pytest.approx(nhnm_db(0.2))


def test_beyond_10_hz_the_last_value_holds() -> None:
    assert noise.acceleration_db(np.array([10.0, 50.0]), level=0.0) == pytest.approx(float(nlnm_db(0.1)))


def test_stations_differ_in_their_noise() -> None:
    settings = SyntheticSettings(records=64, rate_hz=20.0, span_s=30.0, **{**QUIET, "cultural_db_max": 15.0})
    loudness: dict[str, list[float]] = {}
    for record in synthesise(settings, seed=0):
        loudness.setdefault(record.waveform.station_id, []).append(float(record.waveform.data.std()))
    typical = [np.median(values) for values in loudness.values()]
    assert max(typical) > 5 * min(typical)
