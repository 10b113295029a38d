"""A network that gives one value, such as a magnitude, from a wave and columns beside it. Knows no data or training.

A window is normalised before it comes here, so its size is lost; the column ``log10_scale`` brings it back, and
``log10_distance_km`` says how far it came. A straight line through the columns is part of the model: with the wave's
part at zero it *is* the amplitude–distance line, so the network starts from what the simple rival knows.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from foreshock.models import keras_start
from foreshock.models.context import Context, given
from foreshock.models.stem import Stem, global_pools


class CnnRegression(nn.Module):
    """Stem (stride 16), a convolution, global mean and maximum, context columns, dense, plus a line in the columns.

    (batch, channel, time), (batch, column) → value (batch,), standardised as the target was in training.
    """

    def __init__(self, *, n_channels: int, n_samples: int, n_outputs: int = 1, context: Sequence[str] = ()) -> None:
        super().__init__()
        self.stem = Stem(n_channels, filters=(32, 64, 64))
        self.conv = nn.Conv1d(64, 64, 3, padding=1)
        self.context = Context(context)
        columns = len(self.context.names)
        self.hidden = keras_start.dense(2 * 64 + columns, 64)
        self.relu = nn.ReLU()
        self.value = keras_start.dense(64, n_outputs)
        self.line = keras_start.dense(columns, n_outputs) if columns else None
        nn.init.zeros_(self.value.weight)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """The value of each window."""
        columns = self.context(given(context, x))
        seen = torch.cat([global_pools(self.relu(self.conv(self.stem(x))), axis=2), columns], dim=1)
        value: Tensor = self.value(self.relu(self.hidden(seen)))
        if self.line is not None:
            value = value + self.line(columns)
        return value[:, 0]
