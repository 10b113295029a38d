"""Picker: a small convolutional network that says noise, P or S at every sample. Knows no files and no thresholds.

It strides early, looks around at 3 Hz with dilated convolutions and comes back to full rate over two skips, like a
U-Net (Ronneberger et al. 2015, doi:10.1007/978-3-319-24574-4_28; for picks Zhu & Beroza 2019, doi:10.1093/gji/ggy423).
Unlike those it takes any length, and an answer depends on the `MARGIN` samples to either side only: with windows that
begin at multiples of `STRIDE` samples and overlap by twice the margin, a day gives what its pieces give.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 32
"""Windows begin and have lengths at multiples of this many samples."""

MARGIN = 1344
"""No sample further away than this changes an answer; 13.44 s at 100 Hz, a multiple of `STRIDE`."""

CLASSES = ("noise", "P", "S")

_DILATIONS = (1, 2, 4, 8, 16, 1)


class Picker(nn.Module):
    """Curves of noise, P and S: (batch, channel, time) → logits (batch, 3, time).

    Arguments:
        n_channels: components of a window. width: channels after the first layer; cost grows with its square.

    >>> Picker()(torch.zeros(2, 3, 320)).shape
    torch.Size([2, 3, 320])
    """

    def __init__(self, n_channels: int = 3, *, width: int = 16) -> None:
        super().__init__()
        fine, middle, coarse = width, 2 * width, 4 * width
        self.stem = nn.Sequential(_Layer(n_channels, fine, 9, stride=2), _Layer(fine, fine, 7))
        self.down = nn.Sequential(_Layer(fine, middle, 9, stride=4), _Layer(middle, middle, 5))
        self.bottom = _Layer(middle, coarse, 7, stride=4)
        self.around = nn.ModuleList(_Layer(coarse, coarse, 3, dilation=dilation) for dilation in _DILATIONS)
        self.to_middle = nn.Conv1d(coarse, middle, 1)
        self.mix_middle = _Layer(middle, middle, 5)
        self.to_fine = nn.Conv1d(middle, fine, 1)
        self.mix_fine = nn.Sequential(_Layer(fine, fine, 7), _Layer(fine, fine, 7))
        self.head = nn.Conv1d(fine, len(CLASSES), 5, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, time) → (batch, 3, time); the time must be a multiple of `STRIDE`."""
        fine = self.stem(x)
        middle = self.down(fine)
        deep = self.bottom(middle)
        for layer in self.around:
            deep = deep + layer(deep)
        middle = self.mix_middle(middle + _longer(self.to_middle(deep), 4))
        fine = self.mix_fine(fine + _longer(self.to_fine(middle), 4))
        return _longer(self.head(fine), 2)


def _longer(x: Tensor, factor: int) -> Tensor:
    """Straight lines between samples; transposed convolutions leave a comb, and picks stand on its teeth."""
    return functional.interpolate(x, scale_factor=float(factor), mode="linear", align_corners=False)


class _Layer(nn.Sequential):
    """Convolution, batch normalisation, ReLU; length divided by the stride."""

    def __init__(self, n_in: int, n_out: int, kernel: int, *, stride: int = 1, dilation: int = 1) -> None:
        convolution = nn.Conv1d(
            n_in, n_out, kernel, stride=stride, dilation=dilation, padding=kernel // 2 * dilation, bias=False
        )
        super().__init__(convolution, nn.BatchNorm1d(n_out), nn.ReLU())


def influence(n_samples: int = 2 * MARGIN + STRIDE) -> int:
    """Farthest sample that can change an answer, found by trying: every weight one, a gradient from the middle hop.

    >>> influence() <= MARGIN
    True
    """
    model = Picker(1, width=1).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.fill_(1.0)
    x = torch.ones(1, 1, n_samples, requires_grad=True)
    first = n_samples // 2 // STRIDE * STRIDE
    model(x)[..., first : first + STRIDE].sum().backward()
    assert x.grad is not None
    touched = x.grad[0, 0].nonzero()[:, 0]
    return int(max(first - touched.min(), touched.max() - first - STRIDE + 1))
