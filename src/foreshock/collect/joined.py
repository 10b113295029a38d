"""Joined: many pieces of one channel on one grid of sample times, put together as one. Knows no files.

A day with thousands of gaps comes as thousands of pieces, and every later step would look at each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.assemble import LONGEST_GAP_S, Piece
from foreshock.types.arrays import AnyArray, Ints

MANY = 16
"""So many pieces of a channel, and more, are joined."""
ON_GRID = 0.01
"""How far, in samples, a piece may lie off the others' sample times."""


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Put neighbours of one channel together, unknown samples masked, where that changes nothing but their number.

    They are whole numbers, come in order of time, do not overlap, share their sample times, and have no hole between
    them that begins a new waveform.

    >>> parts = [Piece("XX", "A", "", "HHZ", k * 3 * NS_PER_S, 1.0, 2, np.array([k, k])) for k in range(MANY)]
    >>> [(one.n_samples, one.samples.count()) for one in joined(parts)]
    [(47, 32)]
    """
    out: list[Piece] = []
    for _, neighbours in groupby(pieces, key=_kind):
        held = list(neighbours)
        out += held if len(held) < MANY or held[0].samples is None else _together(held)
    return out


def _kind(piece: Piece) -> tuple[object, ...]:
    samples = piece.samples
    whole = samples is not None and samples.dtype.kind in "iu" and samples.ndim == 1 and not np.ma.isMA(samples)
    return piece.seed_id, piece.rate_hz, piece.unit, samples.dtype if whole and samples is not None else id(piece)


def _together(held: list[Piece]) -> list[Piece]:
    rate_hz = held[0].rate_hz
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        return held
    starts = np.array([(piece.start_ns - held[0].start_ns) * rate_hz / NS_PER_S for piece in held])
    counts = np.array([piece.n_samples for piece in held])
    at = np.rint(starts).astype(np.int64)
    hole = at[1:] - at[:-1] - counts[:-1]
    apart = (hole < 0) | (hole > LONGEST_GAP_S * rate_hz) | (np.abs(np.diff(starts - at)) > ON_GRID)
    out: list[Piece] = []
    for first, last in _spans(apart):
        out += held[first:last] if last - first < MANY else [_one(held[first:last], at[first:last] - at[first])]
    return out


def _spans(apart: AnyArray) -> list[tuple[int, int]]:
    """First and one past the last of each row of neighbours."""
    edges = [0, *(np.flatnonzero(apart) + 1).tolist(), len(apart) + 1]
    return list(pairwise(edges))


def _one(held: list[Piece], at: Ints) -> Piece:
    n = int(at[-1]) + held[-1].n_samples
    assert held[0].samples is not None
    values, unknown = np.empty(n, held[0].samples.dtype), np.zeros(n, bool)
    last = 0
    for first, piece in zip(at.tolist(), held, strict=True):
        values[last:first], unknown[last:first] = 0, True
        last = first + piece.n_samples
        values[first:last] = piece.samples
    return replace(held[0], n_samples=n, samples=np.ma.MaskedArray(values, unknown))
