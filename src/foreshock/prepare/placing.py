"""Placing: where in a record the windows of each task lie, and under which label. Knows truths and times, no samples.

Every choice is drawn from the seed and the record's own name, so it depends neither on the order nor on the number of
records.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from foreshock.prepare.preparation import Preparation
from foreshock.types.record import Truth
from foreshock.types.waveform import Waveform

TASKS = ("detect", "classify", "magnitude")
Task = Literal["detect", "classify", "magnitude"]
NOISE, EARTHQUAKE = DETECTION = ("noise", "earthquake")

P_MARGIN_S = {"manual": 2.0, "automatic": 2.5, "calculated": 3.0}
"""How long before P noise must end, by where P comes from. Calculated arrivals of the Gujarat set lie between 1.9 s
before and 0.5 s after the true onset (5 and 95 %, measured), so they get a wider margin than picks."""
P_MARGIN_UNKNOWN_S = 3.0


@dataclass(frozen=True, slots=True)
class Window:
    """A window to be cut from a prepared record: its first sample, its label, and arrivals as samples of the record."""

    start: int
    label: str | float
    p: float = np.nan
    s: float = np.nan
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Placing:
    """Where windows go, by one preparation, task and seed."""

    preparation: Preparation
    task: Task
    seed: int

    def needs_p(self, truth: Truth) -> bool:
        """Whether a record without a P arrival cannot be used."""
        if self.task == "detect":
            return truth.kind != NOISE
        return self.task == "magnitude" or self.preparation.anchor == "p"

    def windows(self, truth: Truth, wave: Waveform, n_samples: int) -> list[Window]:
        """The windows of one record that has `n_samples` once prepared."""
        p, s = (self._sample(time_ns, wave) for time_ns in (truth.p_ns, truth.s_ns))
        if self.task == "magnitude":
            assert truth.magnitude is not None
            return [Window(self._before(p), truth.magnitude, p, s)]
        if self.task == "classify":
            return [Window(self._before(p) if self.preparation.anchor == "p" else 0, truth.kind, p, s)]
        if truth.kind == NOISE:
            return [Window(self._in_noise(truth, n_samples), NOISE)]
        return [Window(self._around_p(truth, p, n_samples), EARTHQUAKE, p, s), *self._before_p(truth, p)]

    def _sample(self, time_ns: int | None, wave: Waveform) -> float:
        """An arrival as a sample at the rate after preparation; sample 0 keeps its time."""
        at = np.nan if time_ns is None else wave.sample_at(time_ns)
        return float(at * self.preparation.rate_hz / wave.rate_hz)

    def _before(self, p: float) -> int:
        return round(p - self.preparation.before_s * self.preparation.rate_hz)

    def _around_p(self, truth: Truth, p: float, n_samples: int) -> int:
        """Put P at a drawn part of the window; keep the window inside the record, past the warm-up, where it can be."""
        plan = self.preparation
        low, high = p - plan.p_to * plan.window_samples, p - plan.p_from * plan.window_samples
        for first in (self._warm(), 0):
            inside = max(low, first), min(high, n_samples - plan.window_samples)
            if inside[0] <= inside[1]:
                low, high = inside
                break
        return round(low + (high - low) * drawn(self.seed, truth.trace_id, EARTHQUAKE))

    def _before_p(self, truth: Truth, p: float) -> list[Window]:
        """One window of noise that ends before the earliest P can be, if there is room."""
        plan = self.preparation
        margin_s = max(plan.quiet_s, P_MARGIN_S.get(truth.p_status or "", P_MARGIN_UNKNOWN_S))
        room = int(p - margin_s * plan.rate_hz) - plan.window_samples - self._warm()
        if room < 0:
            return []
        start = self._warm() + round(room * drawn(self.seed, truth.trace_id, NOISE))
        return [Window(start, NOISE, suffix=f"/{NOISE}")]

    def _in_noise(self, truth: Truth, n_samples: int) -> int:
        last = max(0, n_samples - self.preparation.window_samples)
        first = min(self._warm(), last)
        return first + round((last - first) * drawn(self.seed, truth.trace_id, NOISE))

    def _warm(self) -> int:
        return round(self.preparation.warm_up_s * self.preparation.rate_hz)


def drawn(seed: int, *names: str) -> float:
    """Draw a number in 0..1 that depends on the seed and the names alone (BLAKE2, the same on every machine).

    >>> drawn(0, "a") == drawn(0, "a"), drawn(0, "a") == drawn(1, "a")
    (True, False)
    """
    text = "\x1f".join([str(seed), *names]).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") / 2.0**64
