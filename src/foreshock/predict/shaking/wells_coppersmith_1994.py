"""Wells & Coppersmith (1994): length and width of a rupture from its magnitude. Knows no place and no depth.

BSSA 84, 974-1002, doi:10.1785/BSSA0840040974, table 2A: subsurface rupture length and down-dip width.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from foreshock.errors import InputError, nearest
from foreshock.types.arrays import Float64

LENGTH = MappingProxyType(
    {"strike_slip": (-2.57, 0.62), "reverse": (-2.42, 0.58), "normal": (-1.88, 0.50), "unknown": (-2.44, 0.59)}
)
"""log10 of the length in km is a + b M: (a, b) by mechanism."""
WIDTH = MappingProxyType(
    {"strike_slip": (-0.76, 0.27), "reverse": (-1.61, 0.41), "normal": (-1.14, 0.35), "unknown": (-1.01, 0.32)}
)
"""log10 of the width in km is a + b M: (a, b) by mechanism."""


def rupture_size_km(magnitude: npt.ArrayLike, *, mechanism: str = "unknown") -> tuple[Float64, Float64]:
    """Give the median length and width (km) of ruptures of a magnitude, arrays of its shape.

    Raises:
        InputError: there is no such mechanism.

    >>> [round(float(v), 1) for v in rupture_size_km(7.0)]
    [49.0, 17.0]
    """
    if mechanism not in LENGTH:
        raise InputError(f"mechanism is {mechanism!r}", "it is not known", nearest(mechanism, LENGTH))
    size = np.asarray(magnitude, float)
    (a, b), (c, d) = LENGTH[mechanism], WIDTH[mechanism]
    return np.asarray(10 ** (a + b * size)), np.asarray(10 ** (c + d * size))
