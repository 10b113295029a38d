"""Source: a small network from band levels to magnitude, distance and back azimuth. Knows no records and no stations.

Quantiles are learnt by the pinball loss (Koenker & Bassett 1978, doi:10.2307/1913643); they cannot cross, because each
is the one before plus something positive. The back azimuth is the direction of a vector whose length is the
concentration of a von Mises distribution. Several members are averaged, quantile by quantile and vector by vector.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""What quantiles the network gives."""

N_OUT = 2 * len(LEVELS) + 2
"""Quantiles of magnitude, quantiles of log10 distance (km), and the vector (north, east) of the back azimuth."""

FIRST_FRAMES = 12
"""Frames after P whose particle motion can tell the direction."""

_MIDDLE = len(LEVELS) // 2


class SourceMember(nn.Module):
    """One network: x (batch, row, frame) and context (batch, fact) → (batch, `N_OUT`).

    Arguments:
        n_rows, n_frames: of x; the first `n_levels` rows are log levels, the last row says which frames there are.
        n_before: frames before P. n_context: facts beside it. width: channels of the convolutions.

    >>> SourceMember(41, 80, n_levels=20, n_before=20, n_context=4)(torch.zeros(2, 41, 80), torch.zeros(2, 4)).shape
    torch.Size([2, 12])
    """

    def __init__(
        self,
        n_rows: int,
        n_frames: int,
        *,
        n_levels: int,
        n_before: int,
        n_context: int,
        width: int = 32,
        hidden: int = 64,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.n_levels, self.n_before = n_levels, n_before
        self.waves = nn.Sequential(
            nn.Conv1d(n_rows, width, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv1d(width, width, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(width * (n_frames // 4), hidden),
            nn.ReLU(),
        )
        n_facts = 3 * n_levels + n_context
        self.mix = nn.Sequential(
            nn.Linear(hidden + n_facts, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, N_OUT)
        )
        self.straight = nn.Linear(n_facts, N_OUT)
        self.n_pairs = (n_rows - 1 - n_levels) // 4
        self.gates = nn.Linear(hidden + n_facts, self.n_pairs * FIRST_FRAMES)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """Quantiles that rise, and the vector of the direction."""
        facts = torch.cat([self._sizes(x), context], 1)
        known = torch.cat([self.waves(x), facts], 1)
        raw = self.mix(known) + self.straight(facts)
        vector = raw[:, 10:] + self._pointed(x, self.gates(known))
        return torch.cat([_rising(raw[:, :5]), _rising(raw[:, 5:10]), vector], 1)

    def _pointed(self, x: Tensor, gates: Tensor) -> Tensor:
        """Where the ground's motion points to: P of a source below moves up and away, or down and towards.

        Each frame and pair of bands points somewhere by its covariances Z·N and Z·E; the network says how far to
        believe it. Turned ground gives a turned direction, without being learnt.
        """
        first = x[:, :, self.n_before : self.n_before + FIRST_FRAMES]
        north, east = (first[:, self.n_levels + k * self.n_pairs :][:, : self.n_pairs] for k in (0, 1))
        weight = gates.reshape(-1, self.n_pairs, FIRST_FRAMES)
        return -torch.stack([(north * weight).sum((1, 2)), (east * weight).sum((1, 2))], 1)

    def _sizes(self, x: Tensor) -> Tensor:
        """Largest and mean level since P, mean level before it."""
        levels, there = x[:, : self.n_levels], x[:, -1:]
        since, before = levels[..., self.n_before :], levels[..., : self.n_before]
        n_since, n_before = there[..., self.n_before :], there[..., : self.n_before]
        loudest = (since * n_since - 4.0 * (1 - n_since)).amax(2)
        after = (since * n_since).sum(2) / (n_since.sum(2) + 0.1)
        quiet = (before * n_before).sum(2) / (n_before.sum(2) + 0.1)
        return torch.cat([loudest, after, quiet], 1)


def _rising(raw: Tensor) -> Tensor:
    """The middle value, and steps up and down from it that are never negative."""
    middle = raw[:, _MIDDLE : _MIDDLE + 1]
    up = functional.softplus(raw[:, _MIDDLE + 1 :])
    down = functional.softplus(raw[:, :_MIDDLE])
    first, second = middle - down[:, 1:], middle + up[:, :1]
    return torch.cat([first - down[:, :1], first, middle, second, second + up[:, 1:]], 1)


class Source(nn.Module):
    """The mean of several members."""

    def __init__(self, members: Sequence[SourceMember]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """(batch, row, frame), (batch, fact) → (batch, `N_OUT`)."""
        return torch.stack([member(x, context) for member in self.members]).mean(0)
