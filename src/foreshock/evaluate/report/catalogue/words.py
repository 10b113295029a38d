"""Words: what a catalogue's page says beside its pictures: counts, tables and limits. Knows solutions, no pictures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from foreshock.clock import iso_utc
from foreshock.evaluate.report.catalogue.health import Health
from foreshock.evaluate.report.catalogue.noun import CatalogueReport, Pairs, counted
from foreshock.evaluate.report.catalogue.reasons import kinds
from foreshock.evaluate.report.catalogue.residuals import of_stations
from foreshock.evaluate.report.markup import Markup, joined, table, tag
from foreshock.types.solution import Magnitude, Solution

MOST_EVENTS = 200
MOST_KINDS = 60
MOST_STATIONS = 500
SATURATED = 6.0
"""Wood–Anderson seismographs hear too little of what larger earthquakes radiate at long periods."""
WIDE_GAP_DEG = 180.0
"""An earthquake with no station over so wide an angle lies outside the network."""

EVENT_HEAD = (
    "time (UTC)",
    "latitude",
    "longitude",
    "depth (km)",
    "magnitude",
    "picks",
    "ellipse (km)",
    "gap (°)",
    "quality",
)


def done(report: CatalogueReport) -> Markup:
    """What was done and with what."""
    return table(["what", "with what"], [list(pair) for pair in report.done]) if report.done else Markup("")


def counts(report: CatalogueReport) -> Markup:
    """How many of everything there are."""
    used = sum(len(one.arrivals) for one in report.solutions)
    by_phase = Counter(pick.phase for pick in report.picks)
    phases = ", ".join(f"{n:,} {phase}" for phase, n in sorted(by_phase.items()))
    qualities = Counter(one.uncertainty.quality for one in report.solutions if one.uncertainty is not None)
    types = Counter(one.event.magnitude_type or "no magnitude" for one in report.solutions)
    rows = [
        ["stations heard", f"{len(report.heard_s):,}", f"{sum(report.heard_s.values()) / 3600:,.1f} hours together"],
        ["picks", f"{len(report.picks):,}", phases],
        ["picks that belong to an earthquake", f"{used:,}", _share(used, len(report.picks))],
        ["earthquakes", f"{len(report.solutions):,}", _listed(types)],
        ["located", f"{sum(qualities.values()):,}", _listed(qualities, word="quality ")],
        ["left out", f"{len(report.skipped):,}", "grouped by reason below; each in skipped.csv"],
    ]
    return table(["what", "how many", "of which"], rows)


def events(solutions: Sequence[Solution]) -> Markup:
    """The largest earthquakes first, at most `MOST_EVENTS`; those without a magnitude last."""
    if not solutions:
        return tag("p", "No earthquake was found. Why picks stayed unused stands under “What was left out”.")
    ordered = sorted(solutions, key=_largest)[:MOST_EVENTS]
    more = (
        f"The {MOST_EVENTS} largest of {len(solutions):,}; all are in events.csv."
        if len(solutions) > MOST_EVENTS
        else ""
    )
    note = f"Ellipse: half axes of what should hold 68 %. Gap: widest angle without a station. {more}".strip()
    return joined(
        [tag("p", note, class_="note"), table(EVENT_HEAD, [list(_event(one)) for one in ordered], class_="figures")]
    )


def stations(held: Sequence[Health], solutions: Sequence[Solution]) -> Markup:
    """A row a station: hours, picks, share used, residuals of P and S."""
    residuals = of_stations(solutions)
    rows = []
    for one in held[:MOST_STATIONS]:
        spreads = [residuals.get(one.station_id, {}).get(phase) for phase in ("P", "S")]
        said = ["–" if s is None else f"{s.mean_s:+.2f} ± {s.mad_s:.2f} ({s.n:,})" for s in spreads]
        share = _number(100 * one.share_used, ".0f")
        rows.append(
            [one.station_id, f"{one.hours:,.2f}", f"{one.picks:,}", _number(one.picks_an_hour, ".1f"), share, *said]
        )
    if not rows:
        return Markup("")
    head = ["station", "hours heard", "picks", "an hour", "used (%)", "P residual (s)", "S residual (s)"]
    more = f" The first {MOST_STATIONS} of {len(held):,}." if len(held) > MOST_STATIONS else ""
    note = "Residuals: mean ± median absolute deviation (number), located earthquakes only." + more
    return joined([table(head, rows, class_="figures"), tag("p", note, class_="note")])


def grouped(pairs: Pairs, *, file: str, head: str = "") -> Markup:
    """What was left out or noted, by reason with counts, the commonest first, each with one example.

    Arguments:
        file: that holds them all. head: what the items have in common.
    """
    found = kinds(pairs)
    if not found:
        return Markup("")
    rows = [
        [joined([kind.pattern, tag("small", f"such as {kind.item}: {kind.reason}")]), f"{kind.n:,}"]
        for kind in found[:MOST_KINDS]
    ]
    more = f", the commonest {MOST_KINDS} shown" if len(found) > MOST_KINDS else ""
    what = f"{counted(len(pairs), 'item')} {head}".rstrip()
    why = counted(len(found), "kind of reason", many="kinds of reason")
    return joined([tag("p", f"{what} for {why}{more}; all are in {file}."), table(["reason", "how often"], rows)])


def limits(report: CatalogueReport) -> Iterator[str]:
    """What the page cannot say."""
    solutions = report.solutions
    located = [one.uncertainty for one in solutions if one.uncertainty is not None]
    outside = sum(one.gap_deg > WIDE_GAP_DEG for one in located)
    fixed = sum(one.depth_fixed for one in solutions)
    types = sorted({one.event.magnitude_type for one in solutions if one.event.magnitude_type})
    yield (
        "How many earthquakes were missed is not known, nor how many of these are none: nobody has looked at them. Mc "
        "is an estimate from the catalogue itself and supposes that sizes follow the Gutenberg–Richter law; it changes "
        "with the stations that were heard, with noise, and in the minutes after a large earthquake."
    )
    if located:
        yield (
            f"{outside:,} of {len(located):,} located earthquakes have a gap of more than {WIDE_GAP_DEG:g}° "
            "without a station, that is, lie outside the network: there, distance and depth trade off."
        )
        yield (
            "Ellipses and depth errors suppose that the velocity model is right. A wrong one moves many earthquakes "
            "together, depths first, and no ellipse shows it. Residuals are those of the arrivals that the location "
            "itself used, so small ones are no proof."
        )
    if any(one.mechanism is not None for one in solutions):
        yield (
            "Mechanisms rest on first motions that the picker read, and on rays of the velocity model: both may be "
            "wrong together, which no uncertainty shows."
        )
    if fixed or len(located) < len(solutions):
        yield (
            f"{fixed:,} of {counted(len(solutions), 'depth')} were given, not found; {len(solutions) - len(located):,} "
            "earthquakes stand where the associator put them, without any error."
        )
    if len(types) > 1:
        yield f"Magnitudes are of the types {', '.join(types)}: they are no one scale, and the table mixes them."
    large = sum(one.event.magnitude_type == "ML" and (one.event.magnitude or 0) >= SATURATED for one in solutions)
    if large:
        yield (
            f"ML grows too slowly from about {SATURATED:g} on. Of {counted(large, 'earthquake')} of that size "
            "there is no Mw to go by: the true size may be larger."
        )
    if any(one.event.magnitude is None for one in solutions):
        yield "Earthquakes without a magnitude are in no count of sizes; large ones can be among them."


def _event(one: Solution) -> Iterator[str | Markup]:
    known, event = one.uncertainty, one.event
    yield iso_utc(event.time_ns)[:22].replace("T", " ")
    yield f"{event.latitude:.3f}"
    yield f"{event.longitude:.3f}"
    yield _depth(one)
    yield _size(one)
    yield f"{len(one.arrivals):,}"
    yield "–" if known is None else f"{known.major_km:.1f} × {known.minor_km:.1f}"
    yield "–" if known is None else f"{known.gap_deg:.0f}"
    yield "not located" if known is None else known.quality


def _depth(one: Solution) -> str:
    if one.event.depth_km is None:
        return "–"
    if one.depth_fixed:
        return f"{one.event.depth_km:.1f} (given)"
    error = None if one.uncertainty is None else one.uncertainty.depth_km
    return f"{one.event.depth_km:.1f}" + ("" if error is None else f" ± {error:.1f}")


def _size(one: Solution) -> str | Markup:
    if one.event.magnitude is None:
        return "–"
    kind = one.event.magnitude_type
    first = next((_written(size) for size in one.magnitudes if size.kind == kind), f"{kind} {one.event.magnitude:.2f}")
    others = [_written(size) for size in one.magnitudes if size.kind != kind]
    return joined([first, *(tag("small", other) for other in others)])


def _written(size: Magnitude) -> str:
    return f"{size.kind} {size.value:.2f}" + ("" if size.uncertainty is None else f" ± {size.uncertainty:.2f}")


def _largest(one: Solution) -> tuple[float, int]:
    return (math.inf if one.event.magnitude is None else -one.event.magnitude, one.event.time_ns)


def _number(value: float, form: str) -> str:
    return format(value, form) if math.isfinite(value) else "–"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % of the picks" if whole else ""


def _listed(counts_: Counter[str], *, word: str = "") -> str:
    return ", ".join(f"{n:,} {word}{name}" for name, n in sorted(counts_.items()))
