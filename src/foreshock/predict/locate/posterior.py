"""How sure a hypocentre is: its posterior by importance sampling about the best point. Knows no search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.geo import moved
from foreshock.predict.locate.arrivals import Arrivals
from foreshock.predict.locate.observed import Observed
from foreshock.predict.locate.refine import Fit, curvature, design, weights
from foreshock.predict.locate.settings import LocateSettings
from foreshock.types.arrays import Float64

SEED = 20040655
TAIL = 4.0
WIDER = 1.2
FEWEST_EFFECTIVE = 25.0


@dataclass(frozen=True, eq=False)
class Spread:
    """Second moments about the best point: (east, north, down) in km², and of the time in s."""

    covariance_km2: Float64
    time_error_s: float
    n_effective: float


def laplace(fit: Fit, seen: Observed, settings: LocateSettings, *, depth_fixed: bool) -> Float64:
    """Covariance of the six unknowns of the only start, from the curvature; zero for a fixed depth."""
    matrix = curvature(fit, seen.is_s, settings)[0][0]
    free = [0, 1, 3, 4, 5] if depth_fixed else [0, 1, 2, 3, 4, 5]
    out = np.zeros((6, 6))
    inner = matrix[np.ix_(free, free)] + 1e-9 * np.eye(len(free))
    out[np.ix_(free, free)] = np.linalg.inv(inner)
    return (out + out.T) / 2


def spread(fit: Fit, seen: Observed, arrivals: Arrivals, settings: LocateSettings, *, depth_fixed: bool) -> Spread:
    """Sample the posterior of place (others integrated out, robust weights held) and give its second moments."""
    near = laplace(fit, seen, settings, depth_fixed=depth_fixed)
    axes = slice(0, 2) if depth_fixed else slice(0, 3)
    offset, drawn = _offsets(near[axes, axes], settings.samples)
    if depth_fixed:
        offset = np.column_stack([offset, np.zeros(len(offset))])
    log_weight = _log_likelihood(offset, fit, seen, arrivals, settings) - drawn
    log_weight[np.isnan(log_weight)] = -np.inf
    weight = np.exp(log_weight - log_weight.max()) if np.isfinite(log_weight.max()) else np.zeros(len(offset))
    weight /= max(weight.sum(), 1e-300)
    effective = 1 / max((weight**2).sum(), 1e-300) if weight.any() else 0.0
    covariance = near[:3, :3] if effective < FEWEST_EFFECTIVE else (offset * weight[:, None]).T @ offset
    return Spread(covariance, float(np.sqrt(near[3, 3])), float(effective))


def _offsets(covariance_km2: Float64, n: int) -> tuple[Float64, Float64]:
    """Draw points (n, axis) in km from a multivariate t about the best point, always the same; and log densities."""
    rng = np.random.default_rng(SEED)
    k = len(covariance_km2)
    half = n // 2
    normal = rng.standard_normal((half, k))
    stretch = np.sqrt(TAIL / rng.chisquare(TAIL, (half, 1)))
    standard = np.concatenate([normal * stretch, -normal * stretch])
    root = np.linalg.cholesky(covariance_km2 + 1e-8 * np.eye(k)) * WIDER
    return standard @ root.T, -0.5 * (TAIL + k) * np.log1p((standard**2).sum(1) / TAIL)


def _log_likelihood(offset: Float64, fit: Fit, seen: Observed, arrivals: Arrivals, settings: LocateSettings) -> Float64:
    """Log likelihood of each point with origin time and time factors integrated out; -inf where depth is outside."""
    lat, lon = moved(fit.latitude, fit.longitude, east_km=offset[:, 0], north_km=offset[:, 1])
    depth = fit.depth_km + offset[:, 2]
    inside = (depth >= settings.shallowest_km) & (depth <= settings.deepest_km)
    depth = np.clip(depth, settings.shallowest_km, settings.deepest_km)
    distance = arrivals.places.distance_km(
        np.vstack([fit.latitude[:, None], lat[:, None]])[:, 0], np.vstack([fit.longitude[:, None], lon[:, None]])[:, 0]
    )
    time = arrivals.datum_s(distance, np.concatenate([fit.depth_km, depth])[:, None])
    residual = fit.residual_s[0] - (time[1:] - time[:1])
    nu = settings.freedom
    weight = (weights(fit, nu) * (nu + 1) / nu / fit.sigma_s**2)[0]
    other = design(fit, seen.is_s)[0, :, 3:]
    prior = np.diag([0.0, settings.scale_error_share**-2, settings.scale_error_share**-2])
    heavy = other * weight[:, None]
    kernel = np.diag(weight) - heavy @ np.linalg.solve(heavy.T @ other + prior, heavy.T)
    residual = np.where(weight > 0, residual, 0.0)
    return np.where(inside, -0.5 * ((residual @ kernel) * residual).sum(1), -np.inf)
