"""Timeline: picks, messages and each site's warning against seconds after the origin. Knows one event's view."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from foreshock.evaluate.report.catalogue.noun import Sketch, counted
from foreshock.evaluate.report.style import WIDE_IN, Look, drawable, new_figure, plain_axes
from foreshock.evaluate.report.warning.views import EventView
from foreshock.evaluate.warning.run import after_s

SECTION = "events"
MOST_STATIONS, MOST_SITES = 16, 24
ROW_IN = 0.25
ROOM_S = 2.0


def timeline_of(view: EventView, *, name: str) -> Sketch:
    """Rows of stations and of warned sites along one axis of time."""
    sites, rows = view.site_rows(), _stations(view)
    warned = sites[sites["warned_s"].notna()]
    more = f", the {MOST_SITES} most shaken" if len(warned) > MOST_SITES else ""
    words = (
        f"Seconds after the origin. Above: {counted(len(rows), 'station')} with picks, from the pick (dot) to when the "
        f"engine could know it (tick). Lines: the messages. Below: {counted(len(warned), 'warned site')}{more}, from "
        "the warning to S (pale) and to when the threshold is expected (full)"
        + ("; crosses: when it was truly passed." if warned["crossed_s"].notna().any() else ".")
    )
    return Sketch(f"{name}_timeline", SECTION, words, partial(_draw, view, rows, warned.head(MOST_SITES)))


def _stations(view: EventView) -> pd.DataFrame:
    """A row a station and phase: the pick, and when it could be known."""
    picks = view.picks.assign(
        at_s=after_s(view.picks["time_ns"], view.zero_ns),
        known_s=after_s(view.picks["available_ns"].fillna(view.picks["time_ns"]), view.zero_ns),
    )
    order = picks.groupby("trace_id")["at_s"].min().sort_values(kind="stable").index[:MOST_STATIONS]
    rank = {name: k for k, name in enumerate(order)}
    kept = picks[picks["trace_id"].isin(order)]
    return kept.assign(row=[rank[name] for name in kept["trace_id"]]) if len(kept) else kept.assign(row=[])


def _draw(view: EventView, picks: pd.DataFrame, sites: pd.DataFrame, look: Look) -> Figure:
    n_stations = int(picks["row"].max()) + 1 if len(picks) else 1
    n_sites = max(len(sites), 1)
    figure = new_figure(1.9 + ROW_IN * (n_stations + n_sites), width_in=WIDE_IN)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[n_stations + 1.0, n_sites + 1.0])
    _picks(above, picks, look)
    _bars(below, sites, look)
    _messages(above, below, view, look)
    below.set_xlim(*_span(view, picks, sites))
    below.set_xlabel("seconds after the origin" + ("" if view.truth is not None else " as last told"))
    figure.legend(handles=_signs(sites, look), loc="outside lower center", ncols=4, fontsize=8.5)
    return figure


def _span(view: EventView, picks: pd.DataFrame, sites: pd.DataFrame) -> tuple[float, float]:
    """From the origin to the last of what is shown; messages long after that do not stretch it."""
    held = [0.0, float(view.issued_s[0])]
    for table, columns in ((picks, ("known_s",)), (sites, ("s_s", "threshold_s", "crossed_s"))):
        held += [float(table[name].max()) for name in columns if len(table)]
    last = float(np.nanmax(held))
    late = [float(s) for s in view.issued_s if s <= 1.5 * max(last, 20.0)]
    last = max([last, *late])
    room = max(0.04 * last, ROOM_S)
    return -room / 2, last + room


def _picks(axes: Axes, picks: pd.DataFrame, look: Look) -> None:
    plain_axes(axes, grid="x")
    if not len(picks):
        axes.set(yticks=[], ylim=(1, 0))
        axes.text(
            0.5,
            0.5,
            "no picks told",
            transform=axes.transAxes,
            ha="center",
            va="center",
            color=look.faint,
            backgroundcolor=look.paper,
        )
        return
    for phase, colour in (("P", look.ours), ("S", look.classes[1])):
        own = picks[picks["phase"].str.upper() == phase]
        rows = own["row"].to_numpy(float)
        axes.hlines(rows, own["at_s"], own["known_s"], color=colour, linewidth=1.6, alpha=0.6)
        axes.plot(own["at_s"], rows, "o", color=colour, markersize=5)
        axes.plot(own["known_s"], rows, "|", color=colour, markersize=9, markeredgewidth=1.6)
    names = picks.drop_duplicates("row").sort_values("row")["trace_id"]
    written = drawable((name.rstrip(".") for name in names), word="station")
    axes.set_yticks(range(len(names)), [written[name.rstrip(".")] for name in names], fontsize=8.5)
    axes.set_ylim(len(names) - 0.3, -0.7)


def _bars(axes: Axes, sites: pd.DataFrame, look: Look) -> None:
    plain_axes(axes, grid="x")
    if not len(sites):
        axes.set(yticks=[], ylim=(1, 0))
        axes.text(
            0.5,
            0.5,
            "no site was warned",
            transform=axes.transAxes,
            ha="center",
            va="center",
            color=look.faint,
            backgroundcolor=look.paper,
        )
        return
    rows = np.arange(len(sites))
    start = sites["warned_s"].to_numpy(float)
    for column, height, alpha in (("threshold_s", 0.42, 0.95), ("s_s", 0.72, 0.3)):
        width = sites[column].to_numpy(float) - start
        ahead, late = width > 0, width <= 0
        axes.barh(rows[ahead], width[ahead], left=start[ahead], height=height, color=look.own[0], alpha=alpha)
        axes.barh(rows[late], width[late], left=start[late], height=height, color=look.warn, alpha=alpha)
    crossed = sites["crossed_s"].to_numpy(float)
    axes.plot(crossed, rows, "x", color=look.ink, markersize=6, markeredgewidth=1.6, zorder=5)
    names = drawable(sites["name"], word="site")
    axes.set_yticks(rows, [names[name] for name in sites["name"]], fontsize=8.5)
    axes.set_ylim(len(sites) - 0.4, -0.6)


def _nothing(axes: Axes, text: str, look: Look) -> None:
    axes.set(yticks=[], ylim=(1, 0))
    style: dict[str, Any] = {"ha": "center", "va": "center", "color": look.faint, "backgroundcolor": look.paper}
    axes.text(0.5, 0.5, text, transform=axes.transAxes, **style)


def _messages(above: Axes, below: Axes, view: EventView, look: Look) -> None:
    """A line a message; the first, the first confirmed one, a cancellation and the last are named."""
    kind, sure = view.told["message_type"], view.told["confidence"] == "confirmed"
    for s, cancels, confirmed in zip(view.issued_s, kind == "cancel", sure, strict=True):
        colour = look.warn if cancels else look.ink
        style: dict[str, Any] = {"color": colour, "linewidth": 1.3 if confirmed or cancels else 0.9, "zorder": 0}
        for axes in (above, below):
            axes.axvline(s, linestyle="solid" if confirmed or cancels else (0, (3, 2)), alpha=0.65, **style)
    named: dict[int, str] = {0: "first"}
    if sure.any() and int(np.argmax(sure)) not in named:
        named[int(np.argmax(sure))] = "confirmed"
    elif sure.any():
        named[0] = "first, confirmed"
    if (kind == "cancel").any():
        named[int(np.argmax(kind == "cancel"))] = "cancelled"
    _write(
        above,
        [(float(view.issued_s[k]), f"{text} {view.issued_s[k]:.1f} s") for k, text in sorted(named.items())],
        look,
    )


def _write(axes: Axes, named: Sequence[tuple[float, str]], look: Look) -> None:
    """Names above the panel, each a line higher than the one before, so that none lies on another."""
    for k, (at_s, text) in enumerate(named):
        axes.annotate(
            text, (at_s, 1.0), (2, 3 + 11 * (len(named) - 1 - k)), xycoords=("data", "axes fraction"),
            textcoords="offset points", fontsize=8.5, color=look.ink, annotation_clip=False,
        )  # fmt: skip


def _signs(sites: pd.DataFrame, look: Look) -> list[Line2D | Patch]:
    return [
        Line2D([], [], color=look.ours, marker="o", markersize=5, label="P pick → known"),
        Line2D([], [], color=look.classes[1], marker="o", markersize=5, label="S pick → known"),
        Line2D([], [], color=look.ink, linestyle=(0, (3, 2)), linewidth=0.9, label="message, provisional"),
        Line2D([], [], color=look.ink, linewidth=1.3, label="message, confirmed"),
        Patch(color=look.own[0], alpha=0.95, label="warning → threshold"),
        Patch(color=look.own[0], alpha=0.3, label="warning → S"),
        Patch(color=look.warn, alpha=0.6, label="warned too late"),
        *([Line2D([], [], color=look.ink, marker="x", linestyle="", label="truly passed")]
          if len(sites) and sites["crossed_s"].notna().any() else []),
    ]  # fmt: skip
