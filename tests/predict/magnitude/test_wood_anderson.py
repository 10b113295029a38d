"""Tests of the simulated Wood-Anderson seismograph: closed forms, and ObsPy's own simulation of the same records."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import obspy
import pytest

from foreshock.collect.response import responses
from foreshock.predict.magnitude.wood_anderson import INSTRUMENTS, finer_by, largest_swing, simulate

MEASURED = INSTRUMENTS["uhrhammer_collins_1990"]
NOMINAL = INSTRUMENTS["nominal"]


def gain(frequency_hz, magnification, damping):
    """Magnification of a damped pendulum of 0.8 s for a steady sine, by its closed form."""
    u = frequency_hz * 0.8
    return magnification * u**2 / np.sqrt((1 - u**2) ** 2 + (2 * damping * u) ** 2)


def test_the_constants_are_the_published_poles():
    assert MEASURED.poles[0] == pytest.approx(-5.49779 + 5.60886j, abs=1e-4)
    assert NOMINAL.poles[0] == pytest.approx(-6.2832 + 4.7124j, abs=1e-4)


@pytest.mark.parametrize("unit", ["m", "m/s", "m/s2"])
@pytest.mark.parametrize("frequency_hz", [0.3, 1.25, 5.0])
@pytest.mark.parametrize(("instrument", "magnification", "damping"), [(MEASURED, 2080, 0.7), (NOMINAL, 2800, 0.8)])
def test_a_steady_sine_is_written_as_large_as_the_closed_form_says(
    unit, frequency_hz, instrument, magnification, damping
):
    rate = 200.0
    time = np.arange(int(60 * rate)) / rate
    order = {"m": 0, "m/s": 1, "m/s2": 2}[unit]
    written = 1e-6 * (2 * np.pi * frequency_hz) ** order * np.sin(2 * np.pi * frequency_hz * time)
    drawn = simulate(written, rate, unit=unit, response=None, instrument=instrument, low_hz=0.1)
    swing = largest_swing(drawn[int(20 * rate) : int(40 * rate)], "half_peak_to_peak")
    assert swing.size == pytest.approx(1e-3 * gain(frequency_hz, magnification, damping), rel=0.005)
    assert swing.period_samples / rate == pytest.approx(1 / frequency_hz, rel=0.03)


def test_zero_to_peak_and_half_peak_to_peak_differ_where_a_pulse_has_one_side():
    pulse = np.array([0.0, 0.1, 4.0, 0.2, -1.0, 0.1, 0.0])
    assert largest_swing(pulse, "zero_to_peak").size == 4.0
    assert largest_swing(pulse, "half_peak_to_peak").size == 2.5
    assert largest_swing(-pulse, "half_peak_to_peak").size == 2.5


def test_a_straight_line_has_no_swing():
    assert largest_swing(np.arange(10.0), "half_peak_to_peak") is None
    assert largest_swing(np.zeros(10), "zero_to_peak") is None


def test_a_plateau_counts_as_one_turn():
    swing = largest_swing(np.array([0.0, 2.0, 2.0, 2.0, -2.0, -2.0, 0.0]), "half_peak_to_peak")
    assert swing.size == 2.0


def test_a_slow_record_is_drawn_finer_and_gives_the_same_amplitude():
    """5 Hz sampled at 20 Hz misses its extremes by up to 30 %; drawn finer it does not."""
    rate, phase = 20.0, 0.7
    assert finer_by(rate) == 5
    written = 1e-6 * np.sin(2 * np.pi * 5.0 * np.arange(int(60 * rate)) / rate + phase)
    drawn = simulate(written, rate, unit="m", response=None, instrument=MEASURED, low_hz=0.1, finer=5)
    swing = largest_swing(drawn[2000:4000], "half_peak_to_peak")
    assert swing.size == pytest.approx(1e-3 * gain(5.0, 2080, 0.7), rel=0.01)


@pytest.mark.parametrize("order", [1, 2])
def test_counts_with_poles_and_zeros_are_written_as_obspy_writes_them(order):
    rng = np.random.default_rng(order)
    rate, pole = 100.0, 2 * np.pi * np.sqrt(0.5)
    unit = {1: "m/s", 2: "m/s2"}[order]
    zeros = [[0.0, 0.0], [0.0, 0.0]] if order == 1 else []
    told = {
        "unit": unit,
        "sensitivity": 4e8,
        "poles": [[-pole, pole], [-pole, -pole]],
        "zeros": zeros,
        "normalization": 1.3,
    }
    counts = np.cumsum(rng.normal(size=6000)) * np.hanning(6000)
    ours = simulate(counts, rate, unit="count", response=told, instrument=MEASURED, low_hz=0.1)
    ours = ours - np.linspace(ours[0], ours[-1], len(ours))  # as ObsPy ends
    theirs = _obspy(counts, rate, told, MEASURED)
    assert np.abs(ours - theirs).max() < 0.01 * np.abs(theirs).max()
    assert _swing(ours) == pytest.approx(_swing(theirs), rel=0.002)


def _obspy(counts, rate_hz, told, instrument):
    order = {"m": 0, "m/s": 1, "m/s2": 2}[told["unit"]]
    trace = obspy.Trace(np.array(counts, float), {"sampling_rate": rate_hz})
    trace.simulate(
        paz_remove={
            "poles": [complex(*p) for p in told["poles"]],
            "zeros": [complex(*z) for z in told["zeros"]],
            "gain": told["normalization"],
            "sensitivity": told["sensitivity"],
        },
        paz_simulate={
            "poles": list(instrument.poles),
            "zeros": [0j] * (2 - order),
            "gain": 1.0,
            "sensitivity": instrument.static_magnification * 1000.0,
        },
        pre_filt=(0.05, 0.1, 0.4 * rate_hz, 0.5 * rate_hz),
        water_level=600,
    )
    return trace.data


def _strong_motion(realdata: Path):
    """Every strong-motion record with StationXML beside it, at 10 Hz or more: id, counts, rate, response, its file."""
    for file in sorted((realdata / "strong_motion").glob("*/*/*.mseed")):
        trace = obspy.read(file)[0]
        stations = file.parent / f"{trace.stats.network}.{trace.stats.station}.xml"
        if stations.is_file() and trace.stats.sampling_rate >= 10:
            told = responses(stations, trace.id, int(trace.stats.starttime.ns) + 10**9)
            yield trace, told, stations


def _swing(drawn):
    return largest_swing(drawn, "half_peak_to_peak").size


@pytest.mark.realdata
def test_amplitudes_of_all_strong_motion_records_are_obspys_to_one_percent(realdata):
    n = 0
    for trace, told, _ in _strong_motion(realdata):
        rate = trace.stats.sampling_rate
        counts = trace.data.astype(float)
        for instrument in (MEASURED, NOMINAL):
            ours = _swing(simulate(counts, rate, unit="count", response=told, instrument=instrument, low_hz=0.1))
            assert ours == pytest.approx(_swing(_obspy(counts, rate, told, instrument)), rel=0.01), trace.id
        n += 1
    assert n >= 100


REMOVES_ANOTHER_RESPONSE = {
    "CI.MIKB": "its StationXML has a sensitivity and no stages, which ObsPy refuses",
    "SL.KOGS": "its stages multiply to 4e5 times the sensitivity it states",
    "CI.WNM": "a delay of 0.03 s in its FIR stages, which the file says nobody corrected",
    "CI.TOW2": "its FIR stage is 1.6 % above one at 10 Hz",
}


@pytest.mark.realdata
def test_amplitudes_after_obspys_remove_response_are_ours_to_one_percent_where_nothing_is_clipped(realdata):
    """Digital stages are in ObsPy's response and not in ours: they tell at a clipped sample and in the files named."""
    n = 0
    for trace, told, file in _strong_motion(realdata):
        station = f"{trace.stats.network}.{trace.stats.station}"
        if station in REMOVES_ANOTHER_RESPONSE or file.parent.parent.name == "clipping_samples":
            continue
        rate = trace.stats.sampling_rate
        counts = trace.data.astype(float)
        ours = _swing(simulate(counts, rate, unit="count", response=told, instrument=MEASURED, low_hz=0.1))
        order = {"m": 0, "m/s": 1, "m/s2": 2}[told["unit"]]
        theirs = trace.copy()
        theirs.data = counts
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs.remove_response(
                obspy.read_inventory(file),
                output=("DISP", "VEL", "ACC")[order],
                pre_filt=(0.05, 0.1, 0.4 * rate, 0.5 * rate),
                water_level=None,
            )
        motion = {"unit": told["unit"], "sensitivity": 1.0, "poles": [], "zeros": [], "normalization": 1.0}
        drawn = _obspy(theirs.data, rate, motion, MEASURED)
        assert ours == pytest.approx(_swing(drawn), rel=0.01), trace.id
        n += 1
    assert n >= 80
