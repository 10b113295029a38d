"""Scores of sources: magnitude, distance and direction against the truth, by time after P, with intervals over events.

Knows tables only: whoever estimated, Foreshock or a rival, is scored alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from foreshock.errors import InputError, NothingMatchedError
from foreshock.evaluate.bootstrap import Resamples, Score, draws
from foreshock.evaluate.regression import weighted_medians
from foreshock.evaluate.scores import json_able
from foreshock.types.arrays import Bools, Float64, Ints

SCHEMA = "foreshock.source_scores/1"
TRUTH = ("true_magnitude", "true_distance_km", "true_azimuth_deg")
NEEDED = ("trace_id", "event_id", "group", "elapsed_s", *TRUTH)
SAID = (
    *(f"magnitude{q}" for q in ("", "_q05", "_q25", "_q75", "_q95")),
    *(f"distance_km{q}" for q in ("", "_q05", "_q25", "_q75", "_q95")),
    *("azimuth_deg", "azimuth_half_50", "azimuth_half_90"),
)
"""What a table may say; what is not there or NaN was not said."""

LEAST_KM = 1.0
"""Nearer than this a distance counts as this: depth is what counts there."""

FEW_EVENTS = 30
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a record, and how records are summed up.

    Attributes:
        better: ``lower``, ``zero``, or ``nominal`` with the share that was promised.
        of: table → a value a record, NaN where it cannot be said.
    """

    name: str
    sentence: str
    unit: str
    of: Callable[[pd.DataFrame], Float64]
    middle: bool = False
    better: str = "lower"
    nominal: float | None = None


def _inside(name: str, low: str, high: str, truth: str) -> Callable[[pd.DataFrame], Float64]:
    def of(table: pd.DataFrame) -> Float64:
        lower, upper = _column(table, f"{name}_{low}"), _column(table, f"{name}_{high}")
        true = _column(table, truth)
        if truth == "true_distance_km":
            true, upper = np.maximum(true, LEAST_KM), np.maximum(upper, LEAST_KM)
        held = ((lower <= true + 1e-9) & (true <= upper + 1e-9)).astype(float)
        return np.where(np.isnan(lower + upper + true), np.nan, held)

    return of


def _column(table: pd.DataFrame, name: str) -> Float64:
    return table[name].to_numpy(float) if name in table else np.full(len(table), np.nan)


def _magnitude_error(table: pd.DataFrame) -> Float64:
    return _column(table, "magnitude") - _column(table, "true_magnitude")


def _relative(table: pd.DataFrame) -> Float64:
    true = np.maximum(_column(table, "true_distance_km"), LEAST_KM)
    return np.abs(np.maximum(_column(table, "distance_km"), LEAST_KM) / true - 1)


def _log_ratio(table: pd.DataFrame) -> Float64:
    said, true = (np.maximum(_column(table, name), LEAST_KM) for name in ("distance_km", "true_distance_km"))
    return np.log10(said / true)


def _away(table: pd.DataFrame) -> Float64:
    apart = _column(table, "azimuth_deg") - _column(table, "true_azimuth_deg")
    return np.abs((apart + 180) % 360 - 180)


def _azimuth_inside(half: str) -> Callable[[pd.DataFrame], Float64]:
    def of(table: pd.DataFrame) -> Float64:
        away, width = _away(table), _column(table, half)
        return np.where(np.isnan(away + width), np.nan, (away <= width).astype(float))

    return of


def _width(table: pd.DataFrame) -> Float64:
    return _column(table, "magnitude_q95") - _column(table, "magnitude_q05")


MEASURES = (
    Measure("magnitude_mae", "Mean |magnitude − truth|.", "1", lambda t: np.abs(_magnitude_error(t))),
    Measure("magnitude_bias", "Mean magnitude − truth.", "1", _magnitude_error, better="zero"),
    Measure(
        "magnitude_coverage_90",
        "Share of true magnitudes from q05 to q95.",
        "1",
        _inside("magnitude", "q05", "q95", "true_magnitude"),
        better="nominal",
        nominal=0.9,
    ),
    Measure(
        "magnitude_coverage_50",
        "Share of true magnitudes from q25 to q75.",
        "1",
        _inside("magnitude", "q25", "q75", "true_magnitude"),
        better="nominal",
        nominal=0.5,
    ),
    Measure("magnitude_width_90", "Mean width from q05 to q95.", "1", _width),
    Measure("distance_median_relative_error", "Median |distance / truth − 1|.", "1", _relative, middle=True),
    Measure("distance_bias", "Median log10(distance / truth).", "1", _log_ratio, middle=True, better="zero"),
    Measure(
        "distance_coverage_90",
        "Share of true distances from q05 to q95.",
        "1",
        _inside("distance_km", "q05", "q95", "true_distance_km"),
        better="nominal",
        nominal=0.9,
    ),
    Measure(
        "distance_coverage_50",
        "Share of true distances from q25 to q75.",
        "1",
        _inside("distance_km", "q25", "q75", "true_distance_km"),
        better="nominal",
        nominal=0.5,
    ),
    Measure("azimuth_median_error_deg", "Median angle between back azimuth and truth.", "deg", _away, middle=True),
    Measure(
        "azimuth_coverage_90",
        "Share of true back azimuths within the stated 90 % half width.",
        "1",
        _azimuth_inside("azimuth_half_90"),
        better="nominal",
        nominal=0.9,
    ),
)
OF_GROUPS = ("magnitude_mae", "magnitude_bias", "magnitude_coverage_90", "distance_median_relative_error")
COMPARED = tuple(measure for measure in MEASURES if measure.better == "lower" and measure.name != "magnitude_width_90")

Scores = Mapping[str, Score]


@dataclass(frozen=True, eq=False)
class SourceScores:
    """What was found.

    Attributes:
        predictors: name → elapsed time → measure → score, ours first.
        gains: rival → elapsed time → measure → the rival's error minus ours, on the records both answered; above zero
            ours is better.
        groups: ours at the longest time by station and by whole true magnitude, group → measure → score.
    """

    predictors: Mapping[str, Mapping[float, Scores]]
    gains: Mapping[str, Mapping[float, Scores]]
    groups: Mapping[str, Scores]
    n_records: int
    n_events: int
    bootstrap: Mapping[str, Any]
    warnings: tuple[str, ...] = field(default=())

    @property
    def ours(self) -> str:
        """The name of the first predictor."""
        return next(iter(self.predictors))

    @property
    def elapsed_s(self) -> tuple[float, ...]:
        """The times that were scored."""
        return tuple(self.predictors[self.ours])

    def as_json(self) -> dict[str, Any]:
        """Plain values, NaN written as null."""
        plain = {
            "schema": SCHEMA,
            "task": "source",
            "n_records": self.n_records,
            "n_events": self.n_events,
            "predictors": {name: _plain_times(held) for name, held in self.predictors.items()},
            "rival_minus_ours": {name: _plain_times(held) for name, held in self.gains.items()},
            "groups": {name: _plain(held) for name, held in self.groups.items()},
            "measures": {
                m.name: {"sentence": m.sentence, "unit": m.unit, "better": m.better, "nominal": m.nominal}
                for m in MEASURES
            },
            "bootstrap": dict(self.bootstrap),
            "warnings": list(self.warnings),
        }
        return {key: json_able(value) for key, value in plain.items()}


def score_sources(
    tables: Mapping[str, pd.DataFrame], *, seed: int = 0, n: int = 1000, level: float = 0.95
) -> SourceScores:
    """Score predictors by elapsed time; the first is compared with each other.

    Arguments:
        tables: a row a record and elapsed time, with the columns `NEEDED` and what of `SAID` there is.

    Raises:
        InputError: a column is missing, or a record stands twice at one time.
        NothingMatchedError: there is no row.
    """
    for name, table in tables.items():
        _check(name, table)
    names = list(tables)
    first = tables[names[0]]
    times = [float(t) for t in np.unique(first["elapsed_s"].to_numpy(float))]
    held = {name: {t: _at(table, t) for t in times} for name, table in tables.items()}
    predictors = {
        name: {t: _scores(rows, MEASURES, seed=seed, n=n, level=level) for t, rows in by_time.items() if len(rows)}
        for name, by_time in held.items()
    }
    gains = {
        name: {t: _gains(held[names[0]][t], held[name][t], seed=seed, n=n, level=level) for t in predictors[name]}
        for name in names[1:]
    }
    last = held[names[0]][times[-1]]
    some = [measure for measure in MEASURES if measure.name in OF_GROUPS]
    groups = {
        str(key): _scores(rows, some, seed=seed, n=n, level=level)
        for by in (last["group"], _whole_magnitudes(last))
        for key, rows in last.groupby(by)
    }
    n_events = int(last["event_id"].nunique())
    warnings = [f"{n_events} events: below about {FEW_EVENTS} the intervals are too narrow"] * (n_events < FEW_EVENTS)
    told = {"seed": seed, "n": n, "level": level, "over": "events"}
    return SourceScores(predictors, gains, groups, len(last), n_events, told, tuple(warnings))


def _whole_magnitudes(rows: pd.DataFrame) -> pd.Series[str]:
    """The group of each row by its true magnitude, a whole one wide."""
    below = np.floor(rows["true_magnitude"].to_numpy(float))
    return pd.Series([f"M {m:g} to {m + 1:g}" for m in below], index=rows.index)


def _check(name: str, table: pd.DataFrame) -> None:
    missing = [column for column in NEEDED if column not in table]
    if missing:
        raise InputError(f"table of {name} lacks {missing[0]!r}", f"it needs {', '.join(NEEDED)}", "add that column")
    if table.empty:
        raise NothingMatchedError(f"table of {name}", "it holds no row", "give records with a known source")
    if table.duplicated(["trace_id", "elapsed_s"]).any():
        raise InputError(f"table of {name}", "a record stands twice at one time", "name every record once")


def _at(table: pd.DataFrame, elapsed_s: float) -> pd.DataFrame:
    rows = table[np.isclose(table["elapsed_s"].to_numpy(float), elapsed_s)]
    sorted_rows: pd.DataFrame = rows.sort_values("trace_id").reset_index(drop=True)
    return sorted_rows


def _scores(rows: pd.DataFrame, measures: Sequence[Measure], *, seed: int, n: int, level: float) -> dict[str, Score]:
    return {m.name: _resampled(m, m.of(rows), rows, seed=seed, n=n).score(level) for m in measures}


def _gains(ours: pd.DataFrame, theirs: pd.DataFrame, *, seed: int, n: int, level: float) -> dict[str, Score]:
    both = sorted(set(ours["trace_id"]) & set(theirs["trace_id"]))
    a, b = (t[t["trace_id"].isin(both)].reset_index(drop=True) for t in (ours, theirs))
    out = {}
    for measure in COMPARED:
        one, two = measure.of(a), measure.of(b)
        known = np.isfinite(one) & np.isfinite(two)
        pair = (_resampled(measure, np.where(known, v, np.nan), a, seed=seed, n=n) for v in (two, one))
        out[measure.name] = next(pair).minus(next(pair)).score(level)
    return out


def _resampled(measure: Measure, values: Float64, rows: pd.DataFrame, *, seed: int, n: int) -> Resamples:
    known = np.isfinite(values)
    if int(known.sum()) < FEWEST:
        return Resamples(math.nan, np.empty(0), int(known.sum()), 0)
    v, events = values[known], _numbers(rows, known)
    whole = np.ones((1, len(v)))
    drawn = [_summed(measure, v, weights) for weights in draws(events, seed=seed, n=n)]
    value = float(_summed(measure, v, whole)[0])
    return Resamples(value, np.concatenate(drawn) if drawn else np.empty(0), len(v), int(events.max()) + 1)


def _numbers(rows: pd.DataFrame, known: Bools) -> Ints:
    return np.unique(rows["event_id"].astype(str).to_numpy()[known], return_inverse=True)[1].astype(np.int64)


def _summed(measure: Measure, values: Float64, weights: Float64) -> Float64:
    if measure.middle:
        return weighted_medians(values, weights)
    return np.asarray((weights @ values) / np.maximum(weights.sum(1), 1e-9), np.float64)


def _plain(scores: Scores) -> dict[str, Any]:
    return {
        name: {"value": s.value, "low": s.low, "high": s.high, "n": s.n, "n_events": s.n_events}
        for name, s in scores.items()
    }


def _plain_times(held: Mapping[float, Scores]) -> dict[str, Any]:
    return {f"{time_s:g}": _plain(scores) for time_s, scores in held.items()}
