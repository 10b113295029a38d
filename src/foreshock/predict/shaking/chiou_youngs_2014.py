"""Chiou & Youngs (2014): shaking in active crust, from the rupture distance. Knows no directivity.

Earthquake Spectra 30, 1117-1153, doi:10.1193/072813EQS219M; equations 11 (rock), 12 (ground) and 13 (spread).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from foreshock.predict.shaking.basin import average_z1_km
from foreshock.predict.shaking.model import Distances, Domain, Ground, Rupture
from foreshock.predict.shaking.published import Answer, RegionalModel, Rows
from foreshock.types.arrays import Float64

C2, C4, C4A, C_RB_KM = 1.06, -2.1, -0.5, 50.0
V_ROCK_M_S = 1130.0
PHI6_M, PHI6_JAPAN_M = 300.0, 800.0


@dataclass(frozen=True, slots=True)
class ChiouYoungs2014(RegionalModel):
    """The model for one region; `region` sets the anelastic attenuation, the ground and the average basin.

    Raises:
        InputError: there is no such region.

    >>> from foreshock.predict.shaking.model import Distances, Ground, Rupture
    >>> near = Distances(np.array([10.0, 50.0]), np.array([10.0, 50.0]))
    >>> ChiouYoungs2014().predict(["PGV"], Rupture(6.0), distances=near, ground=Ground(760.0)).mean_ln.shape
    (1, 2)
    """

    key: ClassVar[str] = "chiou_youngs_2014"
    cited: ClassVar[str] = "Chiou & Youngs (2014), doi:10.1193/072813EQS219M"
    made_for: ClassVar[Domain] = Domain((3.5, 8.5), (0.0, 300.0), "active_crust", (180.0, 1500.0))
    """Magnitudes 3.5 to 8.5 (8 for reverse and normal faults), to 300 km, Vs30 180 to 1500 m/s."""

    def _answer(
        self, measures: Sequence[str], rupture: Rupture, *, distances: Distances, ground: Ground, ndim: int
    ) -> Answer:
        """The answer: rock of 1130 m/s first, then the ground, which bends it."""
        c, japan = self._rows(measures, ndim), self.region == "japan"
        ln_rock = _source(c, rupture) + self._path(c, rupture, distances) + _hanging_wall(c, rupture, distances)
        rock = np.exp(ln_rock)
        bend = _bend(c, ground)
        mean = ln_rock + _ground(c, ground, japan=japan) + bend * np.log1p(rock / c["phi_4"])
        return mean, *_spread(c, rupture, ground, softening=bend * rock / (rock + c["phi_4"]), japan=japan)

    def _path(self, c: Rows, rupture: Rupture, distances: Distances) -> Float64:
        """Near-source, far and anelastic attenuation."""
        m, far = rupture.magnitude, distances.rupture_km
        spread = C4 * np.log(far + c["c_5"] * np.cosh(c["c_6"] * np.maximum(m - c["c_hm"], 0)))
        spread = spread + (C4A - C4) * 0.5 * np.log(far**2 + C_RB_KM**2)
        per_km = c["c_gamma1"] + c["c_gamma2"] / np.cosh(np.maximum(m - c["c_gamma3"], 0))
        return np.asarray(spread + per_km * far * self._stretch(c, m))

    def _stretch(self, c: Rows, magnitude: Float64) -> Float64 | float:
        """How much faster than in California waves die out (table 3)."""
        if self.region in ("japan", "italy"):
            return np.where((magnitude > 6) & (magnitude < 6.9), c["gamma_ji"], 1.0)
        return c["gamma_c"] if self.region == "china" else 1.0


def average_top_km(magnitude: Float64, mechanism: str) -> Float64:
    """Give the average depth (km) of the top of a rupture (eq. 4-5).

    >>> round(float(average_top_km(np.array(6.0), "strike_slip")), 2)
    2.26
    """
    start, slope, bend = (2.704, 1.226, 5.849) if mechanism == "reverse" else (2.673, 1.136, 4.970)
    return np.asarray(np.maximum(start - slope * np.maximum(magnitude - bend, 0), 0) ** 2)


def _source(c: Rows, rupture: Rupture) -> Float64:
    """Mechanism, depth of the top, dip and magnitude."""
    m = rupture.magnitude
    fade = 1 / np.cosh(2 * np.maximum(m - 4.5, 0))
    faulting = {
        "reverse": c["c_1a"] + c["c_1c"] * fade,
        "normal": c["c_1b"] + c["c_1d"] * fade,
    }.get(rupture.mechanism, 0.0)
    top = np.asarray(rupture.top_km)
    deeper = np.where(np.isnan(top), 0.0, top - average_top_km(m, rupture.mechanism))
    flat = c["c_11b"] * fade * np.cos(np.radians(rupture.dip_deg)) ** 2
    size = C2 * (m - 6) + (C2 - c["c_3"]) / c["c_n"] * np.logaddexp(0, c["c_n"] * (c["c_m"] - m))
    return np.asarray(c["c_1"] + faulting + (c["c_7"] + c["c_7b"] * fade) * deeper + flat + size)


def _hanging_wall(c: Rows, rupture: Rupture, distances: Distances) -> Float64 | float:
    """Stronger above a dipping rupture."""
    across, dip = np.asarray(distances.across_km), np.radians(rupture.dip_deg)
    if not np.any((across >= 0) & (np.asarray(rupture.dip_deg) < 90)):
        return 0.0
    top = np.asarray(rupture.top_km)
    top = np.where(np.isnan(top), average_top_km(rupture.magnitude, rupture.mechanism), top)
    above = 1 - np.hypot(distances.joyner_boore_km, top) / (distances.rupture_km + 1)
    rise = c["c_9a"] + (1 - c["c_9a"]) * np.tanh(across / c["c_9b"])
    return np.where(across >= 0, c["c_9"] * np.cos(dip) * rise * above, 0.0)


def _ground(c: Rows, ground: Ground, *, japan: bool) -> Float64:
    """Linear amplification and the basin's."""
    vs30, z1 = np.asarray(ground.vs30_m_s), np.asarray(ground.z1_km)
    soft = c["phi_1jp" if japan else "phi_1"] * np.minimum(np.log(vs30 / V_ROCK_M_S), 0)
    apart_m = np.where(np.isnan(z1), 0.0, 1000 * (z1 - average_z1_km(vs30, japan=japan)))
    basin = -np.expm1(-apart_m / (PHI6_JAPAN_M if japan else PHI6_M))
    return np.asarray(soft + c["phi_5jp" if japan else "phi_5"] * basin)


def _bend(c: Rows, ground: Ground) -> Float64:
    """How strongly soft ground gives way; 0 on rock, below 0 on soil."""
    slow = np.minimum(ground.vs30_m_s, V_ROCK_M_S) - 360
    return np.asarray(c["phi_2"] * (np.exp(c["phi_3"] * slow) - np.exp(c["phi_3"] * (V_ROCK_M_S - 360))))


def _spread(c: Rows, rupture: Rupture, ground: Ground, *, softening: Float64, japan: bool) -> tuple[Float64, Float64]:
    """Between and within earthquakes; ground that gives way narrows both."""
    size = (np.clip(rupture.magnitude, 5.0, 6.5) - 5.0) / 1.5
    between = (c["tau_1"] + (c["tau_2"] - c["tau_1"]) * size) * (1 + softening)
    within = c["sigma_1"] + (c["sigma_2jp" if japan else "sigma_2"] - c["sigma_1"]) * size
    known = 0.7 if ground.measured else c["sigma_3"]
    return np.asarray(between), np.asarray(within * np.sqrt(known + (1 + softening) ** 2))
