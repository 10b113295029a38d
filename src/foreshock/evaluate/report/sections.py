"""Sections: what each part of the page says, as tables and sentences. Knows scores; escapes every value."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from foreshock.evaluate.bootstrap import Score
from foreshock.evaluate.calibration import expected_if_calibrated
from foreshock.evaluate.groups import MIN_EVENTS, MIN_ROWS, Grouped
from foreshock.evaluate.per_class import confusion
from foreshock.evaluate.report.markup import Markup, joined, table, tag
from foreshock.evaluate.report.noun import Report
from foreshock.evaluate.report.pictures import Drawn
from foreshock.evaluate.report.score_pictures import readable
from foreshock.evaluate.report.style import drawable
from foreshock.evaluate.scores import Scores, json_able
from foreshock.plugins import Metric
from foreshock.types.predictions import Predictions

MOST_SKIPPED = 50


def asked(report: Report, scores: Scores) -> Markup:
    """The question, and how our model was set."""
    return joined(
        [
            tag("p", report.question) if report.question else None,
            tag("details", tag("summary", "Settings"), _settings(report.settings)) if report.settings else None,
            tag(
                "p",
                f"Every predictor was scored on the same {scores.n:,} rows of {scores.n_events:,} events. Intervals "
                f"come from drawing whole events again ({scores.bootstrap['n']:,} times, "
                f"seed {scores.bootstrap['seed']}), because rows of one event are alike.",
                class_="note",
            ),
        ]
    )


def data(report: Report, scores: Scores, ours: Predictions) -> Markup:
    """Sample sizes of the splits, and of the classes among the scored rows."""
    columns = list(dict.fromkeys(key for figures in report.splits.values() for key in figures))
    splits = [[name, *(_cell(figures.get(key)) for key in columns)] for name, figures in report.splits.items()]
    parts: list[object] = []
    if splits:
        parts.append(table(["split", *columns], splits, class_="figures"))
    if ours.classes:
        counts = confusion(ours).sum(1).tolist()
        rows = [[name, f"{n:,}", f"{n / max(scores.n, 1):.1%}"] for name, n in zip(ours.classes, counts, strict=True)]
        parts.append(table(["scored class", "rows", "share"], rows, class_="figures"))
    else:
        truth = ours.table["truth"].to_numpy(float)
        said = f"True values reach from {number(truth.min())} to {number(truth.max())} (mean {number(truth.mean())})."
        parts.append(tag("p", said))
    return tag("div", *parts, class_="pair")


def scores_table(report: Report, scores: Scores) -> Markup:
    """A row a metric: ours, every rival, and the paired difference with what it allows to say."""
    head = ["metric", report.ours_name, *scores.rivals]
    rows = [[_metric_cell(m), _score_cell(scores.ours[m.name]), *_rival_cells(scores, m)] for m in scores.metrics]
    note = tag("p", "Δ is this model minus the rival on the same draws of events.", class_="note")
    return joined([tag("p", verdict(report, scores), class_="verdict"), table(head, rows, class_="scores"), note])


def verdict(report: Report, scores: Scores) -> str:
    """One sentence on the first metric: ours, and what the paired differences allow to say about each rival."""
    metric = scores.metrics[0]
    score = scores.ours[metric.name]
    begin = f"{report.ours_name}: {readable(metric.name)} {number(score.value)}{_between(score)}."
    said = [
        f"{_judged(scores.differences[name][metric.name], metric, long=True)} {name} by {_by(scores, name, metric)}."
        if _separate(scores.differences[name][metric.name])
        else f"Not separable from {name} on these events."
        for name in scores.rivals
    ]
    return " ".join([begin, *said])


def class_table(scores: Scores) -> Markup:
    """Precision, recall, F1 and areas of every class; with names that pictures cannot show spelled out."""
    names = list(scores.classes["names"])
    written = drawable(names)
    rows = [
        [
            _class_name(str(row["class"]), written),
            f"{row['support']:,}",
            f"{row['named']:,}",
            *(number(row[key]) for key in ("precision", "recall", "f1", "roc_auc", "average_precision")),
        ]
        for row in scores.classes["per_class"]
    ]
    head = ["class", "true rows", "named rows", "precision", "recall", "F1", "ROC AUC", "average precision"]
    return table(head, rows, class_="figures")


def calibration(report: Report, scores: Scores, ours: Predictions) -> Markup:
    """ECE beside what a perfectly calibrated predictor of this size would show."""
    if "ece" not in scores.ours:
        return Markup("")
    mean, high = expected_if_calibrated(ours, seed=report.seed)
    score = scores.ours["ece"]
    fine = score.value <= high
    return tag(
        "p",
        f"Expected calibration error {number(score.value)}{_between(score)}. With these confidences a perfectly "
        f"calibrated predictor would show {number(mean)} on average and up to {number(high)} in 95 % of cases "
        "by chance alone, so "
        + ("no miscalibration can be shown here." if fine else "this is more than chance explains."),
    )


def quantiles(scores: Scores) -> Markup:
    """Coverage and width of the stated intervals."""
    if not scores.quantiles:
        return Markup("")
    covered, width = scores.quantiles["coverage_90"], scores.quantiles["width_90"]
    return tag(
        "p",
        f"The intervals from q05 to q95 promise to hold 90 % of true values and hold {covered.value:.1%}"
        f"{_between(covered)}; their mean width is {number(width.value)}.",
    )


def groups(report: Report, scores: Scores, pictures: Sequence[Drawn]) -> Markup:
    """The worst group of each column in one table, then a picture a column."""
    rows = [_group_row(grouped) for grouped in scores.groups]
    told = tag(
        "p",
        f"Groups with fewer than {MIN_ROWS} rows or {MIN_EVENTS} events are shown hollow and not judged; the worst of "
        "the others is marked. The dashed line in each picture is the score of all rows. The worst of several groups "
        "looks worse than it is: it was chosen for that. A bar of no length means the same score in every draw, not "
        "certainty.",
        class_="note",
    )
    first = table(["column", "worst group", readable(scores.groups[0].metric), "rows", "events", "remark"], rows)
    shown = [picture.markup() for picture in pictures]
    return joined([first, told, tag("div", *shown, class_="pair"), *(_group_key(grouped) for grouped in scores.groups)])


def rival_settings(report: Report) -> Markup:
    """What each rival was tuned to."""
    return joined(
        joined([tag("h3", name), _settings(settings) if settings else tag("p", "No settings.", class_="note")])
        for name, (_, settings) in report.rivals.items()
    )


def skipped(scores: Scores) -> Markup:
    """What was left out before scoring, by reason, and the first items by name."""
    reasons: dict[str, int] = {}
    for _, reason in scores.skipped:
        reasons[reason] = reasons.get(reason, 0) + 1
    ranked = sorted(reasons.items(), key=lambda pair: -pair[1])
    first = table(["reason", "items"], [[reason, f"{n:,}"] for reason, n in ranked[:MOST_SKIPPED]], class_="figures")
    rows = [[item, reason] for item, reason in scores.skipped[:MOST_SKIPPED]]
    title = f"The first {len(rows)} of {len(scores.skipped):,}" if len(scores.skipped) > len(rows) else "All items"
    return joined([first, tag("details", tag("summary", title), table(["item", "reason"], rows))])


def limits(report: Report, scores: Scores) -> Markup:
    """What the run cannot say: found from the scores, told by the caller, and true of every such run."""
    always = [
        "These figures hold for the rows that were scored; other regions, networks, instruments and times may differ.",
        "The intervals tell how much would change with other events of the same kind. They do not hold errors of the "
        "labels, nor what another training run would give.",
        f"{len(scores.metrics)} metrics were compared with {len(scores.rivals)} rivals without correcting for their "
        "number: now and then a difference will look real by chance.",
    ]
    return tag("ul", *(tag("li", text) for text in [*scores.warnings, *report.limits, *always]), class_="limits")


def origin(scores: Scores) -> Markup:
    """Versions of packages and hashes of inputs."""
    versions = [[name, version] for name, version in scores.versions.items()]
    inputs = [[name, tag("code", _cell(value))] for name, value in scores.inputs.items()]
    return joined(
        [
            table(["package", "version"], versions) if versions else None,
            table(["input", "SHA-256 or description"], inputs) if inputs else None,
        ]
    )


def number(value: Any) -> str:
    """Three decimals, more where the number is small, a dash where there is none.

    >>> number(0.12345), number(0.00041), number(3e-7), number(float("nan")), number(1234.5)
    ('0.123', '0.0004', '3e-07', '—', '1,234')
    """
    if value is None or not math.isfinite(value):
        return "—"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 0.0005 or size < 1e-12:
        return f"{value:.3f}"
    return f"{value:.4f}" if size >= 0.00005 else f"{value:.0e}"


def span(score: Score) -> str:
    """From the low to the high end of an interval."""
    return f"{number(score.low)} – {number(score.high)}" if math.isfinite(score.low) else "no interval"


def _between(score: Score) -> str:
    return f" ({number(score.low)} to {number(score.high)})" if math.isfinite(score.low) else ""


def _metric_cell(metric: Metric) -> Markup:
    arrow = "higher is better" if metric.better == "higher" else "lower is better"
    unit = f", {metric.unit}" if metric.unit not in ("1", "", "target") else ""
    return joined([readable(metric.name), tag("small", f"{metric.sentence} {arrow.capitalize()}{unit}.")])


def _score_cell(score: Score) -> Markup:
    return joined([tag("b", number(score.value)), tag("small", span(score))])


_JUDGEMENTS = {"better": "better", "worse": "worse", "even": "not separable"}


def _rival_cells(scores: Scores, metric: Metric) -> list[Markup]:
    cells = []
    for name, theirs in scores.rivals.items():
        apart = scores.differences[name][metric.name]
        kind = _judged(apart, metric, long=False)
        said = tag("small", f"Δ {_signed(apart.value)} ", _JUDGEMENTS[kind], class_=kind)
        reach = tag("small", f"[{_signed(apart.low)}, {_signed(apart.high)}]", class_=kind)
        cells.append(joined([_score_cell(theirs[metric.name]), said, reach]))
    return cells


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else '−'}{number(abs(value))}" if math.isfinite(value) else "—"


def _separate(apart: Score) -> bool:
    return math.isfinite(apart.low) and not apart.low <= 0 <= apart.high


def _judged(apart: Score, metric: Metric, *, long: bool) -> str:
    """Whether ours is better, worse, or cannot be told apart."""
    if not _separate(apart):
        return "even"
    better = (apart.value > 0) == (metric.better == "higher")
    if long:
        return "Better than" if better else "Worse than"
    return "better" if better else "worse"


def _by(scores: Scores, name: str, metric: Metric) -> str:
    apart = scores.differences[name][metric.name]
    low, high = sorted((abs(apart.low), abs(apart.high)))
    return f"{number(abs(apart.value))} ({number(low)} to {number(high)})"


def _class_name(name: str, written: Mapping[str, str]) -> Markup:
    shown = written[name].replace(r"\$", "$")
    return joined([name]) if shown == name else joined([name, tag("small", f"“{shown}” in pictures")])


def _group_row(grouped: Grouped) -> list[object]:
    found = next((g for g in grouped.groups if g.name == grouped.worst), None)
    if found is None:
        return [readable(grouped.column), "—", "—", "—", "—", "too few rows to judge at least two groups"]
    remark = "clearly worse than all rows together" if grouped.clearly else "within what chance allows"
    return [
        readable(grouped.column),
        found.name,
        _score_cell(found.score),
        f"{found.score.n:,}",
        f"{found.score.n_events:,}",
        remark,
    ]


def _group_key(grouped: Grouped) -> Markup | None:
    """What the pictures call groups whose names no font can draw."""
    written = drawable([group.name for group in grouped.groups], word="group")
    changed = [[w, name] for name, w in written.items() if w.replace(r"\$", "$") != name]
    return table([f"{readable(grouped.column)} in the picture", "name"], changed) if changed else None


def _settings(settings: Mapping[str, Any]) -> Markup:
    return table(["setting", "value"], [[key, tag("code", _cell(value))] for key, value in settings.items()])


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "—" if value is None else str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else "—"
    text = value if isinstance(value, str) else json.dumps(json_able(value), ensure_ascii=False)
    return text if len(text) <= 400 else text[:399] + "…"
