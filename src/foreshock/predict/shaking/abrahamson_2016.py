"""Abrahamson, Gregor & Addo (2016): shaking of subduction zones, on the interface or in the slab. Knows no PGV.

Earthquake Spectra 32, 23-44, doi:10.1193/051712EQS188MR. In the slab the distance is that to the hypocentre, for which
the rupture distance stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from foreshock.errors import InputError
from foreshock.predict.shaking.model import Distances, Domain, Ground, Rupture
from foreshock.predict.shaking.published import Answer, PublishedModel, Rows
from foreshock.types.arrays import Float64

C, N, C4_KM, C1 = 1.88, 1.18, 10.0, 7.8
T3, T4, T5, T9 = 0.1, 0.9, 0.0, 0.4
TAU, PHI = 0.43, 0.60
V_ROCK_M_S = 1000.0
BEND_S, BEND = (0.3, 0.5, 1.0, 2.0, 3.0), (0.2, 0.1, 0.0, -0.1, -0.2)
"""Central ΔC1 of the interface by period."""
SLAB_BEND = -0.3
USUAL_DEPTH_KM = 60.0


@dataclass(frozen=True, slots=True)
class Abrahamson2016(PublishedModel):
    """The model of one kind of earthquake, ``interface`` or ``slab``, for places before or behind the volcanic arc.

    Raises:
        InputError: there is no such kind.

    >>> from foreshock.predict.shaking.model import Distances, Ground, Rupture
    >>> near = Distances(np.array([50.0, 150.0]), np.array([60.0, 155.0]))
    >>> Abrahamson2016("slab").predict(["PGA"], Rupture(7.0), distances=near, ground=Ground(760.0)).mean_ln.shape
    (1, 2)
    """

    key: ClassVar[str] = "abrahamson_2016"
    cited: ClassVar[str] = "Abrahamson, Gregor & Addo (2016), doi:10.1193/051712EQS188MR"

    kind: str = "interface"
    backarc: bool = False

    def __post_init__(self) -> None:
        if self.kind not in ("interface", "slab"):
            raise InputError(f"kind is {self.kind!r}", "the model has two", "give 'interface' or 'slab'")

    @property
    def name(self) -> str:
        """``abrahamson_2016`` with its kind."""
        return f"{self.key}({self.kind}{', backarc' if self.backarc else ''})"

    @property
    def domain(self) -> Domain:
        """The interface: magnitudes 6 to 8.4, to 300 km; the slab: 5 to 7.9; Vs30 180 to 1500 m/s."""
        sizes = (6.0, 8.4) if self.kind == "interface" else (5.0, 7.9)
        return Domain(sizes, (0.0, 300.0), self.kind, (180.0, 1500.0))

    def _answer(
        self, measures: Sequence[str], rupture: Rupture, *, distances: Distances, ground: Ground, ndim: int
    ) -> Answer:
        """The answer; a slab's depth that is not known is 60 km."""
        wanted, pga = self._rows(measures, ndim), self._rows(["PGA"], ndim)
        hard = self._hard(pga, rupture, distances, bend=self._bend(["PGA"], ndim))
        pga_rock_g = np.exp(hard + _ground(pga, np.full(1, V_ROCK_M_S), np.zeros(1)))
        mean = self._hard(wanted, rupture, distances, bend=self._bend(measures, ndim))
        mean = mean + _ground(wanted, np.asarray(ground.vs30_m_s), pga_rock_g)
        return mean, np.full(1, TAU), np.full(1, PHI)

    def _bend(self, measures: Sequence[str], ndim: int) -> Float64:
        """ΔC1: where magnitude begins to matter less, by period."""
        periods = [float(name[3:-1]) if name.startswith("SA(") else 0.01 for name in measures]
        interface = np.interp(np.log(periods), np.log(BEND_S), BEND)
        bend = interface if self.kind == "interface" else np.full(len(measures), SLAB_BEND)
        return np.reshape(bend, (len(measures), *(1,) * ndim))

    def _hard(self, c: Rows, rupture: Rupture, distances: Distances, *, bend: Float64) -> Float64:
        """Everything but the ground (eq. 1-4)."""
        m, far, slab = rupture.magnitude, distances.rupture_km, self.kind == "slab"
        spread = c["t_2"] + T3 * (m - C1) + (c["t_14"] if slab else 0.0)
        path = spread * np.log(far + C4_KM * np.exp(T9 * (m - 6))) + c["t_6"] * far
        over = m - (C1 + bend)
        size = np.where(over <= 0, T4, T5) * over + c["t_13"] * (10 - m) ** 2
        behind = self._behind(c, far) if self.backarc else 0.0
        return np.asarray(c["t_1"] + T4 * bend + path + size + behind + (_slab(c, rupture) if slab else 0.0))

    def _behind(self, c: Rows, far_km: Float64) -> Float64:
        """Weaker behind the volcanic arc (eq. 4)."""
        if self.kind == "slab":
            return np.asarray(c["t_7"] + c["t_8"] * np.log(np.maximum(far_km, 85) / 40))
        return np.asarray(c["t_15"] + c["t_16"] * np.log(np.maximum(far_km, 100) / 40))


def _slab(c: Rows, rupture: Rupture) -> Float64:
    """The slab's constant, and depth (eq. 3)."""
    deep = np.asarray(rupture.hypocentre_km)
    deep = np.where(np.isnan(deep), USUAL_DEPTH_KM, np.minimum(deep, 120.0))
    return np.asarray(c["t_10"] + c["t_11"] * (deep - 60))


def _ground(c: Rows, vs30_m_s: Float64, pga_rock_g: Float64) -> Float64:
    """Shallow ground: linear above a velocity, yielding below it (eq. 5)."""
    ratio = np.minimum(vs30_m_s, V_ROCK_M_S) / c["v_lin"]
    yielding = np.log((pga_rock_g + C * ratio**N) / (pga_rock_g + C))
    linear = (c["t_12"] + c["b"] * N) * np.log(ratio)
    return np.where(vs30_m_s < c["v_lin"], c["t_12"] * np.log(ratio) + c["b"] * yielding, linear)
