"""The way through the Earth: travel times in flat layers, spreading, attenuation. Knows no sources and no stations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foreshock.types.arrays import Bools, Float32, Float64

_NEWTON_STEPS = 12


@dataclass(frozen=True)
class Rays:
    """One ray a source: travel time (s, inf where there is none), ray parameter (s/km), whether it leaves downwards."""

    time_s: Float64
    slowness_s_km: Float64
    downwards: Bools

    def takeoff_deg(self, velocity_km_s: Float64) -> Float64:
        """Angle from straight down at the source, where the velocity is given."""
        angle = np.degrees(np.arcsin(np.clip(self.slowness_s_km * velocity_km_s, 0, 1)))
        return np.where(self.downwards, angle, 180 - angle)

    def incidence_deg(self, velocity_km_s: Float64) -> Float64:
        """Angle from the vertical where the ray arrives in rock of a velocity."""
        return np.degrees(np.arcsin(np.clip(self.slowness_s_km * velocity_km_s, 0, 1)))


def direct(top_km: Float64, velocity_km_s: Float64, *, depth_km: Float64, distance_km: Float64) -> Rays:
    """Trace the ray that goes straight up to the surface, (source,).

    The unknown is the tangent of the ray's angle in the fastest layer it crosses: distance is an increasing,
    concave function of it, so Newton's steps from below never overshoot.

    >>> ray = direct(np.array([0.0]), np.array([6.0]), depth_km=np.array([8.0]), distance_km=np.array([6.0]))
    >>> round(float(ray.time_s[0]), 6)
    1.666667
    """
    bottom = np.append(top_km[1:], np.inf)
    crossed = np.clip(np.minimum(depth_km[:, None], bottom) - top_km, 0, None)
    fastest = np.where(crossed > 0, velocity_km_s, 0).max(1, keepdims=True)
    ratio = velocity_km_s / fastest
    weight, bend = crossed * ratio, np.where(crossed > 0, 1 - ratio**2, 0)
    tangent = (distance_km / weight.sum(1))[:, None]
    for _ in range(_NEWTON_STEPS):
        root = np.sqrt(1 + tangent**2 * bend)
        short = distance_km[:, None] - (weight * tangent / root).sum(1, keepdims=True)
        tangent = tangent + short / (weight / root**3).sum(1, keepdims=True)
    secant = np.sqrt(1 + tangent**2)
    time = (crossed * secant / (velocity_km_s * np.sqrt(1 + tangent**2 * bend))).sum(1)
    slowness = (tangent / (secant * fastest))[:, 0]
    return Rays(time, slowness, np.zeros(len(time), bool))


def head(top_km: Float64, velocity_km_s: Float64, *, depth_km: Float64, distance_km: Float64) -> Rays:
    """Find the earliest head wave along any interface below each source; time is inf where none reaches the station."""
    best = Rays(np.full(len(depth_km), np.inf), np.zeros(len(depth_km)), np.ones(len(depth_km), bool))
    time, slowness = best.time_s.copy(), best.slowness_s_km.copy()
    for j in range(1, len(top_km)):
        if velocity_km_s[j] <= velocity_km_s[:j].max():
            continue
        arrival = _along(j, top_km, velocity_km_s, depth_km=depth_km, distance_km=distance_km)
        earlier = arrival < time
        time[earlier], slowness[earlier] = arrival[earlier], 1 / velocity_km_s[j]
    return Rays(time, slowness, best.downwards)


def _along(j: int, top_km: Float64, velocity_km_s: Float64, *, depth_km: Float64, distance_km: Float64) -> Float64:
    """Travel times of the head wave along the top of layer j."""
    top, bottom, v = top_km[:j], top_km[1 : j + 1], velocity_km_s[:j]
    down = np.clip(bottom - np.maximum(top, depth_km[:, None]), 0, None)
    legs = down + (bottom - top)
    p = 1 / velocity_km_s[j]
    upright = np.sqrt(1 / v**2 - p**2)
    time = distance_km * p + (legs * upright).sum(1)
    critical = (legs * p / upright).sum(1)
    return np.where((distance_km >= critical) & (depth_km <= top_km[j]), time, np.inf)


def first(one: Rays, other: Rays) -> Rays:
    """Give, for each source, the ray that arrives first."""
    earlier = one.time_s <= other.time_s
    return Rays(
        np.where(earlier, one.time_s, other.time_s),
        np.where(earlier, one.slowness_s_km, other.slowness_s_km),
        np.where(earlier, one.downwards, other.downwards),
    )


def spreading_per_m(hypocentral_km: Float64, *, crossover_km: float) -> Float64:
    """Give the geometric spreading (1/m): 1/R to the crossover, then 1/sqrt(R), trapped in the crust."""
    near = np.minimum(hypocentral_km, crossover_km)
    return np.asarray(1e-3 / (near * np.sqrt(hypocentral_km / near)))


@dataclass(frozen=True)
class Attenuation:
    """Frequency tables for Q(f) = Q0 f^η: amplitude exp(-π τ f^(1-η)) with the phase that makes it causal.

    The operator is exp(-c (i f)^(1-η)), whose impulse response is one-sided: nothing arrives before the ray does.
    Power-law Q: Azimi's family, Aki & Richards (2002), section 5.5.
    """

    loss: Float32
    turn: Float32

    @classmethod
    def of(cls, frequency_hz: npt.ArrayLike, *, exponent: float) -> Attenuation:
        """Make the tables for frequencies (frequency,) and an exponent η between 0 and 1."""
        power = np.pi * np.asarray(frequency_hz, float) ** (1 - exponent)
        tilt = np.tan(np.pi * (1 - exponent) / 2)
        return cls(power.astype(np.float32), (power * tilt).astype(np.float32))

    def spectrum(self, time_s: Float64, *, q_at_1_hz: float) -> npt.NDArray[np.complex64]:
        """Give the spectra (ray, frequency) after travel times (ray,)."""
        tau = (time_s / q_at_1_hz).astype(np.float32)[:, None]
        amplitude, phase = np.exp(-tau * self.loss), tau * self.turn
        out = np.empty(amplitude.shape, np.complex64)
        out.real = amplitude * np.cos(phase)
        out.imag = -amplitude * np.sin(phase)
        return out


def delays(time_s: Float64, *, n_frequencies: int, step_hz: float) -> npt.NDArray[np.complex64]:
    """Give exp(-2πi f t), (time, frequency), for evenly spaced frequencies from 0, by two short tables.

    >>> ramp = delays(np.array([0.25]), n_frequencies=100, step_hz=1.0)
    >>> bool(abs(ramp[0, 3] - 1j) < 1e-6)
    True
    """
    width = 64
    turn = -2j * np.pi * step_hz * time_s[:, None]
    coarse = np.exp(turn * (width * np.arange(-(-n_frequencies // width)))).astype(np.complex64)
    fine = np.exp(turn * np.arange(width)).astype(np.complex64)
    ramp = (coarse[:, :, None] * fine[:, None, :]).reshape(len(time_s), -1)[:, :n_frequencies]
    return np.asarray(ramp, np.complex64)
