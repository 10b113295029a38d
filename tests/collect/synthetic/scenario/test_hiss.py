"""Noise lies between Peterson's models, or at the sensor's own."""

from __future__ import annotations

import numpy as np
from scipy.signal import welch

from foreshock.collect.peterson import nhnm_db
from foreshock.collect.synthetic.scenario.hiss import background
from foreshock.collect.synthetic.scenario.networks import draw_net, instrument
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings


def test_noise_has_the_power_of_ground_and_sensor() -> None:
    net = draw_net(ScenarioSettings(stations=12))
    data = background(net, n_samples=60_000, rate_hz=100.0, seed=0)
    frequency, power = welch(data, 100.0, nperseg=4096)
    for k in range(len(net)):
        floor = instrument(int(net.kind[k])).floor_db
        high = np.maximum(nhnm_db(1 / frequency[(frequency > 0.3) & (frequency < 10)]), floor)
        found = 10 * np.log10(power[k][:, (frequency > 0.3) & (frequency < 10)])
        assert found.min() > floor - 6
        assert (found < high + 6).all()


def test_a_stations_noise_is_its_own() -> None:
    one, two = background(draw_net(ScenarioSettings(stations=2)), n_samples=500, rate_hz=100.0, seed=0)
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.5
