"""Networks: as many stations as asked for, as far apart, each with its channels."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock import geo
from foreshock.collect.synthetic.scenario.networks import draw_net, stations_of
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings


@pytest.mark.parametrize("kind", ["grid", "random", "coast", "cluster"])
@pytest.mark.parametrize("n", [1, 2, 7, 25])
def test_every_kind_has_as_many_stations_as_asked_for_and_is_the_same_again(kind: str, n: int) -> None:
    settings = ScenarioSettings(network=kind, stations=n, seed=4)  # type: ignore[arg-type]
    net, again = draw_net(settings), draw_net(settings)
    assert len(net) == n == len(set(net.ids))
    assert np.array_equal(net.places.latitude, again.places.latitude)
    geo.check_place(net.places.latitude, net.places.longitude)


@pytest.mark.parametrize("spacing", [15.0, 20.0, 25.0])
def test_a_grids_neighbours_are_about_a_spacing_apart(spacing: float) -> None:
    net = draw_net(ScenarioSettings(stations=25, spacing_km=spacing))
    lat, lon = net.places.latitude, net.places.longitude
    apart = geo.distance_km(lat[:, None], lon[:, None], lat, lon) + 1e9 * np.eye(25)
    assert 0.7 * spacing < np.median(apart.min(1)) < 1.1 * spacing


def test_stations_of_a_coast_stand_in_a_narrow_strip() -> None:
    settings = ScenarioSettings(network="coast", stations=20)
    lat, lon = draw_net(settings).places.latitude, draw_net(settings).places.longitude
    assert np.ptp(lat) > 4 * np.ptp(lon) * np.cos(np.radians(settings.latitude))


def test_channels_tell_direction_sensitivity_and_unit() -> None:
    (station,) = stations_of(draw_net(ScenarioSettings(stations=1)))
    assert station.station_id == "XX.S001."
    told = [(one.code, one.azimuth_deg, one.dip_deg, one.unit) for one in station.channels]
    assert told == [("HNZ", 0.0, -90.0, "m/s2"), ("HNN", 0.0, 0.0, "m/s2"), ("HNE", 90.0, 0.0, "m/s2")]
    assert 1e5 < station.channels[0].sensitivity < 5e5
