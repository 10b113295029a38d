"""Does P move as it should? Looks for reversed and swapped components and a wrong order of them. Knows no files."""

from __future__ import annotations

import numpy as np

from foreshock.types.arrays import AnyArray, Float64

LEAST_RECORDS = 8
LEAST_AGREEMENT = 0.6
LEAST_GAIN = 0.5

LEAST_SHARES = 20
LEAST_RISE = 4.0
"""P counts as clear where its energy is so many times that of the noise before it."""
LEAST_LEAD = 0.1
"""So much more of P's energy must lie on another row than on the one called Z."""

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


def energy_shares(x: AnyArray, onset: AnyArray, *, rate_hz: float, span_s: float = 0.5) -> Float64:
    """Give the share of each row in the energy of the beginning of P, (trace, channel); NaN where P is not clear.

    P is steep under a station (velocities grow with depth), so most of it lies on the vertical.

    Args:
        x: (trace, channel, time).
        onset: sample of P, (trace,).
        rate_hz: samples per second.
        span_s: length of the windows after and before P.
    """
    out = np.full(x.shape[:2], np.nan)
    reach = max(8, round(span_s * rate_hz))
    for k in np.flatnonzero(np.isfinite(onset)):
        at = int(onset[k])
        if at < reach or at + reach > x.shape[-1]:
            continue
        before, after = (np.asarray(x[k, :, at - back : at - back + reach], np.float64) for back in (reach, 0))
        energy = ((after - before.mean(-1, keepdims=True)) ** 2).sum(-1)
        quiet = before.var(-1) * reach
        if energy.sum() > LEAST_RISE * quiet.sum() and energy.sum() > 0:
            out[k] = energy / energy.sum()
    return out


def misplaced_vertical(shares: AnyArray) -> tuple[int, Float64, int] | None:
    """Name the row on which P is clearly stronger than on row 0, the median shares and how many P they come from."""
    known = np.asarray(shares, np.float64)
    known = known[np.isfinite(known).all(-1)]
    if len(known) < LEAST_SHARES:
        return None
    medians = np.median(known, axis=0)
    row = int(medians.argmax())
    return (row, medians, len(known)) if medians[row] - medians[0] > LEAST_LEAD else None


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
