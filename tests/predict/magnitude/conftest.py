"""What the tests of magnitudes share: an earthquake by formula, recorded at one place. Knows nothing it tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from foreshock.types.event import Event
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

DENSITY, BETA, RADIATION, SURFACE = 2700.0, 3500.0, 0.63, 2.0
BASE_NS = 1_700_000_000_000_000_000
VP_KM_S, VS_KM_S = 6.06, 3.5
ROCK = np.array(
    [
        [0.01, 0.09, 0.16, 0.51, 0.84, 1.25, 2.26, 3.17, 6.05, 16.6, 61.2],
        [1, 1.1, 1.18, 1.42, 1.58, 1.74, 2.06, 2.25, 2.58, 3.13, 4],
    ]
)
"""Frequencies and gains of generic rock (Boore & Joyner 1997, BSSA 87, table 3)."""
SHARES = (0.30, 0.70, 0.648)
"""Z, N and E of the S wave's unit vector."""


@dataclass(frozen=True)
class Made:
    """A recording and all that made it."""

    wave: Waveform
    station: Station
    event: Event
    hypocentral_km: float
    p_ns: int
    s_ns: int
    moment_n_m: float
    corner_hz: float


def brune_pulse(
    frequency_hz: np.ndarray,
    omega0_m_s: float,
    corner_hz: float,
    *,
    travel_s: float,
    q0: float,
    eta: float,
    kappa_s: float,
) -> np.ndarray:
    """Spectrum of Ω0 ωc² t exp(−ωc t) (Brune's pulse) after a way through rock, zero phase."""
    source = omega0_m_s / (1 + 1j * frequency_hz / corner_hz) ** 2
    q = q0 * np.maximum(frequency_hz, 1e-6) ** eta
    return source * np.exp(-np.pi * frequency_hz * (travel_s / q + kappa_s))


def make(
    *,
    mw: float = 4.0,
    corner_hz: float = 2.0,
    east_km: float = 40.0,
    depth_km: float = 8.0,
    rate_hz: float = 100.0,
    span_s: float = 180.0,
    origin_s: float = 60.0,
    noise_m_s: float = 1e-9,
    q0: float = 180.0,
    eta: float = 0.45,
    kappa_s: float = 0.035,
    seed: int = 1,
    name: str = "XX.A.",
    noise_only: bool = False,
    on_rock: bool = True,
) -> Made:
    """Ground velocity of P and S at a station `east_km` east of the epicentre."""
    rng = np.random.default_rng(seed)
    n = round(span_s * rate_hz)
    frequency = np.fft.rfftfreq(2 * n, 1 / rate_hz)
    event = Event("e", BASE_NS + round(origin_s * 1e9), 0.0, 100.0, depth_km)
    station = Station(name, 0.0, 100.0 + east_km / 111.31949)
    away = float(np.hypot(east_km, depth_km))
    moment = 10 ** (1.5 * mw + 9.1)
    omega0 = moment * RADIATION * SURFACE / (4 * np.pi * DENSITY * BETA**3 * away * 1000)
    p_s, s_s = origin_s + away / VP_KM_S, origin_s + away / VS_KM_S
    path = {"travel_s": away / VS_KM_S, "q0": q0, "eta": eta, "kappa_s": kappa_s}
    pulse = 2j * np.pi * frequency * brune_pulse(frequency, omega0, corner_hz, **path)
    if on_rock:
        pulse *= np.exp(np.interp(np.log(np.maximum(frequency, 1e-6)), *np.log(ROCK)))
    s_wave = np.fft.irfft(pulse * np.exp(-2j * np.pi * frequency * s_s), 2 * n)[:n] * rate_hz
    p_wave = 0.15 * np.fft.irfft(pulse * np.exp(-2j * np.pi * frequency * p_s), 2 * n)[:n] * rate_hz
    data = np.stack([share * s_wave for share in SHARES]) + p_wave * np.array([[0.9], [0.1], [0.4]])
    data = data * (0.0 if noise_only else 1.0) + noise_m_s * rng.standard_normal((3, n))
    wave = Waveform(data, rate_hz, BASE_NS, name, ("HHZ", "HHN", "HHE"), "ZNE", "m/s")
    return Made(wave, station, event, away, BASE_NS + round(p_s * 1e9), BASE_NS + round(s_s * 1e9), moment, corner_hz)


@pytest.fixture(scope="session")
def made() -> Callable[..., Made]:
    """Make a recording (see `make`)."""
    return cache(make)
