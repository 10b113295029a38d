"""Level: samples written relative to how loud the last seconds were. Knows no records, no picks and no networks.

A window divided by its own peak or deviation looks different wherever the window is cut. Here each sample is divided
by the mean absolute amplitude of the `LEVEL_S` before it, one level for all components, and compressed:
sign(x)·log(1 + |x| / level). An onset therefore stands out by its ratio to what came before, whatever the gain, and
what comes more than `LEVEL_S` earlier has no influence. Means are taken over hops that are counted from the epoch, by
plain sums, so that cutting a stream elsewhere gives the same numbers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foreshock.types.arrays import Bools, Float32, Float64

HOP = 32
"""Samples of a hop; arrays must begin at a multiple of it."""

LEVEL_HOPS = 32
"""Hops behind a sample that make its level: 10.24 s at 100 Hz."""

WARM_HOPS = 4
"""Hops of valid samples a level needs; before that it is taken from the first moment when there were enough."""

HIGHEST = 1e4
"""Ratios above are cut: after a stretch of exact zeros anything would be infinitely loud."""


def compressed(x: npt.ArrayLike, valid: Bools) -> Float32:
    """Write samples relative to the level of the seconds before; masked samples become zero.

    Arguments:
        x: (…, channel, time), a multiple of `HOP` samples long, without offset (high-passed).
        valid: the mask, same shape.

    >>> x = np.where(np.arange(3200) < 1600, 1.0, 10.0)[None] * np.resize([1, -1], 3200)
    >>> y = compressed(x, np.ones_like(x, bool))
    >>> [round(float(abs(y[0, k])), 2) for k in (1500, 1600, 3100)]
    [0.69, 2.4, 0.69]
    """
    clean = np.where(valid, np.asarray(x, np.float64), 0.0)
    ratio = _ratio(np.abs(clean), levels(clean, valid))
    y: Float32 = (np.sign(clean) * np.log1p(ratio)).astype(np.float32)
    return y


def _ratio(size: Float64, at_hops: Float64) -> Float64:
    """Amplitudes over the level, which runs straight from hop to hop."""
    part = np.arange(HOP) / HOP
    level = at_hops[..., :-1, None] * (1 - part) + at_hops[..., 1:, None] * part
    level = level.reshape(*level.shape[:-2], -1)[..., None, :]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = size / level
    return np.where(size > 0, np.minimum(np.nan_to_num(ratio, nan=HIGHEST, posinf=HIGHEST), HIGHEST), 0.0)


def levels(x: Float64, valid: Bools) -> Float64:
    """Mean absolute amplitude of the `LEVEL_HOPS` before each hop's first sample and after the last, (…, hops + 1)."""
    shape = (*x.shape[:-1], x.shape[-1] // HOP, HOP)
    total = np.abs(x).reshape(shape).sum((-3, -1))
    count = valid.reshape(shape).sum((-3, -1)).astype(np.float64)
    most = np.maximum(valid.reshape(shape).any(-1).sum(-2), 1).max(-1, initial=1)[..., None]
    sums, counts = _behind(total), _behind(count)
    enough = counts >= np.minimum(WARM_HOPS * HOP * most, np.maximum(count.sum(-1, keepdims=True), 1))
    level = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    return _from_next(level, enough)


def _behind(values: Float64) -> Float64:
    """Sums over the `LEVEL_HOPS` values before each place."""
    padded = np.concatenate([np.zeros((*values.shape[:-1], LEVEL_HOPS)), values], -1)
    sums: Float64 = np.lib.stride_tricks.sliding_window_view(padded, LEVEL_HOPS, axis=-1).sum(-1)
    return sums


def _from_next(level: Float64, enough: Bools) -> Float64:
    """Take a level that rests on too few samples from the next place where there are enough (else the last one)."""
    n = level.shape[-1]
    index = np.where(enough, np.arange(n), n - 1)
    index = np.minimum.accumulate(index[..., ::-1], -1)[..., ::-1]
    taken: Float64 = np.take_along_axis(level, index, -1)
    return taken
