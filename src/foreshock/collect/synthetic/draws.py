"""Numbered randomness: row k of a stream depends on the seed, the stream and k alone. Knows no seismology."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from foreshock.types.arrays import Float64, Ints

ROWS = 32
"""Rows drawn together; a stream's row k always comes from its group k // ROWS, whoever asks for it."""


def generator(seed: int, stream: int, *, group: int) -> np.random.Generator:
    """Give the generator of one group of one stream: SFC64 (the quickest for normal numbers) keyed by all three."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, stream, group])))


def uniform_rows(seed: int, stream: int, *, index: Ints, n_columns: int) -> Float64:
    """Give uniform numbers (row, column) for the rows asked for, in any order and number.

    >>> rows = uniform_rows(7, 1, index=np.arange(100), n_columns=2)
    >>> bool(np.array_equal(rows[40:42], uniform_rows(7, 1, index=np.array([40, 41]), n_columns=2)))
    True
    """
    out = np.empty((len(index), n_columns))
    groups = index // ROWS
    for group in np.unique(groups):
        wanted = groups == group
        table = generator(seed, stream, group=int(group)).random((ROWS, n_columns))
        out[wanted] = table[index[wanted] % ROWS]
    return out


def between(u: Float64, low: float, high: float) -> Float64:
    """Spread uniform numbers over a range."""
    return low + (high - low) * u


def log_between(u: Float64, low: float, high: float) -> Float64:
    """Spread uniform numbers evenly over the logarithm of a range."""
    return np.asarray(low * (high / low) ** u)


def normal(u: Float64) -> Float64:
    """Turn uniform numbers into standard normal ones."""
    return np.asarray(ndtri(np.clip(u, 1e-12, 1 - 1e-12)))
