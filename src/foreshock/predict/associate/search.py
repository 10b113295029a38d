"""Search: find earthquakes among the picks of one block of time. Knows no stations' names and keeps no state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.predict.associate.arrivals import Arrivals, Fell, Found, Taken
from foreshock.predict.associate.evidence import Hits, Judge, needed_evidence
from foreshock.predict.associate.fit import Fit
from foreshock.predict.associate.geometry import Geometry
from foreshock.predict.associate.noise import ECHO_S, Noise
from foreshock.predict.associate.votes import Votes
from foreshock.types.arrays import Bools, Float64, Ints

_SWEEPS = 3


@dataclass(frozen=True, eq=False)
class _Fallen:
    """A candidate that made no event: where, the picks about it, how many events there were, and if it was judged."""

    row: int
    cell: int
    near: Ints
    n_found: int
    judged: bool


def _may_rise(fallen: _Fallen, found: list[Found]) -> bool:
    """Whether events found since may have been what hid it."""
    later = found[fallen.n_found :]
    return bool(later) and (fallen.judged or any(np.isin(one.picks, fallen.near).any() for one in later))


class Search:
    """Takes candidates by their votes from the most down, fits and judges each; what fell is tried again at the end."""

    def __init__(self, geometry: Geometry) -> None:
        self.geometry, self.settings = geometry, geometry.settings
        self._judge = Judge(geometry)
        self._needed = needed_evidence(self.settings.false_per_day)
        self.fell: list[Fell] = []
        self.n_held = self.n_echoes = 0

    def find(
        self, arrivals: Arrivals, *, start_s: float, end_s: float, noise: Noise, alive: Bools, taken: Taken
    ) -> list[Found]:
        """Give the events whose origin lies between two times, in the order of their discovery."""
        self.fell = []
        self.n_held = self.n_echoes = 0
        if not self._is_crowded(arrivals):
            return []
        self._arrivals, self._alive, self._noise, self._rate_hz = arrivals, alive, noise, noise.rate_hz()
        self._fit = Fit(self.geometry, arrivals)
        self._free = np.ones(len(arrivals.time_s), bool)
        self._echo = np.zeros(len(arrivals.time_s), bool)
        self._mark(taken)
        votes = Votes(self.geometry, arrivals, start_s=start_s, end_s=end_s)
        found: list[Found] = []
        for _ in range(_SWEEPS):
            fallen = self._sweep(votes, found)
            again = [one for one in fallen if _may_rise(one, found)]
            if not again:
                break
            for one in again:
                votes.reopen(one.row, one.cell)
        return found

    def _is_crowded(self, arrivals: Arrivals) -> bool:
        """Whether enough picks for an event ever lie within the longest travel time."""
        n, time = self.settings.min_picks, arrivals.time_s
        return len(time) >= n and bool((time[n - 1 :] - time[: len(time) - n + 1]).min() < self.geometry.longest_s)

    def _sweep(self, votes: Votes, found: list[Found]) -> list[_Fallen]:
        """Take candidates until what is left looks like chance; give those that fell."""
        fallen: list[_Fallen] = []
        while True:
            count, usual, row, cell = votes.best()
            if count < self.settings.min_picks - 1.01:
                return fallen
            if count < usual + 2.5 * np.sqrt(usual):
                votes.pass_over(row)
                continue
            known = len(self.fell)
            event, near = self._candidate(cell, votes.time_s(row))
            if event is None:
                fallen.append(_Fallen(row, cell, near, len(found), len(self.fell) > known))
                votes.close(row, cell)
                continue
            found.append(event)
            self._free[event.picks] = False
            self.n_held += len(event.picks)
            self._mark(Taken(self._arrivals.time_s[event.picks], self._arrivals.slot[event.picks]))
            votes.remove(event.picks)

    def _candidate(self, cell: int, time_s: float) -> tuple[Found | None, Ints]:
        """Fit a candidate, choose its picks, and judge it; give the picks about it, too."""
        a, least = self._arrivals, self.settings.min_picks - 1
        first, last = np.searchsorted(a.time_s, [time_s - 5, time_s + self.geometry.longest_s + 5])
        local = np.arange(first, last)[self._free[first:last]]
        near = self._fit.near(cell, time_s, local)
        if len(near) < least or not self._is_worth(cell, near):
            return None, near
        at, time_s, n = self._fit.start(cell, near)
        if n < least:
            return None, near
        at, time_s = self._fit.settle(at, time_s, near)
        picks, phase, *_ = self._fit.choose(at, time_s, local)
        own = picks[phase == a.phase[picks]]
        if len(own) < least:
            return None, near
        at, time_s = self._fit.settle(at, time_s, own, soft=(0.0, 0.0))
        return self._judged(at, time_s, local), near

    def _is_worth(self, cell: int, near: Ints) -> bool:
        """Whether the picks about a cell could be evidence enough if they all fitted."""
        a = self._arrivals
        best = self._judge.at_most(cell, a.slot[near], a.sigma_s[near], rate_hz=self._rate_hz, alive=self._alive)
        return best > self._needed

    def _judged(self, at: Float64, time_s: float, local: Ints) -> Found | None:
        """Choose the picks of a place and time, and give the event if they are enough."""
        a, g, told = self._arrivals, self.geometry, self.settings
        picks, phase, residual, sigma = self._fit.choose(at, time_s, local)
        own = np.flatnonzero(phase == a.phase[picks])
        slot = a.slot[picks[own]]
        if len(own) < told.min_picks or len(np.unique(slot % g.n_sites)) < told.min_sites:
            self.fell.append(Fell(picks, f"fits only {len(own)} picks together"))
            return None
        _, slopes = g.times_and_slopes(at, g.columns(slot))
        rate = np.maximum(self._rate_hz, self._local_rate_hz(local, picks[own]))[slot]
        rate = np.where(self._echo[picks[own]], np.maximum(rate, self._noise.echo_hz(self.n_held, self.n_echoes)), rate)
        hits = Hits(slot, residual[own], sigma[own], np.vstack([slopes, np.ones(len(own))]), rate)
        evidence, within = self._judge.weigh(at, hits, alive=self._alive)
        kept = own[within]
        sites = np.unique(a.slot[picks[kept]] % g.n_sites)
        if len(kept) < told.min_picks or len(sites) < told.min_sites:
            self.fell.append(Fell(picks, f"fits only {len(kept)} picks of {len(sites)} stations together"))
            return None
        if evidence < self._needed:
            often = np.exp(self._needed - evidence) * told.false_per_day
            self.fell.append(
                Fell(picks, f"agrees with {len(kept) - 1} others, as chance may do {often:.2g} times a day")
            )
            return None
        far = np.isin(a.slot[picks] % g.n_sites, sites)
        return Found(at, time_s, picks[far], phase[far], residual[far], evidence)

    def _mark(self, taken: Taken) -> None:
        """Mark the picks that may be echoes of those that events hold."""
        a = self._arrivals
        if len(taken.slot):
            same = taken.slot[:, None] == a.slot
            self._echo |= (same & (np.abs(taken.time_s[:, None] - a.time_s) < ECHO_S)).any(0)
            self.n_echoes = int((self._echo & self._free).sum())

    def _local_rate_hz(self, local: Ints, own: Ints) -> Float64:
        """Give the rate of free picks about the candidate that are not its own, each slot of a phase alike."""
        g = self.geometry
        n = np.bincount(self._arrivals.phase[local], minlength=2) - np.bincount(self._arrivals.phase[own], minlength=2)
        live = max(1, int(self._alive.sum()))
        return np.repeat((np.maximum(n, 0) + 1) / ((g.longest_s + 10) * live), g.n_sites)
