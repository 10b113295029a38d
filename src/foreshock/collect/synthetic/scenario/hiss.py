"""The noise of a scenario's stations, acceleration in m/s2, from their own seeds. Knows no events."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import fft

from foreshock.collect.synthetic import noise
from foreshock.collect.synthetic.draws import generator
from foreshock.collect.synthetic.instrument import anti_alias
from foreshock.collect.synthetic.scenario.networks import Net, instrument
from foreshock.collect.synthetic.scenario.spectrum import even_hz
from foreshock.types.arrays import Float32, Float64

NOISE_STREAM = 33


def background(net: Net, *, n_samples: int, rate_hz: float, seed: int) -> Float32:
    """Draw noise (station, Z N E, time) between Peterson's models, over the sensors' own."""
    n_fft = fft.next_fast_len(n_samples, real=True)
    n_fft += n_fft % 2
    out = np.empty((len(net), 3, n_samples), np.float32)
    for k in range(len(net)):
        rng = generator(seed, NOISE_STREAM, group=k)
        drawn = rng.standard_normal((3, n_fft + 2), np.float32)
        drawn *= _amplitude(net, k, n_fft=n_fft, rate_hz=rate_hz)
        out[k] = fft.irfft(drawn.view(np.complex64), n_fft, axis=-1, workers=1)[..., :n_samples]
    return out


def _amplitude(net: Net, k: int, *, n_fft: int, rate_hz: float) -> Float32:
    """What complex normal numbers are multiplied by at station k, (2·frequency,)."""
    low, high, clean = _models(n_fft, rate_hz)
    floor = 10 ** (instrument(int(net.kind[k])).floor_db / 10)
    culture = np.exp(-0.5 * (_decades(n_fft, rate_hz) / 0.35) ** 2) * net.culture_db[k]
    decibel = np.minimum(low + net.noise_level[k] * (high - low) + culture, high)
    power = np.concatenate([[0.0], (10 ** (decibel / 10) + floor) * clean])
    return noise.spectral_amplitude(power, rate_hz=rate_hz, n_fft=n_fft)


@lru_cache(maxsize=8)
def _models(n_fft: int, rate_hz: float) -> tuple[Float64, Float64, Float64]:
    """Peterson's low and high models and the digitiser's filter, without frequency 0."""
    frequency = even_hz(n_fft, rate_hz)[1:]
    low, high = (noise.acceleration_db(frequency, level=level) for level in (0.0, 1.0))
    return low, high, anti_alias(frequency, rate_hz=rate_hz) ** 2


@lru_cache(maxsize=8)
def _decades(n_fft: int, rate_hz: float) -> Float64:
    return np.asarray(np.log10(even_hz(n_fft, rate_hz)[1:] / 5.0))
