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


class Doubled(nn.Module):
    """A convolution over a series in which every sample stands twice, without making that series.

    Sample 2 t + r of the answer sums taps j of sample t + ⌊(r + j - pad) / 2⌋: a shorter convolution with as many
    channels for each r, whose answers are then sorted in time.
    """

    def __init__(self, layer: nn.Conv1d) -> None:
        super().__init__()
        n_taps = layer.kernel_size[0]
        pad = Conv(layer).pad
        reach = [[(r + j - pad) // 2 for j in range(n_taps)] for r in (0, 1)]
        self.back, self.ahead = -min(reach[0]), max(reach[1])
        weight = layer.weight.detach().double()
        taps = torch.zeros(layer.out_channels, 2, layer.in_channels, self.back + self.ahead + 1, dtype=torch.float64)
        for r in (0, 1):
            for j, place in enumerate(reach[r]):
                taps[:, r, :, place + self.back] += weight[:, :, j]
        bias = torch.zeros(layer.out_channels) if layer.bias is None else layer.bias.detach()
        self.weight = nn.Parameter(taps.flatten(0, 1).unsqueeze(2).float(), requires_grad=False)
        self.bias = nn.Parameter(bias.repeat_interleave(2), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, 1, time) → (batch, channel, 1, 2 · time), what is negative made zero."""
        side = max(self.back, self.ahead)
        y = torch.relu(F.conv2d(x, self.weight, self.bias, padding=(0, side)))
        y = y[..., side - self.back : y.shape[-1] - (side - self.ahead)] if self.back != self.ahead else y
        return sorted_in_time(y, 2)


class Up(nn.Module):
    """A transposed convolution over time and the normalisation after it, as a convolution that says `stride` at once.

    Sample stride · t + r of the output is a sum over taps r, r + stride, … of samples t, t - 1, …: a convolution with
    as many channels for each r, whose answers are then sorted in time.
    """

    def __init__(self, layer: nn.ConvTranspose1d, norm: nn.BatchNorm1d) -> None:
        super().__init__()
        whole = _folded(layer, norm, transpose=True)
        self.stride, length = layer.stride[0], layer.kernel_size[0]
        n_in, n_out = whole.weight.shape[:2]
        self.taps = -(-length // self.stride)
        taps = F.pad(whole.weight.detach(), (0, self.taps * self.stride - length))
        taps = taps.reshape(n_in, n_out, self.taps, self.stride).flip(2).permute(1, 3, 0, 2)
        self.weight = nn.Parameter(taps.reshape(-1, n_in, 1, self.taps).contiguous(), requires_grad=False)
        bias = torch.zeros(n_out) if whole.bias is None else whole.bias.detach()
        self.bias = nn.Parameter(bias.repeat_interleave(self.stride), requires_grad=False)
        self.more = self.taps * self.stride - length

    def forward(self, x: Tensor, length: int) -> Tensor:
        """(batch, channel, 1, time) → `length` samples from the middle, what is negative made zero.

        One sample before and two behind are left out before the middle is sought, as PhaseNet does.
        """
        y = torch.relu(F.conv2d(x, self.weight, self.bias, padding=(0, self.taps - 1)))
        whole = (x.shape[-1] + self.taps - 1) * self.stride - self.more
        first = 1 + (whole - 3 - length) // 2
        return sorted_in_time(y, self.stride)[..., first : first + length]


def sorted_in_time(y: Tensor, n: int) -> Tensor:
    """(batch, channel · n, 1, time) → (batch, channel, 1, time · n)."""
    batch, channels = y.shape[0], y.shape[1] // n
    return y.reshape(batch, channels, n, -1).transpose(2, 3).reshape(batch, channels, 1, -1)
