"""Attributes of Hibert and Provost of one trace an instrument, for whole batches. Knows nothing about their meaning.

Names, formulas and sources stand in `hibert_list`. The trace is the vertical one, or the first where there is none,
less its mean; masked samples are zero in filters and transforms and left out of statistics over time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from scipy import fft, signal

from foreshock.features.feature import Feature
from foreshock.features.hibert_list import BANDS_HZ, PSEUDO_SPECTROGRAM, SPECTRAL, WAVEFORM, band_name
from foreshock.features.layout import Layout
from foreshock.features.masked import Mask, centred, count, largest, mean, median, ratio, root, shape_of, total
from foreshock.features.peaks import n_peaks, peak_marks
from foreshock.features.shape import envelope
from foreshock.prepare.filters import butterworth_sos
from foreshock.types.arrays import Float64, frozen

FILTER_ORDER: Final = 4
AUTOCORRELATION_HEIGHT: Final = 1 / 3
PEAK_HEIGHT: Final = 0.75
SPECTROGRAM_WINDOW_S: Final = 2.0
SPECTROGRAM_STEP: Final = 0.1
"""Length of the Hann window of the pseudo-spectrogram and how far it moves, in windows (90 % overlap)."""

BLOCK_VALUES: Final = 1_000_000
"""Samples under the windows of the pseudo-spectrogram at once: a day of record must not fill the memory."""

Found = dict[str, Float64]


def measure_waveform(x: Float64, valid: Mask, layout: Layout) -> Found:
    """Attributes 1 to 24 of windows (…, channel, time)."""
    y, held = _trace(x, valid, layout)
    if y.shape[-1] < 2:
        return _nothing(WAVEFORM, y)
    found = _envelope(y, held, layout) | _autocorrelation(y, layout) | _bands(y, held, layout)
    found["hp_skewness"], found["hp_kurtosis"] = shape_of(y, held)
    return found


def measure_spectrum(x: Float64, valid: Mask, layout: Layout) -> Found:
    """Attributes 25 to 41 of windows (…, channel, time)."""
    y, held = _trace(x, valid, layout)
    n = y.shape[-1]
    if n < 2:
        return _nothing(SPECTRAL, y)
    f = fft.rfftfreq(n, layout.interval_s)[1:]
    a = np.abs(fft.rfft(y, axis=-1)[..., 1:]) * (2.0 / n)
    a[~y.any(-1)] = 0.0
    a[count(y, held) == 0] = np.nan
    top = a.max(-1)
    sounds = top > 0
    share = ratio(a, top[..., None])
    found = {
        "dft_mean": a.mean(-1),
        "dft_max": top,
        "dft_max_frequency": np.where(sounds, f[a.argmax(-1)], np.nan),
        "dft_median": median(share, None),
        "dft_variance": share.var(-1),
    }
    return {f"hp_{name}": value for name, value in (found | _quarters(f, a, layout) | _places(f, a, share)).items()}


def measure_spectrogram(x: Float64, valid: Mask, layout: Layout) -> Found:
    """Attributes 42 to 58 of windows (…, channel, time); NaN for a window shorter than one DFT."""
    y, held = _trace(x, valid, layout)
    n = layout.samples(SPECTROGRAM_WINDOW_S)
    if y.shape[-1] < n or n < 4:
        return _nothing(PSEUDO_SPECTROGRAM, y)
    step = max(1, round(n * SPECTROGRAM_STEP))
    curves = _curves(y, n, step, layout)
    middle = np.arange(curves["max"].shape[-1]) * step + n // 2
    kept = curves["mean"] > 0 if held is None else (curves["mean"] > 0) & held[..., middle]
    found = _over_time(curves, None if kept.all() else kept)
    return {f"hp_spectrogram_{name}": value for name, value in found.items()}


FEATURES: Final[tuple[Feature, ...]] = (*WAVEFORM, *SPECTRAL, *PSEUDO_SPECTROGRAM)


def _trace(x: Float64, valid: Mask, layout: Layout) -> tuple[Float64, Mask]:
    row = x[..., layout.vertical, :]
    held = None if valid is None else valid[..., layout.vertical, :]
    y = centred(row, held)
    if row.shape[-1]:
        rounding = 4 * np.finfo(float).eps * np.abs(row).max(-1, keepdims=True)
        y[np.broadcast_to((np.abs(y).max(-1, keepdims=True) <= rounding), y.shape)] = 0.0
    return y, held


def _nothing(features: tuple[Feature, ...], y: Float64) -> Found:
    return {one.name: np.full(y.shape[:-1], np.nan) for one in features}


# -- waveform ----------------------------------------------------------------------------------------------------------


def _envelope(y: Float64, held: Mask, layout: Layout) -> Found:
    e = envelope(y) if held is None else np.where(held, envelope(y), 0.0)
    top, at, n = largest(e, held), e.argmax(-1), e.shape[-1]
    sounds = top > 0
    seconds = count(e, held) * layout.interval_s
    skewness, kurtosis = shape_of(e, held)
    found = {
        "duration": np.where(seconds > 0, seconds, np.nan),
        "envelope_max_to_mean": ratio(top, mean(e, held)),
        "envelope_max_to_median": ratio(top, median(e, held)),
        "rise_to_decay": np.where(sounds, ratio(at, n - 1 - at), np.nan),
        "envelope_skewness": skewness,
        "envelope_kurtosis": kurtosis,
        "decay_line_rms": np.where(sounds, _line_rms(e, held, top, at), np.nan),
        "envelope_max_to_duration": ratio(top, seconds),
    }
    return {f"hp_{name}": value for name, value in found.items()}


def _line_rms(e: Float64, held: Mask, top: Float64, at: Float64) -> Float64:
    """RMS of the normalised envelope after its maximum about the line that falls from 1 to 0 at the last sample (…)."""
    n = e.shape[-1]
    t = np.arange(n)
    line = ratio(n - 1 - t, (n - 1 - at)[..., None])
    after = t >= at[..., None]
    after &= True if held is None else held
    miss = np.where(after, ratio(e, top[..., None]) - np.nan_to_num(line), 0.0)
    return np.where(at < n - 1, root(ratio(np.einsum("...t,...t->...", miss, miss), after.sum(-1))), np.nan)


def _autocorrelation(y: Float64, layout: Layout) -> Found:
    n = y.shape[-1]
    size = fft.next_fast_len(2 * n, real=True)
    spectrum = fft.rfft(y, size, axis=-1)
    power = spectrum.real**2 + spectrum.imag**2
    c = fft.irfft(power, size, axis=-1)[..., :n]
    turned = fft.irfft(power * -1j, size, axis=-1)[..., :n]
    e = np.sqrt(c * c + turned * turned)
    e = ratio(e, e.max(-1, keepdims=True))
    third = n // 3
    first, rest = (_trapezoid(part) * layout.interval_s for part in (e[..., : third + 1], e[..., third:]))
    peaks = n_peaks(np.nan_to_num(ratio(c, c[..., :1])), height=AUTOCORRELATION_HEIGHT)
    return {
        "hp_autocorrelation_peaks": np.where(c[..., 0] > 0, peaks, np.nan),
        "hp_autocorrelation_first": first,
        "hp_autocorrelation_rest": rest,
        "hp_autocorrelation_ratio": ratio(first, rest),
    }


def _trapezoid(e: Float64) -> Float64:
    return np.asarray(e.sum(-1) - 0.5 * (e[..., 0] + e[..., -1]))


def _bands(y: Float64, held: Mask, layout: Layout) -> Found:
    found = {}
    for low, high in BANDS_HZ:
        name = band_name(low, high)
        passed = _band(y, low, high, layout.rate_hz)
        found[f"hp_energy_{name}"], found[f"hp_kurtosis_{name}"] = _nothing_of(y), _nothing_of(y)
        if passed is not None:
            area = total(np.abs(passed), held) * layout.interval_s
            np.log10(area, out=found[f"hp_energy_{name}"], where=area > 0)
            found[f"hp_kurtosis_{name}"] = shape_of(passed, held)[1]
    return found


def _band(y: Float64, low: float, high: float, rate_hz: float) -> Float64 | None:
    """The trace in a band, causally filtered; None where the band lies above the Nyquist frequency."""
    if low >= rate_hz / 2:
        return None
    return np.asarray(signal.sosfilt(_sections(low, high, rate_hz).copy(), y, axis=-1))


@lru_cache(maxsize=64)
def _sections(low: float, high: float, rate_hz: float) -> Float64:
    kind, corners = ("bandpass", (low, high)) if high < rate_hz / 2 else ("highpass", (low,))
    return frozen(butterworth_sos(kind, corners, order=FILTER_ORDER, rate_hz=rate_hz), np.float64)  # shared: read-only


def _nothing_of(y: Float64) -> Float64:
    return np.full(y.shape[:-1], np.nan)


# -- spectrum ----------------------------------------------------------------------------------------------------------


def _quarters(f: Float64, a: Float64, layout: Layout) -> Found:
    nyquist, width = layout.rate_hz / 2, f[0]
    quarter = np.minimum((4 * f / nyquist).astype(int), 3)
    return {f"dft_energy_quarter{k + 1}": a[..., quarter == k].sum(-1) * width for k in range(4)}


def _places(f: Float64, a: Float64, share: Float64) -> Found:
    """Centroids, quartiles and peaks along the frequency."""
    amplitudes = a @ np.stack([np.ones_like(f), f], -1)
    m0, m1, m2 = np.moveaxis((a * a) @ np.stack([np.ones_like(f), f, f * f], -1), -1, 0)
    gamma1, gamma2 = ratio(m1, m0), root(ratio(m2, m0))
    marks = peak_marks(np.nan_to_num(share), height=PEAK_HEIGHT)
    quartiles = np.where(m0[..., None] > 0, _quartiles(f, a), np.nan)
    return {
        "dft_centroid": ratio(amplitudes[..., 1], amplitudes[..., 0]),
        "dft_quartile1": quartiles[..., 0],
        "dft_quartile3": quartiles[..., 2],
        "dft_peaks": np.where(m0 > 0, marks.sum(-1), np.nan),
        "dft_peaks_mean": ratio(np.where(marks, share, 0.0).sum(-1), marks.sum(-1)),
        "dft_gamma1": gamma1,
        "dft_gamma2": gamma2,
        "dft_gamma_width": root(np.maximum(gamma2**2 - gamma1**2, 0.0)),
    }


def _quartiles(f: Float64, s: Float64) -> Float64:
    """Frequencies below which a quarter, a half and three quarters of a spectrum (…, frequency) lie (…, 3)."""
    grown = np.cumsum(s, -1)
    wanted = grown[..., -1:] * np.array([0.25, 0.5, 0.75])
    at = np.stack([(grown < wanted[..., k : k + 1]).sum(-1) for k in range(3)], -1)
    return np.asarray(f[np.minimum(at, len(f) - 1)])


# -- pseudo-spectrogram ------------------------------------------------------------------------------------------------


def short_spectra(y: Float64, n: int, step: int) -> Float64:
    """Amplitudes of windowed DFTs (…, window, frequency)."""
    pieces = np.lib.stride_tricks.sliding_window_view(y, n, axis=-1)[..., ::step, :]
    windowed = pieces * (signal.windows.hann(n, sym=False) * (2.0 / n))
    return np.asarray(np.abs(fft.rfft(windowed, axis=-1, overwrite_x=True)))


def _curves(y: Float64, n: int, step: int, layout: Layout) -> Found:
    """Heights and frequencies of the DFTs over time (…, window), some windows at a time."""
    f = fft.rfftfreq(n, layout.interval_s)
    n_windows = (y.shape[-1] - n) // step + 1
    size = max(1, BLOCK_VALUES // (n * max(1, y[..., 0].size)))
    parts = [
        _curves_of(short_spectra(y[..., first * step : (min(first + size, n_windows) - 1) * step + n], n, step), f)
        for first in range(0, n_windows, size)
    ]
    return {name: np.concatenate([part[name] for part in parts], -1) for name in parts[0]}


def _curves_of(s: Float64, f: Float64) -> Found:
    sums = s @ np.stack([np.ones_like(f), f], -1)
    where = s.argmax(-1)
    q1, q2, q3 = np.moveaxis(_quartiles(f, s), -1, 0)
    return {
        "max": np.take_along_axis(s, where[..., None], -1)[..., 0],
        "mean": sums[..., 0] / len(f),
        "median": median(s, None),
        "centroid": np.nan_to_num(ratio(sums[..., 1], sums[..., 0])),
        "frequency": f[where],
        "q1": q1,
        "q2": q2,
        "q3": q3,
    }


def _over_time(curves: Found, kept: Mask) -> Found:
    """What the heights and frequencies of the DFTs do over time (…)."""
    high, centre, where, q2 = (curves[name] for name in ("max", "centroid", "frequency", "q2"))
    peaks = {name: _n_high(curves[name], kept) for name in ("max", "mean", "median", "centroid", "frequency")}
    return {
        "max_kurtosis": shape_of(high, kept)[1],
        "median_kurtosis": shape_of(curves["median"], kept)[1],
        "max_to_mean": mean(np.nan_to_num(ratio(high, curves["mean"])), kept),
        "max_to_median": mean(np.nan_to_num(ratio(high, curves["median"])), kept),
        **{f"{name}_peaks": number for name, number in peaks.items()},
        "peaks_max_to_mean": ratio(peaks["max"], peaks["mean"]),
        "peaks_max_to_median": ratio(peaks["max"], peaks["median"]),
        "peaks_centroid_to_frequency": ratio(peaks["centroid"], peaks["frequency"]),
        "frequency_from_centroid": mean(np.abs(where - centre), kept),
        "frequency_from_median": mean(np.abs(where - q2), kept),
        "q2_q1": mean(np.abs(q2 - curves["q1"]), kept),
        "q3_q2": mean(np.abs(curves["q3"] - q2), kept),
        "q3_q1": mean(np.abs(curves["q3"] - curves["q1"]), kept),
    }


def _n_high(curve: Float64, kept: Mask) -> Float64:
    """Peaks above three quarters of the curve's maximum (…); NaN where nothing is kept."""
    held = curve if kept is None else np.where(kept, curve, 0.0)
    top = largest(curve, kept)
    peaks = n_peaks(held, height=PEAK_HEIGHT * np.nan_to_num(top)[..., None])
    return np.where(np.isnan(top), np.nan, peaks.astype(np.float64))
