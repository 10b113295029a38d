"""Twins: true events so near each other in time and place that an engine may take them for one. Knows event tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from foreshock.geo import distance_km

WITHIN_S, WITHIN_KM = 180.0, 300.0
TWIN_ROWS = ("run", "event_id", "other_id", "cluster", "apart_s", "apart_km", "both")


def twins(run: str, quakes: pd.DataFrame, pairs: Mapping[str, str], *, truth: str) -> list[dict[str, Any]]:
    """A row a pair of true events that follow one another within 180 s and 300 km: whether both were warned of.

    Args:
        quakes: the true events. pairs: true event → warned event. truth: what the truth is called.
    """
    ordered = quakes.sort_values(["time_ns", "event_id"], kind="stable")
    times = ordered["time_ns"].to_numpy(np.int64)
    lat, lon = (ordered[name].to_numpy(float) for name in ("latitude", "longitude"))
    names = [str(name) for name in ordered["event_id"]]
    apart_s = np.diff(times) * 1e-9
    away = distance_km(lat[:-1], lon[:-1], lat[1:], lon[1:]) if len(names) > 1 else np.zeros(0)
    return [
        {
            "run": run,
            "event_id": names[k],
            "other_id": names[k + 1],
            "cluster": f"{truth}\x1f{names[k]}\x1f{names[k + 1]}",
            "apart_s": float(apart_s[k]),
            "apart_km": float(away[k]),
            "both": float(names[k] in pairs and names[k + 1] in pairs),
        }
        for k in np.flatnonzero((apart_s <= WITHIN_S) & (away <= WITHIN_KM))
    ]
