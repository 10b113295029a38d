"""Data: batches for one epoch, in an order that only seed and epoch decide. Knows no network and no files' formats.

A batch is cut from one array (example, channel, time), in memory or mapped from a file, by one indexing operation;
augmentation works on the whole batch at once. There is no worker process to feed and nothing to restore after a crash:
epoch 7 of seed 3 is the same batches wherever and whenever it is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from foreshock.errors import FormatError, LabelError, NotFoundError
from foreshock.outputs import whole_file
from foreshock.types import Examples
from foreshock.types.arrays import AnyArray, Float32, Float64, Ints

Augment: TypeAlias = Callable[[Float32, np.random.Generator], Float32]
"""Changes windows (batch, channel, time) of one batch together; it owns the array it is given."""

Batch: TypeAlias = dict[str, Tensor]
"""``x``, ``y``, ``context`` of the examples, and three numbers each: ``share`` of the batch's loss, ``part`` of the
epoch's loss, ``each`` of the epoch's count. They sum to one over the batch or the epoch, over all devices together."""


@dataclass(frozen=True, eq=False)
class Data:
    """What batches are drawn from.

    Attributes:
        x: (example, channel, time) of any number type, in memory or memory-mapped.
        y: (example,) int64 class numbers or float32 standardised targets.
        context: float32 (example, column).
        weight: (example,) how much each example's loss counts.
    """

    x: AnyArray
    y: AnyArray
    context: Float32
    weight: Float64

    def __len__(self) -> int:
        return len(self.x)


def data_from(
    examples: Examples,
    *,
    context: Sequence[str] = (),
    class_weights: Float64 | None = None,
    target: tuple[float, float] = (0.0, 1.0),
) -> Data:
    """Arrays of labelled examples: context columns in the order named, targets standardised by (mean, deviation).

    Raises:
        LabelError: the examples have no labels, or lack a context column.
    """
    if examples.y is None:
        raise LabelError("examples without labels", "training needs y", "label the records")
    lacking = [name for name in context if name not in examples.context]
    if lacking:
        raise LabelError(f"examples without context {lacking[0]!r}", "the model reads it", "prepare it for every split")
    columns = np.column_stack([examples.context[name] for name in context]) if context else np.zeros((len(examples), 0))
    if examples.classes:
        y: AnyArray = np.array(examples.y)
        weight = np.ones(len(y)) if class_weights is None else class_weights[y]
    else:
        y = ((examples.y - target[0]) / target[1]).astype(np.float32)
        weight = np.ones(len(y))
    return Data(examples.x, y, columns.astype(np.float32), weight)


class Batches:
    """The batches of one epoch; iterating twice gives the same.

    Arguments:
        data: what they are drawn from.
        batch_size: examples of a batch over all devices together.
        seed, epoch: decide the order and the augmentation.
        shuffle: draw a new order each epoch; otherwise the examples come as they stand.
        rank, world: which of how many devices this is; a device gets every `world`-th example of each batch.
        augment: changes the windows of a batch; its randomness depends on seed, epoch, batch and rank alone.

    >>> data = Data(np.zeros((5, 1, 4)), np.arange(5), np.zeros((5, 0), np.float32), np.ones(5))
    >>> [batch["y"].tolist() for batch in Batches(data, batch_size=2, seed=0, epoch=0, shuffle=False)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        data: Data,
        *,
        batch_size: int,
        seed: int,
        epoch: int,
        shuffle: bool = True,
        rank: int = 0,
        world: int = 1,
        augment: Augment | None = None,
    ) -> None:
        self.data = data
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch
        self.shuffle = shuffle
        self.rank = rank
        self.world = world
        self.augment = augment

    def __len__(self) -> int:
        return -(-len(self.data) // self.batch_size)

    def order(self) -> Ints:
        """The examples of the epoch in the order they come."""
        if not self.shuffle:
            return np.arange(len(self.data))
        return np.random.default_rng([self.seed, self.epoch]).permutation(len(self.data))

    def __iter__(self) -> Iterator[Batch]:
        order = self.order()
        epoch_weight = float(self.data.weight.sum())
        for number in range(len(self)):
            rows = order[number * self.batch_size : (number + 1) * self.batch_size]
            yield self._batch(rows, number, epoch_weight)

    def _batch(self, rows: Ints, number: int, epoch_weight: float) -> Batch:
        data = self.data
        batch_weight = float(data.weight[rows].sum())
        mine = rows[self.rank :: self.world]
        counts = 1.0
        if len(mine) == 0:  # fewer examples than devices: stand in with one that counts nothing
            mine, counts = rows[:1], 0.0
        weight = data.weight[mine] * counts
        return {
            "x": torch.from_numpy(self._windows(mine, number)),
            "y": torch.from_numpy(data.y[mine]),
            "context": torch.from_numpy(data.context[mine]),
            "share": _floats(weight / batch_weight),
            "part": _floats(weight / epoch_weight),
            "each": _floats(np.full(len(mine), counts / len(data))),
        }

    def _windows(self, rows: Ints, number: int) -> Float32:
        x = np.asarray(self.data.x[rows], np.float32)
        if self.augment is None:
            return x
        rng = np.random.default_rng([self.seed, self.epoch, number, self.rank])
        return np.ascontiguousarray(self.augment(x, rng), np.float32)


def _floats(values: Float64) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))


def write_block(path: Path, x: AnyArray) -> None:
    """Write windows (example, channel, time) as one ``.npy`` file that can be mapped into memory.

    Raises:
        OutputError: the file cannot be written.
    """
    with whole_file(path) as temporary, temporary.open("wb") as handle:
        np.save(handle, np.ascontiguousarray(x), allow_pickle=False)


def open_block(path: Path) -> AnyArray:
    """Map a block written by `write_block` into memory, read-only; nothing is read before it is used.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is not a three-dimensional array of numbers.
    """
    try:
        block = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise NotFoundError(f"block {path}", "it does not exist", "prepare it first") from error
    except (ValueError, OSError, EOFError) as error:
        raise FormatError(f"block {path}", f"it is not a NumPy array file ({error})", "prepare it again") from error
    if not isinstance(block, np.ndarray) or block.ndim != 3 or block.dtype.kind not in "fiu":
        raise FormatError(f"block {path}", "it must be numbers (example, channel, time)", "prepare it again")
    return block
