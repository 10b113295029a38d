"""Picks against truth: which belong together, how far apart they are, what was missed. Knows times only, no pickers."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.types.arrays import Float64, Ints


class Arrival(Protocol):
    """A phase at a trace at a time: a `types.pick.Pick`, or a row of truth."""

    @property
    def trace_id(self) -> str:
        """Where."""
        ...

    @property
    def phase(self) -> str:
        """``P`` or ``S``."""
        ...

    @property
    def time_ns(self) -> int:
        """When, UTC nanoseconds."""
        ...


@dataclass(frozen=True, slots=True)
class TrueArrival:
    """A phase that is known to have arrived: where, which, when (UTC nanoseconds)."""

    trace_id: str
    phase: str
    time_ns: int


@dataclass(frozen=True, slots=True)
class Match:
    """A pick and the true arrival it belongs to, by their places in the two lists; residual = pick − truth, seconds."""

    pick: int
    truth: int
    phase: str
    residual_s: float


def match_picks(picks: Sequence[Arrival], truth: Sequence[Arrival], *, tolerance_s: float = 0.5) -> list[Match]:
    """Pair picks with true arrivals of the same trace and phase, one to one, no further apart than the tolerance.

    Among all pairings the one with the most pairs is taken, and among those the one with the least total |residual|.

    Raises:
        InputError: the tolerance is not positive and finite.

    >>> true = [TrueArrival("X", "P", 0), TrueArrival("X", "P", 1_000_000_000)]
    >>> said = [TrueArrival("X", "P", 600_000_000), TrueArrival("X", "P", 1_500_000_000)]
    >>> [(m.pick, m.truth, m.residual_s) for m in match_picks(said, true, tolerance_s=0.7)]
    [(0, 0, 0.6), (1, 1, 0.5)]
    """
    if not 0 < tolerance_s < math.inf:
        raise InputError(f"tolerance is {tolerance_s} s", "it must be positive", "use 0.5 s")
    tolerance_ns = round(tolerance_s * NS_PER_S)
    here, there = _by_place(picks), _by_place(truth)
    found = []
    for place in sorted(set(here) & set(there)):
        for mine, true in _clusters(_sorted(picks, here[place]), _sorted(truth, there[place]), tolerance_ns):
            found += [Match(i, j, place[1], apart / NS_PER_S) for i, j, apart in _pairs(mine, true, tolerance_ns)]
    return sorted(found, key=lambda match: match.pick)


def score_picks(
    picks: Sequence[Arrival], truth: Sequence[Arrival], *, tolerance_s: float = 0.5, outlier_s: float = 0.25
) -> pd.DataFrame:
    """A row a phase, and one for all: counts, precision, recall, F1 and what is known about the residuals.

    Columns: ``phase, n_truth, n_picks, n_matched, precision, recall, f1, mean_s, std_s, mad_s, outliers``. ``std_s``
    divides by n; ``mad_s`` is the median absolute deviation from the median; ``outliers`` is the share of matched picks
    further than `outlier_s` from the truth. NaN marks what is not defined.

    Raises:
        InputError: a tolerance is not positive.
    """
    if not outlier_s > 0:
        raise InputError(f"outlier threshold is {outlier_s} s", "it must be positive", "use 0.25 s")
    matches = match_picks(picks, truth, tolerance_s=tolerance_s)
    phases = sorted({a.phase for a in picks} | {a.phase for a in truth})
    rows = [_row(phase, picks, truth, matches, outlier_s) for phase in phases]
    return pd.DataFrame([*rows, _row("all", picks, truth, matches, outlier_s)])


def _row(
    phase: str, picks: Iterable[Arrival], truth: Iterable[Arrival], matches: Iterable[Match], outlier_s: float
) -> dict[str, object]:
    def of(found: str) -> bool:
        return phase in ("all", found)

    n_picks, n_truth = sum(of(a.phase) for a in picks), sum(of(a.phase) for a in truth)
    residuals = np.array([m.residual_s for m in matches if of(m.phase)])
    n = len(residuals)
    return {
        "phase": phase,
        "n_truth": n_truth,
        "n_picks": n_picks,
        "n_matched": n,
        "precision": n / n_picks if n_picks else math.nan,
        "recall": n / n_truth if n_truth else math.nan,
        "f1": 2 * n / (n_picks + n_truth) if n_picks + n_truth else math.nan,
        **_spread(residuals, outlier_s),
    }


def _spread(residuals: Float64, outlier_s: float) -> dict[str, float]:
    if len(residuals) == 0:
        return dict.fromkeys(("mean_s", "std_s", "mad_s", "outliers"), math.nan)
    return {
        "mean_s": float(residuals.mean()),
        "std_s": float(residuals.std()),
        "mad_s": float(np.median(np.abs(residuals - np.median(residuals)))),
        "outliers": float((np.abs(residuals) > outlier_s).mean()),
    }


_Timed = tuple[Ints, Ints]
"""Places in the caller's list, and times in nanoseconds, both in order of time."""


def _by_place(arrivals: Sequence[Arrival]) -> dict[tuple[str, str], list[int]]:
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for k, arrival in enumerate(arrivals):
        places[arrival.trace_id, arrival.phase].append(k)
    return places


def _sorted(arrivals: Sequence[Arrival], rows: list[int]) -> _Timed:
    times = np.array([arrivals[k].time_ns for k in rows], np.int64)
    order = np.argsort(times, kind="stable")
    return np.array(rows, np.int64)[order], times[order]


def _clusters(mine: _Timed, true: _Timed, tolerance_ns: int) -> Iterator[tuple[_Timed, _Timed]]:
    """Cut both lists where nothing happens for longer than the tolerance: no pair reaches across such a pause."""
    both = np.sort(np.concatenate([mine[1], true[1]]))
    cuts = both[1:][np.diff(both) > tolerance_ns]
    edges_mine, edges_true = np.searchsorted(mine[1], cuts), np.searchsorted(true[1], cuts)
    bounds = zip(
        np.concatenate([[0], edges_mine]),
        np.append(edges_mine, len(mine[1])),
        np.concatenate([[0], edges_true]),
        np.append(edges_true, len(true[1])),
        strict=True,
    )
    for a, b, c, d in bounds:
        if a < b and c < d:
            yield (mine[0][a:b], mine[1][a:b]), (true[0][c:d], true[1][c:d])


def _pairs(mine: _Timed, true: _Timed, tolerance_ns: int) -> Iterator[tuple[int, int, int]]:
    """The best pairing within one cluster, by the Hungarian method: a pair always pays more than any residual costs."""
    apart = mine[1][:, None] - true[1][None, :]
    near = np.abs(apart) <= tolerance_ns
    reward = float(tolerance_ns) * (min(apart.shape) + 1)
    for i, j in zip(*linear_sum_assignment(np.where(near, np.abs(apart) - reward, 0.0)), strict=True):
        if near[i, j]:
            yield int(mine[0][i]), int(true[0][j]), int(apart[i, j])
