"""QuakeML 1.2 out: solutions as a file that validates, an event at a time. Knows no reading and no database."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from lxml import etree

from foreshock.clock import iso_utc
from foreshock.outputs import whole_file
from foreshock.store.plain import distinct
from foreshock.store.quakeml_words import (
    BED,
    ELLIPSE_PERCENT,
    KM_OF_DEGREE,
    LONGEST_WORD,
    OURS,
    ROOT,
    in_quakeml,
    resource_id,
    shifted,
)
from foreshock.types.pick import Pick
from foreshock.types.solution import Amplitude, Arrival, Magnitude, Mechanism, Solution, StationMagnitude, Uncertainty

Element: TypeAlias = Any
"""An ``lxml`` element; lxml has no annotations."""
NAMESPACES = {None: BED, "q": ROOT, "foreshock": OURS}
POLARITY = {"up": "positive", "down": "negative", "unknown": "undecidable"}
_CODE = re.compile(r"[A-Za-z0-9_\-]{0,8}")
_WORD = re.compile(rf"\S(.{{0,{LONGEST_WORD - 2}}}\S)?")


def write_quakeml(path: Path, solutions: Iterable[Solution], *, agency: str = "") -> None:
    """Write solutions as QuakeML 1.2, whole or not at all; nothing of them is lost (see `read_quakeml`).

    Raises:
        InputError: two different solutions have one id, or a value cannot be kept.
        OutputError: the file cannot be written.
    """
    with whole_file(path) as temporary, temporary.open("wb") as handle, etree.xmlfile(handle, encoding="UTF-8") as xml:
        xml.write_declaration()
        with (
            xml.element(f"{{{ROOT}}}quakeml", nsmap=NAMESPACES),
            xml.element(f"{{{BED}}}eventParameters", publicID="smi:local/eventParameters/foreshock"),
        ):
            if agency:
                _told(xml, agency)
            for solution, _ in distinct(solutions):
                xml.write("\n")
                xml.write(_event(solution), pretty_print=True)


def _told(xml: Any, agency: str) -> None:
    who = etree.Element(f"{{{BED}}}creationInfo", nsmap=NAMESPACES)
    _put(who, "agencyID", agency[:64])
    xml.write(who)


def _event(solution: Solution) -> Element:
    name = resource_id(solution.event.event_id, "event")
    event = etree.Element(f"{{{BED}}}event", publicID=name, nsmap=NAMESPACES)
    _put(event, "preferredOriginID", f"{name}/origin")
    sizes = _sizes(solution, name)
    _put_preferred_size(event, solution, sizes)
    if solution.mechanism:
        _put(event, "preferredFocalMechanismID", f"{name}/mechanism")
    _put(event, "type", "earthquake")
    for note in solution.notes:
        _put(_put(event, "comment"), "text", note)
    for number, arrival in enumerate(solution.arrivals):
        event.append(_pick(arrival.pick, f"{name}/pick/{number}"))
    for public_id, size in sizes:
        for number, station in enumerate(size.stations):
            _put_station(event, station, size, f"{public_id}/station/{number}", name)
    event.append(_origin(solution, name))
    for public_id, size in sizes:
        event.append(_magnitude(size, public_id, name))
    if solution.mechanism:
        event.append(_mechanism(solution.mechanism, name))
    for ours in list(event.iter(f"{{{OURS}}}*")):
        ours.getparent().append(ours)  # libxml2 validates other namespaces' elements only behind the schema's own
    return event


def _sizes(solution: Solution, name: str) -> list[tuple[str, Magnitude]]:
    """Magnitudes with their ids; the event's own is added where none of them says the same."""
    sizes = [(f"{name}/magnitude/{number}", size) for number, size in enumerate(solution.magnitudes)]
    event = solution.event
    if event.magnitude is not None and not any(_is_preferred(size, solution) for _, size in sizes):
        sizes.append((f"{name}/magnitude/event", Magnitude(str(event.magnitude_type), event.magnitude, None, 0, "")))
    return sizes


def _is_preferred(size: Magnitude, solution: Solution) -> bool:
    return (size.kind, size.value) == (solution.event.magnitude_type, solution.event.magnitude)


def _put_preferred_size(event: Element, solution: Solution, sizes: list[tuple[str, Magnitude]]) -> None:
    preferred = [public_id for public_id, size in sizes if _is_preferred(size, solution)]
    if preferred:
        _put(event, "preferredMagnitudeID", preferred[0])
    elif sizes:
        _put_ours(event, "preferred_magnitude", "none")


# -- where and when ----------------------------------------------------------------------------------------------------


def _origin(solution: Solution, name: str) -> Element:
    event, sure = solution.event, solution.uncertainty
    origin = etree.Element(f"{{{BED}}}origin", publicID=f"{name}/origin")
    _put_time(origin, "time", event.time_ns, sure.time_s if sure else None)
    _put_value(origin, "latitude", repr(event.latitude))
    _put_value(origin, "longitude", repr(event.longitude))
    depth_error_km = sure.depth_km if sure else None
    if event.depth_km is not None:
        error = None if depth_error_km is None else shifted(depth_error_km, 3)
        _put_value(origin, "depth", shifted(event.depth_km, 3), error)
    elif depth_error_km is not None:
        _put_ours(origin, "depth_error_km", repr(depth_error_km))
    _put(origin, "depthType", "operator assigned" if solution.depth_fixed else "from location")
    if solution.model:
        _put(origin, "earthModelID", resource_id(solution.model, "model"))
    if sure:
        origin.append(_ellipse(sure))
    origin.append(_quality(solution))
    _put(origin, "evaluationMode", "automatic")
    for number, arrival in enumerate(solution.arrivals):
        origin.append(_arrival(arrival, f"{name}/arrival/{number}", f"{name}/pick/{number}"))
    return origin


def _ellipse(sure: Uncertainty) -> Element:
    ellipse = etree.Element(f"{{{BED}}}originUncertainty")
    _put(ellipse, "preferredDescription", "uncertainty ellipse")
    _put(ellipse, "minHorizontalUncertainty", shifted(sure.minor_km, 3))
    _put(ellipse, "maxHorizontalUncertainty", shifted(sure.major_km, 3))
    _put_number(ellipse, "azimuthMaxHorizontalUncertainty", sure.azimuth_deg)
    _put(ellipse, "confidenceLevel", repr(ELLIPSE_PERCENT))
    return ellipse


def _quality(solution: Solution) -> Element:
    quality = etree.Element(f"{{{BED}}}quality")
    used = [arrival for arrival in solution.arrivals if arrival.weight > 0]
    _put(quality, "associatedPhaseCount", str(len(solution.arrivals)))
    _put(quality, "usedPhaseCount", str(len(used)))
    _put(quality, "usedStationCount", str(len({arrival.pick.trace_id for arrival in used})))
    if solution.uncertainty:
        _put_number(quality, "standardError", solution.uncertainty.rms_s)
        _put_number(quality, "azimuthalGap", solution.uncertainty.gap_deg)
        _put_ours(quality, "grade", solution.uncertainty.quality)
    return quality


def _arrival(arrival: Arrival, public_id: str, pick_id: str) -> Element:
    element = etree.Element(f"{{{BED}}}arrival", publicID=public_id)
    _put(element, "pickID", pick_id)
    _put_word(element, "phase", arrival.phase)
    _put_number(element, "azimuth", arrival.azimuth_deg)
    _put_number(element, "distance", arrival.distance_km / KM_OF_DEGREE)
    _put_number(element, "timeResidual", arrival.residual_s)
    _put_number(element, "timeWeight", arrival.weight)
    if not math.isnan(arrival.distance_km):
        _put_ours(element, "distance_km", repr(arrival.distance_km))
    return element


def _pick(pick: Pick, public_id: str) -> Element:
    element = etree.Element(f"{{{BED}}}pick", publicID=public_id)
    _put_time(element, "time", pick.time_ns, pick.sigma_s)
    _put_instrument(element, pick.trace_id)
    _put_word(element, "phaseHint", pick.phase)
    _put(element, "polarity", POLARITY[pick.polarity])
    _put(element, "evaluationMode", "automatic")
    for name in ("probability", "polarity_probability", "novelty"):
        _put_ours(element, name, repr(getattr(pick, name)))
    _put_ours(element, "available_at", iso_utc(pick.available_at_ns))
    return element


# -- how large ---------------------------------------------------------------------------------------------------------


def _magnitude(size: Magnitude, public_id: str, name: str) -> Element:
    element = etree.Element(f"{{{BED}}}magnitude", publicID=public_id)
    _put_value(element, "mag", repr(size.value), None if size.uncertainty is None else repr(size.uncertainty))
    _put_word(element, "type", size.kind)
    _put(element, "originID", f"{name}/origin")
    if size.method:
        _put(element, "methodID", resource_id(size.method, "method"))
    _put(element, "stationCount", str(size.n_stations))
    for number, station in enumerate(size.stations):
        part = _put(element, "stationMagnitudeContribution")
        _put(part, "stationMagnitudeID", f"{public_id}/station/{number}")
        _put(part, "weight", "1.0" if station.used else "0.0")
    return element


def _put_station(event: Element, station: StationMagnitude, size: Magnitude, public_id: str, name: str) -> None:
    ids = [f"{public_id}/amplitude/{number}" for number in range(len(station.amplitudes))]
    for amplitude_id, amplitude in zip(ids, station.amplitudes, strict=True):
        event.append(_amplitude(amplitude, amplitude_id, size.kind))
    element = _put(event, "stationMagnitude")
    element.set("publicID", public_id)
    _put(element, "originID", f"{name}/origin")
    _put_value(element, "mag", repr(station.value))
    _put_word(element, "type", size.kind)
    if ids:
        _put(element, "amplitudeID", ids[0])
        _put_ours(element, "amplitude_ids", " ".join(ids))
    _put_instrument(element, station.trace_id)
    _put_ours(element, "correction", repr(station.correction))
    if station.reason:
        _put_ours(element, "reason", station.reason)


def _amplitude(amplitude: Amplitude, public_id: str, hint: str) -> Element:
    element = etree.Element(f"{{{BED}}}amplitude", publicID=public_id)
    value, unit = in_quakeml(amplitude.value, amplitude.unit)
    _put_value(element, "genericAmplitude", value)
    _put_word(element, "type", amplitude.kind)
    _put(element, "unit", unit)
    if unit == "other" or amplitude.unit == "mm":
        _put_ours(element, "unit", amplitude.unit)
    if amplitude.period_s is not None:
        _put_value(element, "period", repr(amplitude.period_s))
    if amplitude.snr is not None:
        _put(element, "snr", repr(amplitude.snr))
    _put_instrument(element, amplitude.trace_id, amplitude.channel)
    _put_time(element, "scalingTime", amplitude.time_ns)
    _put(element, "magnitudeHint", hint[:LONGEST_WORD])
    return element


def _mechanism(mechanism: Mechanism, name: str) -> Element:
    element = etree.Element(f"{{{BED}}}focalMechanism", publicID=f"{name}/mechanism")
    planes = _put(element, "nodalPlanes")
    planes.set("preferredPlane", "1")
    ours = (mechanism.strike_deg, mechanism.dip_deg, mechanism.rake_deg)
    both = (("nodalPlane1", ours), ("nodalPlane2", mechanism.other_plane))
    turned = None if math.isnan(mechanism.uncertainty_deg) else repr(mechanism.uncertainty_deg)
    for tag, angles in both:
        plane = _put(planes, tag)
        for part, angle in zip(("strike", "dip", "rake"), angles, strict=True):
            _put_value(plane, part, repr(angle), turned)
    _put(element, "stationPolarityCount", str(mechanism.n_polarities))
    _put_number(element, "misfit", mechanism.misfit)
    _put(element, "triggeringOriginID", f"{name}/origin")
    return element


# -- parts -------------------------------------------------------------------------------------------------------------


def _put(parent: Element, tag: str, text: str | None = None) -> Element:
    element = etree.SubElement(parent, f"{{{BED}}}{tag}")
    element.text = text
    return element


def _put_ours(parent: Element, tag: str, text: str) -> None:
    etree.SubElement(parent, f"{{{OURS}}}{tag}").text = text


def _put_number(parent: Element, tag: str, value: float) -> None:
    if not math.isnan(value):
        _put(parent, tag, repr(value))


def _put_value(parent: Element, tag: str, value: str, error: str | None = None) -> None:
    quantity = _put(parent, tag)
    _put(quantity, "value", value)
    if error is not None:
        _put(quantity, "uncertainty", error)


def _put_time(parent: Element, tag: str, time_ns: int, error_s: float | None = None) -> None:
    """A time; nanoseconds stand a second time beside it, because many readers know only microseconds."""
    known = error_s is not None and not math.isnan(error_s)
    _put_value(parent, tag, iso_utc(time_ns), repr(error_s) if known else None)
    if time_ns % 1000:
        _put_ours(parent, "time_ns", str(time_ns))


def _put_word(parent: Element, tag: str, text: str) -> None:
    """A type or phase; one that the schema has no room for is shortened there and whole beside it."""
    if _WORD.fullmatch(text):
        _put(parent, tag, text)
        return
    _put(parent, tag, " ".join(text.split())[:LONGEST_WORD] or "?")
    _put_ours(parent, tag, text)


def _put_instrument(parent: Element, trace_id: str, channel: str | None = None) -> None:
    """``NET.STA.LOC``; a name that is none stands whole beside what fits."""
    parts = trace_id.split(".")
    fits = len(parts) == 3 and all(_CODE.fullmatch(part) for part in parts)
    network, station, location = parts if fits else ("", re.sub(r"[^A-Za-z0-9]", "", trace_id)[:8], "")
    instrument = _put(parent, "waveformID")
    instrument.set("networkCode", network)
    instrument.set("stationCode", station)
    if location:
        instrument.set("locationCode", location)
    if channel and _CODE.fullmatch(channel):
        instrument.set("channelCode", channel)
    elif channel:
        _put_ours(parent, "channel", channel)
    if not fits:
        _put_ours(parent, "trace_id", trace_id)
