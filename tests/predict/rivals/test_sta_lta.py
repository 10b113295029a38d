"""The STA/LTA rival is tuned, calibrated, and fair at any rate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.errors import ConfigError, InputError, LabelError, StateError
from foreshock.law import check_predictor
from foreshock.predict import specimen
from foreshock.predict.rivals.sta_lta import RatioSettings, StaLta, grid, log_ratio

TRAIN, DEV, TEST = (specimen.wave_examples(120, seed=seed) for seed in range(3))


@pytest.fixture(scope="module")
def rival() -> StaLta:
    return StaLta().fit(TRAIN, DEV)


def test_the_law_of_predictors_holds(tmp_path: Path) -> None:
    for predictor in StaLta.specimens(tmp_path):
        check_predictor(predictor, StaLta.trial_examples())


def test_bursts_are_told_from_noise_with_honest_probabilities(rival: StaLta) -> None:
    said = rival.predict(TEST)
    p = said.probabilities[np.arange(len(TEST)), TEST.y]
    assert (said.predicted == TEST.y).mean() > 0.95
    assert -np.log(p).mean() < 0.25


def test_weak_bursts_are_still_better_than_chance_and_less_sure() -> None:
    def weak(seed: int):  # type: ignore[no-untyped-def]
        examples = specimen.wave_examples(200, seed=seed)
        noise = np.random.default_rng(seed + 50).standard_normal(examples.x.shape) * 0.35
        return replace(examples, x=examples.x + noise)

    said = StaLta().fit(weak(0), weak(1)).predict(weak(2))
    right = (said.predicted == weak(2).y).mean()
    assert 0.6 < right < 1.0
    assert said.probabilities.max(1).mean() == pytest.approx(right, abs=0.12)


def test_the_scale_of_a_window_is_not_seen(rival: StaLta) -> None:
    scaled = replace(TEST, x=TEST.x * np.float32(1000))
    np.testing.assert_allclose(rival.predict(scaled).probabilities, rival.predict(TEST).probabilities, atol=1e-5)


def test_classes_may_stand_in_any_order() -> None:
    turned = [replace(e, classes=("earthquake", "noise"), y=1 - e.y) for e in (TRAIN, DEV, TEST)]
    said = StaLta().fit(turned[0], turned[1]).predict(turned[2])
    assert said.classes == ("earthquake", "noise")
    assert (said.predicted == turned[2].y).mean() > 0.95


def test_dead_and_half_dead_windows_get_an_answer(rival: StaLta) -> None:
    x = TEST.x[:4].copy()
    x[0] = 0
    x[1, 0] = 0
    x[2, :, :100] = 0
    x[3] = 5.0
    said = rival.predict(replace(TEST.take(np.arange(4)), x=x))
    assert np.isfinite(said.probabilities).all()
    assert said.predicted[0] == said.predicted[3] == 0


@settings(deadline=None, max_examples=30)
@given(rate_hz=st.sampled_from([1.0, 5.0, 10.0, 20.0, 100.0, 200.0]), n_samples=st.integers(20, 3000))
def test_the_grid_fits_every_window(rate_hz: float, n_samples: int) -> None:
    choices = grid(rate_hz, n_samples)
    assert all(ratio.sta_s < ratio.lta_s for ratios in choices.values() for ratio in ratios)
    assert all(band is None or band[1] < rate_hz / 2 for band in choices)
    wave = specimen.wave_examples(2)
    x = np.random.default_rng(0).standard_normal((2, 3, n_samples))
    examples = replace(wave, x=x.astype(np.float32), rate_hz=rate_hz)
    assert np.isfinite(log_ratio(examples, next(iter(choices[None])))).all()


def test_windows_too_short_for_any_ratio_are_refused() -> None:
    short = replace(TRAIN, x=TRAIN.x[:, :, :3])
    with pytest.raises(InputError, match="3 samples"):
        StaLta().fit(short, short)


def test_examples_of_another_rate_than_the_band_allows_are_refused() -> None:
    with pytest.raises(InputError, match="below half the rate"):
        log_ratio(replace(TRAIN, rate_hz=4.0), RatioSettings(band_hz=(1.0, 8.0), sta_s=0.5, lta_s=5.0))


def test_targets_that_are_values_are_refused() -> None:
    values = specimen.magnitude_examples(5)
    with pytest.raises(LabelError, match="sta_lta got 5 examples"):
        StaLta().fit(values, values)
    with pytest.raises(StateError, match="not learnt"):
        StaLta().predict(TEST)


@pytest.mark.parametrize(
    "change", [{"weights": [[1.0], [1.0, 2.0]]}, {"spread": 0}, {"classes": ["noise"]}, {"ratio": {"sta": 1}}]
)
def test_spoilt_settings_are_refused(rival: StaLta, change: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        StaLta.from_settings(rival.settings() | change).predict(TEST)
