"""Plan: what a run over an archive will take, said before it begins. Knows no results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foreshock.clock import NS_PER_S, cpu_time_ns, iso_utc
from foreshock.collect.archive import Unit
from foreshock.road.pickers import Picker
from foreshock.types.waveform import Waveform

TRIAL_S, TRIAL_HZ = 600.0, 100.0
COPIES = 7
"""A unit's samples stand in memory about so many times while it is read and picked."""
BASE_BYTES = 300_000_000
"""What a process takes before it reads anything, 200 MB, and a day's files, which it keeps for the units they share."""
PICKS_BYTES = 2_000
"""Of results for each hour and station, generously."""
READING = 2.0
"""Reading and first motions take about as long as the network."""


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    Attributes:
        units, stations: how many. first_ns, last_ns: of all. span_s: seconds of all units together.
        read_bytes: on disk. cpu_s: of one core, estimated on a trial. memory_bytes: of each worker at most.
        disk_bytes: of results.
    """

    units: int
    stations: int
    first_ns: int
    last_ns: int
    span_s: float
    read_bytes: int
    cpu_s: float
    memory_bytes: int
    disk_bytes: int
    workers: int

    def sentence(self) -> str:
        """What people are told before it begins."""
        hours = self.cpu_s / self.workers / 3600
        takes = f"{hours:.1f} hours" if hours >= 1 else f"{max(1, round(hours * 60))} minutes"
        return (
            f"{self.units} units of {self.stations} stations, {iso_utc(self.first_ns)[:16]} to "
            f"{iso_utc(self.last_ns)[:16]}, {self.read_bytes / 1e9:.3g} GB to read; with {self.workers} "
            f"worker{'s' if self.workers > 1 else ''} about {takes}, at most {self.memory_bytes / 1e6:.0f} MB of "
            f"memory each and {self.disk_bytes / 1e6:.1f} MB of disk"
        )


def unit_bytes(memory_mb: int) -> int:
    """How much of samples a unit may hold so that a worker keeps within its memory.

    >>> unit_bytes(400) < unit_bytes(800)
    True
    """
    return max(1, (memory_mb * 1_000_000 - BASE_BYTES) // COPIES)


def plan_of(units: Sequence[Unit], picker: Picker, *, workers: int) -> Plan:
    """Estimate what units take, after a trial of the picker on noise; bytes are an archive's, not yet unpacked."""
    files = {mark.path: mark.size for unit in units for mark in unit.files}
    span_s = sum((unit.last_ns - unit.first_ns) / NS_PER_S for unit in units)
    return Plan(
        units=len(units),
        stations=len({unit.station_id for unit in units}),
        first_ns=min(unit.first_ns for unit in units),
        last_ns=max(unit.last_ns for unit in units),
        span_s=span_s,
        read_bytes=sum(files.values()),
        cpu_s=READING * _cost(picker) * sum(unit.n_bytes for unit in units),
        memory_bytes=BASE_BYTES + COPIES * max(unit.n_bytes for unit in units),
        disk_bytes=round(PICKS_BYTES * span_s / 3600),
        workers=workers,
    )


def _cost(picker: Picker) -> float:
    """CPU seconds for each byte of samples, from a trial on noise."""
    n = round(TRIAL_S * TRIAL_HZ)
    noise = np.random.default_rng(0).standard_normal((3, n)).astype(np.float32)
    wave = Waveform(noise, TRIAL_HZ, 0, "XX.TRIAL.")
    picker.pick(wave.cut(0, n // 10))
    began_ns = cpu_time_ns()
    picker.pick(wave)
    return (cpu_time_ns() - began_ns) / NS_PER_S / noise.nbytes
