"""Pictures: every picture of one report, drawn for light and dark pages. Knows which to draw, not how."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure

from foreshock.evaluate.groups import Grouped
from foreshock.evaluate.report.class_pictures import confusion_picture, ranking_picture, reliability_picture
from foreshock.evaluate.report.markup import Markup, tag
from foreshock.evaluate.report.noun import Report
from foreshock.evaluate.report.score_pictures import MOST_GROUPS, by_groups, headline, readable, training
from foreshock.evaluate.report.style import DARK, DPI, LIGHT, Cast, Look, Target, png
from foreshock.evaluate.report.value_pictures import error_picture, residual_picture, scatter_picture
from foreshock.evaluate.scores import Scores
from foreshock.types.predictions import Predictions

RESIDUAL_COLUMNS = ("truth", "magnitude", "distance_km", "snr_db", "depth_km")
ROC_NOTE = (
    "Curves toward the upper left are better; the dashed diagonal is guessing. Figures are areas under the curve."
)
PRECISION_NOTE = "Curves toward the upper right are better. Figures are average precisions."


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture: its file name, where it belongs, what it shows, its PNG on light and (perhaps) on dark paper."""

    name: str
    section: str
    caption: str
    light: bytes
    dark: bytes | None = None

    def markup(self) -> Markup:
        """The picture inside the page itself, light or dark as the reader's screen is."""
        image = tag(
            "img", src=_data(self.light), alt=self.caption, width=_width_px(self.light, drawn=self.dark is not None)
        )
        if self.dark is None:
            return tag("figure", image, tag("figcaption", self.caption), class_="paper")
        dark = tag("source", media="(prefers-color-scheme: dark)", srcset=_data(self.dark))
        return tag("figure", tag("picture", dark, image), tag("figcaption", self.caption))


def draw_all(report: Report, scores: Scores, ours: Predictions, rivals: dict[str, Predictions]) -> list[Drawn]:
    """Draw what this report can show; a picture that would be empty is left out."""
    drawn = [
        _drawn("headline", "headline", _headline_note(scores), partial(_headline, report, scores)),
        *(_classes(report, ours, rivals) if ours.classes else _values(report, ours, rivals)),
        *_groups(scores),
    ]
    if report.history and training(report.history, LIGHT) is not None:
        note = (
            "Blue is held-out data, dashed grey the data that was learnt from; dots mark the epoch with the least loss."
        )
        drawn.append(_drawn("training", "training", note, _certain(partial(training, report.history))))
    return [*drawn, *_extra(report)]


def _drawn(name: str, section: str, caption: str, draw: Callable[[Look], Figure]) -> Drawn:
    return Drawn(name, section, caption, png(draw, LIGHT), png(draw, DARK))


def _headline(report: Report, scores: Scores, look: Look) -> Figure:
    return headline(scores, look, cast=_cast(report))


def _cast(report: Report) -> Cast:
    return Cast(report.ours_name, tuple(report.own_rivals))


def _headline_note(scores: Scores) -> str:
    level = scores.bootstrap.get("level", 0.95)
    return (
        f"Dots are scores, bars their {level:.0%} intervals over {scores.n_events:,} events. "
        "→ higher is better, ← lower is better."
    )


def _classes(report: Report, ours: Predictions, rivals: dict[str, Predictions]) -> Iterator[Drawn]:
    cast = _cast(report)
    note = "Rows are true classes, columns the class that was named; colour is the share of each true class."
    yield _drawn("confusion", "confusion", note, partial(confusion_picture, ours))
    if _all_occur(ours):
        for name, kind, words in (("roc", "roc", ROC_NOTE), ("precision_recall", "pr", PRECISION_NOTE)):
            caption = f"{words} {_whose(ours)}"
            yield _drawn(name, "ranking", caption, partial(ranking_picture, ours, rivals, kind=kind, cast=cast))
    note = (
        "On the diagonal, things said with 80 % happen 80 % of the time; below it, a predictor is too sure of itself."
    )
    yield _drawn("reliability", "calibration", note, partial(reliability_picture, ours, rivals, cast=cast))


def _all_occur(ours: Predictions) -> bool:
    """Whether at least two classes occur, without which there is nothing to rank."""
    return ours.table["truth"].nunique() >= 2


def _whose(ours: Predictions) -> str:
    if len(ours.classes) == 2:
        return f"The class {ours.classes[1]!r} against {ours.classes[0]!r}."
    return "Each class against the rest, this model only; rivals stand in the table above."


def _values(report: Report, ours: Predictions, rivals: dict[str, Predictions]) -> Iterator[Drawn]:
    target = Target(report.target, report.unit)
    note = "Each point is a row; on the dashed line the predicted value equals the true one."
    if {"q05", "q95"} <= set(ours.table.columns):
        note += " Faint bars reach from q05 to q95."
    yield _drawn("scatter", "values", note, partial(scatter_picture, ours, target=target))
    note = "How often each error occurs; errors beyond the edges are counted in the outermost bars."
    yield _drawn("errors", "values", note, partial(error_picture, ours, rivals, target=target, cast=_cast(report)))
    for column in RESIDUAL_COLUMNS:
        draw = partial(residual_picture, ours, column=column, target=target)
        if not _same_as_truth(ours, column) and draw(LIGHT) is not None:
            about = f"true {report.target}" if column == "truth" else readable(column)
            note = f"Errors against {about}; a line away from zero is a bias that depends on it."
            yield _drawn(f"residuals_{column}", "values", note, _certain(draw))


def _same_as_truth(ours: Predictions, column: str) -> bool:
    table = ours.table
    return column != "truth" and column in table.columns and bool((table[column] == table["truth"]).all())


def _groups(scores: Scores) -> Iterator[Drawn]:
    for grouped in scores.groups:
        overall = scores.ours[grouped.metric].value
        yield _drawn(
            f"groups_{_slug(grouped.column)}",
            f"groups:{grouped.column}",
            _group_note(grouped),
            partial(by_groups, grouped, overall),
        )


def _group_note(grouped: Grouped) -> str:
    metric = readable(grouped.metric)
    said = f"{metric[:1].upper()}{metric[1:]} by {readable(grouped.column)}"
    if len(grouped.groups) > MOST_GROUPS:
        return f"{said}: the {MOST_GROUPS} largest of {len(grouped.groups)} groups."
    return f"{said}."


def _extra(report: Report) -> Iterator[Drawn]:
    for k, (title, caption, content) in enumerate(report.extra_pictures, 1):
        yield Drawn(f"extra_{k}_{_slug(title)}", "more", f"{title}. {caption}".strip(), content)


def _certain(draw: Callable[[Look], Figure | None]) -> Callable[[Look], Figure]:
    """A drawing that was tried before and is known to show something."""

    def drawn(look: Look) -> Figure:
        figure = draw(look)
        assert figure is not None
        return figure

    return drawn


def _slug(text: str) -> str:
    """A file name made of a title: small letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40] or "picture"


def _width_px(content: bytes, *, drawn: bool) -> int | None:
    """How wide a picture of ours stands on the page, from its header, so that all letters are equally large."""
    return round(int.from_bytes(content[16:20], "big") * 96 / DPI) if drawn else None


def _data(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")
