"""Average depths of sediments under a place from its Vs30. Knows no model of shaking."""

from __future__ import annotations

import numpy as np

from foreshock.types.arrays import Float64


def average_z1_km(vs30_m_s: Float64, *, japan: bool = False) -> Float64:
    """Give the average depth (km) to 1.0 km/s.

    Chiou & Youngs (2014), Earthquake Spectra 30, 1117-1153, doi:10.1193/072813EQS219M, eq. 1.

    >>> round(float(average_z1_km(np.array(760.0))), 4)
    0.0413
    """
    power, middle, slope = (2, 412.39, -5.23 / 2) if japan else (4, 570.94, -7.15 / 4)
    ratio = (vs30_m_s**power + middle**power) / (1360.0**power + middle**power)
    return np.asarray(np.exp(slope * np.log(ratio)) / 1000)


def average_z25_km(vs30_m_s: Float64, *, japan: bool = False) -> Float64:
    """Give the average depth (km) to 2.5 km/s.

    Campbell & Bozorgnia (2014), Earthquake Spectra 30, 1087-1115, doi:10.1193/062913EQS175M, eq. 33-34.

    >>> round(float(average_z25_km(np.array(760.0))), 3)
    0.607
    """
    start, slope = (5.359, 1.102) if japan else (7.089, 1.144)
    return np.asarray(np.exp(start - slope * np.log(vs30_m_s)))
