"""Two families of source, path and site: one to fit to, one held out. Knows no waveforms.

Family A may be read by whatever fits or trains; family B differs from it in every part and is only scored against.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from pydantic import Field

from foreshock.collect.synthetic.settings import Layer
from foreshock.config import Settings
from foreshock.errors import ConfigError, nearest
from foreshock.types.arrays import Float64

FamilyName = Literal["A", "B"]


def _layers(tops_km: tuple[float, ...], vp_km_s: tuple[float, ...], *, vp_over_vs: float) -> tuple[Layer, ...]:
    """Layers with one vp/vs; density by Gardner, Gardner & Gregory (1974), doi:10.1190/1.1440465: 1741 vp^0.25."""
    return tuple(
        Layer(top_km=top, vp_km_s=vp, vs_km_s=vp / vp_over_vs, density_kg_m3=round(1741 * vp**0.25))
        for top, vp in zip(tops_km, vp_km_s, strict=True)
    )


SOUTHERN_CALIFORNIA = _layers((0.0, 5.5, 16.0, 32.0), (5.5, 6.3, 6.7, 7.8), vp_over_vs=1.73)
"""Hadley & Kanamori (1977), as given by Hutton, Woessner & Hauksson (2010), doi:10.1785/0120090130; vp/vs 1.73."""
OTHER_CRUST = _layers((0.0, 2.0, 5.0, 9.0, 14.0, 20.0, 34.0), (4.8, 5.4, 5.9, 6.1, 6.3, 6.5, 7.5), vp_over_vs=1.76)
"""Invented: some 4 % slower than the other on average, rising in more and smaller steps."""


class Family(Settings):
    """How earthquakes break, how waves travel and what the ground does, in numbers; each names its unit.

    >>> family("A").layers[0].vp_km_s, family("B").layers[0].vp_km_s
    (5.5, 4.8)
    """

    name: FamilyName
    layers: tuple[Layer, ...] = Field(min_length=1, max_length=50)
    stress_drop_mpa: float = Field(gt=0, le=1000, description="median")
    stress_drop_sigma_ln: float = Field(ge=0, le=2)
    p_corner_ratio: float = Field(ge=0.5, le=3, description="P over S corner frequency")
    rupture_over_vs: float = Field(gt=0.1, lt=1, description="rupture velocity over shear velocity")
    patch_km: float = Field(gt=0.2, le=20, description="side of a sub-source")
    slip_sigma_ln: float = Field(ge=0, le=2, description="of the slip of one sub-source about the taper")
    nucleation_km: float = Field(ge=0, le=50, description="slip grows from a third to the whole over this distance")
    coherent_below_hz: float = Field(gt=0, le=20, description="waves are pulses below, noise with an envelope above")
    q_s_at_1_hz: float = Field(gt=0, le=10_000)
    q_exponent: float = Field(ge=0.2, le=0.95)
    q_p_over_q_s: float = Field(gt=0, le=10)
    spreading_power: float = Field(ge=0.5, le=2, description="amplitude falls as distance to this power")
    far_spreading_power: float = Field(ge=0, le=2, description="the same beyond the crossover")
    crossover_km: float = Field(gt=1, le=1000)
    kappa_s: float = Field(ge=0, le=0.2)
    rock_power: float = Field(ge=0, le=2, description="of generic rock's amplification")
    soil_power: float = Field(ge=0, le=2, description="of what Vs30 changes of it")
    p_scatter_s: float = Field(gt=0, le=10, description="time constant of the energy of P, plus")
    s_scatter_s: float = Field(gt=0, le=10, description="the same of S")
    scatter_s_per_km: float = Field(ge=0, le=1, description="so much for each km of way")
    coda_share: float = Field(ge=0, le=0.9, description="of the energy, with a longer time constant")
    coda_s: float = Field(gt=0, le=60)
    path_sigma_ln: float = Field(ge=0, le=2, description="of a path's amplitude, for P and S each")
    site_sigma_ln: float = Field(ge=0, le=2, description="of a station's amplitude, for all waves")

    def column(self, name: str) -> Float64:
        """One column of the layers: ``top_km``, ``vp_km_s``, ``vs_km_s`` or ``density_kg_m3``."""
        return np.array([getattr(layer, name) for layer in self.layers], float)

    def at_depth(self, name: str, depth_km: Float64) -> Float64:
        """A column's value at depths (…,)."""
        row = np.searchsorted(self.column("top_km"), depth_km, side="right") - 1
        return np.asarray(self.column(name)[np.maximum(row, 0)])


_A = Family(
    name="A",
    layers=SOUTHERN_CALIFORNIA,
    stress_drop_mpa=10.0,
    stress_drop_sigma_ln=0.5,
    p_corner_ratio=1.0,
    rupture_over_vs=0.8,
    patch_km=1.5,
    slip_sigma_ln=0.5,
    nucleation_km=0.0,
    coherent_below_hz=0.4,
    q_s_at_1_hz=180.0,
    q_exponent=0.45,
    q_p_over_q_s=1.5,
    spreading_power=1.0,
    far_spreading_power=0.5,
    crossover_km=50.0,
    kappa_s=0.035,
    rock_power=1.0,
    soil_power=1.0,
    p_scatter_s=0.7,
    s_scatter_s=0.5,
    scatter_s_per_km=0.02,
    coda_share=0.15,
    coda_s=7.0,
    path_sigma_ln=0.4,
    site_sigma_ln=0.3,
)
_B = Family(
    name="B",
    layers=OTHER_CRUST,
    stress_drop_mpa=14.0,
    stress_drop_sigma_ln=0.6,
    p_corner_ratio=1.5,
    rupture_over_vs=0.7,
    patch_km=2.2,
    slip_sigma_ln=0.8,
    nucleation_km=6.0,
    coherent_below_hz=0.8,
    q_s_at_1_hz=120.0,
    q_exponent=0.6,
    q_p_over_q_s=1.2,
    spreading_power=1.1,
    far_spreading_power=0.5,
    crossover_km=70.0,
    kappa_s=0.045,
    rock_power=1.2,
    soil_power=0.8,
    p_scatter_s=0.25,
    s_scatter_s=0.35,
    scatter_s_per_km=0.03,
    coda_share=0.25,
    coda_s=5.0,
    path_sigma_ln=0.5,
    site_sigma_ln=0.4,
)
FAMILIES: Mapping[str, Family] = MappingProxyType({one.name: one for one in (_A, _B)})


def family(name: str) -> Family:
    """Look a family up.

    Raises:
        ConfigError: there is no such family.
    """
    if name not in FAMILIES:
        raise ConfigError(f"family {name!r}", "it is not known", nearest(name, FAMILIES))
    return FAMILIES[name]
