"""Instruments against the oscillator they are made of. Knows no ground motion."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.collect.synthetic.instrument import INSTRUMENTS, anti_alias, band_code, ideal


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_the_sensitivity_holds_where_the_response_is_flat(name: str) -> None:
    sensor = INSTRUMENTS[name]
    assert np.abs(sensor.response(np.array([sensor.flat_hz])))[0] == pytest.approx(sensor.sensitivity)


def test_a_geophone_is_1_over_2_damping_at_its_own_frequency() -> None:
    sensor = INSTRUMENTS["short_period"]
    gain = np.abs(sensor.response(np.array([1.0, 1000.0])))
    assert gain[0] / gain[1] == pytest.approx(1 / (2 * 0.7), rel=1e-3)


def test_the_broadband_is_3_db_down_at_120_s_and_silent_at_frequency_0() -> None:
    sensor = INSTRUMENTS["broadband"]
    gain = np.abs(sensor.response(np.array([0.0, 1 / 120, 1.0])))
    assert gain[0] == 0
    assert 20 * np.log10(gain[1] / gain[2]) == pytest.approx(-3.01, abs=0.02)


def test_response_to_displacement_is_that_to_velocity_times_omega() -> None:
    sensor, frequency = INSTRUMENTS["broadband"], np.array([0.0, 0.5, 4.0])
    ratio = sensor.response_to("m", frequency)[1:] / sensor.response_to("m/s", frequency)[1:]
    assert ratio == pytest.approx(2j * np.pi * frequency[1:])
    assert sensor.response_to("m/s2", frequency)[0] == 0


def test_the_ideal_instrument_gives_the_motion_itself() -> None:
    frequency = np.array([0.1, 10.0])
    assert ideal("m/s").response_to("m/s", frequency) == pytest.approx([1.0, 1.0])
    assert ideal("m/s2").response_to("m/s", frequency) == pytest.approx(2j * np.pi * frequency)


def test_the_anti_alias_filter_passes_below_a_third_and_stops_at_nyquist() -> None:
    gain = anti_alias(np.array([0.0, 30.0, 40.0, 48.0, 50.0]), rate_hz=100.0)
    assert gain == pytest.approx([1.0, 1.0, 0.5, 0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    ("name", "rate", "code"),
    [
        ("broadband", 100.0, "H"),
        ("broadband", 20.0, "B"),
        ("short_period", 100.0, "E"),
        ("short_period", 10.0, "S"),
        ("accelerometer", 500.0, "C"),
        ("accelerometer", 5.0, "M"),
        ("accelerometer", 1.0, "L"),
    ],
)
def test_band_letters_follow_seed(name: str, rate: float, code: str) -> None:
    assert band_code(INSTRUMENTS[name], rate_hz=rate) == code
