"""Which event each record shows: size, place, mechanism, and how its waves reach the station. Knows no waveforms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock import geo
from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic import path
from foreshock.collect.synthetic.draws import between, log_between, normal, uniform_rows
from foreshock.collect.synthetic.settings import Layer, SyntheticSettings, layer_column
from foreshock.collect.synthetic.stations import Network, destination
from foreshock.types.arrays import Bools, Float64, Ints

EVENT_STREAM, CHOICE_STREAM, RECORD_STREAM = 2, 3, 4
EPOCH_NS = 1_577_836_800 * NS_PER_S
"""2020-01-01; events follow each other hour by hour."""
EVENT_SPACING_S = 3600
EVENTS_BEFORE_REPEAT = 200_000
"""After so many events (23 years) the dates begin again, so that no time leaves the range of nanoseconds."""
_EVENT_COLUMNS, _RECORD_COLUMNS = 12, 24


@dataclass(frozen=True)
class Scene:
    """What the records of one block show, a row a record; `origin_ns` of noise is just a time.

    `u` holds uniform numbers (column, record) of each record's own for whoever comes later.
    """

    index: Ints
    event: Ints
    station: Ints
    quiet: Bools
    origin_ns: Ints
    latitude: Float64
    longitude: Float64
    depth_km: Float64
    distance_km: Float64
    azimuth_deg: Float64
    back_azimuth_deg: Float64
    magnitude: Float64
    stress_drop_pa: Float64
    strike_deg: Float64
    dip_deg: Float64
    rake_deg: Float64
    u: Float64


def noise_slots(event: Ints, *, fraction: float) -> Bools:
    """Tell which event numbers are noise, spread evenly so that any long run holds the fraction asked for.

    >>> noise_slots(np.arange(4), fraction=0.5).tolist()
    [False, True, False, True]
    """
    return np.asarray(np.floor((event + 1) * fraction) > np.floor(event * fraction))


def magnitudes(u: Float64, settings: SyntheticSettings) -> Float64:
    """Draw magnitudes: uniform, or exponential between the bounds with the slope b (Gutenberg & Richter, 1944)."""
    low, high = settings.magnitude_min, settings.magnitude_max
    if settings.b_value == 0:
        return between(u, low, high)
    kept = 1 - 10 ** (-settings.b_value * (high - low))
    return low - np.log10(1 - u * kept) / settings.b_value


def build_scene(settings: SyntheticSettings, network: Network, *, seed: int, index: Ints) -> Scene:
    """Draw the events seen by the records numbered `index`, each from its own numbers only."""
    event = index // settings.stations_per_event
    u = uniform_rows(seed, EVENT_STREAM, index=event, n_columns=_EVENT_COLUMNS).T
    order = uniform_rows(seed, CHOICE_STREAM, index=event, n_columns=settings.stations).argsort(axis=1)
    rows = np.arange(len(index))
    station, home = order[rows, index % settings.stations_per_event], order[:, 0]
    latitude, longitude = destination(
        network.latitude[home],
        network.longitude[home],
        azimuth_deg=360 * u[0],
        distance_km=log_between(u[1], settings.distance_min_km, settings.distance_max_km),
    )
    distance, azimuth, back = geo.inverse(latitude, longitude, network.latitude[station], network.longitude[station])
    return Scene(
        index=index,
        event=event,
        station=station,
        quiet=noise_slots(event, fraction=settings.noise_fraction),
        origin_ns=EPOCH_NS
        + event % EVENTS_BEFORE_REPEAT * (EVENT_SPACING_S * NS_PER_S)
        + (u[2] * 600 * NS_PER_S).astype(np.int64),
        latitude=latitude,
        longitude=longitude,
        depth_km=between(u[3], settings.depth_min_km, settings.depth_max_km),
        distance_km=distance,
        azimuth_deg=azimuth,
        back_azimuth_deg=back,
        magnitude=magnitudes(u[4], settings),
        stress_drop_pa=1e6 * settings.stress_drop_median_mpa * 10 ** (settings.stress_drop_sigma_log10 * normal(u[5])),
        strike_deg=360 * u[6],
        dip_deg=between(u[7], 30, 90),
        rake_deg=between(u[8], -180, 180),
        u=uniform_rows(seed, RECORD_STREAM, index=index, n_columns=_RECORD_COLUMNS).T,
    )


@dataclass(frozen=True)
class Arrivals:
    """One wave type on its way to each record's station: the direct ray, the head wave, and the first of the two."""

    direct: path.Rays
    head: path.Rays
    first: path.Rays


def trace(layers: tuple[Layer, ...], scene: Scene, *, wave: str) -> Arrivals:
    """Trace ``p`` or ``s`` rays for every record."""
    top, velocity = layer_column(layers, "top_km"), layer_column(layers, f"v{wave}_km_s")
    straight = path.direct(top, velocity, depth_km=scene.depth_km, distance_km=scene.distance_km)
    along = path.head(top, velocity, depth_km=scene.depth_km, distance_km=scene.distance_km)
    return Arrivals(straight, along, path.first(straight, along))


def at_source(layers: tuple[Layer, ...], scene: Scene, *, name: str) -> Float64:
    """One property of the layer in which each source lies."""
    row = np.searchsorted(layer_column(layers, "top_km"), scene.depth_km, side="right") - 1
    return layer_column(layers, name)[row]
