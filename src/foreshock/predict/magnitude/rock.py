"""Rock: how much the ground near the surface amplifies S beside the rock at depth. Knows no spectra and no fits."""

from __future__ import annotations

import numpy as np

from foreshock.types.arrays import Float64

_HZ = (0.01, 0.09, 0.16, 0.51, 0.84, 1.25, 2.26, 3.17, 6.05, 16.6, 61.2)
_GAIN = (1.00, 1.10, 1.18, 1.42, 1.58, 1.74, 2.06, 2.25, 2.58, 3.13, 4.00)


def amplification(frequency_hz: Float64) -> Float64:
    """Give the amplification by generic rock, (frequency,): velocity falls towards the surface, so amplitude grows.

    Boore & Joyner 1997, BSSA 87, 327-341, table 3; between its frequencies straight in logarithms, beyond them level.

    >>> amplification(np.array([0.001, 2.26, 100.0])).round(2).tolist()
    [1.0, 2.06, 4.0]
    """
    return np.asarray(np.exp(np.interp(np.log(frequency_hz), np.log(_HZ), np.log(_GAIN))))
