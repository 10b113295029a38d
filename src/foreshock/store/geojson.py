"""GeoJSON (RFC 7946): epicentres as points, ellipses as polygons cut at the antimeridian. Treats files as hostile.

Longitudes are told in -180..180 and heights in metres above the ellipsoid, as the RFC wants; the depth in km stands
among the properties.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from geographiclib.geodesic import Geodesic

from foreshock.clock import iso_utc, utc_ns
from foreshock.errors import FormatError, InputError
from foreshock.outputs import whole_file
from foreshock.store.hostile import checked_file
from foreshock.store.lines import EventLine, event_cells, event_line, event_lines
from foreshock.types.solution import Solution

MOST_BYTES = 2**29
CORNERS = 48
"""Of an ellipse's polygon."""
Place = tuple[float, float]
"""Longitude, latitude, in this order: the RFC's."""


def write_geojson(path: Path, solutions: Iterable[Solution], *, ellipses: bool = False) -> None:
    """Write a feature collection, whole or not at all; with `ellipses`, each event's 68 % ellipse follows it.

    Raises:
        InputError: two different solutions have one id, or a value cannot be kept.
        OutputError: the file cannot be written.
    """
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8") as handle:
        handle.write('{"type": "FeatureCollection", "features": [')
        for number, feature in enumerate(_features(solutions, ellipses=ellipses)):
            handle.write(",\n" if number else "\n")
            handle.write(json.dumps(feature, ensure_ascii=False, allow_nan=False))
        handle.write("\n]}\n")


def _features(solutions: Iterable[Solution], *, ellipses: bool) -> Iterator[dict[str, Any]]:
    for line in event_lines(solutions):
        cells = event_cells(line)
        depth_km, longitude = line.event.depth_km, _within(line.event.longitude)
        place = [longitude, cells.pop("latitude"), *([] if depth_km is None else [-1000.0 * depth_km + 0.0])]
        cells |= {"time": iso_utc(cells["time"])}
        del cells["longitude"]
        yield {
            "type": "Feature",
            "id": cells["event_id"],
            "geometry": {"type": "Point", "coordinates": place},
            "properties": cells,
        }
        if ellipses and line.major_km:
            yield {"type": "Feature", "geometry": _ellipse(line), "properties": {"ellipse_of": cells["event_id"]}}


def read_geojson(path: Path) -> tuple[EventLine, ...]:
    """Read the points of what `write_geojson` wrote, with what stands among their properties.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no such collection.
    """
    what = f"GeoJSON file {path}"
    checked_file(path, what=what, most_bytes=MOST_BYTES)
    try:
        told = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
        features = told["features"]
        if told["type"] != "FeatureCollection" or not isinstance(features, list):
            raise TypeError("it is no feature collection")
        return tuple(
            _line(feature, f"{what}, feature {number}")
            for number, feature in enumerate(features)
            if "ellipse_of" not in (feature.get("properties") or {})
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(what, f"it is no collection of events ({type(error).__name__})", "write it anew") from error


def _line(feature: dict[str, Any], where: str) -> EventLine:
    try:
        if feature["geometry"]["type"] != "Point":
            raise InputError(where, "it is no point", "give epicentres")
        longitude, latitude, *_ = feature["geometry"]["coordinates"]
        held = dict(feature["properties"])
        text = {name: held.get(name) for name in ("event_id", "magnitude_type", "quality")}
        if any(value is not None and not isinstance(value, str) for value in text.values()):
            raise InputError(where, "its id, type or class is no text", "correct it")
        numbers = {name: value if value is None else float(value) for name, value in held.items() if name in _NUMBERS}
        place = {"time": utc_ns(held["time"]), "latitude": float(latitude), "longitude": float(longitude)}
        return event_line(text | numbers | place)
    except InputError as error:
        raise FormatError(f"{where}: {error.value}", error.rule, error.remedy) from error
    except (TypeError, KeyError, AttributeError, OverflowError, ValueError) as error:
        raise FormatError(where, f"it is no event ({type(error).__name__}: {error})", "write it anew") from error


_NUMBERS = frozenset({"depth_km", "magnitude", "major_km", "minor_km", "azimuth_deg", "gap_deg", "rms_s"})


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


# -- ellipses ----------------------------------------------------------------------------------------------------------


def _within(longitude: float) -> float:
    return longitude - 360.0 if longitude > 180.0 else longitude


def _ellipse(line: EventLine) -> dict[str, Any]:
    """The ellipse's outline, counterclockwise, cut where it crosses the antimeridian (RFC 7946, section 3.1.9)."""
    rings = [[list(place) for place in _closed(ring)] for ring in _cut(_outline(line))]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}


def _outline(line: EventLine) -> list[Place]:
    """Corners on geodesics from the epicentre; longitudes go on past ±180 so that neighbours are near each other."""
    major, minor, azimuth = line.major_km or 0.0, line.minor_km or 0.0, line.azimuth_deg or 0.0
    corners: list[Place] = []
    for number in range(CORNERS):
        turn = -2 * math.pi * number / CORNERS  # azimuths fall: counterclockwise on a map
        along, across = major * math.cos(turn), minor * math.sin(turn)
        direction = azimuth + math.degrees(math.atan2(across, along))
        metres = 1000.0 * math.hypot(along, across)
        there = Geodesic.WGS84.Direct(line.event.latitude, _within(line.event.longitude), direction, metres)
        before = corners[-1][0] if corners else _within(line.event.longitude)
        corners.append((before + (there["lon2"] - before + 180.0) % 360.0 - 180.0, there["lat2"]))
    return corners


def _cut(ring: list[Place]) -> list[list[Place]]:
    closing = (ring[0][0] - ring[-1][0] + 180.0) % 360.0 - 180.0
    around = ring[-1][0] + closing - ring[0][0]
    if abs(around) > 180.0:
        return [_about_pole(ring)]
    parts = []
    for turn in (-360.0, 0.0, 360.0):
        part = _clipped(_clipped(ring, turn - 180.0, keep_east=True), turn + 180.0, keep_east=False)
        if len(part) > 2:
            parts.append([(longitude - turn, latitude) for longitude, latitude in part])
    return parts


def _clipped(ring: list[Place], meridian: float, *, keep_east: bool) -> list[Place]:
    """The part of a ring on one side of a meridian (Sutherland & Hodgman, CACM 17(1), 1974, for one edge)."""
    found: list[Place] = []
    for here, there in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        inside, next_inside = ((place[0] >= meridian) == keep_east or place[0] == meridian for place in (here, there))
        if inside:
            found.append(here)
        if inside != next_inside:
            share = (meridian - here[0]) / (there[0] - here[0])
            found.append((meridian, here[1] + share * (there[1] - here[1])))
    return found


def _about_pole(ring: list[Place]) -> list[Place]:
    """A ring with a pole inside, as a ring on the map: along it from one edge to the other and back by the pole."""
    pole = math.copysign(90.0, ring[0][1])
    places = sorted((_within((longitude + 180.0) % 360.0 - 180.0), latitude) for longitude, latitude in ring)
    edge = (places[0][1] + places[-1][1]) / 2
    line: list[Place] = [(-180.0, edge), *places, (180.0, edge)]
    whole: list[Place] = [*line, (180.0, pole), (-180.0, pole)]
    return whole if pole > 0 else [(-180.0, pole), (180.0, pole), *reversed(line)]


def _closed(ring: list[Place]) -> list[Place]:
    return [*ring, ring[0]]
