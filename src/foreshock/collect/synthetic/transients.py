"""What people, weather and far earthquakes add to a record for a while. Knows no noise level and no instruments."""

from __future__ import annotations

import numpy as np
from scipy import fft

from foreshock.collect.synthetic.draws import between, log_between
from foreshock.types.arrays import Float32, Float64, Ints

KINDS = ("footsteps", "vehicle", "shot", "far_earthquake", "swell")
LARGEST_COUNT = 4
"""Of one record."""
COLUMNS = 6
"""Uniform numbers a transient uses: kind, when, level, three of its own."""


def counts(u: Float64, *, expected: Float64) -> Ints:
    """Draw Poisson counts of given means, at most `LARGEST_COUNT`, from uniform numbers (record,)."""
    k = np.arange(LARGEST_COUNT)
    factorial = np.cumprod(np.maximum(k, 1.0))
    below = np.cumsum(np.exp(-expected[:, None]) * expected[:, None] ** k / factorial, axis=1)
    return np.asarray((u[:, None] > below).sum(1), np.int64)


def add_transients(
    data: Float32,
    *,
    rms: Float64,
    rate_hz: float,
    expected: Float64,
    level_db: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """Add transients to records (record, Z N E, time) in place, each scaled against the record's noise `rms`."""
    n_records, _, n_samples = data.shape
    u = rng.random((COLUMNS, n_records, LARGEST_COUNT))
    number = counts(rng.random((n_records,)), expected=expected)
    record, slot = np.nonzero(np.arange(LARGEST_COUNT) < number[:, None])
    if not len(record):
        return
    u = u[:, record, slot]
    peak = rms[record] * 10 ** (between(u[2], *level_db) / 20)
    time = np.arange(n_samples, dtype=np.float32) / np.float32(rate_hz)
    kind = (u[0] * len(KINDS)).astype(int)
    for k, make in enumerate(_MAKERS):
        rows = np.flatnonzero(kind == k)
        if len(rows):
            lean = _lean(rng, len(rows))
            wave = make(time, u[1, rows] * n_samples / rate_hz, u[3:, rows], rate_hz, rng)
            lean *= peak[rows].astype(np.float32)[:, None, None]
            for at, row in enumerate(record[rows]):
                data[row] += lean[at] @ wave[at]


def _lean(rng: np.random.Generator, n: int) -> Float32:
    """How a transient lies on Z, N, E: (row, component, in phase and a quarter of a turn behind)."""
    size, turn = rng.uniform(0.3, 1.0, (n, 3)), rng.uniform(0, 2 * np.pi, (n, 3))
    return np.stack([size * np.cos(turn), size * np.sin(turn)], axis=-1).astype(np.float32)


def _column(values: Float64) -> Float32:
    return np.asarray(values, np.float32)[:, None]


def footsteps(time: Float32, start: Float64, u: Float64, rate_hz: float, rng: np.random.Generator) -> Float32:
    """A walker passes: damped knocks about twice a second, louder when near; (row, 2, time) like all of these."""
    cadence, knock = between(u[0], 1.5, 2.2), log_between(u[1], 0.12 * rate_hz, 0.3 * rate_hz)
    near = between(u[2], 2.0, 6.0)
    since = time - _column(start)
    beat = since * _column(cadence)
    beat -= np.floor(beat)
    beat /= _column(cadence)
    shape = np.exp(-beat * _column(1.2 * knock) - (since / _column(near)) ** 2)
    angle = 2 * np.pi * _column(knock) * beat
    return np.stack([shape * np.sin(angle), 0.5 * shape * np.sin(2 * angle)], axis=1)


def vehicle(time: Float32, start: Float64, u: Float64, rate_hz: float, rng: np.random.Generator) -> Float32:
    """A car or train passes: noise of a band, swelling and fading."""
    centre = log_between(u[0], max(1.5, 0.02 * rate_hz), 0.25 * rate_hz)
    shape = np.exp(-(((time - _column(start)) / _column(between(u[1], 1.5, 8.0))) ** 2))
    return _band_noise(rng, centre, shape, rate_hz=rate_hz, width=0.3)


def swell(time: Float32, start: Float64, u: Float64, rate_hz: float, rng: np.random.Generator) -> Float32:
    """A gust, a machine or a slide: a band of noise that comes in seconds and goes slowly."""
    centre = log_between(u[0], 0.01 * rate_hz, 0.2 * rate_hz)
    rise, fall = between(u[1], 0.3, 3.0), between(u[2], 3.0, 12.0)
    since = time - _column(start)
    shape = np.exp(-np.abs(since) / np.where(since < 0, _column(rise), _column(fall)))
    return _band_noise(rng, centre, shape, rate_hz=rate_hz, width=0.5)


def shot(time: Float32, start: Float64, u: Float64, rate_hz: float, rng: np.random.Generator) -> Float32:
    """A knock, shot or thunderclap: one sharp onset that dies out, without a second wave."""
    centre, fall = log_between(u[0], 0.05 * rate_hz, 0.3 * rate_hz), log_between(u[1], 0.1, 3.0)
    since = time - _column(start)
    shape = (since >= 0) * np.exp(-np.maximum(since, np.float32(0)) / _column(fall))
    return _band_noise(rng, centre, shape, rate_hz=rate_hz, width=0.5)


def far_earthquake(time: Float32, start: Float64, u: Float64, rate_hz: float, rng: np.random.Generator) -> Float32:
    """A far earthquake's P: slow, emergent, long, of 0.15 to 1 Hz."""
    since = np.maximum(time - _column(start), np.float32(0)) / _column(between(u[1], 3.0, 10.0))
    shape = since * np.exp(1 - since)
    return _band_noise(rng, log_between(u[0], 0.15, 1.0), shape, rate_hz=rate_hz, width=0.4)


def _band_noise(
    rng: np.random.Generator, centre_hz: Float64, envelope: Float32, *, rate_hz: float, width: float
) -> Float32:
    """Noise of unit power in a band `width` decades wide and the same a quarter of a turn behind, (row, 2, time)."""
    n_fft = 2 * fft.next_fast_len(-(-envelope.shape[1] // 2), real=True)
    frequency = np.fft.rfftfreq(n_fft, 1 / rate_hz)
    decades = np.log10(np.maximum(frequency, 1e-3)) - np.log10(centre_hz)[:, None]
    shape = np.exp(-0.5 * (decades / (0.5 * width)) ** 2)
    shape[:, [0, -1]] = 0
    shape *= 0.5 * n_fft / np.sqrt((shape**2).sum(1, keepdims=True))
    drawn = rng.standard_normal((len(centre_hz), len(frequency), 2), np.float32)
    spectrum = (drawn * shape.astype(np.float32)[:, :, None]).view(np.complex64)[..., 0]
    pair = np.stack([spectrum, -1j * spectrum], axis=1)
    wave: Float32 = fft.irfft(pair, n_fft, axis=-1, workers=1)[..., : envelope.shape[1]]
    wave *= envelope[:, None, :]
    return wave


_MAKERS = (footsteps, vehicle, shot, far_earthquake, swell)
