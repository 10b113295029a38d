"""Sliding probability: a classifier run over a recording of any length, window by window. Knows no training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from foreshock.bundle import Card
from foreshock.config import settings_from
from foreshock.errors import InputError
from foreshock.predict.runtime import BundlePredictor
from foreshock.prepare.preparation import Preparation
from foreshock.prepare.windows import slide_in_blocks
from foreshock.types.arrays import Float64, Ints
from foreshock.types.waveform import Waveform

WINDOWS_AT_ONCE = 256


class Sliding(NamedTuple):
    """What a classifier said along a recording.

    Attributes:
        times_ns: (window,) UTC nanoseconds of each window's first sample; what is said about it can be known when its
            last sample has come, one window later.
        probabilities: (window, class), in the order of the card's classes.
    """

    times_ns: Ints
    probabilities: Float64


def sliding(
    predictor: BundlePredictor,
    waveform: Waveform,
    *,
    hop_s: float,
    known: Mapping[str, float] | None = None,
) -> Sliding:
    """Prepare a recording as the bundle says, slide its window over it and give the classes' probabilities.

    Args:
        predictor: a bundle's classifier.
        waveform: any rate and components that the preparation can map.
        hop_s: seconds from one window to the next; the last window ends with the recording.
        known: what the context needs beside the wave (``distance_km``, ``depth_km``).

    Raises:
        InputError: the bundle is no classifier of recordings, the hop does not fit, or the recording is refused.
        ConfigError: the card's preparation cannot be read.
    """
    _check_slides(predictor.card)
    preparation = preparation_of(predictor.card)
    times, said = [], []
    for examples in slide_in_blocks(waveform, preparation, hop_s=hop_s, block=WINDOWS_AT_ONCE, known=known):
        times.append(examples.table["time_ns"].to_numpy(np.int64))
        said.append(predictor.predict(examples).probabilities)
    return Sliding(np.concatenate(times), np.concatenate(said))


def preparation_of(card: Card) -> Preparation:
    """Read the preparation of recordings that a bundle's card keeps.

    Raises:
        ConfigError: the card keeps none that can be read.
    """
    return settings_from(Preparation, card.preparation, where=f"the preparation of {card.name}")


def _check_slides(card: Card) -> None:
    if card.task != "classify" or card.problem == "table":
        raise InputError(
            f"{card.name} is made for the problem {card.problem!r}",
            "only a classifier of recordings can slide",
            "name one",
        )
