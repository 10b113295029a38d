"""PhaseNet: SeisBench's network, with its own weights, arranged for ONNX Runtime. Knows no files.

Zhu & Beroza 2019, doi:10.1093/gji/ggy423: five steps down by four, four up, each joined to its like on the way down.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  torch's own name for it
from torch import Tensor, nn

from foreshock.train.foreign.flat import Conv, Up

PADS = ((0, 0), (2, 3), (1, 3), (2, 3))
"""Zeros before and after, ahead of each step down."""


class FlatPhaseNet(nn.Module):
    """Probabilities (batch, class, time) for scaled windows (batch, component, time).

    Args:
        model: SeisBench's, with weights.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.first = Conv(model.inc, model.in_bn)
        down, up = list(model.down_branch), list(model.up_branch)
        self.same = nn.ModuleList(Conv(conv, norm) for conv, norm, _, _ in down)
        self.lower = nn.ModuleList(Conv(conv, norm) for _, _, conv, norm in down[:-1])
        self.higher = nn.ModuleList(Up(conv, norm) for conv, norm, _, _ in up)
        self.joined = nn.ModuleList(Conv(conv, norm) for _, _, conv, norm in up)
        self.last = Conv(model.out)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, component, time) → (batch, class, time)."""
        x = torch.relu(self.first(x.unsqueeze(2)))
        beside = []
        for same, lower, pads in zip(self.same, self.lower, PADS, strict=False):
            beside.append(torch.relu(same(x)))
            x = torch.relu(lower(F.pad(beside[-1], pads) if any(pads) else beside[-1]))
        x = torch.relu(self.same[-1](x))
        for higher, joined, like in zip(self.higher, self.joined, reversed(beside), strict=True):
            x = torch.relu(joined(torch.cat([like, higher(x, like.shape[-1])], dim=1)))
        x = self.last(x).squeeze(2)
        # ONNX Runtime's own softmax over the classes takes as long as two convolutions
        x = torch.exp(x - x.amax(dim=1, keepdim=True))
        return x / x.sum(dim=1, keepdim=True)
