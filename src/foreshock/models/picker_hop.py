"""Picker hop: a trained `PickerLive` that takes the next samples of many stations and what it said of each before.

Knows no files, no thresholds and no stations, and keeps nothing itself: what it must hear again it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor, nn

from foreshock.models.picker_live import CLASSES, DELAY, DELAY_AGAIN, EVERY, FRAMES, Layer, PickerLive

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


def _folded(layer: Layer) -> tuple[Tensor, Tensor]:
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

    def __init__(self, layer: Layer, *, frames: int) -> None:
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
    return nn.ModuleList(_Looking(layer, frames=1) for layer in layers if isinstance(layer, Layer))


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
