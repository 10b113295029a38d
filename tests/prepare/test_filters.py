"""Filters equal SciPy's and ObsPy's causal Butterworth filters and refuse corners they cannot have."""

from __future__ import annotations

import numpy as np
import obspy.signal.filter as peer
import pytest
from scipy import signal

from foreshock.errors import ConfigError, PluginError
from foreshock.plugins import build_steps
from foreshock.prepare.filters import Bandpass, Bandstop, Highpass, Lowpass
from foreshock.types.waveform import Waveform

RATE_HZ = 100.0
X = np.random.default_rng(1).standard_normal(3000).cumsum()
X -= X[0]


@pytest.mark.parametrize(
    ("step", "theirs"),
    [
        (Bandpass(low_hz=1.0, high_hz=20.0), peer.bandpass(X, 1.0, 20.0, RATE_HZ, corners=4)),
        (Bandstop(low_hz=4.0, high_hz=6.0, order=3), peer.bandstop(X, 4.0, 6.0, RATE_HZ, corners=3)),
        (Highpass(low_hz=0.5, order=2), peer.highpass(X, 0.5, RATE_HZ, corners=2)),
        (Lowpass(high_hz=12.0), peer.lowpass(X, 12.0, RATE_HZ, corners=4)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_filter_equals_obspys_causal_filter(step: Bandpass, theirs: np.ndarray) -> None:
    y, _ = step.apply(X[None], rate_hz=RATE_HZ)
    np.testing.assert_allclose(y[0], theirs, atol=1e-9 * np.abs(X).max())


def test_a_lowpass_starts_settled_on_an_offset() -> None:
    sos = signal.butter(4, 12.0, "lowpass", fs=RATE_HZ, output="sos")
    x = X + 5e4
    want, _ = signal.sosfilt(sos, x, zi=signal.sosfilt_zi(sos) * x[0])
    y, _ = Lowpass(high_hz=12.0).apply(x[None], rate_hz=RATE_HZ)
    np.testing.assert_allclose(y[0], want, rtol=1e-9)


@pytest.mark.parametrize("step", [Highpass(low_hz=1.0), Bandpass(low_hz=1.0, high_hz=9.0)])
def test_an_offset_neither_passes_nor_rings(step: Highpass) -> None:
    y, _ = step.apply(np.full((1, 500), 8e6), rate_hz=RATE_HZ)
    assert np.abs(y).max() == 0


@pytest.mark.parametrize(("step", "corner_hz"), [(Highpass(low_hz=2.0), 2.0), (Lowpass(high_hz=2.0), 2.0)])
def test_a_corner_is_where_half_the_power_is_left(step: Highpass, corner_hz: float) -> None:
    t = np.arange(40_000) / RATE_HZ
    y, _ = step.apply(np.sin(2 * np.pi * corner_hz * t)[None], rate_hz=RATE_HZ)
    assert np.sqrt(2) * y[0, -20_000:].std() == pytest.approx(np.sqrt(0.5), rel=1e-3)


@pytest.mark.parametrize("corner_hz", [50.0, 80.0])
def test_a_corner_at_half_the_rate_is_refused_with_both_numbers(corner_hz: float) -> None:
    with pytest.raises(ConfigError, match=rf"{corner_hz:g} Hz.*50 Hz"):
        Lowpass(high_hz=corner_hz)(Waveform(np.zeros((3, 10)), RATE_HZ, 0, "XX.A."))


@pytest.mark.parametrize("told", [{"low_hz": 5.0, "high_hz": 5.0}, {"low_hz": -1.0, "high_hz": 5.0}, {"low_hz": 1.0}])
def test_impossible_corners_are_refused(told: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Bandpass(**told)
    with pytest.raises(PluginError, match="bandpass"):
        build_steps([{"step": "bandpass", **told}])


def test_a_gap_does_not_ring() -> None:
    x = np.full((1, 600), 1000.0)
    valid = np.ones(x.shape, bool)
    valid[0, 200:300] = False
    x[0, 200:300] = 0.0
    y, _ = Highpass(low_hz=1.0).apply(x, rate_hz=RATE_HZ, valid=valid)
    assert np.abs(y).max() == 0
