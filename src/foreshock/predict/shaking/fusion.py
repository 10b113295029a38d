"""Fusion: the source's forecast and the wavefield's, by the larger of both. Knows neither source nor stations.

So the Japan Meteorological Agency joins the two (Kodera et al. 2018, BSSA 108, 983-1003, doi:10.1785/0120170085): what
one path does not see, as a second earthquake or a rupture that grows, the other may.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from foreshock.errors import InputError
from foreshock.types.arrays import Bools, Float64


@dataclass(frozen=True, eq=False)
class Fused:
    """Arrays (site,): the larger intensity, P(intensity ≥ threshold), whether the wavefield brought the intensity."""

    intensity: Float64
    probability: Float64
    by_wavefield: Bools


def fused(
    source: Float64, wavefield: Float64, *, source_probability: Float64, threshold: Float64, wavefield_sigma: float
) -> Fused:
    """Join median intensities of both paths, all (site,), on one scale; -inf where a path says nothing.

    The probability is the larger too: of the wavefield it is that of a normal error of `wavefield_sigma`. Where there
    is no threshold (NaN) it is NaN.

    Raises:
        InputError: the spread is not positive.

    >>> out = fused(np.array([4.0]), np.array([5.0]), source_probability=np.array([0.1]), threshold=np.array([5.0]),
    ...             wavefield_sigma=0.6)
    >>> out.intensity.tolist(), out.probability.tolist(), out.by_wavefield.tolist()
    ([5.0], [0.5], [True])
    """
    if not wavefield_sigma > 0:
        raise InputError(f"spread of the wavefield is {wavefield_sigma}", "it must be positive", "give intensity units")
    by_wavefield = np.asarray(wavefield > source)
    of_wavefield = ndtr((wavefield - threshold) / wavefield_sigma)
    return Fused(np.maximum(source, wavefield), np.maximum(source_probability, of_wavefield), by_wavefield)
