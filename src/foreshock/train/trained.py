"""Trained: what a training gives. Knows no files and no Lightning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from foreshock.train.settings import TrainSettings
from foreshock.types import Examples
from foreshock.types.arrays import AnyArray, Float32


@dataclass(frozen=True, eq=False)
class Trained:
    """A model at its best epoch and how it came to be.

    Attributes:
        model: in evaluation mode, on the CPU.
        settings: with everything filled in.
        classes: names in order of their number; empty for a regression.
        context: names of the columns it reads, in order.
        rate_hz, n_channels, n_samples: of its windows.
        target_mean, target_std: of the training targets of a regression (0 and 1 for classes).
        history: an epoch a row: ``epoch`` (from 1), ``train_loss``, ``dev_loss``, ``train_accuracy`` and
            ``dev_accuracy`` (classes) or ``train_mae`` and ``dev_mae`` (in the target's own unit), ``cpu_s``.
        best_epoch: from 1, the one with the lowest ``dev_loss``.
        cpu_s: CPU time of the training in this process, over all its restarts.
        n_train, n_dev: how many examples.
    """

    model: nn.Module
    settings: TrainSettings
    classes: tuple[str, ...]
    context: tuple[str, ...]
    rate_hz: float
    n_channels: int
    n_samples: int
    target_mean: float
    target_std: float
    history: tuple[dict[str, float], ...]
    best_epoch: int
    cpu_s: float
    n_train: int
    n_dev: int

    def outputs(self, examples: Examples, *, batch_size: int = 256) -> Float32:
        """What the network says of windows: logits (example, class), or standardised values (example,)."""
        columns = [np.asarray(examples.context[name]) for name in self.context]
        context = np.column_stack(columns) if columns else np.zeros((len(examples), 0), np.float32)
        said = [
            self._say(examples.x[first : first + batch_size], context[first : first + batch_size])
            for first in range(0, len(examples), batch_size)
        ]
        return np.concatenate(said) if said else np.zeros((0, max(1, len(self.classes))), np.float32)

    def _say(self, x: AnyArray, context: AnyArray) -> Float32:
        with torch.inference_mode():
            out = self.model(torch.from_numpy(np.array(x)), torch.from_numpy(np.array(context)))
        return np.asarray(out.numpy() if self.classes else out.reshape(len(x)).numpy(), np.float32)
