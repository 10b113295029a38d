"""Which found earthquake is which true one: matching by time and place, one to one. Knows tables and no catalogue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from foreshock.errors import InputError
from foreshock.geo import distance_km
from foreshock.types.arrays import Float64, Ints

WITHIN_S, WITHIN_KM = 3.0, 30.0
"""A found earthquake farther from a true one in time or in its epicentre is not it."""
KM_PER_S = 6.0
"""What a second is worth beside a kilometre when several fit: about the way of P."""
CHANCE_SHIFTS_S = (-191.0, -113.0, -71.0, -37.0, 37.0, 71.0, 113.0, 191.0)
"""How far all found times are moved to see how many would match by chance."""
NEEDED = ("event_id", "time_ns", "latitude", "longitude")
MOST_CANDIDATES = 20_000_000


@dataclass(frozen=True, eq=False)
class Matching:
    """Rows of the found and of the true table that are the same earthquake, in order of the true (pair,)."""

    found: Ints
    truth: Ints
    within_s: float
    within_km: float

    def __len__(self) -> int:
        return len(self.found)


def match_events(
    found: pd.DataFrame, truth: pd.DataFrame, *, within_s: float = WITHIN_S, within_km: float = WITHIN_KM
) -> Matching:
    """Match found earthquakes with true ones, one to one.

    Both tables have `NEEDED`. Pairs no farther apart than both tolerances may match. Of all ways to match, one with the
    most pairs is taken, and of these the one whose misfits, the root of (Δt · 6 km/s)² + Δkm², add up to the least
    (linear assignment: Kuhn, 1955, doi:10.1002/nav.3800020109), group by group of what hangs together.

    Raises:
        InputError: a column is missing, an id stands twice, a place is none, or a tolerance is not positive.

    >>> found = pd.DataFrame({"event_id": ["a"], "time_ns": [10**9], "latitude": [0.0], "longitude": [0.0]})
    >>> len(match_events(found, found.assign(time_ns=0))), len(match_events(found, found.assign(latitude=1.0)))
    (1, 0)
    """
    for name, table in (("found", found), ("true", truth)):
        _check(name, table)
    if not (within_s > 0 and within_km > 0):
        raise InputError(f"tolerances are {within_s} s and {within_km} km", "both must be positive", "give 3 and 30")
    one, other, misfit = _candidates(found, truth, within_s=within_s, within_km=within_km)
    mine, true = _assigned(one, other, misfit, shape=(len(found), len(truth)))
    order = np.argsort(true, kind="stable")
    return Matching(mine[order], true[order], within_s, within_km)


def matched_by_chance(found: pd.DataFrame, truth: pd.DataFrame, *, within_s: float, within_km: float) -> float:
    """Give the mean number of matches when all found times are moved by each of `CHANCE_SHIFTS_S`."""
    moved = (found.assign(time_ns=found["time_ns"] + round(shift * 1e9)) for shift in CHANCE_SHIFTS_S)
    return float(np.mean([len(match_events(m, truth, within_s=within_s, within_km=within_km)) for m in moved]))


def _check(name: str, table: pd.DataFrame) -> None:
    missing = [column for column in NEEDED if column not in table]
    if missing:
        raise InputError(f"the {name} earthquakes lack {missing}", f"they need {', '.join(NEEDED)}", "add the columns")
    twice = table["event_id"][table["event_id"].duplicated()]
    if len(twice):
        raise InputError(
            f"event id {twice.iloc[0]!r} of the {name} earthquakes", "it stands twice", "give each its own"
        )


def _candidates(
    found: pd.DataFrame, truth: pd.DataFrame, *, within_s: float, within_km: float
) -> tuple[Ints, Ints, Float64]:
    """Rows of pairs within both tolerances, and the misfit of each in km."""
    mine, true = (table["time_ns"].to_numpy(np.int64) for table in (found, truth))
    order = np.argsort(true, kind="stable")
    reach_ns = round(within_s * 1e9)
    low = np.searchsorted(true[order], mine - reach_ns, side="left")
    high = np.searchsorted(true[order], mine + reach_ns, side="right")
    if (high - low).sum() > MOST_CANDIDATES:
        raise InputError(
            f"{(high - low).sum()} pairs lie within {within_s} s", "they are too many to match", "give fewer seconds"
        )
    one = np.repeat(np.arange(len(mine)), high - low)
    begins = np.cumsum(high - low) - (high - low)
    other = order[np.arange(len(one)) - np.repeat(begins - low, high - low)]
    places = [table[name].to_numpy(float) for table in (found, truth) for name in ("latitude", "longitude")]
    away = distance_km(places[0][one], places[1][one], places[2][other], places[3][other])
    near = away <= within_km
    one, other, away = one[near], other[near], away[near]
    return one, other, np.hypot((mine[one] - true[other]) * 1e-9 * KM_PER_S, away)


def _assigned(one: Ints, other: Ints, misfit: Float64, *, shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """The best one-to-one choice among candidate pairs."""
    if not len(one):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    n = sum(shape)
    graph = coo_matrix((np.ones(len(one)), (one, shape[0] + other)), shape=(n, n))
    group = connected_components(graph, directed=False)[1][one]
    order = np.argsort(group, kind="stable")
    edges = np.flatnonzero(np.diff(group[order])) + 1
    parts = [_best(one[rows], other[rows], misfit[rows]) for rows in np.split(order, edges)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _best(one: Ints, other: Ints, misfit: Float64) -> tuple[Ints, Ints]:
    rows, row = np.unique(one, return_inverse=True)
    columns, column = np.unique(other, return_inverse=True)
    forbidden = (misfit.max() + 1) * (len(rows) + len(columns) + 1)
    cost = np.full((len(rows), len(columns)), forbidden)
    cost[row, column] = misfit
    a, b = linear_sum_assignment(cost)
    kept = cost[a, b] < forbidden
    return rows[a[kept]], columns[b[kept]]
