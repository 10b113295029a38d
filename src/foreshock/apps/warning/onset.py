"""Onset: where a triggered vertical began to move, and whether a wave may have done it. Knows no stations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.predict.pick.aic import best_cut
from foreshock.types.arrays import Float64

SPIKE_SHARE, SPIKE_S = 0.6, 0.03
"""Steps of the raw samples, so many seconds of them, that make up more of all movement than this are no wave."""
DYING = 0.15
"""What falls below this share of its beginning while it is judged dies too fast for a wave of the ground."""
NOISE_S = 5.0
MODEL_SIGMA_S = 0.03
"""Added to every onset's error: a recursive trigger on one component is no better."""


@dataclass(frozen=True, slots=True)
class Onset:
    """What a trigger turned out to be.

    Attributes:
        number: of the sample at which it began. sigma_s: its error.
        snr: peak after over rms before, in the trigger's band; `noise` is that rms.
        refused: why it is no arrival; empty where it may be one.
    """

    number: int
    sigma_s: float
    snr: float
    noise: float = 0.0
    refused: str = ""


def judged(band: Float64, raw: Float64, *, first: int, trigger: int, rate_hz: float, least_snr: float) -> Onset:
    """Find the onset of a trigger and judge it.

    Args:
        band, raw: samples in the trigger's band and as they came, from number `first` to the end of what is heard.
        trigger: the number of the sample that triggered.
    """
    at = trigger - first
    size = max(16, int(1.5 * rate_hz))
    low = max(0, at - size)
    cut = best_cut(band[low : at + max(4, int(0.05 * rate_hz))])
    onset = low + cut.sample
    sigma_s = float(np.hypot(cut.sigma / rate_hz, MODEL_SIGMA_S))
    before = band[max(0, onset - int(NOISE_S * rate_hz)) : max(1, onset - 2)]
    after = band[onset:]
    rms = float(np.sqrt((before**2).mean())) if len(before) else 0.0
    peak = float(np.abs(after).max(initial=0.0))
    snr = peak / rms if rms > 0 else np.inf
    return Onset(first + onset, min(sigma_s, 1.0), snr, rms, _refused(raw, band, onset, snr, rate_hz, least_snr))


def _refused(raw: Float64, band: Float64, onset: int, snr: float, rate_hz: float, least_snr: float) -> str:
    moved = np.abs(np.diff(raw[max(0, onset - 3) :]))
    total = float(moved.sum())
    if total <= 0:
        return "nothing moves after it"
    few = max(1, round(SPIKE_S * rate_hz))
    if len(moved) > 2 * few and float(np.sort(moved)[-few:].sum()) > SPIKE_SHARE * total:
        return "it is a spike or a step"
    third = (len(band) - onset) // 3
    if third >= 4 and np.abs(band[-third:]).max() < DYING * np.abs(band[onset:-third]).max():
        return "it dies at once"
    still = len(raw) - onset >= 8 and float(np.abs(np.diff(raw[-max(4, (len(raw) - onset) // 3) :])).max()) == 0
    if still:
        return "the samples stand still after it"
    if not np.isfinite(snr):
        return "there is no noise before it"
    if snr < least_snr:
        return f"it stands less than {least_snr:g} times above the noise"
    return ""
