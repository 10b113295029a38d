"""What each task begins with, and augmentation by settings. Knows no training run."""

from __future__ import annotations

import numpy as np
import pytest
from train_made import values, waves

from foreshock.errors import ConfigError
from foreshock.prepare.augment import Augmentation
from foreshock.train.augmenting import augment_from
from foreshock.train.recipes import RECIPES, recipe
from foreshock.train.settings import TrainSettings


@pytest.mark.parametrize("task", RECIPES)
def test_every_recipe_can_be_resolved_and_is_its_tasks_own(task):
    known = recipe(task)
    assert known.task == task
    assert known.settings.resolved().learning_rate > 0
    assert recipe(task, model="conv-lstm").settings.model == "conv-lstm"


def test_a_recipe_for_an_unknown_task_or_an_unfit_model_is_refused():
    with pytest.raises(ConfigError, match="did you mean 'magnitude'"):
        recipe("magnitud")
    with pytest.raises(ConfigError, match="gives a value, not classes"):
        recipe("detect", model="cnn-regression")


def test_augmentation_by_settings_changes_windows_or_is_nothing():
    train = waves(16, 0)
    assert augment_from(Augmentation(), train) is None
    change = augment_from(Augmentation(flip=1.0), train)
    np.testing.assert_array_equal(change(train.x, np.random.default_rng(0)), -train.x)


def test_noise_is_taken_from_the_class_of_that_name_and_asked_for_in_vain_otherwise():
    train = waves(16, 0)
    change = augment_from(Augmentation(noise=1.0, noise_snr_db=(0.0, 0.0)), train)
    louder = change(train.x, np.random.default_rng(0))
    power = (louder**2).mean() / (train.x**2).mean()
    assert 1.7 < power < 2.3
    with pytest.raises(ConfigError, match="none is called 'noise'"):
        augment_from(Augmentation(noise=0.5), values(8, 0))
    with pytest.raises(ConfigError, match="superpose"):
        augment_from(Augmentation(superpose=0.5), train)


def test_settings_with_augmentation_survive_the_way_through_plain_values():
    told = TrainSettings(augmentation=Augmentation(flip=0.5))
    assert TrainSettings(**told.model_dump(mode="json")) == told
