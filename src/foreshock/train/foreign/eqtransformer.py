"""EQTransformer: SeisBench's network, with its own weights, arranged for ONNX Runtime. Knows no files.

Mousavi et al. 2020, doi:10.1038/s41467-020-17591-w: an encoder, residual convolutions, LSTMs, two layers of attention,
and a decoder for each of detection, P and S. LSTMs become ONNX's own operator: torch's exporter would unroll them.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  torch's own name for it
from torch import Tensor, nn

from foreshock.errors import BundleError
from foreshock.train.foreign.flat import Conv, Doubled

LEAST = -1e10
"""What pads a series before the largest of two is taken."""

SHIFTED = 3
"""The step of the original's decoders that drops a sample at either end."""


class FlatEqTransformer(nn.Module):
    """Probabilities (batch, class, time) for scaled windows (batch, component, time).

    Args:
        model: SeisBench's, with weights.

    Raises:
        BundleError: its LSTM has gates ONNX does not know.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.encoder = nn.ModuleList(Conv(conv) for conv in model.encoder.convs)
        self.pads = [int(pad) for pad in model.encoder.paddings]
        self.residual = nn.ModuleList(Residual(block) for block in model.res_cnn_stack.members)
        self.lstms = nn.ModuleList(Lstm(block.lstm) for block in model.bi_lstm_stack.members)
        self.mixes = nn.ModuleList(Conv(block.conv, block.norm) for block in model.bi_lstm_stack.members)
        self.attention = nn.ModuleList([Transformer(model.transformer_d0), Transformer(model.transformer_d)])
        self.detection = Decoder(model.decoder_d, model.conv_d)
        self.pick_lstms = nn.ModuleList(Lstm(lstm) for lstm in model.pick_lstms)
        self.pick_attention = nn.ModuleList(Attention(layer) for layer in model.pick_attentions)
        self.pickers = nn.ModuleList(map(Decoder, model.pick_decoders, model.pick_convs))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, component, time) → (batch, class, time)."""
        x = x.unsqueeze(2)
        for conv, pad in zip(self.encoder, self.pads, strict=True):
            x = torch.relu(conv(x))
            x = F.max_pool2d(F.pad(x, (0, pad), value=LEAST) if pad else x, (1, 2))
        for block in self.residual:
            x = block(x)
        for lstm, mix in zip(self.lstms, self.mixes, strict=True):
            x = mix(lstm(x.squeeze(2)).unsqueeze(2))
        x = x.squeeze(2)
        for layer in self.attention:
            x = layer(x)
        said = [self.detection(x)]
        for lstm, attention, picker in zip(self.pick_lstms, self.pick_attention, self.pickers, strict=True):
            said.append(picker(attention(lstm(x))))
        return torch.sigmoid(torch.cat(said, dim=1))


class Residual(nn.Module):
    """Two convolutions, each after a normalisation, added to what came in."""

    def __init__(self, block: Any) -> None:
        super().__init__()
        self.norms = nn.ModuleList([Norm(block.norm1), Norm(block.norm2)])
        self.convs = nn.ModuleList([Conv(block.conv1), Conv(block.conv2)])
        self.pad = bool(block.manual_padding)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, 1, time) → (batch, channel, 1, time)."""
        y = x
        for norm, conv in zip(self.norms, self.convs, strict=True):
            y = torch.relu(norm(y))
            y = conv(F.pad(y, (0, 1)) if self.pad else y)
        return x + y


class Norm(nn.Module):
    """A batch normalisation as a factor and a term."""

    def __init__(self, norm: nn.BatchNorm1d) -> None:
        super().__init__()
        assert norm.running_var is not None
        assert norm.running_mean is not None
        factor = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
        self.factor = nn.Parameter(factor[:, None, None], requires_grad=False)
        self.term = nn.Parameter((norm.bias.detach() - norm.running_mean * factor)[:, None, None], requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, 1, time) → the same."""
        return x * self.factor + self.term


class Attention(nn.Module):
    """Additive attention of every sample to every other (or to its neighbours alone).

    The term of the query stands with the query; one that all scores have in common falls out with their maximum.
    """

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.query, self.key, self.term, self.score = layer.Wt, layer.Wx, layer.bh, layer.Wa
        self.width, self.eps = layer.attention_width, float(layer.eps)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, time) → the same."""
        rows = x.transpose(1, 2)
        query = (rows @ self.query + self.term).unsqueeze(2)
        score = (torch.tanh(query + (rows @ self.key).unsqueeze(1)) @ self.score).squeeze(-1)
        weight = torch.exp(score - score.amax(dim=-1, keepdim=True))
        if self.width is not None:
            at = torch.arange(x.shape[-1])
            apart = at[:, None] - at[None, :] + self.width // 2
            weight = weight * ((apart >= 0) & (apart < self.width)).float()
        return (weight / (weight.sum(dim=-1, keepdim=True) + self.eps) @ rows).transpose(1, 2)


class Transformer(nn.Module):
    """Attention and a small network at each sample, each added to what came in and normalised."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.attention, self.norms = Attention(layer.attention), nn.ModuleList([layer.norm1, layer.norm2])
        self.inner = layer.ff

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, time) → the same."""
        x = self.norms[0](x + self.attention(x))
        y: Tensor = self.norms[1](x + self.inner(x))
        return y


class Decoder(nn.Module):
    """Seven times twice as long, and a curve at the end."""

    def __init__(self, decoder: Any, last: nn.Conv1d) -> None:
        super().__init__()
        shifted, crops = bool(decoder.original_compatible), [] if decoder.original_compatible else list(decoder.crops)
        cuts = [(1, 1) if shifted and k == SHIFTED else (0, int(k in crops)) for k in range(len(decoder.convs))]
        self.steps = nn.ModuleList(
            Cropped(conv, *cut) if any(cut) else Doubled(conv) for conv, cut in zip(decoder.convs, cuts, strict=True)
        )
        self.last = Conv(last)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, time) → (batch, 1, longer time)."""
        x = x.unsqueeze(2)
        for step in self.steps:
            x = step(x)
        said: Tensor = self.last(x)
        return said.squeeze(2)


class Cropped(nn.Module):
    """Every sample twice, some at the ends left out, then a convolution."""

    def __init__(self, conv: nn.Conv1d, front: int, back: int) -> None:
        super().__init__()
        self.conv, self.front, self.back = Conv(conv), front, back

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, 1, time) → (batch, channel, 1, 2 · time without the ends)."""
        x = torch.stack([x, x], dim=-1).flatten(-2)
        return torch.relu(self.conv(x[..., self.front : x.shape[-1] - self.back]))


class Lstm(nn.Module):
    """An LSTM, in one direction or both, as ONNX's operator; its gates are ordered input, output, forget, cell.

    Raises:
        BundleError: the gates are neither sigmoids nor hard sigmoids.
    """

    weight: Tensor
    recurrent: Tensor
    bias: Tensor

    def __init__(self, layer: Any) -> None:
        super().__init__()
        ways, self.gate = _ways(layer)
        self.units, self.n_ways = ways[0][1].shape[1], len(ways)
        self.register_buffer("weight", torch.stack([_reordered(way[0]) for way in ways]))
        self.register_buffer("recurrent", torch.stack([_reordered(way[1]) for way in ways]))
        biases = [torch.cat([_reordered(way[2]), _reordered(way[3])]) for way in ways]
        self.register_buffer("bias", torch.stack(biases))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, time) → (batch, units of all ways, time)."""
        n, _, time = x.shape
        y = torch.onnx.ops.symbolic(
            "LSTM",
            (x.permute(2, 0, 1), self.weight, self.recurrent, self.bias),
            attrs={
                "hidden_size": self.units,
                "direction": "bidirectional" if self.n_ways == 2 else "forward",
                "activations": [self.gate, "Tanh", "Tanh"] * self.n_ways,
            },
            dtype=torch.float32,
            shape=(time, self.n_ways, n, self.units),
        )
        return y.permute(2, 1, 3, 0).flatten(1, 2)


def _ways(layer: Any) -> tuple[list[tuple[Tensor, ...]], str]:
    """Weights of each direction, and the name of the gates' function."""
    if isinstance(layer, nn.LSTM):
        held = [weight.detach() for weight in layer.parameters()]
        return [tuple(held[first : first + 4]) for first in range(0, len(held), 4)], "Sigmoid"
    cells = [layer.cell_f, layer.cell_b] if layer.bidirectional else [layer.cell_f]
    weights = [tuple(w.detach() for w in (c.weight_ih, c.weight_hh, c.bias_ih, c.bias_hh)) for c in cells]
    return weights, _gate(cells[0].gate_activation)


def _gate(function: Any) -> str:
    at = torch.linspace(-4, 4, 17)
    for name, like in (("Sigmoid", torch.sigmoid), ("HardSigmoid", lambda x: torch.clip(0.2 * x + 0.5, 0, 1))):
        if torch.allclose(function(at), like(at), atol=1e-6):
            return name
    raise BundleError("an LSTM's gates", "ONNX has sigmoid and hard sigmoid only", "report these weights")


def _reordered(weight: Tensor) -> Tensor:
    """From input, forget, cell, output to ONNX's order."""
    inputs, forget, cell, output = weight.chunk(4)
    return torch.cat([inputs, output, forget, cell])
