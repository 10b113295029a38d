"""Keras start: the first weights and the bias of the article's layers as Keras draws them. Knows no whole model.

Keras draws dense and convolution kernels by Glorot's uniform rule (Glorot & Bengio 2010), recurrent kernels orthogonal
(Saxe et al. 2014, arXiv:1312.6120) and biases zero. Its LSTM has one bias a gate; torch's has two that are only ever
added. Here the second is held at zero, so what is trained is Keras' layer, number for number.

One start differs. Keras begins with a forget bias of 1, which lets a cell forget 27 % at every step: over the 300 steps
of a window nothing of a wave reaches the last state, and the article's network stays at chance for many epochs. Here
the forget bias is ln U(1, steps - 1) and the input bias its negative, so that the cells' memories span the window
(Tallec & Ollivier 2018, arXiv:1804.11188).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def conv1d(n_in: int, n_out: int, *, kernel: int) -> nn.Conv1d:
    """A convolution without padding ('valid'); (batch, n_in, time) → (batch, n_out, time - kernel + 1)."""
    layer = nn.Conv1d(n_in, n_out, kernel)
    _glorot(layer.weight, layer.bias)
    return layer


def dense(n_in: int, n_out: int) -> nn.Linear:
    """A dense layer without activation; (batch, n_in) → (batch, n_out)."""
    layer = nn.Linear(n_in, n_out)
    _glorot(layer.weight, layer.bias)
    return layer


def lstm(n_in: int, units: int, *, steps: int) -> nn.LSTM:
    """An LSTM layer with one trained bias a gate, remembering `steps`; (batch, time, n_in) → (batch, time, units)."""
    layer = nn.LSTM(n_in, units, batch_first=True)
    kernel, recurrent, bias, second_bias = (weight for _, weight in layer.named_parameters())
    with torch.no_grad():
        nn.init.xavier_uniform_(kernel)
        nn.init.orthogonal_(recurrent)
        bias.zero_()
        memory = torch.log(1 + torch.rand(units) * max(1, steps - 2))
        bias[:units], bias[units : 2 * units] = -memory, memory  # torch's order: input, forget, cell, output
        second_bias.zero_()
    second_bias.requires_grad_(False)
    return layer


def _glorot(weight: Tensor, bias: Tensor | None) -> None:
    nn.init.xavier_uniform_(weight)
    if bias is not None:
        nn.init.zeros_(bias)
