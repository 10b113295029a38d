"""Triggers: spans where a ratio rose over one threshold before it fell under another. Knows no waveforms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.types.arrays import Floats


@dataclass(frozen=True, slots=True)
class Trigger:
    """A span of samples: `on` first reaches the upper threshold, `off` is the first one under the lower again."""

    on: int
    off: int
    peak: int
    height: float


def triggers(ratio: Floats, *, on: float, off: float) -> list[Trigger]:
    """Find every span above `off` that reaches `on`, in order of time.

    >>> triggers(np.array([0, 2.0, 5.0, 3.0, 0, 2.0, 0]), on=4.0, off=1.5)
    [Trigger(on=2, off=4, peak=2, height=5.0)]
    """
    x = np.asarray(ratio)
    hits = np.flatnonzero(x >= on)
    if not len(hits):
        return []
    above = np.concatenate([[False], x > off, [False]])
    edges = np.flatnonzero(above[1:] != above[:-1])
    ends = dict.fromkeys(np.searchsorted(edges, hits, side="right").tolist())
    return [_trigger(x, int(edges[k - 1]), int(edges[k]), on) for k in ends if k % 2]


def _trigger(ratio: Floats, first: int, last: int, on: float) -> Trigger:
    span = ratio[first:last]
    peak = first + int(np.argmax(span))
    return Trigger(on=first + int(np.argmax(span >= on)), off=last, peak=peak, height=float(ratio[peak]))
