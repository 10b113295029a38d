"""Line: magnitude as a straight line in log amplitude and distance, with station terms. Knows no waveforms."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from pydantic import Field

from foreshock.config import Settings
from foreshock.types.arrays import AnyArray, Bools, Float64

NEAR_KM = (1.0, 5.0, 10.0, 20.0)
"""Depths that stand in for the unknown one: R = √(epicentral² + near²)."""

RIDGES = (0.3, 3.0, 30.0)
"""Strengths of the ridge on station terms: a term from n records keeps about n / (n + ridge) of itself."""

ORDINARY_RIDGE = 1e-9
"""On everything else: it only decides between equals, for instance where no distance varies."""


class Line(Settings):
    """M = amplitude·log10 A + log_distance·log10 R + distance·R + constant + the station's term.

    R = √(epicentral² + near_km²); a station that was not seen has the term 0. Residual quantiles and `dev_mae` come
    from the development examples.
    """

    amplitude: float
    log_distance: float = 0.0
    distance: float = 0.0
    constant: float
    stations: dict[str, float] = Field(default_factory=dict)
    near_km: float = Field(default=1.0, gt=0)
    ridge: float = Field(default=0.0, ge=0)
    residual_q05: float = 0.0
    residual_q95: float = 0.0
    dev_mae: float = 0.0


@dataclass(frozen=True, eq=False)
class Observed:
    """What a line reads of each example; the distance is NaN where unknown, the station empty."""

    log_amplitude: Float64
    distance_km: Float64
    stations: AnyArray
    y: Float64 | None = None

    def __len__(self) -> int:
        return len(self.log_amplitude)

    @property
    def has_distance(self) -> Bools:
        """Which examples have a known distance."""
        return np.isfinite(self.distance_km)

    def take(self, rows: Bools) -> Observed:
        """Some of the examples."""
        y = None if self.y is None else self.y[rows]
        return Observed(self.log_amplitude[rows], self.distance_km[rows], self.stations[rows], y)

    def without_distance(self) -> Observed:
        """The same examples with every distance forgotten."""
        return replace(self, distance_km=np.full(len(self), np.nan))


def best_line(train: Observed, dev: Observed) -> Line:
    """Fit a line for every near distance and ridge, keep the one that misses least on `dev` in the mean.

    Distances must be known everywhere or nowhere.
    """
    nears = NEAR_KM if train.has_distance.any() else NEAR_KM[:1]
    ridges = RIDGES if (train.stations != "").any() else RIDGES[:1]
    lines = [_judged(fit_line(train, near_km=near, ridge=ridge), dev) for near in nears for ridge in ridges]
    return min(lines, key=lambda line: line.dev_mae)


def fit_line(train: Observed, *, near_km: float, ridge: float) -> Line:
    """Fit a line by least squares with a ridge on the station terms (random effects of fixed spread)."""
    assert train.y is not None
    names, column = np.unique(train.stations, return_inverse=True)
    design = np.hstack([_design(train, near_km), np.eye(len(names))[column] * (train.stations != "")[:, None]])
    penalty = np.append(np.full(4, ORDINARY_RIDGE), np.full(len(names), ridge))
    found = np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ train.y)
    terms = {str(name): float(term) for name, term in zip(names, found[4:], strict=True) if name}
    amplitude, log_distance, distance, constant = map(float, found[:4])
    return Line(
        amplitude=amplitude,
        log_distance=log_distance,
        distance=distance,
        constant=constant,
        stations=terms,
        near_km=near_km,
        ridge=ridge,
    )


def apply_line(line: Line, observed: Observed) -> Float64:
    """Give the magnitude a line says for each example; an unknown distance counts as none at all."""
    slopes = np.array([line.amplitude, line.log_distance, line.distance, line.constant])
    terms = np.array([line.stations.get(str(name), 0.0) for name in observed.stations], np.float64)
    return np.asarray(_design(observed, line.near_km) @ slopes + terms, np.float64)


def _design(observed: Observed, near_km: float) -> Float64:
    known = observed.has_distance
    r_km = np.hypot(np.where(known, observed.distance_km, 0.0), near_km)
    columns = [observed.log_amplitude, np.where(known, np.log10(r_km), 0.0), np.where(known, r_km, 0.0)]
    return np.stack([*columns, np.ones(len(observed))], axis=1)


def _judged(line: Line, dev: Observed) -> Line:
    assert dev.y is not None
    miss = dev.y - apply_line(line, dev)
    q05, q95 = np.quantile(miss, [0.05, 0.95])
    judged = {"residual_q05": float(q05), "residual_q95": float(q95), "dev_mae": float(np.abs(miss).mean())}
    return line.model_copy(update=judged)
