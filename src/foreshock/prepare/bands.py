"""Bands: a recording seen through several high-passes, each relative to its own level. Knows no picks and no networks.

Long waves of the sea can be a hundred times as loud as a small earthquake's first swings; divided by one level, these
vanish. Above 5 Hz the sea is silent and they stand out; a regional earthquake, in turn, shows below.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import signal

from foreshock.prepare.level import compressed
from foreshock.types.arrays import Bools, Float32, Floats

ORDER = 2


def in_bands(x: Floats, valid: Bools, *, corners: Sequence[float]) -> Float32:
    """High-pass at each corner, write relative to the level of the seconds before, and put the bands below each other.

    Arguments:
        x, valid: (…, channel, time), a multiple of `level.HOP` samples long, without offset.
        corners: parts of the sampling rate; 0 leaves the samples as they are.

    Returns:
        (…, band · channel, time).

    >>> x = np.sin(np.arange(640) / 5.0)[None]
    >>> in_bands(x, np.ones_like(x, bool), corners=(0.0, 0.05)).shape
    (2, 640)
    """
    clean = np.where(valid, x, 0)
    seen = [compressed(_highpassed(clean, corner), valid) for corner in corners]
    return np.concatenate(seen, axis=-2)


def _highpassed(x: Floats, corner: float) -> Floats:
    """The causal Butterworth high-pass of a corner, from rest."""
    if not corner:
        return x
    y: Floats = signal.sosfilt(signal.butter(ORDER, 2 * corner, "highpass", output="sos"), x, axis=-1)
    return y
