"""Residuals: observed minus predicted arrival times, all together and station by station. Knows solutions only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from foreshock.evaluate.report.catalogue.noun import Sketch, counted, station_names
from foreshock.evaluate.report.style import Look, new_figure, plain_axes
from foreshock.types.arrays import Float64
from foreshock.types.solution import Solution

SECTION = "residuals"
PHASES = ("P", "S")
MOST_STATIONS = 40


@dataclass(frozen=True, slots=True)
class Spread:
    """Residuals of one kind: how many, their mean, and the median distance from their median (MAD), seconds."""

    n: int
    mean_s: float
    mad_s: float


def histogram(solutions: Sequence[Solution]) -> Sketch:
    """How often each residual of P and of S occurs."""
    held = of_phases(solutions)
    if not any(len(values) for values in held.values()):
        return Sketch("residuals", SECTION, "No earthquake was located, so there are no residuals.")
    said = [
        f"{phase}: n = {s.n:,}, mean {s.mean_s:+.3f} s, MAD {s.mad_s:.3f} s"
        for phase, values in held.items()
        if (s := spread(values)).n
    ]
    caption = f"Observed minus predicted arrival times of located earthquakes. {'; '.join(said)}."
    return Sketch("residuals", SECTION, caption, partial(_histogram, held))


def by_station(solutions: Sequence[Solution]) -> Sketch:
    """Mean residual of each station with its MAD as a bar."""
    held = of_stations(solutions)
    if not held:
        return Sketch("station_residuals", SECTION, "No station has a residual, so none is compared.")
    shown = dict(sorted(held.items(), key=lambda one: (-sum(s.n for s in one[1].values()), one[0]))[:MOST_STATIONS])
    caption = (
        f"Mean residual (dot) ± MAD (bar) of {counted(len(shown), 'station')}"
        + (f" with the most arrivals, of {len(held):,}" if len(held) > len(shown) else "")
        + "; a mean far from zero points to a station's clock, place or ground, or to the velocity model."
    )
    return Sketch("station_residuals", SECTION, caption, partial(_by_station, dict(sorted(shown.items()))))


def of_phases(solutions: Iterable[Solution]) -> dict[str, Float64]:
    """The residuals of P and of S of located earthquakes, seconds."""
    held: dict[str, list[float]] = {phase: [] for phase in PHASES}
    for _, phase, residual_s in _rows(solutions):
        held.setdefault(phase, []).append(residual_s)
    return {phase: np.array(values, float) for phase, values in held.items()}


def of_stations(solutions: Iterable[Solution]) -> dict[str, dict[str, Spread]]:
    """The spread of residuals of each station and phase."""
    held: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for name, phase, residual_s in _rows(solutions):
        held[name][phase].append(residual_s)
    return {
        name: {phase: spread(np.array(values)) for phase, values in sorted(phases.items())}
        for name, phases in sorted(held.items())
    }


def spread(values: Float64) -> Spread:
    """Count, mean and MAD; NaN of nothing.

    >>> spread(np.array([0.0, 0.1, 0.5]))
    Spread(n=3, mean_s=0.19999999999999998, mad_s=0.1)
    """
    if not len(values):
        return Spread(0, float("nan"), float("nan"))
    return Spread(len(values), float(values.mean()), float(np.median(np.abs(values - np.median(values)))))


def _rows(solutions: Iterable[Solution]) -> Iterable[tuple[str, str, float]]:
    for solution in solutions:
        if solution.uncertainty is not None:
            for one in solution.arrivals:
                if np.isfinite(one.residual_s):
                    yield one.pick.trace_id, one.phase, one.residual_s


def _histogram(held: Mapping[str, Float64], look: Look) -> Figure:
    figure = new_figure(3.2)
    axes = figure.subplots()
    everything = np.abs(np.concatenate(list(held.values())))
    reach = max(float(np.quantile(everything, 0.99)) * 1.1, 0.05)
    edges = np.linspace(-reach, reach, 41 if len(everything) > 200 else 21).tolist()
    for colour, (phase, values) in zip(look.classes, held.items(), strict=False):
        if len(values):
            clipped = np.clip(values, -reach, reach)
            axes.hist(clipped, edges, color=colour, alpha=0.35, histtype="stepfilled")
            axes.hist(clipped, edges, color=colour, histtype="step", linewidth=1.6, label=f"{phase} ({len(values):,})")
    axes.axvline(0, color=look.ink, linewidth=1, linestyle=(0, (4, 3)))
    plain_axes(axes, grid="y")
    axes.set(xlabel="observed − predicted (s); the outermost bars hold all beyond", ylabel="arrivals")
    axes.legend()
    return figure


def _by_station(held: Mapping[str, Mapping[str, Spread]], look: Look) -> Figure:
    figure = new_figure(1.1 + 0.27 * len(held))
    axes = figure.subplots()
    rows = np.arange(len(held))
    for k, phase in enumerate(PHASES):
        found = [(row, one[phase]) for row, one in zip(rows, held.values(), strict=True) if phase in one]
        at = np.array([row for row, _ in found]) + 0.18 * (2 * k - 1)
        mean, mad = ([getattr(s, name) for _, s in found] for name in ("mean_s", "mad_s"))
        axes.errorbar(
            mean, at, xerr=mad, fmt="os"[k], color=look.classes[k], markersize=4.5, elinewidth=1.4, label=phase
        )
    axes.axvline(0, color=look.ink, linewidth=1, linestyle=(0, (4, 3)))
    plain_axes(axes, grid="x")
    axes.set_yticks(rows, station_names(held))
    axes.set(ylim=(len(held) - 0.4, -0.6), xlabel="observed − predicted (s)")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
    return figure
