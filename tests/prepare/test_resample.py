"""Resampling keeps times, amplitudes and spans, suppresses what would fold, and equals SciPy's polyphase filter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from foreshock.errors import ConfigError
from foreshock.prepare.resample import Resample, anti_alias_fir, ratio
from foreshock.types.waveform import Waveform


@pytest.mark.parametrize("rate_hz", [50.0, 20.0, 200.0, 31.25, 75.0, 40.0])
def test_a_sinusoid_keeps_its_times_and_its_amplitude(rate_hz: float) -> None:
    n, tone_hz = 4000, 0.37 * min(rate_hz, 100.0)
    y, _ = Resample(rate_hz=rate_hz).apply(np.sin(2 * np.pi * tone_hz * np.arange(n) / 100.0)[None], rate_hz=100.0)
    t = np.arange(y.shape[-1]) / rate_hz
    inside = (t > 4) & (t < n / 100.0 - 4)
    np.testing.assert_allclose(y[0, inside], np.sin(2 * np.pi * tone_hz * t[inside]), atol=3e-4)


@pytest.mark.parametrize("rate_hz", [50.0, 31.25, 160.0, 10.0])
def test_the_middle_equals_scipys_polyphase_filter_with_the_same_taps(rate_hz: float) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3000))
    x -= x[:, :1]
    up, down = ratio(100.0, rate_hz)
    want = signal.resample_poly(x, up, down, axis=-1, window=anti_alias_fir(up, down, half_width=20) / up)
    y, _ = Resample(rate_hz=rate_hz).apply(x, rate_hz=100.0)
    assert y.shape == want.shape
    edge = int(25 * rate_hz / min(rate_hz, 100.0))
    np.testing.assert_allclose(y[:, :-edge], want[:, :-edge], atol=1e-12)


def test_scipys_own_default_filter_gives_nearly_the_same_well_inside_the_band() -> None:
    sos = signal.butter(6, 10.0, fs=100.0, output="sos")
    x = signal.sosfilt(sos, np.random.default_rng(3).standard_normal(6000))
    y, _ = Resample(rate_hz=50.0).apply(x[None], rate_hz=100.0)
    want = signal.resample_poly(x, 1, 2)
    np.testing.assert_allclose(y[0, 50:-50], want[50:-50], atol=5e-3 * x.std())


def test_what_would_fold_is_eighty_decibels_down() -> None:
    t = np.arange(6000) / 100.0
    y, _ = Resample(rate_hz=50.0).apply(np.sin(2 * np.pi * 25.5 * t)[None], rate_hz=100.0)
    assert 20 * np.log10(np.abs(y[0, 100:-100]).max()) < -78


def test_sample_times_and_span_are_kept() -> None:
    wave = Waveform(np.zeros((3, 1001)), 100.0, 1_600_000_000_123_456_789, "XX.A.")
    out = Resample(rate_hz=31.25)(wave)
    assert out.start_ns == wave.start_ns
    assert out.rate_hz == 31.25
    assert wave.span_s <= out.span_s < wave.span_s + 1 / 31.25


def test_the_same_rate_changes_nothing_and_waits_for_nothing() -> None:
    x = np.random.default_rng(0).standard_normal((3, 100)).astype(np.float32)
    step = Resample(rate_hz=100.0)
    assert step.look_ahead_s(100.0) == 0
    assert np.array_equal(step(Waveform(x, 100.0, 0, "XX.A.")).data, x)


def test_a_hole_is_a_little_wider_on_the_slower_clock_and_nowhere_else() -> None:
    valid = np.ones((1, 400), bool)
    valid[0, 201:205] = False
    _, mask = Resample(rate_hz=50.0).apply(np.ones((1, 400)), rate_hz=100.0, valid=valid)
    assert np.flatnonzero(~mask[0]).tolist() == [100, 101, 102]
    _, mask = Resample(rate_hz=200.0).apply(np.ones((1, 400)), rate_hz=100.0, valid=valid)
    assert np.flatnonzero(~mask[0]).tolist() == list(range(401, 410))


def test_an_offset_passes_exactly() -> None:
    y, _ = Resample(rate_hz=40.0).apply(np.full((1, 300), 123456.0), rate_hz=100.0)
    assert np.abs(y - 123456.0).max() < 1e-9


@pytest.mark.parametrize("rate_hz", [99.9987, 1e-4, 31.4159])
def test_rates_without_a_simple_ratio_are_refused_by_name(rate_hz: float) -> None:
    with pytest.raises(ConfigError, match=str(rate_hz)):
        Resample(rate_hz=rate_hz)(Waveform(np.zeros((3, 10)), 100.0, 0, "XX.A."))


@settings(max_examples=25, deadline=None)
@given(up=st.integers(1, 12), down=st.integers(1, 12), n=st.integers(1, 300))
def test_the_number_of_samples_is_the_span_times_the_rate_rounded_up(up: int, down: int, n: int) -> None:
    y, mask = Resample(rate_hz=100.0 * up / down).apply(np.ones((1, n)), rate_hz=100.0)
    assert y.shape[-1] == -(-n * up // down)
    assert mask.all()
    np.testing.assert_allclose(y, 1.0, atol=1e-12)
