"""Picker live: a causal network that says noise, P or S 25 times a second: `AHEAD` samples after the fact, and again
`LATER` samples after it, when it has seen what followed.

`PickerLive` takes whole recordings, all times at once, to learn from them; `picker_hop.LiveHop` says the same hop by
hop. Knows no files, no thresholds and no stations.

A strided convolution looks at 25 Hz, dilated ones and a gated recurrence (Cho et al. 2014, arXiv:1406.1078) at
12.5 Hz; the first answer for a moment is read off the state `AHEAD` samples later, beside what the 25 Hz layer had seen
then. The second one sets beside the first what narrower dilated convolutions have seen since.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

HOP = 8
"""Samples that are taken at once: 0.08 s at 100 Hz."""

EVERY = 4
"""Samples between two answers; answer k speaks of sample `EVERY` · k."""

FRAMES = HOP // EVERY

AHEAD = 88
"""An answer needs so many samples from its own on, a multiple of `HOP`: with the hop it comes 0.88–0.96 s later."""

LATER = 600
"""The second answer needs so many samples from its own on, a multiple of `HOP`: it comes 6.00–6.08 s later."""

CLASSES = ("noise", "P", "S")

CORNERS = (0.0, 0.05)
"""The network sees each component as it is and above 5 Hz (at 100 Hz); see `prepare.bands`."""

_STEM, _FINE, _DOWN, _MIX = 12, 5, 6, 5
_DILATIONS = (1, 2, 4)
_AFTER = (1,)
_SINCE = (1, 2, 4, 8, 16)
"""Dilations that look back over the five seconds between the two answers."""


class PickerLive(nn.Module):
    """Curves of noise, P and S: (batch, channel, time) → logits (batch, 3, 2, time / 4), aligned with the samples.

    The two are its first and its second answer.

    Arguments:
        corners: of the bands in which it sees three components.
        fine, coarse: channels at 25 and 12.5 Hz; cost grows with their squares.
        since: channels of what looks back for the second answer.

    >>> PickerLive()(torch.zeros(2, 6, 640)).shape
    torch.Size([2, 3, 2, 160])
    """

    stride_out = EVERY

    def __init__(
        self, *, corners: tuple[float, ...] = CORNERS, fine: int = 32, coarse: int = 64, since: int = 48
    ) -> None:
        super().__init__()
        n_channels = 3 * len(corners)
        self.corners, self.n_channels, self.fine_width, self.coarse_width = corners, n_channels, fine, coarse
        self.since_width = since
        self.stem = Layer(n_channels, fine, _STEM, stride=EVERY)
        self.fine = Layer(fine, fine, _FINE)
        self.down = Layer(fine, coarse, _DOWN, stride=FRAMES)
        self.around = nn.ModuleList(Layer(coarse, coarse, 3, dilation=dilation) for dilation in _DILATIONS)
        self.memory = nn.GRU(coarse, coarse, batch_first=True)
        self.after = nn.ModuleList(Layer(coarse, coarse, 3, dilation=dilation) for dilation in _AFTER)
        self.up = nn.Linear(coarse, FRAMES * fine)
        self.mix = Layer(fine, fine, _MIX)
        self.head = nn.Conv1d(fine, len(CLASSES), 1)
        self.narrow = nn.Linear(coarse, since)
        self.since = nn.ModuleList(Layer(since, since, 3, dilation=dilation) for dilation in _SINCE)
        self.up_again = nn.Linear(since, FRAMES * fine)
        self.mix_again = Layer(fine, fine, _MIX)
        self.head_again = nn.Conv1d(fine, len(CLASSES), 1)
        _remember_long(self.memory)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, time) → (batch, 3, 2, time / 4); the time must be a multiple of `HOP`."""
        fine = self.fine(self.stem(functional.pad(x, (0, LATER))))
        coarse = self.down(fine)
        for layer in self.around:
            coarse = coarse + layer(coarse)
        coarse = coarse + self.memory(coarse.transpose(1, 2))[0].transpose(1, 2)
        for layer in self.after:
            coarse = coarse + layer(coarse)
        mixed = self.mix(self._at_frames(self.up, coarse) + _delayed(fine, DELAY))
        since = self.narrow(coarse.transpose(1, 2)).transpose(1, 2)
        for layer in self.since:
            since = since + layer(since)
        again = self.mix_again(self._at_frames(self.up_again, since) + _delayed(mixed, DELAY_AGAIN))
        n = x.shape[-1] // EVERY
        answers = ((self.head, mixed, AHEAD), (self.head_again, again, LATER))
        return torch.stack([head(seen)[..., late // EVERY :][..., :n] for head, seen, late in answers], 2)

    def _at_frames(self, up: nn.Linear, coarse: Tensor) -> Tensor:
        """(batch, channel, hop) → (batch, fine channel, frame)."""
        frames: Tensor = up(coarse.transpose(1, 2)).reshape(len(coarse), -1, self.fine_width).transpose(1, 2)
        return frames


DELAY = AHEAD // EVERY - _MIX // 2
"""Frames by which the fine layer waits for the coarse ones: the mixing layer sees as much before a moment as after."""

DELAY_AGAIN = (LATER - AHEAD) // EVERY - _MIX // 2
"""Frames by which the first answer waits for the second."""


def _delayed(x: Tensor, frames: int) -> Tensor:
    return functional.pad(x, (frames, 0))[..., : x.shape[-1]]


class Layer(nn.Sequential):
    """Convolution of what has been, batch normalisation, ReLU; before the beginning there is nothing."""

    def __init__(self, n_in: int, n_out: int, kernel: int, *, stride: int = 1, dilation: int = 1) -> None:
        before = (kernel - 1) * dilation + 1 - stride
        convolution = nn.Conv1d(n_in, n_out, kernel, stride=stride, dilation=dilation, bias=False)
        super().__init__(nn.ConstantPad1d((before, 0), 0.0), convolution, nn.BatchNorm1d(n_out), nn.ReLU())
        self.n_in, self.before, self.stride, self.dilation = n_in, before, stride, dilation


def _remember_long(layer: nn.GRU) -> None:
    """Begin with memories that span half a second to twenty (Tallec & Ollivier 2018, arXiv:1804.11188)."""
    n, hops_a_second = layer.hidden_size, 100.0 / HOP
    spans = torch.logspace(-0.3, 1.3, n) * hops_a_second
    outer, inner = layer.all_weights[0][2:]
    with torch.no_grad():
        outer[n : 2 * n] = torch.log(spans - 1 + 1e-3).clamp(min=0.0)
        inner[n : 2 * n] = 0.0
