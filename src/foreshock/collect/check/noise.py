"""Power of ground noise by period, beside Peterson's models. Knows no files and draws nothing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.signal import welch

from foreshock.collect.check.defects import Tally
from foreshock.collect.check.report import NoiseLevel
from foreshock.collect.peterson import nhnm_db, nlnm_db
from foreshock.types.arrays import AnyArray, Float64
from foreshock.units import GROUND_MOTION_ORDER

BANDS_PER_OCTAVE = 4
SEGMENT_S = 20.0
LEAST_SPAN_S = 5.0
TOLERANCE_DB = 3.0
COMPARED_PERIOD_S = (0.1, 20.0)


def power_db(x: AnyArray, *, rate_hz: float, unit: str) -> tuple[Float64, Float64]:
    """Give periods (s, rising) and the power density of each row in dB, (row, period), in quarter-octave bands.

    In m, m/s and m/s² the density is that of acceleration, relative to 1 (m/s²)²/Hz; in any other unit it is that of
    the samples themselves. Welch's method (doi:10.1109/TAU.1967.1161901), 20 s segments or what there is.

    Args:
        x: (row, time), without gaps.
        rate_hz: samples per second.
        unit: of the samples.
    """
    count = min(x.shape[-1], round(SEGMENT_S * rate_hz))
    frequency, density = welch(np.asarray(x, np.float64), fs=rate_hz, nperseg=count, detrend="linear", axis=-1)
    frequency, density = frequency[1:], density[:, 1:]
    order = GROUND_MOTION_ORDER.get(unit)
    if order is not None:
        density = density * (2 * np.pi * frequency) ** (2 * (2 - order))
    keep = (frequency >= 2 * rate_hz / count) & (frequency <= 0.4 * rate_hz)
    return _banded(frequency[keep], density[:, keep])


def _banded(frequency: Float64, density: Float64) -> tuple[Float64, Float64]:
    if not frequency.size:
        return np.empty(0), np.empty((len(density), 0))
    band = np.floor(BANDS_PER_OCTAVE * np.log2(frequency) + 0.5).astype(int)
    names = np.unique(band)[::-1]
    mean = np.stack([density[:, band == name].mean(-1) for name in names], axis=-1)
    with np.errstate(divide="ignore"):
        level = 10 * np.log10(mean)
    return 2.0 ** (-names / BANDS_PER_OCTAVE), np.maximum(level, -400.0)


def noise_level(label: str, pieces: Iterable[AnyArray], *, rate_hz: float, unit: str) -> NoiseLevel | None:
    """Give the noise of one channel from pieces of it, or None where there is less than 5 s at a time."""
    levels: list[Float64] = []
    periods: Float64 = np.empty(0)
    for piece in pieces:
        if len(piece) < LEAST_SPAN_S * rate_hz or not np.isfinite(piece).all() or piece.min() == piece.max():
            continue
        found, level = power_db(piece[None], rate_hz=rate_hz, unit=unit)
        if not levels or len(found) == len(periods):
            periods = found
            levels.append(level[0])
    if not levels or not periods.size:
        return None
    low, median, high = np.percentile(np.stack(levels), [10, 50, 90], axis=0)
    return NoiseLevel(label, periods, low, median, high, unit in GROUND_MOTION_ORDER, len(levels))


def compare(levels: Iterable[NoiseLevel], tally: Tally) -> None:
    """Add channels whose median noise lies outside Peterson's models over half of the periods or more."""
    absolute = [level for level in levels if level.absolute]
    for level in absolute:
        period = level.period_s
        inside = (period >= COMPARED_PERIOD_S[0]) & (period <= COMPARED_PERIOD_S[1])
        if not inside.any():
            continue
        below = level.median_db[inside] - nlnm_db(period[inside])
        above = level.median_db[inside] - nhnm_db(period[inside])
        for code, beyond in (("BELOW_NLNM", -below), ("ABOVE_NHNM", above)):
            if np.mean(beyond > TOLERANCE_DB) >= 0.5:
                detail = f"{level.label} by {np.median(beyond):.0f} dB"
                tally.add(code, [level.label], detail=detail, total=len(absolute))
