"""Tests of Mw: earthquakes made by Brune's formula come back with their moment and corner, or a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from foreshock.predict.magnitude.ground import Judged, traces_of
from foreshock.predict.magnitude.moment import MomentSettings, moment_magnitude, spreading_m, station_mw
from foreshock.predict.magnitude.windows import Reach


def sized(made, **settings):
    traces, refused = traces_of(Judged.of(made.wave), station=made.station, responses={})
    assert not refused
    reach = Reach(made.hypocentral_km, made.hypocentral_km, made.p_ns, made.s_ns)
    return station_mw(traces, reach, settings=MomentSettings(**settings))


@pytest.mark.parametrize(
    ("mw", "corner_hz", "east_km"),
    [(2.0, 8.0, 20.0), (3.0, 5.0, 40.0), (4.0, 2.0, 60.0), (5.0, 0.8, 80.0), (6.0, 0.3, 90.0)],
)
def test_moment_and_corner_come_back(made, mw, corner_hz, east_km):
    found = sized(made(mw=mw, corner_hz=corner_hz, east_km=east_km))
    assert found.magnitude.used
    assert abs(found.magnitude.value - mw) < 0.05
    assert abs(found.fit.corner_hz / corner_hz - 1) < 0.10


def test_on_hard_rock_nothing_is_taken_off_and_taking_it_off_would_make_the_earthquake_small(made):
    record = made(mw=3.0, corner_hz=5.0, on_rock=False)
    assert abs(sized(record, site="none").magnitude.value - 3.0) < 0.05
    assert sized(record).magnitude.value < 2.92


def test_noise_on_the_record_moves_the_moment_by_no_more_than_its_size_allows(made):
    """Twenty records at a signal to noise ratio near 10 at the corner: the median is right to 0.05."""
    values = [sized(made(mw=3.0, corner_hz=4.0, noise_m_s=2e-7, seed=k)).magnitude.value for k in range(20)]
    assert abs(np.median(values) - 3.0) < 0.05
    assert np.std(values) < 0.1


def test_a_record_of_noise_alone_says_that_nothing_stands_above_it(made):
    found = sized(made(noise_only=True))
    assert not found.magnitude.used
    assert "octaves stand 3 times above the noise" in found.magnitude.reason


def test_a_window_too_short_for_a_large_earthquake_is_lengthened_until_it_holds_the_corner(made):
    found = sized(made(mw=6.5, corner_hz=0.12, east_km=30.0))
    assert found.spectrum.span_s * found.fit.corner_hz >= 2.5
    assert abs(found.magnitude.value - 6.5) < 0.1


def test_a_corner_at_the_lower_end_of_the_band_is_refused(made):
    record = made(mw=6.0, corner_hz=0.1, east_km=30.0)
    found = sized(record, low_hz=0.5, longest_s=8.0)
    assert not found.magnitude.used
    assert "the level is not seen" in found.magnitude.reason


def test_a_clipped_component_gives_no_moment(made):
    record = made(mw=4.0)
    data = np.array(record.wave.data)
    top = 0.3 * np.abs(data[1]).max()
    data[1] = np.clip(data[1], -top, top)
    clipped = replace(record, wave=record.wave.with_data(data))
    found = sized(clipped)
    assert not found.magnitude.used
    assert "clipped" in found.magnitude.reason


def test_a_record_that_begins_at_p_has_no_noise_to_compare_with(made):
    record = made(mw=4.0)
    first = int(record.wave.sample_at(record.p_ns)) - 60
    found = sized(replace(record, wave=record.wave.cut(first, record.wave.n_samples)))
    assert not found.magnitude.used
    assert "no noise before P" in found.magnitude.reason


def test_p_gives_the_moment_too_when_it_is_asked_for(made):
    """The made P carries 0.15 of S's level on |(0.9, 0.1, 0.4)| and S's own path."""
    found = sized(made(mw=4.0, corner_hz=3.0, east_km=60.0), phase="P", vp_m_s=3500.0, radiation_p=0.63, q0=1e5)
    share = 0.15 * np.sqrt(0.9**2 + 0.1**2 + 0.4**2)
    assert abs(found.magnitude.value - (4.0 + 2 / 3 * np.log10(share))) < 0.15


def test_moment_magnitude_is_that_of_the_standard():
    assert moment_magnitude(1.12e20) == pytest.approx(7.3, abs=0.01)  # 2/3 (20.049 - 9.1)
    assert moment_magnitude(10**9.1) == pytest.approx(0.0)


def test_amplitude_falls_as_one_over_distance_to_the_crossover_and_as_its_root_beyond():
    assert spreading_m(50.0, 100.0) == pytest.approx(50e3)
    assert spreading_m(400.0, 100.0) == pytest.approx(200e3)
