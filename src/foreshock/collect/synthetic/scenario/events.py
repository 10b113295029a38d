"""Which earthquakes a scenario holds: when, where, how large, on which plane. Knows no waves."""

from __future__ import annotations

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.draws import generator
from foreshock.collect.synthetic.scenario.families import family
from foreshock.collect.synthetic.scenario.networks import Net
from foreshock.collect.synthetic.scenario.rupture import SHALLOWEST_TOP_KM, TrueEvent, size_km
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings
from foreshock.collect.synthetic.stations import destination

EVENT_STREAM = 32
_RAKES = (0.0, 180.0, 90.0, -90.0)


def draw_events(settings: ScenarioSettings, net: Net) -> tuple[TrueEvent, ...]:
    """Draw the events in order of origin: the first at the settings' time and place, others after and away from it."""
    out: list[TrueEvent] = []
    for k in range(settings.events):
        rng = generator(settings.seed, EVENT_STREAM, group=k)
        if out:
            latitude, longitude = _beside(out[0], settings, rng)
            after = rng.uniform(settings.twin_after_min_s, settings.twin_after_max_s)
            after = after if settings.twin_after_s is None else k * settings.twin_after_s
        else:
            latitude, longitude = _place(settings, net, rng)
            after = 0.0
        size, deep = _magnitude(settings, rng), rng.uniform(settings.depth_min_km, settings.depth_max_km)
        origin_ns = settings.origin_ns + round(after * NS_PER_S)
        out.append(
            make_event(
                f"scenario-{settings.seed}-{k + 1}",
                origin_ns,
                place=(latitude, longitude),
                depth_km=deep,
                magnitude=size,
                settings=settings,
                number=k,
                rng=rng,
            )
        )
    return tuple(sorted(out, key=lambda event: event.origin_time_ns))


def make_event(
    event_id: str,
    origin_time_ns: int,
    *,
    place: tuple[float, float],
    depth_km: float,
    magnitude: float,
    settings: ScenarioSettings,
    number: int,
    rng: np.random.Generator,
    kind: str = "earthquake",
) -> TrueEvent:
    """Draw an event's plane, its hypocentre on it and its stress drop; the plane's top stays below the ground."""
    one = family(settings.family)
    length, width = size_km(magnitude)
    dip, down = rng.uniform(45, 90), rng.uniform(0.3, 0.85)
    rise = width * np.sin(np.radians(dip))
    down = float(np.clip((depth_km - SHALLOWEST_TOP_KM) / rise, 0, down))
    return TrueEvent(
        event_id=event_id,
        origin_time_ns=origin_time_ns,
        latitude=place[0],
        longitude=place[1],
        depth_km=depth_km,
        magnitude=magnitude,
        kind=kind,
        strike_deg=rng.uniform(0, 360),
        dip_deg=dip,
        rake_deg=_RAKES[rng.integers(len(_RAKES))] + rng.uniform(-20, 20),
        length_km=length,
        width_km=width,
        top_km=depth_km - down * rise,
        along=rng.uniform(0.05, 0.95),
        down=down,
        stress_drop_mpa=one.stress_drop_mpa * float(np.exp(one.stress_drop_sigma_ln * rng.standard_normal())),
        number=number,
    )


def _magnitude(settings: ScenarioSettings, rng: np.random.Generator) -> float:
    """As told, or drawn: uniform, or exponential between the bounds (Gutenberg & Richter, 1944)."""
    u, low, high, b = rng.random(), settings.magnitude_min, settings.magnitude_max, settings.b_value
    if settings.magnitude is not None:
        return settings.magnitude
    if b == 0:
        return float(low + (high - low) * u)
    return float(low - np.log10(1 - u * (1 - 10 ** (-b * (high - low)))) / b)


def _place(settings: ScenarioSettings, net: Net, rng: np.random.Generator) -> tuple[float, float]:
    """Inside: near a station drawn, towards the network's middle; outside: beyond its edge, off a coast if it has one.

    Along a coast, inside is among its stations too.
    """
    where = settings.where
    if where == "anywhere":
        where = "inside" if rng.random() < 0.5 else "outside"
    if where == "inside":
        return _inside(settings, net, rng)
    east = np.radians(settings.latitude)
    x = (net.places.longitude - settings.longitude) * 111.195 * np.cos(east)
    y = (net.places.latitude - settings.latitude) * 111.195
    coast = settings.network == "coast"
    azimuth = rng.uniform(225, 315) if coast else rng.uniform(0, 360)
    way = np.radians(azimuth)
    edge = max(0.0, float((x * np.sin(way) + y * np.cos(way)).max()))
    beyond = rng.uniform(*settings.outside_km)
    shift = float(rng.uniform(y.min(), y.max())) if coast else 0.0
    edge = 0.0 if coast else edge
    return _gone(settings.latitude + shift / 111.195, settings.longitude, azimuth, edge + beyond)


def _inside(settings: ScenarioSettings, net: Net, rng: np.random.Generator) -> tuple[float, float]:
    """A place between stations: the weighted middle of three neighbours."""
    first = rng.integers(len(net))
    lat, lon = net.places.latitude, net.places.longitude
    near = np.hypot(lat - lat[first], (lon - lon[first]) * np.cos(np.radians(lat[first])))
    three = np.argsort(near)[: min(4, len(net))]
    weight = rng.dirichlet(np.ones(len(three)))
    if len(net) < 3:
        return _gone(lat[first], lon[first], rng.uniform(0, 360), settings.spacing_km * rng.random() / 2)
    return float(lat[three] @ weight), float(lon[three] @ weight)


def _beside(event: TrueEvent, settings: ScenarioSettings, rng: np.random.Generator) -> tuple[float, float]:
    far = rng.uniform(settings.twin_distance_min_km, settings.twin_distance_max_km)
    return _gone(event.latitude, event.longitude, rng.uniform(0, 360), far)


def _gone(latitude: float, longitude: float, azimuth_deg: float, distance_km: float) -> tuple[float, float]:
    lat, lon = destination(
        np.array([latitude]),
        np.array([longitude]),
        azimuth_deg=np.array([azimuth_deg]),
        distance_km=np.array([distance_km]),
    )
    return float(lat[0]), float(lon[0])
