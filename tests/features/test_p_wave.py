"""Parameters of P against closed forms. Knows no files."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from foreshock import features

RATE_HZ = 100.0


def measure(x: np.ndarray, p_sample: list[float] | None, unit: str = "m/s2", components: str = "Z") -> dict:
    x = x if x.ndim == 3 else x[None, None]
    return features.table(
        x, rate_hz=RATE_HZ, unit=unit, components=components, p_sample=p_sample, names=["p_wave"]
    ).to_dict("list")


def test_peaks_after_p_are_those_of_the_filtered_motion() -> None:
    rng = np.random.default_rng(0)
    a = np.concatenate([np.full(500, 0.3), 0.3 + rng.standard_normal(1000)])
    found = measure(a, [500])
    sos = signal.butter(2, 0.075, "highpass", fs=RATE_HZ, output="sos")
    w = a[500:800] - 0.3
    v = np.concatenate([[0], np.cumsum(0.5 * (w[1:] + w[:-1]) / RATE_HZ)])
    u = np.concatenate([[0], np.cumsum(0.5 * (v[1:] + v[:-1]) / RATE_HZ)])
    w, v, u = (signal.sosfilt(sos, y) for y in (w, v, u))
    assert found["pa"][0] == pytest.approx(np.abs(w).max(), rel=1e-9)
    assert found["pv"][0] == pytest.approx(np.abs(v).max(), rel=1e-9)
    assert found["pd"][0] == pytest.approx(np.abs(u).max(), rel=1e-9)
    assert found["tau_c"][0] == pytest.approx(2 * np.pi * np.sqrt((u * u).sum() / (v * v).sum()), rel=1e-9)
    assert found["iv2"][0] == pytest.approx((v * v).sum() / RATE_HZ, rel=1e-9)


def test_tau_c_of_a_sine_that_begins_at_p_is_its_period() -> None:
    t = np.arange(300) / RATE_HZ
    v = np.concatenate([np.zeros(200), np.cos(2 * np.pi * 2.0 * t), np.zeros(200)])
    assert measure(v, [200], unit="m/s")["tau_c"][0] == pytest.approx(0.5, rel=0.03)


def test_the_first_motion_gives_azimuth_and_incidence() -> None:
    wave = np.concatenate([np.zeros(300), np.hanning(100)])
    x = np.outer([0.8, 0.6 * np.cos(1.0), 0.6 * np.sin(1.0)], wave)
    found = measure(x[None], [300], components="ZNE")
    assert found["p_azimuth"][0] == pytest.approx(np.degrees(1.0))
    assert found["p_incidence"][0] == pytest.approx(np.degrees(np.arccos(0.8)))


def test_each_example_has_its_own_arrival_and_what_is_not_whole_is_missing() -> None:
    x = np.random.default_rng(1).standard_normal((5, 1, 1000))
    found = measure(x, [0, 400, 650, np.nan, -3])
    alone = measure(x[1:2], [400])
    assert found["pd"][1] == pytest.approx(alone["pd"][0], rel=1e-12)
    assert np.isfinite(found["pd"]).tolist() == [True, True, True, False, False]
    assert np.isfinite(found["tau_p_max"]).tolist() == [True, True, False, False, False]


def test_without_an_arrival_there_are_none() -> None:
    found = measure(np.random.default_rng(2).standard_normal(900), None)
    assert np.isnan([value[0] for value in found.values()]).all()


def test_counts_have_a_peak_after_p_and_nothing_else() -> None:
    x = np.concatenate([np.full(100, 5.0), [25.0], np.full(500, 5.0)])
    found = measure(x, [100], unit="count")
    assert found["p_peak"][0] == 20.0
    assert np.isnan(found["pd"][0])
