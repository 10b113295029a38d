"""A made-up network, the model it is associated with and the rock in which waves run. Knows no associator."""

from __future__ import annotations

import numpy as np

from foreshock.predict.travel import PRESETS, LayeredTimes, VelocityModel
from foreshock.types.station import Station

MODEL = LayeredTimes(PRESETS["iasp91_crust"], max_distance_km=300.0)
ROCK = LayeredTimes(
    VelocityModel((0.0, 3.0, 17.0, 31.0), (5.3, 6.1, 6.75, 7.7), (3.0, 3.55, 3.85, 4.25), name="slower, other layers"),
    max_distance_km=300.0,
)


def network(seed: int, *, n: int = 50, wide_km: float = 100.0) -> dict[str, Station]:
    """Stations at random in a square."""
    rng = np.random.default_rng(seed)
    lat, lon = 30 + rng.uniform(0, wide_km / 110.9, n), 100 + rng.uniform(0, wide_km / 96.3, n)
    height = rng.uniform(0, 2000, n)
    return {f"XX.S{i:02d}.": Station(f"XX.S{i:02d}.", lat[i], lon[i], height[i]) for i in range(n)}
