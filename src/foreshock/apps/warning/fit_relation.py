"""Fit relation: coefficients of a relation between P's displacement, magnitude and distance, from rows of one's own.

Knows no files and no waveforms. Each earthquake has a deviation of its own, which its stations share: the coefficients
are those of least squares with the covariance that this makes, and the two spreads follow from what is left (a random
effect by events; Abrahamson & Youngs 1992, BSSA 82, 505-510).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.apps.warning.relations import Relation, lasting_s
from foreshock.errors import LabelError
from foreshock.types.arrays import Float64, Ints

ROUNDS = 20
FEWEST_EVENTS = 20


@dataclass(frozen=True, eq=False)
class Rows:
    """What was measured, arrays (row,): log10 Pd (m) in so many seconds, magnitude, distances in km, event number.

    A station may have several rows, of longer and longer windows.
    """

    log_pd: Float64
    seen_s: Float64
    magnitude: Float64
    epicentral_km: Float64
    depth_km: Float64
    event: Ints


def fitted(rows: Rows, *, name: str, source: str, nearest_km: float = 3.0) -> Relation:
    """Fit a relation with hypocentral distance; rows whose source was not done say how much there was to come.

    Raises:
        LabelError: there are fewer than `FEWEST_EVENTS` events.
        InputError: the fit is no relation, such as one in which Pd falls with magnitude.

    >>> rng = np.random.default_rng(0)
    >>> event = np.repeat(np.arange(200), 6)
    >>> m, far = np.repeat(rng.uniform(3, 7, 200), 6), rng.uniform(10, 80, 1200)
    >>> pd = 0.7 * m - 1.3 * np.log10(far) - 5 + np.repeat(rng.normal(0, 0.15, 200), 6) + rng.normal(0, 0.2, 1200)
    >>> found = fitted(Rows(pd, np.full(1200, 20.0), m, far, np.zeros(1200), event), name="made", source="this example")
    >>> round(found.by_magnitude, 1), round(found.event_sigma, 1), round(found.station_sigma, 1)
    (0.7, 0.1, 0.2)
    """
    _, event, count = np.unique(rows.event, return_inverse=True, return_counts=True)
    if len(count) < FEWEST_EVENTS:
        raise LabelError(f"{len(count)} earthquakes", f"a relation needs {FEWEST_EVENTS}", "collect more")
    far = np.maximum(np.hypot(rows.epicentral_km, rows.depth_km), nearest_km)
    to_come = np.maximum(np.log10(lasting_s(rows.magnitude) / rows.seen_s), 0.0)
    columns = [np.ones(len(far)), rows.magnitude, np.log10(far), -to_come]
    design = np.stack(columns if to_come.any() else columns[:3], 1)
    done = to_come == 0
    between, within = 0.15, 0.25
    for _ in range(ROUNDS):
        shrink = between**2 / (between**2 + within**2 / count)
        coefficients = _generalised(design, rows.log_pd, event, shrink=1 - np.sqrt(1 - shrink), count=count)
        left = rows.log_pd - design @ coefficients
        mean = np.bincount(event, left) / count
        deviation = shrink * mean
        remaining = between**2 * (1 - shrink)
        between = float(np.sqrt(np.mean(deviation**2 + remaining)))
        within = float(np.sqrt(np.mean(((left - deviation[event]) ** 2 + remaining[event])[done])))
    constant, by_magnitude, by_distance, *slower = (float(v) for v in coefficients)
    growth = {"growth": 2 * slower[0]} if slower else {}  # what is to come is equally likely up to twice its mean
    sigma = float(np.hypot(between, within))
    return Relation(
        name, constant, by_magnitude, by_distance, sigma, between, True, source=source, nearest_km=nearest_km, **growth
    )


def _generalised(design: Float64, y: Float64, event: Ints, *, shrink: Float64, count: Ints) -> Float64:
    """Least squares after a part of each event's mean is taken away, which makes the rest independent."""

    def whitened(values: Float64) -> Float64:
        mean = np.bincount(event, values) / count
        return np.asarray(values - (shrink * mean)[event])

    columns = np.stack([whitened(column) for column in design.T], 1)
    return np.asarray(np.linalg.lstsq(columns, whitened(y), rcond=None)[0])
