"""Brune: the ω² source spectrum with attenuation, fitted to an observed one. Knows no stations and no moments.

log10 Ω(f) = log10 Ω0 − log10(1 + (f/fc)²) − π f log10(e) (T / Q(f) + κ), with Q(f) = Q0 f^η (Brune 1970, JGR 75,
4997-5009, doi:10.1029/JB075i026p04997; κ: Anderson & Hough 1984, BSSA 74, 1969-1993). Corner and κ are laid out on a
grid; Ω0 follows at each node in closed form. The uncertainty is read off the likelihood over the grid, in which κ has
the expected value and spread that the settings tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.types.arrays import Bools, Float64

N_CORNERS = 161
N_KAPPAS = 21
LEAST_RMS = 0.03
"""log10 units: a spectrum is not known better than this at one frequency."""
INDEPENDENT = 2.0
"""So many neighbouring frequencies count as one: tapers join them."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted spectrum.

    Attributes:
        omega0_m_s: long-period level. log_sigma: standard deviation of its log10.
        corner_hz: corner frequency; corner_factor: its standard deviation as a factor (≥ 1). kappa_s: fitted κ.
        resolved: whether the corner lies inside the band. rms: of the residuals, log10 units.
        low_hz, high_hz: the band.
    """

    omega0_m_s: float
    log_sigma: float
    corner_hz: float
    corner_factor: float
    kappa_s: float
    resolved: bool
    rms: float
    low_hz: float
    high_hz: float


def log_shape(frequency_hz: Float64, corner_hz: Float64 | float) -> Float64:
    """log10 of the ω² spectrum of level one.

    >>> float(log_shape(np.array([2.0]), 2.0)[0].round(4))
    -0.301
    """
    return np.asarray(-np.log10(1 + (frequency_hz / corner_hz) ** 2))


def log_path(frequency_hz: Float64, *, travel_s: float, q0: float, eta: float, kappa_s: Float64 | float) -> Float64:
    """log10 of what the way takes away."""
    t_star = travel_s / (q0 * frequency_hz**eta) + kappa_s
    return np.asarray(-np.pi * frequency_hz * t_star * np.log10(np.e))


def fit(
    frequency_hz: Float64,
    amplitude_m_s: Float64,
    use: Bools,
    *,
    travel_s: float,
    q0: float,
    eta: float,
    kappa_s: float,
    kappa_sigma_s: float,
) -> Fit:
    """Fit level, corner and κ to the frequencies in use, which are at least three."""
    f, y = frequency_hz[use], np.log10(amplitude_m_s[use])
    low, high = float(f[0]), float(f[-1])
    corners = np.geomspace(low / 3, high * 3, N_CORNERS)
    kappas = np.linspace(max(kappa_s - 3 * kappa_sigma_s, 0), kappa_s + 3 * kappa_sigma_s, N_KAPPAS)
    kappas = kappas if kappa_sigma_s else kappas[:1]
    shape = log_shape(f, corners[:, None, None])
    path = log_path(f, travel_s=travel_s, q0=q0, eta=eta, kappa_s=kappas[None, :, None])
    left = y - shape - path
    level = left.mean(-1)
    sum_squares = ((left - level[..., None]) ** 2).sum(-1)
    prior = ((kappas - kappa_s) / kappa_sigma_s) ** 2 if kappa_sigma_s else np.zeros(1)
    rms = max(float(np.sqrt(sum_squares.min() / max(1, len(f) - 3))), LEAST_RMS)
    cost = sum_squares / (rms**2 * INDEPENDENT) + prior[None, :]
    return _told(cost, level, corners, kappas, rms=rms, low_hz=low, high_hz=high, n=len(f))


def _told(
    cost: Float64,
    level: Float64,
    corners: Float64,
    kappas: Float64,
    *,
    rms: float,
    low_hz: float,
    high_hz: float,
    n: int,
) -> Fit:
    """Read means and standard deviations off the likelihood over the grid."""
    weight = np.exp(-0.5 * (cost - cost.min()))
    weight /= weight.sum()
    log_corner = np.log10(corners)[:, None]
    middle = float((weight * log_corner).sum())
    corner_sigma = float(np.sqrt((weight * (log_corner - middle) ** 2).sum()))
    log_omega = float((weight * level).sum())
    within = float(np.sqrt((weight * (level - log_omega) ** 2).sum()))
    best = np.unravel_index(int(cost.argmin()), cost.shape)
    corner = float(corners[best[0]]) if corner_sigma > 0.3 else 10**middle
    return Fit(
        10 ** (float(level[best]) if corner_sigma > 0.3 else log_omega),
        float(np.hypot(within, rms * (INDEPENDENT / n) ** 0.5)),
        corner,
        10**corner_sigma,
        float((weight * kappas[None, :]).sum()),
        bool(low_hz * 1.2 <= corner <= high_hz / 1.2),
        rms,
        low_hz,
        high_hz,
    )
