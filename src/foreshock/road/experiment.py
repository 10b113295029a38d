"""Experiment: examples to a bundle with its rivals, tuned alike and kept together. Knows no command line.

Every way of training on the road (recordings, tables, arrays, the demo) comes through `run_experiment`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreshock.bundle import Bundle, read_bundle, write_bundle
from foreshock.config import settings_from
from foreshock.errors import ForeshockError
from foreshock.plugins import Predictor, load
from foreshock.predict.runtime import BundlePredictor
from foreshock.road.problems import Problem
from foreshock.types.examples import Examples
from foreshock.types.predictions import Predictions

BUNDLE_NAME = "model.bundle"


@dataclass(frozen=True, eq=False)
class Plan:
    """What an experiment needs beside its examples.

    Attributes:
        problem: the question.
        preparation: plain values from which the same examples can be made again.
        training: settings of the training (see `train.settings.TrainSettings`).
        data: one entry a data set: name, n_records, licence, sha256.
        columns: names of a table's columns.
        components: rows of a window, in order.
        name, licence: of the model, for its card.
    """

    problem: Problem
    preparation: Mapping[str, Any]
    training: Mapping[str, Any]
    data: Sequence[Mapping[str, Any]] = ()
    columns: tuple[str, ...] = ()
    name: str = ""
    licence: str = ""
    components: str = "ZNE"


@dataclass(frozen=True, eq=False)
class Experiment:
    """A trained bundle with its rivals.

    Attributes:
        bundle: as written to disk; its card holds the rivals' settings.
        rivals: tuned predictors by name.
        history: a row of numbers an epoch.
        warnings: what went less well than asked.
    """

    bundle: Bundle
    rivals: Mapping[str, Predictor]
    history: Sequence[Mapping[str, Any]]
    warnings: Sequence[str] = field(default_factory=tuple)

    def predictions(self, examples: Examples, *, device: str = "auto") -> tuple[Predictions, dict[str, Predictions]]:
        """Ask the network and every rival about the same examples."""
        return predict_all(self.bundle, self.rivals, examples, device=device)


def check_can_train() -> None:
    """Find out before any work whether this installation can train.

    Raises:
        MissingExtraError: it lacks the extra ``train``.
    """
    import foreshock.train.export
    import foreshock.train.fit  # noqa: F401


def run_experiment(
    train: Examples, dev: Examples, plan: Plan, *, folder: Path, resume: bool = False, progress: bool = True
) -> Experiment:
    """Train a network, tune its rivals on the same examples, and write one bundle with both.

    Raises:
        LabelError: the labels cannot be learnt from.
        ConfigError: the model or a setting does not fit the examples.
        MissingExtraError: training is not installed.
    """
    from foreshock.train.export import to_bundle
    from foreshock.train.fit import fit
    from foreshock.train.settings import TrainSettings

    settings = settings_from(TrainSettings, plan.training, where="[train]")
    trained = fit(train, dev, settings, work=folder / "training", resume=resume, progress=progress)
    rivals, warnings = tune_rivals(plan.problem.rivals, train, dev)
    bundle = to_bundle(
        trained,
        dev=dev,
        task=plan.problem.name,
        preparation=dict(plan.preparation),
        components=plan.components,
        data=[dict(item) for item in plan.data],
        columns=plan.columns,
        rivals={name: rival.settings() for name, rival in rivals.items()},
        name=plan.name,
        licence=plan.licence,
    )
    write_bundle(folder / BUNDLE_NAME, bundle)
    return Experiment(read_bundle(folder / BUNDLE_NAME), rivals, trained.history, tuple(warnings))


def tune_rivals(names: Sequence[str], train: Examples, dev: Examples) -> tuple[dict[str, Predictor], list[str]]:
    """Tune rivals on the training examples, choosing their settings on the development examples, as the network's are.

    A rival that cannot be tuned on these examples is left out, with a warning that says why.
    """
    rivals: dict[str, Predictor] = {}
    warnings: list[str] = []
    for name in names:
        try:
            rivals[name] = load("predictors", name)().fit(train, dev)
        except ForeshockError as error:
            warnings.append(f"rival {name} could not be tuned ({error})")
    return rivals, warnings


def rivals_of(bundle: Bundle) -> dict[str, Predictor]:
    """Build a bundle's rivals from the settings its card keeps."""
    return {name: load("predictors", name).from_settings(told) for name, told in bundle.card.rivals.items()}


def predict_all(
    bundle: Bundle, rivals: Mapping[str, Predictor], examples: Examples, *, device: str = "auto"
) -> tuple[Predictions, dict[str, Predictions]]:
    """Ask a bundle's network and rivals about the same examples."""
    ours = BundlePredictor(bundle, device=device).predict(examples)
    return ours, {name: rival.predict(examples) for name, rival in rivals.items()}
