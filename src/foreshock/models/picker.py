"""Picker: a small convolutional network that says noise, P or S 25 times a second. Knows no files and no thresholds.

It strides early, looks around at 1.6 Hz with dilated convolutions and comes back to 25 Hz over two skips, like a U-Net
(Ronneberger et al. 2015, doi:10.1007/978-3-319-24574-4_28; for picks Zhu & Beroza 2019, doi:10.1093/gji/ggy423).
Unlike those it takes any length, and an answer depends on the `MARGIN` samples to either side only: with windows that
begin at multiples of `STRIDE` samples and overlap by twice the margin, a day gives what its pieces give.

Convolutions are two-dimensional with a height of one: runtimes have faster kernels for them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

EVERY = 4
"""Samples between two answers; answer k speaks of sample `EVERY` · k."""

STRIDE = 64
"""Windows begin and have lengths at multiples of this many samples."""

MARGIN = 1280
"""No sample further away than this changes an answer; 12.8 s at 100 Hz, a multiple of `STRIDE`."""

CLASSES = ("noise", "P", "S")

CORNERS = (0.0, 0.05)
"""The network sees each component as it is and above 5 Hz (at 100 Hz); see `prepare.bands`."""

WIDTHS = (16, 32, 64)

_DILATIONS = (1, 2, 4, 8, 1)


class Picker(nn.Module):
    """Curves of noise, P and S: (batch, channel, time) → logits (batch, 3, time / 4).

    Arguments:
        n_channels: components times bands.
        widths: channels at 25, 6.25 and 1.6 Hz; multiples of 16 run best.

    >>> Picker()(torch.zeros(2, 6, 640)).shape
    torch.Size([2, 3, 160])
    """

    stride_out = EVERY

    def __init__(self, n_channels: int = 3 * len(CORNERS), *, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        fine, middle, coarse = widths
        self.stem = nn.Sequential(_Layer(n_channels, fine, 11, stride=4), _Layer(fine, fine, 7))
        self.down = nn.Sequential(_Layer(fine, middle, 7, stride=4), _Layer(middle, middle, 5))
        self.bottom = _Layer(middle, coarse, 7, stride=4)
        self.around = nn.ModuleList(_Layer(coarse, coarse, 3, dilation=dilation) for dilation in _DILATIONS)
        self.to_middle = nn.Conv2d(coarse, middle, 1)
        self.mix_middle = _Layer(middle, middle, 5)
        self.to_fine = nn.Conv2d(middle, fine, 1)
        self.mix_fine = _Layer(fine, fine, 7)
        self.head = nn.Conv2d(fine, len(CLASSES), (1, 5), padding=(0, 2))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, time) → (batch, 3, time / 4); the time must be a multiple of `STRIDE`."""
        fine = self.stem(x.unsqueeze(2))
        middle = self.down(fine)
        deep = self.bottom(middle)
        for layer in self.around:
            deep = deep + layer(deep)
        middle = self.mix_middle(middle + _longer(self.to_middle(deep)))
        fine = self.mix_fine(fine + _longer(self.to_fine(middle)))
        logits: Tensor = self.head(fine)
        return logits.squeeze(2)


def _longer(x: Tensor) -> Tensor:
    """Straight lines between samples; transposed convolutions leave a comb, and picks stand on its teeth."""
    return functional.interpolate(x, scale_factor=(1.0, 4.0), mode="bilinear", align_corners=False)


class _Layer(nn.Sequential):
    """Convolution over time, batch normalisation, ReLU; length divided by the stride."""

    def __init__(self, n_in: int, n_out: int, kernel: int, *, stride: int = 1, dilation: int = 1) -> None:
        convolution = nn.Conv2d(
            n_in,
            n_out,
            (1, kernel),
            stride=(1, stride),
            dilation=(1, dilation),
            padding=(0, kernel // 2 * dilation),
            bias=False,
        )
        super().__init__(convolution, nn.BatchNorm2d(n_out), nn.ReLU())


def influence(n_samples: int = 2 * MARGIN + 10 * STRIDE) -> int:
    """Farthest sample that can change an answer, found by trying: every weight one, a gradient from one stride.

    >>> influence() <= MARGIN
    True
    """
    model = Picker(1, widths=(1, 1, 1)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.fill_(1.0)
    x = torch.ones(1, 1, n_samples, requires_grad=True)
    first = n_samples // 2 // STRIDE * STRIDE
    model(x)[..., first // EVERY : (first + STRIDE) // EVERY].sum().backward()
    assert x.grad is not None
    touched = x.grad[0, 0].nonzero()[:, 0]
    return int(max(first - touched.min(), touched.max() - first - STRIDE + 1))
