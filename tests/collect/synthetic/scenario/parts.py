"""Events, places and spans that several tests need."""

from __future__ import annotations

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.scenario.events import make_event
from foreshock.collect.synthetic.scenario.rupture import TrueEvent
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings
from foreshock.collect.synthetic.scenario.waves import Places, Span
from foreshock.collect.synthetic.stations import destination

BEFORE_S = 5.0


def an_event(magnitude: float, *, seed: int = 0, depth_km: float = 9.0, family: str = "A") -> TrueEvent:
    settings = ScenarioSettings(family=family, seed=seed)  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    return make_event(
        "e", 0, place=(35.0, -118.0), depth_km=depth_km, magnitude=magnitude, settings=settings, number=seed, rng=rng
    )


def places_at(distance_km: list[float] | np.ndarray, *, seed: int = 0, vs30_m_s: float = 760.0) -> Places:
    n, rng = len(distance_km), np.random.default_rng(seed)
    latitude, longitude = destination(
        np.full(n, 35.0),
        np.full(n, -118.0),
        azimuth_deg=rng.uniform(0, 360, n),
        distance_km=np.asarray(distance_km, float),
    )
    return Places(latitude, longitude, np.full(n, vs30_m_s), np.zeros(n))


def a_span(seconds: float = 80.0) -> Span:
    return Span(-round(BEFORE_S * NS_PER_S), round(seconds * 100), 100.0)
