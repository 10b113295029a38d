"""QuakeML 1.2 in: our own files without loss, other people's as far as a solution goes. Knows elements, not bytes.

What other people leave out is unknown (NaN), never invented: a residual, a distance, an ellipse's direction. What
cannot be read of an event, and every event that is none, is told in `Reading.left_out`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from foreshock.clock import utc_ns
from foreshock.errors import InputError
from foreshock.store.plain import fingerprint, plain
from foreshock.store.quakeml_stream import MOST_BYTES, each_event
from foreshock.store.quakeml_words import (
    ELLIPSE_PERCENT,
    KM_OF_DEGREE,
    OURS,
    from_quakeml,
    text_of,
    unshifted,
)
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Amplitude, Arrival, Magnitude, Mechanism, Solution, StationMagnitude, Uncertainty

PERCENT_CLOSE = 0.5
POLARITY = {"positive": "up", "negative": "down"}
LeftOut = list[tuple[str, str]]


@dataclass(frozen=True)
class Reading:
    """What a file holds, and (item, reason) of what was left out."""

    solutions: tuple[Solution, ...]
    left_out: tuple[tuple[str, str], ...]


def read_quakeml(path: Path, *, most_bytes: int = MOST_BYTES) -> Reading:
    """Read a QuakeML file.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is not QuakeML, is cut short or too large, or declares a document type.
    """
    left_out: LeftOut = []
    solutions = tuple(each_solution(path, left_out, most_bytes=most_bytes))
    return Reading(solutions, tuple(left_out))


def each_solution(path: Path, left_out: LeftOut, *, most_bytes: int = MOST_BYTES) -> Iterator[Solution]:
    """Solutions of a QuakeML file one by one; what cannot be read is added to `left_out` on the way."""
    seen: dict[str, str] = {}
    for element in each_event(path, most_bytes=most_bytes):
        item = f"event {element.get('publicID')}"
        try:
            solution = plain(_Parts(element, left_out, item).solution())
        except (ValueError, ArithmeticError, TypeError, LookupError) as error:
            why = f"{error.value}: {error.rule}" if isinstance(error, InputError) else f"it cannot be read ({error})"
            left_out.append((item, why))
            continue
        key = fingerprint(solution)
        held = seen.setdefault(solution.event.event_id, key)
        if held is not key:
            left_out.append(
                (item, "it is given twice" if held == key else "another earthquake has its id: the first holds")
            )
            continue
        yield solution


class _Parts:
    """The parts of one event element, by name and by id."""

    def __init__(self, element: Any, left_out: LeftOut, item: str) -> None:
        self.element, self.left_out, self.item = element, left_out, item
        self.bed = etree.QName(element).namespace
        self.name = element.get("publicID") or ""
        self.origin_ns = 0

    def solution(self) -> Solution:
        if self.text(self.element, "type") == "not existing":
            raise ValueError("its type says that it never was")
        origin = self.preferred("origin", "preferredOriginID")
        if origin is None:
            raise ValueError("it has no origin")
        self.origin_ns = self.time_ns(origin, "time")
        sizes = self.sizes()
        held = [size for public_id, size in sizes if public_id != f"{self.name}/magnitude/event"]
        top = self.preferred_size(sizes)
        return Solution(
            Event(
                text_of(self.name, "event"),
                self.origin_ns,
                self.needed(origin, "latitude"),
                self.needed(origin, "longitude"),
                depth_km=self.km(origin, "depth", "value"),
                magnitude=top.value if top else None,
                magnitude_type=top.kind if top else None,
            ),
            arrivals=tuple(self.arrivals(origin)),
            uncertainty=self.uncertainty(origin),
            depth_fixed=self.text(origin, "depthType") in ("operator assigned", "from location unconstrained"),
            model=text_of(self.text(origin, "earthModelID"), "model"),
            magnitudes=tuple(held),
            mechanism=self.mechanism(),
            notes=tuple(self.notes()),
        )

    # -- where and when

    def uncertainty(self, origin: Any) -> Uncertainty | None:
        ellipse = self.child(origin, "originUncertainty")
        if ellipse is None:
            return None
        minor, major = (self.text(ellipse, f"{side}HorizontalUncertainty") for side in ("min", "max"))
        round_km = self.text(ellipse, "horizontalUncertainty")
        if not (minor and major) and not round_km:
            return None
        quality = self.child(origin, "quality")
        wider = _to_68_percent(self.number(ellipse, "confidenceLevel", ELLIPSE_PERCENT))
        depth_km = self.km(origin, "depth", "uncertainty")
        ours = self.ours(origin, "depth_error_km")
        return Uncertainty(
            major_km=unshifted(major or round_km, 3) * wider,
            minor_km=unshifted(minor or round_km, 3) * wider,
            azimuth_deg=self.number(ellipse, "azimuthMaxHorizontalUncertainty", math.nan if major else 0.0),
            time_s=self.value(origin, "time", "uncertainty"),
            gap_deg=self.number(quality, "azimuthalGap"),
            rms_s=self.number(quality, "standardError"),
            quality=self.ours(quality, "grade") or "",
            depth_km=float(ours) if depth_km is None and ours else depth_km,
        )

    def arrivals(self, origin: Any) -> Iterator[Arrival]:
        picks: dict[str, Any] = {}
        for element in self.children(self.element, "pick"):
            if picks.setdefault(element.get("publicID", ""), element) is not element:
                self.left_out.append(
                    (f"{self.item}, pick {element.get('publicID')}", "its id is given twice: the first holds")
                )
        for element in self.children(origin, "arrival"):
            named = self.text(element, "pickID")
            try:
                yield plain(self.arrival(element, picks[named]))
            except (ValueError, LookupError, ArithmeticError, TypeError) as error:
                why = "its pick is not there" if isinstance(error, LookupError) and named not in picks else str(error)
                self.left_out.append((f"{self.item}, arrival {element.get('publicID')}", why))

    def arrival(self, element: Any, pick: Any) -> Arrival:
        degrees, exact = self.number(element, "distance"), self.ours(element, "distance_km")
        km = degrees * KM_OF_DEGREE
        if exact is not None and math.isclose(float(exact), km, rel_tol=1e-9, abs_tol=1e-9):
            km = float(exact)
        return Arrival(
            pick=self.pick(pick),
            phase=self.word(element, "phase"),
            distance_km=km,
            azimuth_deg=self.number(element, "azimuth"),
            residual_s=self.number(element, "timeResidual"),
            weight=min(1.0, max(0.0, self.number(element, "timeWeight", 1.0))),
        )

    def pick(self, element: Any) -> Pick:
        time_ns = self.time_ns(element, "time")
        sigma_s = self.value(element, "time", "uncertainty")
        known = self.ours(element, "available_at")
        return Pick(
            trace_id=self.instrument(element),
            phase=self.word(element, "phaseHint"),
            time_ns=time_ns,
            probability=float(self.ours(element, "probability") or 1.0),
            sigma_s=0.0 if math.isnan(sigma_s) else sigma_s,
            available_at_ns=max(time_ns, utc_ns(known)) if known else time_ns,
            polarity=POLARITY.get(self.text(element, "polarity"), "unknown"),
            polarity_probability=float(self.ours(element, "polarity_probability") or 0.5),
            novelty=float(self.ours(element, "novelty") or 0.0),
        )

    def instrument(self, element: Any) -> str:
        ours = self.ours(element, "trace_id")
        if ours is not None:
            return ours
        where = self.child(element, "waveformID")
        held = {} if where is None else where.attrib
        return ".".join(held.get(f"{part}Code", "") for part in ("network", "station", "location"))

    # -- how large

    def sizes(self) -> list[tuple[str, Magnitude]]:
        stations = {item.get("publicID"): item for item in self.children(self.element, "stationMagnitude")}
        amplitudes = {item.get("publicID"): item for item in self.children(self.element, "amplitude")}
        sizes = []
        for element in self.children(self.element, "magnitude"):
            try:
                sizes.append((element.get("publicID", ""), plain(self.size(element, stations, amplitudes))))
            except (ValueError, ArithmeticError, TypeError) as error:
                self.left_out.append((f"{self.item}, magnitude {element.get('publicID')}", str(error)))
        named = self.text(self.element, "preferredMagnitudeID")
        is_ours = all(public_id.startswith(f"{self.name}/magnitude/") for public_id, _ in sizes)
        return sizes if is_ours else sorted(sizes, key=lambda size: size[0] != named)

    def preferred_size(self, sizes: list[tuple[str, Magnitude]]) -> Magnitude | None:
        named = self.text(self.element, "preferredMagnitudeID")
        if not sizes or self.ours(self.element, "preferred_magnitude") == "none":
            return None
        return next((size for public_id, size in sizes if public_id == named), sizes[0][1])

    def size(self, element: Any, stations: dict[str, Any], amplitudes: dict[str, Any]) -> Magnitude:
        parts = self.children(element, "stationMagnitudeContribution")
        held = [
            self.station(stations[named], amplitudes, used=self.number(part, "weight", 1.0) > 0)
            for part in parts
            if (named := self.text(part, "stationMagnitudeID")) in stations
        ]
        error = self.value(element, "mag", "uncertainty")
        counted = self.number(element, "stationCount")
        return Magnitude(
            kind=self.word(element, "type") or "M",
            value=self.needed(element, "mag"),
            uncertainty=None if math.isnan(error) else error,
            n_stations=sum(item.used for item in held) if math.isnan(counted) else int(counted),
            method=text_of(self.text(element, "methodID"), "method"),
            stations=tuple(held),
        )

    def station(self, element: Any, amplitudes: dict[str, Any], *, used: bool) -> StationMagnitude:
        ids = (self.ours(element, "amplitude_ids") or self.text(element, "amplitudeID")).split()
        return StationMagnitude(
            self.instrument(element),
            self.needed(element, "mag"),
            amplitudes=tuple(self.amplitude(amplitudes[name]) for name in ids if name in amplitudes),
            correction=float(self.ours(element, "correction") or 0.0),
            used=used,
            reason=self.ours(element, "reason") or "",
        )

    def amplitude(self, element: Any) -> Amplitude:
        where = self.child(element, "waveformID")
        told = self.text(self.child(element, "genericAmplitude"), "value")
        value, unit = from_quakeml(told, self.text(element, "unit"), self.ours(element, "unit"))
        window = self.child(element, "timeWindow")
        if self.child(element, "scalingTime") is not None:
            time_ns = self.time_ns(element, "scalingTime")
        else:
            time_ns = utc_ns(self.text(window, "reference")) if window is not None else self.origin_ns
        period, snr = self.value(element, "period"), self.number(element, "snr")
        channel = self.ours(element, "channel")
        return Amplitude(
            trace_id=self.instrument(element),
            channel=channel if channel is not None else ("" if where is None else where.get("channelCode", "")),
            kind=self.word(element, "type"),
            value=value,
            unit=unit,
            time_ns=time_ns,
            period_s=None if math.isnan(period) else period,
            snr=None if math.isnan(snr) else snr,
        )

    def mechanism(self) -> Mechanism | None:
        element = self.preferred("focalMechanism", "preferredFocalMechanismID")
        planes = self.child(element, "nodalPlanes")
        plane = None if planes is None else self.child(planes, f"nodalPlane{planes.get('preferredPlane', '1')}")
        if plane is None:
            return None
        polarities = self.number(element, "stationPolarityCount", 0)
        return Mechanism(
            strike_deg=self.needed(plane, "strike"),
            dip_deg=self.needed(plane, "dip"),
            rake_deg=self.needed(plane, "rake"),
            uncertainty_deg=self.value(plane, "strike", "uncertainty"),
            n_polarities=int(polarities),
            misfit=self.number(element, "misfit"),
        )

    def notes(self) -> Iterator[str]:
        kind = self.text(self.element, "type")
        if kind not in ("", "earthquake"):
            yield f"type of event: {kind}"
        for comment in self.children(self.element, "comment"):
            found = self.child(comment, "text")
            yield "" if found is None else found.text or ""

    # -- elements

    def child(self, parent: Any, tag: str) -> Any:
        return None if parent is None else parent.find(f"{{{self.bed}}}{tag}")

    def children(self, parent: Any, tag: str) -> list[Any]:
        return list(parent.findall(f"{{{self.bed}}}{tag}"))

    def preferred(self, tag: str, named_by: str) -> Any:
        """The element that the event calls preferred; the first where it calls none or one that is not there."""
        found = self.children(self.element, tag)
        named = self.text(self.element, named_by)
        return next((item for item in found if item.get("publicID") == named), found[0] if found else None)

    def text(self, parent: Any, tag: str) -> str:
        found = self.child(parent, tag)
        return "" if found is None else (found.text or "").strip()

    def ours(self, parent: Any, tag: str) -> str | None:
        found = None if parent is None else parent.find(f"{{{OURS}}}{tag}")
        return None if found is None else found.text or ""

    def word(self, parent: Any, tag: str) -> str:
        ours = self.ours(parent, tag)
        return self.text(parent, tag) if ours is None else ours

    def number(self, parent: Any, tag: str, otherwise: float = math.nan) -> float:
        text = self.text(parent, tag)
        return float(text) if text else otherwise

    def value(self, parent: Any, tag: str, part: str = "value") -> float:
        return self.number(self.child(parent, tag), part)

    def needed(self, parent: Any, tag: str) -> float:
        found = self.value(parent, tag)
        if math.isnan(found):
            raise ValueError(f"its {tag} is not there")
        return found

    def km(self, parent: Any, tag: str, part: str) -> float | None:
        text = self.text(self.child(parent, tag), part)
        return unshifted(text, 3) if text else None

    def time_ns(self, parent: Any, tag: str) -> int:
        told_ns = utc_ns(self.text(self.child(parent, tag), "value"))
        ours = self.ours(parent, "time_ns")
        exact_ns = int(ours) if ours else told_ns
        return exact_ns if abs(exact_ns - told_ns) <= 1000 else told_ns


def _to_68_percent(level: float) -> float:
    """What to multiply an ellipse of another level with: for two normal coordinates, r² is -2 ln(1 - p)."""
    if abs(level - ELLIPSE_PERCENT) <= PERCENT_CLOSE or not 0 < level < 100:
        return 1.0
    return math.sqrt(math.log(1 - ELLIPSE_PERCENT / 100) / math.log(1 - level / 100))
