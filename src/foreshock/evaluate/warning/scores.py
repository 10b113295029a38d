"""Scores of warnings: what judged runs come to, with intervals over events, by group, and beside rivals.

Knows runs and truth as tables: whoever warned, Foreshock or a rival, is scored alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from foreshock.errors import NothingMatchedError
from foreshock.evaluate.scores import json_able
from foreshock.evaluate.warning import grouping, site_scores
from foreshock.evaluate.warning.asked import MEASURES
from foreshock.evaluate.warning.comparing import differences, site_differences
from foreshock.evaluate.warning.judging import Judged, clusters_of, judge, pooled
from foreshock.evaluate.warning.matching import DECLARED, SHAKEALERT, Rule, matched
from foreshock.evaluate.warning.measure import Draws, Measure, rate, share
from foreshock.evaluate.warning.network import FROM_PICKS
from foreshock.evaluate.warning.run import RECORDED, SYNTHETIC, WarningRun
from foreshock.evaluate.warning.truth import WarningTruth

SCHEMA = "foreshock.warning_scores/1"
MISSED_FROM = (3.0, 4.0, 5.0, 6.0)
FEW_EVENTS = 30
STATEMENTS = {
    SYNTHETIC: "synthetic: proves engineering, not science",
    RECORDED: "recorded data",
    "mixed": "synthetic and recorded data together: the synthetic part proves engineering, not science",
    "": "nobody says whether these data were recorded or made",
}

Pair = tuple[WarningRun, WarningTruth]


@dataclass(frozen=True, eq=False)
class Said:
    """What one engine's runs come to.

    Attributes:
        measures: name → measure, see `asked.SENTENCES`. by_second: a row a second after the first P.
        groups: grouping → group → measures. levels: intensity → recall and precision of sites.
        value: what warnings are worth, a row a cost–loss ratio. outcomes: sites of each.
        adversaries: kind → share of those presented that were warned of. rules: what each rule matched.
    """

    judged: Judged
    measures: Mapping[str, Measure]
    by_second: pd.DataFrame
    groups: grouping.Groups
    levels: Mapping[str, Mapping[str, Measure]]
    value: Sequence[Mapping[str, Any]]
    outcomes: Mapping[str, int]
    adversaries: Mapping[str, Measure]
    rules: Sequence[Mapping[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "measures": {name: one.as_json() for name, one in self.measures.items()},
            "by_second": self.by_second.to_dict("records"),
            "groups": {column: site_scores.plain(held) for column, held in self.groups.items()},
            "site_levels": site_scores.plain(self.levels),
            "site_value": [{**row, "value": row["value"].as_json()} for row in self.value],
            "site_outcomes": dict(self.outcomes),
            "adversaries": {kind: one.as_json() for kind, one in self.adversaries.items()},
            "rules": [dict(rule) for rule in self.rules],
        }


@dataclass(frozen=True, eq=False)
class WarningScores:
    """Ours, and each rival's with the differences from it.

    Attributes:
        kind_of_data: ``synthetic``, ``recorded``, ``mixed`` or empty. statement: what follows from it.
        rivals: name → scores. differences: name → measure → ours minus the rival's on the same events.
    """

    ours: Said
    rivals: Mapping[str, Said]
    differences: Mapping[str, Mapping[str, Measure]]
    kind_of_data: str
    rule: Rule
    draw: Draws
    warnings: tuple[str, ...] = field(default=())

    @property
    def statement(self) -> str:
        """Which data these are, in a sentence that stands on top."""
        return STATEMENTS[self.kind_of_data]

    @property
    def counts(self) -> dict[str, Any]:
        """How many of everything."""
        runs, events = self.ours.judged.runs, self.ours.judged.events
        summed = {name: int(runs[name].sum()) for name in ("n_true", "n_warned", "n_false", "n_split")}
        return {"n_runs": len(runs), "n_events": events["cluster"].nunique(), **summed}

    def as_json(self) -> dict[str, Any]:
        """Plain values, NaN written as null."""
        rivals = {
            name: {
                **said.as_json(),
                "ours_minus_rival": {k: one.as_json() for k, one in self.differences[name].items()},
            }
            for name, said in self.rivals.items()
        }
        bootstrap = {"seed": self.draw.seed, "resamples": self.draw.n, "level": self.draw.level}
        head = {"schema": SCHEMA, "task": "warning", "kind_of_data": self.kind_of_data, "statement": self.statement}
        body = {"n": self.counts["n_true"], **self.counts, "rule": self.rule.as_json(), "bootstrap": bootstrap}
        said = {"ours": self.ours.as_json(), "rivals": rivals, "warnings": list(self.warnings)}
        made: dict[str, Any] = json_able(head | body | said)
        return made


def score_warnings(
    pairs: Sequence[Pair],
    *,
    rivals: Mapping[str, Sequence[Pair]] | None = None,
    rule: Rule = DECLARED,
    draw: Draws | None = None,
) -> WarningScores:
    """Score runs of a warning engine, each beside its truth, and rivals on the same events.

    Args:
        pairs: runs with their truths; their order does not matter. rivals: name → runs of another engine.
        rule: when a warned event is a true one; what `SHAKEALERT` would match is counted beside.
        draw: the bootstrap, which draws true events.

    Raises:
        NothingMatchedError: there is no run, or a rival shares no event. InputError: see `matched`.
    """
    if not pairs:
        raise NothingMatchedError("the runs", "there is none to score", "name a run's folder")
    drawn = draw or Draws()
    ours = _said(pairs, rule, drawn)
    others = {name: _said(runs, rule, drawn) for name, runs in (rivals or {}).items()}
    apart = {
        name: differences(ours.judged.events, said.judged.events, name=name, draw=drawn)
        | site_differences(ours.judged.sites, said.judged.sites, draw=drawn)
        for name, said in others.items()
    }
    kind = kind_of_data(pairs)
    return WarningScores(ours, others, apart, kind, rule, drawn, tuple(_warnings(ours)))


def kind_of_data(pairs: Sequence[Pair]) -> str:
    """Whether the data were recorded or made: what the truth is, or else what the run says."""
    kinds = {SYNTHETIC if truth.synthetic else run.kind_of_data for run, truth in pairs}
    return kinds.pop() if len(kinds) == 1 else "mixed"


def _said(pairs: Sequence[Pair], rule: Rule, draw: Draws) -> Said:
    judged = pooled([judge(run, truth, rule=rule) for run, truth in pairs])
    events, sites = judged.events, judged.sites
    clusters, of_sites = clusters_of(events), clusters_of(sites)
    measures = {one.name: draw.measure(one.values(events), clusters, statistic=one.statistic) for one in MEASURES}
    return Said(
        judged,
        measures | _missed(events, draw) | _false(judged, draw) | site_scores.site_measures(sites, of_sites, draw),
        grouping.by_second(judged.seconds, draw),
        grouping.by_group(events, draw),
        site_scores.by_level(sites, of_sites, draw),
        site_scores.value_curve(sites, of_sites, draw),
        site_scores.outcomes(sites),
        _adversaries(judged.presented, draw),
        [_counted(pairs, one) for one in (rule, SHAKEALERT) if one == rule or rule != SHAKEALERT],
    )


def _missed(events: pd.DataFrame, draw: Draws) -> dict[str, Measure]:
    """Shares of larger true events inside the network that nothing warned of."""
    size, within, warned = (pd.to_numeric(events[name]).to_numpy(float) for name in ("magnitude", "inside", "warned"))
    clusters = clusters_of(events)
    found = {}
    for m in MISSED_FROM:
        rows = (size >= m) & (within == 1.0)
        found[f"missed_m{m:g}_in_network"] = draw.measure(1.0 - warned[rows], clusters[rows], statistic="share")
    return found


def _false(judged: Judged, draw: Draws) -> dict[str, Measure]:
    runs, warnings = judged.runs, judged.warnings
    n_warned, n_false, n_split = (int(runs[name].sum()) for name in ("n_warned", "n_false", "n_split"))
    days = pd.to_numeric(runs["days"]).to_numpy(float)
    station_days = pd.to_numeric(runs["station_days"]).to_numpy(float)
    timed = np.isfinite(days)
    of_timed = int(runs["n_false"].to_numpy(int)[timed].sum())
    false = warnings[warnings["kind"] == "false"]
    after = pd.to_numeric(false["cancelled_s"]).to_numpy(float)
    sure = false[false["confirmed"] == 1.0]
    sure_timed = int(sure["run"].isin(runs["run"][timed]).sum())
    both = pd.to_numeric(judged.twins["both"]).to_numpy(float)
    return {
        "twins_both_warned": draw.measure(both, clusters_of(judged.twins), statistic="share"),
        "split_share": share(n_split, n_warned, level=draw.level),
        "false_share": share(n_false, n_warned, level=draw.level),
        "false_confirmed_share": share(len(sure), n_warned, level=draw.level),
        "false_confirmed_per_station_day": rate(sure_timed, float(station_days[timed].sum()), level=draw.level),
        "false_per_station_day": rate(of_timed, float(station_days[timed].sum()), level=draw.level),
        "false_per_network_day": rate(of_timed, float(days[timed].sum()), level=draw.level),
        "false_cancelled_share": share(int(np.isfinite(after).sum()), len(after), level=draw.level),
        "false_cancelled_after_median_s": draw.measure(after, clusters_of(false), statistic="median"),
    }


def _adversaries(presented: pd.DataFrame, draw: Draws) -> dict[str, Measure]:
    if not len(presented):
        return {}
    summed = presented.groupby("kind")[["n", "false"]].sum().sort_index()
    return {
        str(kind): share(min(int(row["false"]), int(row["n"])), int(row["n"]), level=draw.level)
        for kind, row in summed.iterrows()
    }


def _counted(pairs: Sequence[Pair], rule: Rule) -> dict[str, Any]:
    """What a rule makes of all runs together."""
    found = [matched(run, truth.quakes, rule) for run, truth in pairs]
    counts = {"n_matched": sum(len(one.pairs) for one in found)}
    counts |= {f"n_{name}": sum(len(getattr(one, name)) for one in found) for name in _KINDS}
    return rule.as_json() | counts


_KINDS = ("missed", "merged", "false", "splits")


def _warnings(said: Said) -> list[str]:
    events, told = said.judged.events, []
    n_events = events["cluster"].nunique()
    if n_events < FEW_EVENTS:
        told.append(f"{n_events} true events: below {FEW_EVENTS} the intervals of the bootstrap are too narrow")
    if not len(said.judged.warnings) and not events["warned"].sum():
        told.append("no event was warned of")
    by_picks = int((events["p_from"] == FROM_PICKS).sum())
    if by_picks:
        told.append(f"P arrivals of {by_picks} events are the engine's own picks: the truth tells none")
    untimed = int(pd.to_numeric(said.judged.runs["days"]).isna().sum())
    if untimed:
        told.append(f"{untimed} runs do not tell when they began and ended: they are in no rate of false warnings")
    return told
