"""First motion: whether the ground first went up or down at a P pick, and how sure that is. Knows no networks.

Nothing is learnt from people's polarities. The vertical component is filtered causally, which keeps the sign of an
onset, and measured by its noise before the pick. Since a pick is uncertain, the onset is sought from several moments
about it (by the pick's own `sigma_s`) and at several heights over the noise; the first half-cycle's height, the one
after it, and how sudden it is, weigh the answer. Every measurement changes its sign with the record, and the
probability is 1 / (1 + exp(−w·f)) without a constant, so a reversed record gives exactly the reversed answer.

The weights were fitted on synthetic earthquakes whose first motion is known, laid over real noise (see
`benchmarks/first_motion.py`, which makes them again and prints how often each probability was right). Human readers
disagree on a few per cent of real first motions, and a sensor may be wired upside down: no probability exceeds
`HIGHEST`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy import signal

from foreshock.clock import NS_PER_S
from foreshock.types.arrays import Bools, Float64
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

LEAST_PROBABILITY = 0.9
"""A first motion less probable is unknown."""

HIGHEST = 0.98

BAND_HZ = (1.5, 20.0)
LOWEST_RATE_HZ = 15.0
WARM_S, NOISE_S, AFTER_S = 1.0, 2.0, 0.6
"""Before the noise, so that the filter settles; noise before the onset; sought and looked at after it."""
LEAST_NOISE_S, LEAST_AFTER_S = 0.3, 0.05
SIGMA_S = (0.02, 0.2)
"""Errors of picks that are believed; others are brought into this range."""
STARTS = (-3.0, -1.5, 0.0)
"""The onset is sought from here on, in sigmas about the pick."""
HEIGHTS = (1.7, 3.0, 6.0)
"""How far over the noise's root mean square a motion must rise to be the first."""
SUDDEN_S = 0.4
CLEAR_S = 0.05
"""Between the noise and where the onset is sought."""

WEIGHTS: tuple[float, ...] = (0.671, 0.59, 0.136, -0.131, 0.59, -1.351, 1.643, -0.258, 0.193)
"""Of the measurements, in the order of `measured`."""


@dataclass(frozen=True, slots=True)
class FirstMotion:
    """``up``, ``down`` or ``unknown``; the probability is that of the likelier of the two, 0.5..1."""

    polarity: Literal["up", "down", "unknown"]
    probability: float


NOTHING = FirstMotion("unknown", 0.5)


def first_motion(waveform: Waveform, pick: Pick, *, least_probability: float = LEAST_PROBABILITY) -> FirstMotion:
    """Say whether the ground moved up or down first at a P pick.

    Without a vertical component, without a third of a second of sound samples before the pick, at less than 15 samples
    a second, or where nothing rises, the answer is ``unknown``.

    >>> rng = np.random.default_rng(0)
    >>> k = np.arange(-500, 200)
    >>> data = rng.normal(0, 1, 700) + np.where(k >= 0, 60 * np.sin(k / 6) * np.exp(-k / 40), 0)
    >>> wave = Waveform(data[None], 100.0, 0, "XX.A.", components="Z")
    >>> pick = Pick("XX.A.", "P", 5_000_000_000, probability=0.9, sigma_s=0.03, available_at_ns=6_000_000_000)
    >>> first_motion(wave, pick).polarity
    'up'
    """
    found = measured(waveform, pick)
    if found is None:
        return NOTHING
    odds = math.fsum(w * f for w, f in zip(WEIGHTS, found, strict=True))
    sure = min(1 / (1 + math.exp(-min(abs(odds), 50.0))), HIGHEST)
    if odds == 0 or sure < least_probability:
        return FirstMotion("unknown", sure)
    return FirstMotion("up" if odds > 0 else "down", sure)


def measured(waveform: Waveform, pick: Pick) -> list[float] | None:
    """Give what a first motion is judged by, in the order of `WEIGHTS`; None where nothing can be said.

    For each of `HEIGHTS`: the mean sign, over `STARTS`, of the first sample that reaches it. Then, each with the sign
    of the half-cycle that first reaches the middle height from the middle start on: 1; the logarithms of its peak over
    the noise's root mean square, over the next half-cycle's, over all that comes within `SUDDEN_S`; how far from the
    pick it begins, in sigmas; the logarithm of its peak over the largest noise.
    """
    cut = _cut(waveform, pick)
    noise = None if cut is None else _noise(*cut)
    if cut is None or noise is None:
        return None
    x, at, sigma, rate_hz = cut
    rms, largest = noise
    begin = max(0, round(at + STARTS[0] * sigma))
    places = [max(0, round(at + times * sigma) - begin) for times in STARTS]
    z = x[begin:] / rms
    size = np.abs(z)
    found = [_firsts(size >= height, places) for height in HEIGHTS]
    signs = [sum(math.copysign(1.0, z[k]) for k in some if k >= 0) / len(places) for some in found]
    first = found[1][1]
    if first < 0:
        return [*signs, *[0.0] * 6]
    far = min(abs(first + begin - at) / sigma, 5.0)
    return [*signs, *_swing(z[first:], size[first:], far=far, largest=largest / rms, rate_hz=rate_hz)]


def _firsts(over: Bools, places: list[int]) -> list[int]:
    """The first place that is over, from each of some places on, which rise; -1 where there is none."""
    found: list[int] = []
    k = -1
    for place in places:
        if k < place and (not found or k >= 0):
            k = place + int(over[place:].argmax()) if place < len(over) else -1
            k = k if k >= 0 and over[k] else -1
        found.append(k)
    return found


def _cut(waveform: Waveform, pick: Pick) -> tuple[Float64, float, float, float] | None:
    """The filtered vertical about a pick, the pick's place in it and its sigma, in samples, and the rate."""
    row, rate_hz = waveform.components.find("Z"), waveform.rate_hz
    if row < 0 or rate_hz < LOWEST_RATE_HZ:
        return None
    at = (pick.time_ns - waveform.start_ns) * rate_hz / NS_PER_S
    if not -1 < at < waveform.n_samples:
        return None
    sigma_s = min(max(pick.sigma_s, SIGMA_S[0]), SIGMA_S[1]) if pick.sigma_s < math.inf else SIGMA_S[1]
    lead_s = WARM_S + NOISE_S + CLEAR_S - STARTS[0] * sigma_s
    first = max(0, math.floor(at - lead_s * rate_hz))
    last = min(waveform.n_samples, math.ceil(at + (AFTER_S + sigma_s) * rate_hz))
    valid = waveform.valid[row, first:last]
    if not valid.all():
        bad = np.flatnonzero(~valid)
        split = int(np.searchsorted(bad, at - first))
        last = first + int(bad[split]) if split < len(bad) else last
        first = first + int(bad[split - 1]) + 1 if split else first
    if last - at < LEAST_AFTER_S * rate_hz or at - first < LEAST_NOISE_S * rate_hz:
        return None
    raw = waveform.data[row, first:last].astype(np.float64)
    raw -= raw[0]
    b, a = _filter(rate_hz)
    return signal.lfilter(b, a, raw), at - first, sigma_s * rate_hz, rate_hz


@lru_cache(maxsize=64)
def _filter(rate_hz: float) -> tuple[Float64, Float64]:
    """A causal band-pass; it starts from rest, so a record must begin at zero."""
    low, high = BAND_HZ
    b, a = signal.butter(2, [low, min(high, 0.4 * rate_hz)], "bandpass", fs=rate_hz)
    return np.asarray(b, np.float64), np.asarray(a, np.float64)


def _noise(x: Float64, at: float, sigma: float, rate_hz: float) -> tuple[float, float] | None:
    """Root mean square and largest sample of the noise before the pick; None where there is too little or nothing."""
    last = math.floor(at + STARTS[0] * sigma - CLEAR_S * rate_hz)
    first = max(0, last - round(NOISE_S * rate_hz))
    if last - first < LEAST_NOISE_S * rate_hz / 2:
        return None
    before = x[first:last]
    power, top = float(before @ before) / len(before), float(np.abs(x).max())
    if not 0 < top < math.inf:
        return None
    floor = 1e-6 * top
    return max(math.sqrt(power), floor), max(float(np.abs(before).max()), floor)


def _swing(z: Float64, size: Float64, *, far: float, largest: float, rate_hz: float) -> list[float]:
    """What the half-cycle at the beginning of a row is like, each value with its sign."""
    n = max(4, round(SUDDEN_S * rate_hz))
    up, size = z[:n] > 0, size[:n]
    rises = bool(up[0])
    ends = int((up != rises).argmax()) or len(up)
    peak = float(size[:ends].max())
    back = float((size * (up != rises)).max())
    whole = float(size.max())
    over_next, over_all = math.log(peak / max(back, 1.0)), math.log(peak / whole)
    values = (1.0, math.log(peak), over_next, over_all, far, math.log(peak / largest))
    return list(values) if rises else [-value for value in values]
