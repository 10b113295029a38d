"""Network: every type of magnitude of one earthquake, from all its recordings. Knows no files and no locator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import Field

from foreshock.config import Settings
from foreshock.predict.magnitude.attenuation import Curve, curve_for, version
from foreshock.predict.magnitude.estimates import network_estimate
from foreshock.predict.magnitude.ground import Judged, Response, Trace, is_horizontal, traces_of
from foreshock.predict.magnitude.local import LocalSettings, instrument_of, station_ml
from foreshock.predict.magnitude.moment import MomentSettings, StationMoment, station_mw
from foreshock.predict.magnitude.preferred import SATURATED, preferred_first
from foreshock.predict.magnitude.together import JoiningSettings, judged, together
from foreshock.predict.magnitude.windows import Reach, reach
from foreshock.predict.travel.table import TravelTimes
from foreshock.types.event import Event
from foreshock.types.solution import Arrival, Magnitude, StationMagnitude
from foreshock.types.source import SourceEstimate
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

SEISMOMETERS_FIRST = "HLN"
"""Instrument codes in the order in which a station's sensors are asked; others come last."""


class MagnitudeSettings(Settings):
    """Settings of all magnitudes.

    Attributes:
        kinds: which, the preferred one first; but Mw goes before ML where either reaches `saturated`.
        saturated: from this magnitude on ML grows too slowly.
        default_depth_km: taken where the event has no depth.
        fewest: stations a network's value needs.
    """

    kinds: tuple[Literal["ML", "Mw", "M"], ...] = Field(default=("Mw", "ML", "M"), min_length=1)
    local: LocalSettings = Field(default_factory=LocalSettings)
    moment: MomentSettings = Field(default_factory=MomentSettings)
    saturated: float = Field(default=SATURATED, ge=0, le=10)
    default_depth_km: float = Field(default=10.0, ge=-10, le=800)
    fewest: int = Field(default=1, ge=1)


@dataclass(frozen=True, eq=False)
class Sized:
    """All sizes of an event.

    Attributes:
        magnitudes: the preferred one first (see `preferred`); a kind that nothing could be said of is not among them.
        left_out: (kind and station, reason) of what was not used, also where a whole kind is missing.
        moments: what each station's spectrum said.
    """

    magnitudes: tuple[Magnitude, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    moments: tuple[StationMoment, ...] = field(default=(), repr=False)


def sized(
    event: Event,
    arrivals: Sequence[Arrival],
    waveforms: Iterable[Waveform],
    stations: Mapping[str, Station],
    settings: MagnitudeSettings | None = None,
    *,
    responses: Mapping[str, Response] | None = None,
    travel: TravelTimes | None = None,
    estimates: Sequence[SourceEstimate] = (),
) -> Sized:
    """Give every magnitude that can be told, with what was left out and why.

    Arguments:
        waveforms: in counts or ground motion, several of a station if it has several sensors.
        stations: by ``NET.STA.LOC``. responses: by ``NET.STA.LOC.CHA``, as `collect.response.responses` gives them.
        travel: tells P and S where nobody picked them.
        estimates: what a source bundle said at single stations, for the kind ``M``.

    Raises:
        ConfigError: the settings name a curve that is not in the table.
    """
    told = settings or MagnitudeSettings()
    parts = [
        at_station(event, arrivals, waves, stations.get(name), told, responses=responses, travel=travel)
        for name, waves in sorted(_by_station(waveforms).items())
    ]
    return joined(event, parts, told, estimates=estimates)


@dataclass(frozen=True, eq=False)
class AtStation:
    """What one station says of an event's size, of each kind, and what of it was left out.

    `m` is what a source bundle said there.
    """

    ml: tuple[StationMagnitude, ...] = ()
    mw: tuple[StationMoment, ...] = ()
    m: tuple[SourceEstimate, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def at_station(
    event: Event,
    arrivals: Sequence[Arrival],
    waveforms: Sequence[Waveform | Judged],
    station: Station | None,
    settings: MagnitudeSettings | None = None,
    *,
    responses: Mapping[str, Response] | None = None,
    travel: TravelTimes | None = None,
    until_ns: int | None = None,
) -> AtStation:
    """Size an event at one station, from all its sensors; `joined` makes a network's sizes of such parts.

    Arguments:
        waveforms: all of one station; those that hold several events are best judged once for all.
        until_ns: when the next event arrives there; no swing after it and no spectrum that reaches into it counts.

    Raises:
        ConfigError: the settings name a curve that is not in the table.
    """
    told = settings or MagnitudeSettings()
    name, waves = _plain(waveforms[0]).station_id, sorted(waveforms, key=_rank)
    seen = _seen(event, arrivals, station, travel, told)
    if isinstance(seen, str) or station is None:
        return AtStation(left_out=((name, str(seen)),))
    curve = curve_for(event.latitude, event.longitude, name=told.local.curve)
    sensors, refused = _sensors(waves, seen, station, responses or {}, told)
    ml = _first_used_ml(event, sensors, seen, station, curve, told.local, name) if "ML" in told.kinds else []
    if until_ns is not None:
        ml = [_not_after(one, until_ns) for one in ml]
        sensors = [[trace.until(until_ns) for trace in traces] for traces in sensors]
    mw = _first_used_mw(sensors, seen, told.moment) if "Mw" in told.kinds else []
    left = tuple((f"{name} {channel}".rstrip(), reason) for channel, reason in refused)
    return AtStation(tuple(ml), tuple(mw), left_out=left)


def _seen(
    event: Event,
    arrivals: Sequence[Arrival],
    station: Station | None,
    travel: TravelTimes | None,
    told: MagnitudeSettings,
) -> Reach | str:
    if station is None:
        return "its station is not known"
    return reach(event, station, arrivals, travel=travel, default_depth_km=told.default_depth_km)


def _sensors(
    waves: Sequence[Waveform | Judged],
    seen: Reach,
    station: Station,
    responses: Mapping[str, Response],
    told: MagnitudeSettings,
) -> tuple[list[list[Trace]], list[tuple[str, str]]]:
    """Each sensor's usable channels about the event, and (channel, reason) of the others."""
    near = [cut for wave in waves if _plain(cut := _near(wave, seen, told)).n_samples]
    if not near:
        return [], [("", "nothing was recorded from P to after S")]
    judged = [one if isinstance(one, Judged) else Judged.of(one) for one in near]
    both = [traces_of(one, station=station, responses=responses) for one in judged]
    return [traces for traces, _ in both if traces], [one for _, refused in both for one in refused]


def _plain(wave: Waveform | Judged) -> Waveform:
    return wave.wave if isinstance(wave, Judged) else wave


def _not_after(said: StationMagnitude, time_ns: int) -> StationMagnitude:
    """What a station says, unless its swing came after another event's arrival."""
    if not said.used or all(one.time_ns < time_ns for one in said.amplitudes):
        return said
    return replace(said, used=False, reason="its largest swing came after the next event had arrived")


def joined(
    event: Event,
    parts: Sequence[AtStation],
    settings: MagnitudeSettings | None = None,
    *,
    estimates: Sequence[SourceEstimate] = (),
) -> Sized:
    """The network's sizes from what its stations say, and all that was not used.

    Raises:
        ConfigError: the settings name a curve that is not in the table.
    """
    told = settings or MagnitudeSettings()
    curve = curve_for(event.latitude, event.longitude, name=told.local.curve)
    moments = [one for part in parts for one in part.mw]
    lists: dict[str, tuple[list[StationMagnitude], JoiningSettings, str]] = {
        "ML": ([one for part in parts for one in part.ml], told.local, _ml_method(curve, told.local)),
        "Mw": ([one.magnitude for one in moments], told.moment, _mw_method(told.moment)),
    }
    left = [pair for part in parts for pair in part.left_out]
    said = [*estimates, *(one for part in parts for one in part.m)]
    left += [(f"M {one.station_id}", one.reason) for one in said if one.magnitude is None]
    found = {"M": network_estimate(said, fewest=told.fewest)}
    for kind, (held, how, method) in lists.items():
        sure = judged(held, how)
        left += [(f"{kind} {one.trace_id}", one.reason) for one in sure if not one.used]
        found[kind] = together(kind, sure, method=method, settings=how, fewest=told.fewest)
    given = [size for kind in told.kinds if (size := found.get(kind)) is not None]
    return Sized(preferred_first(given, saturated=told.saturated), tuple(left), tuple(moments))


def _ml_method(curve: Curve, settings: LocalSettings) -> str:
    instrument = instrument_of(curve, settings)
    return (
        f"{curve.name} (curves {version()}), Wood-Anderson {instrument.static_magnification:g} "
        f"damping {instrument.damping:g}, {settings.measure}, mean of horizontals, median of stations"
    )


def _mw_method(settings: MomentSettings) -> str:
    return f"omega-square spectra of {settings.phase}, Q = {settings.q0:g} f^{settings.eta:g}, median of stations"


def _by_station(waveforms: Iterable[Waveform]) -> dict[str, list[Waveform]]:
    """Waveforms of each station."""
    grouped: dict[str, list[Waveform]] = defaultdict(list)
    for wave in waveforms:
        grouped[wave.station_id].append(wave)
    return grouped


def _near(held: Waveform | Judged, seen: Reach, told: MagnitudeSettings) -> Waveform | Judged:
    """What of a record can count: long records cost no more than short ones."""
    before_s = (
        10
        + told.moment.longest_s
        + max(told.local.noise_s + 4 / told.local.low_hz, told.moment.noise_s + 2 / told.moment.low_hz)
    )
    slow_s = seen.hypocentral_km / told.local.slowest_km_s
    after_s = before_s + max(slow_s, told.local.after_s_s)
    wave = _plain(held)
    first, last = wave.sample_at(seen.p_ns), wave.sample_at(seen.s_ns)
    return held.cut(round(first - before_s * wave.rate_hz), max(0, round(last + after_s * wave.rate_hz)))


def seismometers_first(waves: Iterable[Waveform]) -> list[Waveform]:
    """A station's sensors in the order in which they are asked."""
    return sorted(waves, key=_rank)


def _rank(held: Waveform | Judged) -> tuple[int, float, int, tuple[str, ...]]:
    """Seismometers before accelerometers, fast before slow ones."""
    wave = _plain(held)
    kind = wave.channels[0][1:2].upper() if len(wave.channels[0]) > 1 else ""
    place = SEISMOMETERS_FIRST.find(kind) if kind else len(SEISMOMETERS_FIRST)
    return (place if place >= 0 else len(SEISMOMETERS_FIRST), -wave.rate_hz, wave.start_ns, wave.channels)


def _first_used_ml(
    event: Event,
    sensors: list[list[Trace]],
    seen: Reach,
    station: Station,
    curve: Curve,
    settings: LocalSettings,
    name: str,
) -> list[StationMagnitude]:
    """The station's ML by its first sensor that gives one; else why the first gives none."""
    tried = []
    for traces in sensors:
        level = sorted((one for one in traces if is_horizontal(one, station)), key=lambda one: one.channel)
        if not level:
            tried.append(StationMagnitude(name, 0.0, used=False, reason="it has no horizontal component"))
            continue
        tried.append(station_ml(event, level, seen, curve=curve, settings=settings))
        if tried[-1].used:
            return tried[-1:]
    return tried[:1]


def _first_used_mw(sensors: list[list[Trace]], seen: Reach, settings: MomentSettings) -> list[StationMoment]:
    tried = []
    for traces in sensors:
        tried.append(station_mw(sorted(traces, key=lambda one: one.channel), seen, settings=settings))
        if tried[-1].magnitude.used:
            return tried[-1:]
    return tried[:1]
