"""Nuisances: signals that are no earthquake and look like one to a careless eye. Knows no recordings and no labels.

Each is made at 100 Hz with its largest sample at one, the same source on all components with a gain of its own on each,
as the ground does it: rockfalls and flows that swell and fade, tremor with overtones, wind, footsteps and machines,
jolts of the instrument, and the long waves of far earthquakes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import signal

from foreshock.types.arrays import Float64

RATE_HZ = 100.0

_Maker = Callable[[np.random.Generator, int], Float64]


def nuisance(rng: np.random.Generator, n_samples: int) -> Float64:
    """One nuisance of a random kind, (3, time), its largest sample 1.

    >>> nuisance(np.random.default_rng(0), 4096).shape
    (3, 4096)
    """
    x = _KINDS[rng.integers(len(_KINDS))](rng, n_samples)
    largest = float(np.abs(x).max()) or 1.0
    return x / largest


def _band(rng: np.random.Generator, n: int, low_hz: float, high_hz: float) -> Float64:
    """Noise of a band on three components that share a part of it."""
    own, shared = rng.standard_normal((3, n)), rng.standard_normal(n)
    sos = signal.butter(2, (low_hz, min(high_hz, 0.49 * RATE_HZ)), "bandpass", fs=RATE_HZ, output="sos")
    x: Float64 = signal.sosfilt(sos, own + rng.uniform(0, 1.5, (3, 1)) * shared, axis=-1)
    return x


def _spindle(rng: np.random.Generator, n: int) -> Float64:
    """A mass movement: it swells over seconds, carries bursts, fades slowly, and loses its high frequencies."""
    t = np.arange(n) / RATE_HZ
    middle, rise_s, fall_s = rng.uniform(0, n / RATE_HZ), 10 ** rng.uniform(0.3, 1.4), 10 ** rng.uniform(0.5, 1.7)
    envelope = np.where(t < middle, np.exp(-(((t - middle) / rise_s) ** 2)), np.exp(-(t - middle) / fall_s))
    bursts = np.convolve(np.abs(rng.standard_normal(n)) ** 3, np.hanning(min(n, int(rng.uniform(30, 400)))), "same")
    rough: Float64 = (bursts / bursts.mean()) ** rng.uniform(0, 1)
    low_hz = 10 ** rng.uniform(-0.2, 0.7)
    return _band(rng, n, low_hz, low_hz * rng.uniform(2, 8)) * envelope * rough


def _tremor(rng: np.random.Generator, n: int) -> Float64:
    """A gliding tone and its overtones, waxing and waning."""
    t = np.arange(n) / RATE_HZ
    tone_hz = 10 ** rng.uniform(-0.1, 1.1) * (1 + rng.uniform(-0.3, 0.3) * t / t[-1])
    phase = 2 * np.pi * np.cumsum(tone_hz) / RATE_HZ
    x = np.zeros((3, n))
    for k in range(1, 1 + int(rng.integers(1, 6))):
        if k * tone_hz.max() < 0.45 * RATE_HZ:
            x += rng.uniform(-1, 1, (3, 1)) / k * np.sin(k * phase + rng.uniform(0, 6.3, (3, 1)))
    slow = np.interp(t, np.linspace(0, t[-1], 8), rng.uniform(0, 1, 8) ** 2)
    return x * slow


def _gusts(rng: np.random.Generator, n: int) -> Float64:
    """Wind or traffic: noise whose loudness wanders."""
    knots = int(rng.integers(3, 20))
    loud = np.interp(np.arange(n), np.linspace(0, n, knots), 10 ** rng.uniform(-1.5, 0, knots))
    low_hz = 10 ** rng.uniform(0, 1)
    return _band(rng, n, low_hz, low_hz * rng.uniform(1.5, 5)) * loud


def _beats(rng: np.random.Generator, n: int) -> Float64:
    """Footsteps, hammers, pumps: short knocks at a pace."""
    pace, decay_s = rng.uniform(0.3, 4.0) * RATE_HZ, 10 ** rng.uniform(-2, -0.7)
    knocks = np.zeros(n)
    at = np.cumsum(pace * rng.normal(1, rng.uniform(0, 0.2), int(n / pace) + 1)).astype(int)
    at = at[(at >= 0) & (at < n)]
    knocks[at] = rng.uniform(0.3, 1.0, len(at))
    if rng.random() < 0.6:
        first = int(rng.uniform(0, n))
        knocks[:first] = 0
        knocks[first + int(rng.uniform(2, 15) * RATE_HZ) :] = 0
    return _rung(rng, knocks, decay_s)


def _jolt(rng: np.random.Generator, n: int) -> Float64:
    """One or two jumps of the instrument that ring out, on one component or on all."""
    jolts = np.zeros(n)
    jolts[rng.integers(0, n, int(rng.integers(1, 3)))] = rng.choice([-1.0, 1.0])
    x = _rung(rng, jolts, 10 ** rng.uniform(-2, 0.5))
    if rng.random() < 0.5:
        x[np.arange(3) != rng.integers(3)] = 0
    return x


def _rung(rng: np.random.Generator, knocks: Float64, decay_s: float) -> Float64:
    """Knocks on a thing that rings at one frequency."""
    t = np.arange(int(min(6 * decay_s, 20.0) * RATE_HZ) + 2) / RATE_HZ
    ring = np.exp(-t / decay_s) * np.cos(2 * np.pi * 10 ** rng.uniform(0, 1.55) * t + rng.uniform(0, 6.3))
    x: Float64 = signal.fftconvolve(knocks, ring)[: len(knocks)] * rng.uniform(-1, 1, (3, 1))
    return x


def _far(rng: np.random.Generator, n: int) -> Float64:
    """Long waves of a far earthquake that come up slowly."""
    t = np.arange(n) / RATE_HZ
    first = rng.uniform(-20, n / RATE_HZ)
    since = np.maximum(t - first, 0)
    rise_s, fall_s = rng.uniform(2, 20), rng.uniform(10, 80)
    envelope: Float64 = (1 - np.exp(-since / rise_s)) * np.exp(-since / fall_s)
    return _band(rng, n, 0.15, rng.uniform(0.5, 1.2)) * envelope


_KINDS: tuple[_Maker, ...] = (_spindle, _spindle, _tremor, _gusts, _beats, _jolt, _far)
