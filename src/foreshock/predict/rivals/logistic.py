"""Logistic rival: a ridge-held softmax on features of the wave, or on a table's own columns. Knows no networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field

from foreshock import features
from foreshock.config import Settings
from foreshock.errors import InputError
from foreshock.predict import specimen
from foreshock.predict.answers import classified
from foreshock.predict.rivals.labels import class_numbers, learnt, matrix, read_settings, tuning_set
from foreshock.predict.rivals.softmax_line import fit_softmax, log_loss, probabilities
from foreshock.types.arrays import Float64
from foreshock.types.examples import Examples
from foreshock.types.predictions import Predictions

STRENGTHS = (0.003, 0.03, 0.3, 3.0, 30.0)
"""Values of C tried on the development examples."""

LIMIT = 8.0
"""Standardised columns are cut here: one absurd record must not decide."""

Inputs = Literal["auto", "features", "columns"]


class Learnt(Settings):
    """Columns with their centre, width and scale, classes and weights."""

    inputs: Literal["features", "columns"]
    components: str
    columns: tuple[str, ...] = Field(min_length=1)
    fill: tuple[float, ...]
    width: tuple[float, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: tuple[str, ...] = Field(min_length=2)
    c: float = Field(gt=0)
    weights: tuple[tuple[float, ...], ...]
    dev_log_loss: float


class LogisticOnFeatures:
    """Multinomial logistic regression on the feature table (contexts added), C chosen on the development examples.

    A column is centred on its median, divided by its interquartile range, bent by asinh (features spread over many
    decades), and standardised; what is NaN becomes the median.

    Args:
        inputs: ``features`` of the wave, ``columns`` as they come (a table's rows), or ``auto``: columns where an
            example has one channel.
        components: letters of the channels, for the features.
    """

    name: ClassVar[str] = "logistic"
    tasks: ClassVar[tuple[str, ...]] = ("classify",)

    def __init__(self, known: Learnt | None = None, *, inputs: Inputs = "auto", components: str = "ZNE") -> None:
        self.inputs: Inputs = inputs
        self.components = components
        self._learnt = known

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[LogisticOnFeatures]:
        """One on features and one on columns, both from `trial_examples`."""
        train, dev = cls.trial_examples(), specimen.wave_examples(seed=1)
        return [cls().fit(train, dev), cls(inputs="columns").fit(train, dev)]

    @classmethod
    def trial_examples(cls) -> Examples:
        """Windows of noise and of bursts."""
        return specimen.wave_examples()

    def fit(self, train: Examples, dev: Examples) -> Self:
        """Fit for every C on `train`, keep the one with the smallest log-loss on `dev`.

        Raises:
            LabelError: the examples have no classes.
            InputError: no column varies.
        """
        numbers = class_numbers(train, who=self.name)
        held_out = tuning_set(train, dev)
        inputs, components = self._chosen(train)
        scale = _Scale.of(_table(train, inputs, components))
        here, there = scale(_table(train, inputs, components)), scale(_table(held_out, inputs, components))
        tried = []
        for c in STRENGTHS:
            weights = fit_softmax(here, numbers, n_classes=len(train.classes), c=c)
            tried.append((log_loss(probabilities(there, weights), class_numbers(held_out, who=self.name)), c, weights))
        loss, c, weights = min(tried, key=lambda item: item[0])
        known = Learnt(
            inputs=inputs,
            components=components,
            classes=train.classes,
            c=c,
            weights=tuple(map(tuple, weights.tolist())),
            dev_log_loss=loss,
            **scale.as_lists(),
        )
        return type(self)(known, inputs=inputs, components=components)

    def _chosen(self, train: Examples) -> tuple[Literal["features", "columns"], str]:
        n_channels = train.x.shape[1]
        inputs = self.inputs if self.inputs != "auto" else ("columns" if n_channels == 1 else "features")
        return inputs, self.components[:n_channels]

    def predict(self, examples: Examples) -> Predictions:
        """Give class probabilities.

        Raises:
            StateError: it has not learnt yet.
            InputError: a column it has learnt is not there.
        """
        known = learnt(self._learnt, who=self.name)
        table = _table(examples, known.inputs, known.components)
        missing = [name for name in known.columns if name not in table.columns]
        if missing:
            raise InputError(
                f"examples lack the column {missing[0]!r}",
                f"{self.name} has learnt from {len(known.columns)} columns",
                "prepare them as the training examples",
            )
        values = _Scale.from_learnt(known)(table)
        return classified(examples, probabilities(values, matrix(known.weights, what="weights")), classes=known.classes)

    def settings(self) -> dict[str, Any]:
        """Columns, scales, classes and weights."""
        return learnt(self._learnt, who=self.name).model_dump(mode="json")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The predictor that was learnt before."""
        known = read_settings(Learnt, settings, who=cls.name)
        return cls(known, inputs=known.inputs, components=known.components)


def _table(examples: Examples, inputs: str, components: str) -> pd.DataFrame:
    """The columns of each example: features or samples, and every context."""
    if inputs == "columns":
        flat = examples.x.reshape(len(examples), -1).astype(np.float64)
        table = pd.DataFrame(flat, columns=[f"x{k}" for k in range(flat.shape[1])])
    else:
        table = features.table(examples.x, rate_hz=examples.rate_hz, unit="1", components=components)
    beside = {name: np.asarray(values, np.float64) for name, values in sorted(examples.context.items())}
    return pd.concat([table.reset_index(drop=True), pd.DataFrame(beside, index=range(len(examples)))], axis=1)


class _Scale:
    """Centre, width, mean and standard deviation of each column that varies."""

    def __init__(self, columns: Sequence[str], fill: Float64, width: Float64, mean: Float64, std: Float64) -> None:
        self.columns = list(columns)
        self.fill, self.width, self.mean, self.std = fill, width, mean, std

    @classmethod
    def of(cls, table: pd.DataFrame) -> _Scale:
        values = _finite(table)
        some = np.flatnonzero(np.isfinite(values).any(axis=0))
        values, names = values[:, some], list(table.columns[some])
        low, fill, high = np.nanquantile(values, [0.25, 0.5, 0.75], axis=0)
        width = np.where(high > low, high - low, np.maximum(np.nanstd(values, axis=0), 1e-30))
        bent = _bend(values, fill, width)
        mean, std = bent.mean(axis=0), bent.std(axis=0)
        keep = np.flatnonzero(std > 1e-9)
        if not len(keep):
            raise InputError(f"{len(table.columns)} columns", "none of them varies", "check the examples")
        return cls([names[k] for k in keep], fill[keep], width[keep], mean[keep], std[keep])

    @classmethod
    def from_learnt(cls, known: Learnt) -> _Scale:
        return cls(known.columns, *(np.array(v) for v in (known.fill, known.width, known.mean, known.std)))

    def as_lists(self) -> dict[str, Any]:
        numbers = {name: tuple(getattr(self, name).tolist()) for name in ("fill", "width", "mean", "std")}
        return {"columns": tuple(map(str, self.columns)), **numbers}

    def __call__(self, table: pd.DataFrame) -> Float64:
        bent = _bend(_finite(table[self.columns]), self.fill, self.width)
        return np.clip((bent - self.mean) / self.std, -LIMIT, LIMIT)


def _finite(table: pd.DataFrame) -> Float64:
    values = table.to_numpy(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _bend(values: Float64, fill: Float64, width: Float64) -> Float64:
    filled = np.where(np.isnan(values), fill, values)
    return np.asarray(np.arcsinh((filled - fill) / width), np.float64)
