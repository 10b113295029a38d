"""Removing the response agrees with ObsPy inside the band, on the record ObsPy ships and on real recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import obspy
import pytest
from obspy.signal.invsim import cosine_taper, simulate_seismometer
from scipy import signal

from foreshock.errors import ConfigError, UnitError
from foreshock.prepare.response import RemoveResponse, RemoveSensitivity
from foreshock.types.waveform import Waveform

POLE = 2 * np.pi * np.sqrt(0.5)
GEOPHONE = {"poles": [[-POLE, POLE], [-POLE, -POLE]], "zeros": [[0.0, 0.0], [0.0, 0.0]]}


def told(response: Any) -> dict[str, Any]:
    """What RemoveResponse needs, from ObsPy's response."""
    paz = response.get_paz()
    return {
        "poles": [(pole.real, pole.imag) for pole in paz.poles],
        "zeros": [(zero.real, zero.imag) for zero in paz.zeros],
        "normalization": paz.normalization_factor,
        "sensitivity": response.instrument_sensitivity.value,
        "unit": response.instrument_sensitivity.input_units,
    }


def tapered(trace: obspy.Trace) -> obspy.Trace:
    """Begin and end at zero, so that neither method has edges to differ about."""
    out = trace.copy()
    out.data = (trace.data - trace.data.mean()) * cosine_taper(len(trace.data), 0.3)
    return out


def worst_difference(
    step: RemoveResponse, trace: obspy.Trace, inventory: obspy.Inventory, *, output: str = "VEL"
) -> float:
    rate_hz = trace.stats.sampling_rate
    ours, _ = step.apply(trace.data[None], rate_hz=rate_hz)
    theirs = trace.copy().remove_response(
        inventory, output=output, water_level=60, pre_filt=step.flanks_hz(rate_hz), zero_mean=False, taper=False
    )
    return float(np.abs(ours[0] - theirs.data).max() / np.abs(theirs.data).max())


def worst_difference_to_simulation(step: RemoveResponse, trace: obspy.Trace) -> float:
    rate_hz, told = trace.stats.sampling_rate, step.settings
    paz = {
        "poles": [complex(*pole) for pole in told.poles],
        "zeros": [complex(*zero) for zero in told.zeros],
        "gain": told.normalization,
        "sensitivity": told.sensitivity,
    }
    theirs = simulate_seismometer(
        trace.data,
        rate_hz,
        paz_remove=paz,
        water_level=60,
        zero_mean=False,
        taper=False,
        pre_filt=step.flanks_hz(rate_hz),
    )
    ours, _ = step.apply(trace.data[None], rate_hz=rate_hz)
    return float(np.abs(ours[0] - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize(("low_hz", "tolerance"), [(0.5, 4e-3), (1.0, 2e-3)])
def test_poles_and_zeros_agree_with_obspys_simulation(low_hz: float, tolerance: float) -> None:
    trace = tapered(obspy.read()[0])
    response = obspy.read_inventory().get_response(trace.id, trace.stats.starttime)
    step = RemoveResponse(**told(response), low_hz=low_hz, high_hz=30.0)
    assert worst_difference_to_simulation(step, trace) < tolerance


@pytest.mark.parametrize("row", [0, 1, 2])
def test_on_the_record_obspy_ships_the_full_response_differs_by_less_than_one_percent(row: int) -> None:
    inventory, trace = obspy.read_inventory(), tapered(obspy.read()[row])
    response = inventory.get_response(trace.id, trace.stats.starttime)
    step = RemoveResponse(**told(response), low_hz=0.5, high_hz=30.0)
    assert worst_difference(step, trace, inventory) < 0.01


REAL = {
    "nc51194936/BK.CVS..BHZ__20080119T231135Z__20080119T232005Z.mseed": 12.0,
    "nc72282711/TA.M04C..HNE__20140824T102014Z__20140824T102244Z.mseed": 35.0,
    "ci38457511/CI.CLC..HNE.mseed": 35.0,
}


def real_record(folder: Path, name: str) -> tuple[obspy.Trace, obspy.Inventory]:
    path = folder / "strong_motion" / "fdsn" / name
    station = ".".join(path.name.split(".")[:2])
    return tapered(obspy.read(path)[0]), obspy.read_inventory(path.parent / f"{station}.xml")


@pytest.mark.realdata
@pytest.mark.parametrize("name", REAL)
def test_on_real_recordings_poles_and_zeros_agree_with_obspys_simulation(name: str, realdata: Path) -> None:
    trace, inventory = real_record(realdata, name)
    step = RemoveResponse(
        **told(inventory.get_response(trace.id, trace.stats.starttime)), low_hz=0.1, high_hz=REAL[name]
    )
    assert worst_difference_to_simulation(step, trace) < 0.005


@pytest.mark.realdata
@pytest.mark.parametrize("name", list(REAL)[:2])
def test_on_real_recordings_the_full_response_differs_by_about_one_percent(name: str, realdata: Path) -> None:
    trace, inventory = real_record(realdata, name)
    step = RemoveResponse(
        **told(inventory.get_response(trace.id, trace.stats.starttime)), low_hz=0.1, high_hz=REAL[name]
    )
    output = {"m/s2": "ACC", "m/s": "VEL"}[step.unit_out("count")]
    assert worst_difference(step, trace, inventory, output=output) < 0.012


def test_ground_motion_through_a_geophone_and_back_is_ground_motion() -> None:
    rate_hz, n = 100.0, 6000
    sos = signal.butter(4, (2.0, 15.0), "bandpass", fs=rate_hz, output="sos")
    ground = signal.sosfilt(sos, np.random.default_rng(0).standard_normal(n)) * np.hanning(n)
    s = 2j * np.pi * np.fft.rfftfreq(4 * n, 1 / rate_hz)
    poles = [complex(*pole) for pole in GEOPHONE["poles"]]
    counts = np.fft.irfft(np.fft.rfft(ground, 4 * n) * 4e8 * s**2 / ((s - poles[0]) * (s - poles[1])), 4 * n)[:n]
    step = RemoveResponse(**GEOPHONE, sensitivity=4e8, unit="m/s", low_hz=0.5, high_hz=35.0)
    back, _ = step.apply(counts[None], rate_hz=rate_hz)
    np.testing.assert_allclose(back[0], ground, atol=2e-3 * np.abs(ground).max())


def test_units_of_the_sensor_become_si() -> None:
    step = RemoveSensitivity(sensitivity=2.0, unit="cm/s**2")
    out = step(Waveform(np.full((3, 2), 8.0), 1.0, 0, "XX.A."))
    assert out.unit == "m/s2"
    np.testing.assert_allclose(out.data, 0.04)


def test_each_channel_may_have_its_own_sensitivity() -> None:
    out = RemoveSensitivity(sensitivity=[1.0, 2.0, -4.0], unit="m/s")(Waveform(np.full((3, 2), 8.0), 1.0, 0, "XX.A."))
    assert out.data[:, 0].tolist() == [8.0, 4.0, -2.0]


def test_two_sensitivities_do_not_fit_three_channels() -> None:
    with pytest.raises(ConfigError, match="2 sensitivities for 3 channels"):
        RemoveSensitivity(sensitivity=[1.0, 2.0], unit="m/s")(Waveform(np.ones((3, 2)), 1.0, 0, "XX.A."))


@pytest.mark.parametrize("value", [0.0, [1.0, 0.0, 1.0]])
def test_a_sensitivity_of_zero_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="not zero"):
        RemoveSensitivity(sensitivity=value, unit="m/s")


def test_what_is_ground_motion_already_is_refused() -> None:
    with pytest.raises(UnitError, match="'m/s' already"):
        RemoveSensitivity(sensitivity=1.0, unit="m/s")(Waveform(np.ones((3, 2)), 1.0, 0, "XX.A.", unit="m/s"))


def test_a_filter_too_short_for_its_low_corner_is_refused() -> None:
    step = RemoveResponse(**GEOPHONE, sensitivity=1.0, unit="m/s", low_hz=0.1, high_hz=20.0, look_ahead_s=0.5)
    with pytest.raises(ConfigError, match=r"low_hz 0\.1 .*101 taps.*raise low_hz"):
        step.design(100.0)


def test_a_band_up_to_half_the_rate_is_refused() -> None:
    step = RemoveResponse(**GEOPHONE, sensitivity=1.0, unit="m/s", low_hz=0.5, high_hz=50.0)
    with pytest.raises(ConfigError, match="50 Hz"):
        step(Waveform(np.ones((3, 2)), 100.0, 0, "XX.A."))


def test_the_response_is_removed_without_any_delay() -> None:
    x = np.zeros((1, 4001))
    x[0, 2000] = 1.0
    flat = RemoveResponse(poles=[], zeros=[], sensitivity=1.0, unit="m/s2", low_hz=0.5, high_hz=30.0)
    y, _ = flat.apply(x, rate_hz=100.0)
    assert int(np.abs(y).argmax()) == 2000
    np.testing.assert_allclose(y, y[:, ::-1], atol=1e-12)
