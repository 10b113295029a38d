"""Report of picks: one page with scores beside rivals, pictures, groups and limits. Knows scores and tallies only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from foreshock.evaluate.bootstrap import Score
from foreshock.evaluate.pick_measures import MEASURES, OF_GROUPS, Measure
from foreshock.evaluate.pick_scores import MIN_EVENTS, MIN_TRACES, Grouped, PickScores
from foreshock.evaluate.pick_tally import Tally
from foreshock.evaluate.report import closing
from foreshock.evaluate.report.markup import Markup, joined, table, tag
from foreshock.evaluate.report.page import Section, page
from foreshock.evaluate.report.pick_pictures import (
    phases_of,
    precision_recall_picture,
    reliability_picture,
    residual_picture,
)
from foreshock.evaluate.report.pictures import Drawn
from foreshock.evaluate.report.score_pictures import readable
from foreshock.evaluate.report.sections import number, span
from foreshock.evaluate.report.style import DARK, LIGHT, png
from foreshock.outputs import explained, write_bytes, write_json, write_text

CARDS = ("p_within_0.1_s", "s_within_0.1_s", "f1", "other_per_record")


@dataclass(frozen=True, eq=False)
class PickReport:
    """What one report of picks is about.

    Attributes:
        title: heading of the page.
        scores: at the threshold in use. curves: tallies of all picks, for curves over the threshold.
        stability: picker → measure → score; stability_sentences: what they mean.
        false_picks: picker → ``quiet`` and ``everything`` → picks per station-hour; quiet: how that was found.
        metrics: what ``metrics.json`` holds.
    """

    title: str
    scores: PickScores
    curves: Mapping[str, Tally]
    threshold: float = 0.0
    stability: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)
    stability_sentences: Mapping[str, str] = field(default_factory=dict)
    false_picks: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)
    quiet: str | None = None
    skipped: Sequence[tuple[str, str]] = ()
    limits: Sequence[str] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)


def write_pick_report(out: Path, report: PickReport) -> list[Path]:
    """Write ``report.html``, ``metrics.json`` and one PNG a picture into a folder; give their paths.

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
    write_text(out / "report.html", text)
    return [out / "report.html", out / "metrics.json", *(out / f"{picture.name}.png" for picture in drawn)]


def _drawn(report: PickReport) -> Iterator[Drawn]:
    at_threshold = {name: said.tally for name, said in report.scores.pickers.items()}
    for phase in phases_of(at_threshold):
        low = phase.lower()
        note = f"Pick − label of right {phase} picks, with their number; dashed: ± 0.1 s. Positive is late."
        yield _both(f"residuals_{low}", "residuals", note, partial(residual_picture, at_threshold, phase=phase))
        note = f"How often {phase} picks of a probability are right; the figures count picks."
        yield _both(f"reliability_{low}", "calibration", note, partial(reliability_picture, report.curves, phase=phase))
        note = f"{phase} as the threshold falls from left to right; the mark is the threshold in use."
        curve = partial(precision_recall_picture, report.curves, phase=phase, threshold=report.threshold)
        yield _both(f"precision_recall_{low}", "thresholds", note, curve)


def _both(name: str, section: str, caption: str, draw: Any) -> Drawn:
    return Drawn(name, section, caption, png(draw, LIGHT), png(draw, DARK))


def _page(report: PickReport, drawn: Sequence[Drawn]) -> str:
    scores = report.scores
    bodies: list[Section] = [
        ("headline", "Scores beside the rivals", _headline(scores)),
        ("residuals", "Residuals", closing.shown(drawn, "residuals")),
        ("thresholds", "Precision and recall", closing.shown(drawn, "thresholds")),
        ("calibration", "Calibration", closing.shown(drawn, "calibration")),
        ("false", "Picks where nothing is", _false_picks(report)),
        ("stability", "When the window begins elsewhere", _stability(report)),
        ("groups", "By group", _groups(scores)),
        ("skipped", "Skipped items", closing.skipped(report.skipped)),
        ("limits", "What this cannot say", closing.limits([*report.scores.warnings, *report.limits])),
        ("origin", "Versions and inputs", closing.origin(report.versions, report.inputs)),
    ]
    first = next(iter(scores.pickers))
    ours = scores.pickers[first].scores
    return page(
        report.title,
        [body for body in bodies if body[2]],
        lang="en",
        eyebrow="Foreshock · picks",
        lede=(
            f"{first} on {scores.n_traces:,} records of {scores.n_events:,} events: {scores.n_p:,} labelled P, "
            f"{scores.n_s:,} labelled S; picks with a probability of at least {report.threshold:g}."
        ),
        cards=[(_words(name), number(ours[name].value), span(ours[name])) for name in CARDS],
        footer=f"Foreshock {report.versions.get('foreshock', '')}".strip() + ". This page is complete in itself.",
    )


def _headline(scores: PickScores) -> Markup:
    head = ["measure", *scores.pickers]
    rows = [[_measure(m), *(_cell(scores, name, m) for name in scores.pickers)] for m in MEASURES]
    draws = scores.bootstrap
    note = (
        f"Intervals come from drawing whole events again ({draws['n']:,} times, seed {draws['seed']}). A pick is "
        "judged where its phase is labelled on its record. Δ is the first picker minus this one on the same draws."
    )
    return joined([table(head, rows, class_="scores"), tag("p", note, class_="note")])


def _measure(measure: Measure) -> Markup:
    arrow = {"higher": "Higher is better", "lower": "Lower is better", "zero": "Best near 0"}[measure.better]
    return joined([_words(measure.name), tag("small", f"{measure.sentence} {arrow}.")])


def _words(name: str) -> str:
    """A measure's name for people.

    >>> _words("p_within_0.1_s"), _words("s_f1"), _words("f1")
    ('P within 0.1 s', 'S F1', 'F1')
    """
    head, _, tail = name.partition("_")
    if head in ("p", "s") and tail:
        return f"{head.upper()} {_words(tail)}"
    return "F1" if name == "f1" else readable(name)


def _cell(scores: PickScores, name: str, measure: Measure) -> Markup:
    said = scores.pickers[name]
    score = said.scores[measure.name]
    parts: list[object] = [tag("b", number(score.value)), tag("small", f"{span(score)}, n = {score.n:,}")]
    if said.difference:
        apart = said.difference[measure.name]
        parts.append(tag("small", f"Δ {number(apart.value)} [{span(apart)}]"))
    return joined(parts)


def _score_cells(score: Score) -> list[str]:
    return [number(score.value), span(score), f"{score.n:,}", f"{score.n_events:,}"]


def _false_picks(report: PickReport) -> Markup:
    if not report.false_picks:
        return Markup("")
    rows = [
        [name, where, *_score_cells(score)]
        for name, held in report.false_picks.items()
        for where, score in held.items()
    ]
    head = ["picker", "where", "picks per station-hour", "95 % over minutes", "picks", "minutes"]
    return joined([tag("p", report.quiet) if report.quiet else None, table(head, rows, class_="figures")])


def _stability(report: PickReport) -> Markup:
    if not report.stability:
        return Markup("")
    rows = [
        [name, _words(key), *_score_cells(score)]
        for name, held in report.stability.items()
        for key, score in held.items()
    ]
    told = tag("ul", *(tag("li", sentence) for sentence in report.stability_sentences.values()))
    return joined([told, table(["picker", "measure", "value", "95 %", "arrivals", "events"], rows, class_="figures")])


def _groups(scores: PickScores) -> Markup:
    parts: list[object] = [
        tag(
            "p",
            f"Groups of fewer than {MIN_TRACES} records or {MIN_EVENTS} events are not judged. The worst of several "
            "looks worse than it is: it was chosen for that.",
            class_="note",
        )
    ]
    found = False
    for name, said in scores.pickers.items():
        for grouped in said.groups:
            found = True
            parts += [
                tag("h3", f"{name} by {readable(grouped.column)}"),
                tag("p", _worst(grouped)),
                _group_rows(grouped),
            ]
    return joined(parts) if found else Markup("")


def _worst(grouped: Grouped) -> str:
    if grouped.worst is None:
        return "Too few records to judge at least two groups."
    how = "clearly worse than all together" if grouped.clearly else "within what chance allows"
    return f"Worst by F1: {grouped.worst}, {how}."


def _group_rows(grouped: Grouped) -> Markup:
    rows = [
        [g.name, f"{g.n_traces:,}", f"{g.n_events:,}", *(_group_cell(g.scores[name]) for name in OF_GROUPS)]
        for g in grouped.groups
    ]
    return table(["group", "records", "events", *map(_words, OF_GROUPS)], rows, class_="figures")


def _group_cell(score: Score) -> Markup:
    return joined([number(score.value), tag("small", span(score))])
