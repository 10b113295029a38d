"""Pictures of classes: confusion, ROC, precision-recall, reliability. Knows tables of predictions only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from foreshock.evaluate.calibration import reliability
from foreshock.evaluate.metric import ratio
from foreshock.evaluate.per_class import confusion, precision_recall_curves, roc_curves
from foreshock.evaluate.ranks import Curve
from foreshock.evaluate.report.style import (
    MARKERS,
    PAIR_IN,
    Cast,
    Look,
    colours_of,
    drawable,
    heat_map,
    new_figure,
    plain_axes,
)
from foreshock.types.predictions import Predictions

MOST_WRITTEN = 12
"""With more classes than this, cells are left without their numbers and names are thinned out."""

MOST_CURVES = 8


def confusion_picture(predictions: Predictions, look: Look) -> Figure:
    """True classes down, named classes across; colour is the share of the true class, numbers are counts."""
    counts = confusion(predictions)
    shares = np.nan_to_num(ratio(counts.astype(float), counts.sum(1, keepdims=True).astype(float)))
    k = len(predictions.classes)
    side = float(np.clip(1.9 + 0.62 * k, 3.4, 7.0))
    figure = new_figure(side, width_in=min(7.2, side + 1.0))
    axes = figure.subplots()
    image = axes.imshow(shares, cmap=heat_map(look), vmin=0, vmax=1)
    _name_cells(axes, list(drawable(predictions.classes).values()))
    if k <= MOST_WRITTEN:
        _write_cells(axes, counts, shares, look)
    axes.set_xlabel("named class")
    axes.set_ylabel("true class")
    bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.03, label="share of the true class")
    bar.outline.set_visible(False)  # type: ignore[operator,unused-ignore]
    return figure


def ranking_picture(
    ours: Predictions,
    rivals: Mapping[str, Predictions],
    look: Look,
    *,
    kind: str,
    cast: Cast,
) -> Figure:
    """ROC (``kind="roc"``) or precision-recall curves.

    Two classes: the second class, ours against every rival. More: each class against the rest, ours only.
    """
    figure = new_figure(4.5, width_in=PAIR_IN)
    axes = figure.subplots()
    lines = _two_class_lines if len(ours.classes) == 2 else _many_class_lines
    for curve, label, colour, width in lines(ours, rivals, look, kind, cast):
        y = curve.y if kind == "roc" else np.concatenate([curve.y[1:2], curve.y[1:]])
        drawstyle = "default" if kind == "roc" else "steps-pre"
        axes.plot(curve.x, y, color=colour, linewidth=width, label=label, drawstyle=drawstyle)  # type: ignore[arg-type,unused-ignore]
    plain_axes(axes)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.03), aspect="equal")
    if kind == "roc":
        axes.plot([0, 1], [0, 1], color=look.faint, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        axes.set(xlabel="false-positive rate", ylabel="true-positive rate")
    else:
        axes.set(xlabel="recall", ylabel="precision")
    axes.legend(loc="lower right" if kind == "roc" else "lower left", fontsize=8.5)
    return figure


def reliability_picture(
    ours: Predictions,
    rivals: Mapping[str, Predictions],
    look: Look,
    *,
    cast: Cast,
) -> Figure:
    """Accuracy against confidence of the most probable class; below it, how many rows each bin holds."""
    figure = new_figure(5.4, width_in=5.4)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.4, 1])
    written = drawable([cast.ours, *rivals], word="rival")
    colours = colours_of(list(rivals), cast.own, look)
    start = 1 / len(ours.classes)
    above.plot([0, 1], [0, 1], color=look.faint, linewidth=1, linestyle=(0, (4, 3)), label="perfect calibration")
    for k, (name, said) in enumerate(rivals.items()):
        _reliability_line(above, said, colours[name], written[name], marker=MARKERS[k % len(MARKERS)])
    table = reliability(ours)
    some = table[table["n"] > 0]
    above.vlines(some["confidence"], some["accuracy_low"], some["accuracy_high"], color=look.ours, alpha=0.35, lw=3)
    _reliability_line(above, ours, look.ours, written[cast.ours], marker="o", bold=True)
    below.bar((table["low"] + table["high"]) / 2, table["n"], width=0.9 / len(table), color=look.ours)
    plain_axes(above)
    plain_axes(below, grid="y")
    above.set(ylabel="accuracy", ylim=(-0.02, 1.03), xlim=(max(0.0, start - 0.08), 1.02))
    below.set(xlabel="confidence in the most probable class", ylabel=f"rows\n({written[cast.ours]})")
    handles, labels = above.get_legend_handles_labels()
    where = "lower right" if start > 0.4 else "upper left"
    above.legend(
        [handles[-1], *handles[1:-1], handles[0]], [labels[-1], *labels[1:-1], labels[0]], loc=where, fontsize=8.5
    )
    return figure


def _name_cells(axes: Axes, names: Sequence[str]) -> None:
    every = max(1, int(np.ceil(len(names) / 24)))
    places = range(0, len(names), every)
    shown = [names[k] for k in places]
    long = len(names) > 6 or len(names) * max(map(len, shown)) > 32
    axes.set_xticks(list(places), shown, rotation=40 if long else 0, ha="right" if long else "center")
    if long:
        for label in axes.get_xticklabels():
            label.set_rotation_mode("anchor")
    axes.set_yticks(list(places), shown)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _write_cells(axes: Axes, counts: np.ndarray, shares: np.ndarray, look: Look) -> None:
    small = len(counts) > 6
    for (row, column), share in np.ndenumerate(shares):
        count = int(counts[row, column])
        text = f"{count:,}" if small else f"{count:,}\n{share:.0%}"
        colour = "#ffffff" if share > 0.5 else look.ink if count else look.faint
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8 if small else 9.5)


_Line = tuple[Curve, str, str, float]


def _two_class_lines(
    ours: Predictions,
    rivals: Mapping[str, Predictions],
    look: Look,
    kind: str,
    cast: Cast,
) -> list[_Line]:
    written = drawable([cast.ours, *rivals], word="rival")
    colours = {cast.ours: look.ours} | colours_of(list(rivals), cast.own, look)
    positive = ours.classes[1]
    lines = []
    for name, said in {cast.ours: ours, **rivals}.items():
        found = _curves(said, kind).get(positive)
        if found is not None:
            bold = name == cast.ours
            lines.append((found, f"{written[name]}  {found.area:.3f}", colours[name], 2.4 if bold else 1.5))
    return lines


def _many_class_lines(
    ours: Predictions,
    rivals: Mapping[str, Predictions],
    look: Look,
    kind: str,
    cast: Cast,
) -> list[_Line]:
    """The largest classes of ours; rivals stand in the table of scores."""
    written = drawable(ours.classes)
    support = dict(zip(ours.classes, confusion(ours).sum(1).tolist(), strict=True))
    kept = sorted(_curves(ours, kind).items(), key=lambda item: -support[item[0]])[:MOST_CURVES]
    return [
        (curve, f"{written[name]}  {curve.area:.3f}", look.classes[k % len(look.classes)], 1.8)
        for k, (name, curve) in enumerate(kept)
    ]


def _curves(predictions: Predictions, kind: str) -> dict[str, Curve]:
    return roc_curves(predictions) if kind == "roc" else precision_recall_curves(predictions)


def _reliability_line(
    axes: Axes, predictions: Predictions, colour: str, name: str, *, marker: str, bold: bool = False
) -> None:
    table = reliability(predictions)
    some = table[table["n"] > 0]
    axes.plot(
        some["confidence"],
        some["accuracy"],
        color=colour,
        marker=marker,
        markersize=6 if bold else 4.5,
        linewidth=2.2 if bold else 1.2,
        label=name,
        zorder=3 if bold else 2,
    )
