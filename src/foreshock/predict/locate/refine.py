"""Go from good places to the best one: damped Gauss-Newton steps under Student's t. Knows no grid and no ellipses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foreshock.geo import moved
from foreshock.predict.locate.arrivals import Arrivals
from foreshock.predict.locate.observed import Observed
from foreshock.predict.locate.settings import LocateSettings
from foreshock.types.arrays import Bools, Float64

STEPS = 14
ENOUGH = 2e-3
_LONGEST_KM = 60.0
_LOST = 1000.0


@dataclass(frozen=True, eq=False)
class Fit:
    """Several starts side by side (start first): place, origin time, time factors and what follows from them.

    `matrix` is the curvature of the objective for (east, north, down, time, P factor, S factor).
    """

    latitude: Float64
    longitude: Float64
    depth_km: Float64
    time_s: Float64
    factors: Float64
    predicted_s: Float64
    slopes: Float64
    residual_s: Float64
    sigma_s: Float64
    objective: Float64

    def best(self) -> int:
        """The start that ended best."""
        return int(np.argmin(self.objective))


def weights(fit: Fit, freedom: float) -> Float64:
    """Student's t weights (start, pick): 1 for a residual of no size, small for an outlier; 0 out of range."""
    worth = freedom / (freedom + (fit.residual_s / fit.sigma_s) ** 2)
    return np.where(np.isnan(fit.predicted_s), 0.0, worth)


def design(fit: Fit, is_s: Bools) -> Float64:
    """How predicted times change with the six unknowns, (start, pick, 6)."""
    time = np.nan_to_num(fit.predicted_s)
    ones = np.ones_like(time)
    columns = np.stack([ones, time * ~is_s, time * is_s], -1)
    return np.concatenate([np.nan_to_num(fit.slopes), columns], -1)


def curvature(fit: Fit, is_s: Bools, settings: LocateSettings) -> tuple[Float64, Float64]:
    """Give the matrix (start, 6, 6) and the downhill side (start, 6) of the normal equations."""
    moves = design(fit, is_s)
    nu = settings.freedom
    weight = weights(fit, nu) * (nu + 1) / nu / fit.sigma_s**2
    heavy = moves * weight[..., None]
    matrix = np.swapaxes(heavy, 1, 2) @ moves
    side = (heavy * fit.residual_s[..., None]).sum(1)
    prior = settings.scale_error_share**-2
    matrix[:, [4, 5], [4, 5]] += prior
    side[:, 4:] -= prior * fit.factors
    return matrix, side


def evaluated(fit: Fit, seen: Observed, arrivals: Arrivals, settings: LocateSettings) -> Fit:
    """Predict, and say how bad the fit is."""
    time, slopes = arrivals.slopes(fit.latitude, fit.longitude, fit.depth_km, deepest_km=settings.deepest_km)
    lost = np.isnan(time)
    sigma = np.sqrt(
        seen.sigma_s**2 + settings.model_error_s**2 + (settings.model_error_share * np.nan_to_num(time)) ** 2
    )
    factor = np.where(seen.is_s, fit.factors[:, 1:], fit.factors[:, :1])
    residual = np.where(lost, 0.0, seen.time_s - fit.time_s[:, None] - time * (1 + factor))
    size = np.where(lost, _LOST, (residual / sigma) ** 2)
    misfit = (0.5 * (settings.freedom + 1) * np.log1p(size / settings.freedom) + np.log(sigma)).sum(1)
    objective = misfit + 0.5 * ((fit.factors / settings.scale_error_share) ** 2).sum(1)
    return replace(fit, predicted_s=time, slopes=slopes, residual_s=residual, sigma_s=sigma, objective=objective)


def begun(start: tuple[Float64, Float64, Float64], seen: Observed, arrivals: Arrivals, settings: LocateSettings) -> Fit:
    """Stand at the starts with the median origin time."""
    none = np.zeros((len(start[0]), 0))
    time = arrivals.time_s(*start)
    origin = np.median(np.nan_to_num(seen.time_s - time), axis=1)
    first = Fit(*start, origin, np.zeros((len(origin), 2)), none, none, none, none, none)
    return evaluated(first, seen, arrivals, settings)


def refined(
    start: tuple[Float64, Float64, Float64],
    seen: Observed,
    arrivals: Arrivals,
    settings: LocateSettings,
    *,
    depth_fixed: bool,
) -> Fit:
    """Improve every start by Levenberg's damped steps (1944, Q. Appl. Math. 2, 164-168, doi:10.1090/qam/10666)."""
    fit = begun(start, seen, arrivals, settings)
    damping = np.full(len(fit.time_s), 1e-2)
    for _ in range(STEPS):
        trial = evaluated(_stepped(fit, seen, settings, damping, depth_fixed), seen, arrivals, settings)
        better = trial.objective < fit.objective
        gain = np.where(better, fit.objective - trial.objective, 0)
        fit = _chosen(better, trial, fit)
        damping = np.clip(np.where(better, damping / 5, damping * 8), 1e-8, 1e8)
        if np.all((gain < ENOUGH) & (better | (damping > 10))):
            break
    return fit


def _stepped(fit: Fit, seen: Observed, settings: LocateSettings, damping: Float64, depth_fixed: bool) -> Fit:
    matrix, side = curvature(fit, seen.is_s, settings)
    if depth_fixed:
        matrix[:, 2], matrix[:, :, 2], side[:, 2] = 0, 0, 0
    corner = np.arange(6)
    matrix[:, corner, corner] *= 1 + damping[:, None]
    matrix[:, corner, corner] += 1e-9
    step = np.asarray(np.linalg.solve(matrix, side[..., None])[..., 0], float)
    long = np.abs(step[:, :3]).max(1)
    step *= np.minimum(1, _LONGEST_KM / np.maximum(long, 1e-9))[:, None]
    lat, lon = moved(fit.latitude, fit.longitude, east_km=step[:, 0], north_km=step[:, 1])
    depth = np.clip(fit.depth_km + step[:, 2], settings.shallowest_km, settings.deepest_km)
    return replace(
        fit,
        latitude=lat,
        longitude=lon,
        depth_km=depth,
        time_s=fit.time_s + step[:, 3],
        factors=fit.factors + step[:, 4:],
    )


def _chosen(better: Bools, trial: Fit, fit: Fit) -> Fit:
    """Take the trial where it is better."""
    parts = {}
    for name in fit.__dataclass_fields__:
        new, old = getattr(trial, name), getattr(fit, name)
        parts[name] = np.where(better.reshape(-1, *[1] * (new.ndim - 1)), new, old)
    return Fit(**parts)
