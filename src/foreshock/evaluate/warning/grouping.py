"""Grouping: the same measures for events of one size, one spacing, inside and outside. Knows event rows only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from foreshock.evaluate.warning.asked import BRIEF, MEASURES
from foreshock.evaluate.warning.judging import SECONDS, clusters_of
from foreshock.evaluate.warning.measure import Draws, Measure, binomial_band
from foreshock.types.arrays import Bools, Float64

MAGNITUDE_EDGES = (3.0, 4.0, 5.0, 6.0, 7.0)
SPACING_EDGES = (10.0, 17.5, 22.5, 30.0)
STATIONS = (1, 2, 3, 4, 5)
OF_A_SECOND = ("magnitude_error", "magnitude_in_90", "crps", "epicentre_km", "in_68", "in_95")
Groups = dict[str, dict[str, dict[str, Measure]]]


def by_group(events: pd.DataFrame, draw: Draws) -> Groups:
    """`BRIEF` measures of events by magnitude, by place, by spacing of stations, by stations at the first message."""
    asked = [one for one in MEASURES if one.name in BRIEF]
    found: Groups = {}
    for column, name, rows in _groups(events):
        part = events[rows]
        clusters = clusters_of(part)
        said = {one.name: draw.measure(one.values(part), clusters, statistic=one.statistic) for one in asked}
        found.setdefault(column, {})[name] = said
    return found


def _groups(events: pd.DataFrame) -> Iterator[tuple[str, str, Bools]]:
    """Column, name of the group, its rows; empty groups are left out."""
    numbers = {name: pd.to_numeric(events[name]).to_numpy(float) for name in _NUMBERS}
    yield from _bins("magnitude", numbers["magnitude"], MAGNITUDE_EDGES, "M {} to {}")
    for name, flag in (("inside", 1.0), ("outside", 0.0)):
        if (numbers["inside"] == flag).any():
            yield "place", name, numbers["inside"] == flag
    yield from _bins("spacing", numbers["spacing_km"], SPACING_EDGES, "{} to {} km")
    for n in STATIONS:
        rows = numbers["n_stations_first"] >= n if n == STATIONS[-1] else numbers["n_stations_first"] == n
        if rows.any():
            yield "stations at the first message", f"{n}{' or more' if n == STATIONS[-1] else ''}", rows


_NUMBERS = ("magnitude", "inside", "spacing_km", "n_stations_first")


def _bins(column: str, values: Float64, edges: tuple[float, ...], form: str) -> Iterator[tuple[str, str, Bools]]:
    """Bins of low ≤ value < high."""
    for low, high in zip((-np.inf, *edges), (*edges, np.inf), strict=True):
        rows = (values >= low) & (values < high)
        if rows.any():
            unit = "" if "km" not in form else " km"
            ends = (f"below {high:g}{unit}", f"{low:g}{unit} and above")
            name = ends[0] if np.isinf(low) else ends[1] if np.isinf(high) else form.format(f"{low:g}", f"{high:g}")
            yield column, name, rows


def by_second(seconds: pd.DataFrame, draw: Draws) -> pd.DataFrame:
    """A row a second after the first P: errors of magnitude and epicentre, coverages, and the band that 0.90 allows.

    Columns: ``second, n, magnitude_mae, magnitude_bias, magnitude_sd, crps, coverage_90`` with ``_low`` and ``_high``,
    ``band_low, band_high, epicentre_median_km, coverage_68, coverage_95``; NaN where n is 0.
    """
    rows = []
    numbers = pd.to_numeric(seconds["second"]).to_numpy(float)
    for second in SECONDS:
        part = seconds[numbers == second]
        clusters = clusters_of(part)
        held = {name: pd.to_numeric(part[name]).to_numpy(float) for name in OF_A_SECOND}
        error = held["magnitude_error"]
        said = {
            "magnitude_mae": draw.measure(np.abs(error), clusters, statistic="mean"),
            "magnitude_bias": draw.measure(error, clusters, statistic="mean"),
            "magnitude_sd": draw.measure(error, clusters, statistic="sd"),
            "crps": draw.measure(held["crps"], clusters, statistic="mean"),
            "coverage_90": draw.measure(held["magnitude_in_90"], clusters, statistic="share"),
            "epicentre_median_km": draw.measure(held["epicentre_km"], clusters, statistic="median"),
            "coverage_68": draw.measure(held["in_68"], clusters, statistic="share"),
            "coverage_95": draw.measure(held["in_95"], clusters, statistic="share"),
        }
        n = said["coverage_90"].n
        band = dict(zip(("band_low", "band_high"), binomial_band(n, 0.9), strict=True))
        row: dict[str, float] = {"second": second, "n": said["magnitude_mae"].n, "n_coverage": n, **band}
        for name, one in said.items():
            row |= {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high}
        rows.append(row)
    return pd.DataFrame(rows)
