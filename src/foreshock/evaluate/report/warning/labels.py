"""Labels: names beside points such that no two lie upon each other. Knows a picture's points, not what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

WAYS = (
    (7, 0, "left", "center"), (-7, 0, "right", "center"), (0, 7, "center", "bottom"), (0, -7, "center", "top"),
    (6, 6, "left", "bottom"), (-6, 6, "right", "bottom"), (6, -6, "left", "top"), (-6, -6, "right", "top"),
)  # fmt: skip
"""Points right and up, and how the text hangs there, in order of preference."""
AROUND = 5.0
"""Points that a sign takes up around its middle."""


def label(
    axes: Axes,
    places: Sequence[tuple[float, float]],
    texts: Sequence[str],
    *,
    keep_free: Sequence[Any] = (),
    **style: Any,
) -> int:
    """Write texts beside places, the first ones first; one that fits nowhere is left out. Gives how many were written.

    Call it when all else is drawn and the limits stand. `keep_free`: other places that no text may cover.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    scale = figure.dpi / 72.0
    frame = axes.get_window_extent()
    taken = [_around(axes, place, scale) for place in (*places, *keep_free)]
    written = 0
    for place, text in zip(places, texts, strict=True):
        if not text or not frame.contains(*axes.transData.transform(place)):
            continue
        for right, up, across, along in WAYS:
            drawn = axes.annotate(
                text, place, (right, up), textcoords="offset points", ha=across, va=along, zorder=8, **style
            )
            box = drawn.get_window_extent()
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            if inside and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                written += 1
                break
            drawn.remove()
    return written


def _around(axes: Axes, place: tuple[float, float], scale: float) -> Bbox:
    x, y = axes.transData.transform(place)
    half = AROUND * scale
    return Bbox.from_extents(x - half, y - half, x + half, y + half)
