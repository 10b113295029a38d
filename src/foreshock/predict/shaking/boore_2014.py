"""Boore, Stewart, Seyhan & Atkinson (2014): shaking in active crust, from the Joyner-Boore distance. Knows no rupture.

Earthquake Spectra 30, 1057-1085, doi:10.1193/070113EQS184M. Equation numbers are the paper's.
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

M_REF, R_REF_KM, V_REF_M_S = 4.5, 1.0, 760.0
F3_G = 0.1
V1_M_S, V2_M_S = 225.0, 300.0
EVENT_TERM = {"unknown": "e_0", "strike_slip": "e_1", "normal": "e_2", "reverse": "e_3"}
ATTENUATION = {"china": "dc_3ct", "turkey": "dc_3ct", "italy": "dc_3ij", "japan": "dc_3ij"}


@dataclass(frozen=True, slots=True)
class Boore2014(RegionalModel):
    """The model for one region; `region` sets the anelastic attenuation and the average basin.

    Raises:
        InputError: there is no such region.

    >>> from foreshock.predict.shaking.model import Distances, Ground, Rupture
    >>> near = Distances(np.array([10.0, 50.0]), np.array([10.0, 50.0]))
    >>> Boore2014().predict(["PGA"], Rupture(6.0), distances=near, ground=Ground(760.0)).mean_ln.shape
    (1, 2)
    """

    key: ClassVar[str] = "boore_2014"
    cited: ClassVar[str] = "Boore, Stewart, Seyhan & Atkinson (2014), doi:10.1193/070113EQS184M"
    made_for: ClassVar[Domain] = Domain((3.0, 8.5), (0.0, 400.0), "active_crust", (150.0, 1500.0))
    """Magnitudes 3 to 8.5 (7 for normal faults), to 400 km, Vs30 150 to 1500 m/s."""

    def _answer(
        self, measures: Sequence[str], rupture: Rupture, *, distances: Distances, ground: Ground, ndim: int
    ) -> Answer:
        """The answer (eq. 1); depths of the rupture and its dip are not used."""
        wanted, pga = self._rows(measures, ndim), self._rows(["PGA"], ndim)
        pga_rock_g = np.exp(self._rock(pga, rupture, distances))
        mean = self._rock(wanted, rupture, distances) + self._site(wanted, ground, pga_rock_g)
        return mean, _between(wanted, rupture), _within(wanted, rupture, distances, ground)

    def _rock(self, c: Rows, rupture: Rupture, distances: Distances) -> Float64:
        """Mean on rock of 760 m/s: source (eq. 2) and path (eq. 3)."""
        far = np.sqrt(distances.joyner_boore_km**2 + c["h"] ** 2)
        anelastic = c["c_3"] + (c[ATTENUATION[self.region]] if self.region in ATTENUATION else 0.0)
        spread = c["c_1"] + c["c_2"] * (rupture.magnitude - M_REF)
        path = spread * np.log(far / R_REF_KM) + anelastic * (far - R_REF_KM)
        return np.asarray(_source(c, rupture) + path)

    def _site(self, c: Rows, ground: Ground, pga_rock_g: Float64) -> Float64:
        """Linear (eq. 6), nonlinear (eq. 7-8) and basin (eq. 9-10) terms."""
        vs30 = np.asarray(ground.vs30_m_s)
        linear = c["c"] * np.minimum(np.log(vs30 / V_REF_M_S), np.log(c["V_c"] / V_REF_M_S))
        bent = np.exp(c["f_5"] * (np.minimum(vs30, V_REF_M_S) - 360)) - np.exp(c["f_5"] * (V_REF_M_S - 360))
        return np.asarray(linear + c["f_4"] * bent * np.log1p(pga_rock_g / F3_G) + self._basin(c, ground))

    def _basin(self, c: Rows, ground: Ground) -> Float64 | float:
        """Deeper or shallower than the average basin; 0 where the depth is unknown, and below 0.65 s (f_6 = -9.9)."""
        z1 = np.asarray(ground.z1_km)
        if np.isnan(z1).all():
            return 0.0
        apart = np.where(
            np.isnan(z1), 0.0, z1 - average_z1_km(np.asarray(ground.vs30_m_s), japan=self.region == "japan")
        )
        return np.where(c["f_6"] > -9, np.minimum(c["f_6"] * apart, c["f_7"]), 0.0)


def _source(c: Rows, rupture: Rupture) -> Float64:
    """Mechanism, and magnitude bent at its hinge (eq. 2)."""
    over = rupture.magnitude - c["M_h"]
    scaled = np.where(over <= 0, c["e_4"] * over + c["e_5"] * over**2, c["e_6"] * over)
    return np.asarray(c[EVENT_TERM[rupture.mechanism]] + scaled)


def _between(c: Rows, rupture: Rupture) -> Float64:
    """Between earthquakes (eq. 14)."""
    return np.asarray(c["tau_1"] + (c["tau_2"] - c["tau_1"]) * np.clip(rupture.magnitude - 4.5, 0, 1))


def _within(c: Rows, rupture: Rupture, distances: Distances, ground: Ground) -> Float64:
    """Within earthquakes (eq. 15-17): by magnitude, more far away, less on soft ground."""
    by_size = c["phi_1"] + (c["phi_2"] - c["phi_1"]) * np.clip(rupture.magnitude - 4.5, 0, 1)
    ln_far = np.log(np.maximum(distances.joyner_boore_km, 0.1))
    far = np.clip((ln_far - np.log(c["R_1"])) / np.log(c["R_2"] / c["R_1"]), 0, 1)
    soft = np.clip(np.log(V2_M_S / np.asarray(ground.vs30_m_s)) / np.log(V2_M_S / V1_M_S), 0, 1)
    return np.asarray(by_size + c["dphi_R"] * far - c["dphi_V"] * soft)
