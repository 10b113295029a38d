"""Run: what one run of a warning engine told and believed, as tables. Knows no file and no truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from foreshock.errors import InputError
from foreshock.types.arrays import Float64

ALERT_COLUMNS = (
    "event_id",
    "version",
    "message_type",
    "status",
    "confidence",
    "issued_ns",
    "origin_ns",
    "latitude",
    "longitude",
    "depth_km",
    "magnitude_q05",
    "magnitude_q50",
    "magnitude_q95",
    "intensity_scale",
)
SITE_COLUMNS = (
    "event_id",
    "version",
    "site_id",
    "name",
    "latitude",
    "longitude",
    "intensity_q05",
    "intensity_q50",
    "intensity_q95",
    "s_ns",
    "threshold",
    "threshold_ns",
)
ESTIMATE_COLUMNS = (
    "event_id",
    "known_ns",
    "alert_version",
    "n_stations",
    "n_phases",
    "origin_ns",
    "latitude",
    "longitude",
    "depth_km",
    "major_km",
    "minor_km",
    "azimuth_deg",
    "magnitude_q05",
    "magnitude_q50",
    "magnitude_q95",
    "magnitude_sd",
    "probability_real",
    "state",
)
PICK_COLUMNS = ("trace_id", "phase", "time_ns", "probability", "available_ns", "event_id")
STATION_COLUMNS = ("station_id", "latitude", "longitude", "used", "state")
TEXTS = (
    "event_id", "message_type", "status", "confidence", "site_id", "name", "state", "trace_id", "phase", "station_id",
    "kind", "intensity_scale", "id",
)  # fmt: skip
SYNTHETIC, RECORDED = "synthetic", "recorded"
FELT = {"mmi": 4.0, "jma": 3.0, "csis": 4.0}
"""What stands for a site's threshold where nobody tells one: shaking that most people indoors feel."""


@dataclass(frozen=True, eq=False)
class WarningRun:
    """One run.

    Attributes:
        name: of its folder. alerts: a row a message, `ALERT_COLUMNS`, as they were sent.
        sites: a row a message and site, `SITE_COLUMNS`. estimates: what was believed when, `ESTIMATE_COLUMNS`; empty
            where the engine wrote none, then its messages stand for them.
        picks: `PICK_COLUMNS`. stations: `STATION_COLUMNS`. latency: a row a message with where its time went.
        kind_of_data: ``synthetic``, ``recorded`` or empty. started_ns, ended_ns: by the engine's clock.
        info: all else that the run tells of itself. site_threshold: of sites of which nobody tells one.

    Times are UTC nanoseconds; `known_ns` and `issued_ns` are of the engine's clock, the others of the data.

    Raises:
        InputError: a table lacks a column, or the run ends before it begins.
    """

    name: str
    alerts: pd.DataFrame
    sites: pd.DataFrame
    estimates: pd.DataFrame
    picks: pd.DataFrame
    stations: pd.DataFrame
    latency: pd.DataFrame = field(default_factory=pd.DataFrame)
    kind_of_data: str = ""
    started_ns: int | None = None
    ended_ns: int | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    site_threshold: float = float("nan")

    def __post_init__(self) -> None:
        wanted = {
            "alerts": ALERT_COLUMNS,
            "sites": SITE_COLUMNS,
            "estimates": ESTIMATE_COLUMNS,
            "picks": PICK_COLUMNS,
            "stations": STATION_COLUMNS,
        }
        for table, columns in wanted.items():
            missing = [name for name in columns if name not in getattr(self, table)]
            if missing:
                raise InputError(f"{table} of run {self.name}", f"columns {missing} are missing", "give them all")
        if self.started_ns is not None and self.ended_ns is not None and self.ended_ns < self.started_ns:
            raise InputError(f"run {self.name}", "it ends before it begins", "correct its times")

    @property
    def used(self) -> pd.DataFrame:
        """The stations that the engine used."""
        return self.stations[self.stations["used"].astype(bool)]

    @property
    def intensity_scale(self) -> str:
        """The scale that its messages speak in; that of the first, ``mmi`` where none says."""
        told = self.alerts["intensity_scale"]
        return next((name for name in told if name), "mmi")

    @property
    def span_s(self) -> float:
        """How long it ran by the engine's clock; NaN where that is not told."""
        if self.started_ns is None or self.ended_ns is None:
            return float("nan")
        return (self.ended_ns - self.started_ns) * 1e-9


def table_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Make a table with these columns of rows that may lack some: times whole numbers, texts text, all else numbers.

    >>> table_of([{"event_id": "a", "known_ns": 5}], ("event_id", "known_ns", "n_stations")).values.tolist()
    [['a', 5, nan]]
    """
    made: dict[str, Any] = {}
    for name in columns:
        values = [row.get(name) for row in rows]
        if name.endswith("_ns"):
            made[name] = pd.array(values, dtype="Int64")
        elif name in TEXTS:
            made[name] = pd.array(["" if value is None else str(value) for value in values], dtype="str")
        else:
            made[name] = np.array([np.nan if value is None else value for value in values], float)
    return pd.DataFrame(made)


def after_s(times: pd.Series, zero_ns: int) -> Float64:
    """Seconds from a moment to each time, NaN where there is none."""
    return np.asarray((times - zero_ns).to_numpy(float, na_value=np.nan) * 1e-9, np.float64)
