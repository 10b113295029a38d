"""Pictures of scores: ours beside the rivals, by group, and through training. Knows scores, draws no table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from foreshock.evaluate.bootstrap import Score
from foreshock.evaluate.groups import Group, Grouped
from foreshock.evaluate.report.style import (
    MARKERS,
    PAIR_IN,
    WIDE_IN,
    Cast,
    Look,
    colours_of,
    drawable,
    new_figure,
    plain_axes,
)
from foreshock.evaluate.scores import Scores

MOST_GROUPS = 16
NOT_DRAWN = ("epoch", "step", "lr", "learning_rate", "seconds", "time_s", "best")
HELD_OUT = ("dev", "val", "valid")
READABLE: Mapping[str, str] = {
    "ece": "ECE",
    "mae": "MAE",
    "rmse": "RMSE",
    "macro_f1": "macro F1",
    "macro_roc_auc": "macro ROC AUC",
    "macro_average_precision": "macro avg. precision",
    "median_absolute_error": "median abs. error",
    "brier": "Brier score",
    "bias": "absolute bias",
    "distance_km": "distance (km)",
    "depth_km": "depth (km)",
    "snr_db": "SNR (dB)",
    "station_id": "station",
}


def readable(name: str) -> str:
    """A metric or column as a person writes it.

    >>> readable("balanced_accuracy")
    'balanced accuracy'
    """
    return READABLE.get(name, name.replace("_", " "))


def headline(scores: Scores, look: Look, *, cast: Cast) -> Figure:
    """A panel a metric: ours and every rival as a dot with its interval."""
    names = list(scores.rivals)
    written = drawable([cast.ours, *names], word="rival")
    colours = colours_of(names, cast.own, look)
    across = min(4 if len(names) < 5 else 3, len(scores.metrics))
    down = math.ceil(len(scores.metrics) / across)
    figure = new_figure(down * (0.8 + 0.27 * (1 + len(names))), width_in=WIDE_IN)
    figure.get_layout_engine().set(hspace=0.1)  # type: ignore[union-attr,call-arg,unused-ignore]
    panels = np.atleast_1d(figure.subplots(down, across, sharey=True)).ravel()
    for axes, metric in zip(panels, scores.metrics, strict=False):
        rows = [scores.ours[metric.name], *(scores.rivals[name][metric.name] for name in names)]
        _whiskers(axes, rows, [look.ours, *(colours[name] for name in names)])
        axes.set_title(f"{readable(metric.name)} {'→' if metric.better == 'higher' else '←'}", fontsize=9)
        axes.set_yticks(range(len(rows)), [written[cast.ours], *(written[name] for name in names)])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.locator_params(axis="x", nbins=3)
        axes.tick_params(axis="x", labelsize=8.5)
    for axes in panels[len(scores.metrics) :]:
        axes.set_visible(False)
    return figure


def by_groups(grouped: Grouped, overall: float, look: Look) -> Figure:
    """A row a group: dot and interval; small groups hollow and pale; the worst one marked; a line for all rows."""
    shown = _shown(grouped)
    written = drawable([group.name for group in shown], word="group")
    figure = new_figure(0.9 + 0.3 * len(shown), width_in=PAIR_IN)
    axes = figure.subplots()
    axes.axvline(overall, color=look.faint, linewidth=1, linestyle=(0, (4, 3)))
    for row, group in enumerate(shown):
        worst = group.name == grouped.worst
        colour = look.warn if worst else look.ours if group.enough else look.faint
        _whisker(axes, row, group.score, colour, hollow=not group.enough)
    plain_axes(axes, grid="x")
    axes.set_yticks(range(len(shown)), [written[group.name] for group in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    _mark_worst(axes, shown, grouped.worst, look)
    counts = axes.secondary_yaxis("right")
    counts.set_yticks(
        range(len(shown)), [f"{g.score.n:,} in {g.score.n_events:,}" for g in shown], color=look.faint, fontsize=8.5
    )
    counts.tick_params(length=0)
    counts.spines["right"].set_visible(False)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(readable(grouped.metric))
    axes.set_ylabel(readable(grouped.column))
    axes.annotate(
        "rows in events", (1, 1), xycoords="axes fraction", xytext=(6, 4), textcoords="offset points",
        fontsize=8.5, color=look.faint, ha="left",
    )  # fmt: skip
    axes.annotate(
        "all rows", (overall, 1), xycoords=("data", "axes fraction"), xytext=(0, 4), textcoords="offset points",
        fontsize=8.5, color=look.faint, ha="center",
    )  # fmt: skip
    return figure


def training(history: Sequence[Mapping[str, Any]], look: Look) -> Figure | None:
    """Curves through the epochs, a panel for losses and one for each other measure; None where there is no number."""
    curves = _curves(history)
    if not curves:
        return None
    panels = sorted({_measure(name) for name in curves}, key=lambda measure: (measure != "loss", measure))[:3]
    epochs = _epochs(history)
    figure = new_figure(2.7)
    for axes, measure in zip(np.atleast_1d(figure.subplots(1, len(panels))).ravel(), panels, strict=True):
        for name in sorted(name for name in curves if _measure(name) == measure):
            held_out = name.startswith(HELD_OUT)
            colour, style = (look.ours, "-") if held_out else (look.rivals[0], (0, (5, 2)))
            marker = "o" if len(epochs) < 2 else None
            axes.plot(epochs, curves[name], color=colour, linestyle=style, marker=marker, label=readable(name))
        plain_axes(axes)
        axes.set_title(readable(measure))
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        _mark_best(axes, epochs, curves, look)
        axes.legend()
    return figure


def _whiskers(axes: Axes, rows: Sequence[Score], colours: Sequence[str]) -> None:
    plain_axes(axes, grid="x")
    markers = ["o", *(MARKERS[k % len(MARKERS)] for k in range(len(rows) - 1))]
    for place, (score, colour, marker) in enumerate(zip(rows, colours, markers, strict=True)):
        _whisker(axes, place, score, colour, marker=marker)


def _whisker(axes: Axes, row: int, score: Score, colour: str, *, marker: str = "o", hollow: bool = False) -> None:
    if not math.isfinite(score.value):
        axes.annotate(
            "not defined", (0.02, row), xycoords=("axes fraction", "data"), fontsize=8, color=colour, va="center"
        )
        return
    if math.isfinite(score.low) and math.isfinite(score.high):
        axes.plot([score.low, score.high], [row, row], color=colour, linewidth=2, alpha=0.75)
    face = axes.get_facecolor() if hollow else colour
    axes.plot(score.value, row, marker, color=colour, markerfacecolor=face, markersize=6, zorder=3)


def _mark_worst(axes: Axes, shown: Sequence[Group], worst: str | None, look: Look) -> None:
    for label, group in zip(axes.get_yticklabels(), shown, strict=True):
        if group.name == worst:
            label.set_color(look.warn)
            label.set_fontweight("bold")
        elif not group.enough:
            label.set_color(look.faint)


def _shown(grouped: Grouped) -> list[Group]:
    """All groups, or the largest when there are too many to draw; the worst is always among them."""
    if len(grouped.groups) <= MOST_GROUPS:
        return list(grouped.groups)
    ranked = sorted(grouped.groups, key=lambda group: (group.name != grouped.worst, -group.score.n))
    kept = {group.name for group in ranked[:MOST_GROUPS]}
    return [group for group in grouped.groups if group.name in kept]


def _curves(history: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    names = dict.fromkeys(str(name) for row in history for name in row)
    numbers = {name: [_number(row.get(name)) for row in history] for name in names if name not in NOT_DRAWN}
    return {name: values for name, values in numbers.items() if any(map(math.isfinite, values))}


def _epochs(history: Sequence[Mapping[str, Any]]) -> list[float]:
    told = [_number(row.get("epoch")) for row in history]
    return told if all(map(math.isfinite, told)) else [float(k) for k in range(1, len(history) + 1)]


def _number(value: Any) -> float:
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        return float(value)
    return math.nan


def _measure(name: str) -> str:
    """What a curve measures, whichever rows it was measured on: train_loss and dev_loss are both ``loss``."""
    head, _, tail = name.partition("_")
    return tail if head in ("train", *HELD_OUT) and tail else name


def _mark_best(axes: Axes, epochs: Sequence[float], curves: Mapping[str, Sequence[float]], look: Look) -> None:
    """A thin line at the epoch with the least held-out loss, which is the one that is kept."""
    losses = [curves[name] for name in curves if name.startswith(HELD_OUT) and _measure(name) == "loss"]
    if losses:
        best = epochs[int(np.nanargmin(losses[0]))]
        axes.axvline(best, color=look.warn, linewidth=1.2, linestyle=(0, (1, 2)), label=f"best epoch ({best:g})")
