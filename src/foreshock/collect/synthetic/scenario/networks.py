"""Where a scenario's stations stand and what each is made of. Knows no events and no waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.collect.stations import FOREVER_NS
from foreshock.collect.synthetic.draws import generator
from foreshock.collect.synthetic.instrument import Instrument
from foreshock.collect.synthetic.scenario.families import family
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings
from foreshock.collect.synthetic.scenario.waves import Places
from foreshock.collect.synthetic.stations import destination
from foreshock.types.arrays import Float64, Ints
from foreshock.types.station import Channel, Station
from foreshock.units import STANDARD_GRAVITY_M_S2

NETWORK_STREAM = 31
CODES = ("HNZ", "HNN", "HNE")
_DIRECTIONS = ((0.0, -90.0), (0.0, 0.0), (90.0, 0.0))
CLIP_COUNTS = 2**23 - 1
_FLOOR_DB = (-130.0, -115.0, -105.0)
_FULL_SCALE_G = (2.0, 4.0, 2.0)
N_TYPES = len(_FULL_SCALE_G)
"""Kinds of digitiser: a force-balance one of ±2 g, one of ±4 g, a MEMS one of ±2 g; typical figures, 24 bits each."""


@dataclass(frozen=True, eq=False)
class Net:
    """A network's stations as columns (station,).

    Attributes:
        ids: ``XX.S001.`` and on. places: where, on what ground. kind: which digitiser.
        noise_level, culture_db: of each station's noise. latency_ln: logarithm of its latency over the median.
        phase: where in a packet's length its packets begin, 0 to 1.
    """

    ids: tuple[str, ...]
    places: Places
    kind: Ints
    noise_level: Float64
    culture_db: Float64
    latency_ln: Float64
    phase: Float64

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def sensitivity(self) -> Float64:
        """Counts per m/s2, (station,)."""
        return np.array([instrument(k).sensitivity for k in range(N_TYPES)])[self.kind]


def instrument(kind: int) -> Instrument:
    """Give a kind of digitiser with its sensor, flat in acceleration."""
    gain = 2**23 / (_FULL_SCALE_G[kind] * STANDARD_GRAVITY_M_S2)
    return Instrument(f"accelerometer_{kind}", "N", "m/s2", (), (), 1.0, gain, float(CLIP_COUNTS), _FLOOR_DB[kind])


def draw_net(settings: ScenarioSettings) -> Net:
    """Draw the stations of a scenario."""
    rng, n = generator(settings.seed, NETWORK_STREAM, group=0), settings.stations
    east, north = _LAYOUTS[settings.network](n, settings, rng)
    latitude, longitude = at(settings, east_km=east, north_km=north)
    vs30 = np.array(settings.vs30_m_s)[rng.integers(len(settings.vs30_m_s), size=n)]
    gain = family(settings.family).site_sigma_ln * rng.standard_normal(n)
    low, high = settings.noise_level
    return Net(
        ids=tuple(f"XX.S{k + 1:03d}." for k in range(n)),
        places=Places(latitude, longitude, vs30, gain),
        kind=rng.choice(N_TYPES, size=n, p=(0.5, 0.3, 0.2)),
        noise_level=low + (high - low) * rng.random(n),
        culture_db=15 * rng.random(n),
        latency_ln=settings.telemetry.station_sigma_ln * rng.standard_normal(n),
        phase=rng.random(n),
    )


def at(settings: ScenarioSettings, *, east_km: Float64, north_km: Float64) -> tuple[Float64, Float64]:
    """Turn kilometres from the network's middle into latitudes and longitudes."""
    n = len(east_km)
    return destination(
        np.full(n, settings.latitude),
        np.full(n, settings.longitude),
        azimuth_deg=np.degrees(np.arctan2(east_km, north_km)) % 360,
        distance_km=np.hypot(east_km, north_km),
    )


def _grid(n: int, settings: ScenarioSettings, rng: np.random.Generator) -> tuple[Float64, Float64]:
    """A square grid filled from its middle, each place off by the jitter."""
    side = int(np.ceil(np.sqrt(n)))
    axis = np.arange(side) - (side - 1) / 2
    east, north = (values.ravel() for values in np.meshgrid(axis, axis))
    nearest = np.argsort(np.maximum(abs(east), abs(north)), kind="stable")[:n]
    off = settings.jitter * rng.uniform(-1, 1, (2, n))
    return settings.spacing_km * (east[nearest] + off[0]), settings.spacing_km * (north[nearest] + off[1])


def _random(n: int, settings: ScenarioSettings, rng: np.random.Generator) -> tuple[Float64, Float64]:
    """Anywhere in a square as dense as the grid."""
    half = 0.5 * settings.spacing_km * np.sqrt(n)
    return rng.uniform(-half, half, n), rng.uniform(-half, half, n)


def _coast(n: int, settings: ScenarioSettings, rng: np.random.Generator) -> tuple[Float64, Float64]:
    """Two rows along a coast that runs north; the sea is west of it."""
    rows = 2 if n > 3 else 1
    k = np.arange(n)
    north = (k // rows - (n - 1) // rows / 2) * settings.spacing_km
    off = settings.jitter * settings.spacing_km * rng.uniform(-1, 1, (2, n))
    return (k % rows) * settings.spacing_km + off[0] * 0.5, north + off[1]


def _cluster(n: int, settings: ScenarioSettings, rng: np.random.Generator) -> tuple[Float64, Float64]:
    """Knots of about five stations, a third of the spacing wide, three spacings apart, others between."""
    knots = max(1, n // 5)
    half = 0.5 * settings.spacing_km * np.sqrt(n)
    centre = rng.uniform(-half, half, (knots, 2))
    place = centre[rng.integers(knots, size=n)] + settings.spacing_km / 3 * rng.standard_normal((n, 2))
    alone = rng.random(n) < 0.25
    place[alone] = rng.uniform(-half, half, (int(alone.sum()), 2))
    return place[:, 0], place[:, 1]


_LAYOUTS = {"grid": _grid, "random": _random, "coast": _coast, "cluster": _cluster}


def stations_of(net: Net) -> tuple[Station, ...]:
    """Give the network as stations with channels in counts per m/s2."""
    gains = net.sensitivity
    return tuple(
        Station(
            name,
            float(net.places.latitude[k]),
            float(net.places.longitude[k]),
            channels=tuple(
                Channel(code, azimuth, dip, float(gains[k]), "m/s2", *FOREVER_NS)
                for code, (azimuth, dip) in zip(CODES, _DIRECTIONS, strict=True)
            ),
        )
        for k, name in enumerate(net.ids)
    )
