"""Write records as a data set in SeisBench's format, one at a time, whole or not at all. Knows no models.

Records of one rate, length, type and component set share buckets of at most 1024. Equal records give equal bytes.
Samples in counts that are whole numbers are stored as int32, all others as float32, both exactly.
"""

from __future__ import annotations

import contextlib
import csv
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import h5py
import numpy as np

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.collect.datasets.masks import spans_of
from foreshock.collect.datasets.patient import PatientFile
from foreshock.errors import InputError, LabelError, NothingMatchedError, OutputError, UnitError
from foreshock.outputs import LOCK_NAME, UNFINISHED_NAME, explained, sayable
from foreshock.types.arrays import AnyArray
from foreshock.types.record import Record
from foreshock.types.station import Station

BUCKET_RECORDS = 1024
COLUMNS = (
    "trace_name",
    "trace_original_name",
    "trace_start_time",
    "trace_sampling_rate_hz",
    "trace_npts",
    "trace_component_order",
    "trace_components_present",
    "trace_invalid_samples",
    "trace_channel",
    "trace_channels",
    "trace_category",
    "trace_p_arrival_sample",
    "trace_p_status",
    "trace_s_arrival_sample",
    "trace_s_status",
    "trace_snr_db",
    "trace_source",
    "station_network_code",
    "station_code",
    "station_location_code",
    "station_latitude_deg",
    "station_longitude_deg",
    "station_elevation_m",
    "source_id",
    "source_origin_time",
    "source_latitude_deg",
    "source_longitude_deg",
    "source_depth_km",
    "source_magnitude",
    "source_magnitude_type",
    "path_ep_distance_km",
    "path_back_azimuth_deg",
    "split",
)
_UNIT_WORDS = {"count": "counts", "m/s": "mps", "m/s2": "mps2", "m": "m", "1": "1"}
_MEASUREMENTS = {"m/s": "velocity", "m/s2": "acceleration", "m": "displacement"}


def write_dataset(
    out: Path,
    records: Iterable[Record],
    *,
    name: str,
    stations: Mapping[str, Station] | None = None,
    compression: str | None = None,
) -> int:
    """Write records into the folder `out` and give their number; memory holds one record at a time.

    Args:
        out: a folder that is new or empty.
        records: all in one unit; the first three-component letters (``ZNE``) name the data set's component order.
        name: what ``data_format`` says the set is called.
        stations: coordinates by ``NET.STA.LOC``, written where they are known.
        compression: ``gzip`` for smaller and slower files; None for none.

    Raises:
        OutputError: `out` holds something, or cannot be written to; nothing is left behind.
        UnitError: records differ in unit.
        LabelError: two records have one name.
        NothingMatchedError: there is no record.
    """
    out = Path(out)
    with (
        _new_folder(out) as folder,
        explained(out),
        (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as table,
        contextlib.closing(PatientFile(folder / "waveforms.hdf5")) as disk,
    ):
        with h5py.File(disk, "w", libver=("earliest", "v110")) as file:
            writer = _Writer(file, table, name=name, stations=stations or {}, compression=compression)
            for record in records:
                writer.add(record)
                disk.check()
            count = writer.finish()
        disk.check()
        return count


@contextlib.contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """Lend a temporary folder beside `out`; its files move to `out` when the block ends well."""
    held = [item.name for item in out.iterdir()] if out.is_dir() else []
    foreign = [item for item in held if item not in (LOCK_NAME, UNFINISHED_NAME)]
    if foreign or (out.exists() and not out.is_dir()):
        what = f"it already holds {min(foreign)}" if foreign else "it is a file"
        raise OutputError(f"data set {out}", what, "choose a new or empty folder")
    folder = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        with explained(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
        yield folder
        with explained(out):
            _move(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move(folder: Path, out: Path) -> None:
    if not out.exists():
        folder.rename(out)
        return
    for file in ("waveforms.hdf5", "metadata.csv"):
        (folder / file).replace(out / file)


@dataclass(slots=True)
class _Bucket:
    name: str
    array: h5py.Dataset
    count: int = 0


class _Writer:
    """Buckets that are being filled and the table that names their rows."""

    def __init__(
        self, file: h5py.File, table: TextIO, *, name: str, stations: Mapping[str, Station], compression: str | None
    ) -> None:
        self._file = file
        self._data = file.create_group("data")
        self._rows = csv.writer(table, lineterminator="\n")
        self._rows.writerow(COLUMNS)
        self._name = name
        self._stations = stations
        self._compression = compression
        self._open: dict[tuple[Any, ...], _Bucket] = {}
        self._names: set[str] = set()
        self._n_buckets = 0
        self._unit: str | None = None
        self._order: str | None = None

    def add(self, record: Record) -> None:
        wave, truth = record.waveform, record.truth
        self._check(record)
        components, data, valid = _padded(wave.data, wave.valid, wave.components)
        if self._order is None:
            self._order = components
        stored = _stored(data, wave.unit)
        bucket = self._bucket(stored, wave.rate_hz, components)
        bucket.array[bucket.count] = stored
        place = f"{bucket.name}${bucket.count},:{stored.shape[0]},:{stored.shape[1]}"
        bucket.count += 1
        row = {"trace_name": place, "trace_component_order": components, **_wave_columns(record, valid, components)}
        row |= _truth_columns(record) | self._station_columns(wave.station_id)
        row["trace_original_name"] = truth.trace_id
        self._rows.writerow(["" if row.get(column) is None else row[column] for column in COLUMNS])

    def _check(self, record: Record) -> None:
        wave, name = record.waveform, record.truth.trace_id
        if not name or name in self._names:
            raise LabelError(f"record {name!r}", "every record needs a name of its own", "rename one of the two")
        if self._unit is not None and wave.unit != self._unit:
            raise UnitError(
                f"record {name} is in {wave.unit}", f"the records before are in {self._unit}", "write two data sets"
            )
        if wave.n_samples == 0:
            raise InputError(f"record {name} has no samples", "a record must hold at least one", "leave it out")
        self._names.add(name)
        self._unit = wave.unit

    def _bucket(self, stored: AnyArray, rate_hz: float, components: str) -> _Bucket:
        key = (rate_hz, stored.shape, stored.dtype.str, components)
        bucket = self._open.get(key)
        if bucket is not None and bucket.count == BUCKET_RECORDS:
            self._close(self._open.pop(key))
            bucket = None
        if bucket is None:
            bucket = self._open[key] = self._create(f"bucket{self._n_buckets}", stored)
            self._n_buckets += 1
        return bucket

    def _create(self, name: str, stored: AnyArray) -> _Bucket:
        array = self._data.create_dataset(
            name,
            shape=(BUCKET_RECORDS, *stored.shape),
            maxshape=(BUCKET_RECORDS, *stored.shape),
            chunks=(1, *stored.shape),
            dtype=stored.dtype,
            compression=self._compression,
            shuffle=self._compression is not None,
            track_times=False,
        )
        return _Bucket(name, array)

    @staticmethod
    def _close(bucket: _Bucket) -> None:
        if bucket.count < BUCKET_RECORDS:
            bucket.array.resize(bucket.count, axis=0)

    def _station_columns(self, station_id: str) -> dict[str, Any]:
        parts = [*station_id.split("."), "", "", ""]
        row: dict[str, Any] = dict(
            zip(("station_network_code", "station_code", "station_location_code"), parts, strict=False)
        )
        station = self._stations.get(station_id)
        if station is not None:
            row["station_latitude_deg"] = station.latitude
            row["station_longitude_deg"] = station.longitude
            row["station_elevation_m"] = station.elevation_m
        return row

    def finish(self) -> int:
        if not self._names:
            raise NothingMatchedError(f"data set {self._name!r}", "there is no record to write", "check the source")
        for bucket in self._open.values():
            self._close(bucket)
        unit = self._unit or "count"
        told = self._file.create_group("data_format")
        for key, value in (
            ("dimension_order", "CW"),
            ("component_order", self._order or "ZNE"),
            ("unit", _UNIT_WORDS.get(unit, unit)),
            ("measurement", _MEASUREMENTS.get(unit, "not told")),
            ("instrument_response", "not restituted" if unit == "count" else "restituted or scaled by sensitivity"),
            ("name", sayable(self._name)),
        ):
            told.create_dataset(key, data=value, track_times=False)
        return len(self._names)


def _padded(data: AnyArray, valid: AnyArray, components: str) -> tuple[str, AnyArray, AnyArray]:
    """Put a subset of Z N E on three rows, so that readers which know one order only read it right."""
    if components == "ZNE" or set(components) - set("ZNE"):
        return components, data, valid
    out, flags = np.zeros((3, data.shape[1]), np.float32), np.zeros((3, data.shape[1]), bool)
    rows = ["ZNE".index(letter) for letter in components]
    out[rows], flags[rows] = data, valid
    return "ZNE", out, flags


def _stored(data: AnyArray, unit: str) -> AnyArray:
    """As int32 where that is exact and the samples are counts, else as float32."""
    if unit != "count" or not np.all(np.abs(data) < 2**31) or np.any(np.signbit(data) & (data == 0)):
        return np.asarray(data, np.float32)
    whole = data.astype(np.int32)
    return whole if np.array_equal(whole, data) else np.asarray(data, np.float32)


def _wave_columns(record: Record, valid: AnyArray, components: str) -> dict[str, Any]:
    wave = record.waveform
    present = "".join(letter for letter, row in zip(components, valid, strict=True) if row.any())
    stems = {code[:-1] for code in wave.channels}
    return {
        "trace_start_time": iso_utc(wave.start_ns),
        "trace_sampling_rate_hz": repr(wave.rate_hz),
        "trace_npts": wave.n_samples,
        "trace_components_present": present or "none",
        "trace_invalid_samples": spans_of(valid, components),
        "trace_channel": stems.pop() if len(stems) == 1 else None,
        "trace_channels": "/".join(wave.channels),
    }


def _truth_columns(record: Record) -> dict[str, Any]:
    wave, truth = record.waveform, record.truth
    return {
        "trace_category": truth.kind,
        "trace_p_arrival_sample": _sample(truth.p_ns, wave.start_ns, wave.rate_hz),
        "trace_p_status": truth.p_status,
        "trace_s_arrival_sample": _sample(truth.s_ns, wave.start_ns, wave.rate_hz),
        "trace_s_status": truth.s_status,
        "trace_snr_db": truth.snr_db,
        "trace_source": truth.source,
        "source_id": truth.event_id,
        "source_origin_time": None if truth.origin_ns is None else iso_utc(truth.origin_ns),
        "source_latitude_deg": truth.event_latitude,
        "source_longitude_deg": truth.event_longitude,
        "source_depth_km": truth.depth_km,
        "source_magnitude": truth.magnitude,
        "source_magnitude_type": truth.magnitude_type,
        "path_ep_distance_km": truth.distance_km,
        "path_back_azimuth_deg": truth.back_azimuth_deg,
        "split": truth.split,
    }


def _sample(time_ns: int | None, start_ns: int, rate_hz: float) -> float | None:
    return None if time_ns is None else (time_ns - start_ns) * rate_hz / NS_PER_S
