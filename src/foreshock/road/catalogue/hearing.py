"""Hearing: one unit of an archive read and picked, by itself, by any process. Knows no manifest and no other unit.

A unit is heard with as much before and after it as can change a pick, cut at full hours as `road.stretches` cuts
everything, and keeps the picks of its own hours. So the units of a day, and the days of a year, give what the year read
in one piece would give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from foreshock.clock import NS_PER_S
from foreshock.collect.archive import Unit, read_unit
from foreshock.collect.files import FilesRead
from foreshock.collect.stations import read_stations
from foreshock.road.catalogue.manifest import Heard
from foreshock.road.finding import find
from foreshock.road.pickers import Picker, picker_of
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

MARGIN_S = 1.0
"""Read beyond what the picker needs, so that no rounding of sample times matters."""


@dataclass(frozen=True, slots=True)
class How:
    """With what units are heard, in words that travel between processes.

    Attributes:
        model: a picker's name or the path of a bundle. stations: the station file or folder.
        min_probability: picks below are left out.
    """

    model: str
    stations: str = ""
    min_probability: float = 0.0


def hear_all(units: Sequence[tuple[int, Unit]], how: How) -> list[tuple[int, Heard]]:
    """Hear units that share files, one after the other; each file is read as seldom as memory allows."""
    read = FilesRead("count")
    return [(number, hear(unit, how, read=read)) for number, unit in units]


def hear(unit: Unit, how: How, *, read: FilesRead | None = None) -> Heard:
    """Read a unit and pick on it."""
    picker = _picker(how.model)
    before_ns, after_ns = around_ns(picker)
    reading = read_unit(unit, before_ns=before_ns, after_ns=after_ns, stations=_stations(how.stations), read=read)
    waves = sorted(reading.waveforms, key=lambda wave: wave.start_ns)
    found = list(find(waves, picker, within_ns=(unit.first_ns, unit.last_ns)))
    picks = tuple(pick for one in found for pick in one.picks if pick.probability >= how.min_probability)
    reasons = [(f"{unit.name}: {one.name}", one.reason) for one in found if one.reason and not one.picks]
    heard_s = max((_inside_s(wave, unit) for wave in waves), default=0.0)
    notes = (*reading.notes, *reasons)
    return Heard(picks, tuple(reading.skipped), tuple(notes), heard_s)


def around_ns(picker: Picker) -> tuple[int, int]:
    """How much before and after a unit must be heard with it."""
    return round((picker.memory_s + MARGIN_S) * NS_PER_S), round((picker.ahead_s + MARGIN_S) * NS_PER_S)


def _inside_s(wave: Waveform, unit: Unit) -> float:
    return max(0.0, (min(wave.end_ns, unit.last_ns) - max(wave.start_ns, unit.first_ns)) / NS_PER_S)


@lru_cache(maxsize=2)
def _picker(model: str) -> Picker:
    """One picker for all units of a process."""
    path = Path(model)
    return picker_of(path if path.exists() else model)


@lru_cache(maxsize=2)
def _stations(path: str) -> Mapping[str, Station]:
    return read_stations(Path(path)) if path else {}
