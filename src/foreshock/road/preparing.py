"""Preparing: recordings in, prepared recordings out, of the same kind. Knows no model."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreshock.collect.channels import promised_unit
from foreshock.collect.datasets import write_dataset
from foreshock.collect.obspy_door import to_obspy
from foreshock.collect.response import responses
from foreshock.errors import InputError
from foreshock.outputs import write_bytes
from foreshock.plugins import build_steps
from foreshock.prepare.step import Chain
from foreshock.road.recordings import at_least_one, is_dataset, name_of, notes_of, source_of
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
    doubts: list[tuple[str, str]] = field(default_factory=list, init=False, repr=False)

    def records(self) -> Iterator[Record]:
        """Give every prepared record."""
        self.skipped, self.doubts = [], []
        source = source_of(self.path, stations=self.stations)
        chain = Chain(build_steps(self.steps))
        for record in source.records():
            try:
                yield Record(chain(self._physical(record.waveform)), record.truth)
            except InputError as error:
                self.skipped.append((record.truth.trace_id or record.waveform.station_id, str(error)))
        self.skipped += source.skipped
        self.notes = [*notes_of(source), *dict.fromkeys(self.doubts)]

    def _physical(self, wave: Waveform) -> Waveform:
        """Divide counts by the channels' sensitivity when a station file tells it."""
        if self.stations is None or wave.unit != "count":
            return wave
        moved = remove_sensitivity(wave, self.stations)
        promised = {promised_unit(code) for code in wave.channels} - {None, moved.unit}
        if promised:
            told = f"the station file says {moved.unit}; channel codes like {wave.channels[0]} promise {promised.pop()}"
            self.doubts.append((wave.station_id, f"{told}: amplitudes are only right if the file is"))
        return moved


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


def write_prepared(prepared: Prepared, folder: Path) -> int:
    """Write prepared records: a data set stays one, waveforms become miniSEED files.

    Raises:
        NothingMatchedError: no record could be prepared.
    """
    if is_dataset(prepared.path):
        return write_dataset(folder / "dataset", at_least_one(prepared, prepared.path), name=name_of(prepared.path))
    return sum(_write_mseed(record.waveform, folder) for record in at_least_one(prepared, prepared.path))


def _write_mseed(wave: Waveform, folder: Path) -> int:
    name = f"{wave.station_id}.{wave.channels[0][:2]}.{wave.rate_hz:g}Hz.{wave.start_ns}.mseed"
    content = io.BytesIO()  # ObsPy's own writer passes a full disk over in silence
    to_obspy(wave).write(content, format="MSEED")
    write_bytes(folder / name, content.getvalue())
    return 1
