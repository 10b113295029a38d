"""Curves: what scores of warnings look like: second by second, by cost and loss, beside rivals. Knows scores only."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from foreshock.evaluate.report.catalogue.noun import Sketch, counted
from foreshock.evaluate.report.style import WIDE_IN, Look, colours_of, drawable, new_figure, plain_axes
from foreshock.evaluate.warning.scores import Said, WarningScores

SECTION = "curves"


def curves(scores: WarningScores) -> Iterator[Sketch]:
    """All pictures of scores that have something to show."""
    held = scores.ours.by_second
    n = int(held["n"].max())
    if n:
        words = (
            f"Seconds after the first P, {counted(n, 'event')} at most. Left: mean |ΔM| and the standard deviation of "
            "ΔM with 95 % intervals. Right: share of true magnitudes from q05 to q95; shaded: what chance allows if "
            "90 % hold."
        )
        yield Sketch("magnitude_seconds", SECTION, words, partial(_seconds, scores))
    if np.isfinite(held["epicentre_median_km"]).any():
        words = (
            "Epicentral error (median, 95 % interval) and how often the 68 and 95 % ellipses hold the true epicentre."
        )
        yield Sketch("place_seconds", SECTION, words, partial(_places, scores))
    if any(row["value"].n and np.isfinite(row["value"].value) for row in scores.ours.value):
        words = (
            "What warnings are worth to users by what acting costs them in units of the loss it avoids: 1 as good as "
            "knowing all, 0 no better than always or never acting. Late acts only cost."
        )
        yield Sketch("value", SECTION, words, partial(_value, scores))
    times = scores.ours.judged.events["first_alert_s"]
    if times.notna().any():
        words = f"Share of {counted(int(times.notna().sum()), 'warned event')} with a message by then."
        yield Sketch("alert_times", SECTION, words, partial(_times, scores))


def _all(scores: WarningScores, look: Look) -> Iterator[tuple[str, Said, str]]:
    """Name, scores and colour of ours and the rivals."""
    yield "ours", scores.ours, look.ours
    colours, names = colours_of(list(scores.rivals), (), look), drawable(scores.rivals, word="rival")
    for name, said in scores.rivals.items():
        yield names[name], said, colours[name]


def _seconds(scores: WarningScores, look: Look) -> Figure:
    figure = new_figure(3.6, width_in=WIDE_IN)
    left, right = figure.subplots(1, 2)
    for name, said, colour in _all(scores, look):
        table = said.by_second
        _band(left, table, "magnitude_mae", colour, label=f"{name}, mean |ΔM|")
        left.plot(table["second"], table["magnitude_sd"], color=colour, linestyle=(0, (4, 2)), label=f"{name}, σ")
        _band(right, table, "coverage_90", colour, label=name, band=name == "ours" and not scores.rivals)
    own = scores.ours.by_second
    right.fill_between(own["second"], own["band_low"], own["band_high"], color=look.faint, alpha=0.2, linewidth=0)
    right.axhline(0.9, color=look.faint, linewidth=1)
    left.set(xlabel="seconds after the first P", ylabel="magnitude", ylim=(0, None))
    right.set(xlabel="seconds after the first P", ylabel="share from q05 to q95", ylim=(0, 1.03))
    left.legend()
    if scores.rivals:
        right.legend(loc="lower right")
    return figure


def _places(scores: WarningScores, look: Look) -> Figure:
    figure = new_figure(3.6, width_in=WIDE_IN)
    left, right = figure.subplots(1, 2)
    for name, said, colour in _all(scores, look):
        _band(left, said.by_second, "epicentre_median_km", colour, label=name)
        for column, style in (("coverage_68", "solid"), ("coverage_95", (0, (4, 2)))):
            share = column[-2:]
            right.plot(said.by_second["second"], said.by_second[column], color=colour, linestyle=style,
                       label=f"{name}, {share} %")  # fmt: skip
    plain_axes(right)
    for promised in (0.68, 0.95):
        right.axhline(promised, color=look.faint, linewidth=1)
    left.set(xlabel="seconds after the first P", ylabel="epicentral error (km)", ylim=(0, None))
    right.set(xlabel="seconds after the first P", ylabel="share inside the ellipse", ylim=(0, 1.03))
    right.legend(loc="lower right")
    if scores.rivals:
        left.legend()
    return figure


def _value(scores: WarningScores, look: Look) -> Figure:
    figure = new_figure(3.4)
    axes = figure.subplots()
    plain_axes(axes)
    for name, said, colour in _all(scores, look):
        ratio = [float(row["cost_loss"]) for row in said.value]
        rows = [row["value"] for row in said.value]
        axes.plot(ratio, [one.value for one in rows], "o-", color=colour, markersize=4, label=name)
        axes.fill_between(
            ratio, [one.low for one in rows], [one.high for one in rows], color=colour, alpha=0.15, linewidth=0
        )
    lowest = min(float(row["value"].value) for row in scores.ours.value if np.isfinite(row["value"].value))
    axes.axhline(0, color=look.ink, linewidth=0.8)
    axes.set(
        xscale="log", xlabel="cost of acting / loss avoided", ylabel="value", ylim=(max(min(lowest, -0.1), -1.0), 1.03)
    )
    axes.set_xticks([0.01, 0.03, 0.1, 0.3, 0.9], ["0.01", "0.03", "0.1", "0.3", "0.9"])
    axes.minorticks_off()
    if scores.rivals:
        axes.legend()
    return figure


def _times(scores: WarningScores, look: Look) -> Figure:
    figure = new_figure(3.2 + 0.25 * len(scores.rivals))
    axes = figure.subplots()
    plain_axes(axes)
    for name, said, colour in _all(scores, look):
        for column, style, what in (("first_alert_s", "solid", "first"), ("confirmed_s", (0, (4, 2)), "confirmed")):
            known = np.sort(pd.to_numeric(said.judged.events[column]).dropna().to_numpy(float))
            if len(known):
                share = np.arange(1, len(known) + 1) / len(known)
                x, y = np.concatenate([[0.0], known]), np.concatenate([[0.0], share])
                axes.step(
                    x, y, where="post", color=colour, linestyle=style, label=f"{name}, {what} (n = {len(known):,})"
                )
    axes.set(xlabel="seconds after the origin", ylabel="share of warned events", ylim=(0, 1.03))
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def _band(axes: Axes, table: pd.DataFrame, column: str, colour: str, *, label: str, band: bool = True) -> None:
    plain_axes(axes)
    axes.plot(table["second"], table[column], color=colour, label=label)
    if band:
        axes.fill_between(
            table["second"], table[f"{column}_low"], table[f"{column}_high"], color=colour, alpha=0.15, linewidth=0
        )
