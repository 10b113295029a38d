"""Synthetic networks: where stations stand and how they differ. Knows no events."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.fft import irfft

from foreshock import geo
from foreshock.collect.synthetic import SyntheticSettings, network_stations, stations, synthesise


def test_stations_lie_within_the_radius_and_are_those_of_the_records() -> None:
    settings = SyntheticSettings(records=64, rate_hz=10.0, span_s=10.0, stations=30, network_radius_km=50.0)
    network = {station.station_id: station for station in network_stations(settings, seed=3)}
    km = [float(geo.distance_km(s.latitude, s.longitude, 30.0, 100.0)) for s in network.values()]
    assert len(network) == 30
    assert max(km) <= 50.5
    assert np.median(km) > 25
    assert {record.waveform.station_id for record in synthesise(settings, seed=3)} <= set(network)


def test_a_larger_network_begins_with_the_smaller_one() -> None:
    small, large = (network_stations(SyntheticSettings(stations=n, rate_hz=10.0), seed=1) for n in (5, 50))
    assert large[:5] == small


def test_every_station_has_a_character_of_its_own() -> None:
    network = stations.build_network(SyntheticSettings(stations=40), seed=0)
    for column in (network.kappa_s, network.resonance_hz, network.noise_level, network.culture_hz, network.tilt_db):
        assert len(np.unique(column)) == 40
    assert {sensor.name for sensor in network.instruments} == {"broadband", "short_period", "accelerometer"}


def test_the_ground_and_the_digitiser_answer_only_after_the_pulse() -> None:
    settings = SyntheticSettings(stations=8, unit="m/s")
    frequency = np.fft.rfftfreq(4096, 0.01)
    network = stations.build_network(settings, seed=2)
    pulse = irfft(stations.signal_transfer(network, settings, frequency), axis=-1)
    energy = (pulse**2).sum(-1)
    assert ((pulse[..., 2048:] ** 2).sum(-1) < 1e-2 * energy).all()
    assert ((pulse[..., 2048:-5] ** 2).sum(-1) < 1e-5 * energy).all(), "but for the interpolation of a few samples"


@pytest.mark.parametrize("azimuth", [0.0, 77.0, 180.0, 290.0])
def test_a_destination_is_as_far_and_in_the_direction_as_told(azimuth: float) -> None:
    start = np.array([30.0]), np.array([179.9])
    lat, lon = stations.destination(*start, azimuth_deg=np.array([azimuth]), distance_km=np.array([80.0]))
    km, found, _ = geo.inverse(*start, lat, lon)
    assert float(km[0]) == pytest.approx(80.0, rel=5e-3)
    assert (float(found[0]) - azimuth + 180) % 360 - 180 == pytest.approx(0.0, abs=0.3)
    assert -180 <= lon[0] <= 180
