"""The Hibert/Provost set against closed forms and a plain one-trace reading of its formulas. Knows no files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import signal, stats

from foreshock import features
from foreshock.features import hibert_list, hibert_provost

RATE_HZ = 100.0


def measure(x: np.ndarray, *, rate_hz: float = RATE_HZ, **more: object) -> dict:
    return features.table(
        np.atleast_2d(x)[None], rate_hz=rate_hz, unit="1", components="Z", names=["hibert_provost"], **more
    ).iloc[0].to_dict()  # fmt: skip


def burst(seed: int = 0, n: int = 3000) -> np.ndarray:
    t = np.arange(n) / RATE_HZ
    return np.random.default_rng(seed).standard_normal(n) * (0.1 + np.exp(-(((t - 10) / 3) ** 2)))


def test_there_are_fifty_eight() -> None:
    names = [one.name for one in features.catalogue() if one.group == "hibert_provost"]
    assert len(names) == len(set(names)) == 58
    assert (len(hibert_list.WAVEFORM), len(hibert_list.SPECTRAL), len(hibert_list.PSEUDO_SPECTROGRAM)) == (24, 17, 17)


def test_waveform_attributes_follow_a_plain_reading() -> None:
    x = burst()
    found, y = measure(x), x - x.mean()
    e = np.abs(signal.hilbert(y))
    at, n = e.argmax(), len(y)
    line = (n - 1 - np.arange(at, n)) / (n - 1 - at)
    expected = {
        "hp_duration": 30.0,
        "hp_envelope_max_to_mean": e.max() / e.mean(),
        "hp_envelope_max_to_median": e.max() / np.median(e),
        "hp_rise_to_decay": at / (n - 1 - at),
        "hp_kurtosis": stats.kurtosis(y, fisher=False),
        "hp_envelope_kurtosis": stats.kurtosis(e, fisher=False),
        "hp_skewness": stats.skew(y),
        "hp_envelope_skewness": stats.skew(e),
        "hp_decay_line_rms": np.sqrt(np.mean((e[at:] / e.max() - line) ** 2)),
        "hp_envelope_max_to_duration": e.max() / 30.0,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-9)


def test_bands_follow_a_plain_reading_and_the_last_is_open() -> None:
    x = burst(1)
    found, y = measure(x), x - x.mean()
    for low, high in hibert_list.BANDS_HZ:
        kind, corner = ("bandpass", (low, high)) if np.isfinite(high) else ("highpass", low)
        z = signal.sosfilt(signal.butter(4, corner, kind, fs=RATE_HZ, output="sos"), y)
        name = hibert_list.band_name(low, high)
        assert found[f"hp_energy_{name}"] == pytest.approx(np.log10(np.abs(z).sum() / RATE_HZ), rel=1e-9)
        assert found[f"hp_kurtosis_{name}"] == pytest.approx(stats.kurtosis(z, fisher=False), rel=1e-9)


def test_bands_above_nyquist_have_no_value_and_one_that_reaches_it_is_open() -> None:
    found = measure(np.random.default_rng(2).standard_normal(600), rate_hz=10.0)
    assert np.isnan(found["hp_energy_10_20hz"])
    assert np.isnan(found["hp_kurtosis_20hz_up"])
    assert np.isfinite(found["hp_energy_3_10hz"])


def test_a_sine_has_one_line() -> None:
    found = measure(3.0 * np.sin(2 * np.pi * 10 * np.arange(3000) / RATE_HZ))
    assert found["hp_dft_max"] == pytest.approx(3.0)
    for name in ("dft_max_frequency", "dft_centroid", "dft_quartile1", "dft_quartile3", "dft_gamma1", "dft_gamma2"):
        assert found[f"hp_{name}"] == pytest.approx(10.0)
    assert found["hp_dft_peaks"] == 1
    assert found["hp_dft_peaks_mean"] == pytest.approx(1.0)
    assert found["hp_dft_gamma_width"] == pytest.approx(0.0, abs=1e-5)
    assert found["hp_dft_energy_quarter1"] == pytest.approx(3.0 / 30)
    assert found["hp_spectrogram_frequency_from_centroid"] == pytest.approx(0.0, abs=0.02)
    assert found["hp_kurtosis"] == pytest.approx(1.5)


def test_spectral_attributes_follow_a_plain_reading() -> None:
    x = burst(3)
    found, y = measure(x), x - x.mean()
    a, f = np.abs(np.fft.rfft(y))[1:] * 2 / len(y), np.fft.rfftfreq(len(y), 0.01)[1:]
    g1, g2 = (f * a**2).sum() / (a**2).sum(), np.sqrt((f**2 * a**2).sum() / (a**2).sum())
    tops, heights = signal.find_peaks(a / a.max(), height=0.75)
    share = np.cumsum(a) / a.sum()
    expected = {
        "hp_dft_mean": a.mean(),
        "hp_dft_median": np.median(a) / a.max(),
        "hp_dft_variance": np.var(a / a.max()),
        "hp_dft_centroid": (f * a).sum() / a.sum(),
        "hp_dft_quartile1": f[np.argmax(share >= 0.25)],
        "hp_dft_quartile3": f[np.argmax(share >= 0.75)],
        "hp_dft_peaks": len(tops),
        "hp_dft_peaks_mean": heights["peak_heights"].mean(),
        "hp_dft_gamma1": g1,
        "hp_dft_gamma2": g2,
        "hp_dft_gamma_width": np.sqrt(g2**2 - g1**2),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    quarters = [found[f"hp_dft_energy_quarter{k}"] for k in (1, 2, 3, 4)]
    assert sum(quarters) == pytest.approx(a.sum() * f[0])


def test_the_spectrogram_is_scipys() -> None:
    x = burst(4)
    found, y = measure(x), x - x.mean()
    f, _, z = signal.stft(
        y, RATE_HZ, "hann", nperseg=200, noverlap=180, boundary=None, padded=False, scaling="spectrum"
    )
    s = 2 * np.abs(z)
    centre, top = (f @ s) / s.sum(0), f[s.argmax(0)]
    grown = np.cumsum(s, 0) / s.sum(0)
    q1, q2, q3 = (f[(grown < q).sum(0)] for q in (0.25, 0.5, 0.75))

    def peaks(curve: np.ndarray) -> int:
        return len(signal.find_peaks(curve, height=0.75 * curve.max())[0])

    expected = {
        "max_kurtosis": stats.kurtosis(s.max(0), fisher=False),
        "median_kurtosis": stats.kurtosis(np.median(s, 0), fisher=False),
        "max_to_mean": np.mean(s.max(0) / s.mean(0)),
        "max_to_median": np.mean(s.max(0) / np.median(s, 0)),
        "max_peaks": peaks(s.max(0)),
        "mean_peaks": peaks(s.mean(0)),
        "median_peaks": peaks(np.median(s, 0)),
        "peaks_max_to_mean": peaks(s.max(0)) / peaks(s.mean(0)),
        "peaks_max_to_median": peaks(s.max(0)) / peaks(np.median(s, 0)),
        "centroid_peaks": peaks(centre),
        "frequency_peaks": peaks(top),
        "peaks_centroid_to_frequency": peaks(centre) / peaks(top),
        "frequency_from_centroid": np.mean(np.abs(top - centre)),
        "frequency_from_median": np.mean(np.abs(top - q2)),
        "q2_q1": np.mean(q2 - q1),
        "q3_q2": np.mean(q3 - q2),
        "q3_q1": np.mean(q3 - q1),
    }
    assert {name: found[f"hp_spectrogram_{name}"] for name in expected} == pytest.approx(expected, rel=1e-9)


def test_the_autocorrelation_follows_a_plain_reading() -> None:
    y = np.sin(2 * np.pi * 2 * np.arange(1000) / RATE_HZ) * np.hanning(1000)
    y = y - y.mean()
    found = measure(y)
    c = np.correlate(y, y, "full")[999:]
    assert found["hp_autocorrelation_peaks"] == len(signal.find_peaks(c / c[0], height=1 / 3)[0])
    assert found["hp_autocorrelation_ratio"] == pytest.approx(
        found["hp_autocorrelation_first"] / found["hp_autocorrelation_rest"]
    )
    padded = np.concatenate([c, [0.0], c[:0:-1]])
    e = np.abs(signal.hilbert(padded))[:1000]
    assert found["hp_autocorrelation_first"] == pytest.approx(np.trapezoid(e[:334]) / e.max() / RATE_HZ, rel=1e-6)
    assert found["hp_autocorrelation_rest"] == pytest.approx(np.trapezoid(e[333:]) / e.max() / RATE_HZ, rel=1e-6)


def test_masked_samples_at_the_end_are_as_if_they_were_not_recorded_for_statistics_over_time() -> None:
    x = burst(5)
    longer = np.concatenate([x, np.full(500, 77.0)])[None]
    found = measure(longer, valid=(np.arange(3500) < 3000)[None, None])
    alone = measure(x)
    for name in ("hp_duration", "hp_kurtosis", "hp_skewness", "hp_energy_1_3hz", "hp_kurtosis_10_20hz"):
        assert found[name] == pytest.approx(alone[name], rel=1e-9)


def test_a_window_shorter_than_one_dft_has_no_spectrogram() -> None:
    found = measure(np.random.default_rng(0).standard_normal(150))
    assert np.isnan(found["hp_spectrogram_max_kurtosis"])
    assert np.isfinite(found["hp_dft_centroid"])


def test_the_spectrogram_does_not_depend_on_how_many_windows_are_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.stack([burst(6), burst(7)])[:, None]
    told = {"rate_hz": RATE_HZ, "unit": "1", "components": "Z", "names": ["hibert_provost"]}
    whole = features.table(x, **told)
    for values in (1, 3_000, 100_000):
        monkeypatch.setattr(hibert_provost, "BLOCK_VALUES", values)
        pd.testing.assert_frame_equal(features.table(x, **told), whole, rtol=1e-9)
