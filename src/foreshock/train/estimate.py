"""Estimate: how long a training may take, from timing a few of its batches. Keeps nothing of them."""

from __future__ import annotations

import torch
from torch import nn

from foreshock import models
from foreshock.clock import NS_PER_S, monotonic_ns
from foreshock.train.settings import TrainSettings
from foreshock.types import Examples

WARM_UP, TIMED = 1, 3
"""Batches: the first ones pay for memory and code that later ones find ready."""


def estimate_s(train: Examples, settings: TrainSettings) -> float:
    """Seconds that all epochs would take on this machine's processor, if none is saved by stopping early.

    Times forward and backward passes on `TIMED` batches of zeros; loading, validation and export come on top.

    Raises:
        ConfigError: the model cannot work on such windows.

    >>> import numpy as np, pandas as pd
    >>> table = pd.DataFrame({"trace_id": ["a", "b"], "event_id": ["a", "b"]})
    >>> two = Examples(np.zeros((2, 3, 64), np.float32), 10.0, table, y=[0, 1], classes=("noise", "earthquake"))
    >>> estimate_s(two, TrainSettings(model="cnn", epochs=1)) > 0
    True
    """
    settings = settings.resolved()
    _, n_channels, n_samples = train.x.shape
    with torch.random.fork_rng():
        model = models.build(
            settings.model, n_channels=n_channels, n_samples=n_samples, n_outputs=len(train.classes) or 1, context=()
        )
        x = torch.zeros(min(settings.batch_size, len(train)), n_channels, n_samples)
        for _ in range(WARM_UP):
            _pass(model, x)
        began = monotonic_ns()
        for _ in range(TIMED):
            _pass(model, x)
    a_batch_s = (monotonic_ns() - began) / NS_PER_S / TIMED
    return a_batch_s * -(-len(train) // settings.batch_size) * settings.epochs


def _pass(model: nn.Module, x: torch.Tensor) -> None:
    model(x, None).square().mean().backward()
