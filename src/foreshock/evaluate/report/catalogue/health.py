"""Health: how long each station was heard, what it picked and what came of it. Knows solutions, picks and hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from foreshock.evaluate.report.catalogue.noun import Sketch, counted, station_names
from foreshock.evaluate.report.catalogue.residuals import Spread, of_stations
from foreshock.evaluate.report.style import Look, new_figure, plain_axes
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution

SECTION = "stations"
MOST_STATIONS = 40


@dataclass(frozen=True, slots=True)
class Health:
    """One station. `hours`: heard. `used`: picks that belong to an earthquake. `mean_residual_s`: NaN without any."""

    station_id: str
    hours: float
    picks: int
    used: int
    mean_residual_s: float

    @property
    def picks_an_hour(self) -> float:
        """NaN where nothing was heard."""
        return self.picks / self.hours if self.hours > 0 else float("nan")

    @property
    def share_used(self) -> float:
        """NaN without picks."""
        return self.used / self.picks if self.picks else float("nan")


def health(solutions: Sequence[Solution], picks: Sequence[Pick], heard_s: Mapping[str, float]) -> list[Health]:
    """All stations that were heard or picked, by name."""
    used = {arrival.pick for solution in solutions for arrival in solution.arrivals}
    n_picks = Counter(pick.trace_id for pick in {*picks, *used})
    n_used = Counter(pick.trace_id for pick in used)
    residuals = of_stations(solutions)
    return [
        Health(name, heard_s.get(name, 0.0) / 3600, n_picks[name], n_used[name], _mean(residuals.get(name, {})))
        for name in sorted({*heard_s, *n_picks})
    ]


def health_of(stations: Sequence[Health]) -> Sketch:
    """Four bars a station: hours, picks an hour, share of picks used, mean residual."""
    if not stations:
        return Sketch("station_health", SECTION, "No station was heard, so there is nothing to tell of any.")
    shown = sorted(stations, key=lambda one: (-one.picks, one.station_id))[:MOST_STATIONS]
    most = f" with the most picks, of {len(stations):,}" if len(stations) > len(shown) else ""
    n = sum(one.picks for one in stations)
    caption = (
        f"{counted(len(shown), 'station')}{most}, with {counted(n, 'pick')} in all: hours heard, picks an hour, share "
        "of the picks that belong to an earthquake, mean residual. Many picks of which few are used come from a noisy "
        "place, a wrong clock, or earthquakes that too few stations saw."
    )
    draw = partial(_draw, sorted(shown, key=lambda one: one.station_id))
    return Sketch("station_health", SECTION, caption, draw)


def _mean(phases: Mapping[str, Spread]) -> float:
    n = sum(one.n for one in phases.values())
    return sum(one.n * one.mean_s for one in phases.values()) / n if n else float("nan")


def _draw(stations: Sequence[Health], look: Look) -> Figure:
    figure = new_figure(1.0 + 0.26 * len(stations))
    panels = figure.subplots(1, 4, sharey=True)
    columns = (
        ("hours heard", [one.hours for one in stations], look.faint),
        ("picks an hour", [one.picks_an_hour for one in stations], look.ours),
        ("share used", [one.share_used for one in stations], look.own[0]),
        ("mean residual (s)", [one.mean_residual_s for one in stations], look.warn),
    )
    for axes, (label, values, colour) in zip(panels, columns, strict=True):
        _bars(axes, values, label, colour)
    panels[2].set(xlim=(0, 1), xticks=(0, 0.5, 1))
    panels[3].axvline(0, color=look.ink, linewidth=0.8)
    panels[0].set_yticks(range(len(stations)), station_names(one.station_id for one in stations))
    panels[0].set_ylim(len(stations) - 0.4, -0.6)
    return figure


def _bars(axes: Axes, values: Sequence[float], label: str, colour: str) -> None:
    axes.barh(range(len(values)), np.nan_to_num(values), height=0.7, color=colour)
    for row, value in enumerate(values):
        if not np.isfinite(value):
            axes.annotate("–", (0, row), (3, 0), textcoords="offset points", va="center", fontsize=8)
    plain_axes(axes, grid="x")
    axes.set_xlabel(label)
    axes.locator_params(axis="x", nbins=3)
    axes.tick_params(axis="y", length=0)
