"""Level: samples written relative to how loud the last seconds were. Knows no records, no picks and no networks.

A window divided by its own peak or deviation looks different wherever the window is cut. Here each sample is divided
by the mean absolute amplitude of the `LEVEL_HOPS` hops before its own, one level for all components, and compressed:
sign(x)·log(1 + |x| / level). An onset therefore stands out by its ratio to what came before, whatever the gain, and
what comes more than 10 s earlier has no influence. The level stands still within a hop and looks at nothing that comes
later, hops are counted from the epoch, and sums are taken in one fixed order, so that whole recordings and packets cut
anywhere give the same numbers to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from foreshock.types.arrays import AnyArray, Bools, Float32, Float64, Ints

HOP = 8
"""Samples of a hop; arrays must begin at a multiple of it."""

LEVEL_HOPS = 128
"""Hops behind a hop that make its level, a power of two: 10.24 s at 100 Hz."""

WARM_HOPS = 16
"""Hops with valid samples that a level needs: 1.28 s at 100 Hz."""

HIGHEST = 1e4
"""Ratios above are cut: after a stretch of exact zeros anything would be infinitely loud."""

_LEAST = 1e-37
_BLOCK = 1 << 16
"""Values worked on at once, so that they stay in the cache."""


class Level:
    """Compresses streams hop by hop and remembers `LEVEL_HOPS` sums of each.

    Until there have been `WARM_HOPS` with valid samples there is no level, and what comes is written as zero.

    Args:
        leading: axes before (channel, time), say the number of streams.

    Attributes:
        warm: whether there was a level for each hop of the last update, (…, hop).

    >>> x = (np.where(np.arange(3200) < 1600, 1.0, 10.0) * np.resize([1, -1], 3200))[None]
    >>> live, all_valid = Level(()), np.ones_like(x, bool)
    >>> y = np.concatenate([live.update(x[:, k : k + 80], all_valid[:, k : k + 80]) for k in range(0, 3200, 80)], -1)
    >>> [round(float(abs(y[0, k])), 2) for k in (0, 1500, 1600, 3100)]
    [0.0, 0.69, 2.4, 0.69]
    """

    def __init__(self, leading: tuple[int, ...]) -> None:
        self.past = np.zeros((3, *leading, LEVEL_HOPS))
        self.warm = np.zeros((*leading, 0), bool)

    def update(self, x: npt.ArrayLike, valid: Bools) -> Float32:
        """Take the next whole hops (…, channel, time), high-passed and zero where masked, and give them compressed."""
        samples = np.asarray(x, np.float32)
        both = np.concatenate([self.past, _hop_sums(samples, valid)], -1)
        self.past = both[..., both.shape[-1] - LEVEL_HOPS :].copy()
        level, self.warm = _means(_behind(both))
        return _compress(samples, level, np.empty_like(samples))

    def forget(self, rows: Bools) -> None:
        """Begin anew in some streams: (…,) flags."""
        self.past[:, rows] = 0.0

    def taken(self, rows: Ints) -> Level:
        """A copy that knows some of the streams only: numbers along the first leading axis."""
        part = Level(())
        part.past = self.past[:, rows]
        return part

    def put(self, rows: Ints, part: Level) -> None:
        """Take over what a copy has learnt since."""
        self.past[:, rows] = part.past

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later."""
        return {"past": self.past.copy()}

    def restore(self, state: Mapping[str, AnyArray]) -> None:
        """Go on from a saved state."""
        self.past = np.array(state["past"], np.float64)


def compressed(x: npt.ArrayLike, valid: Bools, *, out: Float32 | None = None) -> Float32:
    """Compress whole recordings; masked samples become zero.

    The same as `Level`, but where a recording has no level yet, it is taken from the first hop that has one.

    Arguments:
        x: (…, channel, time), a multiple of `HOP` samples long, without offset (high-passed).
        valid: the mask, same shape.
        out: where to put the result; a new array if not given.

    >>> x = (np.where(np.arange(3200) < 1600, 1.0, 10.0) * np.resize([1, -1], 3200))[None]
    >>> y = compressed(x, np.ones_like(x, bool))
    >>> [round(float(abs(y[0, k])), 2) for k in (0, 1500, 1600, 3100)]
    [0.69, 0.69, 2.4, 0.69]
    """
    samples = np.asarray(x, np.float32)
    if not valid.all():
        samples = np.where(valid, samples, np.float32(0))
    return _compress(samples, levels(samples, valid), np.empty_like(samples) if out is None else out)


def levels(x: Float32, valid: Bools) -> Float64:
    """The level of each hop of whole recordings, (…, hop), taken from the next hop that is warm where it is not."""
    ready = np.zeros((3, *x.shape[:-2], LEVEL_HOPS))
    both = np.concatenate([ready, _hop_sums(x, valid), ready[..., :1]], -1)
    level, warm = _means(_behind(both))
    return _from_next(level, warm)[..., :-1]


def _hop_sums(x: Float32, valid: Bools) -> Float64:
    """Sums over each hop of the sizes, of the valid samples of all channels, and of samples with any: (3, …, hop)."""
    out = np.empty((3, *x.shape[:-2], x.shape[-1] // HOP))
    step = max(HOP, _BLOCK // max(1, x[..., 0].size) // HOP * HOP)
    for first in range(0, x.shape[-1], step):
        piece = (..., slice(first, first + step))
        size = np.abs(x[piece])
        here = slice(first // HOP, first // HOP + size.shape[-1] // HOP)
        out[0, ..., here] = _over_hops(_over_channels(size))
        if valid[piece].all():
            out[1, ..., here], out[2, ..., here] = HOP * x.shape[-2], HOP
        else:
            count = _over_channels(valid[piece].view(np.int8))
            out[1, ..., here], out[2, ..., here] = _over_hops(count), _over_hops(count > 0)
    return out


def _over_channels(values: AnyArray) -> AnyArray:
    total: AnyArray = values[..., 0, :]
    for k in range(1, values.shape[-2]):
        total = total + values[..., k, :]
    return total


def _over_hops(values: AnyArray) -> Float64:
    """Sums of `HOP` neighbours, always in this order."""
    total = values[..., 0::HOP].astype(np.float64)
    for k in range(1, HOP):
        total += values[..., k::HOP]
    return total


def _behind(values: Float64) -> Float64:
    """Sums over the `LEVEL_HOPS` values before each place from number `LEVEL_HOPS` on, in a fixed order."""
    span = 1
    while span < LEVEL_HOPS:
        values = values[..., span:] + values[..., :-span]
        span *= 2
    return values[..., :-1]


def _means(sums: Float64) -> tuple[Float64, Bools]:
    """Mean sizes, and whether enough samples are behind them; infinite where not, so that nothing stands out."""
    warm: Bools = sums[2] >= WARM_HOPS * HOP
    return np.where(warm, sums[0] / np.maximum(sums[1], 1.0), np.inf), warm


def _from_next(level: Float64, warm: Bools) -> Float64:
    """Take a level that is not there from the next place where it is."""
    n = level.shape[-1]
    index = np.where(warm, np.arange(n), n - 1)
    index = np.minimum.accumulate(index[..., ::-1], -1)[..., ::-1]
    taken: Float64 = np.take_along_axis(level, index, -1)
    return taken


def _compress(x: Float32, level: Float64, out: Float32) -> Float32:
    """Give sign(x)·log(1 + |x| / level), block by block."""
    low = np.maximum(level, _LEAST).astype(np.float32)[..., None, :]
    step = max(HOP, _BLOCK // max(1, x[..., 0].size) // HOP * HOP)
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, x.shape[-1], step):
            piece = (..., slice(first, first + step))
            size, here = out[piece], low[..., first // HOP : (first + step) // HOP]
            np.abs(x[piece], out=size)
            np.divide(size, np.repeat(here, HOP, -1), out=size)
            np.fmin(size, np.float32(HIGHEST), out=size)
            np.log1p(size, out=size)
            np.copysign(size, x[piece], out=size)
    return out
