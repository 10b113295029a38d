"""Recipes: what each task is trained with when nobody says otherwise, and why. Knows no torch and runs nothing.

Splits are made by event (`foreshock.collect.datasets.event_split`): records of one earthquake are near copies of each
other, and a random split puts some of them on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from foreshock.errors import ConfigError, nearest
from foreshock.models import needs
from foreshock.prepare.augment import Augmentation
from foreshock.train.settings import TrainSettings


@dataclass(frozen=True)
class Recipe:
    """What a task begins with.

    Attributes:
        task: ``detect``, ``classify``, ``magnitude`` or ``table``.
        settings: of the training.
        reason: why, in one sentence.
    """

    task: str
    settings: TrainSettings
    reason: str


_GROUND = Augmentation(shift=0.5, shift_samples=25, rotate=0.5, flip=0.5)

RECIPES = MappingProxyType(
    {
        "detect": Recipe(
            "detect",
            TrainSettings(model="cnn", class_weights="balanced", augmentation=_GROUND),
            "noise is cut more often than earthquakes; the same motion from elsewhere is the same event",
        ),
        "classify": Recipe(
            "classify",
            TrainSettings(model="conv-lstm", class_weights="balanced", augmentation=_GROUND),
            "classes are rarely balanced, and long windows need a network that strides early",
        ),
        "magnitude": Recipe(
            "magnitude",
            TrainSettings(model="cnn-regression", epochs=60, patience=12, augmentation=Augmentation(flip=0.5)),
            "a sign tells nothing of the size; Huber's loss forgives wrong catalogue magnitudes",
        ),
        "table": Recipe("table", TrainSettings(model="cnn"), "the article's network on the article's input"),
    }
)

NORMALISE = MappingProxyType({"lstm": "std", "conv-lstm": "std"})
"""How windows should be scaled for a network; ``peak`` where nothing stands.

A window divided by its peak is mostly far below one, and an LSTM's gates hardly move: on bursts in noise the article's
LSTM reached 0.99 after five epochs on windows of unit deviation and 0.82 on windows of unit peak.
"""


def recipe(task: str, *, model: str | None = None) -> Recipe:
    """The recipe of a task, for its own model or another one.

    Raises:
        ConfigError: the task or the model is unknown, or the model answers another kind of question.

    >>> recipe("detect").settings.model
    'cnn'
    """
    if task not in RECIPES:
        raise ConfigError(f"task {task!r}", "it is not known", nearest(task, RECIPES))
    known = RECIPES[task]
    if model is None:
        return known
    if needs(model).task == "regress" and task != "magnitude":
        raise ConfigError(f"model {model} for the task {task}", "it gives a value, not classes", "take cnn or lstm")
    return Recipe(task, known.settings.model_copy(update={"model": model}), known.reason)


def normalisation_for(model: str) -> str:
    """How windows should be scaled for a network: ``peak`` or ``std``.

    >>> normalisation_for("lstm"), normalisation_for("cnn")
    ('std', 'peak')
    """
    return NORMALISE.get(model, "peak")
