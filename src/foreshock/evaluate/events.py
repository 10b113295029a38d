"""Scores of a catalogue of earthquakes against a true one, with intervals over earthquakes.

Knows tables only: whoever made the catalogue, Foreshock or a rival, is scored alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from foreshock.errors import NothingMatchedError
from foreshock.evaluate.bootstrap import Score, check_level
from foreshock.evaluate.event_draws import Draw
from foreshock.evaluate.event_matching import (
    WITHIN_KM,
    WITHIN_S,
    Matching,
    match_events,
    matched_by_chance,
)
from foreshock.evaluate.scores import json_able
from foreshock.geo import inverse
from foreshock.types.arrays import Bools, Float64

SCHEMA = "foreshock.event_scores/1"
K68, K95 = 2.2789, 5.9915
"""χ² of two degrees of freedom at 68 and 95 %: what the squared half axes are in units of the variance."""
SIGMAS = {"68": 1.0, "95": 1.96}
SEEN_BY = (1, 3, 4, 6, 10)
BIN = 0.5
FEW_EVENTS = 30

SENTENCES: Mapping[str, str] = {
    "recall": "Share of true earthquakes that were found.",
    "precision": "Share of found earthquakes that are true ones.",
    "chance_recall": "The same share as recall when all found times are moved by 37 to 191 s: what chance gives.",
    "origin_time_bias_s": "Median of found minus true origin time.",
    "origin_time_median_s": "Median of its absolute value.",
    "origin_time_p95_s": "95th percentile of its absolute value.",
    "epicentre_median_km": "Median distance from the found to the true epicentre.",
    "epicentre_p95_km": "95th percentile of that distance.",
    "depth_bias_km": "Median of found minus true depth, of depths that were found and not given.",
    "depth_median_km": "Median of its absolute value.",
    "depth_p95_km": "95th percentile of its absolute value.",
    "ellipse_coverage_68": "Share of true epicentres inside the found ellipse, which promises 68 %.",
    "ellipse_coverage_95": "The same with its axes lengthened to 95 %.",
    "ellipse_scale": "By what the axes must be multiplied so that 68 % of true epicentres lie inside.",
    "depth_coverage_68": "Share of true depths within one standard deviation.",
    "depth_coverage_95": "Share within 1.96.",
    "time_coverage_68": "Share of true origin times within one standard deviation.",
    "time_coverage_95": "Share within 1.96.",
}


@dataclass(frozen=True, eq=False)
class EventScores:
    """What was found.

    Attributes:
        measures: name → score; what `SENTENCES` says.
        recall_by: grouping (``stations``, ``magnitude``) → group → score.
        magnitudes: type → ``bias``, ``mae`` → score, and ``by_magnitude`` → bin → bias.
        by_quality: quality class → ``share``, ``ellipse_coverage_68``, ``epicentre_median_km`` → score.
        pairs: the matched earthquakes and their errors, a row each.
        missed, false: ids of true earthquakes not found, of found ones that are none.
    """

    measures: Mapping[str, Score]
    recall_by: Mapping[str, Mapping[str, Score]]
    magnitudes: Mapping[str, Mapping[str, Any]]
    by_quality: Mapping[str, Mapping[str, Score]]
    pairs: pd.DataFrame
    missed: tuple[str, ...]
    false: tuple[str, ...]
    n_truth: int
    n_found: int
    rule: Mapping[str, Any]
    warnings: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Plain values, NaN written as null."""
        counts = {"n_truth": self.n_truth, "n_found": self.n_found, "n_matched": len(self.pairs)}
        told = {name: getattr(self, name) for name in ("measures", "recall_by", "magnitudes", "by_quality")}
        rest = {name: list(getattr(self, name)) for name in ("missed", "false", "warnings")}
        made: dict[str, Any] = json_able({"schema": SCHEMA, **counts, "rule": self.rule, **_plain(told), **rest})
        return made


def score_events(
    found: pd.DataFrame,
    truth: pd.DataFrame,
    *,
    magnitudes: pd.DataFrame | None = None,
    within_s: float = WITHIN_S,
    within_km: float = WITHIN_KM,
    seed: int = 0,
    n: int = 1000,
    level: float = 0.95,
) -> EventScores:
    """Score found earthquakes against all true ones.

    Args:
        found: ``event_id, time_ns, latitude, longitude``; where known ``depth_km``, the 68 % ellipse (``major_km,
            minor_km, azimuth_deg``), ``depth_sigma_km, time_sigma_s`` (one standard deviation), ``magnitude``,
            ``magnitude_type``, ``quality``. A missing value is NaN.
        truth: the same four, ``depth_km``, ``magnitude``, and ``n_stations`` that saw it.
        magnitudes: every type of size: ``event_id, magnitude_type, magnitude``; by itself what `found` says.
        within_s, within_km: see `match_events`.
        seed, n, level: of the bootstrap, which draws earthquakes.

    Raises:
        InputError: a table lacks a column, an id stands twice.
        NothingMatchedError: there is no true earthquake.
    """
    check_level(level)
    if not len(truth):
        raise NothingMatchedError("the true earthquakes", "there are none to score against", "give a truth with some")
    matching = match_events(found, truth, within_s=within_s, within_km=within_km)
    pairs = _pairs(found, truth, matching)
    draw = Draw(seed, n, level)
    hit, right = np.zeros(len(truth)), np.zeros(len(found))
    hit[matching.truth], right[matching.found] = 1.0, 1.0
    chance = matched_by_chance(found, truth, within_s=within_s, within_km=within_km) / len(truth)
    measures = {
        "recall": draw.mean(hit),
        "precision": draw.mean(right),
        "chance_recall": Score(chance, np.nan, np.nan, len(truth), len(truth)),
        **_errors(pairs, draw),
        **_coverages(pairs, draw),
    }
    return EventScores(
        measures=measures,
        recall_by=_recall_by(truth, hit, draw),
        magnitudes=_magnitude_scores(pairs, found, magnitudes, draw),
        by_quality=_by_quality(pairs, draw),
        pairs=pairs,
        missed=tuple(truth["event_id"][hit == 0]),
        false=tuple(found["event_id"][right == 0]),
        n_truth=len(truth),
        n_found=len(found),
        rule={"within_s": within_s, "within_km": within_km, "seed": seed, "resamples": n, "level": level},
        warnings=_warnings(measures),
    )


def _pairs(found: pd.DataFrame, truth: pd.DataFrame, matching: Matching) -> pd.DataFrame:
    """Matched earthquakes with their errors."""
    ours, true = found.iloc[matching.found].reset_index(drop=True), truth.iloc[matching.truth].reset_index(drop=True)
    away, azimuth, _ = inverse(
        *(table[name].to_numpy(float) for table in (ours, true) for name in ("latitude", "longitude"))
    )
    table = pd.DataFrame(
        {
            "event_id": ours["event_id"],
            "true_id": true["event_id"],
            "time_error_s": (ours["time_ns"].to_numpy(np.int64) - true["time_ns"].to_numpy(np.int64)) * 1e-9,
            "epicentre_km": away,
            "to_truth_deg": azimuth,
            "depth_error_km": _column(ours, "depth_km") - _column(true, "depth_km"),
            "true_magnitude": _column(true, "magnitude"),
            "true_depth_km": _column(true, "depth_km"),
            "n_stations": _column(true, "n_stations"),
        }
    )
    for name in ("major_km", "minor_km", "azimuth_deg", "gap_deg", "depth_sigma_km", "time_sigma_s"):
        table[name] = _column(ours, name)
    table["quality"] = _texts(ours["quality"], "") if "quality" in ours else ""
    table.loc[table["depth_sigma_km"].isna() & found_depth_is_given(ours), "depth_error_km"] = np.nan
    return table.assign(ellipse_radius=ellipse_radius(table))


def found_depth_is_given(found: pd.DataFrame) -> Bools:
    """Which depths were given and not found: those without a standard deviation where others have one."""
    sigma = _column(found, "depth_sigma_km")
    return np.isnan(sigma) & bool(np.isfinite(sigma).any())


def ellipse_radius(pairs: pd.DataFrame) -> Float64:
    """Give how far out the truth lies in units of the 68 % ellipse's edge: 1 on it, NaN without an ellipse."""
    turn = np.radians(pairs["to_truth_deg"].to_numpy(float) - pairs["azimuth_deg"].to_numpy(float))
    away = pairs["epicentre_km"].to_numpy(float)
    along, across = away * np.cos(turn), away * np.sin(turn)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.hypot(along / pairs["major_km"], across / pairs["minor_km"]), np.float64)


def _column(table: pd.DataFrame, name: str) -> Float64:
    return table[name].to_numpy(float) if name in table else np.full(len(table), np.nan)


def _texts(column: pd.Series, otherwise: str) -> pd.Series[str]:
    """A column as text; where nothing is told, something else."""
    return column.astype("string").fillna(otherwise).astype(str)


def _errors(pairs: pd.DataFrame, draw: Draw) -> dict[str, Score]:
    time, depth, away = (pairs[name].to_numpy(float) for name in ("time_error_s", "depth_error_km", "epicentre_km"))
    return {
        "origin_time_bias_s": draw.quantile(time),
        "origin_time_median_s": draw.quantile(np.abs(time)),
        "origin_time_p95_s": draw.quantile(np.abs(time), 0.95),
        "epicentre_median_km": draw.quantile(away),
        "epicentre_p95_km": draw.quantile(away, 0.95),
        "depth_bias_km": draw.quantile(depth),
        "depth_median_km": draw.quantile(np.abs(depth)),
        "depth_p95_km": draw.quantile(np.abs(depth), 0.95),
    }


def _coverages(pairs: pd.DataFrame, draw: Draw) -> dict[str, Score]:
    radius = pairs["ellipse_radius"].to_numpy(float)
    out = {
        "ellipse_coverage_68": draw.mean(_within(radius, 1.0)),
        "ellipse_coverage_95": draw.mean(_within(radius, float(np.sqrt(K95 / K68)))),
        "ellipse_scale": draw.quantile(radius, 0.68),
    }
    for what, error, sigma in (("depth", "depth_error_km", "depth_sigma_km"), ("time", "time_error_s", "time_sigma_s")):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.abs(pairs[error].to_numpy(float)) / pairs[sigma].to_numpy(float)
        out |= {f"{what}_coverage_{name}": draw.mean(_within(ratio, k)) for name, k in SIGMAS.items()}
    return out


def _within(ratio: Float64, edge: float) -> Float64:
    return np.where(np.isnan(ratio), np.nan, (ratio <= edge).astype(float))


def _recall_by(truth: pd.DataFrame, hit: Float64, draw: Draw) -> dict[str, dict[str, Score]]:
    seen, size = _column(truth, "n_stations"), _column(truth, "magnitude")
    by_stations = {f"at least {k}": draw.mean(hit[seen >= k]) for k in SEEN_BY if (seen >= k).any()}
    return {"stations": by_stations, "magnitude": {name: draw.mean(hit[rows]) for name, rows in _bins(size)}}


def _bins(size: Float64) -> Iterator[tuple[str, Bools]]:
    """Bins of magnitude and their rows."""
    bins = np.floor(size / BIN)
    for k in np.unique(bins[np.isfinite(bins)]):
        yield f"{k * BIN:.1f}-{(k + 1) * BIN:.1f}", bins == k


def _magnitude_scores(
    pairs: pd.DataFrame, found: pd.DataFrame, magnitudes: pd.DataFrame | None, draw: Draw
) -> dict[str, dict[str, Any]]:
    """Errors of each type of size against the true magnitude."""
    sizes = magnitudes
    if sizes is None:
        sizes = found.reindex(columns=["event_id", "magnitude_type", "magnitude"]).dropna(subset=["magnitude"])
    out: dict[str, dict[str, Any]] = {}
    for kind, rows in sizes.groupby(_texts(sizes["magnitude_type"], "unnamed")):
        joined = pairs.merge(rows[["event_id", "magnitude"]], on="event_id")
        error = (joined["magnitude"] - joined["true_magnitude"]).to_numpy(float)
        bins = _bins(joined["true_magnitude"].to_numpy(float))
        out[str(kind)] = {
            "bias": draw.mean(error),
            "median": draw.quantile(error),
            "mae": draw.mean(np.abs(error)),
            "by_magnitude": {name: draw.mean(error[held]) for name, held in bins},
        }
    return out


def _by_quality(pairs: pd.DataFrame, draw: Draw) -> dict[str, dict[str, Score]]:
    out = {}
    for quality in sorted({str(q) for q in pairs["quality"]} - {""}):
        rows = pairs[pairs["quality"] == quality]
        radius, away = rows["ellipse_radius"].to_numpy(float), rows["epicentre_km"].to_numpy(float)
        out[quality] = {
            "share": draw.mean(np.asarray(pairs["quality"] == quality, np.float64)),
            "epicentre_median_km": draw.quantile(away),
            "ellipse_coverage_68": draw.mean(_within(radius, 1.0)),
            "ellipse_coverage_95": draw.mean(_within(radius, float(np.sqrt(K95 / K68)))),
        }
    return out


def _warnings(measures: Mapping[str, Score]) -> tuple[str, ...]:
    few = sum(0 < score.n < FEW_EVENTS for score in measures.values())
    if not few:
        return ()
    return (f"{few} measures rest on fewer than {FEW_EVENTS} earthquakes: their intervals are too narrow",)


def _plain(value: Any) -> Any:
    if isinstance(value, Score):
        return {"value": value.value, "low": value.low, "high": value.high, "n": value.n}
    return {name: _plain(held) for name, held in value.items()} if isinstance(value, Mapping) else value
