"""Origin: where and when an earthquake began, how sure that is, and why there is none. Knows no search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foreshock.clock import iso_utc
from foreshock.types.arrays import Float64


@dataclass(frozen=True, slots=True)
class Residual:
    """What one pick says: observed minus predicted (s), the weight it got (0..1), its standard deviation (s)."""

    trace_id: str
    phase: str
    residual_s: float
    weight: float
    sigma_s: float
    distance_km: float
    azimuth_deg: float


@dataclass(frozen=True, slots=True)
class Unlocated:
    """No location, and why."""

    reason: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"not located: {self.reason}"


@dataclass(frozen=True, eq=False)
class Origin:
    """An earthquake's hypocentre with its uncertainty.

    Attributes:
        time_ns: when it began, UTC nanoseconds.
        latitude, longitude, depth_km: where (best point).
        covariance_km2: posterior covariance of (east, north, down), (3, 3); the depth's part is zero where fixed.
        ellipse_km: half axes of the 68 % ellipse in the plane, the major first.
        ellipse_azimuth_deg: direction of the major axis, from north, 0..180.
        depth_error_km: standard deviation of the depth; NaN where fixed.
        time_error_s: standard deviation of the time.
        azimuthal_gap_deg: widest angle without a station.
        rms_s: weighted root mean square of the residuals.
        n_picks: picks that count (weight of at least 0.1), by phase.
        residuals: one a pick, after the time factors.
        time_factors: by how much P and S travel times of the model were stretched, within what the settings allow.
        quality: A to D.
        depth_fixed: whether the depth was given or assumed, not found.
        notes: what was left out, repaired or assumed.
    """

    time_ns: int
    latitude: float
    longitude: float
    depth_km: float
    covariance_km2: Float64
    ellipse_km: tuple[float, float]
    ellipse_azimuth_deg: float
    depth_error_km: float
    time_error_s: float
    azimuthal_gap_deg: float
    rms_s: float
    n_picks: Mapping[str, int]
    residuals: tuple[Residual, ...]
    time_factors: Mapping[str, float]
    quality: str
    depth_fixed: bool
    notes: tuple[str, ...] = ()

    @property
    def time(self) -> str:
        """When it began, UTC, as ISO-8601 text."""
        return iso_utc(self.time_ns)

    def __str__(self) -> str:
        depth = "fixed" if self.depth_fixed else f"± {self.depth_error_km:.1f} km"
        picks = " + ".join(f"{n} {phase}" for phase, n in self.n_picks.items())
        return (
            f"{self.time}  {self.latitude:.4f} {self.longitude:.4f}  ± {self.ellipse_km[0]:.1f} × "
            f"{self.ellipse_km[1]:.1f} km  depth {self.depth_km:.1f} km {depth}  {picks}  rms {self.rms_s:.2f} s  "
            f"gap {self.azimuthal_gap_deg:.0f}°  class {self.quality}"
        )


def ellipse(covariance_km2: Float64, *, share: float = 0.68) -> tuple[float, float, float]:
    """Give the half axes (km) of the ellipse that holds a share of the epicentres, and the major one's azimuth (deg).

    >>> ellipse(np.diag([4.0, 1.0]), share=0.95)
    (4.895..., 2.447..., 90.0)
    """
    values, vectors = np.linalg.eigh(covariance_km2[:2, :2])
    minor, major = np.sqrt(np.maximum(values, 0) * -2 * np.log1p(-share))
    azimuth = float(np.degrees(np.arctan2(vectors[0, 1], vectors[1, 1])) % 180)
    return float(major), float(minor), azimuth


def widest_gap_deg(azimuth_deg: Float64) -> float:
    """Give the widest angle between neighbouring directions.

    >>> widest_gap_deg(np.array([0.0, 90.0, 180.0]))
    180.0
    """
    if len(azimuth_deg) == 0:
        return 360.0
    turned = np.sort(azimuth_deg % 360)
    return float(np.diff(np.append(turned, turned[0] + 360)).max())


def quality(*, major_km: float, depth_error_km: float, gap_deg: float, n_picks: int, rms_s: float) -> str:
    """Give the class: A, B and C each ask more than the next, D is the rest.

    A is known to about 2 km and 3 km of depth and surrounded; the limits are our own choice.
    """
    limits = (("A", 2.0, 3.0, 150.0, 8, 0.4), ("B", 5.0, 6.0, 200.0, 6, 0.7), ("C", 12.0, np.inf, 270.0, 5, 1.2))
    for name, major, depth, gap, least, rms in limits:
        deep_enough = depth_error_km <= depth or depth == np.inf
        if major_km <= major and deep_enough and gap_deg <= gap and n_picks >= least and rms_s <= rms:
            return name
    return "D"
