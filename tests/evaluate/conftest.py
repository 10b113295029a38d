"""What the tests of evaluation share: small tables of predictions. Knows nothing about predictors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from foreshock.types.predictions import Predictions


def _columns(n: int, rows_per_event: int) -> dict[str, list[str]]:
    return {
        "trace_id": [f"t{k}" for k in range(n)],
        "event_id": [f"e{k // rows_per_event}" for k in range(n)],
    }


@pytest.fixture
def said() -> Callable[..., Predictions]:
    """Make predictions of classes from probabilities (example, class) and true class numbers."""

    def make(p: object, truth: object, *, classes: str = "abc", rows_per_event: int = 1, **more: object) -> Predictions:
        p, names = np.asarray(p, float), tuple(classes[: np.asarray(p).shape[1]])
        table = pd.DataFrame(_columns(len(p), rows_per_event)).assign(truth=[names[k] for k in np.asarray(truth)])
        for k, name in enumerate(names):
            table[f"prob_{name}"] = p[:, k]
        return Predictions(table.assign(**more), classes=names)

    return make


@pytest.fixture
def valued() -> Callable[..., Predictions]:
    """Make predictions of values from values and truth."""

    def make(value: object, truth: object, *, rows_per_event: int = 1, **more: object) -> Predictions:
        table = pd.DataFrame(_columns(len(np.asarray(value)), rows_per_event))
        return Predictions(table.assign(value=np.asarray(value, float), truth=np.asarray(truth, float), **more))

    return make


@pytest.fixture
def tied(said: Callable[..., Predictions]) -> Predictions:
    """300 rows of three classes with probabilities rounded to tenths, so that many scores are equal."""
    rng = np.random.default_rng(3)
    counts = rng.multinomial(10, [0.4, 0.35, 0.25], 300)
    truth = np.array([rng.choice(3, p=row) for row in (counts + 0.5) / 11.5])
    return said(counts / 10, truth, rows_per_event=3)
