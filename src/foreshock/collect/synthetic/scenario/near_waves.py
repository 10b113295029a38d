"""Waves that are no earthquake in the network: a regional one, a quarry blast, a sonic boom, steps and cars.

Knows no instruments and no packets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from foreshock import geo
from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.scenario.events import make_event
from foreshock.collect.synthetic.scenario.stage import Facts, Stage
from foreshock.collect.synthetic.scenario.waves import arrivals_s, motion
from foreshock.collect.synthetic.stations import destination
from foreshock.collect.synthetic.transients import footsteps as walking
from foreshock.collect.synthetic.transients import vehicle
from foreshock.types.arrays import Float32, Float64, Ints

NUMBER = 900
"""Of the random numbers of these sources, beyond those of a scenario's own events."""
_RG_KM_S = 2.2


def regional(ground: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """An earthquake 250 to 600 km from the network's middle, its first wave coming as the disturbance begins."""
    far, azimuth, magnitude = rng.uniform(250, 600), rng.uniform(0, 360), float(rng.uniform(4.5, 6.5))
    return _source(ground, stage, rng, far_km=far, azimuth_deg=azimuth, magnitude=magnitude, kind="regional")


def quarry_blast(ground: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """A shot in the network, 0.3 km deep: strong P, weak S, a ground roll of about a hertz."""
    half = 0.4 * stage.settings.spacing_km * np.sqrt(len(stage.net))
    far, azimuth, magnitude = half * np.sqrt(rng.random()), rng.uniform(0, 360), float(rng.uniform(1.5, 3.2))
    return _source(ground, stage, rng, far_km=far, azimuth_deg=azimuth, magnitude=magnitude, kind="quarry_blast")


def _source(
    ground: Float32,
    stage: Stage,
    rng: np.random.Generator,
    *,
    far_km: float,
    azimuth_deg: float,
    magnitude: float,
    kind: str,
) -> Facts:
    settings, blast = stage.settings, kind == "quarry_blast"
    lat, lon = destination(
        np.array([settings.latitude]),
        np.array([settings.longitude]),
        azimuth_deg=np.array([azimuth_deg]),
        distance_km=np.array([far_km]),
    )
    event = make_event(
        kind,
        stage.span.start_ns + round(stage.at_s * NS_PER_S),
        place=(float(lat[0]), float(lon[0])),
        depth_km=0.3 if blast else float(rng.uniform(5, 20)),
        magnitude=magnitude,
        settings=settings,
        number=NUMBER + int(blast),
        rng=rng,
        kind=kind,
    )
    if not blast:
        first = float(arrivals_s(event, stage.family, places=stage.net.places)[0].min())
        event = replace(event, origin_time_ns=event.origin_time_ns - round(first * NS_PER_S))
    places, share = stage.net.places, 0.25 if blast else 1.0
    for first_row, part in motion(
        event, stage.family, places=places, span=stage.span, seed=settings.seed, s_share=share
    ):
        ground[first_row : first_row + len(part)] += part
    if blast:
        ground += _ground_roll(event.latitude, event.longitude, magnitude, stage, rng)
    return {
        "magnitude": magnitude,
        "latitude": event.latitude,
        "longitude": event.longitude,
        "depth_km": event.depth_km,
        "distance_km": float(far_km),
    }


def _ground_roll(
    latitude: float, longitude: float, magnitude: float, stage: Stage, rng: np.random.Generator
) -> Float32:
    """Rg, (station, Z N E, time): one swing of about a hertz that lengthens as it goes, below 1e-2 m/s2 at 10 km."""
    places = stage.net.places
    far = np.maximum(geo.distance_km(latitude, longitude, places.latitude, places.longitude), 1.0)
    frequency = float(rng.uniform(0.5, 1.5))
    since = stage.time_s[None] - (far / _RG_KM_S).astype(np.float32)[:, None]
    width = (1.0 + 0.03 * far).astype(np.float32)[:, None]
    shape = np.exp(-((since / width) ** 2))
    size = 3e-3 * 10 ** (magnitude - 3) * np.sqrt(10 / far) * np.exp(-np.pi * frequency * far / (_RG_KM_S * 80))
    turn = 2 * np.pi * np.float32(frequency) * since
    up, flat = shape * np.sin(turn), 0.7 * shape * np.cos(turn)
    return np.asarray(np.stack([up, flat, flat], axis=1) * size[:, None, None], np.float32)


def sonic_boom(ground: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """A pressure wave presses the ground as it passes at 0.34 km/s, from a point or as an aircraft's carpet."""
    east, north = stage.offsets_km()
    carpet = bool(rng.random() < 0.5)
    half = 0.4 * stage.settings.spacing_km * np.sqrt(len(stage.net))
    here = rng.uniform(-half, half, 2)
    speed = float(rng.uniform(0.34, 0.6)) if carpet else 0.34
    if carpet:
        way = rng.uniform(0, 2 * np.pi)
        along, across = east * np.sin(way) + north * np.cos(way), east * np.cos(way) - north * np.sin(way)
        late = (along - along.min()) / speed + np.abs(across) / 0.34 * np.sqrt(1 - (0.33 / speed) ** 2)
        size = np.exp(-np.abs(across) / 40)
    else:
        far = np.maximum(np.hypot(east - here[0], north - here[1]), 1.0)
        late, size = (far - far.min()) / speed, 5 / (5 + far) * np.exp(-far / 80)
    strong = float(10 ** rng.uniform(-2.5, -0.5))
    _press(ground, stage, late - late.min(), size=strong * size, rng=rng)
    return {"speed_km_s": speed, "carpet": int(carpet), "strongest_m_s2": strong}


def _press(ground: Float32, stage: Stage, late_s: Float64, *, size: Float64, rng: np.random.Generator) -> None:
    """Add a two-sided push and what the ground rings on, to every station."""
    long_s, ring_hz = rng.uniform(0.1, 0.3), rng.uniform(3, 15, len(late_s))
    gains = np.exp(0.5 * rng.standard_normal((len(late_s), 3))) * np.array([1.0, 0.6, 0.6])
    for k, late in enumerate(late_s):
        first = stage.at + round(float(late) * stage.span.rate_hz)
        last = min(stage.span.n_samples, first + round(4 * stage.span.rate_hz))
        if first >= stage.span.n_samples:
            continue
        t = np.arange(last - first) / stage.span.rate_hz
        push = np.where(t < long_s, 1 - 2 * t / long_s, 0) + 0.5 * np.exp(-2 * t) * np.sin(2 * np.pi * ring_hz[k] * t)
        ground[k, :, first:last] += (size[k] * gains[k][:, None] * push).astype(np.float32)


def footsteps(ground: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """Somebody walks past each of a few stations."""
    stations = stage.some(rng, least=1, most=max(3, len(stage.net) // 2))
    return _passing(ground, stage, rng, stations=stations, make=walking, strongest=(-4.0, -1.5))


def traffic(ground: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """Cars and trains pass many stations, each at its own time."""
    stations = stage.some(rng, least=3, most=len(stage.net))
    return _passing(ground, stage, rng, stations=stations, make=vehicle, strongest=(-4.5, -2.0))


def _passing(
    ground: Float32,
    stage: Stage,
    rng: np.random.Generator,
    *,
    stations: Ints,
    make: Callable[[Float32, Float64, Float64, float, np.random.Generator], Float32],
    strongest: tuple[float, float],
) -> Facts:
    """Add one transient a station, its peak drawn between powers of ten of m/s2."""
    rate, n = stage.span.rate_hz, len(stations)
    time = np.arange(stage.span.n_samples, dtype=np.float32) / np.float32(rate)
    start = stage.at_s + rng.uniform(0, 30, n)
    waves = make(time, start, rng.random((3, n)), rate, rng)
    size = 10 ** rng.uniform(*strongest, n)
    lean = rng.uniform(0.3, 1.0, (n, 3)) * rng.choice([-1.0, 1.0], (n, 3))
    for row, k in enumerate(stations):
        top = max(float(np.abs(waves[row, 0]).max()), 1e-12)
        ground[k] += (size[row] / top * lean[row]).astype(np.float32)[:, None] * waves[row, 0]
    return {"stations": stage.names(stations), "strongest_m_s2": float(size.max())}
