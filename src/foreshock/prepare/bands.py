"""Bands: a recording seen through several high-passes, each relative to its own level. Knows no picks and no networks.

Long waves of the sea can be a hundred times as loud as a small earthquake's first swings; divided by one level, these
vanish. Above 5 Hz the sea is silent and they stand out; a regional earthquake, in turn, shows below.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from scipy import signal

from foreshock.prepare.filters import quiet_sections
from foreshock.prepare.level import Level, compressed, known_behind
from foreshock.types.arrays import AnyArray, Bools, Float32, Floats, Ints

ORDER = 2
_BLOCK = 1 << 20
"""Values filtered at once: each call costs as much as some ten thousand, and memory must end somewhere."""


def in_bands(x: Floats, valid: Bools, *, corners: Sequence[float], out: Float32 | None = None) -> Float32:
    """High-pass at each corner, write relative to the level of the seconds before, and put the bands below each other.

    Arguments:
        x, valid: (…, channel, time), a multiple of `level.HOP` samples long, without offset.
        corners: parts of the sampling rate; 0 leaves the samples as they are.
        out: where to put the result; a new array if not given.

    Returns:
        (…, band · channel, time).

    >>> x = np.sin(np.arange(640) / 5.0)[None]
    >>> in_bands(x, np.ones_like(x, bool), corners=(0.0, 0.05)).shape
    (2, 640)
    """
    n = x.shape[-2]
    if out is None:
        out = np.empty((*x.shape[:-2], len(corners) * n, x.shape[-1]), np.float32)
    known = known_behind(valid)
    for k, corner in enumerate(corners):
        rows = out[..., k * n : (k + 1) * n, :]
        compressed(_highpassed(x, valid, corner=corner, out=rows) if corner else x, valid, known=known, out=rows)
    return out


def _highpassed(x: Floats, valid: Bools, *, corner: float, out: Float32) -> Float32:
    """The causal Butterworth high-pass of a corner, from rest; what is masked counts as zero."""
    sections = _sections(corner)
    memory = quiet_sections(sections, x.shape[:-1])
    step = max(1, _BLOCK // max(1, x[..., 0].size))
    with np.errstate(over="ignore"):
        for first in range(0, x.shape[-1], step):
            piece = (..., slice(first, first + step))
            here = x[piece]
            if not valid[piece].all():
                here = here.copy()
                here[~valid[piece]] = 0.0
            out[piece], memory = signal.sosfilt(sections, here, axis=-1, zi=memory)
    return out


@lru_cache(maxsize=64)
def _sections(corner: float) -> AnyArray:
    sos: AnyArray = signal.butter(ORDER, 2 * corner, "highpass", output="sos")
    return sos


class Bands:
    """The same for streams: takes hop after hop and remembers filters and levels.

    Until there is a level (see `level.Level`), what comes is written as zero.

    Args:
        n: number of streams, of three channels each. corners: see `in_bands`.

    Attributes:
        warm: whether there was a level for each hop of the last update, (stream, hop).
    """

    def __init__(self, n: int, *, corners: Sequence[float]) -> None:
        self._sections = [_sections(corner) if corner else None for corner in corners]
        self._memories = np.zeros((len(corners), ORDER // 2, n, 3, 2))
        self._levels = [Level((n,)) for _ in corners]

    @property
    def warm(self) -> Bools:
        """Whether there was a level."""
        return self._levels[0].warm

    def update(self, x: Float32, valid: Bools) -> Float32:
        """Take the next whole hops, (stream, 3, time), zero where masked, and give (stream, band · 3, time)."""
        seen = []
        for k, (sections, level) in enumerate(zip(self._sections, self._levels, strict=True)):
            y: Floats = x
            if sections is not None:
                y, self._memories[k] = signal.sosfilt(sections, x, axis=-1, zi=self._memories[k])
                y[~valid] = 0.0
            seen.append(level.update(y, valid))
        return seen[0] if len(seen) == 1 else np.concatenate(seen, axis=-2)

    def forget(self, rows: Bools) -> None:
        """Begin anew in some streams."""
        self._memories[:, :, rows] = 0.0
        for level in self._levels:
            level.forget(rows)

    def taken(self, rows: Ints) -> Bands:
        """A copy that knows some of the streams only."""
        part = copy.copy(self)
        part._memories = self._memories[:, :, rows]
        part._levels = [level.taken(rows) for level in self._levels]
        return part

    def put(self, rows: Ints, part: Bands) -> None:
        """Take over what a copy has learnt since."""
        self._memories[:, :, rows] = part._memories
        for level, other in zip(self._levels, part._levels, strict=True):
            level.put(rows, other)

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later."""
        return {"memories": self._memories.copy(), "past": np.stack([level.past for level in self._levels])}

    def restore(self, state: Mapping[str, AnyArray]) -> None:
        """Go on from a saved state."""
        self._memories = np.array(state["memories"], np.float64)
        for level, past in zip(self._levels, state["past"], strict=True):
            level.restore({"past": past})
