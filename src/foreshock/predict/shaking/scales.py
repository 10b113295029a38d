"""Scales of intensity as a forecast needs them: from predicted motion with its spread, and back. Knows no records.

What instruments say of a record stands in `jma` and `gbt_17742_2020`; here a model's peak (a median over the directions
of the horizontals) stands for the scale's own, which is somewhat larger; no factor is applied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from foreshock.errors import InputError, nearest
from foreshock.predict.shaking.coefficients import coefficients
from foreshock.predict.shaking.worden_2012 import HIGHEST, LINES, LOWEST, bare_mmi, ln_motion_si
from foreshock.types.arrays import Float64

LN_10 = float(np.log(10))


@dataclass(frozen=True, slots=True)
class Scale:
    """Intensity from the logarithm of a predicted measure in SI units.

    Attributes:
        name: as in the columns of a sites file: ``mmi``, ``jma``, ``csis``. measure: ``PGV`` or ``PGA``.
        source: authors, year and DOI. lowest, highest: ends of the scale. sigma: spread about the line.
        of: intensity of the logarithm, rising, not held to the scale. back: the logarithm of an intensity.
    """

    name: str
    measure: str
    source: str
    lowest: float
    highest: float
    sigma: float
    of: Callable[[Float64], Float64]
    back: Callable[[Float64], Float64]


def _line(
    name: str, measure: str, source: str, *, ends: tuple[float, float], sigma: float, line: tuple[float, float]
) -> Scale:
    """A straight line: intensity is a + b log10 of the measure."""
    a, b = line
    return Scale(name, measure, source, *ends, sigma, lambda ln: a + b / LN_10 * ln, lambda i: (i - a) * LN_10 / b)


def _worden(measure: str) -> Scale:
    return Scale(
        "mmi",
        measure,
        "Worden et al. (2012), doi:10.1785/0120110156",
        LOWEST,
        HIGHEST,
        LINES[measure].sigma,
        lambda ln: bare_mmi(measure, ln),
        lambda i: ln_motion_si(measure, i),
    )


_MIDORIKAWA = "Midorikawa, Fujimoto & Muramatsu (1999), J. Inst. Social Safety Sci. 1, 51-56: PGV in cm/s"
_STANDARD = "GB/T 17742-2020, which gives no spread"
_KNOWN = (
    _worden("PGV"),
    _worden("PGA"),
    _line("jma", "PGV", _MIDORIKAWA, ends=(0.0, 7.0), sigma=0.21, line=(2.68 + 2 * 1.72, 1.72)),
    _line("csis", "PGV", _STANDARD, ends=(1.0, 12.0), sigma=0.0, line=(9.77, 3.00)),
    _line("csis", "PGA", _STANDARD, ends=(1.0, 12.0), sigma=0.0, line=(6.59, 3.17)),
)
SCALES = MappingProxyType({scale.name: scale for scale in _KNOWN if scale.measure == "PGV"})
"""Scales from PGV by name."""


def scale(name: str, measure: str = "PGV") -> Scale:
    """Look a scale up, from PGV or from PGA.

    Raises:
        InputError: there is no such scale, or none from that measure.

    >>> round(float(scale("jma").of(np.log(0.1))), 2)
    4.4
    """
    if name not in SCALES:
        raise InputError(f"intensity scale is {name!r}", "it is not known", nearest(name, SCALES))
    of_measure = {known.measure: known for known in _KNOWN if known.name == name}
    if measure not in of_measure:
        raise InputError(
            f"scale {name} from {measure!r}", f"it is known from {' and '.join(of_measure)}", "choose one of them"
        )
    return of_measure[measure]


def amplification(vs30_m_s: npt.ArrayLike, *, of: str) -> Float64:
    """Give how much more intense strong shaking is on such ground than on rock of 760 m/s, in units of a scale.

    The linear site term of PGV in Boore et al. (2014, doi:10.1193/070113EQS184M, eq. 6) through the slope of the scale,
    for MMI that of strong shaking. This is the F that the wavefield path takes.

    Raises:
        InputError: there is no such scale.

    >>> amplification([600.0, 300.0], of="jma").round(2).tolist()
    [0.15, 0.58]
    """
    c = coefficients("boore_2014").rows(["PGV"], ndim=0)
    ln = float(c["c"][0]) * np.log(np.minimum(np.asarray(vs30_m_s, float), float(c["V_c"][0])) / 760.0)
    chosen, strong = scale(of), np.log(0.1)
    slope = (chosen.of(strong + np.ones(1)) - chosen.of(strong * np.ones(1)))[0]
    return np.asarray(slope * ln)
