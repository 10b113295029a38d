"""A classifier slid along a recording says what it says window by window."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.errors import ConfigError, InputError
from foreshock.predict import specimen
from foreshock.predict.probability import sliding
from foreshock.predict.runtime import BundlePredictor
from foreshock.prepare.preparation import Preparation
from foreshock.prepare.windows import slide
from foreshock.types.waveform import Waveform

PLAN = Preparation(rate_hz=20.0, window_samples=200, steps=({"step": "highpass", "low_hz": 1.0},))


def recording(n: int = 12_345, rate_hz: float = 50.0) -> Waveform:
    return Waveform(np.random.default_rng(0).standard_normal((3, n)), rate_hz, 10**18, "XX.A.")


def predictor(**changes: object) -> BundlePredictor:
    return BundlePredictor(specimen.bundle(specimen.card(preparation=PLAN.model_dump(mode="json"), **changes)))


def test_it_says_what_the_windows_say_one_by_one() -> None:
    wave, model = recording(), predictor()
    said = sliding(model, wave, hop_s=0.5)
    examples = slide(wave, PLAN, hop_s=0.5)
    assert said.times_ns.tolist() == examples.table["time_ns"].tolist()
    np.testing.assert_allclose(said.probabilities, model.predict(examples).probabilities, atol=1e-6)


def test_times_rise_by_the_hop_and_the_last_window_ends_with_the_recording() -> None:
    wave = recording()
    times, _ = sliding(predictor(), wave, hop_s=0.5)
    assert times[0] == wave.start_ns
    assert set(np.diff(times[:-1]).tolist()) == {500_000_000}
    assert abs(times[-1] + 10 * 10**9 - wave.end_ns) <= 10**9 / 20


def test_a_recording_shorter_than_the_window_gives_one_answer() -> None:
    times, probabilities = sliding(predictor(), recording(100), hop_s=1.0)
    assert (len(times), probabilities.shape) == (1, (1, 2))


def test_a_regression_or_a_table_cannot_slide() -> None:
    for changes in (
        {"task": "regress", "problem": "magnitude", "classes": ()},
        {"problem": "table", "components": "", "rate_hz": 1.0},
    ):
        with pytest.raises(InputError, match="only a classifier of recordings"):
            sliding(predictor(**changes), recording(), hop_s=1.0)


def test_a_card_whose_preparation_cannot_be_read_is_refused() -> None:
    model = BundlePredictor(specimen.bundle(specimen.card(preparation={"rate": 1})))
    with pytest.raises(ConfigError, match="preparation of specimen"):
        sliding(model, recording(), hop_s=1.0)
