"""Catalogue: the models by name, what each needs, and the one way to build them. Knows no training and no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from foreshock.errors import ConfigError, MissingExtraError, nearest
from foreshock.models.lengths import after_article_stages, shortest

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class Needs:
    """What a model asks for before it is built.

    Attributes:
        shortest_window: the fewest samples of a window.
        reads_context: whether it reads columns beside the wave.
        task: ``classify`` or ``regress``.
        where: the module and class that define it.
    """

    shortest_window: int
    reads_context: bool
    task: str
    where: str


_ARTICLE_WINDOW = shortest(after_article_stages)

CATALOGUE: dict[str, Needs] = {
    "cnn": Needs(_ARTICLE_WINDOW, False, "classify", "foreshock.models.cnn:Cnn"),
    "cnn-small": Needs(_ARTICLE_WINDOW, False, "classify", "foreshock.models.cnn:CnnSmall"),
    "lstm": Needs(1, False, "classify", "foreshock.models.lstm:Lstm"),
    "conv-lstm": Needs(16, True, "classify", "foreshock.models.conv_lstm:ConvLstm"),
    "cnn-regression": Needs(16, True, "regress", "foreshock.models.cnn_regression:CnnRegression"),
}
NAMES = tuple(CATALOGUE)


def needs(
    name: str,
    *,
    n_channels: int | None = None,
    n_samples: int | None = None,
    n_outputs: int | None = None,
    context: Sequence[str] = (),
) -> Needs:
    """Say what a model needs; whatever else is named is checked against it at once.

    Raises:
        ConfigError: the model is unknown, or it cannot work on what is named.

    >>> needs("cnn").shortest_window
    22
    """
    if name not in CATALOGUE:
        raise ConfigError(f"model {name!r}", "it is not known", nearest(name, NAMES))
    known = CATALOGUE[name]
    if n_channels is not None and n_channels < 1:
        raise ConfigError(f"{n_channels} channels for {name}", "it needs at least 1", "choose components")
    if n_samples is not None and n_samples < known.shortest_window:
        raise ConfigError(
            f"window of {n_samples} samples is too short for {name}",
            f"it needs ≥ {known.shortest_window}",
            "take a longer window, a higher rate or another model",
        )
    _check_outputs(name, known, n_outputs)
    if context and not known.reads_context:
        readers = [other for other, its in CATALOGUE.items() if its.reads_context]
        raise ConfigError(
            f"context {', '.join(context)} for {name}", "it reads the wave only", f"take {' or '.join(readers)}"
        )
    if len(set(context)) < len(context):
        raise ConfigError(f"context {', '.join(context)} for {name}", "a column stands twice", "name each column once")
    return known


def _check_outputs(name: str, known: Needs, n_outputs: int | None) -> None:
    if n_outputs is None:
        return
    if n_outputs < 1:
        raise ConfigError(f"{n_outputs} outputs for {name}", "it needs at least 1", "name the classes")
    if known.task == "regress" and n_outputs != 1:
        raise ConfigError(f"{n_outputs} outputs for {name}", "it gives one value", "take a model that gives classes")


def build(name: str, *, n_channels: int, n_samples: int, n_outputs: int, context: Sequence[str] = ()) -> nn.Module:
    """Build a model with fresh weights (drawn from torch's global generator; seed it first).

    Arguments:
        name: one of `NAMES`.
        n_channels, n_samples: of a window (channel, time).
        n_outputs: number of classes, or 1 for a value.
        context: names of the columns it reads beside the wave, in the order in which they will be given.

    Raises:
        ConfigError: the model is unknown or cannot work on such windows.
        MissingExtraError: torch is not installed.
    """
    known = needs(name, n_channels=n_channels, n_samples=n_samples, n_outputs=n_outputs, context=context)
    module, _, kind = known.where.partition(":")
    try:
        chosen: type[nn.Module] = getattr(import_module(module), kind)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtraError.of(f"model {name}", extra="train", package="torch") from error
    told = {"context": tuple(context)} if known.reads_context else {}
    return chosen(n_channels=n_channels, n_samples=n_samples, n_outputs=n_outputs, **told)
