"""Writing a report: scores, pictures and the page into one folder. Knows the order of things, not their making."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from foreshock.evaluate.bootstrap import aligned
from foreshock.evaluate.report import sections
from foreshock.evaluate.report.markup import Markup, joined, tag
from foreshock.evaluate.report.noun import Report
from foreshock.evaluate.report.page import Section, page
from foreshock.evaluate.report.pictures import Drawn, draw_all
from foreshock.evaluate.report.score_pictures import readable
from foreshock.evaluate.report.words import headings
from foreshock.evaluate.scores import Scores, json_able, labelled, score_all
from foreshock.outputs import explained, write_bytes, write_json, write_text
from foreshock.types.predictions import Predictions

MOST_CARDS = 4


def write_report(out: Path, report: Report, *, scores: Scores | None = None) -> list[Path]:
    """Write ``report.html``, ``metrics.json`` and one PNG a picture into a folder; give their paths.

    The page holds all its pictures and loads nothing from outside. The same report gives the same bytes.

    Args:
        out: the folder; it is made where it is not there.
        report: what the page is about.
        scores: made with `score_all` before, to save the work of doing it again.

    Raises:
        OutputError: the folder cannot be written to.
        InputError: a rival speaks of other rows than ours.
        NothingMatchedError: no row carries truth.
    """
    scores = score_report(report) if scores is None else scores
    ours = labelled(report.ours)[0]
    rivals = {name: aligned(ours, labelled(said)[0]) for name, (said, _) in report.rivals.items()}
    drawn = draw_all(report, scores, ours, rivals)
    text = _page(report, scores, ours, drawn)
    with explained(out):
        out.mkdir(parents=True, exist_ok=True)
    for picture in drawn:
        write_bytes(out / f"{picture.name}.png", picture.light)
    write_json(out / "metrics.json", {**scores.as_json(), **{k: json_able(v) for k, v in report.extra.items()}})
    write_text(out / "report.html", text)
    return [out / "report.html", out / "metrics.json", *(out / f"{picture.name}.png" for picture in drawn)]


def score_report(report: Report) -> Scores:
    """The scores a report shows."""
    return score_all(
        report.ours,
        {name: said for name, (said, _) in report.rivals.items()},
        groups=report.groups,
        seed=report.seed,
        n=report.n_resamples,
        skipped=report.skipped,
        inputs=report.inputs,
        versions=report.versions,
    )


def _page(report: Report, scores: Scores, ours: Predictions, drawn: list[Drawn]) -> str:
    words = headings(report.lang)
    bodies = _bodies(report, scores, ours, drawn)
    shown: list[Section] = [(key, words[key], body) for key, body in bodies if body]
    return page(
        report.title,
        shown,
        lang=report.lang,
        eyebrow=f"Foreshock · {readable(report.task)}",
        lede=f"{scores.n:,} scored rows of {scores.n_events:,} events, beside {_counted(len(scores.rivals))}.",
        cards=_cards(scores),
        footer=f"Foreshock {report.versions.get('foreshock', '')}".strip() + ". This page is complete in itself.",
    )


def _bodies(report: Report, scores: Scores, ours: Predictions, drawn: list[Drawn]) -> Iterator[tuple[str, Markup]]:
    """Every section in reading order; an empty one is left out by the caller."""
    none = Markup("")
    yield "asked", sections.asked(report, scores)
    yield "data", sections.data(report, scores, ours)
    yield "headline", joined([sections.scores_table(report, scores), _shown(drawn, "headline")])
    if ours.classes:
        yield "confusion", _shown(drawn, "confusion")
        yield "classes", sections.class_table(scores)
        yield "ranking", _shown(drawn, "ranking", side_by_side=True)
        yield "calibration", joined([sections.calibration(report, scores, ours), _shown(drawn, "calibration")])
    else:
        yield "values", joined([sections.quantiles(scores), _shown(drawn, "values", side_by_side=True)])
    of_groups = [picture for picture in drawn if picture.section.startswith("groups:")]
    yield "groups", sections.groups(report, scores, of_groups) if of_groups else none
    yield "more", _shown(drawn, "more")
    yield "training", _shown(drawn, "training")
    yield "settings", sections.rival_settings(report)
    yield "skipped", sections.skipped(scores) if scores.skipped else none
    yield "limits", sections.limits(report, scores)
    yield "origin", sections.origin(scores)


def _shown(drawn: list[Drawn], section: str, *, side_by_side: bool = False) -> Markup:
    found = [picture.markup() for picture in drawn if picture.section == section]
    return tag("div", *found, class_="pair") if side_by_side and found else joined(found)


def _cards(scores: Scores) -> list[tuple[str, str, str]]:
    names = [metric.name for metric in scores.metrics]
    wanted = [name for name in ("accuracy", "macro_f1", "macro_roc_auc", "ece") if name in names] or names
    return [
        (readable(name), sections.number(scores.ours[name].value), sections.span(scores.ours[name]))
        for name in wanted[:MOST_CARDS]
    ]


def _counted(n: int) -> str:
    return "no rival" if n == 0 else "1 rival" if n == 1 else f"{n} rivals"
