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
_SURE = 20.0
"""Candidates of less evidence beyond what is needed wait until the surer ones have their picks."""


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


def too_few(fit: int, *, near: int = -1, stations: int = 0) -> str:
    """Say why a candidate's picks make no event.

    Arguments:
        fit: picks that fit it. near, stations: of them, those within the distance that speaks most for it.

    >>> too_few(1), too_few(4)
    ('fits no other pick', 'fits only 3 others')
    >>> too_few(6, near=4, stations=2), too_few(6, near=0)
    ('fits only 3 others at 2 stations', 'fits 5 others, but nearer stations, which should have seen more, are silent')
    """
    if near < 0 or fit < 2:
        return "fits no other pick" if fit < 2 else f"fits only {_others(fit - 1)}"
    if near < 2:
        return f"fits {_others(fit - 1)}, but nearer stations, which should have seen more, are silent"
    return f"fits only {_others(near - 1)} at {stations} station{'' if stations == 1 else 's'}"


def _others(n: int) -> str:
    return f"{n} other{'' if n == 1 else 's'}"


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
        self._judge.heed(alive)
        self._fit = Fit(self.geometry, arrivals)
        self._free = np.ones(len(arrivals.time_s), bool)
        self._echo = np.zeros(len(arrivals.time_s), bool)
        self._mark(taken)
        self._votes = Votes(self.geometry, arrivals, start_s=start_s, end_s=end_s)
        self._found: list[Found] = []
        self._weak: list[Found] = []
        self._votes_for = np.ones(len(arrivals.time_s), bool)
        fallen = self._sweep(self._needed + _SURE)
        self._take_weak()
        for _ in range(_SWEEPS - 1):
            again = [one for one in fallen if _may_rise(one, self._found)]
            if not again:
                break
            for one in again:
                self._votes.reopen(one.row, one.cell)
            fallen = self._sweep(self._needed)
        return self._found

    def _is_crowded(self, arrivals: Arrivals) -> bool:
        """Whether enough picks for an event ever lie within the longest travel time."""
        n, time = self.settings.min_picks, arrivals.time_s
        return len(time) >= n and bool((time[n - 1 :] - time[: len(time) - n + 1]).min() < self.geometry.longest_s)

    def _sweep(self, bar: float) -> list[_Fallen]:
        """Take candidates of more evidence than `bar` until what is left looks like chance; give those that fell."""
        fallen: list[_Fallen] = []
        votes, found = self._votes, self._found
        while True:
            count, usual, row, cell = votes.best()
            if count < self.settings.min_picks - 1.01:
                return fallen
            if count < usual + 2.5 * np.sqrt(usual):
                votes.pass_over(row)
                continue
            known = len(self.fell)
            event, near = self._candidate(cell, votes.time_s(row))
            if event is not None and event.evidence >= bar:
                self._accept(event)
                continue
            if event is None:
                fallen.append(_Fallen(row, cell, near, len(found), len(self.fell) > known))
            else:
                self._weak.append(event)
                votes.remove(self._voting(event.picks))
                self._votes_for[event.picks] = False
            votes.close(row, cell)

    def _accept(self, event: Found) -> None:
        """Give an event its picks, and take them from all others."""
        a = self._arrivals
        self._found.append(event)
        self._free[event.picks] = False
        self.n_held += len(event.picks)
        self._mark(Taken(a.time_s[event.picks], a.slot[event.picks]))
        self._votes.remove(self._voting(event.picks))
        self._votes_for[event.picks] = False

    def _voting(self, picks: Ints) -> Ints:
        """Give those of some picks that still vote."""
        return picks[self._votes_for[picks]]

    def _take_weak(self) -> None:
        """Accept events of little evidence, the surest first, with the picks that are left to them; others may vote."""
        for one in sorted(self._weak, key=lambda one: -one.evidence):
            event = self._judged(one.at, one.time_s, self._local(one.time_s))
            if event is not None:
                self._accept(event)
        again = np.flatnonzero(self._free & ~self._votes_for)
        if len(again):
            self._votes_for[again] = True
            self._votes.put_back(again)

    def _local(self, time_s: float) -> Ints:
        """Give the free picks that an origin at a time can have."""
        first, last = np.searchsorted(self._arrivals.time_s, [time_s - 5, time_s + self.geometry.longest_s + 5])
        return np.arange(first, last)[self._free[first:last]]

    def _candidate(self, cell: int, time_s: float) -> tuple[Found | None, Ints]:
        """Fit a candidate, choose its picks, and judge it; give the picks about it, too."""
        a, least = self._arrivals, self.settings.min_picks - 1
        local = self._local(time_s)
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
        best = self._judge.at_most(cell, a.slot[near], a.sigma_s[near], rate_hz=self._rate_hz)
        return best > self._needed

    def _judged(self, at: Float64, time_s: float, local: Ints) -> Found | None:
        """Choose the picks of a place and time, and give the event if they are enough."""
        a, g, told = self._arrivals, self.geometry, self.settings
        picks, phase, residual, sigma = self._fit.choose(at, time_s, local)
        own = np.flatnonzero(phase == a.phase[picks])
        slot = a.slot[picks[own]]
        if len(own) < told.min_picks or len(np.unique(slot % g.n_sites)) < told.min_sites:
            self.fell.append(Fell(picks, too_few(len(own))))
            return None
        _, slopes = g.times_and_slopes(at, g.columns(slot))
        rate = np.maximum(self._rate_hz, self._local_rate_hz(local, picks[own]))[slot]
        rate = np.where(self._echo[picks[own]], np.maximum(rate, self._noise.echo_hz(self.n_held, self.n_echoes)), rate)
        hits = Hits(slot, residual[own], sigma[own], np.vstack([slopes, np.ones(len(own))]), rate)
        evidence, within = self._judge.weigh(at, hits)
        kept = own[within]
        sites = np.unique(a.slot[picks[kept]] % g.n_sites)
        if len(kept) < told.min_picks or len(sites) < told.min_sites:
            self.fell.append(Fell(picks, too_few(len(own), near=len(kept), stations=len(sites))))
            return None
        if evidence < self._needed:
            often = np.exp(self._needed - evidence) * told.false_per_day
            self.fell.append(
                Fell(picks, f"agrees with {_others(len(kept) - 1)}, as chance may do {often:.2g} times a day")
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
