"""Tests of ML: what must not change it, what must, and what is refused with its reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.predict.magnitude import MagnitudeSettings, sized
from foreshock.predict.magnitude.local import LocalSettings
from foreshock.types.station import Channel
from foreshock.types.waveform import Waveform

GEOPHONE = 2 * np.pi * 0.2 * np.sqrt(0.5)
RESPONSE = {
    "unit": "m/s",
    "sensitivity": -4e8,
    "poles": [[-GEOPHONE, GEOPHONE], [-GEOPHONE, -GEOPHONE]],
    "zeros": [[0.0, 0.0], [0.0, 0.0]],
    "normalization": 1.0,
}


def ml_of(record, *, wave=None, responses=None, station=None, **settings):
    """The only station's ML."""
    told = MagnitudeSettings(kinds=("ML",), local=LocalSettings(**{"curve": "hutton_boore_1987", **settings}))
    station = station or record.station
    reach = sized(
        record.event,
        (),
        [wave or record.wave],
        {station.station_id: station},
        told,
        responses=responses,
        travel=Travel(),
    )
    return reach.magnitudes[0] if reach.magnitudes else reach.left_out[0][1]


class Travel:
    """Straight rays of the made earthquake."""

    max_distance_km = 1000.0
    max_depth_km = 100.0

    def time_s(self, phase, distance_km, depth_km):
        return np.hypot(distance_km, depth_km) / {"P": 6.06, "S": 3.5}[phase]


def counts(wave, told=RESPONSE):
    """What a geophone of 0.2 Hz writes of the made ground velocity."""
    n = wave.n_samples
    s = 2j * np.pi * np.fft.rfftfreq(2 * n, 1 / wave.rate_hz)
    written = np.full(s.shape, told["sensitivity"], complex)
    for zero in told["zeros"]:
        written = written * (s - complex(*zero))
    for pole in told["poles"]:
        written = written / (s - complex(*pole))
    data = np.fft.irfft(np.fft.rfft(wave.data, 2 * n) * written, 2 * n)[:, :n]
    return Waveform(data, wave.rate_hz, wave.start_ns, wave.station_id, wave.channels, wave.components, "count")


@settings(max_examples=20)
@given(st.floats(min_value=-2, max_value=3))
def test_ml_grows_by_one_when_the_ground_moves_ten_times_as_much(made, power):
    record = made(noise_m_s=0.0)
    louder = record.wave.with_data(record.wave.data * np.float32(10.0**power))
    grown = ml_of(record, wave=louder).value - ml_of(record).value
    assert grown == pytest.approx(power, abs=2e-4)


def test_ml_of_counts_with_their_response_is_that_of_ground_velocity(made):
    record = made()
    told = {f"XX.A..{channel}": RESPONSE for channel in record.wave.channels}
    assert ml_of(record, wave=counts(record.wave), responses=told).value == pytest.approx(
        ml_of(record).value, abs=0.003
    )


@pytest.mark.parametrize("gain", [1e-3, 7.0, -1e4])
def test_a_gain_that_the_response_tells_changes_nothing(made, gain):
    record = made()
    told = {f"XX.A..{channel}": {**RESPONSE, "sensitivity": gain * 4e8} for channel in record.wave.channels}
    wave = counts(record.wave, {**RESPONSE, "sensitivity": gain * 4e8})
    assert ml_of(record, wave=wave, responses=told).value == pytest.approx(ml_of(record).value, abs=0.003)


def test_ml_of_acceleration_and_displacement_is_that_of_velocity(made):
    record = made(noise_m_s=0.0)
    n = record.wave.n_samples
    s = 2j * np.pi * np.fft.rfftfreq(2 * n, 0.01)
    spectrum = np.fft.rfft(record.wave.data.astype(float), 2 * n)
    faster = np.fft.irfft(spectrum * s, 2 * n)[:, :n]
    slower = np.fft.irfft(np.where(np.abs(s) > 0.1, spectrum / np.where(s == 0, 1, s), 0), 2 * n)[:, :n]
    for data, unit in ((faster, "m/s2"), (slower, "m")):
        wave = record.wave.with_data(data, unit=unit)
        assert ml_of(record, wave=wave).value == pytest.approx(ml_of(record).value, abs=0.01)


@pytest.mark.parametrize("order", [(0, 2, 1), (2, 1, 0), (1, 2, 0)])
def test_the_order_of_components_changes_nothing(made, order):
    record = made()
    wave = record.wave
    turned = Waveform(
        wave.data[list(order)],
        wave.rate_hz,
        wave.start_ns,
        wave.station_id,
        tuple(wave.channels[k] for k in order),
        "".join(wave.components[k] for k in order),
        wave.unit,
    )
    ours, theirs = ml_of(record, wave=turned), ml_of(record)
    assert ours == theirs


def test_the_vertical_counts_for_nothing(made):
    record = made()
    data = np.array(record.wave.data)
    data[0] *= 100
    assert ml_of(record, wave=record.wave.with_data(data)).value == ml_of(record).value


def test_the_station_term_is_added_and_told(made):
    record = made()
    found = ml_of(record, corrections={"XX.A.": 0.3})
    assert found.value == pytest.approx(ml_of(record).value + 0.3)
    assert found.stations[0].correction == 0.3


def test_amplitudes_are_kept_with_channel_time_period_and_noise(made):
    record = made()
    one = ml_of(record).stations[0]
    assert [amplitude.channel for amplitude in one.amplitudes] == ["HHE", "HHN"]
    for amplitude in one.amplitudes:
        assert (amplitude.kind, amplitude.unit) == ("WA", "mm")
        assert abs(amplitude.time_ns - record.s_ns) < 2e9
        assert 0.1 < amplitude.period_s < 3
        assert amplitude.snr > 100


def test_nominal_constants_give_a_larger_amplitude_and_are_named(made):
    record = made()
    nominal, measured = ml_of(record, instrument="nominal"), ml_of(record)
    assert 0.05 < nominal.value - measured.value < 0.14
    assert "2800" in nominal.method
    assert "2080" in measured.method


def test_the_standard_does_not_depend_on_the_magnification(made):
    record = made()
    nominal = ml_of(record, curve="iaspei_2013", instrument="nominal")
    assert abs(nominal.value - ml_of(record, curve="iaspei_2013").value) < 0.06


def with_row(wave, row, change):
    data = np.array(wave.data)
    data[row] = change(data[row])
    return wave.with_data(data)


def clip(row):
    top = 0.4 * np.abs(row).max()
    return np.clip(row, -top, top)


def test_a_clipped_horizontal_gives_no_amplitude_and_the_other_stands_for_both(made):
    record = made()
    found = ml_of(record, wave=with_row(record.wave, 1, clip))
    assert [one.channel for one in found.stations[0].amplitudes] == ["HHE"]
    both = with_row(with_row(record.wave, 1, clip), 2, clip)
    assert "samples of the window are clipped" in ml_of(record, wave=both)


def test_counts_at_the_end_of_24_bits_are_clipped(made):
    record = made()
    scale = 2**23 / np.abs(record.wave.data).max()
    wave = Waveform(
        np.clip(record.wave.data * scale * 1.03, -(2**23), 2**23 - 1),
        record.wave.rate_hz,
        record.wave.start_ns,
        "XX.A.",
        record.wave.channels,
        "ZNE",
    )
    told = {f"XX.A..{channel}": RESPONSE for channel in wave.channels}
    found = ml_of(record, wave=wave, responses=told)
    assert [one.channel for one in found.stations[0].amplitudes] == ["HHE"]


def test_a_gap_in_the_window_refuses_the_record_and_one_before_it_does_not(made):
    record = made()
    s = int(record.wave.sample_at(record.s_ns))
    valid = np.ones(record.wave.data.shape, bool)
    valid[:, s + 100 : s + 160] = False
    gappy = replace(record.wave, valid=valid)
    assert "of the window is masked or broken" in ml_of(record, wave=gappy)
    early = np.ones(record.wave.data.shape, bool)
    early[:, s - 3500 : s - 3400] = False
    found = ml_of(record, wave=replace(record.wave, valid=early))
    assert found.value == pytest.approx(ml_of(record).value, abs=0.01)


def test_a_hole_of_three_samples_is_bridged(made):
    record = made()
    s = int(record.wave.sample_at(record.s_ns))
    valid = np.ones(record.wave.data.shape, bool)
    valid[:, s + 300 : s + 303] = False
    assert ml_of(record, wave=replace(record.wave, valid=valid)).value == pytest.approx(ml_of(record).value, abs=0.01)


def test_an_amplitude_no_larger_than_the_noise_is_refused_with_their_ratio(made):
    record = made(mw=0.0, noise_m_s=1e-6)
    assert "times the noise before P; 3 times are needed" in ml_of(record)


def test_horizontals_that_differ_too_much_are_not_believed(made):
    record = made()
    broken = with_row(record.wave, 2, lambda row: row / 50)
    assert "one is broken" in ml_of(record, wave=broken)


def test_a_record_that_ends_before_s_is_refused(made):
    record = made()
    short = record.wave.cut(0, int(record.wave.sample_at(record.s_ns)))
    assert "does not hold the window" in ml_of(record, wave=short)


def test_a_station_too_far_for_the_curve_is_refused(made):
    record = made(east_km=600.0, span_s=400.0, mw=6.0)
    assert "lies outside 8 to 500 km" in ml_of(record, curve="uhrhammer_2011")


def test_counts_without_a_response_are_refused_and_a_sensitivity_stands_in_for_one(made):
    record = made()
    flat = {"unit": "m/s", "sensitivity": 4e8, "poles": [], "zeros": [], "normalization": 1.0}
    wave = counts(record.wave, flat)
    assert "counts without a response or a sensitivity" in ml_of(record, wave=wave)
    channels = tuple(Channel(f"HH{c}", a, d, 4e8, "m/s", 0, 2**62) for c, a, d in (("N", 0, 0), ("E", 90, 0)))
    found = ml_of(record, wave=wave, station=replace(record.station, channels=channels))
    assert found.value == pytest.approx(ml_of(record).value, abs=0.003)


def test_a_short_period_sensor_needs_more_than_its_sensitivity(made):
    record = made()
    wave = replace(record.wave, unit="count", channels=("EHZ", "EHN", "EHE"))
    channels = tuple(Channel(f"EH{c}", a, 0, 4e8, "m/s", 0, 2**62) for c, a in (("N", 0), ("E", 90)))
    reason = ml_of(record, wave=wave, station=replace(record.station, channels=channels))
    assert "counts without" in reason or "short-period sensor" in reason


def test_the_dip_in_the_station_file_tells_which_components_are_horizontal(made):
    record = made()
    wave = replace(record.wave, channels=("HN1", "HN2", "HN3"), components="123")
    dips = {"1": 90.0, "2": 0.0, "3": 0.0}
    channels = tuple(Channel(f"HN{c}", 0.0, dip, 0.0, "m/s", 0, 2**62) for c, dip in dips.items())
    found = ml_of(record, wave=wave, station=replace(record.station, channels=channels))
    assert [one.channel for one in found.stations[0].amplitudes] == ["HN2", "HN3"]
    assert found.value == pytest.approx(ml_of(record).value)
