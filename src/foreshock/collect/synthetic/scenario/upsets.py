"""What instruments and digitisers do by themselves: calibrations, spikes, steps, dead channels. Knows no ground.

All act on acceleration as the digitiser sees it, with its offset, (station, Z N E, time), m/s2, in place.
"""

from __future__ import annotations

import numpy as np

from foreshock.collect.synthetic.scenario.networks import N_TYPES
from foreshock.collect.synthetic.scenario.stage import Facts, Stage
from foreshock.types.arrays import Float32, Ints


def calibration_one(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """One station is calibrated: a step or a sine on all its channels."""
    return _calibrate(trace, stage, rng, stations=stage.some(rng, least=1, most=1))


def calibration_all(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """All stations with one kind of digitiser are calibrated at the same instant, as a central command does it."""
    kind = stage.net.kind[rng.integers(len(stage.net))] if len(stage.net) else rng.integers(N_TYPES)
    return _calibrate(trace, stage, rng, stations=np.flatnonzero(stage.net.kind == kind))


def _calibrate(trace: Float32, stage: Stage, rng: np.random.Generator, *, stations: Ints) -> Facts:
    t, long_s = stage.time_s, float(rng.uniform(5, 30))
    size = float(10 ** rng.uniform(-1.3, 0.3))
    on = (t >= 0) & (t < long_s)
    shape = str(rng.choice(["step", "sine", "pulse"]))
    frequency = float(rng.choice([0.1, 1.0, 5.0]))
    if shape == "sine":
        wave = on * np.sin(2 * np.pi * frequency * t)
    elif shape == "step":
        wave = on * np.exp(-np.maximum(t, 0) / 60)
    else:
        wave = (t >= 0) * np.exp(-np.clip(t, 0, 60) / 0.5) - (t >= long_s) * np.exp(-np.clip(t - long_s, 0, 60) / 0.5)
    trace[stations] += np.float32(size) * wave.astype(np.float32)
    return {"stations": stage.names(stations), "shape": shape, "size_m_s2": size, "span_s": long_s}


def spikes(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """Single wrong samples, a few a minute at a few stations."""
    stations = stage.some(rng, least=1, most=6)
    n = 0
    for k in stations:
        for _ in range(int(rng.integers(1, 12))):
            at = int(rng.integers(stage.at, stage.span.n_samples)) if stage.at < stage.span.n_samples else -1
            row = slice(None) if rng.random() < 0.3 else int(rng.integers(3))
            trace[k, row, at] += np.float32(rng.choice([-1, 1]) * 10 ** rng.uniform(-2, 1))
            n += 1
    return {"stations": stage.names(stations), "count": n}


def glitch(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """Electronics jump and creep back: one-sided pulses of a few seconds at a few stations, each at its own time."""
    stations = stage.some(rng, least=1, most=4)
    for k in stations:
        since = stage.time_s - np.float32(rng.uniform(0, 30))
        shape = (since >= 0) * np.exp(-np.clip(since, 0, 100) / rng.uniform(0.2, 5))
        row = int(rng.integers(3))
        trace[k, row] += (rng.choice([-1, 1]) * 10 ** rng.uniform(-2, 0) * shape).astype(np.float32)
    return {"stations": stage.names(stations)}


def flat_line(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """Channels stay at their last value, for a while or for good."""
    stations = stage.some(rng, least=1, most=max(1, len(stage.net) // 3))
    for k in stations:
        first = min(stage.until(float(rng.uniform(0, 20))), stage.span.n_samples - 1)
        last = stage.span.n_samples if rng.random() < 0.5 else stage.until(float(rng.uniform(20, 60)))
        trace[k, :, first : max(first, last)] = trace[k, :, first, None]
    return {"stations": stage.names(stations)}


def dropout(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """Samples are 0 for a while, so that the offset jumps twice."""
    stations = stage.some(rng, least=1, most=max(1, len(stage.net) // 2))
    for k in stations:
        first = stage.until(float(rng.uniform(0, 10)))
        last = min(stage.span.n_samples, first + round(float(rng.uniform(1, 40)) * stage.span.rate_hz))
        trace[k, :, first:last] = 0
    return {"stations": stage.names(stations)}


def dc_jump(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """The zero of channels moves for good, at several stations within seconds of each other."""
    stations = stage.some(rng, least=1, most=max(1, len(stage.net) // 4))
    for k in stations:
        first = stage.until(float(rng.uniform(0, 15)))
        trace[k, :, first:] += (rng.choice([-1, 1]) * 10 ** rng.uniform(-2, 0.3) * rng.random((3, 1))).astype(
            np.float32
        )
    return {"stations": stage.names(stations)}


def lightning(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """Strokes that many stations show within 0.1 s of each other, again and again."""
    strokes, rate = int(rng.integers(1, 20)), stage.span.rate_hz
    for _ in range(strokes):
        at = stage.at_s + rng.uniform(0, 40)
        for k in stage.some(rng, least=2, most=max(2, len(stage.net) // 2)):
            first = round((at + rng.uniform(0, 0.1)) * rate)
            last = min(stage.span.n_samples, first + round(0.6 * rate))
            if first >= last:
                continue
            t = np.arange(last - first) / rate
            wave = np.exp(-t / rng.uniform(0.02, 0.15)) * np.cos(2 * np.pi * rng.uniform(10, 40) * t)
            size = 10 ** rng.uniform(-2, 0.5) * rng.uniform(-1, 1, (3, 1))
            trace[k, :, first:last] += (size * wave).astype(np.float32)
    return {"count": strokes}


def gain_change(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """A sensor is swapped and nobody tells: all that comes is so many times larger or smaller, offset included."""
    stations = stage.some(rng, least=1, most=3)
    factor = float(10 ** rng.uniform(-1, 1.5))
    trace[stations, :, stage.at :] *= np.float32(factor)
    return {"stations": stage.names(stations), "factor": factor}


def polarity(trace: Float32, stage: Stage, rng: np.random.Generator) -> Facts:
    """Some stations have been upside down all along."""
    stations = stage.some(rng, least=1, most=max(1, len(stage.net) // 4))
    trace[stations] *= np.float32(-1)
    return {"stations": stage.names(stations)}
