"""What an adversary is given and what it leaves behind. Knows no adversary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from foreshock.collect.synthetic.scenario.arriving import Sending
from foreshock.collect.synthetic.scenario.families import Family
from foreshock.collect.synthetic.scenario.networks import Net
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings
from foreshock.collect.synthetic.scenario.waves import Span
from foreshock.types.arrays import Float32, Float64, Ints

Facts: TypeAlias = dict[str, float | int | str | list[str]]
"""What can be told of a disturbance: plain values with units in the names."""


@dataclass(frozen=True, eq=False)
class Stage:
    """Where a disturbance happens: the network, its samples, and when in them it begins."""

    settings: ScenarioSettings
    net: Net
    family: Family
    span: Span
    at_s: float

    @property
    def at(self) -> int:
        """The sample at which it begins."""
        return round(self.at_s * self.span.rate_hz)

    @property
    def time_s(self) -> Float32:
        """Seconds of every sample after it begins, (time,)."""
        return (np.arange(self.span.n_samples) / self.span.rate_hz - self.at_s).astype(np.float32)

    def offsets_km(self) -> tuple[Float64, Float64]:
        """Stations east and north of the network's middle, km, flat."""
        places, settings = self.net.places, self.settings
        east = (places.longitude - settings.longitude + 180) % 360 - 180
        return 111.195 * east * np.cos(np.radians(settings.latitude)), 111.195 * (places.latitude - settings.latitude)

    def some(self, rng: np.random.Generator, *, least: int, most: int) -> Ints:
        """Numbers of a few stations, drawn."""
        n = int(rng.integers(least, max(least, most) + 1))
        return np.sort(rng.permutation(len(self.net))[: min(n, len(self.net))])

    def names(self, stations: Ints) -> list[str]:
        """What those stations are called."""
        return [self.net.ids[k] for k in stations]

    def until(self, seconds: float) -> int:
        """The sample so many seconds after it begins, at most one past the last."""
        return min(self.span.n_samples, self.at + round(seconds * self.span.rate_hz))


WaveformAdversary: TypeAlias = Callable[[Float32, Stage, np.random.Generator], Facts]
"""Changes acceleration with offsets (station, Z N E, time), m/s2, in place."""
PacketAdversary: TypeAlias = Callable[[list[Sending], Stage, np.random.Generator], Facts]
"""Changes the stations' packets, in place."""
