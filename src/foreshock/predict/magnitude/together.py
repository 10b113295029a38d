"""Together: one size from many stations, by the median, with those that stand apart named. Knows no waveforms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from pydantic import Field

from foreshock.config import Settings
from foreshock.types.solution import Magnitude, StationMagnitude

NORMAL_PER_MAD = 1.4826
"""Standard deviation of a normal law whose median absolute deviation is one."""
LEAST, MOST = -4.0, 9.9
EFFICIENCY = float(np.sqrt(np.pi / 2))
"""Standard error of a median over that of a mean, normal law."""


class JoiningSettings(Settings):
    """How stations are joined.

    Attributes:
        outlier_mads: of five or more stations, one farther from the median than so many times 1.4826 MAD is not used.
        least_mad: that scatter is not taken to be less.
        model_sigma: standard deviation of what is wrong at all stations at once.
    """

    outlier_mads: float = Field(default=4.0, gt=0)
    least_mad: float = Field(default=0.1, gt=0)
    model_sigma: float = Field(default=0.0, ge=0)


def together(
    kind: str, stations: Sequence[StationMagnitude], *, method: str, settings: JoiningSettings, fewest: int = 1
) -> Magnitude | None:
    """Take the median of the used stations; None where fewer than `fewest` are left.

    The uncertainty joins the standard error of the median, from the MAD, with `model_sigma`, which more stations do not
    make smaller; None for fewer than three stations.
    """
    values = np.array([one.value for one in stations if one.used])
    if len(values) < max(1, fewest):
        return None
    own = spread(values, settings.least_mad) * EFFICIENCY / len(values) ** 0.5
    return Magnitude(
        kind,
        round(float(np.median(values)), 4),
        None if len(values) < 3 else round(float(np.hypot(own, settings.model_sigma)), 4),
        len(values),
        method,
        tuple(stations),
    )


def judged(stations: Sequence[StationMagnitude], settings: JoiningSettings) -> tuple[StationMagnitude, ...]:
    """The same stations; those that stand apart, or that no earthquake reaches, not used and with the reason why."""
    possible = [_possible(one) for one in stations]
    return tuple(_without_outliers(possible, settings.outlier_mads, settings.least_mad))


def spread(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], least: float) -> float:
    """Standard deviation by the median absolute deviation, not less than `least`.

    >>> round(spread(np.array([1.0, 2.0, 3.0]), 0.1), 4)
    1.4826
    """
    return max(NORMAL_PER_MAD * float(np.median(np.abs(values - np.median(values)))), least)


def _possible(one: StationMagnitude) -> StationMagnitude:
    """The same, not used where no earthquake is so small or so large."""
    if not one.used or LEAST <= one.value <= MOST:
        return one
    return replace(one, used=False, reason=f"{one.value:.1f} is no magnitude: its response or unit must be wrong")


def _without_outliers(
    stations: Sequence[StationMagnitude], outlier_mads: float, least_mad: float
) -> list[StationMagnitude]:
    values = np.array([one.value for one in stations if one.used])
    if len(values) < 5:
        return list(stations)
    middle, width = float(np.median(values)), spread(values, least_mad)
    out = []
    for one in stations:
        away = abs(one.value - middle) / width
        if one.used and away > outlier_mads:
            reason = f"{one.value:.2f} lies {away:.1f} deviations from the median {middle:.2f}"
            out.append(replace(one, used=False, reason=reason))
        else:
            out.append(one)
    return out
