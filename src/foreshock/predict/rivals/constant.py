"""Constant rivals: the same answer for everything. Know the labels of the training examples and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field

from foreshock.config import Settings
from foreshock.predict import specimen
from foreshock.predict.answers import classified, valued
from foreshock.predict.rivals.labels import class_numbers, learnt, read_settings, target_values
from foreshock.types.arrays import Float64
from foreshock.types.examples import Examples
from foreshock.types.predictions import Predictions


class Shares(Settings):
    """How large a part of the training examples each class was."""

    classes: tuple[str, ...] = Field(min_length=1)
    shares: tuple[float, ...]


class Majority:
    """Says for every example how common each class was in training, and so always names the commonest.

    >>> examples = specimen.wave_examples(4)
    >>> Majority().fit(examples, examples).predict(examples).probabilities[0].tolist()
    [0.5, 0.5]
    """

    name: ClassVar[str] = "majority"
    tasks: ClassVar[tuple[str, ...]] = ("classify",)

    def __init__(self, learnt_shares: Shares | None = None) -> None:
        self._learnt = learnt_shares

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[Majority]:
        """One that has learnt from `trial_examples`."""
        examples = cls.trial_examples()
        return [cls().fit(examples.take(np.arange(3, len(examples))), examples)]

    @classmethod
    def trial_examples(cls) -> Examples:
        """Windows of noise and of bursts."""
        return specimen.wave_examples()

    def fit(self, train: Examples, dev: Examples) -> Self:
        """Count the training classes."""
        counts = np.bincount(class_numbers(train, who=self.name), minlength=len(train.classes))
        shares = counts / counts.sum()
        return type(self)(Shares(classes=train.classes, shares=tuple(shares.tolist())))

    def predict(self, examples: Examples) -> Predictions:
        """Say the same for every example.

        Raises:
            StateError: it has not learnt yet.
        """
        known = learnt(self._learnt, who=self.name)
        p = np.tile(np.array(known.shares), (len(examples), 1))
        return classified(examples, p, classes=known.classes)

    def settings(self) -> dict[str, Any]:
        """Classes and their shares."""
        return learnt(self._learnt, who=self.name).model_dump(mode="json")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The predictor that was learnt before."""
        return cls(read_settings(Shares, settings, who=cls.name))


class Level(Settings):
    """What is always said, and the quantiles of what it misses on the development examples."""

    value: float
    residual_q05: float
    residual_q95: float


class _OneValue:
    """Says one value, learnt from the training targets, for every example."""

    name: ClassVar[str]
    tasks: ClassVar[tuple[str, ...]] = ("regress",)

    def __init__(self, learnt_level: Level | None = None) -> None:
        self._learnt = learnt_level

    @staticmethod
    def middle(targets: Float64) -> float:
        """What to say, given the training targets."""
        raise NotImplementedError

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[Self]:
        """One that has learnt from `trial_examples`."""
        examples = cls.trial_examples()
        return [cls().fit(examples, examples)]

    @classmethod
    def trial_examples(cls) -> Examples:
        """Windows with magnitudes."""
        return specimen.magnitude_examples()

    def fit(self, train: Examples, dev: Examples) -> Self:
        """Learn the value from `train` and what it misses from `dev`.

        Raises:
            LabelError: the examples have no target values.
        """
        value = self.middle(target_values(train, who=self.name))
        held_out = dev if len(dev) else train
        q05, q95 = np.quantile(target_values(held_out, who=self.name) - value, [0.05, 0.95])
        return type(self)(Level(value=value, residual_q05=float(q05), residual_q95=float(q95)))

    def predict(self, examples: Examples) -> Predictions:
        """Say the same for every example.

        Raises:
            StateError: it has not learnt yet.
        """
        known = learnt(self._learnt, who=self.name)
        residuals = (known.residual_q05, known.residual_q95)
        return valued(examples, np.full(len(examples), known.value), residuals=residuals)

    def settings(self) -> dict[str, Any]:
        """The value and its residual quantiles."""
        return learnt(self._learnt, who=self.name).model_dump(mode="json")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The predictor that was learnt before."""
        return cls(read_settings(Level, settings, who=cls.name))


class Mean(_OneValue):
    """Says the mean of the training targets: no constant has a smaller mean square error there.

    >>> examples = specimen.magnitude_examples(8)
    >>> bool(np.isclose(Mean().fit(examples, examples).predict(examples).table["value"][0], examples.y.mean()))
    True
    """

    name: ClassVar[str] = "mean"

    @staticmethod
    def middle(targets: Float64) -> float:
        """The mean."""
        return float(targets.mean())


class Median(_OneValue):
    """Says the median of the training targets: no constant has a smaller mean absolute error there.

    >>> examples = specimen.magnitude_examples(9)
    >>> bool(np.isclose(Median().fit(examples, examples).predict(examples).table["value"][0], np.median(examples.y)))
    True
    """

    name: ClassVar[str] = "median"

    @staticmethod
    def middle(targets: Float64) -> float:
        """The median."""
        return float(np.median(targets))
