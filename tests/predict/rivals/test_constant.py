"""Constant rivals say the training labels' shares, mean and median."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foreshock.errors import ConfigError, LabelError, StateError
from foreshock.law import check_predictor
from foreshock.predict import specimen
from foreshock.predict.rivals.constant import Majority, Mean, Median


@pytest.mark.parametrize("rival", [Majority, Mean, Median])
def test_the_law_of_predictors_holds(rival: type, tmp_path: Path) -> None:
    for predictor in rival.specimens(tmp_path):
        check_predictor(predictor, rival.trial_examples())


def test_majority_says_the_shares_of_training_and_so_the_commonest_class() -> None:
    examples = specimen.wave_examples(10)
    train = examples.take(np.array([0, 2, 4, 1]))
    said = Majority().fit(train, examples).predict(examples)
    assert said.probabilities.tolist() == [[0.75, 0.25]] * 10
    assert set(said.predicted.tolist()) == {0}


def test_mean_and_median_differ_where_targets_are_skewed() -> None:
    examples = specimen.magnitude_examples(81)
    for rival, want in ((Mean, examples.y.mean()), (Median, np.median(examples.y))):
        table = rival().fit(examples, examples).predict(examples).table
        assert table["value"].to_numpy() == pytest.approx(want)
        within = ((table["q05"] <= table["truth"]) & (table["truth"] <= table["q95"])).mean()
        assert within == pytest.approx(0.9, abs=0.03)


def test_an_empty_development_set_is_replaced_by_training() -> None:
    examples = specimen.magnitude_examples(20)
    assert (
        Mean().fit(examples, examples.take(np.array([], int))).settings() == Mean().fit(examples, examples).settings()
    )


def test_asking_before_learning_is_refused() -> None:
    for rival in (Majority(), Mean(), Median()):
        with pytest.raises(StateError, match=f"rival '{rival.name}': it has not learnt yet"):
            rival.predict(specimen.wave_examples(2))


def test_labels_of_the_wrong_kind_are_refused() -> None:
    waves, magnitudes = specimen.wave_examples(4), specimen.magnitude_examples(4)
    with pytest.raises(LabelError, match="majority got 4 examples"):
        Majority().fit(magnitudes, magnitudes)
    with pytest.raises(LabelError, match="mean got 4 examples"):
        Mean().fit(waves, waves)
    with pytest.raises(LabelError, match="median got 0 examples"):
        Median().fit(magnitudes.take(np.array([], int)), magnitudes)


@pytest.mark.parametrize("settings", [{}, {"value": "x", "residual_q05": 0, "residual_q95": 0}, {"valeu": 1}])
def test_spoilt_settings_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="rival 'mean'"):
        Mean.from_settings(settings)
