"""Group: channels of one rate and unit, filtered together row by row, with rings of what came out. Knows no packets.

A row's filters see its samples in order and nothing of other rows, so that neither the size of packets nor who else
sends at the same moment changes a number.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import signal

from foreshock.apps.warning.motion import QUANTITIES, motion_sections, trigger_sections
from foreshock.apps.warning.settings import TriggerSettings
from foreshock.types.arrays import Bools, Float32, Float64, Ints

FEWEST_ROWS = 8
NOT_YET = -(1 << 40)
"""The number of a sample long before all others."""


@dataclass(eq=False)
class Group:
    """Rows of one kind.

    Attributes:
        unit: of the samples after the gain. listens: whether these are verticals, on which onsets are looked for.
        ring_s: how long each quantity is kept.
    """

    rate_hz: float
    unit: str
    listens: bool
    ring_s: float
    trigger: TriggerSettings
    n_rows: int = 0
    level: Float64 = field(default_factory=lambda: np.zeros(0))
    next: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    begun: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    bridged: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    peak: dict[str, Float64] = field(default_factory=dict)
    rings: dict[str, Float32] = field(default_factory=dict)
    _zi: dict[str, Float64] = field(default_factory=dict)
    _average: dict[str, Float64] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.size = 1 << int(np.ceil(np.log2(self.ring_s * self.rate_hz)))
        self.sections = {
            name: motion_sections(name, unit=self.unit, rate_hz=self.rate_hz).copy() for name in QUANTITIES
        }
        if self.listens:
            self.sections["trigger"] = trigger_sections(self.rate_hz).copy()
        self._kept = (*self.sections, "raw") if self.listens else tuple(self.sections)
        self.smooth = {"sta": self.trigger.sta_s, "lta": self.trigger.lta_s}

    def add_row(self) -> int:
        """Make room for one more channel, give its row."""
        if self.n_rows == len(self.level):
            self._grow(max(FEWEST_ROWS, 2 * self.n_rows))
        self.n_rows += 1
        return self.n_rows - 1

    def _grow(self, n: int) -> None:
        more = n - len(self.level)

        def grown(values: Float64, axis: int = 0) -> Float64:
            width = [(0, 0)] * values.ndim
            width[axis] = (0, more)
            return np.pad(values, width)

        if not self.rings:
            self.rings = {name: np.zeros((0, self.size), np.float32) for name in self._kept}
            self._zi = {name: np.zeros((len(sos), 0, 2)) for name, sos in self.sections.items()}
            self.peak = {name: np.zeros(0) for name in QUANTITIES}
            self._average = {name: np.zeros((0, 1)) for name in self.smooth}
        self.level = grown(self.level)
        self.next, self.begun, self.bridged = (
            np.pad(values, (0, more), constant_values=NOT_YET) for values in (self.next, self.begun, self.bridged)
        )
        self.peak = {name: grown(values) for name, values in self.peak.items()}
        self.rings = {name: np.pad(values, ((0, more), (0, 0))) for name, values in self.rings.items()}
        self._zi = {name: grown(values, 1) for name, values in self._zi.items()}
        self._average = {name: grown(values) for name, values in self._average.items()}

    def begin(self, row: int, *, first: int, level: float) -> None:
        """Let a row forget all and begin with a sample of this number and level."""
        self.level[row], self.next[row], self.begun[row] = level, first, first
        for state in self._zi.values():
            state[:, row] = 0.0
        for state in self._average.values():
            state[row] = 0.0

    def run(self, rows: Ints, x: Float64, *, measured: Bools) -> Float64 | None:
        """Take the next samples (row, time) of some rows, each row once; give STA over LTA where it is listened."""
        x = x - self.level[rows, None]
        firsts, n = self.next[rows], x.shape[1]
        at = (firsts[:, None] + np.arange(n)) & (self.size - 1)
        row = rows[:, None]
        out: Float64 | None = None
        for name, sections in self.sections.items():
            state = self._zi[name]
            y, state[:, rows] = signal.sosfilt(sections, x, axis=-1, zi=state[:, rows])
            self.rings[name][row, at] = y
            if name == "trigger":
                out = self._ratio(rows, y, firsts)
            else:
                self.peak[name][rows] = np.abs(y).max(-1)
        if self.listens:
            self.rings["raw"][row, at] = x
        self.next[rows] = firsts + n
        self.bridged[rows] = np.where(measured, self.bridged[rows], firsts + n)
        return out

    def _ratio(self, rows: Ints, y: Float64, firsts: Ints) -> Float64:
        """Short over long average of energy; both are corrected for having begun at nothing."""
        age = (firsts - self.begun[rows])[:, None] + np.arange(1, y.shape[1] + 1)
        energy, means = y * y, []
        for name, memory_s in self.smooth.items():
            share = 1.0 / max(1.0, memory_s * self.rate_hz)
            mean, self._average[name][rows] = signal.lfilter(
                [share], [1.0, share - 1.0], energy, axis=-1, zi=self._average[name][rows]
            )
            means.append(mean / -np.expm1(age * np.log1p(-share)))
        return np.asarray(means[0] / np.maximum(means[1], 1e-300))

    def window(self, name: str, row: int, *, first: int, last: int) -> Float64:
        """Samples `first` (included) to `last` (excluded) of a quantity of a row; older than the ring, or than the
        row's beginning, or not yet there, they are left out."""
        low = max(first, int(self.next[row]) - self.size, int(self.begun[row]))
        high = min(last, int(self.next[row]))
        if high <= low:
            return np.zeros(0)
        return np.asarray(self.rings[name][row, np.arange(low, high) & (self.size - 1)], np.float64)
