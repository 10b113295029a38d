"""Level: samples written relative to how loud the last seconds were. Knows no records, no picks and no networks.

A window divided by its own peak or deviation looks different wherever the window is cut. Here each sample is divided
by the mean absolute amplitude of the `LEVEL_HOPS` hops before its own, one level for all components, and compressed:
sign(x)·log(1 + |x| / level). An onset therefore stands out by its ratio to what came before, whatever the gain, and
what comes more than 10 s earlier has no influence. The level stands still within a hop and looks at nothing that comes
later, hops are counted from the epoch, and sums are taken in one fixed order, so that whole recordings and packets cut
anywhere give the same numbers to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import EllipsisType

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
_SIGN = np.int32(-(2**31))
"""The bit of a float32 that bears its sign."""
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
        new = np.concatenate([_hop_sums(samples, valid)[None], _hop_counts(valid)])
        both = np.concatenate([self.past, new], -1)
        self.past = both[..., both.shape[-1] - LEVEL_HOPS :].copy()
        sums = _behind(both)
        level, self.warm = _means(sums[0], sums[1:])
        return _compress(samples, valid, level=level, out=np.empty_like(samples))

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


def compressed(x: npt.ArrayLike, valid: Bools, *, known: Float64 | None = None, out: Float32 | None = None) -> Float32:
    """Compress whole recordings; masked samples become zero.

    The same as `Level`, but where a recording has no level yet, it is taken from the first hop that has one.

    Arguments:
        x: (…, channel, time), a multiple of `HOP` samples long, without offset (high-passed).
        valid: the mask, same shape.
        known: what `known_behind` gives for the mask, where the caller has it.
        out: where to put the result, may be `x`; a new array if not given.

    >>> x = (np.where(np.arange(3200) < 1600, 1.0, 10.0) * np.resize([1, -1], 3200))[None]
    >>> y = compressed(x, np.ones_like(x, bool))
    >>> [round(float(abs(y[0, k])), 2) for k in (0, 1500, 1600, 3100)]
    [0.69, 0.69, 2.4, 0.69]
    """
    samples = np.asarray(x, np.float32)
    level = levels(samples, valid, known=known)
    return _compress(samples, valid, level=level, out=np.empty_like(samples) if out is None else out)


def levels(x: Float32, valid: Bools, *, known: Float64 | None = None) -> Float64:
    """The level of each hop of whole recordings, (…, hop), taken from the next hop that is warm where it is not."""
    behind = known_behind(valid) if known is None else known
    level, warm = _means(_behind(_from_rest(_hop_sums(x, valid))), behind)
    cold = np.flatnonzero(~warm.reshape(-1, warm.shape[-1]).all(0))
    if len(cold):
        end = int(cold[-1]) + 2
        level[..., :end] = _from_next(level[..., :end], warm[..., :end])
    return level[..., :-1]


def known_behind(valid: Bools) -> Float64:
    """How much is known in the hops before each hop of whole recordings: see `_hop_counts`, (2, …, hop + 1)."""
    return _behind(_from_rest(_hop_counts(valid)))


def _from_rest(values: Float64) -> Float64:
    """Values of hops with nothing before the first, and one more at the end."""
    ready = np.zeros((*values.shape[:-1], LEVEL_HOPS))
    return np.concatenate([ready, values, ready[..., :1]], -1)


def _hop_sums(x: Float32, valid: Bools) -> Float64:
    """Sums over each hop of the sizes of the valid samples of all channels: (…, hop)."""
    out = np.empty((*x.shape[:-2], x.shape[-1] // HOP))
    for piece, here in _pieces(x):
        size = np.abs(x[piece])
        if not valid[piece].all():
            size[~valid[piece]] = 0.0
        out[..., here] = _over_hops(_over_channels(size))
    return out


def _hop_counts(valid: Bools) -> Float64:
    """Numbers over each hop of the valid samples of all channels, and of samples with any: (2, …, hop)."""
    words = np.ascontiguousarray(valid).view(np.uint64)  # a hop is a word, a sample a byte of it
    return np.stack([_flags(words).sum(-2), _flags(np.bitwise_or.reduce(words, axis=-2))]).astype(np.float64)


def _flags(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """How many bytes of each word are 1; the others are 0."""
    return (words * np.uint64(0x0101010101010101)) >> np.uint64(56)


def _pieces(x: Float32) -> Iterator[tuple[tuple[EllipsisType, slice], slice]]:
    """Parts of the samples that are worked on at once, and their hops."""
    step = max(HOP, _BLOCK // max(1, x[..., 0].size) // HOP * HOP)
    for first in range(0, x.shape[-1], step):
        last = min(first + step, x.shape[-1])
        yield (..., slice(first, last)), slice(first // HOP, last // HOP)


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


def _means(sums: Float64, known: Float64) -> tuple[Float64, Bools]:
    """Mean sizes, and whether enough samples are behind them; infinite where not, so that nothing stands out."""
    warm: Bools = known[1] >= WARM_HOPS * HOP
    return np.where(warm, sums / np.maximum(known[0], 1.0), np.inf), warm


def _from_next(level: Float64, warm: Bools) -> Float64:
    """Take a level that is not there from the next place where it is."""
    n = level.shape[-1]
    index = np.where(warm, np.arange(n), n - 1)
    index = np.minimum.accumulate(index[..., ::-1], -1)[..., ::-1]
    taken: Float64 = np.take_along_axis(level, index, -1)
    return taken


def _compress(x: Float32, valid: Bools, *, level: Float64, out: Float32) -> Float32:
    """Give sign(x)·log(1 + |x| / level) block by block, zero where masked; `out` may be `x` itself."""
    low = np.maximum(level, _LEAST).astype(np.float32)[..., None, :]
    with np.errstate(over="ignore", invalid="ignore"):
        for piece, here in _pieces(x):
            part = x[piece]
            size = np.abs(part)
            np.divide(size, np.repeat(low[..., here], HOP, -1), out=size)
            if not size.max(initial=0.0) <= HIGHEST:  # or NaN
                np.fmin(size, np.float32(HIGHEST), out=size)
            np.log1p(size, out=size)
            bits = out[piece].view(np.int32)
            np.bitwise_and(part.view(np.int32), _SIGN, out=bits)
            np.bitwise_or(bits, size.view(np.int32), out=bits)
            if not valid[piece].all():
                out[piece][~valid[piece]] = 0.0
    return out
