"""Labels: what a rival may learn from, checked once. Knows no waveforms and no models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from foreshock.config import Settings, settings_from
from foreshock.errors import ConfigError, LabelError, StateError
from foreshock.types.arrays import Float64, Ints
from foreshock.types.examples import Examples

LearntT = TypeVar("LearntT", bound=Settings)


def class_numbers(examples: Examples, *, who: str) -> Ints:
    """Give the class number of each example.

    Raises:
        LabelError: there is no example, no label, or labels are values; `who` is named.
    """
    if examples.y is None or not examples.classes or len(examples) == 0:
        raise LabelError(
            f"{who} got {len(examples)} examples with classes {examples.classes}",
            "it learns from labelled classes",
            "label the examples, or use a predictor of values",
        )
    return np.asarray(examples.y, np.int64)


def target_values(examples: Examples, *, who: str) -> Float64:
    """Give the target of each example.

    Raises:
        LabelError: there is no example, no target, or targets are classes; `who` is named.
    """
    if examples.y is None or examples.classes or len(examples) == 0:
        raise LabelError(
            f"{who} got {len(examples)} examples with classes {examples.classes}",
            "it learns from target values",
            "give values, or use a predictor of classes",
        )
    return np.asarray(examples.y, np.float64)


def tuning_set(train: Examples, dev: Examples) -> Examples:
    """The development examples, or where there are none the training examples themselves."""
    if len(dev) == 0:
        return train
    if dev.classes != train.classes:
        raise LabelError(
            f"development classes are {dev.classes}", f"the training classes are {train.classes}", "label both alike"
        )
    return dev


def learnt(value: LearntT | None, *, who: str) -> LearntT:
    """What a rival has learnt.

    Raises:
        StateError: it has not learnt yet.
    """
    if value is None:
        raise StateError(f"rival {who!r}", "it has not learnt yet", "call fit first")
    return value


def read_settings(kind: type[LearntT], settings: Mapping[str, Any], *, who: str) -> LearntT:
    """Check what was kept of a rival against its class.

    Raises:
        ConfigError: a key is unknown or missing, or a value breaks its rule.
    """
    return settings_from(kind, settings, where=f"settings of rival {who!r}")


def matrix(rows: Any, *, what: str) -> Float64:
    """Read a matrix from nested sequences of plain numbers.

    Raises:
        ConfigError: rows differ in length or hold something else.
    """
    try:
        plain = TypeAdapter(list[list[float]]).validate_python([list(row) for row in rows])
        return np.array(plain, np.float64).reshape(len(plain), -1)
    except (ValidationError, ValueError, TypeError) as error:
        raise ConfigError(f"{what} of a rival", "it must be a matrix of numbers", "fit the rival again") from error
