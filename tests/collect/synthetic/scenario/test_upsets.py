"""What instruments do by themselves: at one instant, on named stations, of the told size."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.collect.synthetic.scenario import Scenario, ScenarioSettings, make_scenario


def made(name: str, seed: int = 0, **told: object) -> Scenario:
    whole = {"stations": 16, "events": 0, "noise": False, "after_s": 90.0, **told}
    return make_scenario(ScenarioSettings(seed=seed, adversaries=(name,), **whole))  # type: ignore[arg-type]


def changed(scenario: Scenario) -> np.ndarray:
    """Which samples are not the channel's first value, (station, time)."""
    return (scenario.counts != scenario.counts[..., :1]).any(1)


def test_a_calibration_of_all_moves_every_station_of_a_kind_at_the_same_sample() -> None:
    scenario = made("calibration_all")
    (facts,) = scenario.disturbances
    rows = changed(scenario)
    hit = [scenario.net.ids[k] for k in np.flatnonzero(rows.any(1))]
    assert hit == facts["stations"]
    assert len(set(scenario.net.kind[rows.any(1)])) == 1
    assert np.ptp(rows[rows.any(1)].argmax(1)) <= 1


def test_a_calibration_of_one_moves_one() -> None:
    assert changed(made("calibration_one")).any(1).sum() == 1


def test_lightning_strikes_several_stations_within_a_tenth_of_a_second() -> None:
    scenario = made("lightning", seed=3)
    first = changed(scenario)
    struck = np.sort(first[first.any(1)].argmax(1))
    assert len(struck) >= 2
    assert np.diff(struck).min() <= 10


@pytest.mark.parametrize("seed", range(4))
def test_a_flat_line_stays_at_its_last_value(seed: int) -> None:
    scenario = made("flat_line", seed, noise=True)
    (facts,) = scenario.disturbances
    for name in facts["stations"]:  # type: ignore[union-attr]
        row = scenario.counts[scenario.net.ids.index(name)]
        still = (np.diff(row, axis=-1) == 0).all(0)
        assert still.sum() > 900


def test_a_dropout_gives_zeros_and_comes_back_to_the_offset() -> None:
    scenario = made("dropout")
    (facts,) = scenario.disturbances
    k = scenario.net.ids.index(facts["stations"][0])  # type: ignore[index]
    row = scenario.counts[k, 0]
    assert row[0] != 0
    assert (row == 0).sum() >= 100
    assert row[-1] == row[0]


def test_a_jump_of_the_zero_stays() -> None:
    scenario = made("dc_jump", seed=2)
    rows = changed(scenario)
    for row in rows[rows.any(1)]:
        assert row[row.argmax() :].all()


def test_a_swapped_sensor_multiplies_all_that_comes_after() -> None:
    scenario = made("gain_change", seed=1)
    (facts,) = scenario.disturbances
    k = scenario.net.ids.index(facts["stations"][0])  # type: ignore[index]
    assert scenario.counts[k, 0, -1] / scenario.counts[k, 0, 0] == pytest.approx(facts["factor"], rel=0.02)


def test_upside_down_stations_have_the_other_sign() -> None:
    scenario = made("polarity", seed=1, noise=True)
    right = made("spikes", seed=1, noise=True)
    (facts,) = scenario.disturbances
    k = scenario.net.ids.index(facts["stations"][0])  # type: ignore[index]
    assert np.array_equal(scenario.counts[k, :, :2000], -right.counts[k, :, :2000])


def test_spikes_are_single_samples() -> None:
    scenario = made("spikes", seed=4)
    (facts,) = scenario.disturbances
    assert 0 < changed(scenario).sum() <= facts["count"]  # type: ignore[operator]


def test_glitches_come_at_their_own_times() -> None:
    for seed in range(10):
        rows = changed(made("glitch", seed))
        struck = rows[rows.any(1)].argmax(1)
        if len(struck) > 1:
            assert np.ptp(struck) > 20
            return
    pytest.fail("never more than one station was drawn")
