"""When P and S reach places, and within what distance no warning is in time. Knows no strength of shaking.

Whether P alone can be strong enough is told by `P_SHARE`: its horizontal motion over that of S, from the envelopes of
Cua (2005, PhD thesis, Caltech) on rock for M 6 at 30 km.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from foreshock.errors import InputError
from foreshock.predict.shaking.posterior import SourcePosterior
from foreshock.predict.travel import TravelTimes
from foreshock.types.arrays import Float64

P_SHARE = MappingProxyType({"PGV": 0.2, "PGA": 0.4})
"""Horizontal motion of P over that of S."""
FINEST_KM = 0.1


def onset_s(phase: str, source: SourcePosterior, distance_km: Float64, *, travel: TravelTimes) -> Float64:
    """Give the first arrival of a phase from every sample at places so far (sample, place), in s after the origin time.

    NaN beyond the travel-time tables.
    """
    depth = np.broadcast_to(np.asarray(source.depth_km)[:, None], distance_km.shape)
    return np.asarray(travel.time_s(phase, distance_km, depth) + np.asarray(source.origin_shift_s)[:, None])


def weighted_quantiles(values: Float64, levels: Float64, *, weight: Float64) -> Float64:
    """Give quantiles over weighted samples, (level, place) of values (sample, place).

    NaN samples do not count; where they hold half of the weight or more the answer is NaN.

    >>> weighted_quantiles(np.array([[1.0], [3.0]]), np.array([0.5]), weight=np.array([0.5, 0.5])).tolist()
    [[2.0]]
    """
    order = np.argsort(values, axis=0)  # NaN come last
    rising = np.take_along_axis(values, order, 0)
    heavy = np.where(np.isnan(rising), 0.0, weight[order])
    total = heavy.sum(0)
    middle = (np.cumsum(heavy, axis=0) - heavy / 2) / np.maximum(total, 1e-300)
    filled = np.where(np.isnan(rising), np.nanmax(rising, axis=0, initial=-np.inf), rising)
    columns = [np.interp(levels, m, v) for m, v in zip(middle.T, filled.T, strict=True)]
    return np.asarray(np.where(total <= 0.5, np.nan, np.transpose(columns)))


def blind_radius_km(after_origin_s: float, *, depth_km: float, travel: TravelTimes) -> float:
    """Give the epicentral distance within which S has come before a warning that is heard so long after the origin.

    0 where S has not yet reached the ground; the tables' end where it has left them.

    Raises:
        InputError: the time is not a number, or the source lies outside the tables.

    >>> from foreshock.predict.travel import LayeredTimes, VelocityModel
    >>> travel = LayeredTimes(VelocityModel((0.0,), (6.0,), (3.5,)))
    >>> round(blind_radius_km(10.0, depth_km=10.0, travel=travel), 1)  # √((3.5 · 10)² − 10²)
    33.5
    """
    if not np.isfinite(after_origin_s):
        raise InputError(f"time is {after_origin_s} s", "it must be a number", "give seconds after the origin")
    if not np.isfinite(travel.time_s("S", np.zeros(1), np.full(1, depth_km)))[0]:
        raise InputError(f"depth is {depth_km} km", f"tables reach {travel.max_depth_km} km", "take deeper tables")
    low, high = 0.0, travel.max_distance_km
    if _s_at(low, depth_km, travel) > after_origin_s:
        return 0.0
    while high - low > FINEST_KM / 2:
        middle = (low + high) / 2
        low, high = (middle, high) if _s_at(middle, depth_km, travel) <= after_origin_s else (low, middle)
    return (low + high) / 2 if high < travel.max_distance_km else high


def _s_at(distance_km: float, depth_km: float, travel: TravelTimes) -> float:
    return float(travel.time_s("S", np.array([distance_km]), np.array([depth_km]))[0])
