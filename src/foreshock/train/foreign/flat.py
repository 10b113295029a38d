"""Flat: layers over time as layers over a picture one pixel high, which ONNX Runtime runs faster. Knows no model.

ONNX Runtime 1.32 has direct convolutions for pictures (its blocked layout) but none for series: PhaseNet's network
costs 0.93 instead of 1.07 ms a window on one core. Batch normalisation is folded into the convolution before it.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  torch's own name for it
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def _folded(layer: Any, norm: nn.BatchNorm1d, *, transpose: bool) -> Any:
    """A convolution that does what follows it, too; reckoned in double precision."""
    double: Any = copy.deepcopy(layer).double().eval()
    return fuse_conv_bn_eval(double, copy.deepcopy(norm).double().eval(), transpose).float()


class Conv(nn.Module):
    """A convolution over time (and the normalisation after it) on (batch, channel, 1, time)."""

    def __init__(self, layer: nn.Conv1d, norm: nn.BatchNorm1d | None = None) -> None:
        super().__init__()
        whole = layer if norm is None else _folded(layer, norm, transpose=False)
        bias = torch.zeros(layer.out_channels) if whole.bias is None else whole.bias
        self.weight = nn.Parameter(whole.weight.detach().unsqueeze(2), requires_grad=False)
        self.bias = nn.Parameter(bias.detach(), requires_grad=False)
        self.stride = layer.stride[0]
        pad = layer.padding if isinstance(layer.padding, str) else layer.padding[0]
        self.pad = (layer.kernel_size[0] - 1) // 2 if isinstance(pad, str) else pad

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, 1, time) → (batch, channel, 1, time)."""
        return F.conv2d(x, self.weight, self.bias, stride=(1, self.stride), padding=(0, self.pad))


class Up(nn.Module):
    """A transposed convolution over time and the normalisation after it, as a convolution that says `stride` at once.

    Sample stride · t + r of the output is a sum over taps r, r + stride, … of samples t, t - 1, …: a convolution with
    as many channels for each r, whose answers are then sorted in time.
    """

    def __init__(self, layer: nn.ConvTranspose1d, norm: nn.BatchNorm1d) -> None:
        super().__init__()
        whole = _folded(layer, norm, transpose=True)
        self.stride, self.length = layer.stride[0], layer.kernel_size[0]
        n_in, self.n_out = whole.weight.shape[:2]
        self.taps = -(-self.length // self.stride)
        taps = F.pad(whole.weight.detach(), (0, self.taps * self.stride - self.length))
        taps = taps.reshape(n_in, self.n_out, self.taps, self.stride).flip(2).permute(1, 3, 0, 2)
        self.weight = nn.Parameter(taps.reshape(-1, n_in, 1, self.taps).contiguous(), requires_grad=False)
        bias = torch.zeros(self.n_out) if whole.bias is None else whole.bias.detach()
        self.bias = nn.Parameter(bias.repeat_interleave(self.stride), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, 1, time) → (batch, channel, 1, (time - 1) · stride + kernel)."""
        n, time = x.shape[0], x.shape[-1]
        y = F.conv2d(x, self.weight, self.bias, padding=(0, self.taps - 1))
        y = y.reshape(n, self.n_out, self.stride, -1).transpose(2, 3).reshape(n, self.n_out, 1, -1)
        return y[..., : (time - 1) * self.stride + self.length]
