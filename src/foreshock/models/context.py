"""Context: named columns a model reads beside the wave, brought to one scale inside it. Knows no single column."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Context(nn.Module):
    """Columns (batch, column) minus their mean over their spread; both are part of the model and travel with it."""

    mean: Tensor
    spread: Tensor

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.register_buffer("mean", torch.zeros(len(self.names)))
        self.register_buffer("spread", torch.ones(len(self.names)))

    def learn_scale(self, columns: Tensor) -> None:
        """Take mean and spread from training columns (example, column); a constant column keeps spread 1."""
        spread = columns.std(0, correction=0)
        self.mean.copy_(columns.mean(0))
        self.spread.copy_(torch.where(spread > 0, spread, torch.ones_like(spread)))

    def forward(self, context: Tensor) -> Tensor:
        """Scaled columns."""
        return (context - self.mean) / self.spread


def given(context: Tensor | None, x: Tensor) -> Tensor:
    """The context, or no columns where none is read."""
    return x.new_zeros((x.shape[0], 0)) if context is None else context
