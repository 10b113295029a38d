"""The article's recurrent network. Knows nothing about data, labels or training.

The article (§3.2.2) writes it in Keras: LSTM 50 three times, the first two give the whole sequence, the third its last
state, then a dense softmax (here logits, the softmax is taken outside). Its formulas (§4.2) are those of the plain
recurrent unit, ``h_t = σ(W_h·[h_{t-1}, x_t] + b_h)``; an LSTM adds gates and a cell (Hochreiter & Schmidhuber 1997,
doi:10.1162/neco.1997.9.8.1735).
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from foreshock.models import keras_start


class Lstm(nn.Module):
    """LSTM 50×3 and dense; (batch, channel, time) → logits (batch, output)."""

    UNITS: ClassVar[int] = 50

    def __init__(self, *, n_channels: int, n_samples: int, n_outputs: int) -> None:
        super().__init__()
        self.lstm1 = keras_start.lstm(n_channels, self.UNITS, steps=n_samples)
        self.lstm2 = keras_start.lstm(self.UNITS, self.UNITS, steps=n_samples)
        self.lstm3 = keras_start.lstm(self.UNITS, self.UNITS, steps=n_samples)
        self.dense = keras_start.dense(self.UNITS, n_outputs)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Logits of each window; context is not read."""
        sequence = x.transpose(1, 2)
        for lstm in (self.lstm1, self.lstm2, self.lstm3):
            sequence, _ = lstm(sequence)
        logits: Tensor = self.dense(sequence[:, -1])
        return logits
