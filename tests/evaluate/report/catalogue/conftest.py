"""Catalogues of any size, at any place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Arrival, Magnitude, Solution, Uncertainty
from foreshock.types.station import Station

START_NS = utc_ns("2021-06-01T00:00:00Z")
Network = Mapping[str, Station]


@pytest.fixture
def network() -> Callable[..., Network]:
    """Stations about a place, across the date line where it lies there."""

    def made(*names: str, latitude: float = 30.0, longitude: float = 100.0) -> Network:
        rng = np.random.default_rng(1)
        return {
            name: Station(name, latitude + rng.uniform(-0.4, 0.4), wrapped(longitude + rng.uniform(-0.4, 0.4)))
            for name in names or ("XX.A.", "XX.B.", "XX.C.00")
        }

    return made


@pytest.fixture
def catalogue() -> Callable[..., list[Solution]]:
    """Earthquakes about a place, with arrivals at the stations."""

    def made(n: int, stations: Network, *, latitude: float = 30.0, longitude: float = 100.0) -> list[Solution]:
        rng = np.random.default_rng(2)
        return [solution(k, stations, latitude, longitude, rng) for k in range(n)]

    return made


def solution(k: int, stations: Network, latitude: float, longitude: float, rng: np.random.Generator) -> Solution:
    """One earthquake; some have no magnitude, some no depth of their own, some no uncertainty."""
    time_ns = START_NS + k * 60 * NS_PER_S
    size = None if k % 10 == 9 else round(1.0 + rng.exponential(0.4343), 2)
    event = Event(
        f"e{k}",
        time_ns,
        latitude + rng.normal(0, 0.05),
        wrapped(longitude + rng.normal(0, 0.05)),
        depth_km=float(rng.uniform(3, 12)),
        magnitude=size,
        magnitude_type=None if size is None else "ML",
    )
    arrivals = tuple(
        Arrival(pick(name, phase, time_ns + (3 + j) * NS_PER_S), phase, 20.0, 45.0, float(rng.normal(0, 0.1)), 1.0)
        for j, name in enumerate(stations)
        for phase in ("P", "S")
    )
    known = None if k % 20 == 19 else Uncertainty(1.5, 0.5, 30.0, 0.1, 120.0, 0.1, "B", None if k % 7 == 6 else 2.0)
    sizes = () if size is None else (Magnitude("ML", size, 0.1, 3, "x"), Magnitude("Mw", size + 0.5, None, 1, "x"))
    return Solution(event, arrivals, known, depth_fixed=k % 7 == 6, model="x", magnitudes=sizes)


def pick(name: str, phase: str, time_ns: int) -> Pick:
    """A pick."""
    return Pick(name, phase, time_ns, 0.9, 0.05, time_ns + NS_PER_S)


def wrapped(longitude: float) -> float:
    """Within -180..180."""
    return (longitude + 180) % 360 - 180
