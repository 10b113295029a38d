"""Magnitude: what size an event was thought to have, second by second, with its 90 % band. Knows one event's view."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from foreshock.evaluate.report.catalogue.noun import Sketch, counted
from foreshock.evaluate.report.style import WIDE_IN, Look, new_figure, plain_axes
from foreshock.evaluate.report.warning.views import EventView
from foreshock.evaluate.warning.run import after_s
from foreshock.types.arrays import Float64

SECTION = "events"
LONGEST_S = 120.0


def magnitude_of(view: EventView, *, name: str) -> Sketch:
    """The middle magnitude with its 90 % band against time, the messages upon it, and how many stations it rests on."""
    true = "" if view.truth is None or not np.isfinite(view.truth["magnitude"]) else " Green line: the true magnitude."
    words = (
        f"{counted(len(view.beliefs), 'estimate')} (line: q50; band: q05 to q95) and "
        f"{counted(len(view.told), 'message')} (circles: hollow provisional, filled confirmed).{true} "
        "Below, where it is told: stations that the estimate rests on."
    )
    return Sketch(f"{name}_magnitude", SECTION, words, partial(_draw, view))


def _draw(view: EventView, look: Look) -> Figure:
    rows = view.beliefs[view.beliefs["state"] != "withdrawn"]
    told = bool(rows["n_stations"].notna().any())
    figure = new_figure(4.1 if told else 3.2, width_in=WIDE_IN)
    panels = figure.subplots(1 + told, 1, sharex=True, squeeze=False, height_ratios=[3.2, 1.0][: 1 + told])[:, 0]
    at_s = after_s(rows["known_ns"], view.zero_ns)
    _believed(panels[0], at_s, rows, look)
    _messages(panels[0], view, look)
    if told:
        panels[1].step(at_s, rows["n_stations"].to_numpy(float), where="post", color=look.faint)
        panels[1].set(ylabel="stations")
        panels[1].set_ylim(bottom=0)
        panels[1].yaxis.get_major_locator().set_params(integer=True, nbins=4)
    for axes in panels:
        plain_axes(axes)
    panels[-1].set_xlabel("seconds after the origin" + ("" if view.truth is not None else " as last told"))
    everything = np.concatenate([[0.0], at_s, view.issued_s])
    panels[-1].set_xlim(min(0.0, float(everything.min())), min(float(everything.max()), LONGEST_S) + 1.0)
    return figure


def _believed(axes: Axes, at_s: Float64, rows: pd.DataFrame, look: Look) -> None:
    """The middle as a line, from q05 to q95 as a band."""
    size = {q: rows[f"magnitude_{q}"].to_numpy(float) for q in ("q05", "q50", "q95")}
    axes.fill_between(at_s, size["q05"], size["q95"], step="post", color=look.ours, alpha=0.18, linewidth=0)
    axes.step(at_s, size["q50"], where="post", color=look.ours)
    axes.set_ylabel("magnitude")


def _messages(axes: Axes, view: EventView, look: Look) -> None:
    """What was told, with its 90 %, a cancellation, and the true magnitude."""
    cancels = (view.told["message_type"] == "cancel").to_numpy(bool)
    kept, issued = view.told[~cancels], view.issued_s[~cancels]
    axes.vlines(issued, kept["magnitude_q05"], kept["magnitude_q95"], color=look.ours, linewidth=1.0, alpha=0.7)
    sure, said = (kept["confidence"] == "confirmed").to_numpy(bool), kept["magnitude_q50"].to_numpy(float)
    for which, fill in ((~sure, look.paper), (sure, look.ours)):
        axes.plot(issued[which], said[which], "o", color=fill, markeredgecolor=look.ours, markersize=6)
    if view.truth is not None and np.isfinite(view.truth["magnitude"]):
        axes.axhline(float(view.truth["magnitude"]), color=look.own[0], linewidth=1.6)
    for s in view.issued_s[cancels]:
        axes.axvline(s, color=look.warn, linewidth=1.3)
        axes.annotate(
            "cancelled", (s, 1.0), (-4, -3), xycoords=("data", "axes fraction"), textcoords="offset points",
            ha="right", va="top", fontsize=8.5, color=look.warn,
        )  # fmt: skip
