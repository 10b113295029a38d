"""Arrivals: the picks of one block of time as columns, and an earthquake found among them. Knows no names."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.types.arrays import Float64, Ints


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Picks in order of time: seconds, slot (phase × n_sites + site), sensor, phase and sigma (s), each (pick,)."""

    time_s: Float64
    slot: Ints
    sensor: Ints
    phase: Ints
    sigma_s: Float64


@dataclass(frozen=True, eq=False)
class Taken:
    """Picks that events before this block hold: seconds and slot, each (pick,)."""

    time_s: Float64
    slot: Ints


@dataclass(frozen=True, eq=False)
class Found:
    """One earthquake of a block: where (km), when (s), its picks, what they were taken for, residuals, evidence."""

    at: Float64
    time_s: float
    picks: Ints
    phase: Ints
    residual_s: Float64
    evidence: float


@dataclass(frozen=True, eq=False)
class Fell:
    """A candidate that made no event: its picks and why."""

    picks: Ints
    reason: str
