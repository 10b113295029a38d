"""Stuck: samples that repeat one value for so long that nothing was measured. Knows no filters and no grids.

Filled gaps, stuck digitisers and hard clipping look alike: one value again and again. A stream knows that only when the
value has stood for `DEAD_S`, a recording knows it from the first sample on; that is the one difference between the two.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from foreshock.types.arrays import AnyArray, Float32, Ints

DEAD_S = 2.0
"""A value repeated so long says that nothing was measured."""

PROBES = 10


class Stuck:
    """Finds repeated values in the packets of one channel and remembers the last value and since when it stands.

    >>> one = Stuck(rate_hz=2.0)
    >>> one.update(np.array([1, 1, 1], np.float32)), one.update(np.array([1, 1, 2], np.float32))
    ([], [(0, 2)])
    """

    def __init__(self, *, rate_hz: float) -> None:
        self.shortest = shortest(rate_hz)
        self.last, self.count = np.nan, 0

    def update(self, x: Float32) -> list[tuple[int, int]]:
        """Take the next samples, give the spans of them that are known to be stuck by now."""
        n = len(x)
        if n == 0:
            return []
        before = self.count if x[0] == self.last else 0
        if x[n - 1] != self.last and n < self.shortest:
            spans = _known(x, before, self.shortest) if before else []
            self.count = _tail(x)
        else:
            spans = _known(x, before, self.shortest)
            tail = _tail(x)
            self.count = before + n if tail == n else tail
        self.last = float(x[n - 1])
        return spans

    def forget(self) -> None:
        """Begin anew."""
        self.last, self.count = np.nan, 0

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later."""
        return {"last": np.array(self.last), "count": np.array(self.count)}

    def restore(self, state: Mapping[str, AnyArray]) -> None:
        """Go on from a saved state."""
        self.last, self.count = float(state["last"]), int(state["count"])


def shortest(rate_hz: float) -> int:
    """Samples that must be equal."""
    return max(2, round(DEAD_S * rate_hz))


def stuck_spans(x: Float32, *, rate_hz: float) -> list[tuple[int, int]]:
    """Every span of a whole channel that repeats one value for `DEAD_S` or longer, from its first sample on."""
    least = shortest(rate_hz)
    if least > 2 * PROBES and not _may_hold(x, least):
        return []
    edges = _edges(x)
    runs = np.flatnonzero(np.diff(edges) >= least)
    return [(int(edges[run]), int(edges[run + 1])) for run in runs]


def _may_hold(x: Float32, least: int) -> bool:
    """Whether every few samples look as they would within a run: a quick glance that misses no run."""
    probes = x[:: max(1, least // PROBES)]
    same = probes[1:] == probes[:-1]
    for apart in (1, 2, 4):
        same = same[apart:] & same[:-apart]
    return bool(same.any())


def _known(x: Float32, before: int, least: int) -> list[tuple[int, int]]:
    """Spans known to be stuck when their samples come; the first run has been standing for `before` samples."""
    edges = _edges(x)
    begins, ends = edges[:-1].copy(), edges[1:]
    length = ends - begins
    length[0] += before
    begins[0] -= before
    held = np.flatnonzero(length >= least)
    return [(max(0, int(begins[k]) + least - 1), int(ends[k])) for k in held]


def _edges(x: Float32) -> Ints:
    changes: Ints = np.flatnonzero(x[1:] != x[:-1]) + 1
    return np.concatenate([[0], changes, [len(x)]])


def _tail(x: Float32) -> int:
    """How many samples at the end are equal."""
    n = len(x)
    if n > 1 and x[n - 2] != x[n - 1]:
        return 1
    return n - int(_edges(x)[-2])
