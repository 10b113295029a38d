"""Does P point away from the source? Looks for reversed and swapped components, station by station. Knows no files."""

from __future__ import annotations

import numpy as np

from foreshock.types.arrays import AnyArray, Float64

LEAST_RECORDS = 8
LEAST_AGREEMENT = 0.6
LEAST_GAIN = 0.5

HYPOTHESES = ("as told", "Z reversed", "N and E swapped", "N reversed", "E reversed")
"""What might be wrong with a sensor; with Z reversed or both horizontals reversed P looks the same."""


def away_azimuth(x: AnyArray, onset: AnyArray, *, rate_hz: float, span_s: float = 0.4) -> Float64:
    """Give the direction in which the ground moves when it goes up with P, degrees from north, (trace,).

    P of a source below moves up and away, or down and towards, so the covariances of Z with N and E point away from
    the source whatever the first motion. Unclear P (the three are not along one line) gives NaN.

    Args:
        x: Z, N, E, (trace, 3, time).
        onset: sample of P, (trace,).
        rate_hz: samples per second.
        span_s: length of the window after P.
    """
    out = np.full(len(x), np.nan)
    reach = max(8, round(span_s * rate_hz))
    for k in np.flatnonzero(np.isfinite(onset)):
        at = int(onset[k])
        if at < reach or at + reach > x.shape[-1]:
            continue
        motion = np.asarray(x[k, :, at : at + reach], np.float64)
        motion = motion - np.asarray(x[k, :, at - reach : at], np.float64).mean(-1, keepdims=True)
        cov = motion @ motion.T
        values = np.linalg.eigvalsh(cov)
        if values[2] > 0 and 1 - (values[0] + values[1]) / (2 * values[2]) > 0.8:
            out[k] = np.degrees(np.arctan2(cov[0, 2], cov[0, 1])) % 360
    return out


def agreement(away_deg: AnyArray, back_azimuth_deg: AnyArray) -> dict[str, float]:
    """Give for each hypothesis the mean cosine between where P points and where it should, -1 … 1."""
    should = np.radians(np.asarray(back_azimuth_deg, float) + 180)
    seen = np.radians(np.asarray(away_deg, float))
    under = (seen, seen + np.pi, np.pi / 2 - seen, np.pi - seen, -seen)
    return {name: float(np.mean(np.cos(angle - should))) for name, angle in zip(HYPOTHESES, under, strict=True)}


def suspicion(away_deg: AnyArray, back_azimuth_deg: AnyArray) -> str | None:
    """Name what is likely wrong with a station, or None: enough records, and one hypothesis fits far better.

    The sources must come from more than one side, else a swap cannot be told from a rotation.
    """
    known = np.isfinite(away_deg) & np.isfinite(back_azimuth_deg)
    if known.sum() < LEAST_RECORDS:
        return None
    fits = agreement(away_deg[known], back_azimuth_deg[known])
    best = max(fits, key=lambda name: fits[name])
    told = fits[HYPOTHESES[0]]
    clear = fits[best] > LEAST_AGREEMENT and fits[best] - told > LEAST_GAIN
    return best if best != HYPOTHESES[0] and clear else None
