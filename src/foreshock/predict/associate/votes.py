"""Votes: how many picks agree on an origin in each coarse cell and moment. Knows no events."""

from __future__ import annotations

import numpy as np

from foreshock.predict.associate.arrivals import Arrivals
from foreshock.predict.associate.geometry import Geometry
from foreshock.types.arrays import Bools, Float32, Float64, Ints

_PART = 0.55
_EXTRA_S = 0.3


def half_widths_s(geometry: Geometry) -> Float64:
    """Give how far from a cell's origin time a P and an S may lie: the way to the cell's corner, and some error."""
    return np.asarray(_PART * geometry.cell_km * geometry.table.slow_s_km + _EXTRA_S)


class Votes:
    """Counts (bin of origin time, cell) of the picks whose origin lies within reach, repeated picks shared.

    A P is counted in three bins, an S in five (or as many as its reach asks for). Picks beyond either end fall into
    the outermost row, which is as far off as the reach and is never read.
    """

    def __init__(self, geometry: Geometry, arrivals: Arrivals, *, start_s: float, end_s: float) -> None:
        self._geometry, self._phase = geometry, arrivals.phase
        half = half_widths_s(geometry)
        self.bin_s = float(half[0]) * 2 / 3
        self._more = max(0, round((float(half[1] / self.bin_s) * 2 - 3) / 2))
        self._pad = self._more + 3
        self.start_s, self.n_bins = start_s, int(np.ceil((end_s - start_s) / self.bin_s))
        self._share = _shares(arrivals, float(half[0]))
        self._is_shared = bool((self._share < 1).any())
        self._n_cells = len(geometry.cells)
        late = (arrivals.time_s - start_s).astype(np.float32)[:, None] - geometry.slot_times[arrivals.slot]
        late *= np.float32(1 / self.bin_s)
        late += np.float32(self._pad)
        np.maximum(late, 0, out=late)
        np.minimum(late, self.n_bins + 2 * self._pad - 1, out=late)
        self._bins = late.astype(np.int32)
        self.counts = self._counted(np.arange(len(late)), 0, self.n_bins)
        self.closed: Bools = np.zeros(self.counts.shape, bool)
        self.top = self.counts.max(1)

    def best(self) -> tuple[float, float, int, int]:
        """Give the highest open count, what is usual at its time, its bin and its cell."""
        row = int(self.top.argmax())
        counts = self.counts[row]
        cell = int(np.where(self.closed[row], -1, counts).argmax())
        return float(self.top[row]), float(counts.sum()) / self._n_cells, row, cell

    def time_s(self, row: int) -> float:
        """Give the middle of a bin."""
        return self.start_s + (row + 0.5) * self.bin_s

    def pass_over(self, row: int) -> None:
        """Let a bin be until its counts change."""
        self.top[row] = 0

    def remove(self, which: Ints) -> None:
        """Take away what some picks have voted."""
        bins = self._bins[which]
        first = max(0, int(bins.min()) - 2 * self._pad)
        last = min(self.n_bins, int(bins.max()) + 1)
        if last > first:
            self.counts[first:last] -= self._counted(which, first, last)
            self._raise(slice(first, last))

    def close(self, row: int, cell: int) -> None:
        """Shut a cell, its neighbours and the bins about one, where no event was found."""
        nx, ny, nz = self._geometry.shape
        i, rest = divmod(cell, ny * nz)
        j, m = divmod(rest, nz)
        rows = slice(max(row - 2, 0), row + 3)
        near = tuple(slice(max(k - 1, 0), k + 2) for k in (i, j, m))
        self.closed.reshape(-1, nx, ny, nz)[(rows, *near)] = True
        self._raise(rows)

    def reopen(self, row: int, cell: int) -> None:
        """Open one cell again, in the bins about one."""
        rows = slice(max(row - 2, 0), row + 3)
        self.closed[rows, cell] = False
        self._raise(rows)

    def _raise(self, rows: slice) -> None:
        self.top[rows] = np.where(self.closed[rows], 0, self.counts[rows]).max(1)

    def _counted(self, which: Ints, first: int, last: int) -> Float32:
        """Count the votes of some picks over some bins."""
        m = self._more
        phase = self._phase[which]
        s = self._spread(which[phase == 1], first, last)
        both = self._spread(which[phase == 0], first, last) + s
        n = last - first
        out: Float32 = both[m + 1 : m + 1 + n] + both[m : m + n] + both[m + 2 : m + 2 + n]
        for k in range(m):
            out += s[k : k + n] + s[2 * m + 2 - k : 2 * m + 2 - k + n]
        return out

    def _spread(self, which: Ints, first: int, last: int) -> Float32:
        """Count the origins of some picks in bins, with as many bins on both ends as an S reaches."""
        rows = last - first + 2 * (self._more + 1)
        base = first + self._pad - self._more - 1
        place = self._bins[which] - base
        np.maximum(place, -1, out=place)
        np.minimum(place, rows, out=place)
        place += 1
        flat = (place.astype(np.int64) * self._n_cells + np.arange(self._n_cells)).ravel()
        weight = np.repeat(self._share[which], self._n_cells) if self._is_shared else None
        counts = np.bincount(flat, weight, minlength=(rows + 2) * self._n_cells)
        return counts.reshape(rows + 2, self._n_cells)[1:-1].astype(np.float32)


def _shares(arrivals: Arrivals, within_s: float) -> Float64:
    """Give each pick its share of one vote among the picks of its slot that are close in time."""
    order = np.lexsort((arrivals.time_s, arrivals.slot))
    time, slot = arrivals.time_s[order], arrivals.slot[order]
    far = (slot - slot.min(initial=0)) * 1e7 + time
    n = np.searchsorted(far, far + within_s, side="right") - np.searchsorted(far, far - within_s)
    out = np.empty(len(order))
    out[order] = 1 / n
    return out
