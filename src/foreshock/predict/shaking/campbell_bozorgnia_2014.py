"""Campbell & Bozorgnia (2014): shaking in active crust, from the rupture distance. Knows no directivity.

Earthquake Spectra 30, 1087-1115, doi:10.1193/062913EQS175M. What is not known of a rupture is estimated as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from foreshock.predict.shaking.basin import average_z25_km
from foreshock.predict.shaking.chiou_youngs_2014 import average_top_km
from foreshock.predict.shaking.model import Distances, Domain, Ground, Rupture
from foreshock.predict.shaking.published import Answer, RegionalModel, Rows
from foreshock.types.arrays import Float64

C, N = 1.88, 1.18
V_ROCK_M_S = 1100.0
BOTTOM_KM = 15.0
PHI_AF = 0.3
FAR_KM = 80.0
ATTENUATION = {"china": "dc_20ch", "italy": "dc_20jp", "japan": "dc_20jp"}


@dataclass(frozen=True, slots=True)
class CampbellBozorgnia2014(RegionalModel):
    """The model for one region; `region` sets the anelastic attenuation, the ground and the average basin.

    Raises:
        InputError: there is no such region.

    >>> from foreshock.predict.shaking.model import Distances, Ground, Rupture
    >>> near = Distances(np.array([10.0, 50.0]), np.array([10.0, 50.0]))
    >>> CampbellBozorgnia2014().predict(["PGA"], Rupture(6.0), distances=near, ground=Ground(760.0)).mean_ln.shape
    (1, 2)
    """

    key: ClassVar[str] = "campbell_bozorgnia_2014"
    cited: ClassVar[str] = "Campbell & Bozorgnia (2014), doi:10.1193/062913EQS175M"
    made_for: ClassVar[Domain] = Domain((3.3, 8.5), (0.0, 300.0), "active_crust", (150.0, 1500.0))
    """Magnitudes 3.3 to 8.5 (8 for reverse, 7.5 for normal faults), to 300 km, Vs30 150 to 1500 m/s."""

    def _answer(
        self, measures: Sequence[str], rupture: Rupture, *, distances: Distances, ground: Ground, ndim: int
    ) -> Answer:
        """The answer, with the acceleration on rock asked for first."""
        wanted, pga = self._rows(measures, ndim), self._rows(["PGA"], ndim)
        whole = _completed(rupture)
        rock = replace(ground, vs30_m_s=V_ROCK_M_S, z25_km=np.nan)
        pga_hard = self._hard(pga, whole, distances)
        pga_rock_g = np.exp(pga_hard + self._ground(pga, rock, np.zeros(1)))
        mean = self._hard(wanted, whole, distances) + self._ground(wanted, ground, pga_rock_g)
        mean = _not_below(measures, mean, pga_hard + self._ground(pga, ground, pga_rock_g))
        return mean, *_spread(wanted, pga, rupture, slope=_slope(wanted, ground, pga_rock_g))

    def _hard(self, c: Rows, rupture: Rupture, distances: Distances) -> Float64:
        """Everything but the ground: source, path and hanging wall."""
        m, far = rupture.magnitude, distances.rupture_km
        spread = (c["c_5"] + c["c_6"] * m) * 0.5 * np.log(far**2 + c["c_7"] ** 2)
        anelastic = c["c_20"] + (c[ATTENUATION[self.region]] if self.region in ATTENUATION else 0.0)
        wall = _hanging_wall(c, rupture, distances)
        return np.asarray(_source(c, rupture) + spread + anelastic * np.maximum(far - FAR_KM, 0) + wall)

    def _ground(self, c: Rows, ground: Ground, pga_rock_g: Float64) -> Float64:
        """Shallow ground and sediments."""
        vs30, japan = np.asarray(ground.vs30_m_s), self.region == "japan"
        ratio = vs30 / c["k_1"]
        stiff = (c["c_11"] + c["k_2"] * N) * np.log(ratio)
        yielding = np.log((pga_rock_g + C * ratio**N) / (pga_rock_g + C))
        shallow = np.where(ratio <= 1, c["c_11"] * np.log(ratio) + c["k_2"] * yielding, stiff)
        if japan:
            very_soft = (c["c_12"] + c["k_2"] * N) * (np.log(ratio) - np.log(200 / c["k_1"]))
            shallow = shallow + np.where(vs30 <= 200, very_soft, 0) + (c["c_13"] + c["k_2"] * N) * np.log(ratio)
        z25 = np.where(np.isnan(ground.z25_km), average_z25_km(vs30, japan=japan), ground.z25_km)
        thin = (c["c_14"] + (c["c_15"] if japan else 0.0)) * np.minimum(z25 - 1, 0)
        thick = c["c_16"] * c["k_3"] * np.exp(-0.75) * -np.expm1(-0.25 * np.maximum(z25 - 3, 0))
        return np.asarray(shallow + thin + thick)


def _completed(rupture: Rupture) -> Rupture:
    """The rupture with the paper's estimates of what is not known: top, width (eq. 39) and hypocentre (eq. 35-37)."""
    m, dip = rupture.magnitude, np.asarray(rupture.dip_deg)
    upright = np.sin(np.radians(np.maximum(dip, 1.0)))
    top = _or(rupture.top_km, average_top_km(m, rupture.mechanism))
    most = np.maximum(BOTTOM_KM - top, 1.0) / upright
    width = _or(rupture.width_km, np.minimum(np.sqrt(10 ** ((m - 4.07) / 0.98)), most))
    by_size = np.minimum(-4.317 + 0.984 * m, 2.325) + np.minimum(0.0445 * (dip - 40), 0)
    below = np.minimum(by_size, np.log(0.9 * np.maximum(width * upright, 1e-3)))
    return replace(rupture, top_km=top, width_km=width, hypocentre_km=_or(rupture.hypocentre_km, top + np.exp(below)))


def _or(values: object, estimate: Float64) -> Float64:
    told = np.asarray(values, np.float64)
    return np.where(np.isnan(told), estimate, told)


def _source(c: Rows, rupture: Rupture) -> Float64:
    """Magnitude (eq. 2), mechanism (4-6), depth of the hypocentre (21-23) and dip (24)."""
    m = rupture.magnitude
    size = c["c_0"] + c["c_1"] * m
    for hinge, slope in ((4.5, "c_2"), (5.5, "c_3"), (6.5, "c_4")):
        size = size + c[slope] * np.maximum(m - hinge, 0)
    faulting = c["c_9"] * np.clip(m - 4.5, 0, 1) if rupture.mechanism == "normal" else 0.0
    deep = np.clip(np.asarray(rupture.hypocentre_km) - 7, 0, 13)
    by_depth = deep * (c["c_17"] + (c["c_18"] - c["c_17"]) * np.clip(m - 5.5, 0, 1))
    return np.asarray(size + faulting + by_depth + c["c_19"] * np.asarray(rupture.dip_deg) * np.clip(5.5 - m, 0, 1))


def _hanging_wall(c: Rows, rupture: Rupture, distances: Distances) -> Float64 | float:
    """Stronger above a dipping rupture (eq. 7-16)."""
    across, dip = np.asarray(distances.across_km), np.asarray(rupture.dip_deg)
    if not np.any((across >= 0) & (dip < 90)):
        return 0.0
    m, far, top = rupture.magnitude, distances.rupture_km, np.asarray(rupture.top_km)
    over = np.maximum(np.asarray(rupture.width_km) * np.cos(np.radians(dip)), 1e-6)
    inside, outside = across / over, (across - over) / (62 * m - 350 - over)
    along = np.where(
        across < over,
        c["h_1"] + c["h_2"] * inside + c["h_3"] * inside**2,
        np.maximum(0, 1 + c["h_5"] * outside + c["h_6"] * outside**2),
    )
    near = np.where(far > 0, (far - distances.joyner_boore_km) / np.maximum(far, 1e-9), 1.0)
    size = np.clip(m - 5.5, 0, 1) * (1 + c["a_2"] * (m - 6.5))
    shallow = np.maximum(1 - 0.06 * top, 0)
    return np.where(across >= 0, c["c_10"] * along * near * size * shallow * (90 - dip) / 45, 0.0)


def _not_below(measures: Sequence[str], mean: Float64, pga: Float64) -> Float64:
    """SA at periods below 0.25 s is never below PGA."""
    short = [name.startswith("SA(") and float(name[3:-1]) < 0.25 for name in measures]
    held = np.reshape(short, (len(measures), *(1,) * (mean.ndim - 1)))
    return np.where(held, np.maximum(mean, pga), mean)


def _slope(c: Rows, ground: Ground, pga_rock_g: Float64) -> Float64:
    """Derivative of the ground's amplification by ln PGA on rock (eq. 31)."""
    ratio = np.asarray(ground.vs30_m_s) / c["k_1"]
    bent = c["k_2"] * pga_rock_g * (1 / (pga_rock_g + C * ratio**N) - 1 / (pga_rock_g + C))
    return np.where(ratio < 1, bent, 0.0)


def _spread(c: Rows, pga: Rows, rupture: Rupture, *, slope: Float64) -> tuple[Float64, Float64]:
    """Between (eq. 27, 29) and within (28, 30) earthquakes, both bent by the ground."""
    small = np.clip(5.5 - rupture.magnitude, 0, 1)
    tau, tau_pga = (k["tau_2"] + (k["tau_1"] - k["tau_2"]) * small for k in (c, pga))
    phi, phi_pga = (k["phi_2"] + (k["phi_1"] - k["phi_2"]) * small for k in (c, pga))
    base, base_pga = np.sqrt(phi**2 - PHI_AF**2), np.sqrt(phi_pga**2 - PHI_AF**2)
    linked = 2 * slope * c["rho_lnPGAlnY"]
    between = np.sqrt(tau**2 + slope**2 * tau_pga**2 + linked * tau * tau_pga)
    within = np.sqrt(phi**2 + slope**2 * base_pga**2 + linked * base * base_pga)
    return np.asarray(between), np.asarray(within)
