"""Window scale: windows made ready for a labeller from elsewhere, each by itself. Knows no network.

The same numbers as SeisBench's ``annotate_batch_pre`` gives for PhaseNet and EQTransformer, to single precision. Where
counts have an offset of a thousand times the motion, the rounding of the mean shows in the probabilities (1e-4 on real
records): so means are summed in the order in which torch 2 sums rows on x86-64, and come out bit for bit the same.
"""

from __future__ import annotations

import numpy as np

from foreshock.bundle import Windows
from foreshock.types.arrays import Float32

TINY = np.float32(1e-10)
"""What keeps a silent component from being divided by nothing."""


def scale(x: Float32, told: Windows) -> None:
    """Scale windows (window, component, time) in place: mean or line out, divided, ends faded."""
    _silence(x)
    x -= _mean(x)
    if told.detrend:
        _detrend(x)
    axes = -1 if told.over == "component" else (-2, -1)
    if told.scale == "peak":
        by = np.maximum(x.max(axis=axes, keepdims=True), -x.min(axis=axes, keepdims=True))
    else:
        n = x.shape[-1] if told.over == "component" else x.shape[-1] * x.shape[-2]
        by = np.sqrt(_squares(x, axes) / np.float32(n - 1))
    x /= by + TINY
    if told.taper_samples:
        _fade(x, told.taper_samples)


LANES, ROWS, LEVEL = 8, 4, 16
"""Torch's sum of a row: so many lanes, so many sums side by side, so many terms before they go up a level."""

LONGEST = LANES * ROWS * LEVEL**2
"""Longer rows would need a third level; their means are summed in double precision."""


def _mean(x: Float32) -> Float32:
    """Means over time, (…, 1)."""
    n = x.shape[-1]
    if n < LANES * ROWS or n >= LONGEST:
        plain: Float32 = x.mean(axis=-1, keepdims=True, dtype=np.float64).astype(np.float32)
        return plain
    n_rows = n // LANES // ROWS
    body = x[..., : n_rows * ROWS * LANES].reshape(*x.shape[:-1], n_rows, ROWS * LANES)
    n_whole = n_rows // LEVEL * LEVEL
    lanes = body[..., n_whole:, :].sum(axis=-2)
    if n_whole:
        levels = body[..., :n_whole, :].reshape(*x.shape[:-1], -1, LEVEL, ROWS * LANES)
        lanes += levels.sum(axis=-2).sum(axis=-2)
    return _across(lanes, x[..., n_rows * ROWS * LANES :]) / np.float32(n)


def _across(lanes: Float32, rest: Float32) -> Float32:
    """Sum of all lanes and of the samples behind them, (…, 1)."""
    total = lanes[..., :LANES].copy()
    n_more = rest.shape[-1] // LANES
    for k in range(n_more):
        total += rest[..., k * LANES : (k + 1) * LANES]
    for k in range(1, ROWS):
        total += lanes[..., k * LANES : (k + 1) * LANES]
    out = np.zeros((*lanes.shape[:-1], 1), np.float32)
    for part in (rest[..., n_more * LANES :], total):
        for k in range(part.shape[-1]):
            out += part[..., k : k + 1]
    return out


def _silence(x: Float32) -> None:
    """Make zero what holds one value: what rounding of its mean leaves would be divided by nothing, and grow."""
    ends = (x[..., 0] == x[..., -1]) & (x[..., 0] == x[..., x.shape[-1] // 2])
    for place in np.argwhere(ends):
        row = x[tuple(place)]
        if (row == row[0]).all():
            row[:] = 0


def _squares(x: Float32, axes: int | tuple[int, int]) -> Float32:
    """Sum of the squares along axes; what is left of the mean is too little to matter."""
    rows: Float32 = np.einsum("...t,...t->...", x, x)[..., None]
    return rows if axes == -1 else rows.sum(axis=-2, keepdims=True)


def _detrend(x: Float32) -> None:
    line = np.linspace(-1, 1, x.shape[-1], dtype=np.float32)
    slope = (x @ line) / np.float32((line * line).sum())
    x -= _mean(x)
    x -= slope[..., None] * line


def _fade(x: Float32, n: int) -> None:
    ramp = (0.5 * (1 + np.cos(np.linspace(np.pi, 2 * np.pi, n)))).astype(np.float32)
    x[..., :n] *= ramp
    x[..., -n:] *= ramp[::-1]
