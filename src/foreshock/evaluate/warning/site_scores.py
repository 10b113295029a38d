"""Site scores: hits, misses and false warnings of sites, lead times, and what a warning is worth. Knows site rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from foreshock.evaluate.bootstrap import bounds, draws
from foreshock.evaluate.warning.measure import NOTHING, Draws, Measure
from foreshock.evaluate.warning.site_tally import OUTCOMES
from foreshock.types.arrays import Float64, Ints

COST_LOSS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
LEVELS = (3.0, 4.0, 5.0, 6.0, 7.0)


def site_measures(sites: pd.DataFrame, clusters: Ints, draw: Draws) -> dict[str, Measure]:
    """Recall, precision and lead times of sites, intervals over events."""
    flags = {name: np.asarray(sites["outcome"] == name, np.float64) for name in OUTCOMES}
    warned, shaken = flags["hit"] + flags["late"], flags["hit"] + flags["late"] + flags["miss"]
    lead, to_s = (pd.to_numeric(sites[name]).to_numpy(float) for name in ("lead_s", "lead_to_s_s"))
    return {
        "site_recall": draw.ratio(warned, shaken, clusters),
        "site_recall_in_time": draw.ratio(flags["hit"], shaken, clusters),
        "site_precision": draw.ratio(warned, warned + flags["false"], clusters),
        "site_false_share": draw.ratio(flags["false"], flags["false"] + flags["quiet"], clusters),
        "site_lead_median_s": draw.measure(lead, clusters, statistic="median"),
        "site_lead_p05_s": draw.measure(lead, clusters, statistic="p05"),
        "site_lead_p95_s": draw.measure(lead, clusters, statistic="p95"),
        "site_lead_to_s_median_s": draw.measure(to_s, clusters, statistic="median"),
    }


def outcomes(sites: pd.DataFrame) -> dict[str, int]:
    """How many sites had each outcome."""
    return {name: int((sites["outcome"] == name).sum()) for name in OUTCOMES}


def by_level(sites: pd.DataFrame, clusters: Ints, draw: Draws) -> dict[str, dict[str, Any]]:
    """Recall and precision where the middle forecast and the shaking are both held against one intensity.

    Times do not count here; sites whose intensity is not known are left out, and so are warnings of no event.
    """
    true, said = (pd.to_numeric(sites[name]).to_numpy(float) for name in ("intensity", "said_q50"))
    known = np.isfinite(true)
    found = {}
    for level in LEVELS:
        shaken, told = (true >= level) & known, (np.nan_to_num(said, nan=-np.inf) >= level) & known
        hit = (shaken & told).astype(float)
        found[f"{level:g}"] = {
            "recall": draw.ratio(hit, shaken.astype(float), clusters),
            "precision": draw.ratio(hit, told.astype(float), clusters),
        }
    return found


def value_curve(sites: pd.DataFrame, clusters: Ints, draw: Draws) -> list[dict[str, Any]]:
    """What warnings are worth to users by what acting costs them in units of the loss it avoids.

    A user acts when the probability of its threshold is above its cost–loss ratio. An act that comes in time avoids the
    loss, one that comes late or for nothing only costs. 1: as good as knowing all; 0: no better than always or never
    acting, whichever is cheaper (relative economic value: Richardson 2000, doi:10.1002/qj.49712656313).
    """
    known = sites["outcome"].isin(OUTCOMES).to_numpy(bool)
    shaken = pd.to_numeric(sites["shaken"]).to_numpy(float)[known]
    ever, in_time = (
        pd.to_numeric(sites[name]).to_numpy(float)[known] for name in ("probability", "probability_in_time")
    )
    numbers = np.unique(clusters[known], return_inverse=True)[1]
    return [{"cost_loss": ratio, "value": _value(ratio, shaken, ever, in_time, numbers, draw)} for ratio in COST_LOSS]


def _value(ratio: float, shaken: Float64, ever: Float64, in_time: Float64, clusters: Ints, draw: Draws) -> Measure:
    if not len(shaken):
        return NOTHING
    spent = ratio * (ever > ratio) + shaken * ~(in_time > ratio)
    columns = np.column_stack([spent, shaken, np.ones(len(shaken))])
    value = float(_worth(columns.sum(0)[None], ratio)[0])
    drawn = [_worth(weights @ columns, ratio) for weights in draws(clusters, seed=draw.seed, n=draw.n)]
    whole = np.concatenate(drawn) if drawn else np.empty(0)
    low, high = bounds(value, whole[np.isfinite(whole)], level=draw.level)
    return Measure(value, low, high, len(shaken), len(np.unique(clusters)), int(shaken.sum()))


def _worth(sums: Float64, ratio: float) -> Float64:
    """Value from what was spent, how many sites were shaken and how many there were; NaN if nothing could be won."""
    spent, shaken, n = sums.T
    without, knowing = np.minimum(ratio * n, shaken), ratio * shaken
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(without > knowing, (without - spent) / (without - knowing), np.nan))


def plain(told: Mapping[str, Mapping[str, Measure]]) -> dict[str, Any]:
    """Measures of groups as plain values."""
    return {name: {key: one.as_json() for key, one in held.items()} for name, held in told.items()}
