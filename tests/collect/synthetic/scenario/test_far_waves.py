"""A far earthquake: slow over the ground, fast across the network, long in period."""

from __future__ import annotations

import numpy as np
import pytest
from obspy.taup import TauPyModel
from scipy.signal import butter, sosfilt

from foreshock.collect.synthetic.scenario import ScenarioSettings, make_scenario
from foreshock.collect.synthetic.scenario.far_waves import _DEGREES, _SLOWNESS_S_DEG, _TIMES_S, teleseism
from foreshock.collect.synthetic.scenario.stage import Stage


@pytest.mark.slow
def test_times_and_slownesses_are_those_of_iasp91() -> None:
    model = TauPyModel("iasp91")
    for phase, times in _TIMES_S.items():
        for k, degrees in enumerate(_DEGREES):
            first = model.get_travel_times(15, degrees, [phase])[0]
            assert first.time == pytest.approx(times[k], abs=0.6)
            assert first.ray_param_sec_degree == pytest.approx(_SLOWNESS_S_DEG[phase][k], abs=0.01)


def test_its_energy_lies_below_a_hertz_and_it_crosses_the_network_in_seconds() -> None:
    settings = ScenarioSettings(stations=16, events=0, after_s=120.0)
    scenario, first = make_scenario(settings), set()
    stage = Stage(settings, scenario.net, scenario.family, scenario.span, 30.0)
    for seed in range(8):
        ground = np.zeros((16, 3, settings.n_samples), np.float32)
        facts = teleseism(ground, stage, np.random.default_rng(seed))
        place = np.abs(np.fft.rfft(ground[:, 0], axis=-1)) ** 2 / np.arange(1, settings.n_samples // 2 + 2) ** 4
        frequency = np.fft.rfftfreq(settings.n_samples, 0.01)
        assert place[:, frequency < 1].sum() > 0.99 * place.sum()
        first.add(facts["first_wave"])
        if facts["first_wave"] == "P":
            slow = ground[:, 0].reshape(16, -1, 20).mean(-1)
            lags = [int(np.correlate(row, slow[0], "full").argmax()) - slow.shape[1] + 1 for row in slow]
            assert 0.4 <= np.ptp(lags) * 0.2 < 12
            assert not ground[..., :1500].any() or np.abs(ground[..., :1500]).max() < 1e-3 * np.abs(ground).max()
    assert "P" in first
    assert len(first) > 1


def test_the_displacement_of_a_great_earthquakes_p_is_that_of_a_strong_teleseism() -> None:
    """A magnitude 8 at 30 to 90 degrees moves the ground by 0.01 to 5 mm."""
    settings = ScenarioSettings(stations=4, events=0, after_s=200.0)
    scenario, found = make_scenario(settings), []
    stage = Stage(settings, scenario.net, scenario.family, scenario.span, 30.0)
    for seed in range(30):
        ground = np.zeros((4, 3, settings.n_samples), np.float32)
        facts = teleseism(ground, stage, np.random.default_rng(seed))
        if facts["first_wave"] == "P" and 7.7 < float(facts["magnitude"]) < 8.3:  # type: ignore[arg-type]
            sos = butter(2, 0.02, "high", fs=100, output="sos")
            velocity = sosfilt(sos, np.cumsum(ground[:, 0], axis=-1, dtype=float) / 100)
            found.append(np.abs(sosfilt(sos, np.cumsum(velocity, axis=-1) / 100)).max())
    assert len(found) >= 2
    assert 1e-5 < min(found) < max(found) < 5e-3
