"""Wood-Anderson: the seismogram that torsion seismograph would have written, and its largest swing. Knows no distances.

Two sets of constants, period 0.8 s both: ``uhrhammer_collins_1990`` (static magnification 2080, damping 0.7: what the
instruments were measured to be; BSSA 80, 702-716, doi:10.1785/BSSA0800030702) and ``nominal`` (2800, damping 0.8: what
they were built to be; Anderson & Wood 1925, BSSA 15, 1-72, doi:10.1785/BSSA0150010001).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from scipy import fft, signal

from foreshock.predict.magnitude.ground import Response, divided, motion_response
from foreshock.prepare.response import cosine_band
from foreshock.types.arrays import AnyArray, Float64

MM_PER_M = 1000.0
FINE_HZ = 100.0
"""A slower record is drawn at least so finely before its extremes are sought."""
TAPER = 0.05
"""Of the length, half of it at each end, as ObsPy tapers."""

Measure = Literal["half_peak_to_peak", "zero_to_peak"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """Constants of a torsion seismograph.

    >>> [f"{pole:.4f}" for pole in INSTRUMENTS["uhrhammer_collins_1990"].poles]
    ['-5.4978+5.6089j', '-5.4978-5.6089j']
    """

    name: str
    static_magnification: float
    period_s: float
    damping: float

    @property
    def poles(self) -> tuple[complex, complex]:
        """Poles in rad/s; the two zeros of displacement lie at 0."""
        omega = 2 * np.pi / self.period_s
        pole = complex(-self.damping * omega, np.sqrt(1 - self.damping**2) * omega)
        return pole, pole.conjugate()

    def per_motion(self, frequency_hz: Float64, order: int) -> AnyArray:
        """Millimetres on paper for one unit of ground motion (order 0: m, 1: m/s, 2: m/s²)."""
        s = 2j * np.pi * np.asarray(frequency_hz, np.float64)
        first, second = self.poles
        moved: AnyArray = s ** (2 - order) / ((s - first) * (s - second))
        return MM_PER_M * self.static_magnification * moved


INSTRUMENTS = MappingProxyType(
    {
        one.name: one
        for one in (
            Instrument("uhrhammer_collins_1990", 2080.0, 0.8, 0.7),
            Instrument("nominal", 2800.0, 0.8, 0.8),
        )
    }
)


def simulate(
    samples: Float64,
    rate_hz: float,
    *,
    unit: str,
    response: Response | None,
    instrument: Instrument,
    low_hz: float,
    high_hz: float | None = None,
    finer: int = 1,
) -> Float64:
    """Give the Wood-Anderson seismogram (mm) of a channel's samples.

    The mean is taken off and the ends are tapered, together over 5 % of the length; the instrument's response is undone
    and the seismograph's put in its place in one division of spectra, between cosine flanks: from `low_hz` / 2 to
    `low_hz`, and from `high_hz` (0.8 of half the rate when not given) to half the rate.

    Arguments:
        samples: (time,), in `unit`. response: of counts; None for ground motion.
        finer: how many times as many samples are to come out.
    """
    n = len(samples)
    length = fft.next_fast_len(2 * n, real=True)
    frequency = fft.rfftfreq(length, 1 / rate_hz)
    half = rate_hz / 2
    band = cosine_band(frequency, (low_hz / 2, low_hz, high_hz or 0.8 * half, half))
    flat = (samples - samples.mean()) * signal.windows.tukey(n, TAPER)
    spectrum = fft.rfft(flat, length) * band
    change = divided(
        instrument.per_motion(frequency, 2), motion_response(frequency, unit=unit, response=response, order=2)
    )
    drawn: Float64 = fft.irfft(spectrum * change, finer * length)[: finer * n]
    return drawn * finer


def finer_by(rate_hz: float) -> int:
    """How many times finer a record is drawn."""
    return max(1, int(np.ceil(FINE_HZ / rate_hz - 1e-9)))


@dataclass(frozen=True, slots=True)
class Swing:
    """The largest swing of a seismogram: its size, where its middle stands, and twice the time between its ends."""

    size: float
    sample: float
    period_samples: float


def largest_swing(samples: Float64, measure: Measure) -> Swing | None:
    """Find the largest swing, None where there is no full one.

    ``half_peak_to_peak``: half the way between two extremes that follow each other (IASPEI 2013, Summary of Magnitude
    Working Group recommendations). ``zero_to_peak``: the extreme farthest from zero, as Richter (1935) read it.

    >>> largest_swing(np.array([0.0, 1.0, 0.0, -3.0, 0.0]), "half_peak_to_peak")
    Swing(size=2.0, sample=2.0, period_samples=4.0)
    """
    turns = _turns(samples)
    if len(turns) < 2:
        return None
    heights, steps = samples[turns], np.diff(turns)
    swings = np.abs(np.diff(heights))
    if measure == "half_peak_to_peak":
        k = int(swings.argmax())
        return Swing(float(swings[k]) / 2, float(turns[k] + turns[k + 1]) / 2, float(2 * steps[k]))
    top = int(np.abs(heights).argmax())
    beside = [k for k in (top - 1, top) if 0 <= k < len(swings)]
    k = max(beside, key=lambda k: float(swings[k]))
    return Swing(float(abs(heights[top])), float(turns[top]), float(2 * steps[k]))


def _turns(samples: Float64) -> AnyArray:
    """Numbers of the samples at which the curve turns; of a plateau the first."""
    slope = np.sign(np.diff(samples))
    moving = np.flatnonzero(slope)
    changed = slope[moving[:-1]] * slope[moving[1:]] < 0
    return np.asarray(moving[:-1][changed] + 1)
