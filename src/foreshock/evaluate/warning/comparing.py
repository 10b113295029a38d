"""Comparing: two engines on the same true events, with intervals of their differences. Knows event rows only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from foreshock.errors import NothingMatchedError
from foreshock.evaluate.warning.asked import MEASURES
from foreshock.evaluate.warning.judging import clusters_of
from foreshock.evaluate.warning.measure import NOTHING, Draws, Measure

KEY = ["truth", "event_id", "turn"]


def differences(ours: pd.DataFrame, theirs: pd.DataFrame, *, name: str, draw: Draws) -> dict[str, Measure]:
    """Ours minus theirs of each measure, of events that both have a number for; the same events are drawn for both.

    An event that several runs saw is paired run by run, in the order of their names.

    Raises:
        NothingMatchedError: they have no true event in common.
    """
    paired = _turned(ours).merge(_turned(theirs), on=KEY, suffixes=("", "_rival"), validate="one_to_one")
    if not len(paired):
        raise NothingMatchedError(
            f"rival {name!r}", "it has no true event in common with the runs that are scored", "give both one truth"
        )
    clusters = clusters_of(paired)
    found = {}
    for one in MEASURES:
        mine = one.values(paired)
        other = one.values(paired.assign(**{one.column: paired[f"{one.column}_rival"]}))
        both = np.isfinite(mine) & np.isfinite(other)
        if not both.any():
            found[one.name] = NOTHING
            continue
        of = "mean" if one.statistic == "share" else one.statistic
        said = [draw.resamples(values[both], clusters[both], statistic=of) for values in (mine, other)]
        found[one.name] = draw.of(said[0].minus(said[1]))
    return found


def _turned(events: pd.DataFrame) -> pd.DataFrame:
    """With the number of the run among those that saw an event."""
    ordered = events.sort_values(["run", "event_id"], kind="stable")
    return ordered.assign(turn=ordered.groupby(["truth", "event_id"]).cumcount())
