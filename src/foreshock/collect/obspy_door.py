"""The ObsPy door: streams in, waveforms out, and back. Knows no files; repairs are told in `assemble`.

K-NET and KiK-net traces carry their gain (``calib``, m/s2 per count): they come out in m/s2. ObsPy has already
turned their Japanese time into UTC and taken off the recorder's 15 s of delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from obspy import Stream, Trace, UTCDateTime

from foreshock.collect.assemble import EXACT_FLOAT32, Piece, Reading, assemble, snapped_hz
from foreshock.collect.stations import stations_of
from foreshock.errors import InputError, NothingMatchedError
from foreshock.types.arrays import AnyArray, Bools
from foreshock.types.waveform import Waveform

AnyStream: TypeAlias = Any
"""An ``obspy.Stream`` (or any iterable of traces); ObsPy has no annotations."""


def from_obspy(
    stream: AnyStream, *, inventory: Any = None, unit: str = "count", assume_north_east: bool = False
) -> list[Waveform]:
    """Turn an ObsPy stream into waveforms, one an instrument and unbroken run (see `reading_from_obspy`).

    Args:
        stream: an ``obspy.Stream``; masked samples become invalid.
        inventory: an ``obspy.Inventory``, or stations by ``NET.STA.LOC``, for the directions of the sensors.
        unit: what the samples are where the stream does not say.
        assume_north_east: take rows 1 and 2 as N and E, 3 as Z, where no station file tells.

    Raises:
        NothingMatchedError: no trace can be used; the first reason is told.

    >>> from obspy import read
    >>> from_obspy(read())[0].components
    'ZNE'
    """
    reading = reading_from_obspy(stream, inventory=inventory, unit=unit, assume_north_east=assume_north_east)
    if not reading.waveforms:
        item, reason = reading.skipped[0] if reading.skipped else ("stream", "it holds no trace")
        raise NothingMatchedError(item, reason, "give traces with samples")
    return reading.waveforms


def reading_from_obspy(
    stream: AnyStream, *, inventory: Any = None, unit: str = "count", assume_north_east: bool = False
) -> Reading:
    """Turn an ObsPy stream into waveforms, with what was left out and what was repaired."""
    stations = inventory if inventory is None or isinstance(inventory, Mapping) else stations_of(inventory)
    pieces = [piece_of(trace, unit=unit) for trace in stream]
    return assemble(pieces, stations=stations, assume_north_east=assume_north_east)


def piece_of(trace: Any, *, unit: str = "count", headers_only: bool = False) -> Piece:
    """Turn one ObsPy trace into a piece (of an instrument's record), without samples for `headers_only`."""
    stats = trace.stats
    return Piece(
        network=str(stats.network).strip(),
        station=str(stats.station).strip(),
        location=str(stats.location).strip(),
        channel=str(stats.channel).strip(),
        start_ns=int(stats.starttime.ns),
        rate_hz=snapped_hz(float(stats.sampling_rate)),
        n_samples=int(stats.npts) if headers_only else len(trace.data),
        samples=None if headers_only else _scaled(trace.data, stats),
        unit=_unit(stats, unit),
    )


def _unit(stats: Any, otherwise: str) -> str:
    if "knet" in stats:
        return "m/s2"
    return str(stats.get("foreshock_unit", otherwise))


def _scaled(samples: AnyArray, stats: Any) -> AnyArray:
    return samples * float(stats.calib) if "knet" in stats else samples


def true_spans(flags: Bools) -> list[tuple[int, int]]:
    """First and one past the last index of every unbroken row of True.

    >>> true_spans(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def to_obspy(waveform: Waveform) -> AnyStream:
    """Turn a waveform into an ObsPy stream: a trace for every unbroken span of every row, its unit in the stats.

    Counts that are whole numbers become int32 (so that miniSEED can pack them); everything else float32.

    Raises:
        InputError: the station's id is not ``NET.STA.LOC``.

    >>> from obspy import read
    >>> len(to_obspy(from_obspy(read())[0]))
    3
    """
    parts = waveform.station_id.split(".")
    if len(parts) != 3:
        raise InputError(f"station id {waveform.station_id!r}", "it must be NET.STA.LOC", "write 'XX.DEMO.'")
    stream = Stream()
    for code, row, valid in zip(waveform.channels, waveform.data, waveform.valid, strict=True):
        samples = _packed(row, waveform.unit)
        for first, last in true_spans(valid):
            stream.append(Trace(samples[first:last], _header(waveform, parts, code, first)))
    return stream


def _packed(row: AnyArray, unit: str) -> AnyArray:
    whole = unit == "count" and np.array_equal(row, np.rint(row)) and np.abs(row).max(initial=0) <= EXACT_FLOAT32
    return np.array(row, np.int32 if whole else np.float32)


def _header(waveform: Waveform, parts: list[str], code: str, first: int) -> dict[str, Any]:
    return {
        "network": parts[0],
        "station": parts[1],
        "location": parts[2],
        "channel": code,
        "sampling_rate": waveform.rate_hz,
        "starttime": UTCDateTime(ns=waveform.time_ns(first)),
        "foreshock_unit": waveform.unit,
    }
