"""Polarisation: the principal axes of particle motion of three components. Knows nothing about phases or arrivals.

The axis of largest motion is taken by its upward end, so for P it points where the wave travels (Jurkevics 1988).
"""

from __future__ import annotations

import numpy as np

from foreshock.features.feature import Feature
from foreshock.features.layout import Layout
from foreshock.features.masked import Mask, centred, ratio, root
from foreshock.types.arrays import Float64

_JURKEVICS = "Jurkevics (1988), doi:10.1785/BSSA0780051725"

FEATURES = (
    Feature(
        "rectilinearity",
        "1",
        "How linear the motion is: 1 on a line, 0 in a ball.",
        "1 − (λ₂+λ₃)/(2λ₁)",
        _JURKEVICS,
        "polarisation",
    ),
    Feature(
        "planarity",
        "1",
        "How planar the motion is: 1 in a plane, 0 in a ball.",
        "1 − 2λ₃/(λ₁+λ₂)",
        _JURKEVICS,
        "polarisation",
    ),
    Feature(
        "linearity_flinn",
        "1",
        "Linearity by the two largest axes.",
        "1 − √(λ₂/λ₁)",
        "Flinn (1965), doi:10.1109/PROC.1965.4462; Montalbetti & Kanasewich (1970), "
        "doi:10.1111/j.1365-246X.1970.tb01771.x",
        "polarisation",
    ),
    Feature(
        "azimuth",
        "deg",
        "Direction, from north over east, of the upward end of the principal axis; 0 to 360. Needs Z, N and E.",
        "atan2(u_E, u_N), u_Z ≥ 0",
        _JURKEVICS,
        "polarisation",
    ),
    Feature(
        "incidence",
        "deg",
        "Angle of the principal axis from the vertical; 0 to 90.",
        "arccos |u_Z|",
        _JURKEVICS,
        "polarisation",
    ),
    Feature(
        "vertical_to_horizontal",
        "1",
        "RMS of the vertical over the RMS of both horizontals.",
        "√(C_ZZ/(C_NN+C_EE))",
        "definition",
        "polarisation",
    ),
)


def measure(x: Float64, valid: Mask, layout: Layout) -> dict[str, Float64]:
    """Axes of particle motion of windows (…, channel, time); all NaN without a vertical and two horizontals."""
    axes = _axes(layout)
    if axes is None or not x.shape[-1]:
        return {one.name: np.full(x.shape[:-2], np.nan) for one in FEATURES}
    together = None if valid is None else np.broadcast_to(valid[..., axes, :].all(-2, keepdims=True), x.shape)
    y = centred(x, together)[..., axes, :]
    matrix = y @ np.swapaxes(y, -1, -2)
    lengths, vectors = np.linalg.eigh(matrix)
    third, second, first = (np.maximum(lengths[..., k], 0.0) for k in range(3))
    first = np.where(first > _rounding(x), first, 0.0)
    up = vectors[..., :, 2] * np.where(vectors[..., :1, 2] < 0, -1.0, 1.0)
    known = first > 0
    azimuth = np.degrees(np.arctan2(up[..., 2], up[..., 1])) % 360.0
    return {
        "rectilinearity": 1 - ratio(second + third, 2 * first),
        "planarity": np.where(known, 1 - ratio(2 * third, first + second), np.nan),
        "linearity_flinn": 1 - root(ratio(second, first)),
        "azimuth": np.where(known & (set(layout.components) >= set("ZNE")), azimuth, np.nan),
        "incidence": np.where(known, np.degrees(np.arccos(np.clip(up[..., 0], 0.0, 1.0))), np.nan),
        "vertical_to_horizontal": np.where(
            known, root(ratio(matrix[..., 0, 0], matrix[..., 1, 1] + matrix[..., 2, 2])), np.nan
        ),
    }


def _axes(layout: Layout) -> list[int] | None:
    """Channels of the vertical, north-like and east-like components."""
    for trio in ("ZNE", "Z12", "Z23", "ZRT"):
        if set(trio) <= set(layout.components):
            return [layout.components.index(letter) for letter in trio]
    return None


def _rounding(x: Float64) -> Float64:
    """Largest eigenvalue that rounding alone can make (…)."""
    size = np.abs(x).max((-1, -2))
    return np.asarray(x.shape[-1] * (4 * np.finfo(float).eps * size) ** 2)
