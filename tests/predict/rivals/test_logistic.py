"""Logistic regression on features and on a table's columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from foreshock.errors import ConfigError, InputError, StateError
from foreshock.law import check_predictor
from foreshock.predict import specimen
from foreshock.predict.rivals.logistic import LogisticOnFeatures
from foreshock.types.examples import Examples


def rows(n: int, seed: int, n_classes: int = 3) -> Examples:
    """A table: five columns of very different size, two of which tell the class."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n)
    x = rng.standard_normal((n, 1, 5)) * np.array([1, 1e-3, 1e4, 1, 0])
    x[:, 0, 0] += 3 * y
    x[:, 0, 1] -= 2e-3 * y
    x[:, 0, 4] = 7
    names = [str(k) for k in range(n)]
    classes = tuple(f"类{k}" for k in range(n_classes))
    return Examples(x.astype(np.float32), 1.0, pd.DataFrame({"trace_id": names, "event_id": names}), y, classes)


def test_the_law_of_predictors_holds(tmp_path: Path) -> None:
    for predictor in LogisticOnFeatures.specimens(tmp_path):
        check_predictor(predictor, LogisticOnFeatures.trial_examples())


def test_bursts_are_told_from_noise_by_features() -> None:
    train, dev, test = (specimen.wave_examples(80, seed=seed) for seed in range(3))
    said = LogisticOnFeatures().fit(train, dev).predict(test)
    assert (said.predicted == test.y).mean() > 0.95


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_a_tables_own_columns_serve_for_any_number_of_classes(n_classes: int) -> None:
    train, dev, test = (rows(400, seed, n_classes) for seed in range(3))
    rival = LogisticOnFeatures().fit(train, dev)
    said = rival.predict(test)
    assert rival.settings()["inputs"] == "columns"
    assert "x4" not in rival.settings()["columns"]
    assert said.classes == test.classes
    assert (said.predicted == test.y).mean() > 0.85


def test_the_size_of_columns_does_not_matter() -> None:
    def grown(examples: Examples) -> Examples:
        return replace(examples, x=examples.x * np.array([1e6, 1, 1e-6, 1e3, 1], np.float32))

    train, dev, test = (rows(200, seed) for seed in range(3))
    want = LogisticOnFeatures().fit(train, dev).predict(test).probabilities
    got = LogisticOnFeatures().fit(grown(train), grown(dev)).predict(grown(test)).probabilities
    np.testing.assert_allclose(got, want, atol=1e-3)


def test_a_context_is_a_column() -> None:
    train, dev = specimen.wave_examples(40), specimen.wave_examples(40, seed=1)
    rival = LogisticOnFeatures().fit(train, dev)
    assert "log10_scale" in rival.settings()["columns"]
    with pytest.raises(InputError, match="lack the column 'log10_scale'"):
        rival.predict(replace(dev, context={}))


def test_one_absurd_value_does_not_decide() -> None:
    train, dev, test = (rows(200, seed) for seed in range(3))
    rival = LogisticOnFeatures().fit(train, dev)
    x = test.x.copy()
    x[0, 0, 2] = 1e30
    assert rival.predict(replace(test, x=x)).predicted[0] == rival.predict(test).predicted[0]


def test_dead_windows_get_an_answer() -> None:
    train, dev = specimen.wave_examples(40), specimen.wave_examples(40, seed=1)
    dead = replace(dev.take(np.arange(2)), x=np.zeros_like(dev.x[:2]))
    assert np.isfinite(LogisticOnFeatures().fit(train, dev).predict(dead).probabilities).all()


def test_columns_that_never_vary_are_refused() -> None:
    same = replace(rows(20, 0), x=np.ones((20, 1, 5), np.float32))
    with pytest.raises(InputError, match="none of them varies"):
        LogisticOnFeatures().fit(same, same)


def test_asking_before_learning_and_spoilt_settings_are_refused() -> None:
    with pytest.raises(StateError, match="not learnt"):
        LogisticOnFeatures().predict(rows(3, 0))
    with pytest.raises(ConfigError, match="rival 'logistic'"):
        LogisticOnFeatures.from_settings({"inputs": "columns"})
