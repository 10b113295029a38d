"""From a hypocentre to distances: a point up to M 6, above that an upright rupture whose strike nobody knows.

The rupture has the length and width of Wells & Coppersmith (1994) and the hypocentre in its middle, but for its top,
which does not rise above the ground. Between M 6 and 6.5 it grows from a point to that size, so that nothing leaps.
Distances are means over all strikes. Knows no model of shaking.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foreshock.predict.shaking.model import Distances, Rupture
from foreshock.predict.shaking.wells_coppersmith_1994 import rupture_size_km
from foreshock.types.arrays import Float64

POINT_TO_M, FULL_FROM_M = 6.0, 6.5
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


def from_hypocentre(
    magnitude: npt.ArrayLike,
    epicentral_km: npt.ArrayLike,
    *,
    depth_km: npt.ArrayLike,
    mechanism: str = "unknown",
) -> tuple[Rupture, Distances]:
    """Give the rupture and how far places are from it; the three arrays broadcast.

    The mean Joyner-Boore distance is exact; the rupture distance is the hypotenuse of it and of the top's depth.

    >>> _, far = from_hypocentre(5.0, 30.0, depth_km=40.0)
    >>> float(far.joyner_boore_km), float(far.rupture_km)
    (30.0, 50.0)
    """
    half_km, width_km, top_km = upright(magnitude, depth_km=depth_km, mechanism=mechanism)
    near = mean_distance_km(np.asarray(epicentral_km, float), half_length_km=half_km)
    rupture = Rupture(
        np.asarray(magnitude, float),
        mechanism,
        top_km=top_km,
        width_km=width_km,
        hypocentre_km=np.asarray(depth_km, float),
    )
    return rupture, Distances(near, np.hypot(near, top_km))


def upright(
    magnitude: npt.ArrayLike, *, depth_km: npt.ArrayLike, mechanism: str = "unknown"
) -> tuple[Float64, Float64, Float64]:
    """Give half the length, the width and the depth of the top (km) of the rupture about a hypocentre."""
    length, width = rupture_size_km(magnitude, mechanism=mechanism)
    grown = np.clip((np.asarray(magnitude, float) - POINT_TO_M) / (FULL_FROM_M - POINT_TO_M), 0, 1)
    top = np.maximum(np.asarray(depth_km, float) - width * grown / 2, 0)
    return length * grown / 2, width * grown, top


def mean_distance_km(epicentral_km: Float64, *, half_length_km: Float64) -> Float64:
    """Give the mean over all strikes of the distance to a line about the epicentre; arrays broadcast.

    Nearer than half the length h it is 2/π of the epicentral distance r. Beyond, places past an end are at
    √(r² + h² − 2 r h cos θ) from it, an elliptic integral, and those beside the line bring h.

    >>> round(float(mean_distance_km(np.array(10.0), half_length_km=np.array(10.0))), 4)
    6.3662
    """
    far, half = np.broadcast_arrays(np.asarray(epicentral_km, float), np.asarray(half_length_km, float))
    out = np.where(far <= half, 2 / np.pi * far, far)
    beyond = (half > 0) & (far > half)
    out[beyond] = _beyond(far[beyond], half[beyond])
    return out


def _beyond(far: Float64, half: Float64) -> Float64:
    """The integral by Gauss and Legendre, good to 1e-7 of the distance; closed forms lose all digits near r = h."""
    r, h = far[..., None], half[..., None]
    limit = np.arccos(h / r)
    past_the_end = np.sqrt((r - h) ** 2 + 4 * r * h * np.sin(limit * (NODES + 1) / 4) ** 2)
    return np.asarray(2 / np.pi * ((past_the_end * WEIGHTS).sum(-1) * limit[..., 0] / 2 + half))
