"""Windows: when P and S reach a station and how far it stands away. Knows no amplitudes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.geo import inverse
from foreshock.predict.travel.table import TravelTimes
from foreshock.types.event import Event
from foreshock.types.solution import Arrival
from foreshock.types.station import Station

NEAREST_KM = 0.1
"""A station on top of its earthquake counts as so far away."""
VP_OVER_VS = 3**0.5
"""Of a Poisson solid: used where only one of P and S is known."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One station seen from the source.

    Attributes:
        epicentral_km, hypocentral_km: the latter with the source's depth and the station's height.
        p_ns, s_ns: arrivals, UTC nanoseconds; picked where there is a pick, else computed.
    """

    epicentral_km: float
    hypocentral_km: float
    p_ns: int
    s_ns: int


def reach(
    event: Event, station: Station, arrivals: Iterable[Arrival], *, travel: TravelTimes | None, default_depth_km: float
) -> Reach | str:
    """Say how far a station is and when P and S arrive there, or why nobody knows."""
    depth = default_depth_km if event.depth_km is None else event.depth_km
    away = float(inverse(event.latitude, event.longitude, station.latitude, station.longitude)[0])
    hypocentral = max(float(np.hypot(away, depth + station.elevation_m / 1000)), NEAREST_KM)
    picked = _picked(arrivals, station.station_id)
    p, s = picked.get("P"), picked.get("S")
    if p is None:
        p = _computed(event, travel, "P", away, depth) or _other(event, s, 1 / VP_OVER_VS)
    if s is None:
        s = _computed(event, travel, "S", away, depth) or _other(event, p, VP_OVER_VS)
    if p is None or s is None:
        return f"neither a pick nor a travel time tells when P and S arrive at {away:.0f} km"
    if s <= p:
        return "S comes before P"
    return Reach(away, hypocentral, p, s)


def _picked(arrivals: Iterable[Arrival], trace_id: str) -> dict[str, int]:
    """The time of each phase that counted in the location most."""
    mine = sorted((a for a in arrivals if a.pick.trace_id == trace_id), key=lambda a: (a.weight, -a.pick.time_ns))
    return {arrival.phase[:1].upper(): arrival.pick.time_ns for arrival in mine}


def _computed(event: Event, travel: TravelTimes | None, phase: str, away_km: float, depth_km: float) -> int | None:
    if travel is None:
        return None
    depth = max(depth_km, 0.0)
    time = float(travel.time_s(phase, np.array(away_km), np.array(depth)))
    return event.time_ns + round(time * NS_PER_S) if np.isfinite(time) else None


def _other(event: Event, known_ns: int | None, ratio: float) -> int | None:
    return None if known_ns is None else event.time_ns + round((known_ns - event.time_ns) * ratio)
