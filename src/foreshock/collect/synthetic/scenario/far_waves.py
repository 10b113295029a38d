"""Waves of a far great earthquake crossing the network: P, PP, S and surface waves. Knows no near source.

Travel times and slownesses are those of IASP91 (Kennett & Engdahl, 1991, doi:10.1111/j.1365-246X.1991.tb06724.x) for a
source 15 km deep, rounded.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from foreshock.collect.synthetic.scenario.spectrum import even_hz
from foreshock.collect.synthetic.scenario.stage import Facts, Stage
from foreshock.collect.synthetic.site import minimum_phase
from foreshock.collect.synthetic.source import corner_hz, moment_nm
from foreshock.types.arrays import Float32, Float64

_DEGREES = (30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0)
_TIMES_S = {
    "P": (368, 454, 534, 606, 671, 729, 779),
    "PP": (425, 546, 649, 738, 826, 910, 992),
    "S": (666, 820, 964, 1099, 1222, 1333, 1431),
}
_SLOWNESS_S_DEG = {
    "P": (8.84, 8.30, 7.60, 6.87, 6.15, 5.40, 4.64),
    "PP": (13.63, 10.90, 9.10, 8.84, 8.61, 8.30, 7.96),
    "S": (15.67, 14.95, 13.96, 12.86, 11.72, 10.52, 9.19),
}
_PARTS = {"P": (1.0, 0.25, 1.0), "PP": (0.6, 0.3, 1.0), "S": (0.4, 1.0, 4.0)}
"""Of each wave: how it lies on the vertical and the horizontals, and t*, s."""
KM_A_DEGREE = 111.195
_SURFACE_KM_S = 3.6
"""Speed of the surface waves' phases over the network."""


def teleseism(ground: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """A great earthquake 30 to 90° away: one of its waves comes first, the others if the scenario lasts."""
    magnitude, degrees = float(rng.uniform(6.5, 8.5)), float(rng.uniform(30, 90))
    azimuth = float(rng.uniform(0, 360))
    first = str(rng.choice(["P", "S", "surface"], p=[0.6, 0.2, 0.2]))
    times = {name: float(np.interp(degrees, _DEGREES, row)) for name, row in _TIMES_S.items()}
    times["surface"] = degrees * KM_A_DEGREE / 3.9
    for name in _PARTS:
        slowness = float(np.interp(degrees, _DEGREES, _SLOWNESS_S_DEG[name])) / KM_A_DEGREE
        begin = times[name] - times[first]
        if -200 < begin < stage.span.n_samples / stage.span.rate_hz:
            wave = _body(stage, name, magnitude=magnitude, degrees=degrees, begin_s=begin, rng=rng)
            _cross(ground, wave, stage, slowness_s_km=slowness, azimuth_deg=azimuth, rng=rng)
    begin = times["surface"] - times[first]
    if -900 < begin < stage.span.n_samples / stage.span.rate_hz:
        wave = _surface(stage, magnitude=magnitude, degrees=degrees, begin_s=begin, rng=rng)
        _cross(ground, wave, stage, slowness_s_km=1 / _SURFACE_KM_S, azimuth_deg=azimuth, rng=rng)
    return {"magnitude": magnitude, "distance_deg": degrees, "azimuth_deg": azimuth, "first_wave": first}


def _body(
    stage: Stage, name: str, *, magnitude: float, degrees: float, begin_s: float, rng: np.random.Generator
) -> Float32:
    """One body wave at the middle of the network, (Z N E, time): long, with the spectrum of a far Brune source.

    The level is M0 / (4π ρ v³ R) with a third of the spreading of a homogeneous Earth (Aki & Richards, 2002, chapter
    9, for g(Δ)), attenuated by t*.
    """
    vertical, flat, t_star = _PARTS[name]
    span, n_fft = stage.span, _length(stage)
    frequency = even_hz(n_fft, span.rate_hz)
    moment = float(moment_nm(magnitude))
    corner = float(corner_hz(moment, stress_drop_pa=3e6, vs_m_s=3500.0))
    speed = 4000.0 if name == "S" else 7000.0
    level = 0.35 * 2 * 0.52 * moment / (4 * np.pi * 3000 * speed**3 * degrees * KM_A_DEGREE * 1e3)
    size = level / (1 + 1j * frequency / corner) ** 2 * minimum_phase(np.exp(-np.pi * t_star * frequency))
    size *= (2j * np.pi * frequency) ** 2 * span.rate_hz
    since = np.arange(span.n_samples) / span.rate_hz - stage.at_s - begin_s
    fall = 0.5 / corner + 10
    power = (since >= 0) * np.exp(-np.maximum(since, 0) / fall) * (1 - np.exp(-np.maximum(since, 0) / 2.0))
    envelope = np.sqrt(power / (fall * span.rate_hz))
    hiss = rng.standard_normal((3, span.n_samples)) * envelope
    wave = fft.irfft(fft.rfft(hiss, n_fft, axis=-1) * size, n_fft, axis=-1)[:, : span.n_samples]
    return np.asarray(wave * np.array([vertical, flat, flat])[:, None], np.float32)


def _surface(stage: Stage, *, magnitude: float, degrees: float, begin_s: float, rng: np.random.Generator) -> Float32:
    """Love and Rayleigh waves, (Z N E, time): a train that runs from 40 s to 12 s period.

    The 20 s amplitude is that of the surface-wave magnitude (Vaněk et al., 1962): Ms = log A/T + 1.66 log Δ + 3.3.
    """
    since = stage.time_s.astype(np.float64) - begin_s
    length = 100 + 6 * degrees
    part = np.clip(since / length, 0, 1)
    period = 40 - 28 * part
    turn = 2 * np.pi * np.cumsum(1 / period) / stage.span.rate_hz
    microns = 20 * 10 ** (magnitude - 3.3 - 1.66 * np.log10(degrees))
    swell = np.sin(np.pi * np.clip(since / (1.6 * length), 0, 1)) ** 2
    size = 1e-6 * microns * swell * (2 * np.pi / period) ** 2
    phases, parts = rng.uniform(0, 2 * np.pi, 3), np.array([1.0, 0.8, 0.8])
    return np.asarray(parts[:, None] * size * np.sin(turn + phases[:, None]), np.float32)


def _cross(
    ground: Float32,
    wave: Float32,
    stage: Stage,
    *,
    slowness_s_km: float,
    azimuth_deg: float,
    rng: np.random.Generator,
) -> None:
    """Add a wave to every station, earlier where it comes from; amplitudes differ by a few tenths."""
    n_fft = _length(stage)
    spectrum = fft.rfft(wave, n_fft, axis=-1)
    turn = -2j * np.pi * even_hz(n_fft, stage.span.rate_hz)
    east, north = stage.offsets_km()
    way = np.radians(azimuth_deg)
    late_s: Float64 = -slowness_s_km * (east * np.sin(way) + north * np.cos(way))
    gain = np.exp(0.25 * rng.standard_normal(len(late_s)))
    for k, late in enumerate(late_s):
        moved = fft.irfft(spectrum * np.exp(turn * late).astype(np.complex64), n_fft, axis=-1)
        ground[k] += np.float32(gain[k]) * moved[:, : stage.span.n_samples].astype(np.float32)


def _length(stage: Stage) -> int:
    """Room for the samples and for what is moved over the edges."""
    n = stage.span.n_samples + round(60 * stage.span.rate_hz)
    n_fft = fft.next_fast_len(n, real=True)
    return int(n_fft + n_fft % 2)
