"""Search: tries learning rate, batch size and number of epochs, and keeps every trial. Knows no recordings."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreshock.errors import ConfigError, MissingExtraError, StateError
from foreshock.outputs import explained
from foreshock.train.settings import TrainSettings
from foreshock.types import Examples

try:
    import optuna
    from optuna.trial import TrialState
except ModuleNotFoundError as error:
    raise MissingExtraError.of("a search over settings", extra="train", package=str(error.name)) from error

from foreshock.train.data import data_from
from foreshock.train.fit import fit
from foreshock.train.keep import fingerprint

STORE_NAME = "trials.sqlite"
STUDY = "foreshock"
LEARNING_RATES = (1e-4, 1e-2)
BATCH_SIZES = (16, 32, 64, 128)
STARTUP_TRIALS = 5
"""Trials drawn at random before the sampler begins to learn from those that are done."""


@dataclass(frozen=True)
class Found:
    """What a search gave.

    Attributes:
        best: the settings of the trial with the lowest validation loss.
        trials: a row a finished trial, best first: ``learning_rate``, ``batch_size``, ``epochs``, ``dev_loss``,
            ``best_epoch``, ``number``; trials whose loss ran away are left out.
    """

    best: TrainSettings
    trials: tuple[dict[str, Any], ...]


def search(
    train: Examples, dev: Examples, settings: TrainSettings, *, work: Path, trials: int = 20, progress: bool = False
) -> Found:
    """Train with `trials` different settings and give the best.

    The tree-structured Parzen estimator (Bergstra et al. 2011; Optuna) is seeded by `settings.seed` and the number of
    the trial, so a search that was stopped and called again with the same `work` goes on as if it had not been.

    Arguments:
        train, dev, settings: as for `fit`; `settings.epochs` is the most any trial may take.
        work: a folder for ``trials.sqlite`` and the trial in hand.
        trials: how many are wanted in all, those done before included.

    Raises:
        ConfigError: `trials` is below 1.
        StateError: the folder holds a search over something else, or no trial came to an end.
        OutputError: the folder cannot be written to.
    """
    if trials < 1:
        raise ConfigError(f"{trials} trials", "at least 1 is needed", "ask for 10 or more")
    settings = settings.resolved()
    identity = json.dumps([settings.model_dump(mode="json"), fingerprint(data_from(train), data_from(dev))])
    with explained(work / STORE_NAME), _study(work, identity) as study:
        while (number := len(_ended(study))) < trials:
            study.sampler = optuna.samplers.TPESampler(seed=settings.seed + number, n_startup_trials=STARTUP_TRIALS)
            _try(study, train, dev, settings, work=work / "trial", progress=progress)
        rows = tuple(sorted((_row(trial) for trial in _ended(study) if trial.values), key=lambda row: row["dev_loss"]))
    if not rows:
        raise StateError(f"{trials} trials", "the loss ran away in every one", "check the preparation")
    chosen = {name: rows[0][name] for name in ("learning_rate", "batch_size", "epochs")}
    return Found(settings.model_copy(update=chosen), rows)


def _try(
    study: optuna.Study, train: Examples, dev: Examples, settings: TrainSettings, *, work: Path, progress: bool
) -> None:
    trial = study.ask()
    most = settings.epochs
    chosen = {
        "learning_rate": trial.suggest_float("learning_rate", *LEARNING_RATES, log=True),
        "batch_size": trial.suggest_categorical("batch_size", BATCH_SIZES),
        "epochs": trial.suggest_int("epochs", max(1, most // 3), most),
    }
    shutil.rmtree(work, ignore_errors=True)
    told = settings.model_copy(update=chosen | {"tensorboard": False, "profile": False})
    try:
        trained = fit(train, dev, told, work=work, progress=progress)
    except StateError as error:
        if isinstance(error.__cause__, KeyboardInterrupt | SystemExit):
            raise
        study.tell(trial, state=TrialState.FAIL)
    else:
        trial.set_user_attr("best_epoch", trained.best_epoch)
        study.tell(trial, min(row["dev_loss"] for row in trained.history))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _ended(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.FAIL))


def _row(trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
    told = dict(trial.params) | {"dev_loss": trial.value, "best_epoch": trial.user_attrs["best_epoch"]}
    return told | {"number": trial.number}


@contextlib.contextmanager
def _study(work: Path, identity: str) -> Iterator[optuna.Study]:
    """The study kept in `work`, new or begun before, with Optuna hushed."""
    work.mkdir(parents=True, exist_ok=True)
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.RDBStorage(f"sqlite:///{(work / STORE_NAME).resolve()}")
    try:
        study = optuna.create_study(storage=storage, study_name=STUDY, load_if_exists=True)
        if study.user_attrs.setdefault("identity", identity) != identity:
            raise StateError(f"search in {work}", "it began with other examples or settings", "search in a new folder")
        study.set_user_attr("identity", identity)
        yield study
    finally:
        storage.engine.dispose()
        optuna.logging.set_verbosity(level)
