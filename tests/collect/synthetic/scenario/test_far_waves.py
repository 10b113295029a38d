"""A far earthquake: slow over the ground, fast across the network, long in period."""

from __future__ import annotations

import numpy as np
import pytest
from obspy.taup import TauPyModel

from foreshock.collect.synthetic.scenario import ScenarioSettings, make_scenario
from foreshock.collect.synthetic.scenario.far_waves import _DEGREES, _SLOWNESS_S_DEG, _TIMES_S


@pytest.mark.slow
def test_times_and_slownesses_are_those_of_iasp91() -> None:
    model = TauPyModel("iasp91")
    for phase, times in _TIMES_S.items():
        for k, degrees in enumerate(_DEGREES):
            first = model.get_travel_times(15, degrees, [phase])[0]
            assert first.time == pytest.approx(times[k], abs=0.6)
            assert first.ray_param_sec_degree == pytest.approx(_SLOWNESS_S_DEG[phase][k], abs=0.01)


def test_its_energy_lies_below_a_hertz_and_it_crosses_the_network_in_seconds() -> None:
    told = {"stations": 16, "events": 0, "noise": False, "offset_m_s2": 0.0, "after_s": 120.0}
    found = 0
    for seed in range(6):
        scenario = make_scenario(ScenarioSettings(seed=seed, adversaries=("teleseism",), **told))  # type: ignore[arg-type]
        gain = scenario.net.sensitivity[:, None]
        wave = scenario.counts[:, 0] / gain
        spectrum = np.abs(np.fft.rfft(wave.mean(0))) ** 2 / np.arange(1, wave.shape[1] // 2 + 2) ** 2
        frequency = np.fft.rfftfreq(wave.shape[1], 0.01)
        assert spectrum[frequency < 1].sum() > 0.9 * spectrum.sum()
        (facts,) = scenario.disturbances
        assert 6.5 <= facts["magnitude"] <= 8.5  # type: ignore[operator]
        if facts["first_wave"] == "P":
            found += 1
            slow = wave.reshape(len(wave), -1, 20).mean(-1)
            lags = [int(np.correlate(row, slow[0], "full").argmax()) - slow.shape[1] + 1 for row in slow]
            assert 0.4 <= np.ptp(lags) * 0.2 < 12
    assert found
