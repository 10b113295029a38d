"""Magnitude: what size an event was thought to have, second by second, with its 90 % band. Knows one event's view."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from foreshock.evaluate.report.catalogue.noun import Sketch, counted
from foreshock.evaluate.report.style import WIDE_IN, Look, new_figure, plain_axes
from foreshock.evaluate.report.warning.views import EventView
from foreshock.evaluate.warning.run import after_s

SECTION = "events"
LONGEST_S = 120.0


def magnitude_of(view: EventView, *, name: str) -> Sketch:
    """The middle magnitude with its 90 % band against time, the messages upon it, and how many stations it rests on."""
    true = "" if view.truth is None or not np.isfinite(view.truth["magnitude"]) else " Green line: the true magnitude."
    words = (
        f"{counted(len(view.beliefs), 'estimate')} (line: q50; band: q05 to q95) and "
        f"{counted(len(view.told), 'message')} (circles: hollow provisional, filled confirmed).{true} "
        "Below: stations that the estimate rests on."
    )
    return Sketch(f"{name}_magnitude", SECTION, words, partial(_draw, view))


def _draw(view: EventView, look: Look) -> Figure:
    figure = new_figure(4.1, width_in=WIDE_IN)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 1.0])
    rows = view.beliefs[view.beliefs["state"] != "withdrawn"]
    at_s = after_s(rows["known_ns"], view.zero_ns)
    size = {q: rows[f"magnitude_{q}"].to_numpy(float) for q in ("q05", "q50", "q95")}
    above.fill_between(at_s, size["q05"], size["q95"], step="post", color=look.ours, alpha=0.18, linewidth=0)
    above.step(at_s, size["q50"], where="post", color=look.ours)
    kept = view.told[view.told["message_type"] != "cancel"]
    issued, said = after_s(kept["issued_ns"], view.zero_ns), kept["magnitude_q50"].to_numpy(float)
    sure = (kept["confidence"] == "confirmed").to_numpy(bool)
    for which, fill in ((~sure, look.paper), (sure, look.ours)):
        above.plot(issued[which], said[which], "o", color=fill, markeredgecolor=look.ours, markersize=6)
    if view.truth is not None and np.isfinite(view.truth["magnitude"]):
        above.axhline(float(view.truth["magnitude"]), color=look.own[0], linewidth=1.6)
    for s in view.issued_s[(view.told["message_type"] == "cancel").to_numpy(bool)]:
        above.axvline(s, color=look.warn, linewidth=1.3)
        above.annotate("cancelled", (s, 1.0), (3, -3), xycoords=("data", "axes fraction"), textcoords="offset points",
                       va="top", fontsize=8.5, color=look.warn)  # fmt: skip
    above.set_ylabel("magnitude")
    below.step(at_s, rows["n_stations"].to_numpy(float), where="post", color=look.faint)
    below.set(
        xlabel="seconds after the origin" + ("" if view.truth is not None else " as last told"), ylabel="stations"
    )
    below.set_ylim(bottom=0)
    below.yaxis.get_major_locator().set_params(integer=True, nbins=4)
    for axes in (above, below):
        plain_axes(axes)
    everything = np.concatenate([[0.0], at_s, view.issued_s])
    below.set_xlim(0.0 if everything.min() >= 0 else everything.min(), min(float(everything.max()), LONGEST_S) + 1.0)
    return figure
