"""The search over settings: seeded, resumable, never lost. Knows no recordings."""

from __future__ import annotations

import pytest
from train_made import waves

from foreshock.errors import ConfigError, StateError
from foreshock.train.search import search
from foreshock.train.settings import TrainSettings

TRAIN, DEV = waves(32, 0), waves(16, 1)
SETTINGS = TrainSettings(model="cnn-small", epochs=3, seed=4, accelerator="cpu")


def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path):
    whole = search(TRAIN, DEV, SETTINGS, work=tmp_path / "whole", trials=3)
    search(TRAIN, DEV, SETTINGS, work=tmp_path / "two", trials=2)
    resumed = search(TRAIN, DEV, SETTINGS, work=tmp_path / "two", trials=3)
    assert resumed == whole
    assert [row["dev_loss"] for row in whole.trials] == sorted(row["dev_loss"] for row in whole.trials)
    best = whole.trials[0]
    assert (whole.best.learning_rate, whole.best.batch_size, whole.best.epochs) == (
        best["learning_rate"],
        best["batch_size"],
        best["epochs"],
    )
    assert {row["number"] for row in whole.trials} == {0, 1, 2}
    assert sorted(item.name for item in (tmp_path / "two").iterdir()) == ["trials.sqlite"]


def test_a_search_over_something_else_or_of_no_trial_is_refused(tmp_path):
    search(TRAIN, DEV, SETTINGS, work=tmp_path, trials=1)
    with pytest.raises(StateError, match="other examples or settings"):
        search(DEV, TRAIN, SETTINGS, work=tmp_path, trials=1)
    with pytest.raises(ConfigError, match="0 trials"):
        search(TRAIN, DEV, SETTINGS, work=tmp_path, trials=0)
