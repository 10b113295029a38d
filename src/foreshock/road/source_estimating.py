"""Source estimating: a bundle asked about recordings whose P is given or found. Knows no network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foreshock.bundle import Bundle, find_bundle, read_bundle, shipped
from foreshock.clock import utc_ns
from foreshock.collect.obspy_door import reading_from_obspy
from foreshock.collect.response import responses
from foreshock.errors import ForeshockError, InputError
from foreshock.predict.source.estimator import SourceEstimator
from foreshock.prepare.source_input import AFTER_S
from foreshock.road.pickers import AnyPicker
from foreshock.road.picking import pick
from foreshock.types.pick import Pick
from foreshock.types.source import SourceEstimate
from foreshock.types.waveform import Waveform

AnySource = SourceEstimator | Bundle | Path | str | None


def estimator_of(model: AnySource = None) -> SourceEstimator:
    """Give the estimator that is meant; nothing means the one that ships.

    Raises:
        NotFoundError, BundleError: the bundle is not there, cannot be read, or estimates no source.
    """
    if isinstance(model, SourceEstimator):
        return model
    if isinstance(model, Bundle):
        return SourceEstimator(model)
    if model is None:
        return SourceEstimator(shipped("source"))
    return SourceEstimator(read_bundle(find_bundle(Path(model))))


def estimate_source(
    wave: Any,
    p: Pick | int | str | None = None,
    *,
    model: AnySource = None,
    elapsed_s: float = AFTER_S,
    stations: Path | str | None = None,
    picker: AnyPicker = None,
) -> SourceEstimate:
    """Estimate magnitude, epicentral distance and back azimuth from one three-component station.

    Args:
        wave: a `Waveform`, or an ObsPy stream of one instrument.
        p: the P arrival: a `Pick`, UTC nanoseconds or UTC text; found with `picker` if not given.
        model: a bundle or its path; the one that ships where none is named.
        elapsed_s: use the data up to so many seconds after P, 1 to 30.
        stations: StationXML, a file or a folder; with it counts become ground motion.

    Returns:
        An estimate; without numbers it says its `reason`.

    Raises:
        InputError: it is no recording of one instrument, or its StationXML does not fit.
        ConfigError, NotFoundError, BundleError: the model or the picker cannot be used.
    """
    asked, one = estimator_of(model), _one(wave)
    if p is None:
        found = [held for held in pick(one, picker) if held.phase == "P"]
        if not found:
            return SourceEstimate(one.station_id, one.start_ns, 0.0, reason="no P was found on the record")
        p = found[0]
    at = utc_ns(p) if isinstance(p, str) else p
    told = None if stations is None or one.unit != "count" else responses_of(one, Path(stations))
    return asked.estimate(one, at, elapsed_s=elapsed_s, response=told)


def responses_of(wave: Waveform, stations: Path) -> list[Mapping[str, Any]]:
    """The response of each row of a waveform.

    Raises:
        InputError: a channel's response is not there or cannot be used.
    """
    try:
        return [responses(stations, f"{wave.station_id}.{code}", wave.start_ns) for code in wave.channels]
    except InputError:
        raise
    except ForeshockError as error:
        raise InputError(error.value, error.rule, error.remedy) from error


def _one(wave: Any) -> Waveform:
    if isinstance(wave, Waveform):
        return wave
    if not hasattr(wave, "traces"):
        raise InputError(
            f"{type(wave).__name__} {str(wave)[:60]!r}",
            "a source is estimated from a Waveform or an ObsPy Stream",
            "read files with foreshock.read",
        )
    waves = reading_from_obspy(wave).waveforms
    if len(waves) != 1:
        raise InputError(
            f"{len(waves)} recordings in one stream", "an estimate is from one instrument", "select one station"
        )
    return waves[0]
