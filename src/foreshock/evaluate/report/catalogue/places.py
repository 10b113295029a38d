"""Places: a map with error ellipses and stations, and two cross-sections. Knows solutions and stations only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from foreshock.evaluate.report.catalogue.frame import Frame
from foreshock.evaluate.report.catalogue.noun import Sketch, counted, station_names
from foreshock.evaluate.report.style import Look, new_figure, plain_axes
from foreshock.types.arrays import Bools, Float64
from foreshock.types.solution import Solution
from foreshock.types.station import Station

SECTION = "places"
COLOURS = "viridis"
MOST_NAMES = 30
"""With more stations their names are left off the map."""
MANY = 20
"""From so many earthquakes on, the farthest of them do not widen the map."""
WIDE_IN, HIGH_IN = 6.2, (1.6, 3.2)
"""A cross-section's width, and its least and greatest height."""
MOST_ERROR_KM = 15.0
"""Longer bars of depth do not deepen a section."""
ELONGATED = 1.5
"""A swarm so many times longer than wide is cut along and across; others from west to east and south to north."""


@dataclass(frozen=True, eq=False)
class Placed:
    """Earthquakes on a plane: kilometres, half axes of ellipses, and what they are drawn with; NaN is unknown."""

    frame: Frame
    x: Float64
    y: Float64
    depth_km: Float64
    depth_error_km: Float64
    major_km: Float64
    minor_km: Float64
    turn_deg: Float64
    size: Float64


def map_of(solutions: Sequence[Solution], stations: Mapping[str, Station]) -> Sketch:
    """A map of the earthquakes, each with its 68 % ellipse, coloured by depth; and of the stations."""
    if not solutions:
        return Sketch("map", SECTION, "No earthquake was found, so there is no map.")
    placed = placed_of(solutions)
    n_ellipses = int(np.isfinite(placed.major_km).sum())
    out = ~_inside(placed, _view(placed, stations))
    words = [
        f"{counted(len(solutions), 'epicentre')} (dots, larger for larger magnitudes), {n_ellipses:,} with the ellipse "
        f"that should hold 68 %, and {counted(len(stations), 'station')} that were heard (triangles); "
        f"kilometres from {placed.frame}.",
        f"{counted(int(out.sum()), 'earthquake')} beyond the edge." if out.any() else "",
    ]
    return Sketch("map", SECTION, " ".join(filter(None, words)), partial(_map, placed, stations))


def sections_of(solutions: Sequence[Solution]) -> list[Sketch]:
    """Two cross-sections with the errors of depth; fixed depths hollow."""
    if not solutions:
        return [Sketch("section_a", SECTION, "No earthquake was found, so there is no cross-section.")]
    placed = placed_of(solutions)
    deep = np.isfinite(placed.depth_km)
    if not deep.any():
        return [Sketch("section_a", SECTION, "No earthquake has a depth, so there is no cross-section.")]
    fixed = np.array([one.depth_fixed for one in solutions], bool)
    found = []
    for letter, azimuth in zip("ab", _directions(placed), strict=True):
        caption = (
            f"Section {letter.upper()} along {azimuth:.0f}°: {counted(int(deep.sum()), 'depth')} with bars of one "
            f"standard deviation, {int((fixed & deep).sum()):,} of them given and not found (hollow)."
        )
        draw = partial(_cut, placed, fixed, azimuth)
        found.append(Sketch(f"section_{letter}", SECTION, caption, draw))
    return found


def placed_of(solutions: Sequence[Solution]) -> Placed:
    """Lay earthquakes on the plane about their middle."""
    lat = np.array([one.event.latitude for one in solutions])
    lon = np.array([one.event.longitude for one in solutions])
    frame = Frame.around(lat, lon)
    x, y = frame.km(lat, lon)
    held = [one.uncertainty for one in solutions]
    turn = np.array([np.nan if u is None else u.azimuth_deg for u in held], float) + frame.turned_deg(lat, lon)
    return Placed(
        frame,
        x,
        y,
        np.array([np.nan if one.event.depth_km is None else one.event.depth_km for one in solutions], float),
        np.array([np.nan if u is None or u.depth_km is None else u.depth_km for u in held], float),
        np.array([np.nan if u is None else u.major_km for u in held], float),
        np.array([np.nan if u is None else u.minor_km for u in held], float),
        turn,
        np.array([_size(one.event.magnitude) for one in solutions]),
    )


def _size(magnitude: float | None) -> float:
    """Area of a dot, square points."""
    return 12.0 if magnitude is None else float(np.clip(3.0 + 1.5 * magnitude, 2.5, 15.0)) ** 2


def _map(placed: Placed, stations: Mapping[str, Station], look: Look) -> Figure:
    west, east, south, north = _view(placed, stations)
    shape = float(np.clip((north - south) / (east - west), 0.45, 1.25))
    figure = new_figure(1.0 + 5.6 * shape)
    axes = figure.subplots()
    seen = np.isfinite(placed.major_km)
    ellipses = EllipseCollection(
        2 * placed.major_km[seen],
        2 * placed.minor_km[seen],
        90 - placed.turn_deg[seen],
        units="xy",
        offsets=np.column_stack([placed.x[seen], placed.y[seen]]),
        offset_transform=axes.transData,
        facecolors="none",
        edgecolors=look.faint,
        linewidths=0.8,
        alpha=_opacity(len(placed.x)),
    )
    axes.add_collection(ellipses)
    _stations(axes, placed.frame, stations, look)
    dots = axes.scatter(placed.x, placed.y, s=placed.size, **_paint(placed, look), zorder=3)
    if dots.get_array() is not None:
        figure.colorbar(dots, ax=axes, label="depth (km)", shrink=0.7, pad=0.02)
    plain_axes(axes)
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", xlabel="east (km)", ylabel="north (km)")
    return figure


def _paint(placed: Placed, look: Look) -> dict[str, Any]:
    edge: dict[str, Any] = {"linewidths": 0.5, "edgecolors": look.paper}
    if np.isfinite(placed.depth_km).all() and np.ptp(placed.depth_km) > 0:
        low, high = np.quantile(placed.depth_km, [0.01, 0.99])
        return {"c": placed.depth_km, "cmap": _colours(look), "vmin": low, "vmax": high, **edge}
    return {"color": look.ours, **edge}


def _colours(look: Look) -> LinearSegmentedColormap:
    """From shallow to deep, without the end that would vanish on the paper."""
    dark = int(look.paper[1:3], 16) < 128
    part = np.linspace(1.0, 0.3, 64) if dark else np.linspace(0.93, 0.0, 64)
    return LinearSegmentedColormap.from_list("depth", colormaps[COLOURS](part).tolist())


def _stations(axes: Axes, frame: Frame, stations: Mapping[str, Station], look: Look) -> None:
    if not stations:
        return
    x, y = _where(frame, stations)
    axes.plot(x, y, "^", color=look.warn, markersize=7, markeredgecolor=look.paper, zorder=4)
    if len(stations) <= MOST_NAMES:
        for name, east, north in zip(station_names(stations), x, y, strict=True):
            axes.annotate(
                name,
                (east, north),
                (0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=look.ink,
                zorder=5,
            )


def _where(frame: Frame, stations: Mapping[str, Station]) -> tuple[Float64, Float64]:
    held = list(stations.values())
    return frame.km([one.latitude for one in held], [one.longitude for one in held])


def _view(placed: Placed, stations: Mapping[str, Station]) -> tuple[float, float, float, float]:
    """West, east, south and north edge: all stations, all earthquakes (but for a few far ones of many), some room."""
    edge = 0.01 if len(placed.x) >= MANY else 0.0
    x, y = (np.quantile(values, [edge, 1 - edge]) for values in (placed.x, placed.y))
    if stations:
        east, north = _where(placed.frame, stations)
        x, y = np.concatenate([x, east]), np.concatenate([y, north])
    room = max(0.07 * float(max(np.ptp(x), np.ptp(y))), 1.0)
    west, east_edge, south, north_edge = x.min() - room, x.max() + room, y.min() - room, y.max() + room
    return float(west), float(east_edge), float(south), float(north_edge)


def _inside(placed: Placed, view: tuple[float, float, float, float]) -> Bools:
    west, east, south, north = view
    held: Bools = (placed.x >= west) & (placed.x <= east) & (placed.y >= south) & (placed.y <= north)
    return held


def _directions(placed: Placed) -> tuple[float, float]:
    """Azimuths of the two sections: along and across a swarm that is long, else east and north."""
    if len(placed.x) < MANY // 2:
        return 90.0, 0.0
    widths, axes = np.linalg.eigh(np.cov(np.vstack([placed.x, placed.y])))
    if widths[1] <= ELONGATED**2 * max(widths[0], 1e-12):
        return 90.0, 0.0
    along = float(np.degrees(np.arctan2(*axes[:, 1]))) % 180.0
    return along, (along + 90.0) % 180.0


def _cut(placed: Placed, fixed: Bools, azimuth_deg: float, look: Look) -> Figure:
    angle = np.radians(azimuth_deg)
    along = placed.x * np.sin(angle) + placed.y * np.cos(angle)
    left, right, top, bottom = _edges(along, placed)
    figure = new_figure(0.9 + float(np.clip(WIDE_IN * (bottom - top) / (right - left), *HIGH_IN)))
    axes = figure.subplots()
    between = np.radians(placed.turn_deg) - angle
    across_km = np.hypot(placed.major_km * np.cos(between), placed.minor_km * np.sin(between))
    axes.errorbar(
        along,
        placed.depth_km,
        yerr=np.nan_to_num(placed.depth_error_km),
        xerr=np.nan_to_num(across_km),
        fmt="none",
        ecolor=look.faint,
        elinewidth=0.8,
        alpha=_opacity(len(along)),
    )
    for kind, inside, edge in ((~fixed, look.ours, look.paper), (fixed, look.paper, look.ours)):
        x, y, size = along[kind], placed.depth_km[kind], placed.size[kind]
        axes.scatter(x, y, s=size, color=inside, edgecolors=edge, linewidths=0.6, zorder=3)
    axes.set(xlim=(left, right), ylim=(bottom, top), ylabel="depth (km)")
    plain_axes(axes)
    _name_ends(axes, azimuth_deg)
    _tell_stretch(figure, axes)
    return figure


def _edges(along: Float64, placed: Placed) -> tuple[float, float, float, float]:
    """Left, right, top and bottom edge; wide enough that depth is never drawn smaller than distance."""
    edge = 0.01 if len(along) >= MANY else 0.0
    left, right = (float(value) for value in np.quantile(along, [edge, 1 - edge]))
    bottom = float(np.nanmax(placed.depth_km + np.minimum(np.nan_to_num(placed.depth_error_km), MOST_ERROR_KM)))
    top, bottom = min(0.0, float(np.nanmin(placed.depth_km))) - 0.5, bottom * 1.05 + 0.5
    middle, half = (left + right) / 2, max(0.58 * (right - left), 0.5 * (bottom - top) * WIDE_IN / HIGH_IN[1], 1.0)
    return middle - half, middle + half, top, bottom


def _name_ends(axes: Axes, azimuth_deg: float) -> None:
    names = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
    far = round(azimuth_deg / 45) % 8
    axes.set_xlabel(f"← {names[(far + 4) % 8]}    along {azimuth_deg:.0f}° (km)    {names[far]} →")


def _tell_stretch(figure: Figure, axes: Axes) -> None:
    """Say by how much depth is drawn larger than distance; known only when all is laid out."""
    axes.set_title("depth × 1.0")
    figure.draw_without_rendering()
    box = axes.get_window_extent()
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    stretch = (box.height / abs(bottom - top)) / (box.width / abs(right - left))
    axes.set_title(
        f"depth drawn {stretch:.1f} times as large as distance" if stretch > 1.15 else "depth and distance to scale"
    )


def _opacity(n: int) -> float:
    return float(np.clip(12 / np.sqrt(max(n, 1)), 0.12, 0.9))
