"""Preparing: recordings in, prepared recordings out, of the same kind. Knows no model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreshock.collect.datasets import write_dataset
from foreshock.collect.obspy_door import to_obspy
from foreshock.collect.stations import responses
from foreshock.errors import InputError, NothingMatchedError
from foreshock.outputs import whole_file
from foreshock.plugins import build_steps
from foreshock.prepare.step import Chain
from foreshock.road.recordings import is_dataset, notes_of, source_of
from foreshock.types.record import Record
from foreshock.types.waveform import Waveform


@dataclass
class Prepared:
    """Records passed through steps; what a step refuses is left out with its reason.

    Attributes:
        path: a data set, a waveform file or a folder.
        steps: descriptions of steps, in order (see `plugins.build_steps`).
        stations: StationXML with responses; sensitivities are divided out before the steps when it is given.
    """

    path: Path
    steps: Sequence[dict[str, Any]] = ()
    stations: Path | None = None
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def records(self) -> Iterator[Record]:
        """Give every prepared record."""
        self.skipped = []
        source = source_of(self.path, stations=self.stations)
        chain = Chain(build_steps(self.steps))
        for record in source.records():
            try:
                yield Record(chain(self._physical(record.waveform)), record.truth)
            except InputError as error:
                self.skipped.append((record.truth.trace_id or record.waveform.station_id, str(error)))
        self.skipped += source.skipped
        self.notes = list(notes_of(source))

    def _physical(self, wave: Waveform) -> Waveform:
        """Divide counts by the channels' sensitivity when a station file tells it."""
        if self.stations is None or wave.unit != "count":
            return wave
        return remove_sensitivity(wave, self.stations)


def remove_sensitivity(wave: Waveform, stations: Path) -> Waveform:
    """Turn counts into ground motion, channel by channel, by the sensitivity of the epoch.

    Raises:
        InputError: a channel has no usable sensitivity, or channels measure different things.
    """
    told = [responses(stations, f"{wave.station_id}.{code}", wave.start_ns) for code in wave.channels]
    units = {one["unit"] for one in told}
    if len(units) > 1:
        raise InputError(
            f"channels of {wave.station_id} measure {sorted(units)}",
            "one instrument measures one thing",
            "split the channels",
        )
    scale = [1.0 / one["sensitivity"] for one in told]
    data = (wave.data.T * scale).T
    return wave.with_data(data, valid=wave.valid, unit=units.pop())


def station_file(path: Path, named: Path | None) -> Path | None:
    """The station file to use: the one that is named, or the folder itself when StationXML lies in it."""
    if named is not None:
        return named
    folder = path if path.is_dir() else path.parent
    return folder if any(folder.glob("*.xml")) else None


def write_prepared(prepared: Prepared, folder: Path) -> int:
    """Write prepared records: a data set stays one, waveforms become miniSEED files.

    Raises:
        NothingMatchedError: no record could be prepared.
    """
    if is_dataset(prepared.path):
        n = write_dataset(folder / "dataset", prepared.records(), name=prepared.path.resolve().name)
    else:
        n = sum(_write_mseed(record.waveform, folder) for record in prepared.records())
    if not n:
        first = prepared.skipped[0] if prepared.skipped else (str(prepared.path), "it holds nothing")
        raise NothingMatchedError(
            f"{len(prepared.skipped)} items of {prepared.path}",
            f"none could be prepared (first: {first[0]}: {first[1]})",
            "change the steps",
        )
    return n


def _write_mseed(wave: Waveform, folder: Path) -> int:
    name = f"{wave.station_id}.{wave.channels[0][:2]}.{wave.rate_hz:g}Hz.{wave.start_ns}.mseed"
    with whole_file(folder / name) as temporary:
        to_obspy(wave).write(str(temporary), format="MSEED")
    return 1
