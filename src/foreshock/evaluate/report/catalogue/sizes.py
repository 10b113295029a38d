"""Sizes: magnitudes along time, and how many there are of each. Knows solutions only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from foreshock.clock import iso_utc
from foreshock.evaluate.recurrence import (
    CORRECTION,
    STEP,
    Recurrence,
    TooFew,
    bins_of,
    commonest,
    recurrence,
    steps_of,
)
from foreshock.evaluate.report.catalogue.noun import Sketch, counted
from foreshock.evaluate.report.style import MARKERS, Look, new_figure, plain_axes
from foreshock.types.arrays import Float64
from foreshock.types.solution import Solution

SECTION = "sizes"
SHORTEST_S = 600.0
"""No picture along time is narrower."""


def over_time(solutions: Sequence[Solution]) -> Sketch:
    """Magnitudes along time, a sign a type, with the number of earthquakes so far."""
    if not solutions:
        return Sketch("magnitude_time", SECTION, "No earthquake was found, so there are no magnitudes along time.")
    first, last = (pick(one.event.time_ns for one in solutions) for pick in (min, max))
    sized = sum(one.event.magnitude is not None for one in solutions)
    caption = (
        f"{counted(sized, 'magnitude')} along time, {iso_utc(first)[:19]} to {iso_utc(last)[:19]} UTC, and the number "
        f"of all {counted(len(solutions), 'earthquake')} so far (line); {len(solutions) - sized:,} without a magnitude "
        "stand as ticks at the bottom."
    )
    return Sketch("magnitude_time", SECTION, caption, partial(_over_time, solutions))


def of_each_size(solutions: Sequence[Solution]) -> Sketch:
    """How many earthquakes there are of each magnitude and above it, of the commonest type of magnitude."""
    name = "frequency_magnitude"
    kind = commonest([one.event.magnitude_type for one in solutions if one.event.magnitude_type])
    values = magnitudes_of(solutions, kind)
    if not len(values):
        return Sketch(name, SECTION, "No earthquake has a magnitude, so there is no count of sizes, no Mc and no b.")
    found = recurrence(values)
    head = f"{counted(len(values), 'magnitude')} of the type {kind} (others are left out) in bins of {STEP:g}"
    if isinstance(found, TooFew):
        return Sketch(
            name, SECTION, f"{head}. No Mc and no b: {found.reason}.", partial(_of_each_size, values, kind, None)
        )
    caption = (
        f"{head}. Mc = {found.completeness:.1f} by maximum curvature, + {CORRECTION:g} in it; b = {found.b:.2f} ± "
        f"{found.b_error:.2f} (maximum likelihood, one standard deviation) of {found.n:,} from Mc on."
    )
    return Sketch(name, SECTION, caption, partial(_of_each_size, values, kind, found))


def magnitudes_of(solutions: Sequence[Solution], kind: str) -> Float64:
    """The preferred magnitudes of a type."""
    held = [one.event.magnitude for one in solutions if one.event.magnitude_type == kind]
    return np.array([value for value in held if value is not None], float)


def _over_time(solutions: Sequence[Solution], look: Look) -> Figure:
    figure = new_figure(3.6)
    axes = figure.subplots()
    kinds = sorted({one.event.magnitude_type for one in solutions if one.event.magnitude_type})
    floor = min((one.event.magnitude for one in solutions if one.event.magnitude is not None), default=0.0) - 0.3
    for k, kind in enumerate(kinds):
        mine = [one for one in solutions if one.event.magnitude_type == kind]
        times, values, colour = _times(mine), magnitudes_of(mine, kind), look.classes[k % len(look.classes)]
        axes.vlines(times, floor, values, color=colour, linewidth=0.8, alpha=_opacity(len(mine)))
        sign = ("o", *MARKERS)[k % (1 + len(MARKERS))]
        axes.plot(times, values, sign, color=colour, markersize=5, alpha=0.85, markeredgewidth=0, label=kind)
    bare = [one for one in solutions if one.event.magnitude is None]
    if bare:
        axes.plot(
            _times(bare), np.full(len(bare), floor + 0.1), "|", color=look.ink, markersize=9, label="no magnitude"
        )
    _so_far(axes, solutions, look)
    plain_axes(axes)
    _time_axis(axes, solutions)
    axes.set(ylabel="magnitude")
    axes.set_ylim(bottom=floor)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.2)
    return figure


def _so_far(axes: Axes, solutions: Sequence[Solution], look: Look) -> None:
    beside = axes.twinx()
    times = np.sort(_times(solutions))
    beside.step(times, np.arange(1, len(times) + 1), where="post", color=look.faint, linewidth=1.2)
    beside.set(ylabel="earthquakes so far")
    beside.set_ylim(bottom=0)
    beside.spines[["top", "left"]].set_visible(False)


def _times(solutions: Sequence[Solution]) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    return np.array([one.event.time_ns for one in solutions], "datetime64[ns]")


def _time_axis(axes: Axes, solutions: Sequence[Solution]) -> None:
    times = np.array([one.event.time_ns for one in solutions], np.int64)
    middle, half = (int(times.min()) + int(times.max())) // 2, 0.53 * max(float(np.ptp(times)), SHORTEST_S * 1e9)
    low, high = (np.datetime64(middle + round(side * half), "ns") for side in (-1, 1))
    axes.set_xlim(low, high)  # type: ignore[arg-type,unused-ignore]
    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call,unused-ignore]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call,unused-ignore]
    axes.set_xlabel("UTC")


def _of_each_size(values: Float64, kind: str, found: Recurrence | None, look: Look) -> Figure:
    centres, counts = steps_of(bins_of(values))
    above = np.cumsum(counts[::-1])[::-1]
    figure = new_figure(3.9)
    axes = figure.subplots()
    axes.bar(centres, counts, width=STEP * 0.9, color=look.faint, alpha=0.55, label="in the bin")
    axes.plot(
        centres[counts > 0],
        above[counts > 0],
        "o",
        color=look.ours,
        markersize=4.5,
        markeredgewidth=0,
        label="in it and above",
    )
    if found is not None:
        line = centres[centres >= found.completeness - STEP / 2]
        fit = 10 ** (found.a - found.b * (line - STEP / 2))
        axes.plot(line, fit, color=look.warn, label=f"b = {found.b:.2f} ± {found.b_error:.2f}")
        axes.axvline(found.completeness - STEP / 2, color=look.ink, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            f"Mc {found.completeness:.1f}",
            (found.completeness - STEP / 2, 0.97),
            (4, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
        )
    plain_axes(axes)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(FuncFormatter(_whole) if len(values) < 10 else NullFormatter())
    axes.set(xlabel=kind, ylabel="earthquakes", ylim=(0.7, 1.6 * len(values)))
    axes.legend(loc="upper right")
    return figure


def _whole(value: float, _: int | None) -> str:
    return f"{value:.0f}" if value > 0.99 else ""


def _opacity(n: int) -> float:
    return float(np.clip(8 / np.sqrt(max(n, 1)), 0.1, 0.7))
