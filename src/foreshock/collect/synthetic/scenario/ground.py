"""The ground under a place by its Vs30: amplification and loss as one causal filter. Knows no sources."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from foreshock.collect.synthetic import instrument, site
from foreshock.collect.synthetic.scenario.families import FAMILIES, Family
from foreshock.collect.synthetic.scenario.spectrum import even_hz
from foreshock.types.arrays import Float64

GENERIC_ROCK_M_S = 620.0
"""Vs30 of the generic rock of Boore & Joyner (1997)."""
_SLOPE_HZ = (0.01, 0.1, 0.5, 1.0, 3.0, 10.0, 50.0)
_SLOPE = (0.0, -0.6, -1.05, -1.05, -0.9, -0.6, -0.6)
"""How the logarithm of amplification falls with that of Vs30: rounded from the linear site term of Boore et al. (2014),
doi:10.1193/070113EQS184M, between 0.1 and 10 Hz."""


def transfer(family: Family, vs30_m_s: float, *, n_fft: int, rate_hz: float) -> npt.NDArray[np.complex64]:
    """Give the gain (vertical then horizontal, frequency) of the ground and of the digitiser's filter, causal."""
    return _transfer(family.name, round(vs30_m_s), n_fft, rate_hz)


@lru_cache(maxsize=64)
def _transfer(name: str, vs30_m_s: int, n_fft: int, rate_hz: float) -> npt.NDArray[np.complex64]:
    family = FAMILIES[name]
    frequency = even_hz(n_fft, rate_hz)
    gain = amplification(family, float(vs30_m_s), frequency_hz=frequency)
    clean = instrument.anti_alias(frequency, rate_hz=rate_hz)
    flat = gain * site.near_surface_loss(frequency, kappa_s=family.kappa_s) * clean
    steep = np.sqrt(gain) * site.near_surface_loss(frequency, kappa_s=0.5 * family.kappa_s) * clean
    out = site.minimum_phase(np.stack([steep, flat])).astype(np.complex64)
    out.flags.writeable = False
    return out


def amplification(family: Family, vs30_m_s: float, *, frequency_hz: Float64) -> Float64:
    """Give how much larger horizontal waves are at the surface than in the rock of the source, (frequency,)."""
    at = np.log(np.clip(frequency_hz, _SLOPE_HZ[0], None))
    slope = np.interp(at, np.log(_SLOPE_HZ), _SLOPE) * family.soil_power
    rock = site.generic_rock(frequency_hz) ** family.rock_power
    return np.asarray(rock * (vs30_m_s / GENERIC_ROCK_M_S) ** slope)
