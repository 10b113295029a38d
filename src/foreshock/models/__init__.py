"""Models (CNN / RNN): torch definitions only, one readable file each. Knows nothing about data or training.

| name | what it is | source |
|---|---|---|
| ``cnn`` | Conv1D 64/128/256 (kernel 3, ReLU, valid), max-pool 2 after each, flatten, dense | the article, §3.1.2 |
| ``cnn-small`` | the same with 32/64/128 filters | the article, §5.2.2 |
| ``lstm`` | LSTM 50×3, last state, dense | the article, §3.2.2 |
| ``conv-lstm`` | strided convolutions (16 in all), LSTM, last state + global mean and maximum, dense | ours |
| ``cnn-regression`` | convolutions, global mean and maximum, context columns, one value | ours |

All take ``x`` (batch, channel, time) and, where they read context columns, ``context`` (batch, column). They answer
with logits (batch, output), the softmax is taken outside, or with a value (batch,). torch is imported when a model is
built.
"""

from __future__ import annotations

from foreshock.models.catalogue import NAMES, Needs, build, needs
from foreshock.models.lengths import after_pool, after_valid_convolution

__all__ = ["NAMES", "Needs", "after_pool", "after_valid_convolution", "build", "needs"]
