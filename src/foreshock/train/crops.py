"""Crops: random windows of long traces with their phase curves, as batches. Knows no network and no file formats.

Windows are gathered from a mapped block into one array, scaled in place, and curves are computed only near arrivals;
nothing is done an example at a time but the copy. Scales and curves equal `prepare.windows.normalise` and
`prepare.labels.phase_curves` to float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from foreshock.errors import ConfigError, InputError
from foreshock.train.data import Batch
from foreshock.types.arrays import AnyArray, Float32, Float64, Ints

REACH = 5.5
"""Standard deviations after which a Gaussian curve is taken as zero: exp(-5.5²/2) is 3e-7."""

SMALLEST = 1e-30


class Traces(Protocol):
    """What windows are gathered from: `collect.datasets.MemmapBlock`."""

    @property
    def shape(self) -> Ints:
        """Channels and samples of each trace, (trace, 2)."""
        ...

    def windows(self, traces: AnyArray, starts: AnyArray, *, n_samples: int, out: Float32 | None = None) -> Float32:
        """One window a trace, float32 (window, channel, time)."""
        ...


class Crops:
    """The batches of one epoch: each trace once, cut at a drawn place; iterating twice gives the same.

    Arguments:
        traces: where windows come from, all with the same number of channels.
        arrivals: P and S of each trace in samples from its beginning, (trace, 2); NaN where there is none.
        n_samples: of a window.
        sigma_samples: standard deviation of the curves of P and S.
        batch_size, seed, epoch: as for `Batches`.
        normalise: each channel's mean is taken out and the window divided by its ``peak`` or ``std``.

    Raises:
        InputError: a trace is shorter than a window, or arrivals do not fit.
        ConfigError: a size is not positive.
    """

    def __init__(
        self,
        traces: Traces,
        arrivals: Float64,
        *,
        n_samples: int,
        sigma_samples: float,
        batch_size: int,
        seed: int,
        epoch: int,
        normalise: Literal["peak", "std"] = "peak",
    ) -> None:
        if n_samples < 1 or batch_size < 1 or not sigma_samples > 0:
            raise ConfigError(
                f"windows of {n_samples} samples, batches of {batch_size}, sigma {sigma_samples}",
                "all must be positive",
                "correct them",
            )
        self.room = np.asarray(traces.shape)[:, 1] - n_samples
        if len(self.room) and self.room.min() < 0:
            shortest = int(self.room.min()) + n_samples
            raise InputError(
                f"a trace of {shortest} samples", f"a window has {n_samples}", "leave it out or cut shorter windows"
            )
        if np.shape(arrivals) != (len(self.room), 2):
            raise InputError(
                f"arrivals of shape {np.shape(arrivals)}", f"{(len(self.room), 2)} is needed", "one P and S a trace"
            )
        self.traces = traces
        self.arrivals = np.asarray(arrivals, np.float64)
        self.n_samples = n_samples
        self.sigma_samples = sigma_samples
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch
        self.normalise = normalise

    def __len__(self) -> int:
        return -(-len(self.room) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        rng = np.random.default_rng([self.seed, self.epoch])
        order = rng.permutation(len(self.room))
        starts = rng.integers(0, self.room[order] + 1)
        for first in range(0, len(order), self.batch_size):
            part = slice(first, first + self.batch_size)
            yield self.batch(order[part], starts[part])

    def batch(self, traces: Ints, starts: Ints) -> Batch:
        """``x`` (window, channel, time) scaled, ``y`` (window, 3, time) for P, S and neither."""
        x = torch.from_numpy(self.traces.windows(traces, starts, n_samples=self.n_samples))
        y = phase_curves(self.arrivals[traces] - starts[:, None], self.n_samples, sigma_samples=self.sigma_samples)
        return {"x": scale_in_place(x, self.normalise), "y": y}


def scale_in_place(x: Tensor, how: Literal["peak", "std"]) -> Tensor:
    """Take out each channel's mean and divide each window by one number; a dead window stays zero."""
    x -= x.mean(-1, keepdim=True)
    flat = x.flatten(1)
    if how == "peak":
        low, high = torch.aminmax(flat, dim=1)
        size = torch.maximum(high, -low)
    else:
        size = flat.square().mean(1).sqrt()
    x /= torch.where(size > SMALLEST, size, torch.ones_like(size))[:, None, None]
    return x


def phase_curves(arrivals: Float64, n_samples: int, *, sigma_samples: float) -> Tensor:
    """Gaussian curves of P and S and what is left to one, float32 (window, 3, time), computed near arrivals only.

    >>> [round(p, 3) for p in phase_curves(np.array([[1.0, np.nan]]), 3, sigma_samples=0.5)[0, 0].tolist()]
    [0.135, 1.0, 0.135]
    """
    y = np.zeros((len(arrivals), 3, n_samples), np.float32)
    half = int(np.ceil(REACH * sigma_samples))
    near = np.isfinite(arrivals) & (arrivals > -half - 1) & (arrivals < n_samples + half)
    window, phase = np.nonzero(near)
    at = arrivals[near]
    sample = np.round(at).astype(np.int64)[:, None] + np.arange(-half, half + 1)
    curve = np.exp(-0.5 * ((sample - at[:, None]) / sigma_samples) ** 2)
    which, offset = np.nonzero((sample >= 0) & (sample < n_samples))
    y[window[which], phase[which], sample[which, offset]] = curve[which, offset]
    both = near.all(1)
    if both.any():  # where P and S together exceed one, both are reduced alike
        y[both, :2] /= np.maximum(y[both, :2].sum(1, keepdims=True), 1)
    np.subtract(1, y[:, 0], out=y[:, 2])
    y[:, 2] -= y[:, 1]
    return torch.from_numpy(y)
