"""Columns of a data set's metadata: known names, spellings, numbers and the mapping file. Knows no HDF5.

A mapping file (TOML) makes a set with other names readable::

    [columns]                          # known name = "name in the file"
    trace_p_arrival_sample = "p_pick"
    source_id = "ev_id"
    [values.trace_category]            # "value in the file" = known value
    eq = "earthquake"
    [data]                             # what data_format does not say, or says wrongly
    component_order = "ENZ"            # DiTing and CSNCD; rearranged to Z N E
    dimension_order = "WC"
    sampling_rate_hz = 50.0
    unit = "count"
    category = "earthquake"            # where there is no trace_category
    group = "data"                     # HDF5 group that holds the traces
    metadata_file = "metadata.csv"
    waveforms_file = "waveforms.hdf5"
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field

from foreshock.config import Settings, read_tables, settings_from
from foreshock.errors import ConfigError, FormatError, NotFoundError, nearest

TEXT = (
    "trace_name",
    "trace_original_name",
    "trace_start_time",
    "trace_component_order",
    "trace_components_present",
    "trace_invalid_samples",
    "trace_channel",
    "trace_channels",
    "trace_category",
    "trace_unit",
    "trace_source",
    "trace_p_status",
    "trace_s_status",
    "station_network_code",
    "station_code",
    "station_location_code",
    "source_id",
    "source_origin_time",
    "source_magnitude_type",
    "split",
)
"""Known columns that stay text, so that location ``00`` and network ``NA`` survive."""

NUMBERS = (
    "trace_sampling_rate_hz",
    "trace_dt_s",
    "trace_npts",
    "trace_n_components",
    "trace_p_arrival_sample",
    "trace_s_arrival_sample",
    "trace_p_arrival_s",
    "trace_s_arrival_s",
    "trace_snr_db",
    "station_latitude_deg",
    "station_longitude_deg",
    "station_elevation_m",
    "source_latitude_deg",
    "source_longitude_deg",
    "source_depth_km",
    "source_magnitude",
    "path_ep_distance_km",
    "path_back_azimuth_deg",
)
"""Known columns that hold numbers."""

FIRST_PHASES = {"p": ("p", "pg", "pn", "pb", "p1", "pdiff"), "s": ("s", "sg", "sn", "sb", "s1", "sdiff")}
"""Names under which a first P or S may be picked; the earliest of those given counts."""

_MISSING = ["", "nan", "NaN", "NAN", "None", "none", "null", "NULL", "<NA>", "N/A", "n/a", "NaT"]
_PHASE_COLUMN = re.compile(r"^trace_([ps][a-z0-9]*)_(arrival_sample|arrival_s|status)$", re.IGNORECASE)


class DataSettings(Settings):
    """What a mapping file may say about the arrays."""

    component_order: str | None = Field(
        default=None, pattern="^[ZNE123RTUVWQL]{1,6}$", description="of the stored channels, e.g. ENZ"
    )
    dimension_order: str | None = Field(
        default=None, pattern="^[NCW]{1,3}$", description="N example, C channel, W sample: CW, WC, NCW, NWC"
    )
    sampling_rate_hz: float | None = Field(default=None, gt=0, description="of all traces, where nothing else tells")
    unit: str | None = Field(default=None, description="of all samples, where nothing else tells")
    category: str | None = Field(default=None, description="of all traces, e.g. earthquake_local")
    group: str = Field(default="data", description="in the HDF5 file, that holds the traces")
    metadata_file: str = "metadata.csv"
    waveforms_file: str = "waveforms.hdf5"


class ColumnMapping(Settings):
    """A mapping file: columns, values and data."""

    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    data: DataSettings = DataSettings()


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping file (see the top of this file).

    Raises:
        NotFoundError: it is not there.
        ConfigError: it is not TOML, or names a table, column or setting that is not known.
    """
    told = read_tables(path, tuple(ColumnMapping.model_fields))
    data = settings_from(DataSettings, told["data"], where=f"[data] of {path}")
    mapping = settings_from(ColumnMapping, {**told, "data": data}, where=str(path))
    known = {*TEXT, *NUMBERS}
    for name in (*mapping.columns, *mapping.values):
        if name not in known:
            raise ConfigError(f"column {name!r} in {path}", "it is not a known column", nearest(name, known))
    return mapping


def read_metadata(path: Path, mapping: ColumnMapping) -> pd.DataFrame:
    """Read a metadata table: text as text, numbers as numbers, known columns under their known names.

    Raises:
        NotFoundError: it is not there.
        FormatError: it is empty, ragged, has a column twice, is no text or names no traces.
    """
    text = _decoded(path)
    header = _header(text, path)
    names = known_names(header, mapping)
    frame = _parsed(text, path, names)
    _check_width(frame, text, path)
    for column, values in mapping.values.items():
        if column in frame:
            frame[column] = frame[column].replace(values)
    if "trace_name" not in frame:
        raise FormatError(
            f"metadata {path}", "it has no column trace_name", "name the column in a mapping file under [columns]"
        )
    return frame


def _decoded(path: Path) -> str:
    if not path.is_file():
        raise NotFoundError(f"metadata {path}", "there is no such file", "give the folder of a data set")
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = f"it cannot be read ({error.strerror})"
        raise NotFoundError(f"metadata {path}", reason, "correct the path or its rights") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FormatError(f"metadata {path}", "it is neither UTF-8 nor GB18030 text", "save it as UTF-8 CSV")


def _header(text: str, path: Path) -> list[str]:
    header = next(csv.reader(io.StringIO(text)), [])
    twice = {name for name in header if header.count(name) > 1}
    if not any(name.strip() for name in header) or "\x00" in text[:4096]:
        raise FormatError(f"metadata {path}", "it has no header of column names", "write one header line")
    if twice:
        raise FormatError(f"metadata {path} has column {min(twice)!r} twice", "names must differ", "rename one")
    return header


def known_names(header: Iterable[str], mapping: ColumnMapping) -> list[str]:
    """Give every column its known name: by the mapping file, else by spelling without regard to case.

    Raises:
        ConfigError: the mapping file names a column that is not there.
    """
    header = list(header)
    for ours, theirs in mapping.columns.items():
        if theirs not in header:
            raise ConfigError(
                f"column {theirs!r}, named for {ours} in the mapping file",
                "the metadata have no such column",
                nearest(theirs, header),
            )
    chosen = {theirs: ours for ours, theirs in mapping.columns.items()}
    known = {*TEXT, *NUMBERS}
    names: list[str] = []
    for name in header:
        lower = name.strip().lower()
        phase = _PHASE_COLUMN.match(lower)
        free = lower in known or (phase is not None and phase[1] in (*FIRST_PHASES["p"], *FIRST_PHASES["s"]))
        wanted = chosen.get(name, lower if free else name)
        names.append(wanted if wanted not in names and (name in chosen or wanted not in mapping.columns) else name)
    return names


def _parsed(text: str, path: Path, names: list[str]) -> pd.DataFrame:
    texts = {*TEXT, *(name for name in names if name.endswith(("_status", "_code")))}
    try:
        return pd.read_csv(
            io.StringIO(text),
            names=names,
            header=0,
            dtype={name: "str" for name in names if name in texts},
            keep_default_na=False,
            na_values={name: ([""] if name.endswith("_code") else _MISSING) for name in names},
            low_memory=False,
            index_col=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning, ValueError) as error:
        raise FormatError(f"metadata {path}", f"it is not a table ({_short(error)})", "correct that line") from error


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:160]


def _check_width(frame: pd.DataFrame, text: str, path: Path) -> None:
    """Refuse lines with too few fields: they show as a missing last column, so most sets need no second look."""
    if len(frame) and not frame.iloc[:, -1].isna().any():
        return
    for line, fields in enumerate(csv.reader(io.StringIO(text)), start=1):
        if fields and len(fields) != frame.shape[1]:
            raise FormatError(
                f"line {line} of {path} has {len(fields)} fields",
                f"every line must have {frame.shape[1]} as the header does",
                "correct that line",
            )


def numbers(frame: pd.DataFrame, column: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], dict[int, str]]:
    """Give a column as float64 with NaN where it says nothing, and the rows whose text is not a finite number."""
    if column not in frame:
        return np.full(len(frame), np.nan), {}
    given = frame[column]
    values = pd.to_numeric(given, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = np.flatnonzero((np.isnan(values) & given.notna().to_numpy()) | np.isinf(values))
    faults = {int(row): f"{column} is {given.iloc[row]!r}, not a finite number" for row in wrong}
    return np.where(np.isinf(values), np.nan, values), faults


def times_ns(frame: pd.DataFrame, column: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], dict[int, str]]:
    """Give a column of times as UTC nanoseconds (-1 << 63 where it says nothing) and the rows that are no time."""
    if column not in frame:
        return np.full(len(frame), NO_TIME, np.int64), {}
    given = frame[column]
    parsed = pd.to_datetime(given, errors="coerce", utc=True, format="ISO8601")
    years = parsed.dt.year.to_numpy(np.float64, na_value=np.nan)
    parsed = parsed.where((years > EARLIEST_YEAR) & (years < LATEST_YEAR))
    values = parsed.dt.tz_localize(None).to_numpy().astype("datetime64[ns]").astype(np.int64)
    wrong = np.flatnonzero(parsed.isna().to_numpy() & given.notna().to_numpy())
    return values, {
        int(row): f"{column} is {given.iloc[row]!r}, not an ISO-8601 time of the years 1679 … 2260" for row in wrong
    }


EARLIEST_YEAR, LATEST_YEAR = 1678, 2261
"""What 64 bits of nanoseconds about 1970 can hold."""
NO_TIME = int(np.iinfo(np.int64).min)
"""What stands for an unknown time (the same bits as NumPy's NaT)."""
