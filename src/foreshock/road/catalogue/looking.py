"""Looking: the recordings of the largest earthquakes read once more, for their pictures. Knows nothing of drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.collect.archive import Unit, read_unit
from foreshock.errors import ForeshockError
from foreshock.evaluate.report.catalogue.noun import Heard, Seen, Trace
from foreshock.geo import inverse
from foreshock.predict.pick.network import NetworkPicker
from foreshock.predict.travel import TravelTimes
from foreshock.predict.travel.named import travel_times
from foreshock.road.pickers import Picker
from foreshock.types.solution import Solution
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

MOST_EVENTS = 3
MOST_STATIONS = 16
MOST_BYTES = 1_500_000_000
"""About what is read at most for all pictures together: they must not cost more than the catalogue."""
BEFORE_S, AFTER_S = 60.0, 60.0
"""Read before the origin, so that filters and the picker have their past, and after the last arrival."""
SHOWN_S = (10.0, 20.0)
"""Of a recording with curves: before the first pick and after the last."""
PHASES = ("P", "S")


def look_again(
    solutions: Iterable[Solution], units: Sequence[Unit], stations: Mapping[str, Station], *, model: str, picker: Picker
) -> tuple[Seen, ...]:
    """Read the recordings of the largest earthquakes at the nearest stations that were heard, picked there or not."""
    sized = [one for one in solutions if one.event.magnitude is not None]
    largest = sorted(sized, key=lambda one: (-(one.event.magnitude or 0.0), one.event.time_ns))[:MOST_EVENTS]
    travel, left, found = travel_times(model), MOST_BYTES, []
    for solution in largest:
        near = _nearest(solution, units, stations)
        traces: list[Trace] = []
        for unit, distance_km in near:
            left -= unit.n_bytes
            if left >= 0:
                traces += _trace(solution, unit, distance_km, stations, travel)
        found.append(Seen(_name(solution), solution.event.time_ns, traces, _heard(traces, picker)))
    return tuple(found)


def _name(solution: Solution) -> str:
    event = solution.event
    return f"{event.magnitude_type} {event.magnitude:.1f}, {iso_utc(event.time_ns)[:19]}"


def _nearest(solution: Solution, units: Iterable[Unit], stations: Mapping[str, Station]) -> list[tuple[Unit, float]]:
    """One instrument of each of the nearest stations that was heard when the earthquake came."""
    event, held = solution.event, dict[str, Unit]()
    for unit in sorted(units, key=lambda one: one.prefix):
        if unit.first_ns <= event.time_ns < unit.last_ns and unit.station_id in stations:
            held.setdefault(unit.station_id, unit)
    if not held:
        return []
    places = [stations[name] for name in held]
    km = inverse(event.latitude, event.longitude, [one.latitude for one in places], [one.longitude for one in places])[
        0
    ]
    ordered = sorted(zip(held.values(), km.tolist(), strict=True), key=lambda pair: (pair[1], pair[0].station_id))
    return ordered[:MOST_STATIONS]


def _trace(
    solution: Solution, unit: Unit, distance_km: float, stations: Mapping[str, Station], travel: TravelTimes
) -> list[Trace]:
    """The recording with its times; nothing where it cannot be read any more, or holds nothing then."""
    own = [one for one in solution.arrivals if one.pick.trace_id == unit.station_id]
    picked = [(one.phase, one.pick.time_ns) for one in own]
    located = {one.phase: one.pick.time_ns - round(one.residual_s * NS_PER_S) for one in own}
    predicted = list((_modelled(solution, distance_km, travel) | located).items())
    origin_ns = solution.event.time_ns
    last_ns = max(time_ns for _, time_ns in [*picked, *predicted, ("", origin_ns)])
    span = (origin_ns - round(BEFORE_S * NS_PER_S), last_ns + round(AFTER_S * NS_PER_S))
    part = Unit(unit.station_id, unit.prefix, *span, unit.files, unit.n_bytes)
    try:
        waves = read_unit(part, stations=stations).waveforms
    except ForeshockError:
        return []
    whole = max(waves, key=lambda wave: wave.n_samples, default=None)
    return [] if whole is None else [Trace(whole, distance_km, picked, predicted)]


def _modelled(solution: Solution, distance_km: float, travel: TravelTimes) -> dict[str, int]:
    """When P and S come to sea level under a station, where the model knows."""
    if solution.event.depth_km is None:
        return {}
    found = {}
    for phase in PHASES:
        after_s = float(travel.time_s(phase, np.array([distance_km]), np.array([solution.event.depth_km]))[0])
        if np.isfinite(after_s):
            found[phase] = solution.event.time_ns + round(after_s * NS_PER_S)
    return found


def _heard(traces: Sequence[Trace], picker: Picker) -> list[Heard]:
    """What the picker thinks along the nearest recording with a pick; nothing of pickers without such curves."""
    near = next((trace for trace in traces if trace.picked), None)
    if near is None or not isinstance(picker, NetworkPicker):
        return []
    try:
        said = picker.curves(near.wave)
    except ForeshockError:
        return []
    times = [time_ns for _, time_ns in near.picked]
    first_ns, last_ns = min(times) - round(SHOWN_S[0] * NS_PER_S), max(times) + round(SHOWN_S[1] * NS_PER_S)
    frame_ns = NS_PER_S / said.rate_hz
    first, last = (max(0, round((time_ns - said.time_ns(0)) / frame_ns)) for time_ns in (first_ns, last_ns))
    curves = {phase: said.of(phase)[first:last] for phase in PHASES if phase in said.classes}
    shown = _between(near.wave, first_ns, last_ns)
    return [Heard(shown, curves, said.time_ns(first), said.rate_hz, near.picked)]


def _between(wave: Waveform, first_ns: int, last_ns: int) -> Waveform:
    return wave.cut(round(wave.sample_at(first_ns)), round(wave.sample_at(last_ns)))
