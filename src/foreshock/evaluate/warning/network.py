"""Network: how stations lie about an event, and when P came to the nearest of them. Knows places and times only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from foreshock.clock import NS_PER_S
from foreshock.evaluate.warning.run import WarningRun
from foreshock.geo import inverse
from foreshock.types.arrays import Float64, Ints

OUTSIDE_GAP_DEG = 180.0
"""An event seen under a wider gap lies outside the network."""
FROM_TRUTH, FROM_PICKS, UNKNOWN = "truth", "picks", ""


def gap_deg(latitude: float, longitude: float, stations: pd.DataFrame) -> float:
    """The widest angle at an epicentre without a station, degrees; NaN without stations.

    >>> four = pd.DataFrame({"latitude": [1.0, 0.0, -1.0, 0.0], "longitude": [0.0, 1.0, 0.0, -1.0]})
    >>> round(gap_deg(0.0, 0.0, four))
    90
    """
    if not len(stations):
        return float("nan")
    lat, lon = (stations[name].to_numpy(float) for name in ("latitude", "longitude"))
    azimuth = np.sort(inverse(latitude, longitude, lat, lon)[1])
    return float(np.diff(azimuth, append=azimuth[0] + 360.0).max())


def spacing_km(stations: pd.DataFrame) -> float:
    """The median distance from a station to its nearest neighbour; NaN below two."""
    lat, lon = (stations[name].to_numpy(float) for name in ("latitude", "longitude"))
    if len(lat) < 2:
        return float("nan")
    nearest = np.array(
        [np.delete(inverse(a, b, lat, lon)[0], k).min() for k, (a, b) in enumerate(zip(lat, lon, strict=True))]
    )
    return float(np.median(nearest))


def p_arrivals(event_id: str, warned_id: str | None, arrivals: pd.DataFrame, run: WarningRun) -> tuple[Ints, str]:
    """When P came to the used stations, rising, and who says so: the truth, or the engine's own picks of the event.

    Where the run tells no station, all of the truth's count.
    """
    mine = arrivals[(arrivals["event_id"] == event_id) & arrivals["p_ns"].notna()]
    if len(run.stations):
        mine = mine[mine["station_id"].isin(run.used["station_id"])]
    if len(mine):
        return np.sort(mine.groupby("station_id")["p_ns"].min().to_numpy(np.int64)), FROM_TRUTH
    if warned_id is None:
        return np.zeros(0, np.int64), UNKNOWN
    own = run.picks[(run.picks["event_id"] == warned_id) & (run.picks["phase"].str.upper() == "P")]
    times = np.sort(own.groupby("trace_id")["time_ns"].min().to_numpy(np.int64))
    return times, FROM_PICKS if len(times) else UNKNOWN


def after_nth(moment_ns: float, arrivals: Ints, nth: int) -> float:
    """Seconds from the nth arrival to a moment; NaN where there are fewer, or no moment."""
    if len(arrivals) < nth or not np.isfinite(moment_ns):
        return float("nan")
    return float((moment_ns - arrivals[nth - 1]) / NS_PER_S)


def inside(gap: Float64) -> Float64:
    """1 inside the network, 0 outside, NaN unknown."""
    return np.where(np.isfinite(gap), (gap <= OUTSIDE_GAP_DEG).astype(float), np.nan)
