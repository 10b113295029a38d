"""Solving: picks to earthquakes, associated, located and with mechanisms. Knows no waveforms and no files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from foreshock.clock import iso_utc
from foreshock.errors import InputError
from foreshock.geo import inverse
from foreshock.predict.associate import Associated, AssociateSettings, Unused
from foreshock.predict.associate import associate as associate_all
from foreshock.predict.locate.locator import Locator
from foreshock.predict.locate.origin import Origin, Unlocated
from foreshock.predict.locate.settings import LocateSettings
from foreshock.predict.mechanism import MechanismSettings, NoMechanism, mechanism
from foreshock.predict.travel import TravelTimes
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import NO_MECHANISM, Arrival, Mechanism, Solution, Uncertainty
from foreshock.types.station import Station

OURS = re.compile(r"fs\d{8}T\d{1,8}(-\d+)?")
"""Names of earthquakes that have none from elsewhere: their times."""


@dataclass(frozen=True)
class Solved:
    """Earthquakes in order of time, the picks that belong to none with the reason, and notes on stations."""

    solutions: tuple[Solution, ...]
    unused: tuple[Unused, ...]
    notes: tuple[tuple[str, str], ...]


def solve(
    picks: Iterable[Pick],
    stations: Mapping[str, Station],
    travel: TravelTimes,
    *,
    model: str,
    associate: AssociateSettings | None = None,
    locate: LocateSettings | None = None,
    motions: MechanismSettings | None = None,
) -> Solved:
    """Associate picks, locate every earthquake, and say how its fault slipped where first motions tell.

    Arguments:
        stations: by ``NET.STA.LOC``. model: what the travel times are called in the catalogue.

    Raises:
        InputError: no station can be used.
    """
    found = associated(picks, stations, travel, model=model, settings=associate)
    placed = located(found.solutions, stations, travel, model=model, settings=locate, motions=motions)
    return replace(found, solutions=placed)


def associated(
    picks: Iterable[Pick],
    stations: Mapping[str, Station],
    travel: TravelTimes,
    *,
    model: str,
    settings: AssociateSettings | None = None,
) -> Solved:
    """Associate picks: earthquakes where the associator has them, without any uncertainty.

    Raises:
        InputError: no station can be used.
    """
    found = associate_all(picks, stations, travel, settings=settings)
    solutions = [_preliminary(one, stations, model=model) for one in found.events]
    return Solved(_named(solutions), found.unused, found.notes)


def located(
    solutions: Iterable[Solution],
    stations: Mapping[str, Station],
    travel: TravelTimes,
    *,
    model: str,
    settings: LocateSettings | None = None,
    motions: MechanismSettings | None = None,
) -> tuple[Solution, ...]:
    """Locate every earthquake anew from its arrivals; what cannot be located stays where it is, with the reason.

    What is located gets the mechanism that its first motions tell, or a note that says why there is none.

    Names stay, if there are any that are not the time's own; sizes are those of another place and are left out.
    """
    locator = _locator(stations, travel, settings)
    placed = (_located(one, locator, model=model) for one in solutions)
    return _named([_slipped(one, travel, motions) for one in placed])


def _locator(stations: Mapping[str, Station], travel: TravelTimes, told: LocateSettings | None) -> Locator | None:
    """The locator; None where the network is too small for one."""
    settings = told or LocateSettings(deepest_km=min(50.0, travel.max_depth_km))
    try:
        return Locator(stations, travel, settings)
    except InputError:
        if len(stations) >= 3:
            raise
        return None


def _located(given: Solution, locator: Locator | None, *, model: str) -> Solution:
    taken = {(one.pick.trace_id, one.phase): one.pick for one in given.arrivals}
    asked = [replace(pick, phase=phase) for (_, phase), pick in taken.items()]
    origin = locator.locate(asked) if locator else Unlocated("fewer than 3 stations")
    if isinstance(origin, Unlocated):
        notes = (f"{origin}: the place is as it was", *origin.notes)
        return replace(given, notes=notes, uncertainty=None, depth_fixed=True)
    event = Event(given.event.event_id, origin.time_ns, origin.latitude, origin.longitude, depth_km=origin.depth_km)
    arrivals = tuple(
        Arrival(
            taken[one.trace_id, one.phase],
            one.phase,
            one.distance_km,
            one.azimuth_deg,
            one.residual_s,
            min(1.0, max(0.0, one.weight)),
        )
        for one in origin.residuals
    )
    return Solution(
        event,
        tuple(sorted(arrivals, key=_by_time)),
        _uncertainty(origin),
        depth_fixed=origin.depth_fixed,
        model=model,
        notes=origin.notes,
    )


def _slipped(solution: Solution, travel: TravelTimes, told: MechanismSettings | None) -> Solution:
    """The same with its mechanism, or with the reason why it has none."""
    if solution.uncertainty is None:
        found: Mechanism | NoMechanism = NoMechanism("the earthquake is not located")
    else:
        found = mechanism(solution.event, solution.arrivals, travel, told)
    if isinstance(found, NoMechanism):
        return replace(solution, mechanism=None, notes=(*solution.notes, f"{NO_MECHANISM}{found.reason}"))
    return replace(solution, mechanism=found)


def _uncertainty(origin: Origin) -> Uncertainty:
    major, minor = origin.ellipse_km
    return Uncertainty(
        major,
        minor,
        origin.ellipse_azimuth_deg,
        origin.time_error_s,
        origin.azimuthal_gap_deg,
        origin.rms_s,
        origin.quality,
        None if origin.depth_fixed else origin.depth_error_km,
    )


def _preliminary(found: Associated, stations: Mapping[str, Station], *, model: str) -> Solution:
    """An earthquake where the associator has it."""
    arrivals = []
    for used in found.picks:
        station = stations[used.pick.trace_id]
        km, azimuth, _ = inverse(found.event.latitude, found.event.longitude, station.latitude, station.longitude)
        arrivals.append(Arrival(used.pick, used.phase, float(km), float(azimuth), used.residual_s, 1.0))
    event = replace(found.event, event_id="")
    notes = ("associated, not located",)
    return Solution(event, tuple(sorted(arrivals, key=_by_time)), depth_fixed=True, model=model, notes=notes)


def _by_time(arrival: Arrival) -> tuple[int, str, str]:
    return arrival.pick.time_ns, arrival.pick.trace_id, arrival.phase


def _named(solutions: Sequence[Solution]) -> tuple[Solution, ...]:
    """Earthquakes in order of time, each called after it, unless it has a name of its own.

    Those of one hundredth of a second are told apart.
    """
    ordered = sorted(solutions, key=lambda one: (one.event.time_ns, one.event.latitude, one.event.longitude))
    taken: dict[str, int] = {}
    named = []
    for one in ordered:
        name = one.event.event_id
        if not name or OURS.fullmatch(name):
            name = "fs" + "".join(letter for letter in iso_utc(one.event.time_ns)[:22] if letter.isalnum())
        taken[name] = taken.get(name, 0) + 1
        last = f"-{taken[name]}" if taken[name] > 1 else ""
        named.append(replace(one, event=replace(one.event, event_id=name + last)))
    return tuple(named)
