"""Estimates: what a source bundle said at single stations, as one magnitude. Knows no bundle and no waveforms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foreshock.types.solution import Magnitude, StationMagnitude
from foreshock.types.source import SourceEstimate


def network_estimate(estimates: Sequence[SourceEstimate], *, fewest: int = 1) -> Magnitude | None:
    """Join what a source bundle said at single stations: their mean weighted by one over the interval's square.

    The uncertainty joins the part that stations share, taken to be half of the variance of one, with the part that they
    do not; None of the estimates with a magnitude, or fewer than `fewest`, gives None.
    """
    heard = [(one, one.magnitude) for one in estimates if one.magnitude is not None]
    if len(heard) < max(1, fewest):
        return None
    value = np.array([quantiles.q50 for _, quantiles in heard])
    sigma = np.array([max(quantiles.width_90 / 3.29, 0.05) for _, quantiles in heard])
    weight = sigma**-2 / (sigma**-2).sum()
    own = float((weight**2 * sigma**2).sum()) / 2
    shared = float((weight * sigma**2).sum()) / 2
    stations = tuple(StationMagnitude(one.station_id, quantiles.q50) for one, quantiles in heard)
    scales = ", ".join(sorted({one.scale for one, _ in heard}))
    return Magnitude(
        "M",
        round(float((weight * value).sum()), 4),
        round((own + shared) ** 0.5, 4),
        len(heard),
        f"source bundle, scale {scales}, mean weighted by precision",
        stations,
    )
