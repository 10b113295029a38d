"""Report: everything the page needs, told by whoever ran the evaluation. Knows no drawing and no HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from foreshock.errors import InputError
from foreshock.evaluate.report.words import headings
from foreshock.types.predictions import Predictions

Rival: TypeAlias = tuple[Predictions, Mapping[str, Any]]
"""What a rival said, and the settings it was tuned to."""

Picture: TypeAlias = tuple[str, str, bytes]
"""Title, caption, PNG bytes."""

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, eq=False)
class Report:
    """What one report is about.

    Attributes:
        title: heading of the page.
        task: what was predicted, in a word (``detect``, ``classify``, ``magnitude`` …).
        ours: our predictions on the scored split.
        rivals: name → (predictions on the same rows, settings).
        ours_name: how our model is called in tables and pictures.
        own_rivals: those rivals that are our own other models; they are drawn in colour, not in grey.
        question: one or two sentences on what was asked.
        target, unit: what a regression predicts (``magnitude``, ``""``).
        settings: of our model and its training.
        splits: split name → figures such as ``{"records": 1200, "events": 300}``.
        history: one mapping an epoch, such as ``{"epoch": 1, "train_loss": 0.9, "dev_loss": 1.0}``.
        skipped: items left out before scoring, each with its reason.
        inputs: file → hash. versions: package → version.
        limits: sentences on what this run cannot say, added to the ones found from the scores.
        extra_pictures: (title, caption, PNG bytes) shown under their own heading.
        extra: further entries of ``metrics.json``.
        groups: columns to group by; None takes those that are known.
        lang: language of the headings, ``en`` or ``zh``. seed, n_resamples: of the bootstrap.

    Raises:
        InputError: the title is blank, the language unknown, a picture is not PNG, or ``own_rivals`` names none.
    """

    title: str
    task: str
    ours: Predictions
    rivals: Mapping[str, Rival] = field(default_factory=dict)
    ours_name: str = "this model"
    own_rivals: tuple[str, ...] = ()
    question: str = ""
    target: str = "value"
    unit: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    splits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()
    skipped: Sequence[tuple[str, str]] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    limits: Sequence[str] = ()
    extra_pictures: Sequence[Picture] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    groups: Sequence[str] | None = None
    lang: str = "en"
    seed: int = 0
    n_resamples: int = 1000

    def __post_init__(self) -> None:
        headings(self.lang)
        if not self.title.strip():
            raise InputError("title of a report is blank", "a page needs a heading", "say what was evaluated")
        unknown = sorted(set(self.own_rivals) - set(self.rivals))
        if unknown:
            raise InputError(f"own rival {unknown[0]!r}", "it is not among the rivals", "give its predictions too")
        for title, _, png in self.extra_pictures:
            if not png.startswith(PNG_MAGIC):
                raise InputError(f"picture {title!r}", "it is not a PNG", "save it with format='png'")
