"""Votes: how many picks agree on an origin in each coarse cell and moment. Knows no events."""

from __future__ import annotations

import numpy as np

from foreshock.predict.associate.arrivals import Arrivals
from foreshock.predict.associate.geometry import Geometry
from foreshock.types.arrays import Bools, Float64, Ints

_PART = 0.55
_EXTRA_S = 0.3


def half_widths_s(geometry: Geometry) -> Float64:
    """Give how far from a cell's origin time a P and an S may lie: the way to the cell's corner, and some error."""
    return np.asarray(_PART * geometry.cell_km * geometry.table.slow_s_km + _EXTRA_S)


class Votes:
    """Counts (bin of origin time, cell) of the picks whose origin would lie within reach, repeated picks shared.

    The count is the running sum of its differences: each pick adds where its reach begins and takes where it ends.
    """

    def __init__(self, geometry: Geometry, arrivals: Arrivals, *, start_s: float, end_s: float) -> None:
        self._geometry, self._arrivals = geometry, arrivals
        half = half_widths_s(geometry)
        self.bin_s = float(half[0]) / 2
        self.start_s, self.n_bins = start_s, int(np.ceil((end_s - start_s) / self.bin_s))
        self._wide = np.maximum(1, np.round(2 * half / self.bin_s)).astype(np.int32)
        self._half_s = half
        self._share = _shares(arrivals, float(half[0]))
        self.counts = np.zeros((self.n_bins, len(geometry.cells)), np.float32)
        counted, first = self._counted(np.arange(len(arrivals.time_s)))
        self.counts[first : first + len(counted)] = counted
        self.closed: Bools = np.zeros(self.counts.shape, bool)
        self.top = self.counts.max(1)

    def best(self) -> tuple[float, float, int, int]:
        """Give the highest open count, what is usual at its time, its bin and its cell."""
        row = int(np.argmax(self.top))
        counts = self.counts[row]
        cell = int(np.argmax(np.where(self.closed[row], -1, counts)))
        return float(self.top[row]), float(counts.mean()), row, cell

    def time_s(self, row: int) -> float:
        """Give the middle of a bin."""
        return self.start_s + (row + 0.5) * self.bin_s

    def remove(self, which: Ints) -> None:
        """Take away what some picks have voted."""
        gone, first = self._counted(which)
        rows = slice(first, first + len(gone))
        self.counts[rows] -= gone
        self._raise(rows)

    def close(self, row: int, cell: int) -> None:
        """Shut a cell, its neighbours and the bins about one, where no event was found."""
        nx, ny, nz = self._geometry.shape
        i, rest = divmod(cell, ny * nz)
        j, m = divmod(rest, nz)
        wide = int(self._wide[0]) // 2 + 1
        rows = slice(max(row - wide, 0), row + wide + 1)
        near = tuple(slice(max(k - 1, 0), k + 2) for k in (i, j, m))
        self.closed.reshape(-1, nx, ny, nz)[(rows, *near)] = True
        self._raise(rows)

    def reopen(self, row: int, cell: int) -> None:
        """Open one cell again, in the bins about one."""
        wide = int(self._wide[0]) // 2 + 1
        rows = slice(max(row - wide, 0), row + wide + 1)
        self.closed[rows, cell] = False
        self._raise(rows)

    def _raise(self, rows: slice) -> None:
        self.top[rows] = np.where(self.closed[rows], 0, self.counts[rows]).max(1)

    def _counted(self, which: Ints) -> tuple[Float64, int]:
        """Count the votes of some picks over the bins that they reach; give the first of those bins, too."""
        a, g = self._arrivals, self._geometry
        n_cells = len(g.cells)
        phase = a.phase[which]
        late = (a.time_s[which] - self._half_s[phase] - self.start_s + self.bin_s / 2).astype(np.float32)
        begin = ((late[:, None] - g.slot_times[a.slot[which]]) * np.float32(1 / self.bin_s)).astype(np.int32)
        end = begin + self._wide[phase][:, None]
        first = max(0, int(begin.min(initial=self.n_bins)))
        last = min(self.n_bins, int(end.max(initial=0)))
        if last <= first:
            return np.zeros((0, n_cells), np.float32), 0
        span = last - first
        cell = np.arange(n_cells)
        weight = np.repeat(self._share[which], n_cells)
        size = (span + 1) * n_cells
        up = np.bincount((np.clip(begin - first, 0, span) * n_cells + cell).ravel(), weight, minlength=size)
        down = np.bincount((np.clip(end - first, 0, span) * n_cells + cell).ravel(), weight, minlength=size)
        change = (up - down).reshape(span + 1, n_cells)[:span]
        return np.cumsum(change, axis=0, out=change).astype(np.float32), first


def _shares(arrivals: Arrivals, within_s: float) -> Float64:
    """Give each pick its share of one vote among the picks of its slot that are close in time."""
    order = np.lexsort((arrivals.time_s, arrivals.slot))
    time, slot = arrivals.time_s[order], arrivals.slot[order]
    far = (slot - slot.min(initial=0)) * 1e7 + time
    n = np.searchsorted(far, far + within_s, side="right") - np.searchsorted(far, far - within_s)
    out = np.empty(len(order))
    out[order] = 1 / n
    return out
