"""Onsets found again in the samples, to compare labels with. Knows no files.

Akaike's criterion on the samples themselves: N. Maeda (1985), A method for reading and checking phase times in
autoprocessing system of seismic wave data, Zisin 38, 365-379, doi:10.4294/zisin1948.38.3_365.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from foreshock.types.arrays import AnyArray, Float64

REACH_S = 3.0
"""Seconds before and after a label in which the onset is looked for."""
CLEAR = 3.0
"""Least ratio of amplitudes after and before a found onset for it to count."""


def maeda_onset(x: AnyArray) -> tuple[Float64, Float64]:
    """Find the sample that splits each row best into quiet and loud, with the ratio of the amplitudes, (row,) each.

    AIC(k) = k·log var x[:k] + (n−k)·log var x[k:]; the onset is where it is least. Rows that do not move give NaN.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(1, 400)) * np.where(np.arange(400) < 250, 1, 20)
    >>> int(maeda_onset(x)[0][0])
    250
    """
    rows, n = x.shape
    if n < 20:
        return np.full(rows, np.nan), np.full(rows, np.nan)
    x = np.asarray(x, np.float64)
    k = np.arange(5, n - 5)
    total, square = np.cumsum(x, -1), np.cumsum(x * x, -1)
    before = _variance(total[:, k - 1], square[:, k - 1], k)
    after = _variance(total[:, -1:] - total[:, k - 1], square[:, -1:] - square[:, k - 1], n - k)
    floor = np.maximum(square[:, -1:] / n * 1e-9, 1e-300)
    aic = k * np.log(np.maximum(before, floor)) + (n - k) * np.log(np.maximum(after, floor))
    best = aic.argmin(-1)
    ratio = np.sqrt(_at(after, best) / np.maximum(_at(before, best), floor[:, 0]))
    moving = x.min(-1) < x.max(-1)
    return np.where(moving, k[best].astype(float), np.nan), np.where(moving, ratio, np.nan)


def _variance(total: Float64, square: Float64, count: AnyArray) -> Float64:
    return np.maximum(square / count - (total / count) ** 2, 0)


def _at(values: Float64, index: AnyArray) -> Float64:
    return np.take_along_axis(values, index[:, None], -1)[:, 0]


def label_residuals(x: AnyArray, label: AnyArray, *, rate_hz: float, until: AnyArray | None = None) -> Float64:
    """Give label minus onset in seconds for each trace, NaN where no clear onset is found.

    Args:
        x: one channel a trace, (trace, time).
        label: sample of the labelled arrival, (trace,), NaN where there is none.
        rate_hz: samples per second.
        until: sample that the window must not pass (S, when P is looked for), (trace,).
    """
    reach = round(REACH_S * rate_hz)
    sos = butter(2, min(1.0, 0.2 * rate_hz), "highpass", fs=rate_hz, output="sos")
    out = np.full(len(x), np.nan)
    usable = np.isfinite(label) & (label - 2 * reach >= 0) & (label + reach < x.shape[-1])
    ends = np.full(len(x), np.inf) if until is None else np.where(np.isfinite(until), until, np.inf)
    for k in np.flatnonzero(usable):
        at = int(label[k])
        end = int(min(at + reach, max(ends[k], at + 0.3 * reach)))
        piece = np.asarray(x[k, at - 2 * reach : end], np.float64)
        filtered = sosfilt(sos, piece - piece[: reach // 2].mean())[reach:]
        onset, ratio = maeda_onset(filtered[None])
        if ratio[0] >= CLEAR:
            out[k] = (label[k] - (at - reach + onset[0])) / rate_hz
    return out
