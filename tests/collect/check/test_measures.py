"""Onsets, spikes, power and polarisation on signals whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.collect.check import onset, polarisation, samples
from foreshock.collect.check.noise import power_db


@given(st.integers(30, 370), st.integers(0, 1000))
def test_an_onset_is_found_where_the_amplitude_changes(at, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1, 400)) * np.where(np.arange(400) < at, 1, 30)
    found, ratio = onset.maeda_onset(x)
    assert abs(found[0] - at) <= 4
    assert ratio[0] > 10


def test_a_still_trace_has_no_onset():
    assert np.isnan(onset.maeda_onset(np.zeros((2, 100)))).all()


@pytest.mark.parametrize("error_s", [-1.0, -0.3, 0.0, 0.4])
def test_the_residual_is_label_minus_onset(error_s):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(5, 3000)) * np.where(np.arange(3000) < 1500, 1, 20)
    label = np.full(5, 1500 + error_s * 100)
    assert np.median(onset.label_residuals(x, label, rate_hz=100.0)) == pytest.approx(error_s, abs=0.05)


def test_a_lone_sample_is_a_spike_and_an_onset_is_not():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 1, 2000))
    x[0, 0, 900] += 500
    x[1, 0, 900:] += 500 * np.sin(np.arange(1100) * 0.8)
    assert samples.spikes(x)[:, 0].tolist() == [True, False]


def test_quiet_counts_are_neither_clipped_nor_flat():
    x = np.random.default_rng(0).integers(-2, 3, (1, 1, 3000)).astype(float)
    assert not samples.clipped(x).any()
    assert not samples.flat_spans(x, rate_hz=100.0).any()


@pytest.mark.parametrize(("unit", "order"), [("m", 2), ("m/s", 1), ("m/s2", 0), ("count", None)])
def test_the_power_of_white_noise_is_its_variance_over_the_band(unit, order):
    rate, std = 100.0, 3e-6
    x = np.random.default_rng(0).normal(size=(20, 6000)) * std
    period, level = power_db(x, rate_hz=rate, unit=unit)
    expected = 10 * np.log10(2 * std**2 / rate)
    at = np.abs(np.log(period * 4)).argmin()
    motion = 0.0 if order is None else 20 * order * np.log10(2 * np.pi / period[at])
    assert level[:, at].mean() == pytest.approx(expected + motion, abs=0.4)
    assert (np.diff(period) > 0).all()


def test_p_points_away_from_its_source_whatever_the_first_motion():
    t = np.arange(60) / 100
    pulse = np.sin(2 * np.pi * 5 * t) * np.exp(-t * 5)
    x = np.zeros((8, 3, 300))
    azimuth = np.arange(8) * 45.0
    for k, a in enumerate(np.radians(azimuth)):
        x[k, :, 150:210] = np.outer([1, 0.5 * np.cos(a), 0.5 * np.sin(a)], pulse * (-1) ** k)
    away = polarisation.away_azimuth(x, np.full(8, 150), rate_hz=100.0)
    assert np.allclose((away - azimuth + 180) % 360 - 180, 0, atol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "away"),
    [
        (None, lambda a: a),
        ("Z reversed", lambda a: a + 180),
        ("N and E swapped", lambda a: 90 - a),
        ("N reversed", lambda a: 180 - a),
        ("E reversed", lambda a: -a),
    ],
)
def test_each_way_of_wiring_a_sensor_wrongly_is_told_apart(wrong, away):
    azimuth = np.linspace(0, 330, 12)
    rng = np.random.default_rng(0)
    assert polarisation.suspicion(away(azimuth) + rng.normal(size=12) * 15, (azimuth + 180) % 360) == wrong


def test_random_directions_and_few_records_raise_no_suspicion():
    rng = np.random.default_rng(0)
    assert polarisation.suspicion(rng.uniform(0, 360, 200), rng.uniform(0, 360, 200)) is None
    assert polarisation.suspicion(np.array([180.0] * 5), np.array([180.0] * 5)) is None


def test_energy_shares_are_those_of_p_and_not_of_the_noise() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(0, 0.01, (2, 3, 400))
    x[0, :, 200:260] += np.array([3.0, 1.0, 0.0])[:, None] * np.sin(np.arange(60))
    shares = polarisation.energy_shares(x, np.array([200, 200]), rate_hz=100.0)
    assert shares[0] == pytest.approx([0.9, 0.1, 0.0], abs=0.01)
    assert np.isnan(shares[1]).all()


def test_a_few_onsets_or_a_small_lead_say_nothing_about_the_order() -> None:
    wrong = np.tile([0.2, 0.2, 0.6], (19, 1))
    assert polarisation.misplaced_vertical(wrong) is None
    assert polarisation.misplaced_vertical(np.tile([0.34, 0.26, 0.40], (99, 1))) is None
    row, medians, n = polarisation.misplaced_vertical(np.vstack([wrong, wrong, np.full((9, 3), np.nan)]))
    assert (row, n) == (2, 38)
    assert medians == pytest.approx([0.2, 0.2, 0.6])
