"""Response: how one channel's counts follow from ground motion, as StationXML tells it. Removes nothing."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from foreshock.clock import iso_utc
from foreshock.collect.stations import epoch_of, in_si, read_inventory, station_files
from foreshock.errors import FormatError, NotFoundError, NothingMatchedError
from foreshock.units import GROUND_MOTION_ORDER

LEAST_SENSITIVITY, MOST_SENSITIVITY = 1e-9, 1e30
"""Counts per SI unit: what lies beyond is a slip of the file, and its ground motion would fit no float32."""


def responses(path: Path, seed_id: str, time_ns: int) -> dict[str, Any]:
    """Give the response of one channel at a time, as plain JSON values.

    Args:
        path: a StationXML file, or a folder of them.
        seed_id: ``NET.STA.LOC.CHA``.
        time_ns: a time the channel's epoch must hold, UTC nanoseconds.

    Returns:
        ``unit`` (SI ground motion the sensor answers to: m, m/s or m/s2); ``sensitivity`` (counts per that unit;
        negative where the polarity is reversed); ``poles`` and ``zeros`` as ``[real, imaginary]`` in rad/s;
        ``normalization`` (A0, which makes them one at their reference frequency): what `RemoveResponse` is told, and
        `RemoveSensitivity` the first two. Digital stages (FIR filters) are not in it: recorders correct their delay.

    Raises:
        NothingMatchedError: the channel is not in the file, or no epoch of it holds the time.
        FormatError: the sensitivity is zero or not a number, or its unit is no ground motion.
    """
    path = Path(path)
    files = station_files(path) if path.is_dir() else [path]
    found = [channel for file in files for channel in _channels_named(file, seed_id)]
    if not found:
        raise NothingMatchedError(f"channel {seed_id} in {path}", "it is not in the station file", "give its file")
    for channel in found:
        start_ns, end_ns = epoch_of(channel)
        if start_ns <= time_ns < end_ns:
            return _response(channel, seed_id, path)
    spans = ", ".join(f"{iso_utc(start)} to {iso_utc(end)}" for start, end in map(epoch_of, found))
    raise NothingMatchedError(
        f"channel {seed_id} at {iso_utc(time_ns)}", f"{path} knows it only from {spans}", "get the right epoch"
    )


def _channels_named(path: Path, seed_id: str) -> list[Any]:
    try:
        seen = path.stat()
    except OSError as error:
        raise NotFoundError(f"station file {path}", "there is no such file", "correct the path") from error
    return _channels_of(path, seen.st_mtime_ns, seen.st_size).get(seed_id.upper(), [])


@lru_cache(maxsize=256)
def _channels_of(path: Path, changed_ns: int, n_bytes: int) -> dict[str, list[Any]]:
    """A file's channels by id, kept while the file stays as it is: responses are asked for channel by channel."""
    found: dict[str, list[Any]] = defaultdict(list)
    for network in read_inventory(path):
        for station in network:
            for channel in station:
                key = f"{network.code}.{station.code}.{channel.location_code}.{channel.code}"
                found[key.upper()].append(channel)
    return dict(found)


def _response(channel: Any, seed_id: str, path: Path) -> dict[str, Any]:
    whose = f"response of {seed_id} in {path}"
    overall = channel.response.instrument_sensitivity if channel.response else None
    if overall is None or overall.value is None or not math.isfinite(overall.value) or overall.value == 0:
        value = None if overall is None else overall.value
        raise FormatError(whose, f"its sensitivity is {value}; it must be a number other than 0", "correct the file")
    gain, si = in_si(overall.value, overall.input_units)
    if si not in GROUND_MOTION_ORDER:
        raise FormatError(whose, f"its input unit {overall.input_units!r} is no ground motion", "correct the file")
    if not LEAST_SENSITIVITY <= abs(gain) <= MOST_SENSITIVITY:
        raise FormatError(whose, f"its sensitivity is {overall.value:g}, which is absurd", "correct the file")
    return {"unit": si, "sensitivity": gain, **_poles_and_zeros(channel.response, whose, overall.frequency)}


def _poles_and_zeros(response: Any, whose: str, holds_at_hz: float | None) -> dict[str, Any]:
    """The analogue sensor's poles and zeros in rad/s, one where the sensitivity holds; flat where none are given."""
    stages = [stage for stage in response.response_stages or [] if hasattr(stage, "poles")]
    analogue = [stage for stage in stages if not stage.pz_transfer_function_type.startswith("DIGITAL")]
    if not analogue:
        return {"poles": [], "zeros": [], "normalization": 1.0}
    poles = [_rad_s(stage, pole) for stage in analogue for pole in stage.poles]
    zeros = [_rad_s(stage, zero) for stage in analogue for zero in stage.zeros]
    if not all(math.isfinite(part) for value in poles + zeros for part in value):
        raise FormatError(whose, "a pole or zero is not a finite number", "correct the file")
    named = (holds_at_hz, analogue[0].normalization_frequency)
    at_hz = next((float(hz) for hz in named if hz and math.isfinite(hz) and hz > 0), 1.0)
    return {"poles": poles, "zeros": zeros, "normalization": normalization(poles, zeros, at_hz)}


def _rad_s(stage: Any, value: complex) -> list[float]:
    factor = 2 * math.pi if "HERTZ" in stage.pz_transfer_function_type else 1.0
    return [float(value.real) * factor, float(value.imag) * factor]


def normalization(poles: list[list[float]], zeros: list[list[float]], at_hz: float) -> float:
    """A0: what makes the magnitude of A0·Π(s−z)/Π(s−p) one at s = 2πi·f (SEED manual 2.4, appendix C).

    >>> round(normalization([[-1.0, 0.0]], [], 1 / (2 * math.pi)), 6)
    1.414214
    """
    s = 2j * math.pi * at_hz
    top = math.prod(abs(s - complex(*pole)) for pole in poles)
    bottom = math.prod(abs(s - complex(*zero)) for zero in zeros)
    return top / bottom if bottom > 0 else 1.0
