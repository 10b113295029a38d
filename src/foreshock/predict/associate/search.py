"""Search: find earthquakes among the picks of one block of time. Knows no stations' names and keeps no state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.predict.associate.network import AssociateSettings, Geometry
from foreshock.types.arrays import Bools, Float64, Ints

_BIN_S = 1.0
_OFFSETS = np.stack([a.ravel() for a in np.meshgrid([-1, 0, 1], [-1, 0, 1], [-1, 0, 1], indexing="ij")], 1)
_SEEN = 0.5


@dataclass(frozen=True)
class Arrivals:
    """Picks of a block in order of time: seconds, site, sensor, phase number and sigma (s), each (pick,)."""

    time_s: Float64
    site: Ints
    sensor: Ints
    phase: Ints
    sigma_s: Float64


@dataclass(frozen=True)
class Found:
    """One earthquake of a block: where (km), when (s), its picks, residuals, evidence."""

    at: Float64
    time_s: float
    picks: Ints
    phase: Ints
    residual_s: Float64
    evidence: float


class Search:
    """Back-projection on coarse cells, then a shrinking grid, then a robust fit, greedily from the best down."""

    def __init__(self, geometry: Geometry, settings: AssociateSettings) -> None:
        self.geometry, self.settings = geometry, settings
        self.half_bins = max(1, round(0.6 * geometry.cell_km * geometry.slow_s_km / _BIN_S))

    def find(self, picks: Arrivals, *, start_s: float, end_s: float, alive: Bools) -> list[Found]:
        """Give the events whose origin lies between two times."""
        self.picks, self.alive = picks, alive
        self.start_s, self.n_bins = start_s - self.half_bins, int(np.ceil(end_s - start_s)) + 2 * self.half_bins
        self.free = np.ones(len(picks.time_s), bool)
        votes = self._votes(np.arange(len(picks.time_s)))
        found: list[Found] = []
        for _ in range(2):
            before = len(found)
            self._sweep(votes, found)
            if len(found) == before:
                break
        return found

    def _votes(self, which: Ints) -> Float64:
        """Count origin times (cell, bin) that picks vote for, summed over the window's width."""
        p, g = self.picks, self.geometry
        origin = p.time_s[which] - g.cell_times[p.phase[which], :, p.site[which]].T
        b = np.floor((origin - self.start_s) / _BIN_S).astype(np.int64)
        ok = (b >= 0) & (b < self.n_bins)
        cell = np.broadcast_to(np.arange(len(g.cells))[:, None], b.shape)
        flat = np.bincount((cell[ok] * self.n_bins + b[ok]), minlength=len(g.cells) * self.n_bins)
        w = self.half_bins
        total = np.cumsum(np.pad(flat.reshape(len(g.cells), -1), ((0, 0), (w + 1, w))), axis=1)
        return np.asarray(total[:, 2 * w + 1 :] - total[:, : -2 * w - 1], dtype=np.float64)

    def _sweep(self, votes: Float64, found: list[Found]) -> None:
        """Take candidates from the most votes down until what is left looks like chance."""
        open_ = np.ones(votes.shape)
        live = votes.copy()
        nx, ny, nz = self.geometry.shape
        while True:
            k = int(np.argmax(live))
            cell, b = divmod(k, self.n_bins)
            mean = self.free.sum() / (self.n_bins + self.geometry.longest_s) * (2 * self.half_bins + 1)
            if live[cell, b] < max(self.settings.min_picks - 1, mean + 2.5 * np.sqrt(mean)):
                return
            event = self._refine(self.geometry.cells[cell], self.start_s + (b + 0.5) * _BIN_S)
            if event is not None:
                found.append(event)
                self.free[event.picks] = False
                gone = self._votes(event.picks)
                votes -= gone
                live = votes * open_
            i, j, m = np.unravel_index(cell, (nx, ny, nz))
            near = (slice(max(i - 1, 0), i + 2), slice(max(j - 1, 0), j + 2), slice(max(m - 1, 0), m + 2))
            if event is None:
                bins = slice(max(b - self.half_bins, 0), b + self.half_bins + 1)
                open_.reshape(nx, ny, nz, -1)[(*near, bins)] = 0
                live.reshape(nx, ny, nz, -1)[(*near, bins)] = 0

    def _refine(self, at: Float64, time_s: float) -> Found | None:
        """Shrink a grid about a candidate, fit, choose picks, judge."""
        g, p = self.geometry, self.picks
        first, last = np.searchsorted(p.time_s, [time_s - 4, time_s + g.longest_s + 4])
        local = np.arange(first, last)[self.free[first:last]]
        gap = p.time_s[local] - time_s - g.times(at[None], p.site[local], p.phase[local])[0]
        near = local[np.abs(gap) < (self.half_bins + 1.5) * _BIN_S]
        if len(near) < self.settings.min_picks - 1:
            return None
        step = g.cell_km / 3
        while step > 1.0:
            points = np.clip(at + _OFFSETS * step, g.low, g.high)
            v = p.time_s[near] - g.times(points, p.site[near], p.phase[near])
            anchors = v[:, :: max(1, len(near) // 30)]
            tol = 0.35 + 0.5 * step * g.slow_s_km
            score = np.maximum(0, 1 - ((v[:, :, None] - anchors[:, None]) / tol) ** 2).sum(1)
            best, anchor = divmod(int(np.argmax(score)), anchors.shape[1])
            at, time_s = points[best], float(anchors[best, anchor])
            step /= 1.7
        return self._fit(at, time_s, local)

    def _sigma(self, travel_s: Float64, which: Ints) -> Float64:
        s = self.settings
        return np.asarray(np.sqrt(self.picks.sigma_s[which] ** 2 + s.static_s**2 + (s.model_fraction * travel_s) ** 2))

    def _fit(self, at: Float64, time_s: float, local: Ints) -> Found | None:
        """Fit place and time by reweighted Gauss–Newton steps over the picks within reach."""
        g, p = self.geometry, self.picks
        reach = 6.0
        for _ in range(6):
            points = at + np.array(
                [[0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5 if at[2] < g.depth_km / 2 else -0.5]]
            )
            travel = g.times(points, p.site[local], p.phase[local])
            residual = p.time_s[local] - time_s - travel[0]
            sigma = self._sigma(travel[0], local)
            z = residual / sigma
            use = np.abs(z) < reach
            if use.sum() < self.settings.min_picks:
                return None
            slope = (travel[1:, use] - travel[0, use]) / np.diag(points[1:] - at)[:, None]
            matrix = np.vstack([slope, np.ones(int(use.sum()))]) / sigma[use]
            weight = 1 / (1 + (z[use] / 2) ** 2)
            normal = (matrix * weight) @ matrix.T + np.diag([1e-3, 1e-3, 1e-2, 1e-6])
            move = np.linalg.solve(normal, (matrix * weight) @ z[use])
            at = np.clip(at + np.clip(move[:3], -5, 5), g.low, g.high)
            time_s = float(time_s + np.clip(move[3], -3, 3))
            reach = max(3.5, reach - 0.5)
        return self._choose(at, time_s, local)

    def _choose(self, at: Float64, time_s: float, local: Ints) -> Found | None:
        """Give each sensor's phase its best pick, also one with the other's name, and judge the whole."""
        g, p = self.geometry, self.picks
        both = np.concatenate([local, local])
        phase = np.concatenate([p.phase[local], 1 - p.phase[local]])
        travel = g.times(at[None], p.site[both], phase)[0]
        residual = p.time_s[both] - time_s - travel
        z = np.abs(residual) / self._sigma(travel, both)
        wrong = np.repeat([0, 1], len(local))
        good = np.flatnonzero(z < np.where(wrong, 2.0, 3.5))
        order = good[np.lexsort((both[good], z[good], wrong[good]))]
        _, one = np.unique(p.sensor[both[order]] * 2 + phase[order], return_index=True)
        order = order[np.sort(one)]
        _, one = np.unique(both[order], return_index=True)
        order = order[np.sort(one)]
        right = order[wrong[order] == 0]
        if len(right) < self.settings.min_picks or len(np.unique(p.site[both[right]])) < self.settings.min_sites:
            return None
        evidence = self._evidence(
            at, p.site[both[right]], phase[right], z=z[right], travel=travel[right], which=both[right], local=local
        )
        if evidence < self.settings.evidence:
            return None
        return Found(at, time_s, both[order], phase[order], residual[order], evidence)

    def _evidence(
        self, at: Float64, site: Ints, phase: Ints, *, z: Float64, travel: Float64, which: Ints, local: Ints
    ) -> float:
        """Weigh hits against misses out to the distance that favours the event most, relative to chance."""
        g = self.geometry
        n = len(g.xy)
        span = g.longest_s + 8
        rate = max((len(local) - len(which)) / (span * 2 * n), 1 / 600)
        gain = np.log(_SEEN / (rate * self._sigma(travel, which) * 2.5066)) - z**2 / 2
        slots = np.full((n, 2), -np.inf)
        np.maximum.at(slots, (site, phase), gain)
        hit = np.isfinite(slots)
        worth = np.where(hit, slots, 0).sum(1)
        worth[~hit.any(1)] = np.where(self.alive[~hit.any(1)], np.log(1 - _SEEN), 0)
        order = np.argsort(np.hypot(*(g.xy - at[:2]).T), kind="stable")
        return float(np.cumsum(worth[order]).max())
