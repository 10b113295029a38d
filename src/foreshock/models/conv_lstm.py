"""A practical recurrent network: strided convolutions, one LSTM, the whole window in view. Knows no training."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from foreshock.models import keras_start
from foreshock.models.context import Context, given
from foreshock.models.stem import STRIDE, Stem, global_pools


class ConvLstm(nn.Module):
    """Stem (stride 16), LSTM 64, its last state beside its global mean and maximum and the context columns, dense.

    (batch, channel, time), (batch, column) → logits (batch, output).
    """

    def __init__(self, *, n_channels: int, n_samples: int, n_outputs: int, context: Sequence[str] = ()) -> None:
        super().__init__()
        self.stem = Stem(n_channels, filters=(32, 48, 64))
        self.lstm = keras_start.lstm(64, 64, steps=n_samples // STRIDE)
        self.context = Context(context)
        self.hidden = keras_start.dense(3 * 64 + len(self.context.names), 64)
        self.relu = nn.ReLU()
        self.dense = keras_start.dense(64, n_outputs)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Logits of each window."""
        sequence, _ = self.lstm(self.stem(x).transpose(1, 2))
        seen = torch.cat([sequence[:, -1], global_pools(sequence, axis=1), self.context(given(context, x))], dim=1)
        logits: Tensor = self.dense(self.relu(self.hidden(seen)))
        return logits
