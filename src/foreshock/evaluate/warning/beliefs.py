"""Beliefs: what an engine held of one event at any moment, and how far off it was. Knows one event a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from foreshock.evaluate.events import K68, K95
from foreshock.evaluate.warning.quantiles import crps
from foreshock.evaluate.warning.run import ESTIMATE_COLUMNS, WarningRun
from foreshock.geo import inverse
from foreshock.types.arrays import Float64, Ints

ERRORS = (
    "magnitude_error",
    "magnitude_in_90",
    "magnitude_sd",
    "crps",
    "epicentre_km",
    "depth_error_km",
    "origin_error_s",
    "ellipse_radius",
    "in_68",
    "in_95",
    "n_stations",
)
"""What `errors` says of every row."""
EDGE_95 = float(np.sqrt(K95 / K68))
"""By what the axes of a 68 % ellipse grow to hold 95 %, if errors are normal."""
UNFIT = ("withdrawn",)


def beliefs_of(run: WarningRun, event_id: str) -> pd.DataFrame:
    """What a run believed of an event, oldest first: its estimates, or where there are none, its messages."""
    own = run.estimates[run.estimates["event_id"] == event_id]
    if len(own):
        return own.sort_values("known_ns", kind="stable").reset_index(drop=True)
    told = run.alerts[run.alerts["event_id"] == event_id]
    made = told.rename(columns={"issued_ns": "known_ns", "version": "alert_version"}).reindex(columns=ESTIMATE_COLUMNS)
    made["state"] = np.where(told["message_type"] == "cancel", "withdrawn", "open")
    return made.astype({"alert_version": float}).sort_values("known_ns", kind="stable").reset_index(drop=True)


def held_at(beliefs: pd.DataFrame, moments_ns: Float64) -> Ints:
    """The row that was held at each moment: the last one known by then; -1 before the first, and once withdrawn.

    What is known at a moment is held at that moment; NaN is no moment.
    """
    known = beliefs["known_ns"].to_numpy(np.int64)
    at = np.nan_to_num(np.asarray(moments_ns, float), nan=-np.inf)
    # whole nanoseconds do not fit into a float: compare as seconds after the first
    zero = known[0] if len(known) else 0
    place = np.searchsorted((known - zero) * 1e-9 - 1e-6, (at - zero) * 1e-9, side="right") - 1
    gone = np.isin(beliefs["state"].astype(str).to_numpy(), UNFIT)
    return np.asarray(np.where((place >= 0) & (~gone[place] if len(gone) else False), place, -1), np.int64)


def errors(rows: pd.DataFrame, truth: Mapping[str, float]) -> pd.DataFrame:
    """How far each row is from the truth, `ERRORS`: estimate minus truth, 1 and 0 for inside and outside an interval.

    Args:
        rows: with the columns of estimates. truth: ``time_ns, latitude, longitude, depth_km, magnitude``; NaN unknown.
    """
    size = {q: rows[f"magnitude_{q}"].to_numpy(float) for q in ("q05", "q50", "q95")}
    true = np.full(len(rows), truth["magnitude"], float)
    away, azimuth = _away(rows, truth)
    radius = _radius(rows, away, azimuth)
    return pd.DataFrame(
        {
            "magnitude_error": size["q50"] - true,
            "magnitude_in_90": _flag((size["q05"] <= true) & (true <= size["q95"]), size["q05"] + size["q95"] + true),
            "magnitude_sd": rows["magnitude_sd"].to_numpy(float),
            "crps": crps(*size.values(), truth=true),
            "epicentre_km": away,
            "depth_error_km": rows["depth_km"].to_numpy(float) - truth["depth_km"],
            "origin_error_s": _seconds(rows["origin_ns"], int(truth["time_ns"])),
            "ellipse_radius": radius,
            "in_68": _flag(radius <= 1.0, radius),
            "in_95": _flag(radius <= EDGE_95, radius),
            "n_stations": rows["n_stations"].to_numpy(float),
        },
        columns=list(ERRORS),
    )


def at_moments(beliefs: pd.DataFrame, moments_ns: Float64, truth: Mapping[str, float]) -> pd.DataFrame:
    """`errors` of what was held at each moment, NaN where nothing was held."""
    rows = held_at(beliefs, moments_ns)
    table = pd.DataFrame(np.nan, index=range(len(rows)), columns=list(ERRORS))
    if (rows >= 0).any():
        table.loc[rows >= 0, :] = errors(beliefs.iloc[rows[rows >= 0]], truth).to_numpy(float)
    return table


def _away(rows: pd.DataFrame, truth: Mapping[str, float]) -> tuple[Float64, Float64]:
    """Kilometres and direction from the estimated to the true epicentre; NaN where a place is unknown."""
    lat, lon = (rows[name].to_numpy(float) for name in ("latitude", "longitude"))
    known = np.isfinite(lat) & np.isfinite(lon)
    away, azimuth = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    if known.any():
        away[known], azimuth[known], _ = inverse(lat[known], lon[known], truth["latitude"], truth["longitude"])
    return away, azimuth


def _radius(rows: pd.DataFrame, away: Float64, azimuth: Float64) -> Float64:
    """How far out the truth lies in units of the ellipse's edge: 1 on it, NaN without an ellipse."""
    turn = np.radians(azimuth - rows["azimuth_deg"].to_numpy(float))
    major, minor = (rows[name].to_numpy(float) for name in ("major_km", "minor_km"))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.hypot(away * np.cos(turn) / major, away * np.sin(turn) / minor), np.float64)


def _seconds(times: pd.Series, zero_ns: int) -> Float64:
    return np.asarray((times - zero_ns).to_numpy(float, na_value=np.nan) * 1e-9, np.float64)


def _flag(is_so: object, known: Float64) -> Float64:
    """1 and 0, NaN where a number it rests on is unknown."""
    return np.where(np.isnan(known), np.nan, np.asarray(is_so, float))
