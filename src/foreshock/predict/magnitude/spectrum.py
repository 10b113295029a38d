"""Spectrum: displacement spectra of a window and of the noise before P, by multitaper. Knows no source model.

Slepian tapers (Thomson 1982, Proc. IEEE 70, 1055-1096, doi:10.1109/PROC.1982.12433) are laid on ground velocity, whose
powers of all components are added, averaged in even steps of log frequency, and divided by (2πf)²; noise power, scaled
to the window's length, is taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft, signal

from foreshock.predict.magnitude.ground import Stretch, Trace, divided, motion_response
from foreshock.prepare.response import cosine_band
from foreshock.types.arrays import Bools, Float64

TIME_BANDWIDTH = 2.5
N_TAPERS = 4
PER_DECADE = 16
TAPER = 0.05
MODEL_SAMPLES = 2048


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Amplitude of displacement over frequency.

    Attributes:
        frequency_hz: (frequency,), rising evenly in log. amplitude: m s, noise taken off. snr: amplitude of signal and
            noise together over that of noise; infinite where there is no noise.
        span_s: length of the window.
    """

    frequency_hz: Float64
    amplitude: Float64
    snr: Float64
    span_s: float

    def usable(self, least_snr: float) -> Bools:
        """The longest run of frequencies that stand `least_snr` above the noise."""
        good = np.concatenate([[False], (self.snr >= least_snr) & (self.amplitude > 0), [False]])
        edges = np.flatnonzero(np.diff(good.astype(np.int8))).reshape(-1, 2)
        out = np.zeros(len(self.snr), bool)
        if len(edges):
            begin, end = edges[np.argmax(edges[:, 1] - edges[:, 0])]
            out[begin:end] = True
        return out


def velocity(trace: Trace, held: Stretch, *, low_hz: float, high_hz: float) -> Float64:
    """Ground velocity (m/s) between cosine flanks, `low_hz` / 2 to `low_hz` and `high_hz` to half the rate."""
    n = len(held.samples)
    length = fft.next_fast_len(2 * n, real=True)
    frequency = fft.rfftfreq(length, 1 / trace.rate_hz)
    band = cosine_band(frequency, (low_hz / 2, low_hz, high_hz, trace.rate_hz / 2))
    flat = (held.samples - held.samples.mean()) * signal.windows.tukey(n, TAPER)
    written = motion_response(frequency, unit=trace.unit, response=trace.response, order=1)
    moved: Float64 = fft.irfft(divided(fft.rfft(flat, length) * band, written), length)[:n]
    return moved


def displacement_spectrum(
    signals: Sequence[Float64], noises: Sequence[Float64], rate_hz: float, *, low_hz: float, high_hz: float
) -> Spectrum:
    """Spectrum of the vector sum of components between two frequencies.

    Arguments:
        signals: velocity (m/s) of each component in one window. noises: of the same components before P, of any length;
            none of them: the noise is taken to be nothing.
    """
    n = len(signals[0])
    power = sum(energy(one, rate_hz) for one in signals)
    frequency = fft.rfftfreq(n, 1 / rate_hz)
    edges = _edges(max(low_hz, TIME_BANDWIDTH * rate_hz / n / 2), high_hz)
    centre = np.sqrt(edges[:-1] * edges[1:])
    signal_power = _binned(frequency, np.asarray(power), edges, centre)
    noise_power = np.zeros(len(centre))
    if noises and len(noises[0]):
        length = len(noises[0])
        noise = sum(energy(one, rate_hz) for one in noises)
        raw = _binned(fft.rfftfreq(length, 1 / rate_hz), np.asarray(noise), edges, centre)
        noise_power = raw * n / length
    with np.errstate(divide="ignore"):
        snr = np.where(noise_power > 0, np.sqrt(signal_power / np.where(noise_power > 0, noise_power, 1)), np.inf)
    amplitude = np.sqrt(np.maximum(signal_power - noise_power, 0)) / (2 * np.pi * centre)
    return Spectrum(centre, amplitude, np.where(signal_power > 0, snr, 0.0), n / rate_hz)


def energy(samples: Float64, rate_hz: float) -> Float64:
    """Energy spectral density |X(f)|² by multitaper, (unit · s)².

    It is scaled so that all energy of the window is in it, wherever in the window it stands.
    """
    tapered = _tapers(len(samples)) * (samples - samples.mean())
    each = np.abs(fft.rfft(tapered, axis=-1)) ** 2
    kept = float((tapered**2).sum(-1).mean())
    scale = float(((samples - samples.mean()) ** 2).sum()) / kept if kept > 0 else 0.0
    return np.asarray(each.mean(0) * scale / rate_hz**2)


@lru_cache(maxsize=32)
def _tapers(n: int) -> Float64:
    """Slepian tapers (taper, time) of unit energy each, drawn through those of one length: they are smooth."""
    drawn = np.stack([np.interp(np.linspace(0, 1, n), *_model(k)) for k in range(N_TAPERS)])
    return np.asarray(drawn / np.sqrt((drawn**2).sum(-1, keepdims=True)))


@lru_cache(maxsize=N_TAPERS)
def _model(k: int) -> tuple[Float64, Float64]:
    """A taper of 2048 samples over the times 0 to 1."""
    tapers = signal.windows.dpss(MODEL_SAMPLES, TIME_BANDWIDTH, Kmax=N_TAPERS)
    return np.linspace(0, 1, MODEL_SAMPLES), np.asarray(tapers[k], np.float64)


def _edges(low_hz: float, high_hz: float) -> Float64:
    n = max(1, round(np.log10(high_hz / low_hz) * PER_DECADE)) if high_hz > low_hz else 1
    return np.geomspace(low_hz, max(high_hz, low_hz * 1.001), n + 1)


def _binned(frequency: Float64, power: Float64, edges: Float64, centre: Float64) -> Float64:
    """Mean power in each bin; where a bin holds no frequency, interpolated."""
    where = np.digitize(frequency, edges) - 1
    inside = (where >= 0) & (where < len(centre))
    count = np.bincount(where[inside], minlength=len(centre))
    total = np.bincount(where[inside], weights=power[inside], minlength=len(centre))
    smooth = np.interp(centre, frequency, power)
    return np.where(count > 0, total / np.maximum(count, 1), smooth)
