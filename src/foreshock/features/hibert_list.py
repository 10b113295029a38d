"""The Hibert/Provost list: names, units, formulas and sources of its 58 single-station attributes. Computes nothing.

Waveform, spectral and pseudo-spectrogram attributes of Provost et al. (2017), table of attributes, as applied before by
Hibert et al. (2014, 2017). The four polarity attributes (rectilinearity, azimuth, dip, planarity) are `rectilinearity`,
`azimuth`, `incidence` (90° less the dip) and `planarity` of the group polarisation. The network attributes (number of
stations, station of the largest amplitude, differences in amplitude and onset between stations) are left out: they
describe several stations at once, a row here is one instrument.

What the papers leave open is settled here: the envelope is the modulus of the analytic signal; the bands are those of
Hibert et al. (2017), the last one open to the Nyquist frequency; nothing is smoothed; "normalised" means divided by the
maximum; the quartiles of a spectrum are the frequencies below which a quarter and three quarters of its sum lie.
"""

from __future__ import annotations

from typing import Final

from foreshock.features.feature import AS_GIVEN, Feature

BANDS_HZ: Final = ((0.1, 1.0), (1.0, 3.0), (3.0, 10.0), (10.0, 20.0), (20.0, float("inf")))
"""Bands of Hibert et al. (2017); one that reaches the Nyquist frequency is a high-pass, one above it has no value."""

_SOURCE = (
    "Provost, Hibert & Malet (2017), doi:10.1002/2016GL070709; "
    "Hibert et al. (2017), doi:10.1016/j.jvolgeores.2017.04.015"
)
_ROCKFALL = f"{_SOURCE}; Hibert et al. (2014), doi:10.1002/2013JF002970"


def _one(name: str, unit: str, sentence: str, formula: str, source: str = _SOURCE) -> Feature:
    return Feature(f"hp_{name}", unit, sentence, formula, source, "hibert_provost")


def band_name(low_hz: float, high_hz: float) -> str:
    """How a band is written in a feature's name.

    >>> band_name(0.1, 1.0), band_name(20.0, float("inf"))
    ('0p1_1hz', '20hz_up')
    """
    low = f"{low_hz:g}".replace(".", "p")
    return f"{low}hz_up" if high_hz == float("inf") else f"{low}_{high_hz:g}hz"


def band_words(low_hz: float, high_hz: float) -> str:
    """A band in words."""
    return f"above {low_hz:g} Hz" if high_hz == float("inf") else f"{low_hz:g}–{high_hz:g} Hz"


WAVEFORM = (
    _one("duration", "s", "Length of the window that counts.", "t_f − t_i", _ROCKFALL),
    _one("envelope_max_to_mean", "1", "Largest envelope over its mean.", "max e / mean e"),
    _one("envelope_max_to_median", "1", "Largest envelope over its median.", "max e / median e"),
    _one("rise_to_decay", "1", "Ascending time over descending time.", "(t_max − t_i)/(t_f − t_max)", _ROCKFALL),
    _one("kurtosis", "1", "Kurtosis of the signal.", "m₄/m₂²", _ROCKFALL),
    _one("envelope_kurtosis", "1", "Kurtosis of the envelope.", "m₄/m₂² of e"),
    _one("skewness", "1", "Skewness of the signal.", "m₃/m₂^1.5"),
    _one("envelope_skewness", "1", "Skewness of the envelope.", "m₃/m₂^1.5 of e"),
    _one(
        "autocorrelation_peaks",
        "1",
        "Peaks of the autocorrelation above a third.",
        "#{maxima of C(τ)/C(0) ≥ 1/3, τ > 0}",
    ),
    _one(
        "autocorrelation_first",
        "s",
        "Envelope of the autocorrelation over the first third.",
        "∫₀^{T/3} |C̃(τ)|/max|C̃| dτ",
    ),
    _one("autocorrelation_rest", "s", "The same over the remaining two thirds.", "∫_{T/3}^{T} |C̃(τ)|/max|C̃| dτ"),
    _one("autocorrelation_ratio", "1", "First third over the rest.", "∫₀^{T/3} / ∫_{T/3}^{T}"),
    *(
        _one(
            f"energy_{band_name(*band)}",
            "log10(as given·s)",
            f"Energy {band_words(*band)}.",
            "log₁₀ ∫|x_f| dt, Butterworth order 4",
        )
        for band in BANDS_HZ
    ),
    *(
        _one(f"kurtosis_{band_name(*band)}", "1", f"Kurtosis of the signal {band_words(*band)}.", "m₄/m₂² of x_f")
        for band in BANDS_HZ
    ),
    _one(
        "decay_line_rms",
        "1",
        "How far the falling envelope is from a straight line to zero at the end.",
        "rms_{t ≥ t_max}(e/max e − (t_f − t)/(t_f − t_max))",
        _ROCKFALL,
    ),
    _one("envelope_max_to_duration", f"{AS_GIVEN}/s", "Largest envelope over the duration.", "max e / T", _ROCKFALL),
)

SPECTRAL = (
    _one("dft_mean", AS_GIVEN, "Mean of the amplitude spectrum.", "mean A(f), A = 2|DFT|/n, f > 0"),
    _one("dft_max", AS_GIVEN, "Maximum of the amplitude spectrum.", "max A"),
    _one("dft_max_frequency", "Hz", "Frequency of the maximum.", "argmax A"),
    _one("dft_centroid", "Hz", "Centroid of the amplitude spectrum.", "Σ f A / Σ A"),
    _one("dft_quartile1", "Hz", "First quartile of the amplitude spectrum.", "least f: Σ_{≤f} A ≥ ¼ ΣA"),
    _one("dft_quartile3", "Hz", "Third quartile of the amplitude spectrum.", "least f: Σ_{≤f} A ≥ ¾ ΣA"),
    _one("dft_median", "1", "Median of the normalised spectrum.", "median A / max A"),
    _one("dft_variance", "1", "Variance of the normalised spectrum.", "var(A / max A)"),
    _one("dft_peaks", "1", "Peaks of the spectrum above three quarters of its maximum.", "#{maxima of A ≥ ¾ max A}"),
    _one("dft_peaks_mean", "1", "Mean height of these peaks in the normalised spectrum.", "mean of A/max A at them"),
    *(
        _one(f"dft_energy_quarter{k}", f"{AS_GIVEN}·Hz", f"Quarter {k} of the spectrum up to Nyquist.", "∫ A df")
        for k in (1, 2, 3, 4)
    ),
    _one("dft_gamma1", "Hz", "Centroid of the power spectrum.", "γ₁ = Σ f A² / Σ A²"),
    _one("dft_gamma2", "Hz", "Radius of gyration of the power spectrum.", "γ₂ = √(Σ f² A² / Σ A²)"),
    _one("dft_gamma_width", "Hz", "Width about the centroid.", "√(γ₂² − γ₁²)"),
)

PSEUDO_SPECTROGRAM = (
    _one("spectrogram_max_kurtosis", "1", "Kurtosis over time of the maximum of each DFT.", "m₄/m₂² of M(t) = max_f S"),
    _one(
        "spectrogram_median_kurtosis",
        "1",
        "Kurtosis over time of the median of each DFT.",
        "m₄/m₂² of D(t) = median_f S",
    ),
    _one("spectrogram_max_to_mean", "1", "Mean ratio of maximum and mean of the DFTs.", "mean_t M/mean_f S"),
    _one("spectrogram_max_to_median", "1", "Mean ratio of maximum and median of the DFTs.", "mean_t M/D"),
    _one("spectrogram_max_peaks", "1", "Peaks over time of the maximum.", "#{maxima of M ≥ ¾ max M}"),
    _one("spectrogram_mean_peaks", "1", "Peaks over time of the mean.", "#{maxima of mean_f S ≥ ¾ of its max}"),
    _one("spectrogram_median_peaks", "1", "Peaks over time of the median.", "#{maxima of D ≥ ¾ max D}"),
    _one("spectrogram_peaks_max_to_mean", "1", "Ratio of these numbers.", "max_peaks / mean_peaks"),
    _one("spectrogram_peaks_max_to_median", "1", "Ratio of these numbers.", "max_peaks / median_peaks"),
    _one(
        "spectrogram_centroid_peaks",
        "1",
        "Peaks over time of the central frequency.",
        "#{maxima of c(t) = ΣfS/ΣS ≥ ¾ max c}",
    ),
    _one(
        "spectrogram_frequency_peaks",
        "1",
        "Peaks over time of the frequency of the maximum.",
        "#{maxima of argmax_f S ≥ ¾ of its max}",
    ),
    _one("spectrogram_peaks_centroid_to_frequency", "1", "Ratio of these numbers.", "centroid_peaks / frequency_peaks"),
    _one(
        "spectrogram_frequency_from_centroid",
        "Hz",
        "Mean distance of maximum and central frequency.",
        "mean_t |argmax_f S − c|",
    ),
    _one(
        "spectrogram_frequency_from_median",
        "Hz",
        "Mean distance of maximum and median frequency.",
        "mean_t |argmax_f S − Q₂|",
    ),
    _one("spectrogram_q2_q1", "Hz", "Mean distance of the first two quartile frequencies.", "mean_t |Q₂ − Q₁|"),
    _one("spectrogram_q3_q2", "Hz", "Mean distance of the last two quartile frequencies.", "mean_t |Q₃ − Q₂|"),
    _one("spectrogram_q3_q1", "Hz", "Mean distance of the outer quartile frequencies.", "mean_t |Q₃ − Q₁|"),
)
