"""Instrument responses beside the samples they belong to: epochs and sensitivities. Removes no response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from obspy import Inventory

from foreshock.clock import NS_PER_S
from foreshock.collect.channels import promised_unit
from foreshock.collect.check.defects import Tally
from foreshock.collect.response import LEAST_SENSITIVITY, MOST_SENSITIVITY
from foreshock.collect.stations import ground_unit, read_inventory
from foreshock.errors import ForeshockError, UnitError
from foreshock.units import unit as known_unit

_FOREVER_NS = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch of one channel: from when to when, its sensitivity (0 where not told) and the unit of ground motion."""

    start_ns: int
    end_ns: int
    sensitivity: float
    unit: str


class Responses:
    """The epochs of every channel that the station files know.

    Attributes:
        notes: station files that could not be read.
    """

    def __init__(self, epochs: dict[str, list[Epoch]], notes: tuple[str, ...] = ()) -> None:
        self._epochs = epochs
        self.notes = notes

    @classmethod
    def read(cls, files: Sequence[Path]) -> Self:
        """Read StationXML files; those that are none are named in `notes`."""
        epochs: dict[str, list[Epoch]] = {}
        notes: list[str] = []
        for file in files:
            try:
                inventory = read_inventory(file)
            except ForeshockError as error:
                notes.append(f"{file.name} is no station file ({error.rule})")
                continue
            _collect(inventory, epochs)
        return cls(epochs, tuple(notes))

    def check(self, spans: Sequence[tuple[str, int, int]], tally: Tally) -> None:
        """Add channels without response, spans without epoch and epochs without sensitivity, where there is a file."""
        if not self._epochs:
            return
        names = sorted({name for name, _, _ in spans})
        tally.add("RESPONSE_MISSING", [name for name in names if name not in self._epochs], total=len(names))
        for name, start_ns, end_ns in spans:
            held = self._epochs.get(name)
            if held is None:
                continue
            fitting = [epoch for epoch in held if epoch.start_ns <= start_ns and end_ns <= epoch.end_ns]
            if not fitting:
                tally.add("RESPONSE_EPOCH", [name])
            elif not fitting[0].sensitivity:
                tally.add("ZERO_SENSITIVITY", [name])
            elif unlike := _unlike(name, fitting[0].unit):
                tally.add("RESPONSE_UNIT", [f"{name} ({unlike})"])

    def sensitivity(self, name: str, time_ns: int) -> tuple[float, str]:
        """Give the counts per SI unit and that unit; ``(1, "count")`` where they are not known."""
        for epoch in self._epochs.get(name, ()):
            if epoch.start_ns <= time_ns <= epoch.end_ns and epoch.sensitivity:
                try:
                    unit = known_unit(epoch.unit)
                except UnitError:
                    break
                return epoch.sensitivity / unit.factor, unit.si
        return 1.0, "count"


def _collect(inventory: Inventory, epochs: dict[str, list[Epoch]]) -> None:
    for network in inventory:
        for station in network:
            for channel in station:
                name = f"{network.code}.{station.code}.{channel.location_code}.{channel.code}"
                start = channel.start_date or station.start_date
                end = channel.end_date or station.end_date
                told = channel.response.instrument_sensitivity if channel.response is not None else None
                epochs.setdefault(name, []).append(
                    Epoch(
                        int(start.ns) if start is not None else -_FOREVER_NS,
                        int(end.ns) + NS_PER_S if end is not None else _FOREVER_NS,
                        _usable(told.value) if told is not None else 0.0,
                        str(told.input_units or "") if told is not None else "",
                    )
                )


def _unlike(name: str, unit: str) -> str:
    """How a unit differs from what the channel's code promises; empty where it does not."""
    promised, told = promised_unit(name.rpartition(".")[2]), ground_unit(unit)
    return f"{told[0]}, not {promised}" if promised and told and told[0] != promised else ""


def _usable(value: float | None) -> float:
    """A sensitivity as it is told, 0 for one that is none or absurd."""
    if value is None or not LEAST_SENSITIVITY <= abs(value) <= MOST_SENSITIVITY:
        return 0.0
    return float(value)
