"""Writing the page of a catalogue: its pictures drawn, its sections put in order. Knows the order, not the making."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from foreshock.clock import iso_utc
from foreshock.evaluate.report import closing
from foreshock.evaluate.report.catalogue import health, mechanisms, places, residuals, sizes, waves, words
from foreshock.evaluate.report.catalogue.noun import CatalogueReport, Sketch, counted
from foreshock.evaluate.report.markup import Markup, joined, tag
from foreshock.evaluate.report.page import Section, page
from foreshock.evaluate.report.pictures import Drawn
from foreshock.evaluate.report.style import DARK, LIGHT, png
from foreshock.outputs import explained, write_text
from foreshock.types.event import Event

NAME = "report.html"
HEADINGS = {
    "done": "What was done and with what",
    "counts": "Counts",
    places.SECTION: "Where",
    sizes.SECTION: "When and how large",
    "events": "The earthquakes",
    mechanisms.SECTION: "How faults slipped",
    residuals.SECTION: "Residuals",
    health.SECTION: "Stations",
    waves.SECTION: "Recordings of the largest",
    "skipped": "What was left out",
    "notes": "What was repaired or assumed",
    "limits": "What this cannot say",
    "origin": "Versions",
}


def write_catalogue_report(out: Path, report: CatalogueReport) -> Path:
    """Write ``report.html`` into a folder: one page that holds its pictures and loads nothing from outside.

    The same report gives the same bytes.

    Raises:
        OutputError: the folder cannot be written to.
    """
    text = _page(report)
    with explained(out):
        out.mkdir(parents=True, exist_ok=True)
    write_text(out / NAME, text)
    return out / NAME


def sketches(report: CatalogueReport) -> Iterator[Sketch]:
    """All pictures of a page, undrawn."""
    heard = {name: report.stations[name] for name in sorted(report.heard_s) if name in report.stations}
    yield places.map_of(report.solutions, heard)
    yield from places.sections_of(report.solutions)
    yield sizes.over_time(report.solutions)
    yield sizes.of_each_size(report.solutions)
    yield mechanisms.balls(report.solutions)
    yield residuals.histogram(report.solutions)
    yield residuals.by_station(report.solutions)
    yield health.health_of(health.health(report.solutions, report.picks, report.heard_s))
    for seen in report.seen:
        yield waves.record_section(seen)
        for heard_at in seen.heard:
            yield waves.probabilities(heard_at, title=seen.name)


def shown(sketch: Sketch) -> Markup:
    """A picture drawn for light and dark pages, or the sentence in its place."""
    if sketch.draw is None:
        return tag("p", sketch.caption, class_="note")
    drawn = Drawn(sketch.name, sketch.section, sketch.caption, png(sketch.draw, LIGHT), png(sketch.draw, DARK))
    return drawn.markup()


def _page(report: CatalogueReport) -> str:
    drawn = _drawn(report)
    bodies: list[Section] = [(name, HEADINGS[name], body) for name, body in _bodies(report, drawn) if body]
    return page(
        report.title,
        bodies,
        lang="en",
        eyebrow="Foreshock · catalogue",
        lede=_lede(report),
        cards=_cards(report),
        footer=f"Foreshock {report.versions.get('foreshock', '')}".strip() + ". This page is complete in itself.",
    )


def _drawn(report: CatalogueReport) -> dict[str, Markup]:
    found: dict[str, list[Markup]] = {}
    for sketch in sketches(report) if report.pictures else ():
        found.setdefault(sketch.section, []).append(shown(sketch))
    return {section: joined(parts) for section, parts in found.items()}


def _bodies(report: CatalogueReport, drawn: dict[str, Markup]) -> Iterator[tuple[str, Markup]]:
    """Every section in reading order; an empty one is left out by the caller."""
    none = Markup("")
    held = health.health(report.solutions, report.picks, report.heard_s)
    without = none if report.pictures else tag("p", "Pictures were not asked for.", class_="note")
    yield "done", words.done(report)
    yield "counts", joined([words.counts(report), without])
    yield places.SECTION, drawn.get(places.SECTION, none)
    yield sizes.SECTION, drawn.get(sizes.SECTION, none)
    yield "events", words.events(report.solutions)
    yield mechanisms.SECTION, _slips(report, drawn.get(mechanisms.SECTION, none))
    yield residuals.SECTION, drawn.get(residuals.SECTION, none)
    yield health.SECTION, joined([drawn.get(health.SECTION), words.stations(held, report.solutions)])
    yield waves.SECTION, drawn.get(waves.SECTION, none)
    yield "skipped", words.grouped(report.skipped, file="skipped.csv")
    yield "notes", words.grouped(report.notes, file="notes.csv")
    yield "limits", closing.limits(words.limits(report))
    yield "origin", closing.origin(report.versions, {})


def _slips(report: CatalogueReport, drawn: Markup) -> Markup:
    """Mechanisms, and by reason how many earthquakes have none; nothing where there is neither."""
    table_of, others = mechanisms.told(report.solutions), mechanisms.reasons(report.solutions)
    if not table_of and not others:
        return Markup("")
    return joined([drawn, table_of, words.grouped(others, file=mechanisms.FILE, head="without a mechanism")])


def _lede(report: CatalogueReport) -> str:
    times = [one.event.time_ns for one in report.solutions]
    when = f", {iso_utc(min(times))[:19]} to {iso_utc(max(times))[:19]} UTC" if times else ""
    return f"{counted(len(times), 'earthquake')} of {counted(len(report.picks), 'pick')}{when}."


def _largest(event: Event | None) -> tuple[str, str]:
    if event is None:
        return "–", "no magnitude"
    return f"{event.magnitude_type} {event.magnitude:.1f}", f"{iso_utc(event.time_ns)[:16].replace('T', ' ')} UTC"


def _cards(report: CatalogueReport) -> Sequence[tuple[str, str, str]]:
    solutions, hours = report.solutions, sum(report.heard_s.values()) / 3600
    sized = [one.event for one in solutions if one.event.magnitude is not None]
    largest = max(sized, key=lambda one: one.magnitude or 0.0, default=None)
    good = sum(one.uncertainty is not None and one.uncertainty.quality in "AB" for one in solutions)
    return [
        ("earthquakes", f"{len(solutions):,}", f"{len(sized):,} with a magnitude"),
        ("of quality A or B", f"{good:,}", "place well held by stations"),
        ("largest", *_largest(largest)),
        ("hours heard", f"{hours:,.1f}", counted(len(report.heard_s), "station")),
    ]
