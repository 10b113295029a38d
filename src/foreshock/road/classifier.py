"""Classifier: the article's networks with the verbs Keras and scikit-learn people know. Knows no recordings."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from foreshock.bundle import Bundle, read_bundle, write_bundle
from foreshock.collect.datasets import event_split
from foreshock.collect.table import Table
from foreshock.errors import ConfigError, InputError, LabelError, StateError, nearest
from foreshock.evaluate.bootstrap import Score
from foreshock.evaluate.scores import Scores
from foreshock.predict.runtime import BundlePredictor
from foreshock.prepare.windows import normalise
from foreshock.road.assessment import assess_examples
from foreshock.road.experiment import Plan, run_experiment
from foreshock.road.problems import CLASSIFY, TABLE
from foreshock.road.tables import scaling_from, scaling_of, split_rows, table_examples
from foreshock.train.recipes import normalisation_for
from foreshock.types.arrays import Float32, Float64
from foreshock.types.examples import Examples
from foreshock.types.waveform import COMPONENTS

Normalisation: TypeAlias = Literal["peak", "std", "none"]

HELD_OUT = 0.15
"""Share of the events kept for validation when none are given."""


class Classifier:
    """A network that learns classes from windows (example, channel, time) or from a table.

    Args:
        model: ``cnn``, ``cnn-small``, ``lstm`` or ``conv-lstm``.
        epochs, batch_size, learning_rate, patience, class_weights, seed: see `TrainSettings`.
        normalise: of each window before the network: ``peak``, ``std`` or ``none``; None takes what suits the model.
        rate_hz: of the windows, kept in the bundle's card.
        progress: show a bar where a person is watching.

    >>> clf = Classifier("cnn-small", epochs=1)
    >>> clf.get_params()["epochs"]
    1
    """

    def __init__(
        self,
        model: str = "cnn",
        *,
        epochs: int = 20,
        batch_size: int = 32,
        learning_rate: float | None = None,
        patience: int | None = None,
        class_weights: str = "none",
        normalise: Normalisation | None = None,
        rate_hz: float = 1.0,
        seed: int = 0,
        progress: bool = True,
    ) -> None:
        self.model = model
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.patience = patience
        self.class_weights = class_weights
        self.normalise = normalise
        self.rate_hz = rate_hz
        self.seed = seed
        self.progress = progress
        self.notes: tuple[str, ...] = ()
        self._bundle: Bundle | None = None

    # -- learning --------------------------------------------------------------------------------------------------

    def fit(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        validation_data: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
        groups: Sequence[str] | None = None,
    ) -> Self:
        """Learn from windows and their classes (names or numbers).

        Args:
            x: (example, channel, time), or (example, time) for one channel.
            y: (example,).
            validation_data: windows and classes that choose the best epoch; without them 15 % of the groups are kept.
            groups: what each example belongs to (its event), so that no group stands on both sides.

        Raises:
            InputError: shapes do not fit, or numbers are not finite.
            LabelError: there are fewer than two classes, or a class is missing on one side.
        """
        labels = _labels(y)
        classes = tuple(sorted(set(labels), key=_in_order))
        if validation_data is None:
            train, dev = self._hold_out(self._examples(x, labels, classes, groups))
        else:
            train = self._examples(x, labels, classes, groups)
            dev = self._examples(validation_data[0], _labels(validation_data[1]), classes, None)
            self.notes = (f"{len(train)} examples to learn from, {len(dev)} to choose the epoch.",)
        channels, _ = train.x.shape[1:]
        if channels > len(COMPONENTS):
            raise InputError(f"{channels} channels", f"at most {len(COMPONENTS)} fit", "drop channels")
        self._train(train, dev, CLASSIFY, {"normalise": self._normalisation}, components=COMPONENTS[:channels])
        return self

    def fit_table(self, table: Table) -> Self:
        """Learn from the training rows of a table (see `foreshock.read_table`), with its columns standardised."""
        rows = split_rows(table, seed=self.seed)
        scaling = scaling_of(table, rows["train"])
        examples = table_examples(table, scaling)
        train, dev = examples.take(rows["train"]), examples.take(rows["dev"])
        sizes = ", ".join(f"{split} {len(chosen)}" for split, chosen in rows.items())
        self.notes = (*table.notes, f"Split by group or row content: {sizes} rows.")
        self._train(train, dev, TABLE, scaling.as_dict() | {"split_seed": self.seed}, columns=table.columns)
        return self

    def _train(self, train: Examples, dev: Examples, problem: Any, preparation: Mapping[str, Any], **told: Any) -> None:
        settings = {
            "model": self.model,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "patience": self.patience,
            "class_weights": self.class_weights,
            "seed": self.seed,
            "tensorboard": False,
        }
        plan = Plan(problem, preparation, settings, name=f"{self.model}-classifier", **told)
        with tempfile.TemporaryDirectory() as folder:
            done = run_experiment(train, dev, plan, folder=Path(folder), progress=self.progress)
        self._bundle = done.bundle

    def _hold_out(self, examples: Examples) -> tuple[Examples, Examples]:
        groups = examples.table["event_id"].astype(str).tolist()
        sides = np.array(event_split(groups, (1 - HELD_OUT, HELD_OUT, 0.0), seed=self.seed))
        train, dev = examples.take(sides == "train"), examples.take(sides == "dev")
        self.notes = (f"{len(train)} examples to learn from; {len(dev)} of other groups kept to choose the epoch.",)
        if not len(dev):
            raise LabelError(
                f"{len(set(groups))} groups", "too few to keep some for validation", "give validation_data"
            )
        return train, dev

    # -- asking ----------------------------------------------------------------------------------------------------

    def predict_proba(self, x: npt.ArrayLike) -> Float64:
        """Give the probability of each class, (example, class), in the order of `classes_`."""
        return BundlePredictor(self.bundle).predict(self._asked(x)).probabilities

    def predict(self, x: npt.ArrayLike) -> npt.NDArray[np.str_]:
        """Give the most probable class of each example, by name."""
        names: npt.NDArray[np.str_] = np.array(self.classes_)
        chosen: npt.NDArray[np.str_] = names[self.predict_proba(x).argmax(axis=1)]
        return chosen

    def evaluate(self, x: npt.ArrayLike, y: npt.ArrayLike, *, groups: Sequence[str] | None = None) -> dict[str, Score]:
        """Score on labelled windows: every metric with its interval over groups and its sample size."""
        return dict(self.compare(x, y, groups=groups).ours)

    def compare(self, x: npt.ArrayLike, y: npt.ArrayLike, *, groups: Sequence[str] | None = None) -> Scores:
        """Score on labelled windows beside the rivals that were tuned on the same training examples."""
        examples = self._examples(x, _labels(y), self.classes_, groups)
        return assess_examples(self.bundle, examples, split=None, seed=self.seed).scores

    def evaluate_table(self, table: Table) -> dict[str, Score]:
        """Score on the test rows of the table it was trained on."""
        card = self.bundle.card
        examples = table_examples(table, scaling_from(card.columns, dict(card.preparation)), classes=card.classes)
        test = examples.take(split_rows(table, seed=self.seed)["test"])
        return dict(assess_examples(self.bundle, test, split="test", seed=self.seed).scores.ours)

    def score(self, x: npt.ArrayLike, y: npt.ArrayLike) -> float:
        """Give the accuracy, as scikit-learn expects."""
        return float(np.mean(self.predict(x) == np.array(_labels(y))))

    # -- looking ---------------------------------------------------------------------------------------------------

    @property
    def bundle(self) -> Bundle:
        """The trained bundle.

        Raises:
            StateError: nothing has been learnt yet.
        """
        if self._bundle is None:
            raise StateError(f"Classifier({self.model!r})", "it has not learnt yet", "call fit or load first")
        return self._bundle

    @property
    def classes_(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the probabilities."""
        return self.bundle.card.classes

    @property
    def history_(self) -> tuple[Mapping[str, Any], ...]:
        """A row of numbers an epoch."""
        return self.bundle.card.training.history

    def summary(self) -> str:
        """The layers, their shapes and parameters, as a table of text."""
        from foreshock import models
        from foreshock.models.summary import summary

        card = self.bundle.card
        channels, samples = card.n_channels, card.window_samples
        network = models.build(card.model, n_channels=channels, n_samples=samples, n_outputs=len(card.classes))
        return summary(network, n_channels=channels, n_samples=samples)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """What the constructor was told, for scikit-learn's tools."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def set_params(self, **params: Any) -> Self:
        """Change what the constructor was told.

        Raises:
            ConfigError: a name is unknown.
        """
        for name, value in params.items():
            if name not in PARAMETERS:
                raise ConfigError(f"parameter {name!r} of Classifier", "it is not known", nearest(name, PARAMETERS))
            setattr(self, name, value)
        return self

    # -- keeping ---------------------------------------------------------------------------------------------------

    def save(self, path: Path | str) -> Path:
        """Write the bundle; the name must end in ``.bundle``."""
        write_bundle(Path(path), self.bundle)
        return Path(path)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a bundle that was saved; its answers are the same.

        Raises:
            BundleError: the file is not to be trusted, or is no classifier of arrays or tables.
        """
        bundle = read_bundle(Path(path))
        card = bundle.card
        told = card.training.settings
        clf = cls(
            card.model, rate_hz=card.rate_hz, normalise=cast(Normalisation, card.preparation.get("normalise", "peak"))
        )
        known = {name: told[name] for name in PARAMETERS if name in told and name != "model"}
        clf.set_params(**known)
        clf._bundle = bundle
        return clf

    # -- examples --------------------------------------------------------------------------------------------------

    def _examples(
        self, x: npt.ArrayLike, labels: Sequence[str], classes: Sequence[str], groups: Sequence[str] | None
    ) -> Examples:
        windows = self._windows(x)
        if len(windows) != len(labels) or (groups is not None and len(groups) != len(labels)):
            raise InputError(
                f"{len(windows)} windows, {len(labels)} labels and {len(groups or labels)} groups",
                "each window needs one of each",
                "give equally long arrays",
            )
        unknown = sorted(set(labels) - set(classes))
        if unknown:
            raise LabelError(f"class {unknown[0]!r}", f"the known ones are {tuple(classes)}", "drop those examples")
        number = {name: k for k, name in enumerate(classes)}
        y = np.array([number[name] for name in labels], np.int64)
        return Examples(windows, self.rate_hz, _ids(len(windows), groups), y=y, classes=tuple(classes))

    @property
    def _normalisation(self) -> Normalisation:
        return self.normalise or cast(Normalisation, normalisation_for(self.model))

    def _asked(self, x: npt.ArrayLike) -> Examples:
        card = self.bundle.card
        if card.problem == "table":
            rows = np.atleast_2d(np.asarray(x, float))
            scaling = scaling_from(card.columns, dict(card.preparation))
            if rows.shape[-1] != len(scaling.mean):
                raise InputError(
                    f"rows have {rows.shape[-1]} columns", f"{len(scaling.mean)} were learnt", "give those columns"
                )
            scaled = scaling.scaled(rows)[:, None, :]
            return Examples(scaled, card.rate_hz, _ids(len(rows), None))
        windows = self._windows(x)
        return Examples(windows, card.rate_hz, _ids(len(windows), None))

    def _windows(self, x: npt.ArrayLike) -> Float32:
        windows = np.asarray(x, np.float32)
        if windows.ndim == 2:
            windows = windows[:, None, :]
        if windows.ndim != 3 or 0 in windows.shape:
            raise InputError(
                f"x has shape {np.shape(x)}", "it must be (example, channel, time) or (example, time)", "reshape it"
            )
        if not np.isfinite(windows).all():
            raise InputError("x holds NaN or Inf", "every sample must be finite", "drop or fill such windows")
        return normalise(windows, self._normalisation)[0]


PARAMETERS = (
    "model",
    "epochs",
    "batch_size",
    "learning_rate",
    "patience",
    "class_weights",
    "normalise",
    "rate_hz",
    "seed",
    "progress",
)


def _labels(y: npt.ArrayLike) -> list[str]:
    """Labels as names; whole numbers lose their decimals, one-hot rows become their class number."""
    values = np.asarray(y)
    if values.ndim == 2 and set(np.unique(values)) <= {0, 1} and (values.sum(axis=1) == 1).all():
        values = values.argmax(axis=1)
    if values.ndim != 1:
        raise LabelError(f"y has shape {values.shape}", "it must be (example,) or one-hot rows", "give one class each")
    if values.dtype.kind == "f":
        if not (np.isfinite(values) & (values == np.round(values))).all():
            raise LabelError("y holds fractions or NaN", "classes are names or whole numbers", "give classes")
        values = values.astype(np.int64)
    return [str(value) for value in values.tolist()]


def _in_order(name: str) -> tuple[int, float, str]:
    """Numbers by size, then names by alphabet."""
    try:
        return 0, float(name), name
    except ValueError:
        return 1, 0.0, name


def _ids(n: int, groups: Sequence[str] | None) -> pd.DataFrame:
    names = [f"example-{k + 1}" for k in range(n)]
    return pd.DataFrame({"trace_id": names, "event_id": names if groups is None else [str(g) for g in groups]})
