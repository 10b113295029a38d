"""Stability: how a pick moves and vanishes when the window that is looked at begins elsewhere. Knows no pickers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from foreshock.evaluate.bootstrap import Score
from foreshock.evaluate.pick_scores import mean_of
from foreshock.evaluate.pick_tally import NEAR_S, PHASES
from foreshock.types.arrays import Float64

SENTENCES: Mapping[str, str] = {
    "shift_spread_s": "Median over arrivals of the standard deviation of the pick over window shifts.",
    "shift_found": "Mean share of the window shifts in which an arrival is picked, of arrivals picked in any.",
    "shift_unsteady": f"Share of arrivals picked in any shift whose pick moves by more than {NEAR_S:g} s or vanishes.",
}


@dataclass(frozen=True, eq=False)
class Shifted:
    """One labelled arrival seen through many windows: pick − label in seconds, NaN where there was no pick."""

    event_id: str
    phase: str
    residual_s: Float64


def stability(arrivals: Sequence[Shifted], *, seed: int = 0) -> dict[str, Score]:
    """Score spread, presence and steadiness by phase, ``p_shift_spread_s`` and so on, with intervals over events.

    >>> still = Shifted("e", "P", np.zeros(5))
    >>> score = stability([still, Shifted("f", "P", np.array([0, 0, 0, 0, np.nan]))])["p_shift_unsteady"]
    >>> score.value, score.n
    (0.5, 2)
    """
    found: dict[str, Score] = {}
    for phase in PHASES:
        seen = [one for one in arrivals if one.phase == phase and np.isfinite(one.residual_s).any()]
        events = np.unique([one.event_id for one in seen], return_inverse=True)[1].astype(np.int64)
        spread = np.array([np.nanstd(one.residual_s) for one in seen])
        share = np.array([np.isfinite(one.residual_s).mean() for one in seen])
        reach = np.array([np.nanmax(one.residual_s) - np.nanmin(one.residual_s) for one in seen])
        unsteady = ((reach > NEAR_S) | (share < 1)).astype(float)
        found[f"{phase.lower()}_shift_spread_s"] = mean_of(spread, events, middle=np.median, seed=seed)
        found[f"{phase.lower()}_shift_found"] = mean_of(share, events, seed=seed)
        found[f"{phase.lower()}_shift_unsteady"] = mean_of(unsteady, events, seed=seed)
    return found
