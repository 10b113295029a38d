"""Warning shaking read: what sites truly felt, as intensities or as velocities turned into them. Hostile files."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from foreshock.clock import NS_PER_S
from foreshock.errors import FormatError
from foreshock.evaluate.warning.run import table_of
from foreshock.evaluate.warning.truth import SITE_COLUMNS
from foreshock.geo import distance_km
from foreshock.predict.shaking.scales import Scale, scale
from foreshock.predict.travel.layered import LayeredTimes
from foreshock.predict.travel.models import VelocityModel
from foreshock.road.warning_runs import read_csv
from foreshock.types.arrays import Float64

TRUE_SITES, PLACES = "site_truth.csv", "sites.csv"
Layers = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
"""Tops (km), P and S velocities (km/s)."""
LEVEL = re.compile(r"pgv_([0-9.eE+-]+)_m_s_time")
"""A column of when the peak velocity so far first reached a level."""


def read_shaking(truth: Path, *, scale_name: str) -> pd.DataFrame:
    """Read ``site_truth.csv`` beside a truth, `SITE_COLUMNS` and ``course``; empty where there is none.

    Without a column of intensities (``intensity``, ``intensity_mmi``) they follow from ``pgv_m_s`` by the scale of the
    alerts, and ``course`` holds (intensity, UTC nanoseconds) of the levels of velocity that were reached.

    Raises:
        FormatError: it is no such table. InputError: there is no such scale.
    """
    path = truth.with_name(TRUE_SITES)
    header = _header(path)
    if "intensity" in header or "pgv_m_s" not in header:
        told = read_csv(path, (*SITE_COLUMNS, "intensity_mmi"), needed=("event_id", "site_id"))
        felt = told["intensity"].where(told["intensity"].notna(), told["intensity_mmi"])
        return told.assign(intensity=felt, course=pd.Series([()] * len(told), dtype=object))[[*SITE_COLUMNS, "course"]]
    return _of_velocity(path, header, scale(scale_name))


def with_s(sites: pd.DataFrame, events: pd.DataFrame, layers: Any, *, beside: Path) -> pd.DataFrame:
    """Fill in when S came to sites, through the truth's flat layers; left alone where layers or places are not told."""
    places = read_csv(beside.with_name(PLACES), ("id", "latitude", "longitude"), needed=("id",))
    if not len(sites) or not len(places) or not layers or sites["s_ns"].notna().any():
        return sites
    try:
        travel = _travel(_columns(layers))
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"truth {beside}", f"its layers are none of rock ({error})", "correct them") from error
    joined = sites.merge(places, left_on="site_id", right_on="id", how="left")
    joined = joined.merge(events, on="event_id", how="left", suffixes=("", "_event"))
    after_s = _s_after(joined, travel)
    known = np.isfinite(after_s)
    origin_ns = joined["time_ns"].to_numpy(np.int64)
    times = [
        int(zero + round(s * NS_PER_S)) if ok else None for zero, s, ok in zip(origin_ns, after_s, known, strict=True)
    ]
    return sites.assign(s_ns=pd.array(times, dtype="Int64"))


@cache
def _travel(layers: Layers) -> LayeredTimes:
    """Travel times of layers; a folder of truths has the same again and again."""
    return LayeredTimes(VelocityModel(*layers))


def _columns(layers: Any) -> Layers:
    top, vp, vs = (tuple(float(one[name]) for one in layers) for name in ("top_km", "vp_km_s", "vs_km_s"))
    return top, vp, vs


def _s_after(joined: pd.DataFrame, travel: LayeredTimes) -> Float64:
    """Seconds from origin to S, NaN where a place is not known or lies too far."""
    columns = ("latitude", "longitude", "latitude_event", "longitude_event")
    lat, lon, true_lat, true_lon = (joined[name].to_numpy(float) for name in columns)
    deep = joined["depth_km"].to_numpy(float)
    found = np.full(len(joined), np.nan)
    known = np.isfinite(lat) & np.isfinite(lon) & np.isfinite(deep)
    if known.any():
        away = distance_km(lat[known], lon[known], true_lat[known], true_lon[known])
        found[known] = travel.time_s("S", away, deep[known])
    return found


def _of_velocity(path: Path, header: Sequence[str], of: Scale) -> pd.DataFrame:
    levels = sorted((float(found[1]), name) for name in header if (found := LEVEL.fullmatch(name)))
    named = {f"{name[:-5]}_ns": level for level, name in levels}
    table = read_csv(
        path, ("event_id", "site_id", "pgv_m_s", *named), needed=("event_id", "site_id", "pgv_m_s"),
        written={f"{name[:-5]}_ns": name for _, name in levels},
    )  # fmt: skip
    if (table["pgv_m_s"] < 0).any() or any(level <= 0 for level, _ in levels):
        raise FormatError(f"{path}", "a peak velocity or a level is negative", "correct that cell")
    with np.errstate(divide="ignore"):
        felt = np.clip(of.of(np.log(table["pgv_m_s"].to_numpy(float))), of.lowest, of.highest)
    reached = {name: float(of.of(np.log(np.array([level])))[0]) for name, level in named.items()}
    rows = table.to_dict("records")
    courses = [_course({str(k): v for k, v in row.items()}, reached) for row in rows]
    return table_of(
        [
            {"event_id": row["event_id"], "site_id": row["site_id"], "intensity": i}
            for row, i in zip(rows, felt, strict=True)
        ],
        SITE_COLUMNS,
    ).assign(course=pd.Series(courses, dtype=object))


def _course(row: Mapping[str, Any], reached: Mapping[str, float]) -> tuple[tuple[float, int], ...]:
    return tuple((level, int(row[name])) for name, level in reached.items() if not pd.isna(row[name]))


def _header(path: Path) -> list[str]:
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return next(csv.reader(lines, strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"{path}", f"it is no table ({error})", "write it as CSV in UTF-8") from error
