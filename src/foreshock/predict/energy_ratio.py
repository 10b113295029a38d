"""Energy ratio: short-term over long-term average, for whole arrays at once. Knows no picks and no settings."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import lfilter

from foreshock.errors import InputError
from foreshock.types.arrays import Bools, Float64, Floats

TINY = float(np.finfo(np.float64).tiny)


def moving_sum(x: Floats, n: int) -> Float64:
    """Add the last `n` samples along the last axis (fewer at the start), without ever subtracting.

    The axis is cut into blocks of `n`; a window is the tail of one block and the head of the next (van Herk 1992,
    doi:10.1016/0167-8655(92)90069-C). So a quiet hour after a large earthquake keeps its digits.

    >>> moving_sum(np.array([1.0, 2.0, 3.0, 4.0]), 2).tolist()
    [1.0, 3.0, 5.0, 7.0]
    """
    _check_lengths(n, n)
    length = x.shape[-1]
    n_blocks = -(-length // n)
    blocks = np.zeros((*x.shape[:-1], n_blocks * n))
    blocks[..., :length] = x
    blocks = blocks.reshape(*x.shape[:-1], n_blocks, n)
    heads = np.cumsum(blocks, axis=-1)
    tails = np.cumsum(blocks[..., ::-1], axis=-1)[..., ::-1]
    heads[..., 1:, :-1] += tails[..., :-1, 1:]
    return heads.reshape(*x.shape[:-1], n_blocks * n)[..., :length]


class MovingSums:
    """Moving sums of one array, each length worked out once."""

    def __init__(self, x: Floats) -> None:
        self.x = x
        self._known: dict[int, Float64] = {}

    def __call__(self, n: int) -> Float64:
        """The sums over the last `n` samples; not to be written into."""
        if n not in self._known:
            self._known[n] = moving_sum(self.x, n)
        return self._known[n]


def classic(
    energy: Floats, *, n_sta: int, n_lta: int, n_warm: int | None = None, valid: Bools | None = None
) -> Float64:
    """Give the mean of the last `n_sta` over the mean of the last `n_lta` samples, zero before there are `n_warm`.

    Both windows end at the same sample (Allen 1978, doi:10.1785/BSSA0680051521; Withers et al. 1998,
    doi:10.1785/BSSA0880010095). Masked samples are left out of both means; the ratio is zero where less than half of
    the short window is valid or the long one holds fewer than `n_warm` valid samples.

    Args:
        energy: (…, time), never negative, for instance the squared trace.
        n_sta, n_lta: samples, 1 ≤ n_sta ≤ n_lta.
        n_warm: samples the long window needs; `n_lta` when it is not given and nothing is masked, else half of it.
        valid: the same shape; everything when it is not given.

    Raises:
        InputError: the lengths do not fit each other.
    """
    _check_lengths(n_sta, n_lta)
    if valid is None or valid.all():
        return classic_of(MovingSums(energy), n_sta=n_sta, n_lta=n_lta, n_warm=n_lta if n_warm is None else n_warm)
    short, long = (np.rint(moving_sum(valid.astype(np.float64), n)) for n in (n_sta, n_lta))
    ratio = _mean_ratio(MovingSums(np.where(valid, energy, 0.0)), short, long, n_sta, n_lta)
    enough = (2 * short >= n_sta) & (long >= (n_lta // 2 if n_warm is None else n_warm)) & valid
    return np.where(enough, ratio, 0.0)


def classic_of(sums: MovingSums, *, n_sta: int, n_lta: int, n_warm: int) -> Float64:
    """`classic` without a mask, from moving sums that serve several ratios."""
    _check_lengths(n_sta, n_lta)
    held = np.arange(1, sums.x.shape[-1] + 1)
    ratio = _mean_ratio(sums, np.minimum(held, n_sta), np.minimum(held, n_lta), n_sta, n_lta)
    return np.where(held >= n_warm, ratio, 0.0)


def _mean_ratio(sums: MovingSums, short: Any, long: Any, n_sta: int, n_lta: int) -> Float64:
    """The ratio of means over the last n_sta and n_lta samples, of which `short` and `long` are there."""
    return _over(sums(n_sta) / np.maximum(short, 1), sums(n_lta) / np.maximum(long, 1))


def recursive(energy: Floats, *, n_sta: int, n_lta: int) -> Float64:
    """Give the ratio of two exponential averages with weights 1/n_sta and 1/n_lta, zero for the first `n_lta` samples.

    As defined by Withers et al. (1998), doi:10.1785/BSSA0880010095, both averages starting from nothing at sample 1.

    Raises:
        InputError: the lengths do not fit each other.
    """
    _check_lengths(n_sta, n_lta)
    driven = np.array(energy, np.float64)
    driven[..., :1] = 0.0
    ratio = _over(_exponential(driven, n_sta), _exponential(driven, n_lta))
    ratio[..., :n_lta] = 0.0
    return ratio


def _exponential(x: Float64, n: int) -> Float64:
    return np.asarray(lfilter([1.0 / n], [1.0, 1.0 / n - 1.0], x, axis=-1), np.float64)


def growing(energy: Floats, *, n_sta: int, n_lta: int) -> Float64:
    """Give the mean of the next `n_sta` samples over the mean of up to `n_lta` samples before them.

    The two windows do not overlap and the long one grows from `n_sta` samples at the start, so that short windows of
    data can be used almost whole. Sample k speaks of an onset between k − 1 and k; where either window does not fit
    the ratio is one.

    >>> growing(np.array([1.0, 1, 1, 1, 9, 9, 9, 9]), n_sta=2, n_lta=4).round(3).tolist()
    [1.0, 1.0, 1.0, 5.0, 9.0, 3.0, 1.8, 1.0]
    """
    return growing_of(MovingSums(energy), n_sta=n_sta, n_lta=n_lta)


def growing_of(sums: MovingSums, *, n_sta: int, n_lta: int) -> Float64:
    """`growing` from moving sums that serve several ratios."""
    _check_lengths(n_sta, n_lta)
    length = sums.x.shape[-1]
    ratio = np.ones(sums.x.shape)
    last = length - n_sta
    if last < n_sta:
        return ratio
    level = 1e-6 * sums.x.mean(axis=-1, keepdims=True) + TINY
    before = sums(n_lta)[..., n_sta - 1 : last] / np.minimum(np.arange(n_sta, last + 1), n_lta)
    after = sums(n_sta)[..., 2 * n_sta - 1 :] / n_sta
    ratio[..., n_sta : last + 1] = (after + level) / (before + level)
    return ratio


def _over(short: Any, long: Any) -> Float64:
    return np.asarray(short / np.maximum(long, TINY), np.float64)


def _check_lengths(n_sta: int, n_lta: int) -> None:
    if not 1 <= n_sta <= n_lta:
        raise InputError(
            f"STA of {n_sta} and LTA of {n_lta} samples", "both are positive and the LTA is the longer", "swap them"
        )
