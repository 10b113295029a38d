"""Stations: StationXML and CSV station files as our stations. Knows no waveforms.

A StationXML file is read as hostile: a document type (and with it every entity) is refused before ObsPy sees the
file. Directions the file does not give are taken from the letters Z, N and E; a channel of another letter without
a direction is left out. CSV columns (any order): ``network, station, location, channel, latitude, longitude,
elevation_m, azimuth_deg, dip_deg, sensitivity, unit, start, end``; all but the first two and the place may be absent.
"""

from __future__ import annotations

import csv
import io
import math
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias
from xml.parsers import expat

from obspy import read_inventory as read_with_obspy

from foreshock.clock import NS_PER_S, iso_utc, utc_ns
from foreshock.collect.channels import NOMINAL
from foreshock.errors import FormatError, InputError, NotFoundError, UnitError
from foreshock.types.station import Channel, Station
from foreshock.units import GROUND_MOTION_ORDER, unit

Inventory: TypeAlias = Any
"""An ``obspy.Inventory``; ObsPy has no annotations."""

HEAD_BYTES = 4096
"""The root element of a StationXML file stands within so many bytes."""
MAX_STATION_BYTES = 256 * 2**20
FOREVER_NS = (-2_208_988_800 * NS_PER_S, 7_258_118_400 * NS_PER_S)
"""1900 to 2200: the epoch of a channel that names none."""
_GROUND_UNIT = re.compile(r"(?P<prefix>[numck\u00b5]?)m(?P<rate>/s(?P<twice>\*\*2|\^2|2|/s)?)?")
_PREFIXES = {"n": 1e-9, "u": 1e-6, "\u00b5": 1e-6, "m": 1e-3, "c": 1e-2, "": 1.0, "k": 1e3}
_CSV_NAMES = {
    "latitude_deg": "latitude",
    "lat": "latitude",
    "longitude_deg": "longitude",
    "lon": "longitude",
    "elevation": "elevation_m",
    "azimuth": "azimuth_deg",
    "dip": "dip_deg",
    "input_units": "unit",
    "start_time": "start",
    "end_time": "end",
}


def read_stations(path: Path) -> dict[str, Station]:
    """Read stations by ``NET.STA.LOC`` from a StationXML file, a CSV file, or every such file of a folder.

    Raises:
        NotFoundError: there is no such path, or the folder holds no station file.
        FormatError: the file is neither, names entities, or is damaged.
    """
    path = Path(path)
    if path.is_dir():
        files = station_files(path)
        if not files:
            raise NotFoundError(f"folder {path}", "it holds no StationXML file (*.xml)", "name the station file")
        return merged(stations_of(read_inventory(file)) for file in files)
    if path.suffix.lower() in (".csv", ".txt"):
        return _read_csv(path)
    return stations_of(read_inventory(path))


def station_files(folder: Path, *, deep: bool = True) -> list[Path]:
    """The StationXML files in a folder (and below it, if `deep`), in order of name; other XML files are passed over."""
    found = folder.rglob("*.xml") if deep else folder.glob("*.xml")
    return sorted(item for item in found if item.is_file() and _says_stationxml(item))


def _says_stationxml(file: Path) -> bool:
    try:
        with file.open("rb") as handle:
            return b"FDSNStationXML" in handle.read(HEAD_BYTES)
    except OSError:
        return False


def read_inventory(path: Path) -> Inventory:
    """Read a StationXML file into an ``obspy.Inventory``, refusing document types and entities.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is not StationXML, is too large, or names entities.
    """
    return parse_stationxml(_bytes(path), where=f"station file {path}")


def parse_stationxml(content: bytes, *, where: str) -> Inventory:
    """Read StationXML bytes into an ``obspy.Inventory``; `where` names them in errors.

    Raises:
        FormatError: they are not StationXML, or name entities.
    """
    _refuse_document_type(content, where)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read_with_obspy(io.BytesIO(content), format="STATIONXML")
        except Exception as error:  # ObsPy's reader raises whatever its parser meets
            raise FormatError(where, f"it is damaged StationXML ({error})", "download it again") from error


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NotFoundError(f"station file {path}", "there is no such file", "correct the path")
    try:
        if path.stat().st_size > MAX_STATION_BYTES:
            raise FormatError(f"station file {path}", f"it is larger than {MAX_STATION_BYTES} bytes", "split it")
        return path.read_bytes()
    except OSError as error:
        reason = f"it cannot be read ({error.strerror})"
        raise NotFoundError(f"station file {path}", reason, "correct the path or its rights") from error


def _refuse_document_type(content: bytes, where: str) -> None:
    """Stop at a document type: it is the only door to entities, and StationXML needs none."""

    def refuse(*_: Any) -> None:
        raise FormatError(where, "it declares a document type (entities)", "remove the DOCTYPE; StationXML needs none")

    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: names.append(name) if not names else None
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise FormatError(where, f"it is not well-formed XML ({error})", "download it again") from error
    if not names[0].endswith("FDSNStationXML"):
        raise FormatError(where, f"its root is {names[0].split()[-1]!r}", "give a StationXML file")


def stations_of(inventory: Inventory) -> dict[str, Station]:
    """Turn an ``obspy.Inventory`` into stations by ``NET.STA.LOC``, each with its channels' epochs.

    Raises:
        InputError: a place, direction or epoch is impossible.
    """
    return merged(
        _one_location(network.code, station, location)
        for network in inventory
        for station in network
        for location in sorted({channel.location_code for channel in station} or {""})
    )


def merged(parts: Iterable[dict[str, Station]]) -> dict[str, Station]:
    """Join stations from several places: channels of one id come together, the first coordinates hold."""
    held: dict[str, Station] = {}
    for part in parts:
        for key, station in part.items():
            old = held.get(key, station)
            channels = tuple(dict.fromkeys((*old.channels, *station.channels)))
            held[key] = Station(key, old.latitude, old.longitude, old.elevation_m, channels)
    return held


def _one_location(network: str, station: Any, location: str) -> dict[str, Station]:
    key = f"{network}.{station.code}.{location}"
    here = [channel for channel in station if channel.location_code == location]
    place = here[0] if here else station
    channels = (_channel(channel, key) for channel in here)
    return {
        key: Station(
            key,
            latitude=float(place.latitude),
            longitude=float(place.longitude),
            elevation_m=float(place.elevation),
            channels=tuple(channel for channel in channels if channel is not None),
        )
    }


def _channel(channel: Any, key: str) -> Channel | None:
    azimuth, dip = direction(channel.code, channel.azimuth, channel.dip)
    if azimuth is None or dip is None:
        return None
    sensitivity = channel.response.instrument_sensitivity if channel.response else None
    gain, si = in_si(sensitivity.value, sensitivity.input_units) if sensitivity else (0.0, "1")
    start_ns, end_ns = epoch_of(channel)
    if start_ns >= end_ns:
        raise InputError(
            f"channel {key}.{channel.code} has an epoch from {iso_utc(start_ns)} to {iso_utc(end_ns)}",
            "an epoch must end after it begins",
            "correct the station file",
        )
    return Channel(channel.code, azimuth, dip, gain, si, start_ns, end_ns)


def direction(code: str, azimuth_deg: Any, dip_deg: Any) -> tuple[float | None, float | None]:
    """Azimuth and dip as given, or as the letters Z, N and E promise; None where neither tells.

    >>> direction("HHE", None, None), direction("HH1", 30.0, 0.0)
    ((90.0, 0.0), (30.0, 0.0))
    """
    if _given(azimuth_deg) and _given(dip_deg):
        return float(azimuth_deg), float(dip_deg)
    if _given(dip_deg) and abs(float(dip_deg)) == 90:
        return 0.0, float(dip_deg)
    return NOMINAL.get(code[-1:].upper(), (None, None))


def _given(value: Any) -> bool:
    return value is not None and value != "" and math.isfinite(float(value))


def in_si(value: Any, units: str | None) -> tuple[float, str]:
    """Counts per SI unit, and that unit; 0 and ``1`` where the unit is not known."""
    found = ground_unit(units or "")
    if found is None:
        return 0.0, "1"
    si, factor = found
    return (float(value) if value is not None else 0.0) / factor, si


def ground_unit(text: str) -> tuple[str, float] | None:
    """The SI unit and factor of a unit of ground motion as station files write it, or None.

    >>> ground_unit("M/S**2"), ground_unit("nm/s**2"), ground_unit("m/s/s"), ground_unit("PA")
    (('m/s2', 1.0), ('m/s2', 1e-09), ('m/s2', 1.0), None)
    """
    match = _GROUND_UNIT.fullmatch(text.strip().lower().replace("sec", "s"))
    if match:
        return "m" + ("/s" if match["rate"] else "") + ("2" if match["twice"] else ""), _PREFIXES[match["prefix"]]
    try:
        known = unit(text)
    except UnitError:
        return None
    return (known.si, known.factor) if known.si in GROUND_MOTION_ORDER else None


def epoch_of(channel: Any) -> tuple[int, int]:
    """From when to when ObsPy's channel is valid, UTC nanoseconds."""
    low, high = FOREVER_NS
    start = low if channel.start_date is None else max(low, int(channel.start_date.ns))
    end = high if channel.end_date is None else min(high, int(channel.end_date.ns))
    return start, end


# -- CSV ---------------------------------------------------------------------------------------------------------------


def _read_csv(path: Path) -> dict[str, Station]:
    try:
        text = _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"station file {path}", "it is not UTF-8 text", "save it as UTF-8") from error
    rows = list(_csv_rows(path, text))
    if not rows:
        raise FormatError(f"station file {path}", "it holds no station", "give one row a channel")
    grouped: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        grouped[f"{row['network']}.{row['station']}.{row.get('location', '')}"].append(row)
    return {key: _csv_station(key, held, path) for key, held in grouped.items()}


def _csv_rows(path: Path, text: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text))
    names = [_CSV_NAMES.get(name.strip().lower(), name.strip().lower()) for name in reader.fieldnames or []]
    lacking = {"network", "station", "latitude", "longitude"} - set(names)
    if lacking:
        raise FormatError(
            f"station file {path}", f"it lacks the columns {sorted(lacking)}", "name them in the first row"
        )
    reader.fieldnames = names
    for row in reader:
        if None in row or None in row.values():
            raise FormatError(f"station file {path} line {reader.line_num}", "its row is ragged", "give every cell")
        yield {key: value.strip() for key, value in row.items()}


def _csv_station(key: str, rows: list[dict[str, str]], path: Path) -> Station:
    channels = dict.fromkeys(_csv_channel(row) for row in rows if row.get("channel"))
    first = rows[0]
    try:
        return Station(
            key,
            latitude=float(first["latitude"]),
            longitude=float(first["longitude"]),
            elevation_m=float(first.get("elevation_m") or 0.0),
            channels=tuple(channel for channel in channels if channel is not None),
        )
    except InputError:
        raise
    except ValueError as error:
        raise FormatError(f"station file {path}, {key}", f"a cell is not a number ({error})", "correct it") from error


def _csv_channel(row: dict[str, str]) -> Channel | None:
    try:
        azimuth, dip = direction(row["channel"], row.get("azimuth_deg"), row.get("dip_deg"))
        gain, si = in_si(row.get("sensitivity") or None, row.get("unit"))
    except ValueError as error:
        raise FormatError(f"channel {row['channel']} of the station file", f"{error}", "give a number") from error
    if azimuth is None or dip is None:
        return None
    start_ns = utc_ns(row["start"]) if row.get("start") else FOREVER_NS[0]
    end_ns = utc_ns(row["end"]) if row.get("end") else FOREVER_NS[1]
    return Channel(row["channel"], azimuth, dip, gain, si, start_ns, end_ns)
