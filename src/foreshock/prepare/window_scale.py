"""Window scale: windows made ready for a labeller from elsewhere, each by itself. Knows no network.

The same numbers as SeisBench's ``annotate_batch_pre`` gives for PhaseNet and EQTransformer, to single precision.
"""

from __future__ import annotations

import numpy as np

from foreshock.bundle import Windows
from foreshock.types.arrays import Float32

TINY = np.float32(1e-10)
"""What keeps a silent component from being divided by nothing."""


def scale(x: Float32, told: Windows) -> None:
    """Scale windows (window, component, time) in place: mean or line out, divided, ends faded."""
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


def _mean(x: Float32) -> Float32:
    """Means over time, summed in double precision: a component that holds one value becomes zero, not its rounding."""
    mean: Float32 = x.mean(axis=-1, keepdims=True, dtype=np.float64).astype(np.float32)
    return mean


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
