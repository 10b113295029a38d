"""A data set in SeisBench's format, metadata.csv beside waveforms.hdf5, open for reading. Knows no models.

The format (read and written here by our own code) is described in SeisBench's public documentation, page "The
SeisBench Data Format"; Woollam et al. (2022), doi:10.1785/0220210324.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import numpy as np
import pandas as pd

from foreshock.collect.datasets.chunks import Chunk, chunks_of, read_chunks
from foreshock.collect.datasets.columns import ColumnMapping, read_mapping
from foreshock.collect.datasets.hdf5 import Place, TraceFile, place_of
from foreshock.collect.datasets.layout import Layout, unit_of
from foreshock.collect.datasets.masks import mask_of
from foreshock.collect.datasets.memmap import MemmapBlock, to_memmap
from foreshock.collect.datasets.split import check_split_name, check_splits, event_split
from foreshock.collect.datasets.truth import Truths, texts
from foreshock.errors import FormatError, InputError, LabelError, nearest
from foreshock.types.arrays import AnyArray, Float32, Float64, Ints
from foreshock.types.record import Record
from foreshock.types.waveform import Waveform

BATCH_ROWS = 256
BATCH_BYTES = 256 << 20
"""What is read together when rows are wanted one after another."""


class Dataset:
    """Records with their truth, read when they are asked for; the HDF5 files stay open until `close`.

    Attributes:
        path: the folder.
        metadata: one row a record, known columns under their known names (`foreshock.collect.datasets.columns`).
        truths: the same as arrays.
        faults: rows that cannot be used, with the reason the metadata gives.
        notes: what was derived because the data set does not say it.
        split_origin: ``column`` or ``events`` (no column: split by event here, `event_split`).
    """

    def __init__(self, path: Path, mapping: ColumnMapping, chunks: list[Chunk]) -> None:
        self.path = path
        self.mapping = mapping
        self.name = path.resolve().name
        self._chunks = chunks
        self._files: list[TraceFile] = []
        try:
            self._files = [TraceFile(chunk.waveforms, group=mapping.data.group) for chunk in chunks]
            self.metadata = read_chunks(chunks, mapping)
            self.truths = Truths(self.metadata, mapping, name=self.name, rate_hz=self._common_rate())
            self._layouts = [self._layout(file) for file in self._files]
        except BaseException:
            self.close()
            raise
        self.faults = self.truths.faults
        self.notes = self.truths.notes
        self._trace_names = texts(self.metadata, "trace_name")
        self._texts = {name: texts(self.metadata, name) for name in _ROW_TEXTS}
        self._chunk_of = self.metadata["trace_chunk"].to_numpy(np.int64)
        self.split_origin = "column" if self.truths.split is not None else "events"
        if self.truths.split is None:
            self.truths.split = np.array(event_split(self.truths.event_id), object)
            self.notes.append("no column split: split by event here, 70/10/20 by hash of the event id")

    @classmethod
    def open(cls, path: Path, *, mapping: Path | None = None) -> Dataset:
        """Open the data set in a folder; `mapping` is a TOML file for sets with other names or orders.

        Raises:
            NotFoundError: the folder or one of its files is not there.
            FormatError: the metadata or the HDF5 file is broken, or its layout is not told.
            ConfigError: the mapping file is wrong.
        """
        told = ColumnMapping() if mapping is None else read_mapping(Path(mapping))
        return cls(Path(path), told, chunks_of(Path(path), told))

    def close(self) -> None:
        """Close the HDF5 files."""
        for file in self._files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self.metadata)

    def __repr__(self) -> str:
        return f"Dataset({self.name}: {len(self)} records, split by {self.split_origin})"

    # -- which rows ------------------------------------------------------------------------------------------------

    @property
    def event_ids(self) -> AnyArray:
        """The event of each row (how it was found: `foreshock.collect.datasets.truth`)."""
        return np.array(self.truths.event_id, object)

    @property
    def splits(self) -> AnyArray:
        """The side of each row: ``train``, ``dev``, ``test``, None, or whatever else the column says."""
        assert self.truths.split is not None
        return self.truths.split

    def check_splits(self) -> None:
        """Refuse unknown split names and events or stored traces on two sides (see `split.check_splits`)."""
        check_splits(self.event_ids, self.splits, where=self.name)
        named = [row for row, name in enumerate(self._trace_names) if name is not None]
        traces = [f"{self._trace_names[row]} (chunk {self._chunk_of[row]})" for row in named]
        check_splits(np.array(traces, object), self.splits[named], where=self.name, what="trace")

    def rows(self, split: str | None = None, *, where: Where | None = None) -> Ints:
        """Give the rows of a split that fulfil `where`: ``{column: value or values}`` or a function of the metadata.

        Raises:
            LabelError: the split has an unknown name, an event stands on two sides, or a column is unknown.
        """
        keep = np.ones(len(self), bool)
        if split is not None:
            wanted = check_split_name(split)
            self.check_splits()
            keep &= self.splits == wanted
        if callable(where):
            keep &= np.asarray(where(self.metadata), bool)
        elif where is not None:
            for column, values in where.items():
                keep &= self._matches(column, values)
        return np.flatnonzero(keep).astype(np.int64)

    def _matches(self, column: str, values: Any) -> AnyArray:
        if column not in self.metadata:
            raise LabelError(
                f"column {column!r}",
                f"{self.name} has no such column",
                nearest(column, map(str, self.metadata.columns)),
            )
        many = isinstance(values, Iterable) and not isinstance(values, str)
        return self.metadata[column].isin(list(values) if many else [values]).to_numpy(bool)

    # -- samples ---------------------------------------------------------------------------------------------------

    def components(self, row: int) -> str:
        """The components of a row in the order they are given out, e.g. ``ZNE``."""
        return self._layout_of(row).components

    def unit(self, row: int) -> tuple[str, float]:
        """The SI unit of a row and the factor that leads to it from what is stored.

        Raises:
            UnitError: the unit is unknown.
        """
        said = self.mapping.data.unit or self._texts["trace_unit"][row] or self._format(row).get("unit") or "count"
        return unit_of(str(said), channel=self._texts["trace_channel"][row] or "")

    def read_block(self, rows: Iterable[int]) -> list[Float32]:
        """Read rows as float32 (channel, time), Z N E, SI or counts, each bucket once; order and doubles are kept.

        Raises:
            FormatError: one of the rows cannot be read; the sentence names it.
        """
        got = self.try_block(rows)
        for item in got:
            if isinstance(item, InputError):
                raise item
        return [item for item in got if not isinstance(item, InputError)]

    def try_block(self, rows: Iterable[int]) -> list[Float32 | InputError]:
        """Like `read_block`, with the error in place of each row that cannot be read."""
        wanted = [self._row(row) for row in rows]
        out: list[Float32 | InputError] = [FormatError("trace", "it was not read", "report this")] * len(wanted)
        for chunk, file in enumerate(self._files):
            at, places = self._places(wanted, chunk, out)
            for k, raw in zip(at, file.read(places), strict=True):
                out[k] = self._arranged(wanted[k], raw)
        return out

    def _places(self, wanted: list[int], chunk: int, out: list[Float32 | InputError]) -> tuple[list[int], list[Place]]:
        at: list[int] = []
        places: list[Place] = []
        for k, row in enumerate(wanted):
            if self._chunk_of[row] != chunk:
                continue
            try:
                self._check_usable(row)
                places.append(place_of(str(self._trace_names[row])))
                at.append(k)
            except InputError as error:
                out[k] = self._named(row, error)
        return at, places

    def _check_usable(self, row: int) -> None:
        if row in self.faults:
            raise FormatError(f"row {row}", self.faults[row], "correct the metadata")
        if self._trace_names[row] is None:
            raise FormatError(f"row {row}", "it has no trace_name", "correct the metadata")

    def _arranged(self, row: int, raw: AnyArray | FormatError) -> Float32 | InputError:
        if isinstance(raw, FormatError):
            return self._named(row, raw)
        try:
            return self._layout_of(row).arranged(raw, factor=self.unit(row)[1])
        except InputError as error:
            return self._named(row, error)

    def _named(self, row: int, error: InputError) -> InputError:
        return FormatError(f"{self.truths.trace_id[row]}: {error.value}", error.rule, error.remedy)

    def batches(self, rows: Iterable[int]) -> Iterator[list[int]]:
        """Cut rows into runs that are read together: at most `BATCH_ROWS` rows and `BATCH_BYTES` bytes."""
        batch: list[int] = []
        held = 0
        for row in map(self._row, rows):
            bucket = str(self._trace_names[row]).partition("$")[0]
            size = self._files[int(self._chunk_of[row])].trace_bytes(bucket)
            if batch and (len(batch) == BATCH_ROWS or held + size > BATCH_BYTES):
                yield batch
                batch, held = [], 0
            batch.append(row)
            held += size
        if batch:
            yield batch

    # -- records ---------------------------------------------------------------------------------------------------

    def record(self, row: int) -> Record:
        """Give one record.

        Raises:
            FormatError: it cannot be read, or the metadata of this row is wrong.
        """
        return self._record(row, self.read_block([row])[0])

    def records(
        self, rows: Iterable[int] | None = None, *, skipped: list[tuple[str, str]] | None = None
    ) -> Iterator[Record]:
        """Give records in the order of `rows`, a few hundred read together; those that fail go into `skipped`."""
        wanted = list(range(len(self))) if rows is None else [int(row) for row in rows]
        for batch in self.batches(wanted):
            for row, data in zip(batch, self.try_block(batch), strict=True):
                try:
                    if isinstance(data, InputError):
                        raise data
                    yield self._record(row, data)
                except InputError as error:
                    if skipped is not None:
                        skipped.append((self.truths.trace_id[row], str(error)))

    def _record(self, row: int, data: Float32) -> Record:
        components = self.components(row)
        return Record(
            Waveform(
                data,
                rate_hz=float(self.truths.rate_hz[row]),
                start_ns=self.truths.start(row),
                station_id=self.station_id(row),
                channels=self.channels(row),
                components=components,
                unit=self.unit(row)[0],
                valid=cast("AnyArray", self.valid(row, data)),
            ),
            self.truths.truth(row),
        )

    def valid(self, row: int, data: Float32) -> AnyArray | None:
        """The mask of a row that was read, bool (channel, time), or None where everything counts."""
        count = self.truths.number("trace_n_components")[row]
        return mask_of(
            data,
            self.components(row),
            present=self._texts["trace_components_present"][row],
            count=None if np.isnan(count) else int(count),
            spans=self._texts["trace_invalid_samples"][row],
        )

    def station_id(self, row: int) -> str:
        """``NET.STA.LOC`` of a row, with empty parts where the metadata does not say."""
        names = ("station_network_code", "station_code", "station_location_code")
        return ".".join(self._texts[name][row] or "" for name in names)

    def instrument(self, row: int) -> str | None:
        """Band and instrument letters of a row (``HH``), None where the metadata does not say."""
        codes = self._texts["trace_channels"][row] or self._texts["trace_channel"][row]
        return codes[:2] if codes else None

    def channels(self, row: int) -> tuple[str, ...]:
        """Channel codes of a row in the order its components are given out."""
        components = self.components(row)
        codes = (self._texts["trace_channels"][row] or "").split("/")
        if len(codes) == len(components) and all(codes):
            return tuple(codes)
        stem = (self._texts["trace_channel"][row] or "")[:2]
        return tuple(stem + letter for letter in components)

    # -- layout ----------------------------------------------------------------------------------------------------

    def _row(self, row: int) -> int:
        if not 0 <= int(row) < len(self):
            raise FormatError(f"row {row} of {self.name}", f"it must lie in 0..{len(self) - 1}", "ask for another row")
        return int(row)

    def _format(self, row: int) -> dict[str, Any]:
        return self._files[int(self._chunk_of[row])].format

    def _layout(self, file: TraceFile) -> Layout:
        told = self.mapping.data
        return Layout(
            str(told.dimension_order or file.format.get("dimension_order") or "CW"),
            str(told.component_order or file.format.get("component_order") or "ZNE"),
        )

    def _layout_of(self, row: int) -> Layout:
        common = self._layouts[int(self._chunk_of[row])]
        own = None if self.mapping.data.component_order else self._texts["trace_component_order"][row]
        return common if own is None or own == common.component_order else Layout(common.dimension_order, own)

    def format_rates(self) -> Float64:
        """The rate each row's ``data_format`` tells, NaN where it tells none."""
        told = [file.format.get("sampling_rate") for file in self._files]
        rates = np.array([float(rate) if rate is not None and _is_number(rate) else np.nan for rate in told])
        return np.asarray(rates[self._chunk_of], np.float64)

    def _common_rate(self) -> float | None:
        if self.mapping.data.sampling_rate_hz is not None:
            return self.mapping.data.sampling_rate_hz
        told = [file.format.get("sampling_rate") for file in self._files]
        rates = {float(rate) for rate in told if rate is not None and _is_number(rate)}
        return rates.pop() if len(rates) == 1 else None

    # -- for training ----------------------------------------------------------------------------------------------

    @property
    def trace_ids(self) -> list[str]:
        """The name of each row."""
        return self.truths.trace_id

    @property
    def rates_hz(self) -> Float64:
        """The sampling rate of each row, NaN where it is not known."""
        return self.truths.rate_hz

    def to_memmap(self, out: Path, *, rows: Sequence[int] | AnyArray | None = None) -> MemmapBlock:
        """Make (or find again) the flat float32 array of these rows below `out` (see `memmap.to_memmap`)."""
        return to_memmap(self, out, rows=rows)

    def content_key(self) -> str:
        """A SHA-256 over metadata, mapping and waveform files (whole up to 1 GiB, else 64 pieces of 1 MiB)."""
        digest = hashlib.sha256(self.mapping.model_dump_json().encode())
        for chunk in self._chunks:
            for path in (chunk.metadata, chunk.waveforms):
                _feed(digest, path)
        return digest.hexdigest()


Where = Mapping[str, Any] | Callable[[pd.DataFrame], Any]
"""Which rows: columns and their values, or a function from the metadata to one bool a row."""

_ROW_TEXTS = (
    "trace_unit",
    "trace_channel",
    "trace_channels",
    "trace_component_order",
    "trace_components_present",
    "trace_invalid_samples",
    "station_network_code",
    "station_code",
    "station_location_code",
)


def _is_number(value: Any) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


def _feed(digest: Any, path: Path, *, whole_bytes: int = 1 << 30, pieces: int = 64) -> None:
    size = path.stat().st_size
    digest.update(f"{path.name}:{size}".encode())
    with path.open("rb") as handle:
        if size <= whole_bytes:
            while block := handle.read(1 << 20):
                digest.update(block)
            return
        for k in range(pieces):
            handle.seek((size - (1 << 20)) * k // (pieces - 1))
            digest.update(handle.read(1 << 20))
