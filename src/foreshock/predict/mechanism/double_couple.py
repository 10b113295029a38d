"""Double couple: its planes, axes and radiation, and the angle between two of them. Knows no picks and no travel times.

Axes are north, east, down; strike, dip and rake as in Aki & Richards (2002), Quantitative Seismology, section 4.5.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from foreshock.types.arrays import Float64


def slip_and_normal(strike_deg: Float64, dip_deg: Float64, rake_deg: Float64) -> tuple[Float64, Float64]:
    """Unit vectors (…, 3) of the hanging wall's slip and of the plane's normal."""
    strike, dip, rake = np.radians(strike_deg), np.radians(dip_deg), np.radians(rake_deg)
    slip = np.stack(
        [
            np.cos(rake) * np.cos(strike) + np.cos(dip) * np.sin(rake) * np.sin(strike),
            np.cos(rake) * np.sin(strike) - np.cos(dip) * np.sin(rake) * np.cos(strike),
            -np.sin(rake) * np.sin(dip),
        ],
        -1,
    )
    normal = np.stack([-np.sin(dip) * np.sin(strike), np.sin(dip) * np.cos(strike), -np.cos(dip)], -1)
    return slip, normal


def direction(azimuth_deg: Float64, takeoff_deg: Float64) -> Float64:
    """Unit vectors (…, 3) of rays; the take-off angle is counted from straight down.

    >>> direction(np.array(90.0), np.array(90.0)).round(6).tolist()
    [0.0, 1.0, 0.0]
    """
    azimuth, takeoff = np.radians(azimuth_deg), np.radians(takeoff_deg)
    return np.stack([np.sin(takeoff) * np.cos(azimuth), np.sin(takeoff) * np.sin(azimuth), np.cos(takeoff)], -1)


def p_radiation(slip: Float64, normal: Float64, rays: Float64) -> Float64:
    """Far-field P amplitude, -1..1 (mechanism, ray); above 0 the first motion is away from the source.

    >>> slip, normal = slip_and_normal(np.array([0.0]), np.array([90.0]), np.array([0.0]))
    >>> p_radiation(slip, normal, direction(np.array([45.0, 135.0]), np.array([90.0, 90.0]))).round(6).tolist()
    [[1.0, -1.0]]
    """
    return np.asarray(2 * (slip @ rays.T) * (normal @ rays.T))


def quaternions(slip: Float64, normal: Float64) -> Float64:
    """The turn (mechanism, 4) that brings north, east and down onto the T, B and P axes."""
    tension, pressure = (normal + slip) / np.sqrt(2), (normal - slip) / np.sqrt(2)
    axes = np.stack([tension, np.cross(pressure, tension), pressure], -1)
    return np.asarray(Rotation.from_matrix(axes).as_quat())


def kagan_deg(one: Float64, others: Float64) -> Float64:
    """Smallest angles of a turn between mechanisms given as quaternions; (a, 4) and (b, 4) give (a, b), 0..120.

    Kagan (1991), Geophys. J. Int. 106, 709-716, doi:10.1111/j.1365-246X.1991.tb06343.x. The four turns that bring a
    double couple onto itself make the four components of the relative quaternion change places, so the largest tells.

    >>> quarter = quaternions(*slip_and_normal(np.array([0.0, 90.0]), np.array([90.0, 90.0]), np.array([0.0, 0.0])))
    >>> kagan_deg(quarter, quarter).round(3).tolist()
    [[0.0, 90.0], [90.0, 0.0]]
    """
    x, y, z, w = (others[:, k] for k in range(4))
    parts = [
        np.stack([x, y, z, w]),
        np.stack([w, z, -y, -x]),
        np.stack([-z, w, x, -y]),
        np.stack([y, -x, w, -z]),
    ]
    largest = np.max([np.abs(one @ part) for part in parts], axis=0)
    return np.asarray(np.degrees(2 * np.arccos(np.clip(largest, 0, 1))))


def angle_between(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Kagan angle between two mechanisms given as strike, dip and rake (deg).

    >>> round(angle_between((30.0, 60.0, 90.0), (210.0, 30.0, 90.0)), 3)
    0.0
    """
    each = [quaternions(*slip_and_normal(*(np.array([value]) for value in sdr))) for sdr in (one, other)]
    return float(kagan_deg(each[0], each[1])[0, 0])
