"""Pictures of picks: residuals, reliability, precision and recall over the threshold. Knows tallies only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.figure import Figure

from foreshock.evaluate.pick_measures import precision_recall_of, reliability_of
from foreshock.evaluate.pick_tally import NEAR_S, PHASES, RIGHT_S, Tally
from foreshock.evaluate.report.style import MARKERS, PAIR_IN, Look, drawable, new_figure, plain_axes

N_RESIDUAL_BINS = 50

_Line = tuple[str, Tally, str, str, float]
"""Name as written, tally, colour, marker, line width."""


def residual_picture(tallies: Mapping[str, Tally], look: Look, *, phase: str) -> Figure:
    """Histograms of pick − label of right picks: ours filled, others as lines."""
    figure = new_figure(3.4, width_in=PAIR_IN)
    axes = figure.subplots()
    edges = np.linspace(-RIGHT_S, RIGHT_S, N_RESIDUAL_BINS + 1).tolist()
    for k, (name, tally, colour, _, width) in enumerate(_lines(tallies, look)):
        mine = tally.of(phase)
        residuals = mine.loc[mine["right"], "residual_s"].to_numpy(float)
        label = f"{name}  ({len(residuals)})"
        if k == 0:
            axes.hist(residuals, edges, color=colour, alpha=0.85, label=label)
        else:
            axes.hist(residuals, edges, histtype="step", color=colour, linewidth=width, label=label)
    for at in (-NEAR_S, NEAR_S):
        axes.axvline(at, color=look.faint, linewidth=1, linestyle=(0, (4, 3)))
    plain_axes(axes, grid="y")
    axes.set(xlabel=f"{phase} pick − label (s)", ylabel="picks", xlim=(-RIGHT_S, RIGHT_S))
    axes.legend(loc="upper right", fontsize=8.5)
    return figure


def reliability_picture(tallies: Mapping[str, Tally], look: Look, *, phase: str) -> Figure:
    """How often picks of a probability are right; pickers that tell no probability are left out."""
    figure = new_figure(4.2, width_in=PAIR_IN)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=look.faint, linewidth=1, linestyle=(0, (4, 3)), label="perfect calibration")
    for name, tally, colour, marker, width in _lines(tallies, look):
        mine = tally.of(phase)
        if tally.has_probabilities and len(mine):
            table = reliability_of(mine)
            axes.plot(table["probability"], table["right"], color=colour, marker=marker, linewidth=width, label=name)
            for x, y, n in zip(table["probability"], table["right"], table["n"], strict=True):
                axes.annotate(str(n), (x, y), xytext=(4, -9), textcoords="offset points", fontsize=7, color=colour)
    plain_axes(axes)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.05), aspect="equal")
    axes.set(xlabel=f"probability of {phase} picks", ylabel="share that is right")
    axes.legend(loc="upper left", fontsize=8.5)
    return figure


def precision_recall_picture(tallies: Mapping[str, Tally], look: Look, *, phase: str, threshold: float) -> Figure:
    """Precision against recall as the threshold falls; the dot is the threshold in use."""
    figure = new_figure(4.2, width_in=PAIR_IN)
    axes = figure.subplots()
    for name, tally, colour, marker, width in _lines(tallies, look):
        mine = tally.of(phase)
        if not len(mine):
            continue
        table = precision_recall_of(mine, int(tally.counts[f"truth_{phase}"].sum()))
        axes.plot(table["recall"], table["precision"], color=colour, linewidth=width, label=name)
        used = table[table["threshold"] >= threshold]
        if len(used):
            axes.plot(used["recall"].iloc[-1], used["precision"].iloc[-1], marker, color=colour, markersize=7)
    plain_axes(axes)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.05), aspect="equal", xlabel=f"recall of {phase}", ylabel="precision")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", fontsize=8.5)
    return figure


def phases_of(tallies: Mapping[str, Tally]) -> tuple[str, ...]:
    """The phases that are labelled at all."""
    first = next(iter(tallies.values()))
    return tuple(phase for phase in PHASES if first.counts[f"truth_{phase}"].sum() > 0)


def _lines(tallies: Mapping[str, Tally], look: Look) -> Iterator[_Line]:
    written = drawable(list(tallies), word="picker")
    for k, (name, tally) in enumerate(tallies.items()):
        if k == 0:
            yield written[name], tally, look.ours, "o", 2.2
        else:
            colour = look.rivals[(k - 1) % len(look.rivals)]
            yield written[name], tally, colour, MARKERS[(k - 1) % len(MARKERS)], 1.4
