"""Picker live: a causal network that says noise, P or S 25 times a second: `AHEAD` samples after the fact, and again
`LATER` samples after it, when it has seen what followed.

It is written twice with the same weights: `PickerLive` takes whole recordings, all times at once, to learn from them;
`LiveHop` takes the next `HOP` samples of many stations and what it remembers of each, one row of numbers a station.
Both say the same. Knows no files, no thresholds and no stations.

A strided convolution looks at 25 Hz, dilated ones and a gated recurrence (Cho et al. 2014, arXiv:1406.1078) at
12.5 Hz; the first answer for a moment is read off the state `AHEAD` samples later, beside what the 25 Hz layer had seen
then. The second one sets beside the first what narrower dilated convolutions have seen since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

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
        self.stem = _Layer(n_channels, fine, _STEM, stride=EVERY)
        self.fine = _Layer(fine, fine, _FINE)
        self.down = _Layer(fine, coarse, _DOWN, stride=FRAMES)
        self.around = nn.ModuleList(_Layer(coarse, coarse, 3, dilation=dilation) for dilation in _DILATIONS)
        self.memory = nn.GRU(coarse, coarse, batch_first=True)
        self.after = nn.ModuleList(_Layer(coarse, coarse, 3, dilation=dilation) for dilation in _AFTER)
        self.up = nn.Linear(coarse, FRAMES * fine)
        self.mix = _Layer(fine, fine, _MIX)
        self.head = nn.Conv1d(fine, len(CLASSES), 1)
        self.narrow = nn.Linear(coarse, since)
        self.since = nn.ModuleList(_Layer(since, since, 3, dilation=dilation) for dilation in _SINCE)
        self.up_again = nn.Linear(since, FRAMES * fine)
        self.mix_again = _Layer(fine, fine, _MIX)
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


class _Layer(nn.Sequential):
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


Delay: TypeAlias = tuple[int, tuple[int, ...]]
"""How many numbers, and after how many hops they are heard again."""


class LiveHop(nn.Module):
    """One hop of a trained `PickerLive`: (station, channel, 8), heard → logits (station, 3, 2, 2), said.

    What it says at a hop it hears again at later ones, as `delays` has it: pairs of a width and after how many hops.
    Every layer is one multiplication by a matrix: convolutions are unrolled over the frames of a hop, normalisations
    folded in. The logits are those of the frames `AHEAD` and `LATER` samples before the hop's own.

    >>> hop = LiveHop(PickerLive().eval())
    >>> curves, said = hop(torch.zeros(5, 6, 8), torch.zeros(5, hop.n_heard))
    >>> curves.shape, said.shape == (5, hop.n_said)
    (torch.Size([5, 3, 2, 2]), True)
    """

    def __init__(self, model: PickerLive) -> None:
        super().__init__()
        self.n_channels = model.n_channels
        self.stem = _Looking(model.stem, frames=FRAMES * EVERY)
        self.fine = _Looking(model.fine, frames=FRAMES)
        self.down = _Looking(model.down, frames=FRAMES)
        self.around = _looking(model.around)
        self.memory = _Gates(model.memory)
        self.after = _looking(model.after)
        self.up = _linear(model.up.weight, model.up.bias)
        self.mix = _Looking(model.mix, frames=FRAMES)
        self.head = _repeated(model.head, FRAMES)
        self.narrow = _linear(model.narrow.weight, model.narrow.bias)
        self.since = _looking(model.since)
        self.up_again = _linear(model.up_again.weight, model.up_again.bias)
        self.mix_again = _Looking(model.mix_again, frames=FRAMES)
        self.head_again = _repeated(model.head_again, FRAMES)
        wide = FRAMES * model.fine_width
        hold, hold_again = (wide, (DELAY // FRAMES,)), (wide, (DELAY_AGAIN // FRAMES,))
        self.delays = [self.stem.delay, self.fine.delay, self.down.delay, *_delays(self.around)]
        self.delays += [(model.coarse_width, (1,)), *_delays(self.after), hold, self.mix.delay]
        self.delays += [*_delays(self.since), hold_again, self.mix_again.delay]
        self.n_heard = sum(width * len(hops) for width, hops in self.delays)
        self.n_said = sum(width for width, _ in self.delays)

    def forward(self, x: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        """Take the next hop."""
        past = _Past(torch.split(heard, [width * len(hops) for width, hops in self.delays], dim=1))
        fine = past.through(self.fine, past.through(self.stem, x.transpose(1, 2).flatten(1)))
        coarse = past.through(self.down, fine)
        for layer in self.around:
            coarse = coarse + past.through(layer, coarse)
        coarse = coarse + past.remembered(self.memory, coarse)
        for layer in self.after:
            coarse = coarse + past.through(layer, coarse)
        mixed = past.through(self.mix, past.exchanged(fine) + self.up(coarse))
        since = self.narrow(coarse)
        for layer in self.since:
            since = since + past.through(layer, since)
        again = past.through(self.mix_again, past.exchanged(mixed) + self.up_again(since))
        answers = torch.stack([self.head(mixed), self.head_again(again)], 1)
        curves = answers.reshape(-1, 2, FRAMES, len(CLASSES)).permute(0, 3, 1, 2)
        return curves, torch.cat(past.said, 1)


class _Past:
    """What is heard again, taken part by part in the order of the layers, and what is said to be heard later."""

    def __init__(self, heard: Sequence[Tensor]) -> None:
        self.heard, self.said = list(heard)[::-1], list[Tensor]()

    def exchanged(self, x: Tensor) -> Tensor:
        """Say what is new, and hear what was said some time ago."""
        self.said.append(x)
        return self.heard.pop()

    def through(self, layer: nn.Module, x: Tensor) -> Tensor:
        """Run a layer on what it was given before and what it is given now."""
        said: Tensor = layer(torch.cat([self.exchanged(x), x], 1))
        return said

    def remembered(self, layer: nn.Module, x: Tensor) -> Tensor:
        """Run a layer on what it said at the hop before and what it is given now."""
        said: Tensor = layer(x, self.heard.pop())
        self.said.append(said)
        return said


def _folded(layer: _Layer) -> tuple[Tensor, Tensor]:
    """Weights (out, in, kernel) and offsets (out,) of a layer with its normalisation."""
    convolution, norm = layer[1], layer[2]
    assert isinstance(convolution, nn.Conv1d)
    assert isinstance(norm, nn.BatchNorm1d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return convolution.weight * gain[:, None, None], norm.bias - norm.running_mean * gain


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    made = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        made.weight.copy_(weight)
        made.bias.copy_(bias)
    return made


def _repeated(head: nn.Conv1d, frames: int) -> nn.Linear:
    """A layer of kernel one for several frames at once."""
    assert head.bias is not None
    return _linear(torch.kron(torch.eye(frames), head.weight[:, :, 0]), head.bias.repeat(frames))


class _Looking(nn.Module):
    """A convolution over the frames of a hop: rows (station, frame · channel) of those it sees, older ones first.

    Arguments:
        frames: that come in each hop. With one, only the hops that a dilated convolution looks at are multiplied.
    """

    def __init__(self, layer: _Layer, *, frames: int) -> None:
        super().__init__()
        weight, bias = _folded(layer)
        n_out, n_in, kernel = weight.shape
        new = frames // layer.stride
        hops = -(-layer.before // frames)
        matrix = torch.zeros(new, n_out, hops + 1, frames, n_in)
        seen = matrix.view(new, n_out, -1, n_in)
        for k in range(new):
            first = hops * frames - layer.before + k * layer.stride
            seen[k, :, first : first + (kernel - 1) * layer.dilation + 1 : layer.dilation] = weight.detach().mT
        looks = [hop for hop in range(hops) if matrix[:, :, hop].any()] if layer.dilation > 1 else list(range(hops))
        matrix = matrix[:, :, [*looks, hops]]
        self.delay: Delay = (frames * n_in, tuple(hops - hop for hop in looks))
        self.linear = _linear(matrix.reshape(new * n_out, -1), bias.repeat(new))

    def forward(self, seen: Tensor) -> Tensor:
        """What comes out."""
        return torch.relu(self.linear(seen))


def _looking(layers: nn.ModuleList) -> nn.ModuleList:
    return nn.ModuleList(_Looking(layer, frames=1) for layer in layers if isinstance(layer, _Layer))


def _delays(layers: nn.ModuleList) -> list[Delay]:
    return [layer.delay for layer in layers if isinstance(layer, _Looking)]


class _Gates(nn.Module):
    """One step of a gated recurrence."""

    def __init__(self, layer: nn.GRU) -> None:
        super().__init__()
        n = self.width = layer.hidden_size
        outer, inner, outer_bias, inner_bias = layer.all_weights[0]
        both = torch.cat([outer[: 2 * n], inner[: 2 * n]], 1)
        self.gates = _linear(both, outer_bias[: 2 * n] + inner_bias[: 2 * n])
        self.outer = _linear(outer[2 * n :], outer_bias[2 * n :])
        self.inner = _linear(inner[2 * n :], inner_bias[2 * n :])

    def forward(self, x: Tensor, held: Tensor) -> Tensor:
        """A new frame and the memory → the new memory."""
        gates = torch.sigmoid(self.gates(torch.cat([x, held], 1)))
        reset, keep = torch.split(gates, self.width, dim=1)
        new = torch.tanh(self.outer(x) + reset * self.inner(held))
        return new + keep * (held - new)
