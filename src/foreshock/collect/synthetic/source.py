"""The earthquake as a point source: moment, corner, spectrum, radiation. Knows nothing of what lies on the way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foreshock.types.arrays import Float32, Float64

FREE_SURFACE = 2.0
"""Amplitude doubling at the free surface; exact for SH, an approximation for steep P and SV."""
RMS_RADIATION_P = (4 / 15) ** 0.5
RMS_RADIATION_S = (2 / 5) ** 0.5
"""Root mean squares of the patterns over the focal sphere (Boore & Boatwright, 1984, BSSA 74, 1615-1621)."""
_BRUNE_K = 2.34 / (2 * np.pi)


def moment_nm(magnitude: npt.ArrayLike) -> Float64:
    """Give the seismic moment (N·m) of a moment magnitude.

    Hanks & Kanamori (1979), doi:10.1029/JB084iB05p02348: M = 2/3 log10 M0 - 10.7 with M0 in dyne·cm.

    >>> f"{float(moment_nm(6.0)):.3g}"
    '1.12e+18'
    """
    return np.asarray(10.0 ** (1.5 * (np.asarray(magnitude, float) + 10.7) - 7.0))


def moment_magnitude(moment: npt.ArrayLike) -> Float64:
    """Give the moment magnitude of a seismic moment (N·m); the inverse of `moment_nm`."""
    return np.asarray((np.log10(np.asarray(moment, float)) + 7.0) / 1.5 - 10.7)


def corner_hz(moment: npt.ArrayLike, *, stress_drop_pa: npt.ArrayLike, vs_m_s: npt.ArrayLike) -> Float64:
    """Give the S corner frequency (Hz) of a circular rupture.

    Brune (1970), doi:10.1029/JB075i026p04997, corrected 1971: fc = 2.34 β / (2π r), r³ = 7 M0 / (16 Δσ).

    >>> round(float(corner_hz(1e15, stress_drop_pa=3e6, vs_m_s=3500.0)), 3)
    2.476
    """
    radius_m = (7 * np.asarray(moment, float) / (16 * np.asarray(stress_drop_pa, float))) ** (1 / 3)
    return np.asarray(_BRUNE_K * np.asarray(vs_m_s, float) / radius_m)


def plateau_m_s(
    moment: npt.ArrayLike, *, density_kg_m3: npt.ArrayLike, velocity_m_s: npt.ArrayLike, spreading_per_m: npt.ArrayLike
) -> Float64:
    """Give Ω0 (m·s), the low-frequency level of the far displacement spectrum, for a radiation coefficient of 1.

    Aki & Richards (2002), section 4.3: M0 G / (4π ρ v³), where G is 1/r in a homogeneous body, doubled at the
    free surface.
    """
    m0, rho, v, g = (np.asarray(x, float) for x in (moment, density_kg_m3, velocity_m_s, spreading_per_m))
    return np.asarray(FREE_SURFACE * m0 * g / (4 * np.pi * rho * v**3))


def omega_square(frequency_hz: Float32, corner: Float64) -> npt.NDArray[np.complex64]:
    """Give the causal ω² spectrum 1 / (1 + i f/fc)², (event, frequency); its pulse t·exp(-2π fc t) starts at 0."""
    x = frequency_hz / corner[:, None].astype(np.float32)
    square = x * x
    weight = square + 1
    weight *= weight
    out = np.empty(x.shape, np.complex64)
    np.subtract(1, square, out=square)
    square /= weight
    out.real = square
    x *= -2
    x /= weight
    out.imag = x
    return out


def radiation(
    strike_deg: Float64, dip_deg: Float64, rake_deg: Float64, *, azimuth_deg: Float64, takeoff_deg: Float64
) -> tuple[Float64, Float64, Float64]:
    """Give the P, SV and SH coefficients of a double couple for rays leaving at an azimuth and an angle from down.

    Aki & Richards (2002), equations 4.89-4.91.
    """
    lam, delta, i = np.radians(rake_deg), np.radians(dip_deg), np.radians(takeoff_deg)
    phi = np.radians(azimuth_deg - strike_deg)
    slip, thrust = np.cos(lam), np.sin(lam)
    p = (
        slip * np.sin(delta) * np.sin(i) ** 2 * np.sin(2 * phi)
        - slip * np.cos(delta) * np.sin(2 * i) * np.cos(phi)
        + thrust * np.sin(2 * delta) * (np.cos(i) ** 2 - np.sin(i) ** 2 * np.sin(phi) ** 2)
        + thrust * np.cos(2 * delta) * np.sin(2 * i) * np.sin(phi)
    )
    sv = (
        thrust * np.cos(2 * delta) * np.cos(2 * i) * np.sin(phi)
        - slip * np.cos(delta) * np.cos(2 * i) * np.cos(phi)
        + 0.5 * slip * np.sin(delta) * np.sin(2 * i) * np.sin(2 * phi)
        - 0.5 * thrust * np.sin(2 * delta) * np.sin(2 * i) * (1 + np.sin(phi) ** 2)
    )
    sh = (
        slip * np.cos(delta) * np.cos(i) * np.sin(phi)
        + slip * np.sin(delta) * np.sin(i) * np.cos(2 * phi)
        + thrust * np.cos(2 * delta) * np.cos(i) * np.cos(phi)
        - 0.5 * thrust * np.sin(2 * delta) * np.sin(i) * np.sin(2 * phi)
    )
    return p, sv, sh
