"""Solution: an earthquake with all that its place and size rest on. Knows neither how it was found nor any file."""

from __future__ import annotations

import math
from dataclasses import dataclass

from foreshock.errors import InputError
from foreshock.types.event import Event
from foreshock.types.pick import Pick

NO_MECHANISM = "no mechanism: "
"""How a note begins that says why."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A pick taken for a phase of an earthquake.

    Attributes:
        phase: what it was taken for, ``P`` or ``S``.
        distance_km, azimuth_deg: from the epicentre to the station.
        residual_s: observed minus predicted.
        weight: what it counted in the location, 0..1.
    """

    pick: Pick
    phase: str
    distance_km: float
    azimuth_deg: float
    residual_s: float
    weight: float

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= 1:
            raise InputError(
                f"weight of {self.phase} at {self.pick.trace_id} is {self.weight}", "it lies in 0..1", "correct it"
            )


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How well a hypocentre is known; None where it was not found but given.

    Attributes:
        major_km, minor_km, azimuth_deg: half axes of the 68 % ellipse in the plane, and the major one's direction.
        depth_km, time_s: standard deviations.
        gap_deg: widest angle without a station. rms_s: weighted root mean square of the residuals.
        quality: A (best) to D.
    """

    major_km: float
    minor_km: float
    azimuth_deg: float
    time_s: float
    gap_deg: float
    rms_s: float
    quality: str
    depth_km: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.minor_km <= self.major_km:
            raise InputError(
                f"half axes are {self.major_km} and {self.minor_km} km", "the major comes first", "exchange them"
            )


@dataclass(frozen=True, slots=True)
class Amplitude:
    """What was measured on one channel.

    Attributes:
        channel: the code as it came (``HHN``).
        kind: ``WA`` (half peak to peak on a Wood-Anderson seismograph, mm), ``Omega0`` (long-period level of the
            displacement spectrum, m s).
        time_ns: of the largest swing. period_s: of that swing; None where it has none.
        snr: its ratio to the noise before P; None where nobody looked.
    """

    trace_id: str
    channel: str
    kind: str
    value: float
    unit: str
    time_ns: int
    period_s: float | None = None
    snr: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and self.value >= 0):
            raise InputError(
                f"amplitude at {self.trace_id} is {self.value} {self.unit}", "it is finite and not negative", "drop it"
            )


@dataclass(frozen=True, slots=True)
class StationMagnitude:
    """What one station says of the size.

    Attributes:
        value: with the station's correction in it. correction: that term; 0 where none is known.
        used: whether the network's value rests on it; if not, `reason` says why.
    """

    trace_id: str
    value: float
    amplitudes: tuple[Amplitude, ...] = ()
    correction: float = 0.0
    used: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Magnitude:
    """A size of one type, from many stations.

    Attributes:
        kind: the type, always named: ``ML``, ``Mw``, or the network's own ``M``.
        value: the network's. uncertainty: its standard deviation; None where nobody can say.
        n_stations: that it rests on. method: the law or the bundle and its version.
    """

    kind: str
    value: float
    uncertainty: float | None
    n_stations: int
    method: str
    stations: tuple[StationMagnitude, ...] = ()

    def __post_init__(self) -> None:
        if not self.kind or not -5 <= self.value <= 10:
            raise InputError(
                f"magnitude is {self.kind!r} {self.value}", "it has a type and lies in -5..10", "correct it"
            )


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A double couple, one of its two planes, with how far it may be turned and on how many polarities it rests."""

    strike_deg: float
    dip_deg: float
    rake_deg: float
    uncertainty_deg: float
    n_polarities: int
    misfit: float

    @property
    def other_plane(self) -> tuple[float, float, float]:
        """Strike, dip and rake of the second plane: the slip vector of one is the normal of the other.

        Aki & Richards, Quantitative Seismology, 2nd ed. 2002, section 4.5.

        >>> [round(angle, 6) for angle in Mechanism(0.0, 90.0, 0.0, 10.0, 9, 0.0).other_plane]
        [270.0, 90.0, 180.0]
        """
        strike, dip, rake = (math.radians(angle) for angle in (self.strike_deg, self.dip_deg, self.rake_deg))
        normal = (-math.sin(dip) * math.sin(strike), math.sin(dip) * math.cos(strike), -math.cos(dip))
        slip = (
            math.cos(rake) * math.cos(strike) + math.cos(dip) * math.sin(rake) * math.sin(strike),
            math.cos(rake) * math.sin(strike) - math.cos(dip) * math.sin(rake) * math.cos(strike),
            -math.sin(rake) * math.sin(dip),
        )
        if slip[2] > 1e-12:  # the normal of a plane points up
            slip, normal = tuple(-x for x in slip), tuple(-x for x in normal)  # type: ignore[assignment]
        new_dip = math.acos(min(1.0, max(-1.0, -slip[2])))
        new_strike = math.atan2(-slip[0], slip[1])
        along = normal[0] * math.cos(new_strike) + normal[1] * math.sin(new_strike)
        down = normal[0] * math.sin(new_strike) - normal[1] * math.cos(new_strike)
        sin_rake = -normal[2] / math.sin(new_dip) if math.sin(new_dip) > 1e-6 else down
        return math.degrees(new_strike) % 360.0, math.degrees(new_dip), math.degrees(math.atan2(sin_rake, along))


@dataclass(frozen=True, slots=True)
class Solution:
    """One earthquake, solved.

    Attributes:
        event: where, when and the preferred size.
        arrivals: in order of time. magnitudes: of every type, the preferred one first.
        depth_fixed: whether the depth was given or assumed. model: name of the velocity model.
        mechanism: None where there is none; the notes say why.
        notes: what was left out, repaired or assumed.
    """

    event: Event
    arrivals: tuple[Arrival, ...] = ()
    uncertainty: Uncertainty | None = None
    depth_fixed: bool = False
    model: str = ""
    magnitudes: tuple[Magnitude, ...] = ()
    mechanism: Mechanism | None = None
    notes: tuple[str, ...] = ()

    @property
    def no_mechanism(self) -> str:
        """Why there is no mechanism, as a note says; empty where there is one, or where nobody has looked for one."""
        return next((note.removeprefix(NO_MECHANISM) for note in self.notes if note.startswith(NO_MECHANISM)), "")
