"""Accumulators: peaks, integrals, moments and counts that grow with every chunk. Know no names, units or sources.

Each takes arrays (…, time) with a mask (None: all count) by `update` and gives arrays (…) by a property. A whole record
is one chunk, so tables and streams share these lines. Nothing here grows with the length of the stream.
"""

from __future__ import annotations

import numpy as np

from foreshock.features.masked import Mask, centred, count, largest, mean, ratio, root, total, without_rounding
from foreshock.types.arrays import Bools, Float64


class Largest:
    """The largest value so far; NaN before the first."""

    def __init__(self) -> None:
        self.value: Float64 | None = None

    def update(self, x: Float64, valid: Mask) -> None:
        """Take the next samples."""
        new = largest(x, valid)
        self.value = new if self.value is None else np.fmax(self.value, new)


class Mean:
    """The mean so far; NaN before the first sample."""

    def __init__(self) -> None:
        self.sum: Float64 | float = 0.0
        self.n: Float64 | float = 0.0

    def update(self, x: Float64, valid: Mask) -> None:
        """Take the next samples."""
        self.sum, self.n = self.sum + total(x, valid), self.n + count(x, valid)

    @property
    def value(self) -> Float64:
        """The mean (…)."""
        return ratio(self.sum, self.n)


class Area:
    """∫ f dt by the trapezoid rule over neighbours that both count; one sample has no area, none at all is NaN."""

    def __init__(self, rate_hz: float) -> None:
        self.interval_s = 1.0 / rate_hz
        self.sum: Float64 | float = 0.0
        self.n: Float64 | float = 0.0
        self.last: tuple[Float64, Bools] | None = None

    def update(self, f: Float64, valid: Mask) -> None:
        """Take the next samples of f."""
        if not f.shape[-1]:
            self.sum, self.n = self.sum + np.zeros(f.shape[:-1]), self.n + count(f, valid)
            return
        self.n = self.n + count(f, valid)
        held = np.ones(f.shape, bool) if valid is None else valid
        before = self.last or (f[..., 0], np.zeros(f.shape[:-1], bool))
        self.sum = self.sum + 0.5 * (before[0] + f[..., 0]) * (before[1] & held[..., 0])
        self.sum = self.sum + _inner_pairs(f, valid)
        self.last = (f[..., -1].copy(), held[..., -1].copy())

    @property
    def value(self) -> Float64:
        """The integral (…)."""
        return np.where(np.asarray(self.n) > 0, np.asarray(self.sum) * self.interval_s, np.nan)


def _inner_pairs(f: Float64, valid: Mask) -> Float64:
    if valid is None:
        return np.asarray(f.sum(-1) - 0.5 * (f[..., 0] + f[..., -1]))
    both = valid[..., 1:] & valid[..., :-1]
    return np.asarray(0.5 * np.where(both, f[..., 1:] + f[..., :-1], 0.0).sum(-1))


class StandardisedCav:
    """∫ |a| dt over whole seconds in which |a| reaches a threshold; a last, unfinished second counts too.

    Holds at most one second of samples.
    """

    def __init__(self, rate_hz: float, *, threshold: float) -> None:
        self.rate_hz = rate_hz
        self.threshold = threshold
        self.sum: Float64 | float = 0.0
        self.n: Float64 | float = 0.0
        self.first = 0
        self.kept: Float64 | None = None

    def update(self, a: Float64, valid: Mask) -> None:
        """Take the next samples."""
        self.n = self.n + count(a, valid)
        size = np.abs(a) if valid is None else np.where(valid, np.abs(a), np.nan)
        size = size if self.kept is None else np.concatenate([self.kept, size], -1)
        end = self._edge_before(self.first + size.shape[-1])
        if end > self.first:
            self.sum = self.sum + self._seconds(size[..., : end - self.first + 1])
            size, self.first = size[..., end - self.first :], end
        self.kept = size.copy()

    @property
    def value(self) -> Float64:
        """The integral (…)."""
        rest = 0.0 if self.kept is None else self._seconds(self.kept)
        known = np.asarray(self.sum + rest) / self.rate_hz
        return np.where(np.asarray(self.n) > 0, known, np.nan)

    def _edge_before(self, n: int) -> int:
        """The last sample with which a whole second ends, among `n` samples since the beginning."""
        return int(np.ceil(np.floor((n - 1) / self.rate_hz) * self.rate_hz)) if n else 0

    def _seconds(self, size: Float64) -> Float64:
        """Sum of the trapezoids of those seconds that reach the threshold, in samples."""
        if size.shape[-1] < 2:
            return np.zeros(size.shape[:-1])
        second = np.floor(np.arange(self.first, self.first + size.shape[-1] - 1) / self.rate_hz)
        starts = np.flatnonzero(np.diff(second, prepend=-1.0))
        pairs = np.nan_to_num(0.5 * (size[..., 1:] + size[..., :-1]))
        tops = np.fmax(np.nan_to_num(size[..., 1:]), np.nan_to_num(size[..., :-1]))
        areas, top = np.add.reduceat(pairs, starts, axis=-1), np.maximum.reduceat(tops, starts, axis=-1)
        return np.asarray(np.where(top >= self.threshold, areas, 0.0).sum(-1))


class Moments:
    """Count, mean and central moments up to the fourth, merged pairwise (Pébay 2008, doi:10.2172/1028931)."""

    def __init__(self) -> None:
        self.parts: tuple[Float64, ...] | None = None

    def update(self, x: Float64, valid: Mask) -> None:
        """Take the next samples."""
        new = _moments(x, valid)
        self.parts = new if self.parts is None else _merged(self.parts, new)

    @property
    def mean(self) -> Float64:
        """Mean (…)."""
        n, level, *_ = self._known()
        return np.where(n > 0, level, np.nan)

    @property
    def skewness(self) -> Float64:
        """m₃ / m₂^1.5 (…)."""
        n, _, m2, m3, _ = self._known()
        return ratio(ratio(m3, n), root(ratio(m2, n)) ** 3)

    @property
    def kurtosis(self) -> Float64:
        """m₄ / m₂² (…)."""
        n, _, m2, _, m4 = self._known()
        return ratio(ratio(m4, n), ratio(m2, n) ** 2)

    def _known(self) -> tuple[Float64, ...]:
        n, level, m2, m3, m4 = self.parts if self.parts is not None else [np.zeros(())] * 5
        m2 = np.nan_to_num(without_rounding(ratio(m2, n), level)) * n
        return n, level, m2, np.where(m2 > 0, m3, 0.0), np.where(m2 > 0, m4, 0.0)


def _moments(x: Float64, valid: Mask) -> tuple[Float64, ...]:
    n, level, d = count(x, valid), np.nan_to_num(mean(x, valid)), centred(x, valid)
    squares = d * d
    m3, m4 = np.einsum("...t,...t->...", squares, d), np.einsum("...t,...t->...", squares, squares)
    return n, level, np.asarray(squares.sum(-1)), m3, m4


def _merged(a: tuple[Float64, ...], b: tuple[Float64, ...]) -> tuple[Float64, ...]:
    (na, la, a2, a3, a4), (nb, lb, b2, b3, b4) = a, b
    n = na + nb
    safe = np.where(n > 0, n, 1.0)
    d = np.where((na > 0) & (nb > 0), lb - la, 0.0)
    level = np.where(na == 0, lb, np.where(nb == 0, la, (na * la + nb * lb) / safe))
    m2 = a2 + b2 + d**2 * na * nb / safe
    m3 = a3 + b3 + d**3 * na * nb * (na - nb) / safe**2 + 3 * d * (na * b2 - nb * a2) / safe
    m4 = (
        a4
        + b4
        + d**4 * na * nb * (na**2 - na * nb + nb**2) / safe**3
        + 6 * d**2 * (na**2 * b2 + nb**2 * a2) / safe**2
        + 4 * d * (na * b3 - nb * a3) / safe
    )
    return n, level, m2, m3, m4


class Crossings:
    """How often neighbours that both count lie on different sides of zero, and how many such neighbours there are."""

    def __init__(self) -> None:
        self.n: Float64 | float = 0.0
        self.pairs: Float64 | float = 0.0
        self.last: tuple[Bools, Bools] | None = None

    def update(self, x: Float64, valid: Mask) -> None:
        """Take the next samples; zero lies on the positive side."""
        up = x >= 0
        held = np.ones(x.shape, bool) if valid is None else valid
        if self.last is not None:
            up = np.concatenate([self.last[0], up], -1)
            held = np.concatenate([self.last[1], held], -1)
        both = held[..., 1:] & held[..., :-1]
        self.n = self.n + ((up[..., 1:] != up[..., :-1]) & both).sum(-1)
        self.pairs = self.pairs + both.sum(-1)
        if up.shape[-1]:
            self.last = (up[..., -1:].copy(), held[..., -1:].copy())

    @property
    def share(self) -> Float64:
        """Crossings a pair of neighbours (…)."""
        return ratio(self.n, self.pairs)


class StaLta:
    """Mean square of the last `short` samples over that of the last `long`: its largest value, mean and place.

    Defined from sample `long` - 1 on, where both windows hold a sample that counts. Keeps `long` - 1 samples.
    """

    def __init__(self, short: int, long: int) -> None:
        self.short, self.long = short, long
        self.kept: tuple[Float64, Float64] | None = None
        self.seen = 0
        self.sum: Float64 | float = 0.0
        self.n: Float64 | float = 0.0
        self.top: Float64 | None = None
        self.at: Float64 | None = None

    def update(self, x: Float64, valid: Mask) -> None:
        """Take the next samples."""
        held = np.ones(x.shape) if valid is None else valid.astype(np.float64)
        squares = x * x * held
        if self.kept is not None:
            squares, held = (np.concatenate(two, -1) for two in zip(self.kept, (squares, held), strict=True))
        first, self.seen = self.seen - (squares.shape[-1] - x.shape[-1]), self.seen + x.shape[-1]
        self._take(*self._means(squares, held, whole=valid is None), first + self.long - 1)
        keep = slice(max(0, squares.shape[-1] - self.long + 1), None)
        self.kept = (squares[..., keep].copy(), held[..., keep].copy())

    def _means(self, squares: Float64, held: Float64, *, whole: bool) -> tuple[Float64, Bools]:
        """The ratio at every sample with a full long window, and where it is defined."""
        skip = self.long - self.short
        sums = window_sums(squares[..., skip:], self.short), window_sums(squares, self.long)
        if whole and held.all():
            counts: tuple[Float64 | float, Float64 | float] = (float(self.short), float(self.long))
        else:
            counts = window_sums(held[..., skip:], self.short), window_sums(held, self.long)
        curve = ratio(sums[0] * counts[1], sums[1] * counts[0])
        return curve, np.isfinite(curve)

    def _take(self, curve: Float64, defined: Bools, first: int) -> None:
        if self.top is None:
            self.top, self.at = np.full(curve.shape[:-1], np.nan), np.full(curve.shape[:-1], np.nan)
            self.sum, self.n = np.zeros(curve.shape[:-1]), np.zeros(curve.shape[:-1])
        if not curve.shape[-1]:
            return
        assert self.at is not None
        known = np.where(defined, curve, -np.inf)
        top, at = known.max(-1), known.argmax(-1) + first
        better = np.isfinite(top) & ~(top <= self.top)
        self.top, self.at = np.where(better, top, self.top), np.where(better, at, self.at)
        self.sum, self.n = self.sum + total(curve, defined), self.n + defined.sum(-1)

    @property
    def average(self) -> Float64:
        """Mean of the ratio (…)."""
        return ratio(self.sum, self.n)


def window_sums(x: Float64, n: int) -> Float64:
    """Sums over every `n` neighbours (…, time - n + 1), added up in blocks: no difference of large sums is taken.

    >>> window_sums(np.arange(5.0), 3).tolist()
    [3.0, 6.0, 9.0]
    """
    size = x.shape[-1]
    if size < n:
        return np.zeros((*x.shape[:-1], 0))
    padded = np.concatenate([x, np.zeros((*x.shape[:-1], -size % n))], -1)
    blocks = padded.reshape(*x.shape[:-1], -1, n)
    ahead = np.cumsum(blocks, -1).reshape(padded.shape)
    behind = np.cumsum(blocks[..., ::-1], -1)[..., ::-1].reshape(padded.shape)
    sums = behind[..., : size - n + 1].copy()
    here = np.arange(size - n + 1) % n != 0
    sums[..., here] += ahead[..., n - 1 : size][..., here]
    return sums
