"""Pictures of values: predicted against true, and errors against what might explain them. Knows tables only."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from foreshock.evaluate.regression import errors
from foreshock.evaluate.report.score_pictures import readable
from foreshock.evaluate.report.style import PAIR_IN, Cast, Look, Target, colours_of, drawable, new_figure, plain_axes
from foreshock.types.arrays import Float64
from foreshock.types.predictions import Predictions

MOST_POINTS = 5_000
N_STEPS = 8
FEWEST_IN_STEP = 5


def scatter_picture(predictions: Predictions, look: Look, *, target: Target) -> Figure:
    """Predicted against true value, a point a row, with the line of equality and the stated intervals."""
    table = predictions.table.iloc[_thinned(len(predictions))]
    truth, value = table["truth"].to_numpy(float), table["value"].to_numpy(float)
    figure = new_figure(4.6, width_in=PAIR_IN)
    axes = figure.subplots()
    if {"q05", "q95"} <= set(table.columns) and len(table) <= 1_000:
        axes.vlines(
            truth, table["q05"].to_numpy(float), table["q95"].to_numpy(float), color=look.ours, alpha=0.12, lw=1
        )
    axes.plot(truth, value, "o", color=look.ours, alpha=_opacity(len(truth)), markersize=4, markeredgewidth=0)
    low, high = _limits(np.concatenate([truth, value]))
    axes.plot([low, high], [low, high], color=look.ink, linewidth=1, linestyle=(0, (4, 3)), label="equal")
    plain_axes(axes)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.set(xlabel=f"true {target}", ylabel=f"predicted {target}")
    axes.legend(loc="upper left")
    return figure


def error_picture(
    ours: Predictions,
    rivals: Mapping[str, Predictions],
    look: Look,
    *,
    target: Target,
    cast: Cast,
) -> Figure:
    """How often each error occurs, ours filled and rivals as lines."""
    figure = new_figure(4.6, width_in=PAIR_IN)
    axes = figure.subplots()
    written = drawable([cast.ours, *rivals], word="rival")
    colours = colours_of(list(rivals), cast.own, look)
    everything = np.concatenate([errors(ours), *(errors(said) for said in rivals.values())])
    reach = float(np.nanquantile(np.abs(everything), 0.995)) * 1.05 or 1.0
    edges = np.linspace(-reach, reach, 41).tolist()
    axes.hist(np.clip(errors(ours), -reach, reach), edges, color=look.ours, alpha=0.85, label=written[cast.ours])
    for name, said in rivals.items():
        clipped = np.clip(errors(said), -reach, reach)
        axes.hist(clipped, edges, histtype="step", color=colours[name], linewidth=1.6, label=written[name])
    axes.axvline(0, color=look.ink, linewidth=1, linestyle=(0, (4, 3)))
    plain_axes(axes, grid="y")
    axes.set(xlabel=f"predicted − true {target}", ylabel="rows")
    axes.legend()
    return figure


def residual_picture(predictions: Predictions, look: Look, *, column: str, target: Target) -> Figure | None:
    """Errors against a column, with the median and the middle 80 % in steps of equal count; None without numbers."""
    x, y = _finite_pairs(predictions, column)
    if len(x) < 2 or np.ptp(x) == 0:
        return None
    figure = new_figure(3.3, width_in=PAIR_IN)
    axes = figure.subplots()
    shown = _thinned(len(x))
    axes.plot(x[shown], y[shown], "o", color=look.faint, alpha=_opacity(len(x)), markersize=3.5, markeredgewidth=0)
    axes.axhline(0, color=look.ink, linewidth=1, linestyle=(0, (4, 3)))
    _steps(axes, x, y, look)
    plain_axes(axes)
    axes.set(xlabel=f"true {target}" if column == "truth" else readable(column))
    axes.set(ylabel=f"predicted − true\n{target}")
    if column == "distance_km" and x.min() > 0 and x.max() > 30 * x.min():
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
    reach = float(np.quantile(np.abs(y), 0.995)) * 1.15 or 1.0
    axes.set_ylim(-reach, reach)
    return figure


def _steps(axes: Axes, x: Float64, y: Float64, look: Look) -> None:
    edges = np.unique(np.quantile(x, np.linspace(0, 1, N_STEPS + 1)))
    place = np.clip(np.digitize(x, edges[1:-1]), 0, len(edges) - 2)
    parts = [(x[place == k], y[place == k]) for k in range(len(edges) - 1)]
    parts = [part for part in parts if len(part[0]) >= FEWEST_IN_STEP]
    if not parts:
        return
    middle = [float(np.median(a)) for a, _ in parts]
    low, centre, high = (np.array([float(np.quantile(b, q)) for _, b in parts]) for q in (0.1, 0.5, 0.9))
    axes.fill_between(middle, low, high, color=look.ours, alpha=0.18, linewidth=0, label="middle 80 %")
    axes.plot(middle, centre, "o-", color=look.ours, markersize=5, label="median")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2, ncols=2)


def _finite_pairs(predictions: Predictions, column: str) -> tuple[Float64, Float64]:
    table = predictions.table
    if column not in table.columns:
        return np.empty(0), np.empty(0)
    x, y = table[column].to_numpy(float, na_value=np.nan), errors(predictions)
    both = np.isfinite(x) & np.isfinite(y)
    return x[both], y[both]


def _thinned(n: int) -> slice:
    """Every k-th row, so that a picture stays readable and quick."""
    return slice(None, None, max(1, n // MOST_POINTS))


def _opacity(n: int) -> float:
    return float(np.clip(30 / np.sqrt(max(n, 1)), 0.15, 0.7))


def _limits(values: Float64) -> tuple[float, float]:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = (high - low) * 0.04 or 1.0
    return low - room, high + room
