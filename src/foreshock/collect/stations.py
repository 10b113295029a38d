"""Stations: StationXML and CSV station files as our stations, and the response of one channel. Knows no waveforms.

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
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias
from xml.parsers import expat

from obspy import read_inventory as read_with_obspy

from foreshock.clock import NS_PER_S, iso_utc, utc_ns
from foreshock.collect.channels import NOMINAL
from foreshock.errors import FormatError, InputError, NotFoundError, NothingMatchedError, UnitError
from foreshock.types.station import Channel, Station
from foreshock.units import GROUND_MOTION_ORDER, unit

Inventory: TypeAlias = Any
"""An ``obspy.Inventory``; ObsPy has no annotations."""

HEAD_BYTES = 4096
"""The root element of a StationXML file stands within so many bytes."""
MAX_STATION_BYTES = 256 * 2**20
LEAST_SENSITIVITY, MOST_SENSITIVITY = 1e-9, 1e30
"""Counts per SI unit: what lies beyond is a slip of the file, and its ground motion would fit no float32."""
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


def station_files(folder: Path) -> list[Path]:
    """The StationXML files under a folder, in order of name; other XML files (events, ShakeMaps) are passed over."""
    return sorted(item for item in folder.rglob("*.xml") if item.is_file() and _says_stationxml(item))


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
    gain, si = _in_si(sensitivity.value, sensitivity.input_units) if sensitivity else (0.0, "1")
    start_ns, end_ns = _epoch(channel)
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


def _in_si(value: Any, units: str | None) -> tuple[float, str]:
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


def _epoch(channel: Any) -> tuple[int, int]:
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
        gain, si = _in_si(row.get("sensitivity") or None, row.get("unit"))
    except ValueError as error:
        raise FormatError(f"channel {row['channel']} of the station file", f"{error}", "give a number") from error
    if azimuth is None or dip is None:
        return None
    start_ns = utc_ns(row["start"]) if row.get("start") else FOREVER_NS[0]
    end_ns = utc_ns(row["end"]) if row.get("end") else FOREVER_NS[1]
    return Channel(row["channel"], azimuth, dip, gain, si, start_ns, end_ns)


# -- responses ---------------------------------------------------------------------------------------------------------


def responses(path: Path, seed_id: str, time_ns: int) -> dict[str, Any]:
    """Give the response of one channel at a time, as plain JSON values.

    Args:
        path: a StationXML file, or a folder of them.
        seed_id: ``NET.STA.LOC.CHA``.
        time_ns: a time the channel's epoch must hold, UTC nanoseconds.

    Returns:
        ``unit`` (SI ground motion the sensor answers to: m, m/s or m/s2); ``sensitivity`` (counts per that unit;
        negative where the polarity is reversed); ``poles`` and ``zeros`` as ``[real, imaginary]`` in rad/s;
        ``normalization`` (A0, which makes them one at their reference frequency): what `RemoveResponse` is told, and
        `RemoveSensitivity` the first two. Digital stages (FIR filters) are not in it: recorders correct their delay.

    Raises:
        NothingMatchedError: the channel is not in the file, or no epoch of it holds the time.
        FormatError: the sensitivity is zero or not a number, or its unit is no ground motion.
    """
    path = Path(path)
    files = station_files(path) if path.is_dir() else [path]
    found = [channel for file in files for channel in _channels_named(file, seed_id)]
    if not found:
        raise NothingMatchedError(f"channel {seed_id} in {path}", "it is not in the station file", "give its file")
    for channel in found:
        start_ns, end_ns = _epoch(channel)
        if start_ns <= time_ns < end_ns:
            return _response(channel, seed_id, path)
    spans = ", ".join(f"{iso_utc(start)} to {iso_utc(end)}" for start, end in map(_epoch, found))
    raise NothingMatchedError(
        f"channel {seed_id} at {iso_utc(time_ns)}", f"{path} knows it only from {spans}", "get the right epoch"
    )


def _channels_named(path: Path, seed_id: str) -> list[Any]:
    try:
        seen = path.stat()
    except OSError as error:
        raise NotFoundError(f"station file {path}", "there is no such file", "correct the path") from error
    return _channels_of(path, seen.st_mtime_ns, seen.st_size).get(seed_id.upper(), [])


@lru_cache(maxsize=256)
def _channels_of(path: Path, changed_ns: int, n_bytes: int) -> dict[str, list[Any]]:
    """A file's channels by id, kept while the file stays as it is: responses are asked for channel by channel."""
    found: dict[str, list[Any]] = defaultdict(list)
    for network in read_inventory(path):
        for station in network:
            for channel in station:
                key = f"{network.code}.{station.code}.{channel.location_code}.{channel.code}"
                found[key.upper()].append(channel)
    return dict(found)


def _response(channel: Any, seed_id: str, path: Path) -> dict[str, Any]:
    whose = f"response of {seed_id} in {path}"
    overall = channel.response.instrument_sensitivity if channel.response else None
    if overall is None or overall.value is None or not math.isfinite(overall.value) or overall.value == 0:
        value = None if overall is None else overall.value
        raise FormatError(whose, f"its sensitivity is {value}; it must be a number other than 0", "correct the file")
    gain, si = _in_si(overall.value, overall.input_units)
    if si not in GROUND_MOTION_ORDER:
        raise FormatError(whose, f"its input unit {overall.input_units!r} is no ground motion", "correct the file")
    if not LEAST_SENSITIVITY <= abs(gain) <= MOST_SENSITIVITY:
        raise FormatError(whose, f"its sensitivity is {overall.value:g}, which is absurd", "correct the file")
    return {"unit": si, "sensitivity": gain, **_poles_and_zeros(channel.response, whose)}


def _poles_and_zeros(response: Any, whose: str) -> dict[str, Any]:
    """The analogue sensor's poles and zeros in rad/s; flat (none) where the file gives a sensitivity only."""
    stages = [stage for stage in response.response_stages or [] if hasattr(stage, "poles")]
    analogue = [stage for stage in stages if not stage.pz_transfer_function_type.startswith("DIGITAL")]
    if not analogue:
        return {"poles": [], "zeros": [], "normalization": 1.0}
    poles = [_rad_s(stage, pole) for stage in analogue for pole in stage.poles]
    zeros = [_rad_s(stage, zero) for stage in analogue for zero in stage.zeros]
    if not all(math.isfinite(part) for value in poles + zeros for part in value):
        raise FormatError(whose, "a pole or zero is not a finite number", "correct the file")
    at_hz = float(analogue[0].normalization_frequency or 1.0)
    return {"poles": poles, "zeros": zeros, "normalization": normalization(poles, zeros, at_hz)}


def _rad_s(stage: Any, value: complex) -> list[float]:
    factor = 2 * math.pi if "HERTZ" in stage.pz_transfer_function_type else 1.0
    return [float(value.real) * factor, float(value.imag) * factor]


def normalization(poles: list[list[float]], zeros: list[list[float]], at_hz: float) -> float:
    """A0: what makes the magnitude of A0·Π(s−z)/Π(s−p) one at s = 2πi·f (SEED manual 2.4, appendix C).

    >>> round(normalization([[-1.0, 0.0]], [], 1 / (2 * math.pi)), 6)
    1.414214
    """
    s = 2j * math.pi * at_hz
    top = math.prod(abs(s - complex(*pole)) for pole in poles)
    bottom = math.prod(abs(s - complex(*zero)) for zero in zeros)
    return top / bottom if bottom > 0 else 1.0
