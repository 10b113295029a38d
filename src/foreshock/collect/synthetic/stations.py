"""The synthetic network: where stations stand and what each is like. Knows no events."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from foreshock.collect.synthetic import instrument as hardware
from foreshock.collect.synthetic import noise, site
from foreshock.collect.synthetic.draws import between, log_between, normal, uniform_rows
from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.geo import EARTH_RADIUS_KM
from foreshock.types.arrays import Float32, Float64
from foreshock.types.station import Station

STREAM = 1
_COLUMNS = 16


@dataclass(frozen=True)
class Network:
    """Stations as columns (station,): places and characters drawn once from the seed."""

    codes: tuple[str, ...]
    latitude: Float64
    longitude: Float64
    instruments: tuple[hardware.Instrument, ...]
    kappa_s: Float64
    vp_surface_km_s: Float64
    vs_surface_km_s: Float64
    resonance_hz: Float64
    impedance_ratio: Float64
    damping: Float64
    noise_level: Float64
    cultural_db: Float64
    culture_hz: Float64
    tilt_db: Float64

    def __len__(self) -> int:
        return len(self.codes)

    def only(self, k: int) -> Network:
        """The network of station k alone."""
        columns = {f.name: getattr(self, f.name)[k : k + 1] for f in fields(self)}
        return Network(**columns)


def build_network(settings: SyntheticSettings, *, seed: int) -> Network:
    """Draw the stations: evenly over a disc, each with its rock, soil, instrument and noise of its own."""
    u = uniform_rows(seed, STREAM, index=np.arange(settings.stations), n_columns=_COLUMNS).T
    latitude, longitude = destination(
        np.full(settings.stations, settings.network_latitude),
        np.full(settings.stations, settings.network_longitude),
        azimuth_deg=360 * u[0],
        distance_km=settings.network_radius_km * np.sqrt(u[1]),
    )
    vs = log_between(u[2], 0.5, 2.0)
    return Network(
        codes=tuple(f"{settings.network}.S{k:03d}." for k in range(settings.stations)),
        latitude=latitude,
        longitude=longitude,
        instruments=tuple(_instrument(settings, x) for x in u[3]),
        kappa_s=settings.kappa_median_s * np.exp(0.3 * normal(u[4])),
        vp_surface_km_s=vs * between(u[5], 1.8, 2.4),
        vs_surface_km_s=vs,
        resonance_hz=log_between(u[6], 0.8, 12.0),
        impedance_ratio=between(u[7], 0.35, 1.0),
        damping=between(u[8], 0.02, 0.08),
        noise_level=between(u[9], settings.noise_level_min, settings.noise_level_max),
        cultural_db=settings.cultural_db_max * u[10],
        culture_hz=log_between(u[11], 2.0, 15.0),
        tilt_db=10 * u[12],
    )


def network_stations(settings: SyntheticSettings, *, seed: int) -> tuple[Station, ...]:
    """Give the stations on which the records of the same settings and seed are made.

    >>> [station.station_id for station in network_stations(SyntheticSettings(stations=2), seed=0)]
    ['SY.S000.', 'SY.S001.']
    """
    network = build_network(settings, seed=seed)
    places = zip(network.codes, network.latitude, network.longitude, strict=True)
    return tuple(Station(code, float(latitude), float(longitude)) for code, latitude, longitude in places)


def _instrument(settings: SyntheticSettings, u: float) -> hardware.Instrument:
    if settings.unit != "count":
        return hardware.ideal(settings.unit)
    return hardware.INSTRUMENTS[settings.instruments[int(u * len(settings.instruments))]]


def destination(
    latitude: Float64, longitude: Float64, *, azimuth_deg: Float64, distance_km: Float64
) -> tuple[Float64, Float64]:
    """Go a distance in a direction on the mean sphere; longitudes come back in -180..180.

    >>> start, east, way = np.array([0.0]), np.array([90.0]), np.array([111.195])
    >>> lat, lon = destination(start, start, azimuth_deg=east, distance_km=way)
    >>> bool(abs(lat[0]) < 1e-9 and abs(lon[0] - 1) < 1e-4)
    True
    """
    arc, azimuth, phi = distance_km / EARTH_RADIUS_KM, np.radians(azimuth_deg), np.radians(latitude)
    sine = np.sin(phi) * np.cos(arc) + np.cos(phi) * np.sin(arc) * np.cos(azimuth)
    east = np.arctan2(np.sin(azimuth) * np.sin(arc) * np.cos(phi), np.cos(arc) - np.sin(phi) * sine)
    return np.degrees(np.arcsin(np.clip(sine, -1, 1))), (longitude + np.degrees(east) + 180) % 360 - 180


def signal_transfer(network: Network, settings: SyntheticSettings, frequency_hz: Float64) -> npt.NDArray[np.complex64]:
    """Give output per metre of displacement that arrives below each station, (station, Z N E, frequency).

    Ground and digitiser act together as one minimum-phase filter: nothing is heard before it arrives.
    """
    clean = hardware.anti_alias(frequency_hz, rate_hz=settings.rate_hz)
    out = np.empty((len(network), 3, len(frequency_hz)), np.complex64)
    for k, sensor in enumerate(network.instruments):
        recorded = sensor.response_to("m", frequency_hz)
        for row, resonance, kappa in ((0, 2.0, 0.5), (1, 1.0, 1.0)):
            ground = ground_gain(
                network, k, frequency_hz, resonance=resonance, kappa=kappa, soft=settings.site_resonance
            )
            out[k, row] = site.minimum_phase(ground * clean) * recorded
        out[k, 2] = out[k, 1]
    return out


def ground_gain(
    network: Network, k: int, frequency_hz: Float64, *, resonance: float, kappa: float, soft: bool
) -> Float64:
    """Give the ground's amplification at station k; the factors tell how the vertical differs from the horizontals."""
    gain = site.near_surface_loss(frequency_hz, kappa_s=kappa * network.kappa_s[k])
    if not soft:
        return gain
    layer = site.soft_layer(
        frequency_hz,
        resonance_hz=resonance * network.resonance_hz[k],
        impedance_ratio=network.impedance_ratio[k] ** (1 / resonance),
        damping=network.damping[k],
    )
    return gain * layer * site.generic_rock(frequency_hz) ** (1 / resonance)


def noise_amplitude(network: Network, settings: SyntheticSettings, frequency_hz: Float64) -> Float32:
    """Give the noise amplitudes of each station in output units, (station, Z N E, frequency); even steps from 0."""
    power = np.zeros((len(network), 3, len(frequency_hz)))
    power[..., 1:] = noise_power(network, settings, frequency_hz[1:])
    return noise.spectral_amplitude(power, rate_hz=settings.rate_hz, n_fft=2 * (len(frequency_hz) - 1))


def noise_power(network: Network, settings: SyntheticSettings, frequency_hz: Float64) -> Float64:
    """Give the noise's one-sided power density in output units squared a hertz, (station, Z N E, frequency)."""
    clean = hardware.anti_alias(frequency_hz, rate_hz=settings.rate_hz)
    power = np.zeros((len(network), 3, len(frequency_hz)))
    for k, sensor in enumerate(network.instruments):
        recorded = np.abs(sensor.response_to("m/s2", frequency_hz) * clean) ** 2
        for row, tilt in enumerate((0.0, network.tilt_db[k], network.tilt_db[k])):
            decibel = noise.acceleration_db(
                frequency_hz,
                level=network.noise_level[k],
                cultural_db=network.cultural_db[k],
                culture_hz=network.culture_hz[k],
                tilt_db=tilt,
            )
            power[k, row] = (10 ** (decibel / 10) + 10 ** (sensor.floor_db / 10)) * recorded
    return power
