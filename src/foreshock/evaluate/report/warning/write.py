"""Writing the page of a run of warnings: pictures drawn, sections in order. Knows the order, not the making."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreshock.evaluate.report import closing
from foreshock.evaluate.report.catalogue.noun import Sketch, counted
from foreshock.evaluate.report.markup import Markup, joined, tag
from foreshock.evaluate.report.page import Section, page
from foreshock.evaluate.report.pictures import Drawn
from foreshock.evaluate.report.style import DARK, LIGHT, png
from foreshock.evaluate.report.warning import tables
from foreshock.evaluate.report.warning.magnitude import magnitude_of
from foreshock.evaluate.report.warning.map import map_of
from foreshock.evaluate.report.warning.timeline import timeline_of
from foreshock.evaluate.report.warning.views import EventView, Fronts, largest, straight_fronts, views_of
from foreshock.evaluate.warning.run import WarningRun
from foreshock.evaluate.warning.scores import STATEMENTS, kind_of_data
from foreshock.evaluate.warning.truth import WarningTruth
from foreshock.outputs import explained, write_bytes, write_text

NAME, PICTURES = "report.html", "pictures"
MOST_PICTURED = 4
"""Events that are drawn, the largest."""
HEADINGS = {
    "asked": "What this is",
    "events": "The events",
    "unseen": "True events without a warning",
    "stations": "Stations",
    "dropped": "What was dropped",
    "done": "What ran and with what",
    "limits": "What this cannot say",
    "origin": "Versions and inputs",
}


@dataclass(frozen=True, eq=False)
class RunReport:
    """What one page is about.

    Attributes:
        truth: None where it is not known. fronts: how far P and S have come; `rock` says by what.
        versions, inputs: of packages, and hashes of files.
    """

    run: WarningRun
    truth: WarningTruth | None = None
    fronts: Fronts = straight_fronts
    rock: str = "6.0 and 3.5 km/s"
    versions: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


def write_run_report(out: Path, report: RunReport) -> Path:
    """Write ``report.html`` and a PNG a picture under ``pictures`` into a folder; the page loads nothing from outside.

    The same run gives the same bytes.

    Raises:
        OutputError: the folder cannot be written to.
    """
    views, unseen = views_of(report.run, report.truth)
    drawn = {view.event_id: list(_drawn(view, k, report)) for k, view in enumerate(largest(views, MOST_PICTURED), 1)}
    text = _page(report, views, unseen, drawn)
    with explained(out):
        (out / PICTURES).mkdir(parents=True, exist_ok=True)
    for picture in (one for held in drawn.values() for one in held):
        write_bytes(out / PICTURES / f"{picture.name}.png", picture.light)
    write_text(out / NAME, text)
    return out / NAME


def draw(sketch: Sketch) -> Drawn:
    """A picture on light and on dark paper."""
    assert sketch.draw is not None
    return Drawn(sketch.name, sketch.section, sketch.caption, png(sketch.draw, LIGHT), png(sketch.draw, DARK))


def _drawn(view: EventView, number: int, report: RunReport) -> Iterator[Drawn]:
    name = f"event_{number}"
    scale = report.run.intensity_scale
    yield draw(map_of(view, report.run.stations, report.fronts, name=name, scale=scale))
    yield draw(timeline_of(view, name=name))
    yield draw(magnitude_of(view, name=name))


def _page(
    report: RunReport,
    views: Sequence[EventView],
    unseen: Sequence[Mapping[str, Any]],
    drawn: Mapping[str, Sequence[Drawn]],
) -> str:
    bodies = [
        ("asked", _asked(report)),
        ("events", tables.events(views)),
        ("unseen", tables.unseen(unseen)),
        *((f"event-{k}", _event(view, drawn[view.event_id])) for k, view in enumerate(_pictured(views, drawn), 1)),
        ("stations", tables.stations(report.run)),
        ("dropped", tables.dropped(report.run)),
        ("done", tables.done(report.run)),
        ("limits", closing.limits(_limits(report, views))),
        ("origin", closing.origin(report.versions, report.inputs)),
    ]
    names = {f"event-{k}": f"Event {view.event_id}" for k, view in enumerate(_pictured(views, drawn), 1)}
    shown: list[Section] = [(key, HEADINGS.get(key) or names[key], body) for key, body in bodies if body]
    return page(
        f"Warnings of run {report.run.name}",
        shown,
        lang="en",
        eyebrow="Foreshock · early warning",
        lede=f"{counted(len(views), 'event')} warned of. Data: {_kind(report)}.",
        cards=_cards(report, views),
        footer=f"Foreshock {report.versions.get('foreshock', '')}".strip() + ". This page is complete in itself.",
    )


def _pictured(views: Sequence[EventView], drawn: Mapping[str, object]) -> list[EventView]:
    return [view for view in views if view.event_id in drawn]


def _event(view: EventView, pictures: Sequence[Drawn]) -> Markup:
    return joined(
        [
            *(picture.markup() for picture in pictures),
            tag("h3", "Messages and where their time went"),
            tables.ledger(view),
            tag("h3", "Sites"),
            tables.sites(view),
        ]
    )


def _kind(report: RunReport) -> str:
    if report.truth is not None:
        return STATEMENTS[kind_of_data([(report.run, report.truth)])]
    return STATEMENTS.get(report.run.kind_of_data, STATEMENTS[""])


def _asked(report: RunReport) -> Markup:
    statuses = ", ".join(sorted(set(report.run.alerts["status"]))) or "none"
    compared = (
        "Times and errors are held against the truth that was given."
        if report.truth is not None
        else "No truth was given: origins, places and sizes are the engine's own, as it last told them."
    )
    warned = "A site is warned by the first message whose q50 reaches its threshold"
    warned += f", {report.run.site_threshold:g} where none is told."
    return joined(
        [
            tag("p", f"Data: {_kind(report)}.", class_="verdict"),
            tag("p", f"{compared} Status of the messages: {statuses}. Fronts of P and S by {report.rock}. {warned}"),
        ]
    )


def _limits(report: RunReport, views: Sequence[EventView]) -> Iterator[str]:
    yield (
        "Times of messages are of the engine's clock when it sent them. What the way to people costs after that is not "
        "in them."
    )
    yield "Intensities at sites are forecasts, with an uncertainty that is often a whole degree and more."
    if report.truth is None:
        yield "Without a truth nothing here says whether an event was real, how many were missed, or how far off it is."
    if len(views) > MOST_PICTURED:
        yield f"Pictures show the {MOST_PICTURED} largest of {len(views):,} events."
    if report.run.kind_of_data == "synthetic":
        yield "Synthetic data have no more surprises than their maker had."


def _cards(report: RunReport, views: Sequence[EventView]) -> Sequence[tuple[str, str, str]]:
    fastest = min((float(view.issued_s[0]) for view in views), default=None)
    largest_ = max((float(view.last["magnitude_q50"]) for view in views), default=None)
    warned = sum(int(view.site_rows()["warned_s"].notna().sum()) for view in views)
    return [
        ("events warned of", f"{len(views):,}", counted(len(report.run.alerts), "message")),
        ("first message", "–" if fastest is None else f"{fastest:.1f} s", "after the origin, the fastest"),
        ("largest", "–" if largest_ is None else f"M {largest_:.1f}", "as last told"),
        ("sites warned", f"{warned:,}", "all events together"),
    ]
