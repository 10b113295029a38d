"""When, where and how large: a catalogue of mainshocks, aftershocks and background. Knows no stations and no waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.draws import between, generator
from foreshock.collect.synthetic.events import magnitudes
from foreshock.collect.synthetic.stations import destination
from foreshock.types.arrays import Float64, Ints

SEQUENCE_STREAM = 20
BACKGROUND = -1
MAINSHOCK_BY = 0.6
"""Mainshocks fall into this first part of the span, so that their aftershocks fall into it too."""
THINNEST_KM = 0.5
"""How far aftershocks lie off their plane."""


@dataclass(frozen=True)
class Quakes:
    """Earthquakes as columns (event,), in order of time; `sequence` is the mainshock's number or `BACKGROUND`."""

    event_id: tuple[str, ...]
    origin_ns: Ints
    latitude: Float64
    longitude: Float64
    depth_km: Float64
    magnitude: Float64
    stress_drop_pa: Float64
    strike_deg: Float64
    dip_deg: Float64
    rake_deg: Float64
    sequence: Ints

    def __len__(self) -> int:
        return len(self.event_id)


def omori_times(u: Float64, *, span_s: Float64, p: float, c_s: float) -> Float64:
    """Turn uniform numbers into seconds after a mainshock, at most `span_s`, by the rate (t + c)^-p.

    Utsu (1961), Geophys. Mag. 30, 521-605: the modified Omori law, its distribution function inverted.

    >>> bool(np.allclose(omori_times(np.array([0.0, 1.0]), span_s=np.array([9.0]), p=1.0, c_s=1.0), [0, 9]))
    True
    """
    if abs(p - 1) < 1e-9:
        return np.asarray(c_s * (1 + span_s / c_s) ** u - c_s)
    first, last = c_s ** (1 - p), (span_s + c_s) ** (1 - p)
    return np.asarray((first + u * (last - first)) ** (1 / (1 - p)) - c_s)


def draw_quakes(settings: NetworkDaySettings, *, seed: int) -> Quakes:
    """Draw the earthquakes of a recording.

    All magnitudes follow one Gutenberg-Richter law; the largest are mainshocks. Of the others some are background,
    evenly spread, the rest aftershocks: more of larger mainshocks, after them by the Omori-Utsu law, about their plane.
    With `every_s` the times are even and the places stay.
    """
    n, base, rng = settings.n_events, settings.base(), generator(seed, SEQUENCE_STREAM, group=0)
    size = magnitudes(rng.random(n), base)
    mains = np.argsort(-size, kind="stable")[: settings.sequences]
    member = _members(settings, size, mains, rng)
    second = _times(settings, member, mains, rng)
    latitude, longitude, depth, strike, dip, rake = _places(settings, member, mains, size, rng)
    stress = 1e6 * base.stress_drop_median_mpa * 10 ** (base.stress_drop_sigma_log10 * rng.standard_normal(n))
    order = np.argsort(second, kind="stable")
    micro = np.rint(second * 1e6).astype(np.int64)
    return Quakes(
        event_id=tuple(f"{base.network}{seed}_{k:06d}" for k in range(n)),
        origin_ns=settings.start_ns + (micro * (NS_PER_S // 1_000_000))[order],
        latitude=latitude[order],
        longitude=longitude[order],
        depth_km=depth[order],
        magnitude=size[order],
        stress_drop_pa=np.asarray(stress)[order],
        strike_deg=strike[order],
        dip_deg=dip[order],
        rake_deg=rake[order],
        sequence=member[order],
    )


def _members(settings: NetworkDaySettings, size: Float64, mains: Ints, rng: np.random.Generator) -> Ints:
    """The sequence of every event (event,)."""
    member = np.full(len(size), BACKGROUND, np.int64)
    if not len(mains):
        return member
    weight = 10 ** (settings.productivity * size[mains])
    edges = np.cumsum(weight)[:-1] / weight.sum()
    drawn = np.searchsorted(edges, rng.random(len(size)))
    clustered = rng.random(len(size)) >= settings.background_fraction
    member[clustered] = drawn[clustered]
    member[mains] = np.arange(len(mains))
    return member


def _times(settings: NetworkDaySettings, member: Ints, mains: Ints, rng: np.random.Generator) -> Float64:
    """Seconds after the start (event,)."""
    u, n, last_s = rng.random(len(member)), len(member), settings.span_s - settings.edge_s
    if settings.every_s is not None:
        return np.asarray(settings.edge_s + settings.every_s * rng.permutation(n))
    second = between(u, settings.edge_s, last_s)
    if not len(mains):
        return second
    begun = settings.edge_s + MAINSHOCK_BY * (last_s - settings.edge_s) * rng.random(len(mains))
    after = member >= 0
    since = begun[member[after]]
    second[after] = since + omori_times(u[after], span_s=last_s - since, p=settings.omori_p, c_s=settings.omori_c_s)
    second[mains] = begun
    return second


def _places(
    settings: NetworkDaySettings, member: Ints, mains: Ints, size: Float64, rng: np.random.Generator
) -> tuple[Float64, ...]:
    """Latitude, longitude, depth, strike, dip and rake (event,)."""
    n, ground, low, high = len(member), settings.ground, settings.depth_min_km, settings.depth_max_km
    radius = settings.region_radius_km
    away, azimuth = radius * np.sqrt(rng.random(n)), 360 * rng.random(n)
    depth, strike = between(rng.random(n), low, high), 360 * rng.random(n)
    dip, rake = between(rng.random(n), 30, 90), between(rng.random(n), -180, 180)
    away[mains] *= 0.75
    step = rng.standard_normal((5, n))
    after = (member >= 0) & ~np.isin(np.arange(n), mains)
    own = mains[member[after]]
    for column, spread in ((strike, 15.0), (rake, 25.0)):
        column[after] = column[own] + spread * step[3, after]
    dip[after] = np.clip(dip[own] + 8 * step[4, after], 5, 90)
    away[after], azimuth[after] = away[own], azimuth[own]
    length = np.maximum(2.0, 10 ** (0.5 * size[own] - 1.5))
    along, across = length * step[0, after], THINNEST_KM * step[1, after]
    turn = np.radians(strike[own])
    east, north = along * np.sin(turn) + across * np.cos(turn), along * np.cos(turn) - across * np.sin(turn)
    x, y = away * np.sin(np.radians(azimuth)), away * np.cos(np.radians(azimuth))
    x[after] += east
    y[after] += north
    depth[after] = _folded(depth[own] + 0.6 * length * step[2, after], low, high)
    latitude, longitude = destination(
        np.full(n, ground.network_latitude),
        np.full(n, ground.network_longitude),
        azimuth_deg=np.degrees(np.arctan2(x, y)),
        distance_km=np.hypot(x, y),
    )
    return latitude, longitude, depth, strike % 360, dip, (rake + 180) % 360 - 180


def _folded(values: Float64, low: float, high: float) -> Float64:
    """Values beyond a bound thrown back by as much, so that none pile up there."""
    if high == low:
        return np.full(len(values), low)
    part = (values - low) % (2 * (high - low))
    return low + np.minimum(part, 2 * (high - low) - part)
