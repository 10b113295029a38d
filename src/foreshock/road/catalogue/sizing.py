"""Sizing: magnitudes of located earthquakes, station by station and span by span, from the archive's recordings.

Each span of a station is read once, whatever number of earthquakes fell into it. Knows no store and no manifest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from foreshock.clock import NS_PER_S
from foreshock.collect.archive import Unit, read_unit
from foreshock.collect.response import responses
from foreshock.collect.stations import read_stations
from foreshock.errors import ForeshockError
from foreshock.predict.magnitude import AtStation, MagnitudeSettings, at_station, joined
from foreshock.predict.magnitude.ground import Judged
from foreshock.predict.travel import TravelTimes
from foreshock.predict.travel.named import travel_times
from foreshock.road.catalogue.estimating import estimated
from foreshock.types.event import Event
from foreshock.types.solution import Arrival, Solution
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

BEFORE_S, AFTER_S = 150.0, 400.0
"""What is read before the first origin of a span and after the last; waves beyond are those of far earthquakes."""
NEAR_BEFORE_S, NEAR_AFTER_S = 300.0, 700.0
"""Nothing of a recording that is further from an origin counts; what lies between near ones is judged once."""
DAY_NS = 86_400 * NS_PER_S
NO_MAGNITUDE = "no magnitude: no station gave one"


@dataclass(frozen=True)
class Sized:
    """Solutions with their magnitudes, and what was left out with the reason."""

    solutions: tuple[Solution, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Scale:
    """How earthquakes are sized, in words that travel between processes.

    Attributes:
        stations: the station file or folder. model: of the travel times.
    """

    stations: str
    model: str
    settings: MagnitudeSettings


@dataclass(frozen=True)
class Span:
    """One station's recordings about some earthquakes: an instrument each, and what it picked of each of these."""

    instruments: tuple[Unit, ...]
    events: tuple[tuple[Event, tuple[Arrival, ...]], ...]


def spans(solutions: Sequence[Solution], units: Iterable[Unit]) -> list[Span]:
    """What is to be read: for each station and unit the earthquakes that began in it and that the station picked."""
    by_station: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        by_station[unit.station_id].append(unit)
    picked = _picked(solutions)
    found = []
    for name, held in sorted(by_station.items()):
        mine = picked.get(name, [])
        times = [event.time_ns for event, _ in mine]
        for first_ns, last_ns in sorted({(unit.first_ns, unit.last_ns) for unit in held}):
            events = mine[bisect_left(times, first_ns) : bisect_left(times, last_ns)]
            if events:
                found.append(Span(tuple(_instruments(held, events)), tuple(events)))
    return found


def _picked(solutions: Sequence[Solution]) -> dict[str, list[tuple[Event, tuple[Arrival, ...]]]]:
    """The earthquakes that each station picked, in order of time, with what it picked of them."""
    found: dict[str, list[tuple[Event, tuple[Arrival, ...]]]] = defaultdict(list)
    for solution in sorted(solutions, key=lambda one: (one.event.time_ns, one.event.event_id)):
        for name in sorted({arrival.pick.trace_id for arrival in solution.arrivals}):
            own = tuple(arrival for arrival in solution.arrivals if arrival.pick.trace_id == name)
            found[name].append((solution.event, own))
    return found


def _instruments(units: Sequence[Unit], events: Sequence[tuple[Event, tuple[Arrival, ...]]]) -> Iterator[Unit]:
    """The span about the earthquakes, of each of a station's instruments, with all files that hold any of it."""
    first_ns = min(event.time_ns for event, _ in events) - round(BEFORE_S * NS_PER_S)
    last_ns = max(event.time_ns for event, _ in events) + round(AFTER_S * NS_PER_S)
    near = [unit for unit in units if unit.first_ns < last_ns and unit.last_ns > first_ns]
    for prefix in sorted({unit.prefix for unit in near}):
        files = {mark.path: mark for unit in near if unit.prefix == prefix for mark in unit.files}
        yield Unit(near[0].station_id, prefix, first_ns, last_ns, tuple(files[path] for path in sorted(files)), 0)


def measure(span: Span, scale: Scale) -> list[tuple[str, AtStation]]:
    """Read a span and size its earthquakes at its station."""
    known = _stations(scale.stations)
    waves: list[Waveform] = []
    skipped: list[tuple[str, str]] = []
    for unit in span.instruments:
        reading = read_unit(unit, stations=known)
        waves += reading.waveforms
        skipped += reading.skipped
    if not waves:
        return [(event.event_id, AtStation(left_out=tuple(skipped))) for event, _ in span.events]
    curves = {name: held for wave in waves for name, held in _responses(scale.stations, wave).items()}
    return [
        (event.event_id, _said(event, arrivals, near, curves, span, scale))
        for group in _together(span.events)
        for near in [_judged(waves, group)]
        for event, arrivals in group
    ]


Picked = tuple[Event, tuple[Arrival, ...]]


def _together(events: Sequence[Picked]) -> list[list[Picked]]:
    """Earthquakes in groups whose recordings overlap."""
    groups: list[list[Picked]] = []
    for one in events:
        reach_ns = round((NEAR_BEFORE_S + NEAR_AFTER_S) * NS_PER_S)
        if groups and one[0].time_ns - groups[-1][-1][0].time_ns <= reach_ns:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _judged(waves: Sequence[Waveform], group: Sequence[Picked]) -> list[Judged]:
    """The recordings about a group, with what is wrong in them; all of the first where there is nothing."""
    first_ns = group[0][0].time_ns - round(NEAR_BEFORE_S * NS_PER_S)
    last_ns = group[-1][0].time_ns + round(NEAR_AFTER_S * NS_PER_S)
    cuts = [wave.cut(round(wave.sample_at(first_ns)), max(0, round(wave.sample_at(last_ns)))) for wave in waves]
    return [Judged.of(cut) for cut in cuts if cut.n_samples] or [Judged.of(waves[0].cut(0, 0))]


def _said(
    event: Event,
    arrivals: Sequence[Arrival],
    waves: Sequence[Judged],
    curves: Mapping[str, Mapping[str, Any]],
    span: Span,
    scale: Scale,
) -> AtStation:
    """What a station says of one earthquake, before the next arrives."""
    until_ns = _next_ns(arrivals, span)
    part = at_station(
        event,
        arrivals,
        waves,
        _stations(scale.stations).get(span.instruments[0].station_id),
        scale.settings,
        responses=curves,
        travel=_travel(scale.model),
        until_ns=until_ns,
    )
    if "M" not in scale.settings.kinds:
        return part
    said = estimated(arrivals, [one.wave for one in waves], curves, until_ns=until_ns)
    return part if said is None else replace(part, m=(said,))


def _next_ns(arrivals: Sequence[Arrival], span: Span) -> int | None:
    """When the next earthquake arrived at the station, as it was picked there."""
    own = max(arrival.pick.time_ns for arrival in arrivals)
    firsts = (min(arrival.pick.time_ns for arrival in held) for _, held in span.events)
    return min((time_ns for time_ns in firsts if time_ns > own), default=None)


def join(solutions: Sequence[Solution], parts: Iterable[tuple[str, AtStation]], settings: MagnitudeSettings) -> Sized:
    """Give every solution its network magnitudes, in whatever order the parts have come."""
    held: dict[str, list[AtStation]] = defaultdict(list)
    for name, part in parts:
        held[name].append(part)
    done, left = [], []
    for solution in solutions:
        mine = sorted(held[solution.event.event_id], key=_station)
        found = joined(solution.event, mine, settings)
        left += [(f"{solution.event.event_id} {item}", reason) for item, reason in found.left_out]
        done.append(_with(solution, found.magnitudes))
    return Sized(tuple(done), tuple(dict.fromkeys(left)))


def _station(part: AtStation) -> str:
    names = [one.trace_id for one in part.ml] + [one.magnitude.trace_id for one in part.mw]
    names += [one.station_id for one in part.m]
    return min(names, default="") or min((item for item, _ in part.left_out), default="")


def _with(solution: Solution, magnitudes: tuple[Any, ...]) -> Solution:
    notes = tuple(note for note in solution.notes if note != NO_MAGNITUDE)  # an earlier run's
    if not magnitudes:
        return replace(solution, notes=(*notes, NO_MAGNITUDE))
    first = magnitudes[0]
    event = replace(solution.event, magnitude=first.value, magnitude_type=first.kind)
    return replace(solution, event=event, magnitudes=magnitudes, notes=notes)


def _responses(stations: str, wave: Waveform) -> dict[str, Mapping[str, Any]]:
    """The responses of a waveform's channels, where there are any; what has none is told by the magnitudes."""
    found = {
        channel: _response(stations, f"{wave.station_id}.{channel}", wave.start_ns // DAY_NS * DAY_NS + DAY_NS // 2)
        or _response(stations, f"{wave.station_id}.{channel}", wave.end_ns)
        for channel in wave.channels
    }
    return {f"{wave.station_id}.{channel}": held for channel, held in found.items() if held is not None}


@lru_cache(maxsize=4096)
def _response(stations: str, seed_id: str, time_ns: int) -> Mapping[str, Any] | None:
    """The response of a channel: reading station files is slow, and they do not change within a run."""
    try:
        return responses(Path(stations), seed_id, time_ns)
    except ForeshockError:
        return None


@lru_cache(maxsize=2)
def _stations(path: str) -> Mapping[str, Station]:
    return read_stations(Path(path))


@lru_cache(maxsize=2)
def _travel(model: str) -> TravelTimes:
    return travel_times(model)
