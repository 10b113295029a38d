"""An earthquake's ground motion at places: P and S of every patch, as pulses and as noise. Knows no instruments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.signal import lfilter

from foreshock import geo
from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic import path
from foreshock.collect.synthetic.draws import generator
from foreshock.collect.synthetic.scenario import ground
from foreshock.collect.synthetic.scenario.families import Family
from foreshock.collect.synthetic.scenario.rupture import Rupture, TrueEvent, break_up
from foreshock.collect.synthetic.scenario.spectrum import even_hz, patch_spectra
from foreshock.collect.synthetic.scenario.travel import rays
from foreshock.collect.synthetic.source import FREE_SURFACE, RMS_RADIATION_P, RMS_RADIATION_S, radiation
from foreshock.types.arrays import Float32, Float64, Ints

RUPTURE_STREAM, WAVE_STREAM = 41, 42
_CHUNK = 32
_PAD_S = 20.0
"""Room after the last sample for what filters ring on; it is cut away."""
_LONG_KM, _GROUPS = 15.0, 3
"""Ruptures longer than this are cut into groups of patches by travel time, each with its own attenuation."""
_SURFACE_KM_S = {"P": 2.5, "S": 1.2}
"""Velocities just below stations, which make waves steep."""
_NOISE_SHARE = {"P": (1.0, 0.5, 0.5), "S": (0.5, 1.0, 1.0)}
"""How the noise of a wave lies on Z, N, E; scaled to a length of 1."""


@dataclass(frozen=True, eq=False)
class Places:
    """Where ground moves: arrays (place,). `stream` tells the random numbers of stations from those of sites."""

    latitude: Float64
    longitude: Float64
    vs30_m_s: Float64
    gain_ln: Float64
    stream: int = 0

    def __len__(self) -> int:
        return len(self.latitude)

    def part(self, first: int, last: int) -> Places:
        """The places from one number to before another."""
        rows = slice(first, last)
        return Places(self.latitude[rows], self.longitude[rows], self.vs30_m_s[rows], self.gain_ln[rows], self.stream)


@dataclass(frozen=True, eq=False)
class Span:
    """A stretch of samples: UTC nanoseconds of the first, how many, how fast."""

    start_ns: int
    n_samples: int
    rate_hz: float


def arrivals_s(event: TrueEvent, family: Family, *, places: Places) -> tuple[Float64, Float64]:
    """Give travel times of P and S from the hypocentre to places, (place,) each."""
    far = geo.distance_km(event.latitude, event.longitude, places.latitude, places.longitude)
    deep = np.full(len(places), event.depth_km)
    times = [rays(family, phase, depth_km=deep, distance_km=far).time_s for phase in ("P", "S")]
    return times[0], times[1]


def rupture_of(event: TrueEvent, family: Family, *, seed: int) -> Rupture:
    """The event's patches; the same for the same seed."""
    return break_up(event, family, rng=generator(seed, RUPTURE_STREAM, group=event.number))


def motion(
    event: TrueEvent, family: Family, *, places: Places, span: Span, seed: int, s_share: float = 1.0
) -> Iterator[tuple[int, Float32]]:
    """Give the acceleration (place, Z N E, time), m/s2, a chunk of places at a time with the number of its first.

    `s_share` scales what comes as S: an explosion sends little of it.
    """
    rupture = rupture_of(event, family, seed=seed)
    p_s, _ = arrivals_s(event, family, places=places)
    offset = (event.origin_time_ns - span.start_ns) / NS_PER_S
    for first in range(0, len(places), _CHUNK):
        chunk = places.part(first, first + _CHUNK)
        out = np.zeros((len(chunk), 3, span.n_samples), np.float32)
        begin = int(np.floor((offset + p_s[first : first + _CHUNK].min()) * span.rate_hz)) - 2
        room = span.n_samples - begin
        if room > 0:
            rng = generator(seed, WAVE_STREAM + 2 * places.stream, group=event.number * 10_000 + first // _CHUNK)
            made = _Waves(event, family, rupture, chunk, span.rate_hz, room, offset - begin / span.rate_hz, s_share)
            wave = made.make(rng)
            out[..., max(begin, 0) :] = wave[..., max(-begin, 0) :]
        yield first, out


@dataclass(frozen=True, eq=False)
class _Waves:
    """Everything one chunk of places needs; `origin_s` is when the event begins in the chunk's own samples."""

    event: TrueEvent
    family: Family
    rupture: Rupture
    places: Places
    rate_hz: float
    n_samples: int
    origin_s: float
    s_share: float = 1.0

    def make(self, rng: np.random.Generator) -> Float32:
        """Give (place, Z N E, time), m/s2."""
        n_fft = fft.next_fast_len(self.n_samples + round(_PAD_S * self.rate_hz), real=True)
        n_fft += n_fft % 2
        total = np.zeros((len(self.places), 3, n_fft // 2 + 1), np.complex64)
        far_km, azimuth, _ = geo.inverse(
            self.event.latitude, self.event.longitude, self.places.latitude, self.places.longitude
        )
        for phase in ("P", "S"):
            self._add(total, phase, far_km=far_km, azimuth_deg=azimuth, rng=rng)
        for k, vs30 in enumerate(self.places.vs30_m_s):
            steep, flat = ground.transfer(self.family, float(vs30), n_fft=n_fft, rate_hz=self.rate_hz)
            total[k, 0] *= steep
            total[k, 1:] *= flat
        total *= np.exp(self.places.gain_ln).astype(np.float32)[:, None, None]
        return np.asarray(fft.irfft(total, n_fft, axis=-1, workers=1)[..., : self.n_samples], np.float32)

    def _add(
        self,
        total: npt.NDArray[np.complex64],
        phase: str,
        *,
        far_km: Float64,
        azimuth_deg: Float64,
        rng: np.random.Generator,
    ) -> None:
        """Add one kind of wave to the spectra."""
        family, n_fft = self.family, 2 * (total.shape[-1] - 1)
        frequency = even_hz(n_fft, self.rate_hz)
        time_s, way_km = self._ways(phase, far_km=far_km, azimuth_deg=azimuth_deg)
        weight = self.rupture.moment_nm * spreading(family, way_km)
        weight *= np.exp(family.path_sigma_ln * rng.standard_normal(len(self.places)))[:, None]
        group = self._groups(time_s)
        at = (self.origin_s + self.rupture.time_s + time_s) * self.rate_hz
        patch = self._patch(phase, frequency)
        decay = path.Attenuation.of(frequency, exponent=family.q_exponent)
        q = family.q_s_at_1_hz * (family.q_p_over_q_s if phase == "P" else 1.0)
        pulse_share = self._pattern(phase, azimuth_deg)
        noise_share = np.array(_NOISE_SHARE[phase]) / np.linalg.norm(_NOISE_SHARE[phase])
        noise_share *= RMS_RADIATION_P if phase == "P" else RMS_RADIATION_S
        for g in range(int(group.max()) + 1):
            mine = np.where(group == g, weight, 0)
            mean_s = _mean(time_s, mine)
            pulses = fft.rfft(histogram(at, mine, n_samples=self.n_samples), n_fft, axis=-1, workers=1)
            hiss = fft.rfft(self._noise(at, mine, way_km, phase, rng=rng), n_fft, axis=-1, workers=1)
            lost = decay.spectrum(mean_s, q_at_1_hz=q)
            here = pulse_share[:, :, None] * (pulses * patch[0])[:, None, :]
            here += noise_share.astype(np.float32)[None, :, None] * (hiss * patch[1])
            total += here * lost[:, None, :]

    def _patch(self, phase: str, frequency: Float64) -> tuple[npt.NDArray[np.complex64], npt.NDArray[np.complex64]]:
        """Acceleration per unit of moment over distance in km: spectra of pulses and of noise."""
        family, deep = self.family, np.array([self.event.depth_km])
        speed = float(family.at_depth("vp_km_s" if phase == "P" else "vs_km_s", deep)[0])
        density = float(family.at_depth("density_kg_m3", deep)[0])
        share = 1.0 if phase == "P" else self.s_share
        spectra = patch_spectra(
            self.rupture,
            frequency,
            corner_ratio=family.p_corner_ratio if phase == "P" else 1.0,
            velocity_km_s=speed,
            coherent_below_hz=family.coherent_below_hz,
        )
        per_moment = FREE_SURFACE * 1e-3 / (4 * np.pi * density * (1e3 * speed) ** 3) * self.rate_hz
        scale = share * per_moment * (2j * np.pi * frequency) ** 2
        return (spectra.pulse * scale).astype(np.complex64), (spectra.noise * scale).astype(np.complex64)

    def _ways(self, phase: str, *, far_km: Float64, azimuth_deg: Float64) -> tuple[Float64, Float64]:
        """Travel times (s) and distances (km) of every patch to every place, (place, patch)."""
        rupture, turn = self.rupture, np.radians(azimuth_deg)[:, None]
        east = far_km[:, None] * np.sin(turn) - rupture.east_km
        north = far_km[:, None] * np.cos(turn) - rupture.north_km
        flat = np.hypot(east, north)
        deep = np.broadcast_to(rupture.depth_km, flat.shape)
        traced = rays(self.family, phase, depth_km=deep.ravel(), distance_km=flat.ravel())
        return traced.time_s.reshape(flat.shape), np.maximum(np.hypot(flat, deep), 1.0)

    def _groups(self, time_s: Float64) -> Ints:
        """Which patches share one attenuation, (place, patch)."""
        if self.event.length_km <= _LONG_KM:
            return np.zeros(time_s.shape, np.int64)
        low, high = time_s.min(1, keepdims=True), time_s.max(1, keepdims=True)
        part = (time_s - low) / np.maximum(high - low, 1e-6)
        return np.asarray(np.minimum((part * _GROUPS).astype(np.int64), _GROUPS - 1))

    def _pattern(self, phase: str, azimuth_deg: Float64) -> Float32:
        """How the pulse of a wave lies on Z, N, E: the double couple's pattern, its zeros filled to its mean square."""
        event, n = self.event, len(self.places)
        far = geo.distance_km(event.latitude, event.longitude, self.places.latitude, self.places.longitude)
        deep = np.full(n, event.depth_km)
        ray = rays(self.family, phase, depth_km=deep, distance_km=far)
        speed = self.family.at_depth("vp_km_s" if phase == "P" else "vs_km_s", deep)
        p, sv, sh = radiation(
            *(np.full(n, value) for value in (event.strike_deg, event.dip_deg, event.rake_deg)),
            azimuth_deg=azimuth_deg,
            takeoff_deg=ray.takeoff_deg(speed),
        )
        tilt = np.radians(ray.incidence_deg(np.full(n, _SURFACE_KM_S[phase])))
        if phase == "P":
            size = _filled(p, RMS_RADIATION_P)
            up, out, side = size * np.cos(tilt), size * np.sin(tilt), 0 * size
        else:
            length = np.hypot(sv, sh)
            size = np.sqrt(0.5 * RMS_RADIATION_S**2 + 0.5 * length**2) / np.maximum(length, 1e-9)
            up, out, side = -size * sv * np.sin(tilt), size * sv * np.cos(tilt), size * sh
        turn = np.radians(azimuth_deg)
        north = out * np.cos(turn) - side * np.sin(turn)
        east = out * np.sin(turn) + side * np.cos(turn)
        return np.stack([up, north, east], axis=1).astype(np.float32)

    def _noise(self, at: Float64, weight: Float64, way_km: Float64, phase: str, *, rng: np.random.Generator) -> Float32:
        """White noise (place, component, time) whose power is what the patches' scattered arrivals leave."""
        family = self.family
        power = histogram(at, weight**2, n_samples=self.n_samples, whole=True)
        base = family.p_scatter_s if phase == "P" else family.s_scatter_s
        quick = (base + family.scatter_s_per_km * _mean(way_km, weight)) * self.rate_hz
        slow = quick + family.coda_s * self.rate_hz
        spread = np.empty_like(power)
        for k, row in enumerate(power):
            spread[k] = (1 - family.coda_share) * fading(row, quick[k]) + family.coda_share * fading(row, slow[k])
        drawn = rng.standard_normal((len(power), 3, self.n_samples), np.float32)
        drawn *= np.sqrt(np.maximum(spread, 0)).astype(np.float32)[:, None, :]
        return drawn


def spreading(family: Family, distance_km: Float64) -> Float64:
    """Give how amplitude falls with distance, equal to 1/km at 1 km: one power to the crossover, another beyond.

    >>> from foreshock.collect.synthetic.scenario.families import family
    >>> spreading(family("A"), np.array([10.0, 200.0])).tolist()
    [0.1, 0.01]
    """
    near = np.minimum(distance_km, family.crossover_km)
    return np.asarray(near**-family.spreading_power * (distance_km / near) ** -family.far_spreading_power)


def histogram(at: Float64, weight: Float64, *, n_samples: int, whole: bool = False) -> Float32:
    """Add weights (place, patch) up at samples, (place, time); between two samples each takes its part.

    `whole`: the later sample takes all. What comes after the end is left out.
    """
    n_places = len(at)
    first = np.floor(at).astype(np.int64)
    part = np.ones_like(at) if whole else at - first
    row = np.arange(n_places)[:, None] * n_samples
    out = np.zeros(n_places * n_samples)
    for sample, share in ((first, 1 - part), (first + 1, part)):
        inside = (sample >= 0) & (sample < n_samples) & (share > 0)
        out += np.bincount((row + sample)[inside], (weight * share)[inside], minlength=len(out))
    return out.reshape(n_places, n_samples).astype(np.float32)


def fading(power: Float32, constant: float) -> Float32:
    """Let each arrival's power fade exponentially with a time constant in samples; its sum stays."""
    kept = np.exp(-1 / constant)
    return np.asarray(lfilter([1 - kept], [1, -kept], power), np.float32)


def _mean(values: Float64, weight: Float64) -> Float64:
    """Mean over patches by the square of their weight, (place,); plain where they weigh nothing."""
    square = weight**2 + 1e-12 * (weight**2).max(1, keepdims=True) + 1e-300
    return np.asarray((values * square).sum(1) / square.sum(1))


def _filled(pattern: Float64, rms: float) -> Float64:
    return np.asarray(np.where(pattern < 0, -1, 1) * np.sqrt(0.5 * rms**2 + 0.5 * pattern**2))
