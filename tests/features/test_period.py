"""τc and τp against closed forms. Knows no files."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock import features
from foreshock.features.period import TauP

RATE_HZ = 200.0


def measure(x: np.ndarray, unit: str) -> dict:
    names = ["tau_c_whole", "tau_p_max_whole"]
    return features.table(x[None, None], rate_hz=RATE_HZ, unit=unit, components="Z", names=names).iloc[0].to_dict()


@pytest.mark.parametrize("f", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("unit", ["m", "m/s"])
def test_tau_c_of_a_sine_is_its_period(f: float, unit: str) -> None:
    t = np.arange(60 * 200) / RATE_HZ
    x = np.sin(2 * np.pi * f * t) if unit == "m" else np.cos(2 * np.pi * f * t)
    assert measure(x, unit)["tau_c_whole"] == pytest.approx(1 / f, rel=0.03)


@pytest.mark.parametrize("f", [0.5, 1.0, 2.0])
def test_tau_p_of_a_sine_comes_near_its_period(f: float) -> None:
    t = np.arange(60 * 200) / RATE_HZ
    late = TauP(RATE_HZ, skipped=30 * 200)
    late.update(np.sin(2 * np.pi * f * t)[None], np.ones((1, len(t)), bool))
    assert late.top is not None
    # with a memory of 1 s the ratio swings about the period: up to 1/√(1 + (4πf)²) of it in both sums
    swing = 1 / np.sqrt(1 + (4 * np.pi * f) ** 2)
    assert 1 / f <= late.top[0] <= 1 / f * np.sqrt((1 + swing) / (1 - swing)) * 1.01


def test_the_recursion_is_the_published_one() -> None:
    v = np.random.default_rng(0).standard_normal(400)
    tau = TauP(5.0, skipped=5)  # 3 Hz lies above half of 5 Hz: no low-pass
    tau.update(v[None], np.ones((1, 400), bool))
    alpha, x, d, top = 1 - 1 / 5.0, 0.0, 0.0, 0.0
    for i in range(400):
        slope = (v[i] - v[i - 1]) * 5.0 if i else 0.0
        x, d = alpha * x + v[i] ** 2, alpha * d + slope**2
        top = max(top, 2 * np.pi * np.sqrt(x / d)) if i >= 5 else top
    assert tau.top is not None
    assert tau.top[0] == pytest.approx(top, rel=1e-12)


def test_counts_have_no_tau() -> None:
    assert np.isnan(list(measure(np.random.default_rng(0).standard_normal(3000), "count").values())).all()
