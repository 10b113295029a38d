"""Pictures of sources: errors and coverage over time after P, estimates against the truth. Knows tables and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from foreshock.evaluate.report.style import MARKERS, PAIR_IN, Look, drawable, new_figure, plain_axes
from foreshock.evaluate.source_scores import LEAST_KM, SourceScores

MOST_POINTS = 2_000
DASHED = (0, (4, 3))


def over_time(scores: SourceScores, look: Look, *, measure: str, label: str, names: Sequence[str]) -> Figure:
    """A measure against the time after P: ours with its interval, rivals as lines."""
    figure = new_figure(3.6, width_in=PAIR_IN)
    axes = figure.subplots()
    written = drawable(list(scores.predictors), word="rival")
    for k, name in enumerate([scores.ours, *names]):
        held = scores.predictors.get(name, {})
        times = [t for t in held if np.isfinite(held[t][measure].value)]
        if not times:
            continue
        values = [held[t][measure].value for t in times]
        if k == 0:
            low, high = ([getattr(held[t][measure], side) for t in times] for side in ("low", "high"))
            axes.fill_between(times, low, high, color=look.ours, alpha=0.15, linewidth=0)
            axes.plot(times, values, "o-", color=look.ours, linewidth=2.2, label=written[name])
        else:
            colour, marker = look.rivals[(k - 1) % len(look.rivals)], MARKERS[(k - 1) % len(MARKERS)]
            axes.plot(times, values, marker=marker, color=colour, linewidth=1.4, markersize=5, label=written[name])
    plain_axes(axes)
    _time_axis(axes, scores.elapsed_s)
    axes.set(ylabel=label)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8.5)
    return figure


def coverage_picture(scores: SourceScores, look: Look) -> Figure:
    """Shares of truths inside the intervals against the time after P, beside what was promised."""
    figure = new_figure(3.6, width_in=PAIR_IN)
    axes = figure.subplots()
    held = scores.predictors[scores.ours]
    times = list(held)
    for share, style in ((0.9, "-"), (0.5, "--")):
        axes.axhspan(share - 0.05, share + 0.05, color=look.grid, linewidth=0)
        for k, name in enumerate(("magnitude", "distance", "azimuth")):
            measure = f"{name}_coverage_{share * 100:.0f}"
            if measure in held[times[0]]:
                values = [held[t][measure].value for t in times]
                label = f"{name} {share:.0%}"
                axes.plot(times, values, style, marker=MARKERS[k], color=look.classes[k], markersize=4.5, label=label)
    plain_axes(axes)
    _time_axis(axes, scores.elapsed_s)
    axes.set(ylabel="share of truths inside", ylim=(0, 1.02))
    axes.legend(fontsize=8, ncols=2, loc="lower right")
    return figure


def magnitude_picture(table: pd.DataFrame, look: Look) -> Figure:
    """Estimated against catalogued magnitude, with the 90 % intervals."""
    figure = new_figure(4.4, width_in=PAIR_IN)
    axes = figure.subplots()
    shown = table.dropna(subset=["magnitude"]).iloc[:MOST_POINTS]
    true = shown["true_magnitude"].to_numpy(float)
    axes.vlines(true, shown["magnitude_q05"], shown["magnitude_q95"], color=look.ours, alpha=0.15, linewidth=1)
    axes.plot(true, shown["magnitude"], "o", color=look.ours, alpha=0.6, markersize=4, markeredgewidth=0)
    _diagonal(axes, np.concatenate([true, shown["magnitude"].to_numpy(float)]), look, pad=0.2)
    axes.set(xlabel="catalogue magnitude", ylabel="estimated magnitude")
    return figure


def distance_picture(tables: Mapping[str, pd.DataFrame], look: Look, *, ours: str, rival: str) -> Figure:
    """Estimated against true distance, both axes logarithmic, the rival's in the background."""
    figure = new_figure(4.4, width_in=PAIR_IN)
    axes = figure.subplots()
    both = []
    for name, colour, size, alpha in ((rival, look.rivals[1], 3, 0.5), (ours, look.ours, 4, 0.6)):
        if name in tables:
            shown = tables[name].dropna(subset=["distance_km"]).iloc[:MOST_POINTS]
            x, y = (np.maximum(shown[c].to_numpy(float), LEAST_KM) for c in ("true_distance_km", "distance_km"))
            axes.plot(x, y, "o", color=colour, alpha=alpha, markersize=size, markeredgewidth=0, label=name)
            both += [x, y]
    axes.set(xscale="log", yscale="log")
    _diagonal(axes, np.concatenate(both), look, pad=0.0)
    axes.set(xlabel="true distance (km)", ylabel="estimated distance (km)")
    axes.legend(fontsize=8.5, loc="upper left")
    return figure


def azimuth_picture(tables: Mapping[str, pd.DataFrame], look: Look, *, ours: str, rival: str) -> Figure:
    """The share of records whose back azimuth is at most so far from the truth."""
    figure = new_figure(3.6, width_in=PAIR_IN)
    axes = figure.subplots()
    for name, colour, width in ((ours, look.ours, 2.2), (rival, look.rivals[0], 1.4)):
        if name in tables:
            apart = (tables[name]["azimuth_deg"] - tables[name]["true_azimuth_deg"]).dropna().to_numpy(float)
            away = np.sort(np.abs((apart + 180) % 360 - 180))
            axes.step(away, np.arange(1, len(away) + 1) / max(1, len(away)), color=colour, linewidth=width, label=name)
    axes.plot([0, 180], [0, 1], color=look.faint, linewidth=1, linestyle=DASHED, label="by chance")
    plain_axes(axes)
    axes.set(xlim=(0, 180), ylim=(0, 1.02), xlabel="angle to the true back azimuth (°)", ylabel="share of records")
    axes.legend(fontsize=8.5, loc="lower right")
    return figure


def _time_axis(axes: Axes, times: Sequence[float]) -> None:
    axes.set_xscale("log")
    shown = [t for t in times if t not in (4.0, 7.0)]
    axes.set_xticks(shown, [f"{t:g}" for t in shown])
    axes.minorticks_off()
    axes.set_xlabel("seconds after P")


def _diagonal(axes: Axes, values: np.ndarray, look: Look, *, pad: float) -> None:
    low, high = float(np.nanmin(values)) - pad, float(np.nanmax(values)) + pad
    axes.plot([low, high], [low, high], color=look.ink, linewidth=1, linestyle=DASHED)
    plain_axes(axes)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
