"""Matching: which warned event is which true one, which is a second warning of one, which is none. Knows two tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from foreshock.errors import InputError
from foreshock.evaluate.event_matching import match_events
from foreshock.evaluate.warning.run import WarningRun
from foreshock.geo import distance_km
from foreshock.types.arrays import Bools


@dataclass(frozen=True, slots=True)
class Rule:
    """When a warned event may be a true one: by origin time and epicentre of its last message that is no cancellation.

    Raises:
        InputError: a tolerance is not positive.
    """

    name: str
    within_s: float
    within_km: float

    def __post_init__(self) -> None:
        if not (self.within_s > 0 and self.within_km > 0):
            raise InputError(
                f"tolerances {self.within_s} s and {self.within_km} km", "both are positive", "give 15 and 60"
            )

    def as_json(self) -> dict[str, Any]:
        """Name and tolerances."""
        return {"name": self.name, "within_s": self.within_s, "within_km": self.within_km}


DECLARED = Rule("declared", 15.0, 60.0)
SHAKEALERT = Rule("shakealert", 30.0, 100.0)
"""What the review of ShakeAlert's alerts counts as the same event (Lux et al. 2024, doi:10.1785/0120230259)."""


@dataclass(frozen=True)
class Matched:
    """What became of each warned and of each true event.

    Attributes:
        pairs: true event → warned event. splits: warned event → the true event it tells of a second time.
        false: warned events that are none. merged: true events that were not warned of by themselves, though a warning
            of another true event fits them too. missed: all other true events without a warning.
    """

    pairs: dict[str, str]
    splits: dict[str, str]
    false: tuple[str, ...]
    merged: tuple[str, ...]
    missed: tuple[str, ...]


def warned_events(run: WarningRun) -> pd.DataFrame:
    """A row a warned event, by its last message that is no cancellation: ``event_id, time_ns, latitude, longitude``."""
    told = run.alerts[run.alerts["message_type"] != "cancel"]
    last = told.sort_values(["event_id", "version"], kind="stable").groupby("event_id").tail(1)
    named = last.rename(columns={"origin_ns": "time_ns"})[["event_id", "time_ns", "latitude", "longitude"]]
    return named.astype({"time_ns": "int64"}).reset_index(drop=True)


def matched(run: WarningRun, quakes: pd.DataFrame, rule: Rule) -> Matched:
    """Match warned with true events, one to one, with the most pairs and of these with the least misfit.

    Raises:
        InputError: see `match_events`.
    """
    warned = warned_events(run)
    found = match_events(warned, quakes, within_s=rule.within_s, within_km=rule.within_km)
    mine, true = (table["event_id"].astype(str).to_numpy() for table in (warned, quakes))
    pairs = {str(true[t]): str(mine[w]) for w, t in zip(found.found, found.truth, strict=True)}
    near = _near(warned, quakes, rule)
    alone = np.setdiff1d(np.arange(len(mine)), found.found)
    splits = {str(mine[w]): str(true[_nearest(warned, quakes, w, near[w])]) for w in alone if near[w].any()}
    false = tuple(str(mine[w]) for w in alone if not near[w].any())
    without = np.setdiff1d(np.arange(len(true)), found.truth)
    merged = tuple(str(true[t]) for t in without if near[:, t].any())
    return Matched(pairs, splits, false, merged, tuple(str(true[t]) for t in without if not near[:, t].any()))


def _near(warned: pd.DataFrame, quakes: pd.DataFrame, rule: Rule) -> Bools:
    """Whether each warned event (row) fits each true one (column)."""
    if not len(warned) or not len(quakes):
        return np.zeros((len(warned), len(quakes)), bool)
    apart_ns = np.abs(warned["time_ns"].to_numpy(np.int64)[:, None] - quakes["time_ns"].to_numpy(np.int64)[None, :])
    soon = apart_ns <= round(rule.within_s * 1e9)
    rows, columns = np.nonzero(soon)
    places = [table[name].to_numpy(float) for table in (warned, quakes) for name in ("latitude", "longitude")]
    away = distance_km(places[0][rows], places[1][rows], places[2][columns], places[3][columns])
    soon[rows, columns] = away <= rule.within_km
    return np.asarray(soon, np.bool_)


def _nearest(warned: pd.DataFrame, quakes: pd.DataFrame, row: int, fits: Bools) -> int:
    """Of the true events that a warned one fits, that with the nearest origin time."""
    apart = np.abs(quakes["time_ns"].to_numpy(np.int64) - int(warned["time_ns"].iloc[row])).astype(float)
    return int(np.argmin(np.where(fits, apart, np.inf)))
