"""Fit: trains a model on examples, stops early, keeps the best epoch, goes on after a crash. Knows no recordings."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from foreshock import models
from foreshock.errors import ConfigError, LabelError, MissingExtraError, OutputError, StateError
from foreshock.outputs import explained
from foreshock.train.settings import TrainSettings
from foreshock.types import Examples
from foreshock.types.arrays import Float64

try:
    import lightning.pytorch as pl
    import torch
    from lightning.pytorch.loggers import TensorBoardLogger
    from lightning.pytorch.utilities.exceptions import SIGTERMException
    from torch import nn
except ModuleNotFoundError as error:
    raise MissingExtraError.of("training", extra="train", package=str(error.name)) from error

from foreshock.models.context import Context
from foreshock.train.augmenting import augment_from
from foreshock.train.data import Augment, data_from
from foreshock.train.keep import WholeFiles, fingerprint, read_state
from foreshock.train.learner import Learner
from foreshock.train.profiling import Profiling
from foreshock.train.progress import ProgressBar
from foreshock.train.quiet import quiet
from foreshock.train.several import SeveralDevices
from foreshock.train.stopping import Stopping
from foreshock.train.trained import Trained
from foreshock.train.watch import STATE_NAME, Watch, best_epoch, is_over

__all__ = ["TrainSettings", "Trained", "balanced_weights", "fit"]

LEAST_PROCESSES = 2
"""Processes that may share a batch even where there is one core, so that it can be tried."""
MAY_CHANGE = ("epochs", "patience", "accelerator", "devices", "tensorboard", "profile")
"""Settings that may differ when a training goes on."""


def fit(
    train: Examples,
    dev: Examples,
    settings: TrainSettings,
    *,
    work: Path,
    resume: bool = False,
    progress: bool = True,
    augment: Augment | None = None,
) -> Trained:
    """Train a model and give it at its best epoch by validation loss.

    Arguments:
        train, dev: labelled windows of one shape, rate and list of classes.
        settings: see `TrainSettings`.
        work: a folder for the state (``last.ckpt``), TensorBoard logs (``logs``) and the trace (``profile.json``).
        resume: go on from the state in `work`, if there is one; the result equals that of an unbroken training.
        progress: show a bar, where a person is watching.
        augment: changes training windows a batch at a time, instead of what `settings.augmentation` asks for.

    Raises:
        LabelError: there are no labels, one class, a constant target, or the two sets do not fit together.
        ConfigError: the model cannot work on such windows, or the devices are not there.
        OutputError: `work` holds another training, is read-only, or the disk is full.
        StateError: the loss runs away, the state is of another training, or it was interrupted (it can be resumed).
    """
    settings = settings.resolved()
    _check(train, dev, settings)
    _check_machine(settings)
    plan = _Plan(train, dev, settings, work)
    state = _state(plan, resume=resume)
    with torch.random.fork_rng():
        if state is None or not is_over(_watched(state)["history"], settings):
            augment = augment or augment_from(settings.augmentation, train)
            stopping = Stopping()
            # several processes end at once: the signal reaches the first of them, which only waits for the others
            listening = stopping.listening() if settings.devices == 1 else contextlib.nullcontext()
            with explained(work), _interruptible(plan), listening, quiet():
                _run(plan, stopping, progress=progress, augment=augment, resume=state is not None)
            state = read_state(plan.state_path)
        return _trained(plan, state)


class _Plan:
    """Everything that is fixed before the first step: data as arrays, the shape of the model, where the state lies."""

    def __init__(self, train: Examples, dev: Examples, settings: TrainSettings, work: Path) -> None:
        self.examples, self.dev_examples = train, dev
        self.settings = settings
        self.work = work
        self.state_path = work / STATE_NAME
        self.context = tuple(train.context) if models.needs(settings.model).reads_context else ()
        self.target = (0.0, 1.0) if train.classes else _target(train)
        weights = balanced_weights(train) if train.classes and settings.class_weights == "balanced" else None
        self.train, self.dev = (
            data_from(part, context=self.context, class_weights=weights, target=self.target) for part in (train, dev)
        )
        self.identity: dict[str, Any] = {
            "settings": settings.model_dump(mode="json", exclude=set(MAY_CHANGE)),
            "data": fingerprint(self.train, self.dev),
        }

    def model(self) -> nn.Module:
        """The model with its first weights, drawn from the seed."""
        torch.manual_seed(self.settings.seed)
        _, n_channels, n_samples = self.examples.x.shape
        outputs = len(self.examples.classes) or 1
        model = models.build(
            self.settings.model, n_channels=n_channels, n_samples=n_samples, n_outputs=outputs, context=self.context
        )
        for part in model.modules():
            if isinstance(part, Context) and part.names:
                part.learn_scale(torch.from_numpy(self.train.context))
        return model


def _check(train: Examples, dev: Examples, settings: TrainSettings) -> None:
    for name, part in (("training", train), ("development", dev)):
        if part.y is None or len(part) == 0:
            raise LabelError(f"{len(part)} {name} examples", "there must be labelled ones", "check the split")
    if train.classes != dev.classes:
        raise LabelError(
            f"classes {train.classes} and {dev.classes}", "both sets must name the same", "label both alike"
        )
    if train.x.shape[1:] != dev.x.shape[1:] or train.rate_hz != dev.rate_hz:
        raise LabelError(
            f"windows of shape {train.x.shape[1:]} at {train.rate_hz:g} Hz and {dev.x.shape[1:]} at {dev.rate_hz:g} Hz",
            "both sets must have one shape and rate",
            "prepare both alike",
        )
    if train.classes:
        _check_classes(train)
    models.needs(settings.model, n_samples=train.x.shape[2], n_outputs=len(train.classes) or 1)


def _check_machine(settings: TrainSettings) -> None:
    """Refuse devices that are not there."""
    n_cuda = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if settings.accelerator == "cuda" and not n_cuda:
        raise ConfigError(
            "accelerator 'cuda'", "this machine, or this torch, has none", "choose auto or cpu; ask foreshock doctor"
        )
    on_cuda = n_cuda and settings.accelerator != "cpu"
    there = n_cuda if on_cuda else max(LEAST_PROCESSES, os.cpu_count() or 1)
    if settings.devices > there:
        kind = "CUDA devices" if on_cuda else "processes"
        raise ConfigError(f"{settings.devices} devices", f"this machine has room for {there} {kind}", "ask for fewer")


def _check_classes(train: Examples) -> None:
    counts = np.bincount(np.asarray(train.y), minlength=len(train.classes))
    if len(train.classes) < 2:
        raise LabelError(f"the only class is {train.classes[0]!r}", "two are needed", "add examples of another class")
    for name, count in zip(train.classes, counts, strict=True):
        if count == 0:
            raise LabelError(
                f"class {name!r} has no training example", "every class needs some", "add some or drop the class"
            )


def _target(train: Examples) -> tuple[float, float]:
    y = np.asarray(train.y, np.float64)
    mean, std = float(y.mean()), float(y.std())
    if not np.ptp(y) > 0:  # the deviation of equal numbers need not round to 0
        raise LabelError(f"every training target is {mean:g}", "a constant cannot be learnt", "check the labels")
    return mean, std


def balanced_weights(examples: Examples) -> Float64:
    """Weight of each class: the number of examples over (number of classes × examples of the class).

    >>> import pandas as pd
    >>> table = pd.DataFrame({"trace_id": list("abcd"), "event_id": list("abcd")})
    >>> balanced_weights(Examples(np.zeros((4, 1, 2)), 1.0, table, y=[0, 0, 0, 1], classes=("a", "b")))
    array([0.66666667, 2.        ])
    """
    counts = np.bincount(np.asarray(examples.y), minlength=len(examples.classes))
    weights: Float64 = len(examples) / (len(counts) * np.maximum(counts, 1))
    return weights


def _state(plan: _Plan, *, resume: bool) -> dict[str, Any] | None:
    """The state to go on from, if any; it must be of this training."""
    if not plan.state_path.exists():
        return None
    if not resume:
        raise OutputError(
            f"{plan.state_path}", "another training left its state there", "resume it or choose another folder"
        )
    state = read_state(plan.state_path)
    kept = state["foreshock"]
    for key, value in plan.identity["settings"].items():
        if kept["settings"].get(key) != value:
            raise StateError(
                f"{key} is {value!r}",
                f"the training in {plan.work} began with {kept['settings'].get(key)!r}",
                "resume it with its own settings",
            )
    if kept["data"] != plan.identity["data"]:
        raise StateError(
            f"the training in {plan.work}", "it began with other examples", "train again in an empty folder"
        )
    return state


def _run(plan: _Plan, stopping: Stopping, *, progress: bool, augment: Augment | None, resume: bool) -> None:
    learner = Learner(
        plan.model(),
        plan.settings,
        train=plan.train,
        dev=plan.dev,
        classify=bool(plan.examples.classes),
        augment=augment,
        identity=plan.identity,
    )
    trainer = _trainer(plan, learner.model, stopping, progress=progress)
    trainer.fit(learner, ckpt_path=str(plan.state_path) if resume else None, weights_only=True)


def _trainer(plan: _Plan, model: nn.Module, stopping: Stopping, *, progress: bool) -> pl.Trainer:
    told = plan.settings
    plan.work.mkdir(parents=True, exist_ok=True)
    callbacks: list[pl.Callback] = [Watch(model, told, work=plan.work, target_std=plan.target[1]), stopping]
    callbacks += [ProgressBar(told.sentence())] if progress else []
    callbacks += [Profiling(plan.work)] if told.profile else []
    steps = -(-len(plan.train) // told.batch_size)
    return pl.Trainer(
        accelerator=told.accelerator,
        devices=told.devices,
        strategy=SeveralDevices() if told.devices > 1 else "auto",
        precision="bf16-mixed" if told.bf16 else "32-true",
        max_epochs=told.epochs,
        gradient_clip_val=told.gradient_clip or None,
        callbacks=callbacks,
        logger=TensorBoardLogger(plan.work, name="logs", version="") if told.tensorboard else False,
        log_every_n_steps=min(50, steps),
        plugins=[WholeFiles()],
        reload_dataloaders_every_n_epochs=1,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


@contextlib.contextmanager
def _interruptible(plan: _Plan) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into one sentence: Lightning makes them SystemExit and leaves Ctrl-C ignored."""
    in_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT) if in_main else None
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as stop:
        asked = (KeyboardInterrupt, SIGTERMException)
        if not isinstance(stop, asked) and not isinstance(stop.__context__, KeyboardInterrupt):
            raise
        raise _interrupted(plan) from stop
    finally:
        if in_main:
            signal.signal(signal.SIGINT, before)


def _interrupted(plan: _Plan) -> StateError:
    if not plan.state_path.exists():
        return StateError(
            "training was interrupted before its first epoch ended", "there is nothing to go on from", "begin it again"
        )
    done = len(_watched(read_state(plan.state_path))["history"])
    return StateError(
        f"training was interrupted after {done} of {plan.settings.epochs} epochs",
        f"its state lies in {plan.work}",
        "resume to go on from there",
    )


def _watched(state: dict[str, Any]) -> dict[str, Any]:
    watched: dict[str, Any] = state["callbacks"][Watch.__qualname__]
    return watched


def _trained(plan: _Plan, state: dict[str, Any]) -> Trained:
    watched = _watched(state)
    model = plan.model()
    model.load_state_dict(watched["best"])
    _, n_channels, n_samples = plan.examples.x.shape
    return Trained(
        model=model.eval(),
        settings=plan.settings,
        classes=plan.examples.classes,
        context=plan.context,
        rate_hz=plan.examples.rate_hz,
        n_channels=n_channels,
        n_samples=n_samples,
        target_mean=plan.target[0],
        target_std=plan.target[1],
        history=tuple(watched["history"]),
        best_epoch=best_epoch(watched["history"]),
        cpu_s=sum(row["cpu_s"] for row in watched["history"]),
        n_train=len(plan.train),
        n_dev=len(plan.dev),
    )
