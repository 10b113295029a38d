"""Motion: a sine keeps its amplitude whatever unit it comes in; what is no ground motion is refused."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import signal

from foreshock.apps.warning.motion import CORNER_HZ, QUANTITIES, UNITS, motion_sections, trigger_sections
from foreshock.errors import UnitError
from foreshock.types.arrays import Float64


def filtered(quantity: str, unit: str, x: Float64, *, rate_hz: float) -> Float64:
    return np.asarray(signal.sosfilt(motion_sections(quantity, unit=unit, rate_hz=rate_hz).copy(), x))


def amplitude(quantity: str, unit: str, *, hz: float, rate_hz: float = 100.0) -> float:
    """What becomes of a sine of displacement with amplitude 1 m."""
    t = np.arange(round(120 * rate_hz)) / rate_hz
    x = (2 * np.pi * hz) ** UNITS[unit] * np.sin(2 * np.pi * hz * t)
    y = filtered(quantity, unit, x, rate_hz=rate_hz)
    return float(np.abs(y[-round(20 * rate_hz) :]).max())


@pytest.mark.parametrize(("quantity", "unit"), list(product(QUANTITIES, UNITS)))
@pytest.mark.parametrize("hz", [0.3, 1.0, 4.0])
def test_a_sine_above_the_corner_has_the_right_amplitude(quantity: str, unit: str, hz: float) -> None:
    expected = (2 * np.pi * hz) ** QUANTITIES.index(quantity)
    assert amplitude(quantity, unit, hz=hz) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("unit", UNITS)
def test_a_slow_drift_is_let_go(unit: str) -> None:
    assert amplitude("displacement", unit, hz=CORNER_HZ / 5) < 0.01


@pytest.mark.parametrize("unit", UNITS)
def test_an_offset_leaves_no_displacement_behind(unit: str) -> None:
    y = filtered("displacement", unit, np.ones(50 * 300), rate_hz=50.0)
    assert abs(y[-1]) < 1e-6


@pytest.mark.parametrize("rate_hz", [20.0, 31.25, 100.0, 200.0, 500.0])
@pytest.mark.parametrize("unit", UNITS)
def test_the_filters_are_stable_at_every_rate_that_is_used(rate_hz: float, unit: str) -> None:
    designs = [motion_sections(name, unit=unit, rate_hz=rate_hz) for name in QUANTITIES]
    for sections in [*designs, trigger_sections(rate_hz)]:
        _, poles, _ = signal.sos2zpk(sections)
        assert np.abs(poles).max() < 1


def test_the_trigger_listens_from_1_5_to_12_hz() -> None:
    at, response = signal.sosfreqz(trigger_sections(100.0), worN=[0.3, 1.5, 4.0, 12.0, 40.0], fs=100.0)
    assert len(at) == 5
    low, edge, middle, other_edge, high = 20 * np.log10(np.abs(response))
    assert edge == pytest.approx(-3, abs=0.1)
    assert other_edge == pytest.approx(-3, abs=0.1)
    assert middle > -0.5
    assert low < -20
    assert high < -15


def test_a_unit_that_is_no_ground_motion_is_refused_by_name() -> None:
    with pytest.raises(UnitError, match="'Pa'"):
        motion_sections("velocity", unit="Pa", rate_hz=100.0)
