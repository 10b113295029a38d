"""Defects that show in the samples alone, for many traces of one shape at once. Knows no files and no labels.

All functions take x, float32 or float64, (trace, channel, time), and give bool (trace, channel).
"""

from __future__ import annotations

import numpy as np

from foreshock.types.arrays import AnyArray, Bools, Float64

FLAT_SPAN_S = 1.0
SPIKE_RATIO = 15.0
SPIKE_REACH = 12
CLIP_RUN = 3
CLIP_RUNS = 3
OFFSET_RATIO = 5.0


def flat(x: AnyArray) -> Bools:
    """Channels whose samples are all equal."""
    return np.asarray(x.min(-1) == x.max(-1))


def offset(x: AnyArray) -> Bools:
    """Channels whose mean is more than five times the standard deviation about it."""
    with np.errstate(over="ignore"):
        mean, std = x.mean(-1, dtype=np.float64), x.std(-1, dtype=np.float64)
    return np.asarray((np.abs(mean) > OFFSET_RATIO * std) & (std > 0))


def clipped(x: AnyArray) -> Bools:
    """Channels that stay at their greatest or least value for 3 samples or more, at least 3 times, far from the middle.

    The extreme must lie 20 times the smallest step from the median, so that quiet traces of few counts do not count.
    """
    middle = np.median(x, axis=-1, keepdims=True)
    std = x.std(-1, dtype=np.float64)
    out = np.zeros(x.shape[:-1], bool)
    for extreme in (x.max(-1, keepdims=True), x.min(-1, keepdims=True)):
        far = np.abs(extreme - middle)[..., 0]
        candidate = (far > 0.5 * std) & (std > 0)
        at = x == extreme
        candidate &= at.sum(-1) >= CLIP_RUN * CLIP_RUNS
        for trace, channel in np.argwhere(candidate):
            if _runs(at[trace, channel]) >= CLIP_RUNS and far[trace, channel] > 20 * _step(x[trace, channel]):
                out[trace, channel] = True
    return out


def _runs(at: Bools) -> int:
    """How many runs of at least three samples a mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], at, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    return int(np.sum(ends - starts >= CLIP_RUN))


def _step(x: AnyArray) -> float:
    """The smallest difference between neighbouring samples that is not zero."""
    steps = np.abs(np.diff(x))
    moving = steps[steps > 0]
    return float(moving.min()) if moving.size else 0.0


def spikes(x: AnyArray) -> Bools:
    """Channels with a single sample whose second difference is 15 times any other within 12 samples.

    A lone sample of height h gives second differences h, -2h, h; an earthquake's onset goes on moving and does not.
    """
    bend = np.abs(np.diff(x, n=2, axis=-1))
    if bend.shape[-1] < 2 * SPIKE_REACH + 1:
        return np.zeros(x.shape[:-1], bool)
    typical = np.median(bend, axis=-1)
    out = np.zeros(x.shape[:-1], bool)
    for trace, channel in np.argwhere(bend.max(-1) > SPIKE_RATIO * np.maximum(typical, 1e-30)):
        out[trace, channel] = _lone(bend[trace, channel])
    return out


def _lone(bend: AnyArray) -> bool:
    for centre in np.argpartition(bend, -4)[-4:]:
        around = bend[max(0, centre - SPIKE_REACH) : centre + SPIKE_REACH + 1].copy()
        middle = centre - max(0, centre - SPIKE_REACH)
        near = around[max(0, middle - 1) : middle + 2].copy()
        around[max(0, middle - 1) : middle + 2] = 0
        if len(near) == 3 and bend[centre] > SPIKE_RATIO * around.max() and near[[0, 2]].min() > 0.3 * bend[centre]:
            return True
    return False


def flat_spans(x: AnyArray, *, rate_hz: float) -> Bools:
    """Channels that move, yet stand still for a second (at least 20 samples) or more somewhere inside."""
    reach = max(20, round(FLAT_SPAN_S * rate_hz))
    out = np.zeros(x.shape[:-1], bool)
    if x.shape[-1] <= reach:
        return out
    still = np.diff(x, axis=-1) == 0
    # a run of `reach` still steps covers a multiple of reach//2 twice in a row: look there first
    half = max(1, reach // 2)
    marks = still[..., ::half]
    hopeful = (marks[..., 1:] & marks[..., :-1]).any(-1) & ~flat(x)
    for trace, channel in np.argwhere(hopeful):
        out[trace, channel] = _longest(still[trace, channel]) >= reach and _moves(x[trace, channel])
    return out


def _longest(at: Bools) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], at, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _moves(x: AnyArray) -> bool:
    """Whether the trace is lively enough that standing still is odd: under half of its steps are zero."""
    return float(np.mean(np.diff(x) == 0)) < 0.5


def same_channels(x: AnyArray) -> Bools:
    """Traces with two channels that are equal up to sign and scale (correlation above 0.999999), (trace,)."""
    out = np.zeros(len(x), bool)
    n = x.shape[1]
    moved = x - x.mean(-1, keepdims=True, dtype=np.float64)
    power = np.einsum("kct,kct->kc", moved, moved)
    for a in range(n):
        for b in range(a + 1, n):
            cross = np.einsum("kt,kt->k", moved[:, a], moved[:, b])
            floor = np.sqrt(power[:, a] * power[:, b])
            out |= (floor > 0) & (np.abs(cross) > (1 - 1e-6) * floor)
    return out


def snr_db(x: AnyArray, onset: AnyArray, *, rate_hz: float, span_s: float = 2.0) -> Float64:
    """Power after an onset against power before it, in dB, from the loudest channel, (trace,).

    The noise ends 0.5 s before the onset; traces without a full second of noise give NaN.
    """
    out = np.full(len(x), np.nan)
    reach, guard = round(span_s * rate_hz), round(0.5 * rate_hz)
    for k in np.flatnonzero(np.isfinite(onset)):
        at = int(onset[k])
        noise, signal = x[k, :, max(0, at - guard - 2 * reach) : max(0, at - guard)], x[k, :, at : at + reach]
        if at < 0 or noise.shape[-1] < rate_hz or signal.shape[-1] < reach // 2:
            continue
        quiet = noise.var(-1, dtype=np.float64)
        loud = ((signal - noise.mean(-1, keepdims=True)) ** 2).mean(-1, dtype=np.float64)
        moving = quiet > 0
        if moving.any():
            with np.errstate(divide="ignore"):
                out[k] = 10 * np.log10((loud[moving] / quiet[moving]).max())
    return out
