"""Map: where an event was thought to be, how far its waves were at the first message, what sites were told.

Knows one event's view and the stations.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Ellipse
from matplotlib.patheffects import withStroke

from foreshock.evaluate.report.catalogue.frame import Frame
from foreshock.evaluate.report.catalogue.noun import Sketch, counted
from foreshock.evaluate.report.style import WIDE_IN, Look, drawable, new_figure, plain_axes
from foreshock.evaluate.report.warning.labels import label
from foreshock.evaluate.report.warning.views import EventView, Fronts
from foreshock.types.arrays import Bools

SECTION = "events"
WELL = frozenset({"", "ok", "live", "alive", "good", "up", "current", "healthy"})
INTENSITY = (2.0, 8.0)
MOST_NAMED_STATIONS = 24
MOST_SITES = 2000
NARROWEST_IN = 6.4
FARTHEST_KM = 400.0
"""Sites farther from the epicentre do not widen the map."""


def map_of(view: EventView, stations: pd.DataFrame, fronts: Fronts, *, name: str, scale: str = "mmi") -> Sketch:
    """A map at the moment of the first message."""
    after_s = float(view.issued_s[0])
    _, s_km = fronts(float(view.first["depth_km"]), after_s)
    sites = view.site_rows()
    warned = int(sites["warned_s"].notna().sum())
    blind = f"S had come {s_km:.0f} km" if s_km > 0 else "S had not come to the surface"
    words = (
        f"At the first message, {after_s:.1f} s after the origin: P front (dashed) and S front; {blind}: within "
        f"(shaded) no warning comes before it. Ellipses of 68 % at the first message and at the end, and the way "
        f"of the epicentre between. {counted(len(stations), 'station')} (triangles: filled, picked by then); "
        f"{counted(len(sites), 'site')}, {warned} warned, coloured by the largest intensity that was expected, with "
        f"the seconds from the warning to the threshold, or to S where that is not known."
    )
    return Sketch(f"{name}_map", SECTION, words, partial(_draw, view, stations, fronts, scale))


def _draw(view: EventView, stations: pd.DataFrame, fronts: Fronts, scale: str, look: Look) -> Figure:
    frame = Frame.around([view.first["latitude"]], [view.first["longitude"]])
    sites = view.site_rows().head(MOST_SITES)
    _, s_km = fronts(float(view.first["depth_km"]), float(view.issued_s[0]))
    west, east, south, north = _edges(frame, view, stations, sites, s_km)
    shape = (north - south) / (east - west)
    figure = new_figure(0.9 + 6.4 * min(shape, 1.0), width_in=float(np.clip(6.4 / shape + 2.0, NARROWEST_IN, WIDE_IN)))
    axes = figure.subplots()
    plain_axes(axes)
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", xlabel="east (km)", ylabel="north (km)")
    _waves(axes, frame, view, fronts, look)
    held = _stations(axes, frame, view, stations, look)
    _path(axes, frame, view, look)
    dots = _sites(axes, frame, sites, look)
    if dots is not None:
        figure.colorbar(dots, ax=axes, label=f"expected intensity ({scale.upper()})", shrink=0.6, pad=0.02)
    _legend(figure, view, look)
    _names(axes, frame, view, sites, stations, held, look)
    return figure


def _edges(
    frame: Frame, view: EventView, stations: pd.DataFrame, sites: pd.DataFrame, s_km: float
) -> tuple[float, float, float, float]:
    """West, east, south and north edge: the stations and sites not too far away, the epicentre, the S front."""
    tables = [stations, sites, view.told]
    lat, lon = (np.concatenate([one[name].to_numpy(float) for one in tables]) for name in ("latitude", "longitude"))
    x, y = frame.km(lat, lon)
    near = np.hypot(x, y) <= FARTHEST_KM
    front = min(s_km, FARTHEST_KM / 2) * np.array([-1.0, 1.0])
    x, y = np.append(x[near], front), np.append(y[near], front)
    room = max(0.1 * float(max(np.ptp(x), np.ptp(y))), 5.0)
    west, east, south, north = x.min() - room, x.max() + room, y.min() - room, y.max() + room
    wide = max(0.0, 0.7 * (north - south) - (east - west)) / 2
    tall = max(0.0, 0.5 * (east - west) - (north - south)) / 2
    return float(west - wide), float(east + wide), float(south - tall), float(north + tall)


def _waves(axes: Axes, frame: Frame, view: EventView, fronts: Fronts, look: Look) -> None:
    first = view.first
    x, y = (float(value) for value in frame.km(first["latitude"], first["longitude"]))
    p_km, s_km = fronts(float(first["depth_km"]), float(view.issued_s[0]))
    if s_km > 0:
        axes.add_patch(Circle((x, y), s_km, facecolor=look.warn, alpha=0.13, edgecolor="none", zorder=1))
        axes.add_patch(Circle((x, y), s_km, facecolor="none", edgecolor=look.warn, linewidth=1.6, zorder=2))
    if p_km > 0:
        style = {"linestyle": (0, (5, 3)), "linewidth": 1.4, "edgecolor": look.ours}
        axes.add_patch(Circle((x, y), p_km, facecolor="none", zorder=2, **style))


def _stations(axes: Axes, frame: Frame, view: EventView, stations: pd.DataFrame, look: Look) -> list[str]:
    """Draw stations by what they are; give those that had picked by the first message."""
    if not len(stations):
        return []
    x, y = frame.km(stations["latitude"].to_numpy(float), stations["longitude"].to_numpy(float))
    known = view.picks["available_ns"].fillna(view.picks["time_ns"])
    picked = set(view.picks.loc[(known <= int(view.first["issued_ns"])).to_numpy(bool), "trace_id"])
    used = stations["used"].to_numpy(bool)
    well = stations["state"].str.lower().isin(WELL).to_numpy(bool)
    held = np.array([_is_of(name, picked) for name in stations["station_id"]], bool)
    kinds: tuple[tuple[Bools, dict[str, Any]], ...] = (
        (~used, {"color": look.faint, "marker": "x", "s": 28, "linewidths": 1.2}),
        (used & ~well, {"facecolor": look.paper, "edgecolor": look.warn, "marker": "^", "s": 52, "linewidths": 1.6}),
        (used & well & ~held, {"facecolor": look.paper, "edgecolor": look.ours, "marker": "^", "s": 46}),
        (used & held, {"facecolor": look.ours, "edgecolor": look.paper, "marker": "^", "s": 62, "linewidths": 0.7}),
    )
    for rows, style in kinds:
        axes.scatter(x[rows], y[rows], zorder=4, **style)
    return [name for name, is_held in zip(stations["station_id"], held, strict=True) if is_held]


def _is_of(station_id: str, picked: set[str]) -> bool:
    return station_id in picked or station_id.rstrip(".") in {name.rstrip(".") for name in picked}


def _path(axes: Axes, frame: Frame, view: EventView, look: Look) -> None:
    """The epicentre's way, its first and last ellipse, and the true one."""
    rows = view.beliefs[view.beliefs["latitude"].notna()]
    if len(rows):
        x, y = frame.km(rows["latitude"].to_numpy(float), rows["longitude"].to_numpy(float))
        axes.plot(x, y, color=look.ink, linewidth=1.1, zorder=5)
        axes.plot(x[-1:], y[-1:], "*", color=look.ink, markersize=11, markeredgecolor=look.paper, zorder=7)
        at_first = rows[rows["alert_version"] == float(view.first["version"])]
        for one, style in ((at_first.tail(1), (0, (2, 2))), (rows.tail(1), "solid")):
            _ellipse(axes, frame, one, style, look)
    first = frame.km(view.first["latitude"], view.first["longitude"])
    axes.plot(*first, "o", color=look.paper, markeredgecolor=look.ink, markersize=7, zorder=6)
    if view.truth is not None:
        true = frame.km(view.truth["latitude"], view.truth["longitude"])
        axes.plot(*true, "P", color=look.own[0], markeredgecolor=look.paper, markersize=16, zorder=6.5)


def _ellipse(axes: Axes, frame: Frame, row: pd.DataFrame, style: object, look: Look) -> None:
    if not len(row) or not np.isfinite(row[["major_km", "minor_km", "azimuth_deg"]].to_numpy(float)).all():
        return
    one = row.iloc[0]
    x, y = (float(value) for value in frame.km(one["latitude"], one["longitude"]))
    turn = float(one["azimuth_deg"]) + float(frame.turned_deg(one["latitude"], one["longitude"]))
    shape = Ellipse((x, y), 2 * float(one["major_km"]), 2 * float(one["minor_km"]), angle=90 - turn)
    shape.set(facecolor="none", edgecolor=look.ink, linewidth=1.3, linestyle=style, zorder=5)
    axes.add_patch(shape)


def _sites(axes: Axes, frame: Frame, sites: pd.DataFrame, look: Look) -> PathCollection | None:
    if not len(sites):
        return None
    x, y = frame.km(sites["latitude"].to_numpy(float), sites["longitude"].to_numpy(float))
    warned = sites["warned_s"].notna().to_numpy(bool)
    shades = _shades(look)
    style: dict[str, Any] = {"cmap": shades, "vmin": INTENSITY[0], "vmax": INTENSITY[1], "zorder": 5}
    value = sites["intensity"].to_numpy(float)
    many = len(sites) > 200
    axes.scatter(
        x[~warned], y[~warned], c=value[~warned], s=10 if many else 26, edgecolors=look.faint, linewidths=0.6, **style
    )
    return axes.scatter(
        x[warned],
        y[warned],
        c=value[warned],
        s=22 if many else 74,
        marker="s",
        edgecolors=look.ink,
        linewidths=0.9,
        **style,
    )


def _shades(look: Look) -> LinearSegmentedColormap:
    """From hardly felt to severe, without the end that would vanish on the paper."""
    dark = int(look.paper[1:3], 16) < 128
    part = np.linspace(0.35, 1.0, 64) if dark else np.linspace(0.95, 0.15, 64)
    return LinearSegmentedColormap.from_list("intensity", colormaps["inferno"](part).tolist())


def _names(
    axes: Axes, frame: Frame, view: EventView, sites: pd.DataFrame, stations: pd.DataFrame, held: list[str], look: Look
) -> None:
    """Name the warned sites with their seconds, then the stations that picked, as far as there is room."""
    told = sites[sites["warned_s"].notna()]
    places = _points(frame, told)
    lead = told["threshold_s"].fillna(told["s_s"]) - told["warned_s"]
    names = drawable(told["name"], word="site")
    texts = [f"{names[name]} {_seconds(s)}" for name, s in zip(told["name"], lead, strict=True)]
    near = _points(frame, stations)
    halo = [withStroke(linewidth=2.5, foreground=look.paper)]
    label(axes, places, texts, keep_free=near, fontsize=8.5, color=look.ink, fontweight="bold", path_effects=halo)
    shown = stations[stations["station_id"].isin(held)].head(MOST_NAMED_STATIONS)
    written = drawable((name.rstrip(".") for name in shown["station_id"]), word="station")
    texts = [written[name.rstrip(".")] for name in shown["station_id"]]
    label(
        axes,
        _points(frame, shown),
        texts,
        keep_free=[*places, *near],
        fontsize=7.5,
        color=look.faint,
        path_effects=halo,
    )


def _points(frame: Frame, table: pd.DataFrame) -> list[tuple[float, float]]:
    if not len(table):
        return []
    x, y = frame.km(table["latitude"].to_numpy(float), table["longitude"].to_numpy(float))
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _seconds(value: float) -> str:
    return f"{round(value):+d} s".replace("-", "\N{MINUS SIGN}") if np.isfinite(value) else ""


def _legend(figure: Figure, view: EventView, look: Look) -> None:
    def sign(marker: str, text: str, **style: object) -> Line2D:
        return Line2D([], [], linestyle="", marker=marker, label=text, **style)  # type: ignore[arg-type]

    signs = [
        sign("o", "first epicentre", color=look.paper, markeredgecolor=look.ink, markersize=7),
        sign("*", "last epicentre", color=look.ink, markersize=12),
        *([sign("P", "true epicentre", color=look.own[0], markersize=10)] if view.truth is not None else []),
        sign("^", "station, picked", color=look.ours, markersize=8),
        sign("^", "station", color=look.paper, markeredgecolor=look.ours, markersize=7),
        sign("^", "degraded", color=look.paper, markeredgecolor=look.warn, markersize=7),
        sign("s", "site, warned", color=look.faint, markeredgecolor=look.ink, markersize=8),
        sign("o", "site", color=look.faint, markersize=5),
        Line2D([], [], color=look.warn, label="S front, blind zone"),
        Line2D([], [], color=look.ours, linestyle=(0, (5, 3)), label="P front"),
    ]
    figure.legend(handles=signs, loc="outside lower center", ncols=5, fontsize=8.5)
