"""A data set as one flat float32 array on disk, so that training gathers windows at memory speed. Knows no models.

The folder holds ``data.npy`` (all traces one after another, each (channel, time)), ``offset.npy``, ``shape.npy``,
``row.npy``, ``rate_hz.npy`` and, written last, ``index.json`` with the key of the content it was made from.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from foreshock.errors import FormatError, InputError, NothingMatchedError
from foreshock.outputs import claimed_folder, explained, whole_file, write_json
from foreshock.types.arrays import AnyArray, Float32, Float64, Ints

FORMAT = 1
PART_NAME = "data.npy.part"
HEADER_BYTES = 128
SAFE_BATCHES = 64
"""Batches after which the progress is written down."""


class Readable(Protocol):
    """What is needed of a data set: its names, rates, content key and traces."""

    name: str

    def __len__(self) -> int:
        """Number of rows."""
        ...

    @property
    def trace_ids(self) -> list[str]:
        """The name of each row."""
        ...

    @property
    def rates_hz(self) -> Float64:
        """The sampling rate of each row."""
        ...

    def content_key(self) -> str:
        """A hash of all that decides what the traces are."""
        ...

    def batches(self, rows: Iterable[int]) -> Iterator[list[int]]:
        """The rows in runs that are read together."""
        ...

    def try_block(self, rows: Iterable[int]) -> list[Float32 | InputError]:
        """The traces, with the error in place of each that cannot be read."""
        ...


@dataclass(frozen=True, eq=False)
class MemmapBlock:
    """Traces of a data set mapped from disk.

    Attributes:
        data: float32, all traces one after another.
        offset: where each trace begins in `data`.
        shape: channels and samples of each trace, (trace, 2).
        row: the row of the data set each trace comes from.
        rate_hz: samples per second of each trace.
        skipped: traces left out, with the reason.
    """

    data: Float32
    offset: Ints
    shape: Ints
    row: Ints
    rate_hz: Float64
    skipped: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.row)

    def trace(self, k: int) -> Float32:
        """Give trace `k` as (channel, time), mapped, not copied."""
        channels, samples = self.shape[k]
        first = self.offset[k]
        return self.data[first : first + channels * samples].reshape(channels, samples)

    def windows(self, traces: AnyArray, starts: AnyArray, *, n_samples: int, out: Float32 | None = None) -> Float32:
        """Gather one window a trace as float32 (window, channel, time); what lies outside a trace is zero.

        Args:
            traces: which trace each window comes from, all with the same number of channels.
            starts: first sample of each window; may be negative or reach beyond the end.
            n_samples: length of every window.
            out: where to put them, so that a loop needs no new memory.
        """
        channels = int(self.shape[int(traces[0]), 0]) if len(traces) else 0
        x = np.empty((len(traces), channels, n_samples), np.float32) if out is None else out
        data = self.data
        picked = zip(
            x, self.offset[traces].tolist(), self.shape[traces].tolist(), np.asarray(starts).tolist(), strict=True
        )
        for window, first, (rows, length), start in picked:
            trace = data[first : first + rows * length].reshape(rows, length)
            if start >= 0 and start + n_samples <= length:
                window[:] = trace[:, start : start + n_samples]
            else:
                _padded(window, trace, start)
        return x


def _padded(window: Float32, trace: Float32, start: int) -> None:
    window[:] = 0
    low, high = max(0, start), min(trace.shape[1], start + window.shape[1])
    if low < high:
        window[:, low - start : high - start] = trace[:, low:high]


def to_memmap(dataset: Readable, out: Path, *, rows: Sequence[int] | AnyArray | None = None) -> MemmapBlock:
    """Make (or find again) the flat array of a data set in the folder `out`, named by the content's SHA-256.

    A folder that was made from the same content is opened as it is; one that was cut off goes on where it stopped.

    Raises:
        NothingMatchedError: not one row could be read.
        OutputError: another run is making it, the folder cannot be written to, or the disk is full.
    """
    wanted = np.arange(len(dataset)) if rows is None else np.asarray(rows, np.int64)
    key = _key(dataset, wanted)
    folder = Path(out) / key[:16]
    if (folder / "index.json").is_file():
        return open_memmap(folder)
    with claimed_folder(folder, resume=True), explained(folder):
        built = _build(dataset, wanted, folder)
        _save(folder, built, dataset, key)
    return open_memmap(folder)


def _key(dataset: Readable, rows: AnyArray) -> str:
    digest = hashlib.sha256(f"{FORMAT}:{dataset.content_key()}:".encode())
    digest.update(np.ascontiguousarray(rows, np.int64).tobytes())
    return digest.hexdigest()


def open_memmap(folder: Path) -> MemmapBlock:
    """Open a flat array made by `to_memmap`.

    Raises:
        FormatError: a file is missing, cut short or of another version.
    """
    try:
        index: dict[str, Any] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        if index.get("format") != FORMAT:
            raise ValueError(f"format {index.get('format')}")
        parts = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in _PARTS}
        data = np.load(folder / "data.npy", mmap_mode="r", allow_pickle=False)
        if data.dtype != np.float32 or data.ndim != 1 or len(data) != index["samples"]:
            raise ValueError("data.npy is not what the index says")
        return MemmapBlock(data, **parts, skipped=tuple((str(a), str(b)) for a, b in index["skipped"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"flat array {folder}", f"it cannot be used ({error})", "delete that folder") from error


_PARTS = ("offset", "shape", "row", "rate_hz")


@dataclass(slots=True)
class _Built:
    shape: list[tuple[int, int]]
    row: list[int]
    skipped: list[tuple[str, str]]
    samples: int = 0
    done: int = 0


def _build(dataset: Readable, rows: AnyArray, folder: Path) -> _Built:
    """Append traces to ``data.npy.part``; ``progress.json`` says now and then how far all is safe."""
    built = _progress(folder)
    part = folder / PART_NAME
    with part.open("r+b" if part.exists() else "w+b") as handle:
        handle.truncate(HEADER_BYTES + built.samples * 4)
        handle.seek(0, 2)
        for count, batch in enumerate(dataset.batches(rows[built.done :].tolist()), start=1):
            for row, data in zip(batch, dataset.try_block(batch), strict=True):
                _append(handle, built, dataset, row, data)
            built.done += len(batch)
            if count % SAFE_BATCHES == 0:
                handle.flush()
                write_json(folder / "progress.json", {name: getattr(built, name) for name in _Built.__slots__})
        handle.seek(0)
        handle.write(_header(built.samples))
    if not built.row:
        reason = built.skipped[0][1] if built.skipped else "no row was asked for"
        raise NothingMatchedError(f"data set {dataset.name}", f"no record can be read: {reason}", "check the data set")
    return built


def _append(handle: Any, built: _Built, dataset: Readable, row: int, data: Float32 | InputError) -> None:
    if isinstance(data, InputError):
        built.skipped.append((dataset.trace_ids[row], str(data)))
        return
    handle.write(data.data)
    built.shape.append((data.shape[0], data.shape[1]))
    built.row.append(row)
    built.samples += data.size


def _header(samples: int) -> bytes:
    """The head of a one-axis float32 ``.npy`` file, always `HEADER_BYTES` long."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (samples,)})
    text = head.getvalue()[10:].rstrip(b" \n")
    size = HEADER_BYTES - 10
    return b"\x93NUMPY\x01\x00" + size.to_bytes(2, "little") + text.ljust(size - 1) + b"\n"


def _progress(folder: Path) -> _Built:
    try:
        told = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
        built = _Built(
            [(int(c), int(n)) for c, n in told["shape"]],
            [int(row) for row in told["row"]],
            [(str(a), str(b)) for a, b in told["skipped"]],
            int(told["samples"]),
            int(told["done"]),
        )
        whole = (folder / PART_NAME).stat().st_size >= HEADER_BYTES + built.samples * 4
    except (OSError, ValueError, KeyError, TypeError):
        return _Built([], [], [])
    return built if whole else _Built([], [], [])


def _save(folder: Path, built: _Built, dataset: Readable, key: str) -> None:
    """Name the samples for good, write the index last, and clear what only a restart needs."""
    shape = np.array(built.shape, np.int64).reshape(-1, 2)
    sizes, row = shape.prod(axis=1), np.array(built.row, np.int64)
    parts = {"offset": np.cumsum(sizes) - sizes, "shape": shape, "row": row, "rate_hz": dataset.rates_hz[row]}
    for name, values in parts.items():
        with whole_file(folder / f"{name}.npy") as temporary, temporary.open("wb") as handle:
            np.save(handle, values, allow_pickle=False)
    with explained(folder):
        (folder / PART_NAME).replace(folder / "data.npy")
    write_json(
        folder / "index.json",
        {"format": FORMAT, "key": key, "samples": built.samples, "traces": len(row), "skipped": built.skipped},
    )
    (folder / "progress.json").unlink(missing_ok=True)
