"""Feature table against the same numbers computed trace by trace: SciPy for Hibert/Provost, ObsPy for the rest.

Two comparisons, each on the same seeded windows, in one thread, as interleaved rounds of CPU time:

* ``hibert_provost``: the 58 attributes. The peer is written the way the public implementations of these papers are laid
  out (a function a group, `scipy.stats.kurtosis`, `scipy.signal.hilbert`, `sosfilt`, `stft`, `find_peaks`, one record
  after another), with the same definitions; its filters are designed once, outside the timed loop.
* ``obspy``: PGA, PGV, PGD, STA/LTA, envelope and polarisation by `Trace.integrate`, `Trace.max`,
  `trigger.classic_sta_lta`, `cpxtrace.envelope` and `polarization.flinn`. Windows hold 4096 samples because ObsPy's
  envelope pads to a power of two.

Ours answers the whole batch in one call, theirs takes one trace after another, as both are meant to be used. Before
timing, all values of both sides are compared. Knows no files.

    python benchmarks/features.py --json
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

# the number of threads is fixed before NumPy comes in
import numpy as np
import obspy
import scipy
from obspy.signal import cpxtrace, polarization
from obspy.signal.trigger import classic_sta_lta
from scipy import signal, stats

from foreshock import features
from foreshock.features.hibert_list import BANDS_HZ, band_name

RATE_HZ = 100.0
TARGET = 3.0
TOLERANCE = 1e-6

Row = dict[str, float]


def windows(n_records: int, n_channels: int, n_samples: int, *, seed: int = 0) -> np.ndarray:
    """Noise with a burst that decays, a different one in each window."""
    rng = np.random.default_rng(seed)
    t = np.arange(n_samples) / RATE_HZ
    at, tau = rng.uniform(5, 15, (n_records, 1, 1)), rng.uniform(1, 8, (n_records, 1, 1))
    burst = np.where(t > at, np.exp(-np.maximum(t - at, 0) / tau), 0.0)
    x = rng.standard_normal((n_records, n_channels, n_samples))
    smooth = signal.sosfilt(signal.butter(2, [0.5, 15], "bandpass", fs=RATE_HZ, output="sos"), x)
    return np.asarray(smooth * (0.02 + burst) + 1e-3 * x)


# -- Hibert/Provost, one trace after another ---------------------------------------------------------------------------


def designed() -> list[tuple[str, np.ndarray]]:
    """The five band filters."""
    told = []
    for low, high in BANDS_HZ:
        kind, corner = ("bandpass", (low, high)) if np.isfinite(high) else ("highpass", low)
        told.append((band_name(low, high), signal.butter(4, corner, kind, fs=RATE_HZ, output="sos")))
    return told


def n_high(curve: np.ndarray) -> int:
    """Peaks above three quarters of the maximum."""
    return len(signal.find_peaks(curve, height=0.75 * curve.max())[0])


def waveform_attributes(y: np.ndarray, filters: list[tuple[str, np.ndarray]]) -> Row:
    """Attributes 1 to 24."""
    n, e = len(y), np.abs(signal.hilbert(y))
    top, at, seconds = e.max(), int(e.argmax()), len(y) / RATE_HZ
    line = (n - 1 - np.arange(at, n)) / (n - 1 - at)
    size = scipy.fft.next_fast_len(2 * n, real=True)
    c = scipy.fft.irfft(np.abs(scipy.fft.rfft(y, size)) ** 2, size)
    ce = np.abs(signal.hilbert(c))[:n]
    ce /= ce.max()
    first, rest = np.trapezoid(ce[: n // 3 + 1]) / RATE_HZ, np.trapezoid(ce[n // 3 :]) / RATE_HZ
    row = {
        "duration": seconds,
        "envelope_max_to_mean": top / e.mean(),
        "envelope_max_to_median": top / np.median(e),
        "rise_to_decay": at / (n - 1 - at),
        "kurtosis": stats.kurtosis(y, fisher=False),
        "envelope_kurtosis": stats.kurtosis(e, fisher=False),
        "skewness": stats.skew(y),
        "envelope_skewness": stats.skew(e),
        "autocorrelation_peaks": len(signal.find_peaks(c[:n] / c[0], height=1 / 3)[0]),
        "autocorrelation_first": first,
        "autocorrelation_rest": rest,
        "autocorrelation_ratio": first / rest,
        "decay_line_rms": np.sqrt(np.mean((e[at:] / top - line) ** 2)),
        "envelope_max_to_duration": top / seconds,
    }
    for name, sos in filters:
        z = signal.sosfilt(sos, y)
        row[f"energy_{name}"] = np.log10(np.sum(np.abs(z)) / RATE_HZ)
        row[f"kurtosis_{name}"] = stats.kurtosis(z, fisher=False)
    return row


def spectral_attributes(y: np.ndarray) -> Row:
    """Attributes 25 to 41."""
    n = len(y)
    a, f = np.abs(np.fft.rfft(y))[1:] * 2 / n, np.fft.rfftfreq(n, 1 / RATE_HZ)[1:]
    share, grown, power = a / a.max(), np.cumsum(a), a**2
    tops, heights = signal.find_peaks(share, height=0.75)
    gamma1, gamma2 = np.sum(f * power) / power.sum(), np.sqrt(np.sum(f**2 * power) / power.sum())
    quarter = np.minimum((4 * f / (RATE_HZ / 2)).astype(int), 3)
    return {
        "dft_mean": a.mean(),
        "dft_max": a.max(),
        "dft_max_frequency": f[a.argmax()],
        "dft_centroid": np.sum(f * a) / a.sum(),
        "dft_quartile1": f[np.searchsorted(grown, 0.25 * grown[-1])],
        "dft_quartile3": f[np.searchsorted(grown, 0.75 * grown[-1])],
        "dft_median": np.median(share),
        "dft_variance": np.var(share),
        "dft_peaks": len(tops),
        "dft_peaks_mean": heights["peak_heights"].mean() if len(tops) else np.nan,
        "dft_gamma1": gamma1,
        "dft_gamma2": gamma2,
        "dft_gamma_width": np.sqrt(gamma2**2 - gamma1**2),
    } | {f"dft_energy_quarter{k + 1}": a[quarter == k].sum() * f[0] for k in range(4)}


def spectrogram_attributes(y: np.ndarray) -> Row:
    """Attributes 42 to 58."""
    n = int(2 * RATE_HZ)
    f, _, z = signal.stft(
        y, RATE_HZ, "hann", nperseg=n, noverlap=n - n // 10, boundary=None, padded=False, scaling="spectrum"
    )
    s = 2 * np.abs(z)
    high, middle, average = s.max(0), np.median(s, axis=0), s.mean(0)
    centre, where, grown = f @ s / s.sum(0), f[s.argmax(0)], np.cumsum(s, axis=0)
    q1, q2, q3 = (f[np.argmax(grown >= share * grown[-1], axis=0)] for share in (0.25, 0.5, 0.75))
    peaks = [n_high(curve) for curve in (high, average, middle, centre, where)]
    ratios = [peaks[a] / peaks[b] if peaks[b] else np.nan for a, b in ((0, 1), (0, 2), (3, 4))]
    return {
        "spectrogram_max_kurtosis": stats.kurtosis(high, fisher=False),
        "spectrogram_median_kurtosis": stats.kurtosis(middle, fisher=False),
        "spectrogram_max_to_mean": np.mean(high / average),
        "spectrogram_max_to_median": np.mean(high / middle),
        "spectrogram_max_peaks": peaks[0],
        "spectrogram_mean_peaks": peaks[1],
        "spectrogram_median_peaks": peaks[2],
        "spectrogram_peaks_max_to_mean": ratios[0],
        "spectrogram_peaks_max_to_median": ratios[1],
        "spectrogram_centroid_peaks": peaks[3],
        "spectrogram_frequency_peaks": peaks[4],
        "spectrogram_peaks_centroid_to_frequency": ratios[2],
        "spectrogram_frequency_from_centroid": np.mean(np.abs(where - centre)),
        "spectrogram_frequency_from_median": np.mean(np.abs(where - q2)),
        "spectrogram_q2_q1": np.mean(np.abs(q2 - q1)),
        "spectrogram_q3_q2": np.mean(np.abs(q3 - q2)),
        "spectrogram_q3_q1": np.mean(np.abs(q3 - q1)),
    }


def hibert_provost_peer(x: np.ndarray, filters: list[tuple[str, np.ndarray]]) -> list[Row]:
    """All attributes, record by record."""
    rows = []
    for record in x:
        y = record[0] - record[0].mean()
        row = waveform_attributes(y, filters) | spectral_attributes(y) | spectrogram_attributes(y)
        rows.append({f"hp_{name}": value for name, value in row.items()})
    return rows


# -- ObsPy, one stream after another -----------------------------------------------------------------------------------

OBSPY_NAMES = (
    "pga", "pgv", "pgd", "sta_lta_max", "sta_lta_mean", "envelope_max_to_mean",
    "linearity_flinn", "planarity", "azimuth", "incidence",
)  # fmt: skip


def obspy_peer(streams: list[obspy.Stream]) -> list[Row]:
    """The features that ObsPy has functions for."""
    return [_of_stream(stream) for stream in streams]


def _of_stream(stream: obspy.Stream) -> Row:
    row: Row = {}
    for trace in stream:
        letter, moved = trace.stats.channel[-1], trace.copy()
        row[f"pga_{letter}"] = abs(trace.max())
        row[f"pgv_{letter}"] = abs(moved.integrate().max())
        row[f"pgd_{letter}"] = abs(moved.integrate().max())
        curve = classic_sta_lta(trace.data, int(0.5 * RATE_HZ), int(10 * RATE_HZ))[int(10 * RATE_HZ) - 1 :]
        row[f"sta_lta_max_{letter}"], row[f"sta_lta_mean_{letter}"] = curve.max(), curve.mean()
        _, envelope = cpxtrace.envelope(trace.data)
        row[f"envelope_max_to_mean_{letter}"] = envelope.max() / envelope.mean()
    azimuth, incidence, linearity, planarity = polarization.flinn([trace.data for trace in stream])
    return row | {
        "azimuth": azimuth % 180, "incidence": incidence, "linearity_flinn": linearity, "planarity": planarity
    }  # fmt: skip


# -- the comparison ----------------------------------------------------------------------------------------------------


def largest_difference(ours: Any, theirs: list[Row]) -> float:
    """Largest |a − b| / max(|a|, |b|, 1e-12) over all values; a NaN on one side only counts as infinite."""
    names = list(theirs[0])
    a, b = ours[names].to_numpy(float), np.array([[row[name] for name in names] for row in theirs], float)
    if (np.isnan(a) != np.isnan(b)).any():
        return float("inf")
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-12)
    return float(np.nanmax(np.abs(a - b) / scale))


def compare(
    ours: Callable[[], Any], theirs: Callable[[], list[Row]], *, name: str, rounds: int
) -> tuple[list[fair.Figure], float]:
    """Compare the values, then time both sides; give records per CPU-second, their ratio and the difference."""
    difference = largest_difference(ours(), theirs())
    sides = {"ours": lambda: len(ours()), "theirs": lambda: len(theirs())}
    rates = fair.interleaved(sides, rounds=rounds)
    figures = [fair.figure(f"{name}, {side}", values, "records/CPU-s") for side, values in rates.items()]
    ratio = fair.ratios(rates["ours"], rates["theirs"])
    return [*figures, fair.figure(f"{name}, ours / theirs", ratio, "×", at_least=TARGET)], difference


def run(*, n_records: int, rounds: int) -> tuple[list[fair.Figure], dict[str, float]]:
    """Both comparisons."""
    x, filters = windows(n_records, 1, 6000), designed()
    told, differences = [], {}
    figures, differences["hibert_provost"] = compare(
        lambda: features.table(x, rate_hz=RATE_HZ, unit="m/s", components="Z", names=["hibert_provost"]),
        lambda: hibert_provost_peer(x, filters),
        name="Hibert/Provost, 58 attributes",
        rounds=rounds,
    )
    told += figures
    y = windows(n_records, 3, 4096)
    y -= y.mean(-1, keepdims=True)
    header = {"sampling_rate": RATE_HZ}
    streams = [
        obspy.Stream(
            [obspy.Trace(row.copy(), header | {"channel": f"HN{c}"}) for row, c in zip(one, "ZNE", strict=True)]
        )
        for one in y
    ]

    def ours() -> Any:
        found = features.table(y, rate_hz=RATE_HZ, unit="m/s2", names=OBSPY_NAMES)
        found["azimuth"] %= 180
        return found

    figures, differences["obspy"] = compare(ours, lambda: obspy_peer(streams), name="ObsPy subset", rounds=rounds)
    return told + figures, differences


def main() -> int:
    """Measure and tell."""
    asked = fair.parser(__doc__, records=60).parse_args()
    figures, differences = run(n_records=asked.records, rounds=asked.rounds)
    return fair.tell(
        "features",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "numpy", "scipy", "obspy"),
        equal=max(differences.values()) < TOLERANCE,
        checked=f"all values of both sides agree to {TOLERANCE:g}, relative",
        records=asked.records,
        largest_relative_difference=differences,
    )


if __name__ == "__main__":
    sys.exit(main())
