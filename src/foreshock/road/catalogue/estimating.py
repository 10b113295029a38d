"""Estimating: what the source bundle says of an earthquake at one station that picked it. Knows no other station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.predict.magnitude import seismometers_first
from foreshock.predict.source.estimator import SourceEstimator
from foreshock.prepare.source_input import AFTER_S
from foreshock.road.source_estimating import estimator_of
from foreshock.types.solution import Arrival
from foreshock.types.source import SourceEstimate
from foreshock.types.waveform import Waveform

Responses = Mapping[str, Mapping[str, Any]]


def estimated(
    arrivals: Sequence[Arrival], waves: Sequence[Waveform], responses: Responses, *, until_ns: int | None = None
) -> SourceEstimate | None:
    """Ask the bundle that ships about an earthquake's P at a station, sensor by sensor, until one gives a magnitude.

    Arguments:
        arrivals: the station's own. waves: the station's, about the earthquake.
        responses: by ``NET.STA.LOC.CHA``; where all of a sensor's are known counts become ground motion.
        until_ns: when the next earthquake arrives there; what comes after it is not heard.

    Returns:
        None where P was not picked; without a magnitude it says its reason.
    """
    p_ns = min((one.pick.time_ns for one in arrivals if one.phase == "P"), default=None)
    if p_ns is None or not waves:
        return None
    elapsed_s = AFTER_S if until_ns is None else max(0.0, min(AFTER_S, (until_ns - p_ns) / NS_PER_S))
    tried = [_asked(wave, p_ns, elapsed_s, responses) for wave in seismometers_first(waves) if _holds(wave, p_ns)]
    if not tried:
        return SourceEstimate(waves[0].station_id, p_ns, 0.0, reason="nothing was recorded at P")
    return next((one for one in tried if one.magnitude is not None), tried[0])


def _holds(wave: Waveform, p_ns: int) -> bool:
    return wave.start_ns <= p_ns < wave.end_ns


def _asked(wave: Waveform, p_ns: int, elapsed_s: float, responses: Responses) -> SourceEstimate:
    known = [responses.get(f"{wave.station_id}.{channel}") for channel in wave.channels]
    told = [one for one in known if one is not None] if wave.unit == "count" else []
    try:
        return _estimator().estimate(
            wave, p_ns, elapsed_s=elapsed_s, response=told if len(told) == len(wave.channels) else None
        )
    except InputError as error:
        return SourceEstimate(wave.station_id, p_ns, 0.0, reason=f"{error.value}: {error.rule}")


@lru_cache(maxsize=1)
def _estimator() -> SourceEstimator:
    """One estimator for all earthquakes of a process."""
    return estimator_of()
