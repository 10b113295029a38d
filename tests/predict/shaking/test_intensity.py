"""Tests of the three intensity scales: published numbers, closed forms, laws, and real records."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from foreshock.collect.files import read
from foreshock.errors import InputError, UnitError
from foreshock.law import check_step
from foreshock.predict.shaking import gbt_17742_2020 as china
from foreshock.predict.shaking import jma
from foreshock.predict.shaking.jma_live import JmaWindow, LiveIntensity, sections
from foreshock.predict.shaking.worden_2012 import LINES, bare_mmi, ln_motion_si, mmi
from foreshock.types.waveform import Waveform

LN_10 = np.log(10)


def ln_si(log_cm: float) -> float:
    return (log_cm - 2) * LN_10


def shaking(peak_m_s2: float = 1.0, *, rate: float = 100.0, seconds: int = 30, seed: int = 0) -> Waveform:
    """A burst of band-limited noise on three components."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    sos = signal.butter(2, (0.5, 8.0), "bandpass", output="sos", fs=rate)
    noise = signal.sosfilt(sos, rng.standard_normal((3, len(time)))) * np.exp(-(((time - seconds / 2) / 4) ** 2))
    return Waveform(peak_m_s2 * noise / np.abs(noise).max(), rate, 0, "XX.A.", unit="m/s2")


# -- Worden et al. 2012 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "log_cm", "below", "above"), [("PGA", 1.57, 4.2135, 4.209), ("PGV", 0.53, 4.559, 4.565)]
)
def test_both_lines_give_the_published_intensity_at_the_break(
    measure: str, log_cm: float, below: float, above: float
) -> None:
    just = 1e-9
    assert float(bare_mmi(measure, ln_si(log_cm - just))) == pytest.approx(below, abs=5e-4)
    assert float(bare_mmi(measure, ln_si(log_cm + just))) == pytest.approx(above, abs=5e-4)


def test_terms_of_distance_and_magnitude_are_held_to_their_range() -> None:
    bare = float(mmi("PGA", 0.5))
    assert float(mmi("PGA", 0.5, magnitude=6.0, distance_km=100.0)) == pytest.approx(bare - 0.91 + 2.04 - 1.02)
    far = mmi("PGA", 0.5, magnitude=[7.3, 9.0], distance_km=[300.0, 900.0])
    assert far[0] == far[1]
    with pytest.raises(InputError, match="magnitude alone"):
        mmi("PGA", 0.5, magnitude=6.0)


def test_intensity_stays_on_the_scale() -> None:
    assert mmi("PGV", [0.0, 1e-9, 1e3]).tolist() == [1.0, 1.0, 10.0]
    with pytest.raises(InputError, match="PGV is -1"):
        mmi("PGV", -1.0)
    with pytest.raises(InputError, match=r"'SA\(1\)'"):
        mmi("SA(1)", 1.0)


@given(measure=st.sampled_from(sorted(LINES)), wanted=st.floats(1, 10))
def test_motion_of_an_intensity_has_that_intensity(measure: str, wanted: float) -> None:
    assert float(bare_mmi(measure, ln_motion_si(measure, wanted))) == pytest.approx(wanted, abs=0.01)


# -- JMA ---------------------------------------------------------------------------------------------------------------


def test_the_response_has_the_values_of_its_definition() -> None:
    # f = 10 Hz: √(1/10) · (1 + 0.694 + 0.241 + 0.0557 + 0.009664 + 0.00134 + 0.000155)^-1/2 · 1
    assert float(jma.response(np.array(10.0))) == pytest.approx(np.sqrt(0.1 / 2.001859), rel=1e-6)
    assert float(jma.response(np.array(0.5))) == pytest.approx(np.sqrt(2 * (1 - np.exp(-1)) / 1.00173653), rel=1e-6)


def test_a_steady_sine_has_the_intensity_of_its_filtered_amplitude() -> None:
    time = np.arange(6000) / 100
    wave = Waveform(
        np.stack([np.zeros(6000), np.sin(2 * np.pi * time), np.zeros(6000)]), 100.0, 0, "XX.A.", unit="m/s2"
    )
    # 100 cm/s² at 1 Hz: 2 log10(100 · 0.9964) + 0.94
    assert jma.intensity(wave) == pytest.approx(4.937, abs=0.01)


@given(times=st.floats(1.01, 50))
def test_motion_a_times_stronger_is_twice_its_logarithm_more_intense(times: float) -> None:
    wave = shaking()
    more = wave.with_data(wave.data * np.float32(times))
    assert jma.intensity(more) - jma.intensity(wave) == pytest.approx(2 * np.log10(times), abs=1e-4)


def test_the_held_level_counts_samples_wherever_they_lie() -> None:
    vector = np.zeros(1000)
    vector[::20] = np.arange(50, 0, -1)
    assert float(jma.held(vector, rate_hz=100.0)) == 21.0  # the 30th largest
    assert float(jma.held(vector[:20], rate_hz=100.0)) == 0.0


@pytest.mark.parametrize(
    ("value", "name"), [(-np.inf, "0"), (0.49, "0"), (0.5, "1"), (4.49, "4"), (4.996, "5+"), (5.99, "6-"), (6.5, "7")]
)
def test_classes_begin_where_the_scale_says(value: float, name: str) -> None:
    assert jma.scale_class(value) == name


def test_what_is_no_acceleration_on_three_components_is_refused() -> None:
    with pytest.raises(UnitError, match="'m/s'"):
        jma.intensity(Waveform(np.zeros((3, 100)), 100.0, 0, "XX.A.", unit="m/s"))
    with pytest.raises(InputError, match="three components"):
        LiveIntensity().update(Waveform(np.zeros((1, 100)), 100.0, 0, "XX.A.", components="Z", unit="m/s2"))
    with pytest.raises(InputError, match="0.3 s"):
        jma.intensity(Waveform(np.zeros((3, 10)), 100.0, 0, "XX.A.", unit="m/s2"))


# -- JMA, live ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [20.0, 31.25, 50.0, 100.0, 200.0, 500.0])
def test_the_causal_filter_has_the_jma_response_to_a_fiftieth_of_intensity(rate: float) -> None:
    frequency = np.geomspace(0.05, min(25.0, 0.45 * rate), 300)
    _, got = signal.sosfreqz(sections(rate), worN=frequency, fs=rate)
    assert np.abs(2 * np.log10(np.abs(got) / jma.response(frequency))).max() < 0.02
    assert max(np.abs(np.roots(section[3:])).max() for section in sections(rate)) < 0.999


def test_the_causal_filter_obeys_the_law_of_steps() -> None:
    check_step(JmaWindow(), unit="m/s2")


def test_live_intensity_does_not_depend_on_how_the_stream_is_cut() -> None:
    wave = shaking(seconds=40)
    whole = LiveIntensity(window_s=20).update(wave)
    pieces, live = [0, 7, 400, 401, 1900, 3100, 4000], LiveIntensity(window_s=20)
    for first, last in pairwise(pieces):
        said = live.update(wave.cut(first, last))
    assert said == pytest.approx(whole, abs=1e-5)


def test_live_intensity_forgets_what_left_its_window() -> None:
    live, wave = LiveIntensity(window_s=10), shaking(seconds=30)
    strong = live.update(wave)
    still = Waveform(np.zeros((3, 2000)), 100.0, wave.end_ns, "XX.A.", unit="m/s2")
    assert live.update(still) < strong - 2


@pytest.mark.parametrize("seed", range(5))
def test_live_and_whole_agree_on_bursts_of_noise(seed: int) -> None:
    wave = shaking(seed=seed)
    assert LiveIntensity().update(wave) == pytest.approx(jma.intensity(wave), abs=0.15)


@pytest.mark.realdata
def test_live_and_whole_agree_on_japanese_records(realdata: Path) -> None:
    folders = ("knet/usb000syza", "kiknet/usp000a1b0", "kiknet/usp000hzq8")
    waves = [wave for folder in folders for wave in read(realdata / "strong_motion" / folder)]
    off = [LiveIntensity(window_s=300).update(wave) - jma.intensity(wave) for wave in waves]
    assert len(off) == 7
    assert np.abs(off).max() < 0.06


@pytest.mark.realdata
def test_a_record_of_8_gal_is_felt_by_few(realdata: Path) -> None:
    wave = {one.station_id: one for one in read(realdata / "strong_motion/knet/usb000syza")}["BO.CHB003."]
    assert jma.scale_class(jma.intensity(wave)) == "2"
    assert 2 < china.of_record(wave) < 4


# -- China -------------------------------------------------------------------------------------------------------------


def test_velocity_alone_counts_in_strong_shaking() -> None:
    assert float(china.instrumental(2.0, 0.2)) == pytest.approx(3.00 * np.log10(0.2) + 9.77)
    assert float(china.instrumental(0.5, 0.2)) == pytest.approx((3.17 * np.log10(0.5) + 6.59 + 7.6731) / 2, abs=1e-4)


def test_the_chinese_scale_ends_at_1_and_12() -> None:
    assert china.instrumental([0.0, 100.0], [0.0, 50.0]).tolist() == [1.0, 12.0]
    with pytest.raises(InputError, match="PGV is -1"):
        china.instrumental(1.0, -1.0)


@given(peak=st.floats(1e-3, 10), more=st.floats(1.01, 10))
def test_stronger_motion_is_never_less_intense(peak: float, more: float) -> None:
    assert china.from_velocity(peak * more) > china.from_velocity(peak)
    assert china.instrumental(peak, peak * more / 10) >= china.instrumental(peak, peak / 10) - 1e-12


def test_a_sine_within_the_band_keeps_its_peaks() -> None:
    time = np.arange(6000) / 100
    sine = np.sin(2 * np.pi * time) * np.minimum(time / 10, 1)
    wave = Waveform(np.stack([0 * sine, sine, 0 * sine]), 100.0, 0, "XX.A.", unit="m/s2")
    assert china.of_record(wave) == pytest.approx(float(china.instrumental(1.0, 1 / (2 * np.pi))), abs=0.1)
    with pytest.raises(UnitError):
        china.of_record(Waveform(np.zeros((3, 100)), 100.0, 0, "XX.A."))
