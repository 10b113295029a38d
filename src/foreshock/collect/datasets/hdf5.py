"""Traces in HDF5, read with suspicion: links, sizes and types are checked first. Knows no metadata."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from foreshock.errors import FormatError, NotFoundError
from foreshock.types.arrays import AnyArray

MOST_SAMPLES = 80_000_000
"""Samples one trace may have over all channels: three days of three channels at 100 Hz."""
MOST_WORD_BYTES = 1 << 10
"""Bytes one value of `data_format` may have."""
MOST_CHUNK_BYTES = 1 << 29
"""Bytes one HDF5 chunk may unpack to; a larger one is a bomb, not a recording."""
READ_BYTES = 256 << 20
"""Bytes read at a time from one bucket."""

_TOKEN = re.compile(r"^\s*(?:(\d{1,12})|(\d{0,12}):(\d{0,12}))\s*$")
Index = tuple[int | slice, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trace lies: the array's path under the data group and the index into it."""

    bucket: str
    index: Index


def place_of(trace_name: str) -> Place:
    """Read a trace name: ``name`` of an array of its own, or ``bucket$7,:3,:6000`` for one trace of a bucket.

    Raises:
        FormatError: the name climbs out of the data group or its index is not plain.

    >>> place_of("b0$7,:3,:6000").index
    (7, slice(None, 3, None), slice(None, 6000, None))
    """
    bucket, dollar, tail = trace_name.partition("$")
    parts = bucket.split("/")
    if not bucket or "\x00" in bucket or any(part in ("", ".", "..") for part in parts):
        raise FormatError(
            f"trace name {trace_name[:120]!r}", "it must name an array below the data group", "correct the metadata"
        )
    return Place(bucket, tuple(_token(text, trace_name) for text in tail.split(",")) if dollar else ())


def _token(text: str, trace_name: str) -> int | slice:
    found = _TOKEN.match(text)
    if found is None:
        raise FormatError(
            f"trace name {trace_name[:120]!r}", "its index must be like $7,:3,:6000", "correct the metadata"
        )
    if found[1] is not None:
        return int(found[1])
    return slice(int(found[2]) if found[2] else None, int(found[3]) if found[3] else None)


class TraceFile:
    """One ``waveforms.hdf5`` kept open: its data format and its arrays.

    Raises:
        NotFoundError: the file is not there.
        FormatError: it is no HDF5 file, is cut short, or holds no data group of its own.
    """

    def __init__(self, path: Path, *, group: str = "data") -> None:
        if not path.is_file():
            raise NotFoundError(f"waveforms {path}", "the file does not exist", "give the folder of a data set")
        self.path = path
        try:
            self._file = h5py.File(path, "r")
        except OSError as error:
            raise FormatError(
                f"waveforms {path}", f"it is not a whole HDF5 file ({str(error)[:120]})", "fetch the file again"
            ) from error
        self._arrays: dict[str, h5py.Dataset] = {}
        self._bytes: dict[str, int] = {}
        try:
            self._data = self._own(self._file, group)
            self.format = self._read_format()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._arrays.clear()
        self._file.close()

    def _own(self, parent: Any, name: str) -> Any:
        """Follow one hard link; whatever points elsewhere is refused."""
        link = parent.get(name, getlink=True) if isinstance(parent, h5py.Group) else None
        if link is None:
            raise FormatError(
                f"{name!r} in {self.path}",
                "it is not there",
                "compare the names (leading zeros?), or fetch the file again",
            )
        if not isinstance(link, h5py.HardLink):
            raise FormatError(
                f"{name!r} in {self.path} is a {type(link).__name__}",
                "links that point elsewhere are refused",
                "store the arrays in the file itself",
            )
        try:
            return parent[name]
        except (KeyError, OSError, RuntimeError) as error:
            raise FormatError(f"{name!r} in {self.path}", "it cannot be opened", "fetch the file again") from error

    def _read_format(self) -> dict[str, Any]:
        """Read the small scalars of ``data_format``; anything larger than a word is left out."""
        if self._file.get("data_format", getlink=True) is None:
            return {}
        group = self._own(self._file, "data_format")
        told: dict[str, Any] = dict(group.attrs) if isinstance(group, h5py.Group) and len(group.attrs) < 32 else {}
        for name in list(group)[:64] if isinstance(group, h5py.Group) else ():
            item = self._own(group, name)
            if isinstance(item, h5py.Dataset) and _is_word(item):
                told[name] = item[()]
        return {name: _plain(value) for name, value in told.items()}

    def array(self, name: str) -> h5py.Dataset:
        """Give a checked array by its path under the data group.

        Raises:
            FormatError: it is missing, a link, virtual, stored outside, not of numbers, or absurdly large.
        """
        held = self._arrays.get(name)
        if held is None:
            held = self._data
            for part in name.split("/"):
                held = self._own(held, part)
            self._check(held, name)
            if len(self._arrays) > 4096:
                self._arrays.clear()
            self._arrays[name] = held
        return held

    def _check(self, array: Any, name: str) -> None:
        where = f"array {name!r} in {self.path}"
        if not isinstance(array, h5py.Dataset):
            raise FormatError(where, "it is a group, not an array", "correct the trace name")
        if array.is_virtual or array.external:
            raise FormatError(where, "its samples lie in other files", "store the samples in the file itself")
        if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
            raise FormatError(f"{where} has type {array.dtype}", "samples must be plain numbers", "store float32")
        if array.ndim not in (1, 2, 3) or array.size is None:
            raise FormatError(
                f"{where} has shape {array.shape}", "it must have 1, 2 or 3 axes", "store (channel, time)"
            )
        per_trace = int(np.prod(array.shape[1:] if array.ndim == 3 else array.shape, dtype=object))
        chunk = int(np.prod(array.chunks or (0,), dtype=object)) * array.dtype.itemsize
        if per_trace > MOST_SAMPLES or chunk > MOST_CHUNK_BYTES or array.shape[0] > MOST_SAMPLES:
            raise FormatError(
                f"{where} declares shape {array.shape}",
                f"a trace may have at most {MOST_SAMPLES} samples",
                "cut the recording into pieces",
            )

    def trace_bytes(self, name: str) -> int:
        """Bytes that a trace of this array takes as float32, 0 where the array cannot be used."""
        if name not in self._bytes:
            try:
                array = self.array(name)
                count = array.size // max(1, array.shape[0]) if array.ndim == 3 else array.size
            except FormatError:
                count = 0
            self._bytes[name] = 4 * int(count)
        return self._bytes[name]

    def read(self, places: Sequence[Place]) -> list[AnyArray | FormatError]:
        """Read traces, each bucket once and in sorted order; what cannot be read is the error that says why."""
        out: list[AnyArray | FormatError] = [_UNREAD] * len(places)
        groups: dict[str, list[int]] = {}
        for at, place in enumerate(places):
            groups.setdefault(place.bucket, []).append(at)
        for bucket in sorted(groups):
            for at, got in self._read_bucket(bucket, places, groups[bucket]):
                out[at] = got
        return out

    def _read_bucket(
        self, bucket: str, places: Sequence[Place], members: list[int]
    ) -> list[tuple[int, AnyArray | FormatError]]:
        try:
            array = self.array(bucket)
        except FormatError as error:
            return [(at, error) for at in members]
        out: list[tuple[int, AnyArray | FormatError]] = []
        rows: list[tuple[int, int]] = []
        for at in members:
            try:
                self._check_index(array, places[at])
            except FormatError as error:
                out.append((at, error))
                continue
            first = places[at].index[0] if places[at].index else None
            rows.append((first if array.ndim == 3 and isinstance(first, int) else -1, at))
        for span in _spans(sorted(rows), array):
            out += self._read_span(array, bucket, places, span)
        return out

    def _check_index(self, array: h5py.Dataset, place: Place) -> None:
        where = f"trace {place.bucket!r} {_text(place.index)} in {self.path}"
        if len(place.index) > array.ndim:
            raise FormatError(where, f"the array has only {array.ndim} axes", "correct the trace name")
        for axis, (token, length) in enumerate(zip(place.index, array.shape, strict=False)):
            last = token + 1 if isinstance(token, int) else max(token.start or 0, token.stop or 0)
            if last > length:
                raise FormatError(
                    where, f"it points outside the array, whose axis {axis} is {length} long", "correct the trace name"
                )

    def _read_span(
        self, array: h5py.Dataset, bucket: str, places: Sequence[Place], span: list[tuple[int, int]]
    ) -> list[tuple[int, AnyArray | FormatError]]:
        try:
            if span[0][0] < 0:
                return [(at, np.asarray(array[places[at].index])) for _, at in span]
            first, last = span[0][0], span[-1][0] + 1
            block = array[first:last]
            return [(at, block[(row - first, *places[at].index[1:])]) for row, at in span]
        except (OSError, RuntimeError, ValueError, MemoryError) as error:
            why = FormatError(
                f"array {bucket!r} in {self.path}", f"its samples cannot be read ({str(error)[:100]})", "fetch it again"
            )
            return [(at, why) for _, at in span] if len(span) == 1 else self._one_by_one(array, bucket, places, span)

    def _one_by_one(
        self, array: h5py.Dataset, bucket: str, places: Sequence[Place], span: list[tuple[int, int]]
    ) -> list[tuple[int, AnyArray | FormatError]]:
        return [got for one in span for got in self._read_span(array, bucket, places, [one])]


def _is_word(item: h5py.Dataset) -> bool:
    """Whether an array is a word or a few numbers, kept in the file itself."""
    own = not (item.is_virtual or item.external)
    return own and item.size is not None and item.size <= 16 and item.dtype.itemsize <= MOST_WORD_BYTES


_UNREAD = FormatError("trace", "it was not read", "report this")


def _spans(rows: list[tuple[int, int]], array: h5py.Dataset) -> list[list[tuple[int, int]]]:
    """Cut sorted rows into runs worth reading at once: near each other and not too many bytes."""
    per_row = max(1, int(np.prod(array.shape[1:], dtype=object)) * array.dtype.itemsize)
    most = max(1, READ_BYTES // per_row)
    runs: list[list[tuple[int, int]]] = []
    for row, at in rows:
        run = runs[-1] if runs else []
        if run and run[0][0] >= 0 and row - run[-1][0] <= 1 and row - run[0][0] < most:
            run.append((row, at))
        else:
            runs.append([(row, at)])
    return runs


def _text(index: Index) -> str:
    return "[" + ", ".join(str(i) if isinstance(i, int) else f"{i.start or ''}:{i.stop or ''}" for i in index) + "]"


def _plain(value: Any) -> Any:
    """Turn what h5py gives for a small scalar or list into text, a number or a joined text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        return "".join(str(_plain(item)) for item in value.ravel()) if value.dtype.kind in "OSU" else value.ravel()[0]
    return value.item() if isinstance(value, np.generic) else value
