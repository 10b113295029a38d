"""The law of predictors: no peeking at the answer, no memory of order, settings that carry everything."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd

from foreshock.errors import PluginError
from foreshock.plugins import Predictor
from foreshock.types.arrays import Float64, Ints
from foreshock.types.examples import Examples
from foreshock.types.predictions import Predictions

TOLERANCE = 1e-5


def check_predictor(predictor: Predictor, examples: Examples) -> None:
    """Try a fitted predictor on examples it was made for (at least four, labelled).

    Raises:
        PluginError: the predictor breaks a rule; the sentence says which.
    """
    said = predictor.predict(examples)
    _demand(predictor, len(said) == len(examples), "it must say one thing an example")
    _demand(
        predictor,
        list(said.table["trace_id"]) == list(examples.table["trace_id"]),
        "its rows must stand in the order of the examples",
    )
    _same(predictor, "a second call", predictor.predict(examples), said)
    blind = predictor.predict(replace(examples, y=None))
    _same(predictor, "examples without their labels", blind, said)
    order = np.random.default_rng(0).permutation(len(examples))
    shuffled = predictor.predict(examples.take(order))
    _same(predictor, "shuffled examples", _rows(shuffled, np.argsort(order)), said)
    one = predictor.predict(examples.take(np.array([1])))
    _same(predictor, "one example alone", one, _rows(said, np.array([1])))
    settings = json.loads(json.dumps(predictor.settings(), allow_nan=False))
    again = type(predictor).from_settings(settings).predict(examples)
    _same(predictor, "a copy made from its settings", again, said)


def _demand(predictor: Predictor, held: bool, rule: str) -> None:
    if not held:
        raise PluginError(f"predictor {predictor.name!r}", f"it breaks the law: {rule}", "correct the predictor")


def _rows(said: Predictions, rows: Ints) -> Predictions:
    return Predictions(said.table.iloc[rows], classes=said.classes)


def _numbers(said: Predictions) -> Float64:
    return said.probabilities if said.classes else said.table[["value"]].to_numpy(float)


def _same(predictor: Predictor, what: str, got: Predictions, want: Predictions) -> None:
    close = pd.Series(np.abs(_numbers(got) - _numbers(want)).ravel()).max() <= TOLERANCE * (
        1 + np.abs(_numbers(want)).max()
    )
    _demand(predictor, got.classes == want.classes and bool(close), f"{what} must give the same")
