"""Abrahamson, Silva & Kamai (2014): shaking in active crust, from the rupture distance. Knows mainshocks only.

Earthquake Spectra 30, 1025-1055, doi:10.1193/070913EQS198M. How far a place lies past a rupture's end is not asked: the
hanging wall fades with the Joyner-Boore distance, as the paper does where it is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from foreshock.predict.shaking.model import Distances, Domain, Ground, Rupture
from foreshock.predict.shaking.published import Answer, RegionalModel, Rows
from foreshock.types.arrays import Float64

V_ROCK_M_S = 1180.0
M2, N, A2_HW, PHI_AF = 5.0, 1.5, 0.2, 0.4
C4_KM = 4.5
A3, A4, A5, A7 = 0.275, -0.1, -0.41, 0.0
BASIN_M_S = (150.0, 250.0, 400.0, 700.0)
JAPAN_M_S = (150.0, 250.0, 350.0, 450.0, 600.0, 850.0, 1150.0)


@dataclass(frozen=True, slots=True)
class Abrahamson2014(RegionalModel):
    """The model for one region; `region` sets the anelastic attenuation, the ground and the average basin.

    Raises:
        InputError: there is no such region.

    >>> from foreshock.predict.shaking.model import Distances, Ground, Rupture
    >>> near = Distances(np.array([10.0, 50.0]), np.array([10.0, 50.0]))
    >>> Abrahamson2014().predict(["PGA"], Rupture(6.0), distances=near, ground=Ground(760.0)).mean_ln.shape
    (1, 2)
    """

    key: ClassVar[str] = "abrahamson_2014"
    cited: ClassVar[str] = "Abrahamson, Silva & Kamai (2014), doi:10.1193/070913EQS198M"
    made_for: ClassVar[Domain] = Domain((3.0, 8.5), (0.0, 300.0), "active_crust", (180.0, 1500.0))
    """Magnitudes 3 to 8.5, to 300 km, Vs30 180 to 1500 m/s."""

    def _answer(
        self, measures: Sequence[str], rupture: Rupture, *, distances: Distances, ground: Ground, ndim: int
    ) -> Answer:
        """The answer: rock of 1180 m/s first, then the ground, which bends it."""
        c = self._rows(measures, ndim)
        v1 = np.reshape([_stiffest(measure) for measure in measures], (len(measures), *(1,) * ndim))
        whole = _completed(rupture)
        hard = _source(c, whole, distances) + _hanging_wall(c, whole, distances)
        rock = replace(ground, vs30_m_s=V_ROCK_M_S, z1_km=np.nan)
        on_rock = np.exp(hard + self._regional(c, rock, distances, v1=v1) + _shallow(c, rock, np.ones(1), v1=v1))
        mean = hard + self._regional(c, ground, distances, v1=v1) + _shallow(c, ground, on_rock, v1=v1)
        mean = mean + self._basin(c, ground)
        return mean, *self._spread(c, rupture, distances, ground, slope=_slope(c, ground, on_rock))

    def _regional(self, c: Rows, ground: Ground, distances: Distances, *, v1: Float64) -> Float64 | float:
        """What differs from California in Taiwan, China and Japan (eq. 18-21)."""
        vs30, far = np.asarray(ground.vs30_m_s), distances.rupture_km
        if self.region == "taiwan":
            return np.asarray(c["a31"] * np.log(np.minimum(vs30, v1) / c["v_lin"]) + c["a25"] * far)
        if self.region == "china":
            return c["a28"] * far
        if self.region == "japan":
            knots = [c["a36"], c["a37"], c["a38"], np.zeros(1), c["a40"], c["a41"], c["a42"]]
            return _along(vs30, JAPAN_M_S, knots) + c["a29"] * far
        return 0.0

    def _basin(self, c: Rows, ground: Ground) -> Float64 | float:
        """Deeper or shallower than the average basin (eq. 17-19); 0 where the depth is unknown."""
        vs30, z1 = np.asarray(ground.vs30_m_s), np.asarray(ground.z1_km)
        if np.isnan(z1).all():
            return 0.0
        power, middle, slope = (2, 412.0, -5.23 / 2) if self.region == "japan" else (4, 610.0, -7.67 / 4)
        usual = np.exp(slope * np.log((vs30**power + middle**power) / (1360.0**power + middle**power))) / 1000
        deeper = np.where(np.isnan(z1), 0.0, np.log((z1 + 0.01) / (usual + 0.01)))
        return _along(vs30, BASIN_M_S, [c[f"a{k}"] for k in range(43, 47)]) * deeper

    def _spread(
        self, c: Rows, rupture: Rupture, distances: Distances, ground: Ground, *, slope: Float64
    ) -> tuple[Float64, Float64]:
        """Between (eq. 27, 31) and within (24-26, 30) earthquakes, both bent by the ground."""
        m = rupture.magnitude
        if self.region == "japan":
            phi = c["s5"] + (c["s6"] - c["s5"]) * np.clip((distances.rupture_km - 30) / 50, 0, 1)
        else:
            small, large = ("s1m", "s2m") if ground.measured else ("s1e", "s2e")
            phi = c[small] + (c[large] - c[small]) * np.clip((m - 4) / 2, 0, 1)
        tau = c["s3"] + (c["s4"] - c["s3"]) * np.clip((m - 5) / 2, 0, 1)
        rock = np.maximum(phi**2 - PHI_AF**2, 0)
        return np.asarray(tau * (1 + slope)), np.sqrt(rock * (1 + slope) ** 2 + PHI_AF**2)


def _completed(rupture: Rupture) -> Rupture:
    """The rupture with the authors' estimates of its top and width where they are not known."""
    m, dip = rupture.magnitude, np.asarray(rupture.dip_deg)
    top, width = np.asarray(rupture.top_km), np.asarray(rupture.width_km)
    usual = np.minimum(18 / np.sin(np.radians(np.maximum(dip, 1.0))), 10 ** (-1.75 + 0.45 * m))
    return replace(
        rupture,
        top_km=np.where(np.isnan(top), np.interp(m, [5.0, 7.2], [7.8, 0.0]), top),
        width_km=np.where(np.isnan(width), usual, width),
    )


def _source(c: Rows, rupture: Rupture, distances: Distances) -> Float64:
    """Magnitude and distance (eq. 2-4), mechanism (5-6) and depth of the top (16)."""
    m, far = rupture.magnitude, distances.rupture_km
    near = C4_KM - (C4_KM - 1) * np.clip(5 - m, 0, 1)
    held = np.maximum(m, M2)
    over = held - c["m1"]
    small = np.minimum(m - M2, 0)
    size = np.where(over > 0, A5, A4) * over + c["a8"] * (8.5 - held) ** 2 + c["a6"] * small + A7 * small**2
    spread = (c["a2"] + A3 * over) * 0.5 * np.log(far**2 + near**2)
    faulting = c["a12"] * np.clip(m - 4, 0, 1) if rupture.mechanism == "normal" else 0.0
    deep = c["a15"] * np.clip(np.asarray(rupture.top_km) / 20, 0, 1)
    return np.asarray(c["a1"] + size + spread + c["a17"] * far + faulting + deep)


def _hanging_wall(c: Rows, rupture: Rupture, distances: Distances) -> Float64 | float:
    """Stronger above a dipping rupture (eq. 10-15)."""
    across, dip, m = np.asarray(distances.across_km), np.asarray(rupture.dip_deg), rupture.magnitude
    if not np.any((across >= 0) & (dip < 90)):
        return 0.0
    by_dip = np.minimum(90 - dip, 60) / 45
    above = m - 6.5
    by_size = 1 + A2_HW * above - np.where(above < 0, (1 - A2_HW) * above**2, 0.0)
    over = np.maximum(np.asarray(rupture.width_km) * np.cos(np.radians(dip)), 1e-6)
    part = across / over
    along = np.where(part < 1, 0.25 + 1.5 * part - 0.75 * part**2, np.maximum(1 - (part - 1) / 2, 0))
    shallow = np.clip(1 - np.asarray(rupture.top_km) ** 2 / 100, 0, 1)
    beside = np.clip(1 - distances.joyner_boore_km / 30, 0, 1)
    return np.where((across >= 0) & (m > 5.5), c["a13"] * by_dip * by_size * along * shallow * beside, 0.0)


def _stiffest(measure: str) -> float:
    """The Vs30 (m/s) from which on ground counts as rock, by period (eq. 9); that of PGA and PGV is 1500."""
    period = float(measure[3:-1]) if measure.startswith("SA(") else 0.0
    return float(np.exp(-0.35 * np.log(np.clip(period, 0.5, 3.0) / 0.5) + np.log(1500.0)))


def _shallow(c: Rows, ground: Ground, on_rock: Float64, *, v1: Float64) -> Float64:
    """Shallow ground: linear above a velocity, yielding below it (eq. 7-8)."""
    ratio = np.minimum(ground.vs30_m_s, v1) / c["v_lin"]
    yielding = np.log((on_rock + c["c"] * ratio**N) / (on_rock + c["c"]))
    return np.where(ratio < 1, c["a10"] * np.log(ratio) + c["b"] * yielding, (c["a10"] + c["b"] * N) * np.log(ratio))


def _slope(c: Rows, ground: Ground, on_rock: Float64) -> Float64:
    """Derivative of the ground's amplification by the logarithm of motion on rock (eq. 30)."""
    ratio = np.asarray(ground.vs30_m_s) / c["v_lin"]
    bent = c["b"] * on_rock * (1 / (on_rock + c["c"] * ratio**N) - 1 / (on_rock + c["c"]))
    return np.where(ratio < 1, bent, 0.0)


def _along(vs30_m_s: Float64, knots: Sequence[float], values: Sequence[Float64]) -> Float64:
    """Linear between values at knots of Vs30, held beyond their ends."""
    every = np.eye(len(knots))
    return np.asarray(sum(value * np.interp(vs30_m_s, knots, every[k]) for k, value in enumerate(values)))
