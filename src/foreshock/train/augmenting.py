"""Augmenting: what the settings ask for as one change of a whole batch. Knows no network."""

from __future__ import annotations

from functools import partial

import numpy as np

from foreshock.errors import ConfigError
from foreshock.prepare.augment import Augmentation, augment
from foreshock.train.data import Augment
from foreshock.types import Examples
from foreshock.types.arrays import Float32

NOISE = "noise"
"""The class whose windows may be added to others."""


def augment_from(told: Augmentation, train: Examples) -> Augment | None:
    """Give the change that is asked for, or nothing when nothing is; noise is taken from the training examples.

    Raises:
        ConfigError: noise is to be added and there is no class of that name, rows are to be turned that are not there,
            or windows are to be laid over each other (which windows show an event is not known here).
    """
    if not any((told.shift, told.gain, told.rotate, told.flip, told.drop, told.gaps, told.noise, told.superpose)):
        return None
    if told.superpose:
        raise ConfigError("augmentation superpose", "it needs flags of events", "prepare such windows beforehand")
    n_rows = train.x.shape[1]
    if told.rotate and not (len(set(told.horizontal)) == 2 and set(told.horizontal) <= set(range(n_rows))):
        raise ConfigError(
            f"augmentation horizontal {told.horizontal} of windows with {n_rows} rows",
            "two different rows are turned",
            "name them, or set rotate = 0 in [train.augmentation]",
        )
    noise = _noise(train) if told.noise else None
    return partial(_changed, told=told, noise=noise)


def _noise(train: Examples) -> Float32:
    if NOISE not in train.classes:
        raise ConfigError(
            f"augmentation noise with classes {train.classes}", f"none is called {NOISE!r}", "set noise to 0"
        )
    windows: Float32 = train.x[np.asarray(train.y) == train.classes.index(NOISE)]
    return windows


def _changed(x: Float32, rng: np.random.Generator, *, told: Augmentation, noise: Float32 | None) -> Float32:
    return augment(x, rng, told, noise=noise)
