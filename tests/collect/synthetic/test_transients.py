"""Transients: how many, how loud, and where they begin. Knows no noise."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.collect.synthetic import transients


def test_counts_follow_poisson_up_to_the_cap() -> None:
    u = np.random.default_rng(0).random(100_000)
    found = transients.counts(u, expected=np.full(len(u), 0.7))
    share = np.bincount(found, minlength=5) / len(u)
    assert share[:4] == pytest.approx(np.exp(-0.7) * np.array([1, 0.7, 0.245, 0.0571667]), abs=0.005)
    assert found.max() == transients.LARGEST_COUNT
    assert transients.counts(u[:100], expected=np.zeros(100)).max() == 0


def test_loudness_follows_the_level() -> None:
    rms = np.full(64, 2.0)
    peaks = []
    for level in (0.0, 20.0):
        data = np.zeros((64, 3, 2000), np.float32)
        transients.add_transients(
            data,
            rms=rms,
            rate_hz=50.0,
            expected=np.full(64, 3.0),
            level_db=(level, level),
            rng=np.random.default_rng(4),
        )
        peaks.append(np.abs(data).max((1, 2)))
    touched = peaks[0] > 0
    assert touched.mean() > 0.8
    assert peaks[1][touched] / peaks[0][touched] == pytest.approx(10.0, rel=1e-3)
    assert 0.3 * 2 < np.median(peaks[0][touched]) < 5 * 2


def test_nothing_is_added_where_none_is_expected_or_the_ground_is_silent() -> None:
    for rms, expected in ((1.0, 0.0), (0.0, 3.0)):
        data = np.zeros((16, 3, 500), np.float32)
        transients.add_transients(
            data,
            rms=np.full(16, rms),
            rate_hz=50.0,
            expected=np.full(16, expected),
            level_db=(0.0, 20.0),
            rng=np.random.default_rng(0),
        )
        assert not data.any()


@pytest.mark.parametrize("make", [transients.shot, transients.far_earthquake])
def test_knocks_and_far_earthquakes_are_silent_before_they_begin(make: object) -> None:
    time = np.arange(0, 40, 0.02, dtype=np.float32)
    u = np.full((3, 2), 0.5)
    wave = make(time, np.array([10.0, 20.0]), u, 50.0, np.random.default_rng(1))  # type: ignore[operator]
    assert wave.shape == (2, 2, len(time))
    for row, start in enumerate((10.0, 20.0)):
        assert not wave[row][:, time < start].any()
        assert np.abs(wave[row][:, time > start]).max() > 0.3


def test_every_kind_works_at_a_low_rate() -> None:
    time = np.arange(0, 30, 0.5, dtype=np.float32)
    rng = np.random.default_rng(2)
    for make in (transients.footsteps, transients.vehicle, transients.swell, transients.shot):
        wave = make(time, np.array([12.0]), np.full((3, 1), 0.9), 2.0, rng)
        assert np.isfinite(wave).all()
        assert wave.any()
