"""Scores of picks: every measure with its interval over events, differences on the same draws, groups with the worst.

Knows picks and labels only: whoever found the picks, Foreshock or anybody else, is scored alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from foreshock.evaluate.bootstrap import Resamples, Score, check_level, draws
from foreshock.evaluate.groups import UNKNOWN, group_names
from foreshock.evaluate.pick_measures import MEASURES, OF_GROUPS, Measure
from foreshock.evaluate.pick_tally import LabelledTrace, Tally, tally
from foreshock.evaluate.scores import json_able
from foreshock.types.arrays import Float64, Ints
from foreshock.types.pick import Pick

SCHEMA = "foreshock.pick_scores/1"
COLUMNS = ("origin", "network", "instrument", "components", "snr_db")
"""Groups that are looked at where the traces tell them and differ."""
MIN_TRACES, MIN_EVENTS = 8, 4
"""A group below is shown and not judged."""
FEW_EVENTS = 30
GROUP_DRAWS = 500


@dataclass(frozen=True)
class Answer:
    """What a picker said: its picks, already above the threshold, and whether their probabilities are its own."""

    picks: Sequence[Pick]
    has_probabilities: bool = True


@dataclass(frozen=True)
class Group:
    """Traces that have something in common: scores by measure, and whether they are enough to be judged."""

    name: str
    n_traces: int
    n_events: int
    scores: Mapping[str, Score]
    enough: bool


@dataclass(frozen=True)
class Grouped:
    """One picker by the groups of one column; the worst by F1 is named, and whether its interval leaves all out."""

    column: str
    groups: tuple[Group, ...]
    worst: str | None
    clearly: bool


@dataclass(frozen=True, eq=False)
class PickerScores:
    """One picker: its tally, its scores by measure, its groups.

    `difference` is the first picker's score minus this one's on the same draws of events; empty for the first.
    """

    tally: Tally
    scores: Mapping[str, Score]
    difference: Mapping[str, Score]
    groups: tuple[Grouped, ...]


@dataclass(frozen=True, eq=False)
class PickScores:
    """What was found about all pickers; `as_json` gives the object that ``--json`` prints.

    Attributes:
        n_traces, n_events, n_p, n_s: how much was scored.
        pickers: by name, ours first.
        bootstrap: ``seed, n, level``.
        warnings: what a reader must know before believing a number.
    """

    n_traces: int
    n_events: int
    n_p: int
    n_s: int
    pickers: Mapping[str, PickerScores]
    bootstrap: Mapping[str, Any]
    warnings: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Plain values, NaN written as null."""
        plain = {
            "schema": SCHEMA,
            "task": "picks",
            "n_records": self.n_traces,
            "n_events": self.n_events,
            "n_p": self.n_p,
            "n_s": self.n_s,
            "pickers": {name: _plain_picker(said) for name, said in self.pickers.items()},
            "measures": {m.name: {"sentence": m.sentence, "unit": m.unit, "better": m.better} for m in MEASURES},
            "bootstrap": dict(self.bootstrap),
            "warnings": list(self.warnings),
        }
        return {key: json_able(value) for key, value in plain.items()}


def score_pickers(
    answers: Mapping[str, Answer],
    traces: Sequence[LabelledTrace],
    *,
    seed: int = 0,
    n: int = 1000,
    level: float = 0.95,
) -> PickScores:
    """Score pickers on the same labelled traces; the first is compared with each other.

    Raises:
        InputError: a trace stands twice, or the level is not in 0..1.
        NothingMatchedError: no trace has a label.
    """
    check_level(level)
    tallies = {name: tally(a.picks, traces, has_probabilities=a.has_probabilities) for name, a in answers.items()}
    table = pd.DataFrame([{name: trace.groups.get(name) for name in COLUMNS} for trace in traces])
    drawn = {name: _resampled(one, seed=seed, n=n) for name, one in tallies.items()}
    first = next(iter(drawn))
    pickers = {}
    for name, one in tallies.items():
        scores = {measure: held.score(level) for measure, held in drawn[name].items()}
        apart = {m: drawn[first][m].minus(drawn[name][m]).score(level) for m in scores} if name != first else {}
        groups = tuple(_grouped(one, table, column, scores["f1"].value, seed, level) for column in _columns(table))
        pickers[name] = PickerScores(one, scores, apart, groups)
    counts = tallies[first].counts
    told = {"seed": seed, "n": n, "level": level, "over": "events"}
    n_events = int(tallies[first].events.max()) + 1
    n_p, n_s = int(counts["truth_P"].sum()), int(counts["truth_S"].sum())
    return PickScores(len(traces), n_events, n_p, n_s, pickers, told, tuple(_warnings(tallies, n_events)))


def _resampled(one: Tally, *, seed: int, n: int, only: Sequence[str] | None = None) -> dict[str, Resamples]:
    """Every measure as it is and for each draw of events."""
    measures = [measure for measure in MEASURES if only is None or measure.name in only]
    blocks = list(draws(one.events, seed=seed, n=n))
    return {measure.name: _measured(measure, one, blocks) for measure in measures}


def _measured(measure: Measure, one: Tally, blocks: Sequence[Float64]) -> Resamples:
    whole = np.ones((1, len(one.counts)))
    size = measure.size(one)
    n_events = len(np.unique(one.events[size > 0]))
    drawn = np.concatenate([measure.values(one, block) for block in blocks]) if blocks else np.empty(0)
    if n_events < 2:
        drawn = np.full(len(drawn), np.nan)
    return Resamples(float(measure.values(one, whole)[0]), drawn, int(size.sum()), n_events)


def _columns(table: pd.DataFrame) -> list[str]:
    return [column for column in COLUMNS if column in table and table[column].dropna().nunique() >= 2]


def _grouped(one: Tally, table: pd.DataFrame, column: str, overall: float, seed: int, level: float) -> Grouped:
    names = group_names(table, column, None)
    groups = []
    for name in names.cat.categories:
        rows = np.flatnonzero((names == name).to_numpy(bool))
        if len(rows):
            groups.append(_group(str(name), one.only(rows.astype(np.int64)), seed, level))
    judged = [g for g in groups if g.enough and g.name != UNKNOWN and math.isfinite(g.scores["f1"].value)]
    worst = min(judged, key=lambda group: group.scores["f1"].value) if len(judged) > 1 else None
    clearly = worst is not None and not worst.scores["f1"].low <= overall <= worst.scores["f1"].high
    return Grouped(column, tuple(groups), worst.name if worst else None, clearly)


def _group(name: str, part: Tally, seed: int, level: float) -> Group:
    drawn = _resampled(part, seed=seed, n=GROUP_DRAWS, only=OF_GROUPS)
    n_traces, n_events = len(part.counts), int(part.events.max()) + 1
    scores = {measure: drawn[measure].score(level) for measure in OF_GROUPS}
    return Group(name, n_traces, n_events, scores, n_traces >= MIN_TRACES and n_events >= MIN_EVENTS)


def _warnings(tallies: Mapping[str, Tally], n_events: int) -> list[str]:
    said = []
    if n_events < FEW_EVENTS:
        said.append(f"{n_events} events: below about {FEW_EVENTS} the intervals are too narrow")
    for name, one in tallies.items():
        if one.n_unjudged:
            said.append(f"{name}: {one.n_unjudged} picks are not judged, their phase is not labelled on their record")
        if one.judged.empty:
            said.append(f"{name}: no pick at all on these records")
    return said


def rate_per_hour(counts: Ints, hours: Float64, *, seed: int = 0, n: int = 1000, level: float = 0.95) -> Score:
    """Events per hour over spans, with an interval from drawing whole spans again; n is the count."""
    spans = np.arange(len(counts))
    blocks = [(w @ counts) / (w @ hours) for w in draws(spans, seed=seed, n=n)]
    value = float(counts.sum() / hours.sum()) if hours.sum() > 0 else math.nan
    drawn = np.concatenate(blocks) if blocks else np.empty(0)
    return Resamples(value, drawn, int(counts.sum()), len(spans)).score(level)


def mean_of(values: Float64, events: Ints, *, middle: Callable[[Any], Any] = np.mean, seed: int = 0) -> Score:
    """A mean (or median) of values with a 95 % interval over events; NaN where there is no value."""
    if not len(values):
        return Score(math.nan, math.nan, math.nan, 0, 0)
    numbers = np.unique(events, return_inverse=True)[1].astype(np.int64)
    copies = (np.repeat(values, w.astype(np.int64)) for block in draws(numbers, seed=seed, n=1000) for w in block)
    drawn = np.array([middle(one) for one in copies])
    return Resamples(float(middle(values)), drawn, len(values), int(numbers.max()) + 1).score(0.95)


def plain_score(score: Score) -> dict[str, Any]:
    """A score as plain values."""
    return {"value": score.value, "low": score.low, "high": score.high, "n": score.n, "n_events": score.n_events}


def _plain_picker(said: PickerScores) -> dict[str, Any]:
    scores = {name: plain_score(score) for name, score in said.scores.items()}
    if said.difference:
        for name, apart in said.difference.items():
            scores[name]["first_minus_this"] = plain_score(apart)
    return {"scores": scores, "groups": {one.column: _plain_grouped(one) for one in said.groups}}


def _plain_grouped(grouped: Grouped) -> dict[str, Any]:
    groups = [
        {"name": g.name, "n_records": g.n_traces, "n_events": g.n_events, "judged": g.enough}
        | {name: plain_score(score) for name, score in g.scores.items()}
        for g in grouped.groups
    ]
    return {"measure": "f1", "worst": grouped.worst, "clearly": grouped.clearly, "groups": groups}
