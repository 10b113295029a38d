"""Comparing: two engines on the same true events, with intervals of their differences. Knows event rows only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from foreshock.errors import NothingMatchedError
from foreshock.evaluate.bootstrap import bounds, draws
from foreshock.evaluate.warning.asked import MEASURES
from foreshock.evaluate.warning.judging import clusters_of
from foreshock.evaluate.warning.measure import NOTHING, Draws, Measure
from foreshock.types.arrays import Float64

KEY = ["truth", "event_id", "turn"]
SHARES = {
    "site_recall": (("hit", "late"), ("hit", "late", "miss")),
    "site_recall_in_time": (("hit",), ("hit", "late", "miss")),
    "site_precision": (("hit", "late"), ("hit", "late", "false")),
    "site_false_share": (("false",), ("false", "quiet")),
}
"""Outcomes above and below the line."""
Strings = npt.NDArray[np.str_]


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


def site_differences(ours: pd.DataFrame, theirs: pd.DataFrame, *, draw: Draws) -> dict[str, Measure]:
    """Ours minus theirs of the shares of sites, all events of either drawn for both; and of leads, site by site."""
    names = np.array(sorted({*ours["cluster"], *theirs["cluster"]}), dtype=str)
    found = {}
    for name, (above, below) in SHARES.items():
        sums = [_sums(sites, names, of) for sites in (ours, theirs) for of in (above, below)]
        found[name] = _ratio_difference(sums, draw)
    key = ["cluster", "site_id", "turn"]
    paired = _numbered(ours, key).merge(_numbered(theirs, key), on=key, suffixes=("", "_rival"), validate="one_to_one")
    mine, other = (pd.to_numeric(paired[name]).to_numpy(float) for name in ("lead_s", "lead_s_rival"))
    both = np.isfinite(mine) & np.isfinite(other)
    clusters = clusters_of(paired)[both]
    said = [draw.resamples(values[both], clusters, statistic="median") for values in (mine, other)]
    found["site_lead_median_s"] = draw.of(said[0].minus(said[1])) if both.any() else NOTHING
    return found


def _numbered(sites: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    ordered = sites[sites["outcome"] != ""].sort_values(["run", *key[:2]], kind="stable")
    return ordered.assign(turn=ordered.groupby(key[:2]).cumcount())[[*key, "lead_s"]]


def _sums(sites: pd.DataFrame, clusters: Strings, outcomes: tuple[str, ...]) -> Float64:
    """How many sites of each cluster had one of some outcomes."""
    counts = sites["cluster"][sites["outcome"].isin(outcomes)].value_counts()
    return np.asarray(counts.reindex(clusters, fill_value=0).to_numpy(float), np.float64)


def _ratio_difference(sums: list[Float64], draw: Draws) -> Measure:
    totals = [float(one.sum()) for one in sums]
    if not (totals[1] > 0 and totals[3] > 0):
        return NOTHING
    drawn = []
    for weights in draws(np.arange(len(sums[0])), seed=draw.seed, n=draw.n):
        a, b, c, d = (weights @ one for one in sums)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn.append(a / b - c / d)
    whole = np.concatenate(drawn) if drawn else np.empty(0)
    value = totals[0] / totals[1] - totals[2] / totals[3]
    low, high = bounds(value, whole[np.isfinite(whole)], level=draw.level)
    n_events = int(((sums[1] > 0) | (sums[3] > 0)).sum())
    return Measure(value, low, high, int(min(totals[1], totals[3])), n_events)


def _turned(events: pd.DataFrame) -> pd.DataFrame:
    """With the number of the run among those that saw an event."""
    ordered = events.sort_values(["run", "event_id"], kind="stable")
    return ordered.assign(turn=ordered.groupby(["truth", "event_id"]).cumcount())
