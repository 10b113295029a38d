"""Motion: displacement, velocity and acceleration of raw samples by one recursive filter each. Knows no stations.

Integrals drift and are useless live; so a quantity is the samples through a high-pass whose zeros at 0 Hz are spent on
integrating: with a Butterworth of order 4, acceleration through s²/B(s) is displacement above the corner. The bilinear
transform makes second-order sections, whose state is carried: in how many pieces samples come changes nothing.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import signal

from foreshock.errors import UnitError
from foreshock.types.arrays import Float64

ORDER = 4
CORNER_HZ = 0.075
"""As users of Pd and τc have it: Wu & Kanamori (2005), BSSA 95, 347-353, doi:10.1785/0120040097."""
BAND_HZ = (1.5, 12.0)
"""Where the trigger listens: teleseisms have little there, and near earthquakes much."""
SMOOTH_SHARE = 0.4
"""A derivative is smoothed above this share of the sampling rate."""
QUANTITIES = ("displacement", "velocity", "acceleration")
UNITS = {"m": 0, "m/s": 1, "m/s2": 2}
"""How often displacement has been derived, by unit."""


@cache
def motion_sections(quantity: str, *, unit: str, rate_hz: float) -> Float64:
    """Design the sections (section, 6) from samples in a unit to a quantity, in SI units.

    Raises:
        UnitError: the unit is none of ground motion.

    >>> motion_sections("displacement", unit="m/s2", rate_hz=100.0).shape
    (2, 6)
    """
    if unit not in UNITS:
        raise UnitError(f"samples in {unit!r}", "they must be ground motion", "give the station's sensitivity")
    derive = QUANTITIES.index(quantity) - UNITS[unit]
    _, poles, _ = signal.butter(ORDER, 2 * np.pi * CORNER_HZ, "highpass", analog=True, output="zpk")
    zeros, gain = np.zeros(ORDER + derive), 1.0
    if derive > 0:
        smooth = -2 * np.pi * SMOOTH_SHARE * rate_hz
        poles, gain = np.append(poles, [smooth] * derive), (-smooth) ** derive
    digital = signal.bilinear_zpk(zeros, poles, gain, rate_hz)
    return _fixed(signal.zpk2sos(*digital))


@cache
def trigger_sections(rate_hz: float) -> Float64:
    """Design the sections of the band in which the trigger listens; a low rate listens to what it has.

    >>> trigger_sections(100.0).shape
    (2, 6)
    """
    high = min(BAND_HZ[1], 0.4 * rate_hz)
    return _fixed(signal.butter(2, (BAND_HZ[0], high), "bandpass", fs=rate_hz, output="sos"))


def _fixed(sections: Float64) -> Float64:
    out = np.ascontiguousarray(sections, np.float64)
    out.flags.writeable = False
    return out
