"""The article's convolutional network, in both sizes. Knows nothing about data, labels or training.

The article (§3.1.2, §5.2.2) writes it in Keras: three times Conv1D (kernel 3, ReLU, no padding) and max-pooling by 2,
then flatten and a dense softmax. Here the last layer gives logits: the softmax is taken outside, by the loss in
training and by the runtime in prediction. Its formula for the convolution forgets the sum over the kernel; what is
meant is ``out[k, t] = bias[k] + Σ_c Σ_j weight[k, c, j] · x[c, t + j]``.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from foreshock.models import keras_start
from foreshock.models.lengths import after_article_stages


class Cnn(nn.Module):
    """Conv1D 64/128/256 with max-pooling, flatten, dense; (batch, channel, time) → logits (batch, output)."""

    FILTERS: ClassVar[tuple[int, ...]] = (64, 128, 256)

    def __init__(self, *, n_channels: int, n_samples: int, n_outputs: int) -> None:
        super().__init__()
        first, second, third = self.FILTERS
        self.conv1 = keras_start.conv1d(n_channels, first, kernel=3)
        self.conv2 = keras_start.conv1d(first, second, kernel=3)
        self.conv3 = keras_start.conv1d(second, third, kernel=3)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool1d(2)
        self.flatten = nn.Flatten()
        self.dense = keras_start.dense(third * after_article_stages(n_samples), n_outputs)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Logits of each window; context is not read."""
        for conv in (self.conv1, self.conv2, self.conv3):
            x = self.pool(self.relu(conv(x)))
        logits: Tensor = self.dense(self.flatten(x))
        return logits


class CnnSmall(Cnn):
    """The same network with 32/64/128 filters."""

    FILTERS: ClassVar[tuple[int, ...]] = (32, 64, 128)
