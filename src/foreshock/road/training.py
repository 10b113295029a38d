"""Training on the road: a wish (data or table, task, model) to a bundle in a folder. Knows no command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreshock.bundle import Bundle
from foreshock.config import read_tables, settings_from
from foreshock.errors import ConfigError
from foreshock.models import needs
from foreshock.outputs import claimed_folder, write_json
from foreshock.road.assessment import Assessment, assess_examples, versions
from foreshock.road.experiment import BUNDLE_NAME, Plan, check_can_train, run_experiment
from foreshock.road.gathering import Gathered, gather_recordings, gather_table
from foreshock.road.problems import PROBLEMS, Problem, problem
from foreshock.train.recipes import normalisation_for, recipe
from foreshock.train.settings import TrainSettings

Tell = Callable[[str], None]
STATES = ("training/last.ckpt", "search/*")
"""What an interrupted training leaves that it can go on from."""
TABLES = ("prepare", "train")
"""What a settings file of a training may hold."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants trained; None leaves it to the problem.

    Attributes:
        data: data sets, or `table`: a CSV table.
        task, model: names, see `road.problems` and `models.NAMES`.
        settings: a TOML file with tables ``[prepare]`` and ``[train]``.
        training: settings of the training that win over the file.
        seed: of the split, the weights and the order.
    """

    data: tuple[Path, ...] = ()
    table: Path | None = None
    task: str | None = None
    model: str | None = None
    settings: Path | None = None
    seed: int = 0
    training: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Done:
    """A finished training: the bundle, its scores on the development split, and what was said on the way."""

    out: Path
    bundle: Bundle
    assessment: Assessment
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    trials: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object of ``--json``."""
        return self.assessment.as_json() | {
            "schema": "foreshock.train/1",
            "split": "dev",
            "out": str(self.out),
            "bundle": str(self.out / BUNDLE_NAME),
            "sha256": self.bundle.sha256,
            "notes": list(self.notes),
            "warnings": [*self.assessment.scores.warnings, *self.warnings],
            "trials": list(self.trials),
        }

    def sentence(self) -> str:
        """One paragraph for people."""
        scores = self.assessment.scores
        first = scores.metrics[0]
        rivals = ", ".join(f"{name} {held[first.name].value:.3f}" for name, held in scores.rivals.items()) or "none"
        return (
            f"{self.out / BUNDLE_NAME}: {first.name} {scores.ours[first.name].value:.3f} on the {scores.n} development "
            f"examples that also chose the best epoch (rivals: {rivals}). Now: foreshock evaluate --model {self.out}"
        )


def train(wish: Wish, *, out: Path, search: int = 0, resume: bool = False, tell: Tell = lambda _: None) -> Done:
    """Train what is wished, tune its rivals, score both on the development split, and write everything to `out`.

    Raises:
        ConfigError: the wish contradicts itself or names something unknown.
        OutputError: `out` is in use or holds results.
        ForeshockError: the data cannot be learnt from.
    """
    asked = _problem(wish)
    told = _settings(wish)
    training = _training(wish, asked, told.get("train", {}))
    check_can_train()
    with claimed_folder(out, resume=resume, keep=STATES) as folder:
        gathered = _gather(wish, asked, told.get("prepare", {}), model=training["model"])
        for note in gathered.notes:
            tell(note)
        _tell_left_out(gathered, tell)
        trials: tuple[Mapping[str, Any], ...] = ()
        if search:
            training, trials = _search(gathered, training, folder=folder, trials=search)
            tell("search chose " + ", ".join(f"{name} {value}" for name, value in trials[0].items()))
        plan = Plan(asked, gathered.preparation, training, data=gathered.data, columns=gathered.columns)
        done = run_experiment(gathered.splits["train"], gathered.splits["dev"], plan, folder=folder, resume=resume)
        for warning in done.warnings:
            tell(f"note: {warning}")
        assessment = assess_examples(
            done.bundle,
            gathered.splits["dev"],
            split="dev",
            seed=wish.seed,
            skipped=gathered.skipped,
            inputs=gathered.inputs,
        )
        finished = Done(out, done.bundle, assessment, tuple(gathered.notes), tuple(done.warnings), trials)
        write_json(folder / "train.json", finished.as_json() | {"versions": versions()})
    return finished


def _problem(wish: Wish) -> Problem:
    if bool(wish.data) == (wish.table is not None):
        raise ConfigError(
            f"--data {[str(path) for path in wish.data]} and --table {wish.table}",
            "exactly one must be given",
            "name one of the two",
        )
    if wish.table is not None:
        if wish.task not in (None, "table"):
            raise ConfigError(f"--task {wish.task} with --table", "a table is its own task", "leave --task out")
        return PROBLEMS["table"]
    if wish.task is None or wish.task == "table":
        raise ConfigError(f"--task {wish.task}", "recordings need a task", "choose detect, classify or magnitude")
    return problem(wish.task)


def _settings(wish: Wish) -> dict[str, dict[str, Any]]:
    if wish.settings is None:
        return {}
    told = read_tables(wish.settings, TABLES)
    settings_from(TrainSettings, told["train"], where=f"[train] of {wish.settings}")
    if wish.table is not None and told["prepare"]:
        raise ConfigError(
            f"[prepare] of {wish.settings} with --table", "a table is not prepared", "leave [prepare] out"
        )
    return told


def _training(wish: Wish, asked: Problem, told: Mapping[str, Any]) -> dict[str, Any]:
    """What the training is told: the recipe of the task, then the file, then the flags."""
    begun = recipe(asked.name, model=wish.model).settings.model_dump(exclude_unset=True)
    named = {} if wish.model is None else {"model": wish.model}
    training = {**begun, "seed": wish.seed, **told, **named, **wish.training}
    needs(settings_from(TrainSettings, training, where="[train]").model)
    return training


def _gather(wish: Wish, asked: Problem, told: Mapping[str, Any], *, model: str) -> Gathered:
    if wish.table is not None:
        return gather_table(wish.table, seed=wish.seed)
    preparation = asked.prepared(**{"normalise": normalisation_for(model), **told})
    return gather_recordings(wish.data, asked, preparation, splits=("train", "dev"), seed=wish.seed)


def _tell_left_out(gathered: Gathered, tell: Tell) -> None:
    """Count what was left out, by reason, the commonest first."""
    counts: dict[str, int] = {}
    for _, reason in dict.fromkeys(gathered.skipped):
        counts[reason] = counts.get(reason, 0) + 1
    for reason, count in sorted(counts.items(), key=lambda item: -item[1])[:5]:
        tell(f"left out {count}: {reason}")


def _search(
    gathered: Gathered, training: Mapping[str, Any], *, folder: Path, trials: int
) -> tuple[dict[str, Any], tuple[Mapping[str, Any], ...]]:
    """Try settings on train and dev; give the best and the table of trials, best first."""
    from foreshock.train.search import search

    train, dev = gathered.splits["train"], gathered.splits["dev"]
    settings = settings_from(TrainSettings, training, where="[train]")
    found = search(train, dev, settings, work=folder / "search", trials=trials)
    return found.best.model_dump(), found.trials
