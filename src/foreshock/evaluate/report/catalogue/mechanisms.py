"""Mechanisms: how faults slipped, as beachballs and a table, and why others have none. Knows solutions only."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

from matplotlib.figure import Figure

from foreshock.clock import iso_utc
from foreshock.evaluate.report.catalogue.noun import Pairs, Sketch, counted
from foreshock.evaluate.report.markup import Markup, joined, table, tag
from foreshock.evaluate.report.style import Look, new_figure
from foreshock.types.solution import Solution

SECTION, FILE = "mechanisms", "mechanisms.csv"
MOST_BALLS, A_ROW = 12, 4
MOST_ROWS = 200
HEAD = (
    "time (UTC)",
    "magnitude",
    "strike, dip, rake (°)",
    "the other plane (°)",
    "uncertainty (°)",
    "polarities",
    "misfit",
)


def balls(solutions: Sequence[Solution]) -> Sketch:
    """Beachballs of the largest earthquakes that have a mechanism."""
    held = _largest(solutions)
    if not held:
        return Sketch("mechanisms", SECTION, "No earthquake has a mechanism, so there is no beachball.")
    shown = held[:MOST_BALLS]
    caption = (
        f"{counted(len(shown), 'mechanism')} of {len(held):,}, the largest first, seen from above on the lower half of "
        "the focal sphere: dark where P moved the ground away from the source. ±: the angle by which it may be turned."
    )
    return Sketch("mechanisms", SECTION, caption, partial(_draw, shown))


def told(solutions: Sequence[Solution]) -> Markup:
    """A row a mechanism, the largest earthquakes first, at most `MOST_ROWS`."""
    held = _largest(solutions)
    if not held:
        return Markup("")
    more = f" The {MOST_ROWS} largest of {len(held):,}; all are in {FILE}." if len(held) > MOST_ROWS else ""
    note = "First motions do not tell which of the two planes is the fault. Uncertainty: 68 % of what they leave open "
    note += "lies within this angle. Misfit: share of the polarities that the mechanism gets wrong." + more
    rows = [list(_row(one)) for one in held[:MOST_ROWS]]
    return joined([tag("p", note, class_="note"), table(HEAD, rows, class_="figures")])


def reasons(solutions: Sequence[Solution]) -> Pairs:
    """(event, sentence) of those without a mechanism for which somebody has looked."""
    return [(one.event.event_id, one.no_mechanism) for one in solutions if one.no_mechanism]


def _largest(solutions: Sequence[Solution]) -> list[Solution]:
    held = [one for one in solutions if one.mechanism is not None]
    return sorted(held, key=lambda one: (-_size(one), one.event.time_ns))


def _size(one: Solution) -> float:
    return -math.inf if one.event.magnitude is None else one.event.magnitude


def _row(one: Solution) -> Iterator[str]:
    found = one.mechanism
    assert found is not None
    yield iso_utc(one.event.time_ns)[:22].replace("T", " ")
    yield _named(one)
    yield _plane((found.strike_deg, found.dip_deg, found.rake_deg))
    yield _plane(found.other_plane)
    yield "–" if math.isnan(found.uncertainty_deg) else f"{found.uncertainty_deg:.0f}"
    yield f"{found.n_polarities:,}"
    yield "–" if math.isnan(found.misfit) else f"{found.misfit:.2f}"


def _named(one: Solution) -> str:
    return "–" if one.event.magnitude is None else f"{one.event.magnitude_type} {one.event.magnitude:.1f}"


def _plane(angles_deg: tuple[float, float, float]) -> str:
    return ", ".join(f"{angle:.0f}" for angle in angles_deg)


def _draw(solutions: Sequence[Solution], look: Look) -> Figure:
    from obspy.imaging.beachball import beach

    rows = -(-len(solutions) // A_ROW)
    figure = new_figure(2.1 * rows)
    grid = figure.subplots(rows, A_ROW, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, one in zip(grid, solutions, strict=False):
        found = one.mechanism
        assert found is not None
        angles = [found.strike_deg, found.dip_deg, found.rake_deg]
        drawn = beach(angles, width=1.9, facecolor=look.ours, bgcolor=look.paper, edgecolor=look.ink, linewidth=0.9)
        axes.add_collection(drawn)
        axes.set(xlim=(-1.05, 1.05), ylim=(-1.05, 1.05), aspect="equal")
        turned = "" if math.isnan(found.uncertainty_deg) else f", ± {found.uncertainty_deg:.0f}°"
        when = iso_utc(one.event.time_ns)[:16].replace("T", " ")
        axes.set_title(f"{_named(one)}\n{when}{turned}", fontsize=8.5, loc="center", fontweight="normal")
    return figure
