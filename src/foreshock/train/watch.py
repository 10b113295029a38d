"""Watch: after each epoch, write down its scores, keep the best weights, save the state, and say when to stop.

Knows nothing about data; one file, ``last.ckpt``, holds all that is needed to go on.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from torch import Tensor, nn

from foreshock.clock import cpu_time_ns
from foreshock.errors import StateError
from foreshock.outputs import explained
from foreshock.train.settings import TrainSettings

STATE_NAME = "last.ckpt"


class Watch(pl.Callback):
    """Scores of every epoch and the weights of the best one; its state is part of the saved state."""

    def __init__(self, model: nn.Module, settings: TrainSettings, *, work: Path, target_std: float) -> None:
        self.model = model
        self.work = work
        self.settings = settings
        self.target_std = target_std
        self.history: list[dict[str, float]] = []
        self.best: dict[str, Tensor] = {}
        self._began_ns = 0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin to count CPU time."""
        self._began_ns = cpu_time_ns()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the epoch down, then save everything."""
        row = self._row(trainer)
        self.history.append(row)
        if best_epoch(self.history) == row["epoch"]:
            weights = self.model.state_dict()
            self.best = {name: value.detach().cpu().clone() for name, value in weights.items()}
        with explained(self.work / STATE_NAME):
            trainer.save_checkpoint(self.work / STATE_NAME)
        trainer.should_stop = is_over(self.history, self.settings)

    def _row(self, trainer: pl.Trainer) -> dict[str, float]:
        now_ns = cpu_time_ns()
        spent_s, self._began_ns = (now_ns - self._began_ns) / 1e9, now_ns
        row: dict[str, float] = {"epoch": trainer.current_epoch + 1}
        for name, value in sorted(trainer.callback_metrics.items()):
            row[name] = float(value) * (self.target_std if name.endswith("mae") else 1.0)
        if not all(math.isfinite(value) for value in row.values()):
            raise StateError(
                f"loss of epoch {row['epoch']} is NaN or Inf",
                f"training with a learning rate of {self.settings.learning_rate:g} runs away",
                "lower the learning rate or clip the gradient",
            )
        return row | {"cpu_s": spent_s}

    def state_dict(self) -> dict[str, Any]:
        """Scores and best weights."""
        return {"history": self.history, "best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from saved scores and weights."""
        self.history = list(state_dict["history"])
        self.best = dict(state_dict["best"])


def best_epoch(history: list[dict[str, float]]) -> int:
    """The epoch (from 1) with the lowest validation loss, the first of equals.

    >>> best_epoch([{"epoch": 1, "dev_loss": 0.5}, {"epoch": 2, "dev_loss": 0.4}, {"epoch": 3, "dev_loss": 0.4}])
    2
    """
    return int(min(history, key=lambda row: row["dev_loss"])["epoch"])


def is_over(history: list[dict[str, float]], settings: TrainSettings) -> bool:
    """Whether all epochs are done, or `patience` epochs went by without a better validation loss."""
    if not history:
        return False
    done = int(history[-1]["epoch"])
    assert settings.patience is not None
    return done >= settings.epochs or done - best_epoch(history) >= settings.patience
