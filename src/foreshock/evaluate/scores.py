"""Scores: all that is measured in one run, ours beside every rival, as plain JSON-able data. Knows no models."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foreshock.errors import InputError, NothingMatchedError
from foreshock.evaluate.bootstrap import Resamples, Score, aligned, check_level, event_numbers, interval, resample
from foreshock.evaluate.groups import MIN_EVENTS, MIN_ROWS, Grouped, by_group, known_columns
from foreshock.evaluate.members import metrics_of
from foreshock.evaluate.per_class import confusion, per_class
from foreshock.evaluate.regression import NOMINAL_COVERAGE, IntervalCoverage, IntervalWidth
from foreshock.plugins import Metric
from foreshock.types.predictions import Predictions

SCHEMA = "foreshock.scores/1"
FEW_EVENTS = 30
FEW_OF_A_CLASS = 10


@dataclass(frozen=True, eq=False)
class Scores:
    """What one evaluation found; `as_json` gives the object that ``--json`` prints.

    Attributes:
        task: ``classify`` or ``regress``.
        n, n_events: scored rows and the events they belong to.
        metrics: what was measured, in reading order.
        ours: metric name → score.
        rivals: rival → metric name → score.
        differences: rival → metric name → ours minus the rival.
        groups: one entry a column.
        classes: per-class table and confusion counts (classes only).
        quantiles: coverage and width of q05…q95 (values only, where given).
        skipped: items left out before scoring, each with its reason.
        warnings: what a reader must know before believing a number.
    """

    task: str
    n: int
    n_events: int
    metrics: tuple[Metric, ...]
    ours: Mapping[str, Score]
    rivals: Mapping[str, Mapping[str, Score]]
    differences: Mapping[str, Mapping[str, Score]]
    groups: tuple[Grouped, ...]
    classes: Mapping[str, Any] = field(default_factory=dict)
    quantiles: Mapping[str, Score] = field(default_factory=dict)
    skipped: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    bootstrap: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object of ``--json``: plain values, NaN written as null (a warning says why)."""
        rivals = {
            name: {m: {**_plain(s), "difference": _plain(self.differences[name][m])} for m, s in scores.items()}
            for name, scores in self.rivals.items()
        }
        plain = {
            "schema": SCHEMA,
            "task": self.task,
            "n": self.n,
            "n_events": self.n_events,
            "ours": {name: _plain(score) for name, score in self.ours.items()},
            "rivals": rivals,
            "groups": {grouped.column: _plain_group(grouped) for grouped in self.groups},
            "classes": self.classes,
            "quantiles": {name: _plain(score) for name, score in self.quantiles.items()},
            "metrics": {m.name: {"sentence": m.sentence, "unit": m.unit, "better": m.better} for m in self.metrics},
            "bootstrap": dict(self.bootstrap),
            "skipped": [{"item": item, "reason": reason} for item, reason in self.skipped],
            "warnings": list(self.warnings),
            "versions": dict(self.versions),
            "inputs": self.inputs,
        }
        return {key: json_able(value) for key, value in plain.items()}


def score_all(
    ours: Predictions,
    rivals: Mapping[str, Predictions],
    *,
    metrics: Sequence[Metric] | None = None,
    groups: Sequence[str] | None = None,
    seed: int = 0,
    n: int = 1000,
    level: float = 0.95,
    skipped: Iterable[tuple[str, str]] = (),
    inputs: Mapping[str, Any] | None = None,
    versions: Mapping[str, str] | None = None,
) -> Scores:
    """Score ours and every rival on the same labelled rows, with intervals over events and paired differences.

    Rows without truth are left out and counted among `skipped`. Groups are scored with the first metric.

    Args:
        ours, rivals: predictions on the same traces with the same truth.
        metrics: what to measure; by default every installed metric of the task.
        groups: columns to group by; by default those of `groups.COLUMNS` that the table has.
        seed, n, level: of the bootstrap.
        skipped, inputs, versions: told by the caller, carried along.

    Raises:
        InputError: a rival speaks of other traces or other truth, or a metric is of the other task.
        NothingMatchedError: no row carries truth, or there is no metric.
    """
    check_names(rivals)
    task = "classify" if ours.classes else "regress"
    chosen = tuple(metrics_of(task) if metrics is None else metrics)
    if not chosen:
        raise NothingMatchedError(f"metrics to {task}", "none was given", "name at least one metric")
    ours, left_out = labelled(ours)
    others = {name: aligned(ours, labelled(said)[0]) for name, said in rivals.items()}
    check_level(level)
    how: dict[str, Any] = {"seed": seed, "n": n, "level": level}
    columns = known_columns(ours) if groups is None else tuple(groups)
    grouped = tuple(by_group(ours, chosen[0], column=c, seed=seed, n=max(20, n // 2)) for c in columns)
    mine = _resampled(chosen, ours, seed, n)
    theirs = {name: _resampled(chosen, said, seed, n) for name, said in others.items()}
    measured = {m: found.score(level) for m, found in mine.items()}
    return Scores(
        task=task,
        n=len(ours),
        n_events=_n_events(ours),
        metrics=chosen,
        ours=measured,
        rivals={name: {m: r.score(level) for m, r in found.items()} for name, found in theirs.items()},
        differences={
            name: {m: mine[m].minus(r).score(level) for m, r in found.items()} for name, found in theirs.items()
        },
        groups=grouped,
        classes=_classes(ours),
        quantiles=_quantiles(ours, how),
        skipped=(*skipped, *left_out),
        warnings=(*_warnings(ours, measured, len(rivals)), *_group_warnings(grouped)),
        versions=dict(versions or {}),
        inputs=dict(inputs or {}),
        bootstrap={**how, "unit": "event", "interval": "bias-corrected percentile"},
    )


def _resampled(metrics: Sequence[Metric], said: Predictions, seed: int, n: int) -> dict[str, Resamples]:
    return {metric.name: resample(metric, said, seed=seed, n=n) for metric in metrics}


def labelled(predictions: Predictions) -> tuple[Predictions, list[tuple[str, str]]]:
    """Keep the rows that carry truth, and name those that do not.

    Raises:
        NothingMatchedError: no row carries truth.
    """
    truth = predictions.table["truth"]
    without = truth.isna().to_numpy(bool)
    if predictions.classes:
        without = without | (truth.astype(str) == "").to_numpy(bool)
    if without.all():
        raise NothingMatchedError(f"{len(predictions)} predictions", "none carries truth", "score a labelled split")
    left_out = [(str(name), "it has no truth") for name in predictions.table["trace_id"][without]]
    return Predictions(predictions.table[~without], classes=predictions.classes), left_out


def json_able(value: Any) -> Any:
    """Make plain JSON of nested values: NaN and Infinity become None, arrays lists, unknown things their text.

    >>> json_able({"a": np.float64("nan"), 1: (np.int64(2), True)})
    {'a': None, '1': [2, True]}
    """
    if isinstance(value, Mapping):
        return {str(key): json_able(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | list | tuple | set | frozenset):
        return [json_able(item) for item in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value if value is None or isinstance(value, str) else str(value)


def _plain(score: Score) -> dict[str, float]:
    return {"value": score.value, "low": score.low, "high": score.high}


def _plain_group(grouped: Grouped) -> dict[str, Any]:
    members = [
        {"name": g.name, "n": g.score.n, "n_events": g.score.n_events, **_plain(g.score), "enough": g.enough}
        for g in grouped.groups
    ]
    return {
        "metric": grouped.metric,
        "worst": grouped.worst,
        "clearly": grouped.clearly,
        "min_rows": MIN_ROWS,
        "min_events": MIN_EVENTS,
        "members": members,
    }


def _classes(ours: Predictions) -> dict[str, Any]:
    if not ours.classes:
        return {}
    table = per_class(ours)
    return {
        "names": list(ours.classes),
        "confusion": confusion(ours).tolist(),
        "per_class": [{str(k): v for k, v in row.items()} for row in table.to_dict("records")],
    }


def _quantiles(ours: Predictions, how: Mapping[str, Any]) -> dict[str, Score]:
    if ours.classes or not {"q05", "q95"} <= set(ours.table.columns):
        return {}
    return {m.name: interval(m, ours, **how) for m in (IntervalCoverage(), IntervalWidth())}


def _n_events(predictions: Predictions) -> int:
    return int(event_numbers(predictions).max(initial=-1)) + 1


def _warnings(ours: Predictions, measured: Mapping[str, Score], n_rivals: int) -> list[str]:
    """What a reader must know before believing a number."""
    said = []
    n_events = _n_events(ours)
    if n_events < FEW_EVENTS:
        said.append(f"Only {n_events} events were scored: intervals from so few are too narrow or missing.")
    if n_rivals == 0:
        said.append("No rival was scored: these numbers stand alone and say little.")
    said += [
        f"{name} is not defined on these rows and is written as null."
        for name, s in measured.items()
        if math.isnan(s.value)
    ]
    if ours.classes:
        counts = confusion(ours).sum(1)
        said += [
            f"Class {name!r} has {count} true rows: what is said about it is little more than chance."
            for name, count in zip(ours.classes, counts.tolist(), strict=True)
            if count < FEW_OF_A_CLASS
        ]
    elif {"q05", "q95"} <= set(ours.table.columns):
        covered = IntervalCoverage()(ours)
        if covered < NOMINAL_COVERAGE - 0.05:
            said.append(f"The intervals promise {NOMINAL_COVERAGE:.0%} and hold {covered:.0%}: they are too narrow.")
    return said


def _group_warnings(groups: Sequence[Grouped]) -> list[str]:
    said = []
    for grouped in groups:
        small = [group.name for group in grouped.groups if not group.enough]
        if small:
            said.append(
                f"{len(small)} of {len(grouped.groups)} groups by {grouped.column} have fewer than {MIN_ROWS} rows or "
                f"{MIN_EVENTS} events; they are shown but not judged."
            )
    return said


def check_names(rivals: Iterable[str]) -> None:
    """Refuse rivals without a name of their own.

    Raises:
        InputError: a name is blank or is 'ours'.
    """
    for name in rivals:
        if not name.strip() or name == "ours":
            raise InputError(f"rival {name!r}", "it needs a name of its own", "call it by its method")
