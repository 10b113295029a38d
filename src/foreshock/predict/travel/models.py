"""One-dimensional models of flat layers, and presets with their sources. Knows no rays."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from foreshock.errors import InputError
from foreshock.types.arrays import Float64

MOST_LAYERS = 200


@dataclass(frozen=True, slots=True)
class VelocityModel:
    """Flat homogeneous layers; the last goes down for ever and the first up above the datum.

    Attributes:
        tops_km: depth of the top of each layer below sea level, rising from 0.
        vp_km_s, vs_km_s: velocity of each layer.
        name, source: what it is called and where it comes from.

    Raises:
        InputError: lists differ in length, tops do not rise from 0, or a velocity is not one of rock.

    >>> VelocityModel((0.0, 30.0), (6.0, 8.0), (3.5, 4.5), name="two layers").velocity_km_s("S")
    array([3.5, 4.5])
    """

    tops_km: tuple[float, ...]
    vp_km_s: tuple[float, ...]
    vs_km_s: tuple[float, ...]
    name: str = "unnamed"
    source: str = "given by the user"

    def __post_init__(self) -> None:
        lengths = (len(self.tops_km), len(self.vp_km_s), len(self.vs_km_s))
        if len(set(lengths)) != 1 or not 1 <= lengths[0] <= MOST_LAYERS:
            raise self._refused(
                f"has {lengths[0]} tops, {lengths[1]} vp and {lengths[2]} vs",
                f"they must be equally many, 1 to {MOST_LAYERS}",
                "give one of each a layer",
            )
        tops, vp, vs = (np.asarray(v, float) for v in (self.tops_km, self.vp_km_s, self.vs_km_s))
        if not (tops[0] == 0 and np.all(np.isfinite(tops)) and np.all(np.diff(tops) > 0)):
            raise self._refused(f"has layer tops {self.tops_km} km", "they must rise from 0", "sort them")
        if not (np.all((vp > 0.1) & (vp < 20)) and np.all((vs > 0.05) & (vs < vp))):
            raise self._refused(
                f"has vp {self.vp_km_s} and vs {self.vs_km_s} km/s",
                "vp must lie in 0.1..20 and vs in 0.05..vp",
                "give velocities in km/s",
            )

    def _refused(self, value: str, rule: str, remedy: str) -> InputError:
        return InputError(f"model {self.name} {value}", rule, remedy)

    def velocity_km_s(self, phase: str) -> Float64:
        """Give the velocity of each layer for phase P or S."""
        if phase not in ("P", "S"):
            raise InputError(f"phase is {phase!r}", "a model has P and S", "give 'P' or 'S'")
        return np.asarray(self.vp_km_s if phase == "P" else self.vs_km_s, float)


IASP91_CRUST = VelocityModel(
    (0.0, 20.0, 35.0),
    (5.80, 6.50, 8.04),
    (3.36, 3.75, 4.47),
    name="iasp91_crust",
    source="Kennett & Engdahl (1991), Geophys. J. Int. 105, 429-465, doi:10.1111/j.1365-246X.1991.tb06724.x",
)
SOUTHERN_CALIFORNIA = VelocityModel(
    (0.0, 5.5, 16.0, 32.0),
    (5.5, 6.3, 6.7, 7.8),
    tuple(v / 1.73 for v in (5.5, 6.3, 6.7, 7.8)),
    name="southern_california",
    source="Hadley & Kanamori (1977), as given by Hutton, Woessner & Hauksson (2010), BSSA 100, 423-446, "
    "doi:10.1785/0120090130; vp/vs 1.73",
)
PRESETS = MappingProxyType({model.name: model for model in (IASP91_CRUST, SOUTHERN_CALIFORNIA)})
"""Models by name."""
