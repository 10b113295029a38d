"""Scattering: the random train of small arrivals that follows P and S. Knows no spectra and no stations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.types.arrays import Float32, Float64

NEAREST_LAPSE_RATIO = 1.05
"""Single scattering is infinite at the direct arrival itself; closer than this the envelope is held."""


def scattering_rate(lapse_ratio: Float32) -> Float32:
    """Give K(x) = ln((x+1)/(x-1))/x for x = lapse time / travel time; 0 before the direct wave.

    Sato (1977), doi:10.4294/jpe1952.25.27: single isotropic scattering in a body, source and receiver apart. The
    power of the scattered train is g0·v·K times the energy of the direct wave.

    >>> bool(abs(scattering_rate(np.array([2.0], np.float32))[0] - np.log(3.0) / 2) < 1e-6)
    True
    """
    x = np.maximum(lapse_ratio, np.float32(NEAREST_LAPSE_RATIO))
    rate = x + 1
    rate /= x - 1
    np.log(rate, out=rate)
    rate /= x
    rate *= lapse_ratio >= 1
    return rate


def coda_q(frequency_hz: Float64, *, q_at_1_hz: float, exponent: float) -> Float64:
    """Give the coda Q at frequencies: Q0 f^n (Aki & Chouet, 1975, doi:10.1029/JB080i023p03322)."""
    return np.asarray(q_at_1_hz * frequency_hz**exponent)


@dataclass(frozen=True)
class Scattering:
    """How one wave type is scattered on its way, (event,).

    Attributes:
        origin_s, travel_s: origin and direct arrival: seconds in the record, seconds after origin.
        rate_per_s: g0·v, the energy lost to wide-angle scattering a second.
        decay_per_s: π f / Qc, damps the wide-angle train from the direct arrival on.
        spread_s: time constant of the forward-scattered train.
        spread_fraction: share of the direct wave's energy that forward scattering has spread.
    """

    origin_s: Float64
    travel_s: Float64
    rate_per_s: Float64
    decay_per_s: Float64
    spread_s: Float64
    spread_fraction: float


def envelope(time_s: Float32, scattering: Scattering) -> Float32:
    """Give the amplitude envelope (event, time) of the scattered train of a wave of unit energy; time_s is (time,).

    Wide-angle single scattering (Sato, 1977) plus an exponential train right behind the direct wave: the broadening
    by forward scattering, whose duration grows with the way (Boore, 2003, doi:10.1007/PL00012553, path duration).
    """
    origin, travel, rate, decay, spread = (
        getattr(scattering, name).astype(np.float32)[:, None]
        for name in ("origin_s", "travel_s", "rate_per_s", "decay_per_s", "spread_s")
    )
    lapse = time_s - origin
    power = scattering_rate(lapse / travel)
    power *= rate
    late = np.subtract(lapse, travel, out=lapse)
    seen = late >= 0
    np.maximum(late, np.float32(0), out=late)
    power *= np.exp(late * (-2 * decay))
    late /= -spread
    forward = np.exp(late, out=late)
    forward *= np.float32(scattering.spread_fraction) / spread
    forward *= seen
    power += forward
    return np.asarray(np.sqrt(power, out=power), np.float32)
