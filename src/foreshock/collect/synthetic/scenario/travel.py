"""When and how steeply waves arrive from anywhere in a family's layers. Knows no sources and no amplitudes."""

from __future__ import annotations

import numpy as np

from foreshock.collect.synthetic import path
from foreshock.collect.synthetic.scenario.families import Family
from foreshock.types.arrays import Float64


def rays(family: Family, phase: str, *, depth_km: Float64, distance_km: Float64) -> path.Rays:
    """Trace first arrivals of P or S from depths to the surface at distances; both (ray,).

    >>> from foreshock.collect.synthetic.scenario.families import family
    >>> ray = rays(family("A"), "P", depth_km=np.array([5.0]), distance_km=np.array([0.0]))
    >>> round(float(ray.time_s[0]), 4)
    0.9091
    """
    top = family.column("top_km")
    velocity = family.column("vp_km_s" if phase == "P" else "vs_km_s")
    deep = np.maximum(depth_km, 1e-3)
    straight = path.direct(top, velocity, depth_km=deep, distance_km=distance_km)
    return path.first(straight, path.head(top, velocity, depth_km=deep, distance_km=distance_km))
