"""Report of sources: one page with errors beside rivals, coverage by time after P, pictures, groups and limits.

Knows scores and tables only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from foreshock.evaluate.bootstrap import Score
from foreshock.evaluate.report import closing
from foreshock.evaluate.report.markup import Markup, joined, table, tag
from foreshock.evaluate.report.page import Section, page
from foreshock.evaluate.report.pictures import Drawn
from foreshock.evaluate.report.score_pictures import readable
from foreshock.evaluate.report.sections import number, span
from foreshock.evaluate.report.source_pictures import (
    azimuth_picture,
    coverage_picture,
    distance_picture,
    magnitude_picture,
    over_time,
)
from foreshock.evaluate.report.style import DARK, LIGHT, png
from foreshock.evaluate.source_scores import COMPARED, MEASURES, OF_GROUPS, Measure, SourceScores
from foreshock.outputs import explained, write_bytes, write_json, write_text

CARDS = (
    "magnitude_mae",
    "magnitude_coverage_90",
    "distance_median_relative_error",
    "azimuth_median_error_deg",
)
OF_TIMES = {
    "magnitude_mae": "M error",
    "magnitude_coverage_90": "M in 90 %",
    "distance_median_relative_error": "km error",
    "distance_coverage_90": "km in 90 %",
    "azimuth_median_error_deg": "angle (°)",
    "azimuth_coverage_90": "in 90 %",
}
"""What the table over time shows, under short names."""

OF_STATIONS = ("M error", "M bias", "M in 90 %", "km error")
"""Short names of `OF_GROUPS`."""


@dataclass(frozen=True, eq=False)
class SourceReport:
    """What one report of sources is about.

    Attributes:
        title: heading of the page. scores, tables: of all predictors, ours first.
        sentences: what each rival is. metrics: what ``metrics.json`` holds.
    """

    title: str
    scores: SourceScores
    tables: Mapping[str, pd.DataFrame]
    sentences: Mapping[str, str] = field(default_factory=dict)
    skipped: Sequence[tuple[str, str]] = ()
    limits: Sequence[str] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)


def write_source_report(out: Path, report: SourceReport) -> list[Path]:
    """Write ``report.html``, ``metrics.json``, ``estimates.csv`` and one PNG a picture into a folder.

    Raises:
        OutputError: the folder cannot be written to.
    """
    drawn = list(_drawn(report))
    text = _page(report, drawn)
    with explained(out):
        out.mkdir(parents=True, exist_ok=True)
    for picture in drawn:
        write_bytes(out / f"{picture.name}.png", picture.light)
    write_json(out / "metrics.json", dict(report.metrics))
    write_text(out / "estimates.csv", report.tables[report.scores.ours].to_csv(index=False))
    write_text(out / "report.html", text)
    names = ("report.html", "metrics.json", "estimates.csv", *(f"{picture.name}.png" for picture in drawn))
    return [out / name for name in names]


def _drawn(report: SourceReport) -> Iterator[Drawn]:
    scores, ours = report.scores, report.scores.ours
    rivals = list(scores.predictors)[1:]
    last = {name: t[t["elapsed_s"] == max(scores.elapsed_s)] for name, t in report.tables.items()}
    lines = [name for name in rivals if "magnitude" in report.tables[name]]
    far = [name for name in rivals if "distance_km" in report.tables[name]]
    turned = [name for name in rivals if "azimuth_deg" in report.tables[name]]
    errors = partial(over_time, scores, measure="magnitude_mae", label="mean |error|, magnitudes", names=lines)
    yield _both("magnitude_over_time", "time", "Magnitude; the lines are told the true distance.", errors)
    errors = partial(
        over_time, scores, measure="distance_median_relative_error", label="median |error| / distance", names=far
    )
    yield _both("distance_over_time", "time", "Distance.", errors)
    errors = partial(over_time, scores, measure="azimuth_median_error_deg", label="median angle (°)", names=turned)
    yield _both("azimuth_over_time", "time", "Back azimuth.", errors)
    note = "Shares of truths inside the stated intervals; the grey bands are what was promised ± 5 %."
    yield _both("coverage", "coverage", note, partial(coverage_picture, scores))
    note = f"At {max(scores.elapsed_s):g} s; bars from q05 to q95."
    yield _both("magnitudes", "against", note, partial(magnitude_picture, last[ours]))
    if far:
        yield _both("distances", "against", "", partial(distance_picture, last, ours=ours, rival=far[0]))
    if turned:
        note = "How often the direction is at most so far off."
        yield _both("azimuths", "against", note, partial(azimuth_picture, last, ours=ours, rival=turned[0]))


def _both(name: str, section: str, caption: str, draw: Any) -> Drawn:
    return Drawn(name, section, caption, png(draw, LIGHT), png(draw, DARK))


def _page(report: SourceReport, drawn: Sequence[Drawn]) -> str:
    scores, last = report.scores, max(report.scores.elapsed_s)
    bodies: list[Section] = [
        ("headline", f"{last:g} s after P, beside the rivals", _headline(report)),
        ("time", "As time passes", joined([closing.shown(drawn, "time"), _times(scores)])),
        ("coverage", "Do the intervals hold?", closing.shown(drawn, "coverage")),
        ("against", "Estimates and truth", closing.shown(drawn, "against")),
        ("groups", "By station and by magnitude", _groups(scores)),
        ("skipped", "Skipped items", closing.skipped(report.skipped)),
        ("limits", "What this cannot say", closing.limits([*report.scores.warnings, *report.limits])),
        ("origin", "Versions and inputs", closing.origin(report.versions, report.inputs)),
    ]
    ours = scores.predictors[scores.ours][last]
    return page(
        report.title,
        [body for body in bodies if body[2]],
        lang="en",
        eyebrow="Foreshock · sources",
        lede=(
            f"Magnitude, distance and direction from one station: {scores.n_records:,} records of "
            f"{scores.n_events:,} events, from 1 to {last:g} seconds after P."
        ),
        cards=[(words(name), _figure(name, ours[name].value), span(ours[name])) for name in CARDS],
        footer=f"Foreshock {report.versions.get('foreshock', '')}".strip() + ". This page is complete in itself.",
    )


def words(name: str) -> str:
    """A measure's name for people.

    >>> words("magnitude_mae"), words("azimuth_median_error_deg")
    ('magnitude MAE', 'azimuth median error (°)')
    """
    return readable(name.replace("_deg", " (°)")).replace("mae", "MAE")


def _figure(name: str, value: float) -> str:
    return f"{value:.0f}°" if name.endswith("_deg") else f"{value:.1%}" if "relative" in name else number(value)


def _headline(report: SourceReport) -> Markup:
    scores, last = report.scores, max(report.scores.elapsed_s)
    rows = [[_measure(m), _cell(scores.predictors[scores.ours][last][m.name])] for m in MEASURES]
    draws = scores.bootstrap
    note = f"Intervals come from drawing whole events again ({draws['n']:,} times, seed {draws['seed']})."
    return joined(
        [
            table(["measure", scores.ours], rows, class_="scores"),
            tag("p", note, class_="note"),
            tag("h3", "The rivals"),
            _rivals(report, last),
        ]
    )


def _rivals(report: SourceReport, last: float) -> Markup:
    scores, rows = report.scores, []
    for name in list(scores.predictors)[1:]:
        for measure in COMPARED:
            score = scores.predictors[name].get(last, {}).get(measure.name)
            gain = scores.gains[name].get(last, {}).get(measure.name)
            if score is None or gain is None or score.value != score.value:
                continue
            who = joined([name, tag("small", report.sentences.get(name, ""))])
            sure = "better" if gain.low > 0 else "worse" if gain.high < 0 else None
            apart = joined([number(gain.value), tag("small", span(gain), class_=sure)])
            rows.append([who, words(measure.name), _cell(score), apart])
    head = ["rival", "measure", "its error", "its error − ours"]
    note = "The difference is taken on the records both answered and the same draws; above zero, ours is better."
    return joined([table(head, rows), tag("p", note, class_="note")]) if rows else Markup("")


def _measure(measure: Measure) -> Markup:
    better = {"lower": "Lower is better", "zero": "Best near 0", "nominal": f"Promised: {measure.nominal}"}
    return joined([words(measure.name), tag("small", f"{measure.sentence} {better[measure.better]}.")])


def _cell(score: Score) -> Markup:
    if score.value != score.value:
        return Markup("–")
    return joined([tag("b", number(score.value)), tag("small", f"{span(score)}, n = {score.n:,}")])


def _times(scores: SourceScores) -> Markup:
    held = scores.predictors[scores.ours]
    rows = [[f"{t:g} s", *(_short(held[t][name]) for name in OF_TIMES)] for t in held]
    return table(["after P", *OF_TIMES.values()], rows, class_="figures")


def _short(score: Score) -> Markup:
    return joined([number(score.value), tag("small", span(score))])


def _groups(scores: SourceScores) -> Markup:
    rows = [
        [name, f"{held[OF_GROUPS[0]].n:,}", f"{held[OF_GROUPS[0]].n_events:,}", *(_short(held[m]) for m in OF_GROUPS)]
        for name, held in scores.groups.items()
    ]
    return table(["group", "records", "events", *OF_STATIONS], rows, class_="figures")
