"""Shape: how samples are distributed, how their envelope rises and falls, how they stand out of what came before.

Knows nothing about units. The envelope is the modulus of the analytic signal of the window less its mean.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import fft

from foreshock.features.accumulate import Crossings, Moments, StaLta
from foreshock.features.feature import Feature
from foreshock.features.layout import Layout
from foreshock.features.masked import Mask, centred, largest, mean, ratio
from foreshock.types.arrays import Bools, Float64

SHORT_WINDOW_S: Final = 0.5
LONG_WINDOW_S: Final = 10.0
"""Windows of the STA/LTA; a record shorter than the long one has none."""

ENVELOPE_FOOT: Final = 0.1
"""Rise begins and decay ends where the envelope passes this share of its maximum."""

_STA_LTA = "Allen (1978), doi:10.1785/BSSA0680051521"
_ENVELOPE = "analytic signal: Taner, Koehler & Sheriff (1979), doi:10.1190/1.1440994"

MOMENTS = (
    Feature("mean", "as given", "Mean.", "Σx/n", "definition", "shape", "component"),
    Feature(
        "skewness",
        "1",
        "Skewness of the samples; 0 when symmetric.",
        "m₃/m₂^1.5",
        "standardised third moment",
        "shape",
        "component",
    ),
    Feature(
        "kurtosis",
        "1",
        "Kurtosis of the samples; 3 for normal noise, 1.5 for a sine.",
        "m₄/m₂²",
        "standardised fourth moment",
        "shape",
        "component",
    ),
)

CROSSINGS = (
    Feature(
        "zero_crossing_rate",
        "Hz",
        "Changes of sign a second; twice the frequency of a sine.",
        "#{x_i ≥ 0 ≠ x_{i−1} ≥ 0} / ((n−1)Δt)",
        "Rice (1944), doi:10.1002/j.1538-7305.1944.tb00874.x",
        "frequency",
        "component",
    ),
)

STA_LTA = (
    Feature(
        "sta_lta_max",
        "1",
        "Largest ratio of the mean square over 0.5 s to that over 10 s, both ending at the same sample.",
        "max_i (Σ_S x²/n_S) / (Σ_L x²/n_L)",
        _STA_LTA,
        "shape",
        "component",
    ),
    Feature(
        "sta_lta_mean",
        "1",
        "Mean of that ratio where it is defined.",
        "mean_i STA_i/LTA_i",
        _STA_LTA,
        "shape",
        "component",
    ),
    Feature(
        "sta_lta_time",
        "s",
        "Time of its maximum after the first sample.",
        "argmax_i STA_i/LTA_i · Δt",
        _STA_LTA,
        "shape",
        "component",
    ),
)

ENVELOPE = (
    Feature(
        "envelope_max_to_mean",
        "1",
        "Largest envelope over its mean.",
        "max e / mean e",
        _ENVELOPE,
        "shape",
        "component",
    ),
    Feature(
        "envelope_rise_time",
        "s",
        "From the first sample above a tenth of the largest envelope to the largest.",
        "t(max e) − min{t: e ≥ 0.1 max e}",
        _ENVELOPE,
        "shape",
        "component",
    ),
    Feature(
        "envelope_decay_time",
        "s",
        "From the largest envelope to the last sample above a tenth of it.",
        "max{t: e ≥ 0.1 max e} − t(max e)",
        _ENVELOPE,
        "shape",
        "component",
    ),
    Feature(
        "envelope_decay_rate",
        "1/s",
        "Rate of the exponential that fits the envelope over its decay time; 1/τ for exp(−t/τ).",
        "−slope of the least-squares line through ln e(t)",
        _ENVELOPE,
        "shape",
        "component",
    ),
)


class Distribution(Moments):
    """Mean, skewness and kurtosis of samples that come in chunks (…, channel, time)."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()

    def values(self) -> dict[str, Float64]:
        """The features so far."""
        return {"mean": self.mean, "skewness": self.skewness, "kurtosis": self.kurtosis}


class ZeroCrossings(Crossings):
    """Zero crossings of samples that come in chunks (…, channel, time)."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.rate_hz = layout.rate_hz

    def values(self) -> dict[str, Float64]:
        """The feature so far."""
        return {"zero_crossing_rate": self.share * self.rate_hz}


class Prominence(StaLta):
    """STA/LTA of samples that come in chunks (…, channel, time)."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout.samples(SHORT_WINDOW_S), layout.samples(LONG_WINDOW_S))
        self.interval_s = layout.interval_s

    def values(self) -> dict[str, Float64]:
        """The features so far; before any chunk there are none."""
        if self.top is None or self.at is None:
            return {}
        return {"sta_lta_max": self.top, "sta_lta_mean": self.average, "sta_lta_time": self.at * self.interval_s}


def envelope(y: Float64) -> Float64:
    """The modulus of the analytic signal of windows without mean (…, time)."""
    n = y.shape[-1]
    if n < 2:
        return np.abs(y)
    turned = fft.irfft(fft.rfft(y, axis=-1) * -1j, n, axis=-1)
    turned *= turned
    turned += y * y
    return np.asarray(np.sqrt(turned, out=turned))


def measure_envelope(x: Float64, valid: Mask, layout: Layout) -> dict[str, Float64]:
    """Rise, fall and peakedness of the envelope of windows (…, channel, time)."""
    e = envelope(centred(x, valid))
    if e.shape[-1] < 2:
        return {one.name: np.full(x.shape[:-1], np.nan) for one in ENVELOPE}
    held = e if valid is None else np.where(valid, e, 0.0)
    top = np.nan_to_num(largest(held, None))
    level = np.abs(x).max(-1) * np.finfo(float).eps * x.shape[-1]
    sounds = top > level
    at = held.argmax(-1)
    high = held >= np.where(sounds, ENVELOPE_FOOT * top, np.inf)[..., None]
    first, last = high.argmax(-1), e.shape[-1] - 1 - high[..., ::-1].argmax(-1)
    return {
        "envelope_max_to_mean": np.where(sounds, ratio(top, mean(e, valid)), np.nan),
        "envelope_rise_time": np.where(sounds, (at - first) * layout.interval_s, np.nan),
        "envelope_decay_time": np.where(sounds, (last - at) * layout.interval_s, np.nan),
        "envelope_decay_rate": np.where(sounds, -_log_slope(held, at, last) * layout.rate_hz, np.nan),
    }


def _log_slope(e: Float64, first: Float64, last: Float64) -> Float64:
    """Slope a sample of the least-squares line through ln e between two samples (…); NaN for fewer than three."""
    t = np.arange(e.shape[-1], dtype=np.float64)
    within: Bools = (t >= first[..., None]) & (t <= last[..., None]) & (e > 0)
    logs = np.zeros_like(e)
    np.log(e, out=logs, where=within)
    n = within.sum(-1)
    middle_t = ratio((within * t).sum(-1), n)[..., None]
    d = np.where(within, t - middle_t, 0.0)
    return np.where(n > 2, ratio(np.einsum("...t,...t->...", d, logs), np.einsum("...t,...t->...", d, d)), np.nan)
