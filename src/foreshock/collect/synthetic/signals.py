"""From source to output: the spectra of P, S and their codas summed at exact times. Knows no noise and no defects."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy import fft

from foreshock.collect.synthetic import coda, path, source
from foreshock.collect.synthetic.events import Arrivals, Scene, at_source, trace
from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.collect.synthetic.stations import Network
from foreshock.types.arrays import Float32, Float64, Ints

Complex64 = npt.NDArray[np.complex64]

_CODA_SHARE_P = np.sqrt(np.array([0.5, 0.25, 0.25]))
_CODA_SHARE_S = np.sqrt(np.array([0.24, 0.38, 0.38]))
"""Scattered amplitude on Z, N and E; the squares add to 1."""
P_SPREAD = 0.6
"""P is broadened for a shorter time than S."""


@dataclass(frozen=True)
class Grid:
    """The samples and frequencies of a set of records."""

    rate_hz: float
    n_samples: int
    n_fft: int
    frequency_hz: Float32
    time_s: Float32
    attenuation: path.Attenuation

    @classmethod
    def of(cls, settings: SyntheticSettings) -> Grid:
        """Choose a fast even length a little longer than the record, so that the last pulses do not wrap around."""
        n = settings.n_samples
        n_fft = fft.next_fast_len(n + max(round(0.08 * n), round(settings.rate_hz)), real=True)
        while n_fft % 2:
            n_fft = fft.next_fast_len(n_fft + 1, real=True)
        frequency = np.fft.rfftfreq(n_fft, 1 / settings.rate_hz)
        return cls(
            rate_hz=settings.rate_hz,
            n_samples=n,
            n_fft=n_fft,
            frequency_hz=frequency.astype(np.float32),
            time_s=(np.arange(n) / settings.rate_hz).astype(np.float32),
            attenuation=path.Attenuation.of(frequency, exponent=settings.q_exponent),
        )

    def delays(self, time_s: Float64) -> Complex64:
        """Give the phase ramps of arrival times; what arrives after the record's end is left out."""
        seen = (time_s < self.n_samples / self.rate_hz) & np.isfinite(time_s)
        ramp = path.delays(
            np.where(seen, time_s, 0.0), n_frequencies=len(self.frequency_hz), step_hz=self.rate_hz / self.n_fft
        )
        ramp[~seen] = 0
        return ramp


@dataclass(frozen=True)
class Waves:
    """P and S on their way to the records of a scene, and when sample 0 of each record is, seconds after origin."""

    p: Arrivals
    s: Arrivals
    start_s: Float64


def take(scene: Scene, rows: Ints) -> Scene:
    """Give the scene of some of its records."""
    return Scene(**{f.name: getattr(scene, f.name)[..., rows] for f in fields(scene)})


def travel(settings: SyntheticSettings, scene: Scene) -> Waves:
    """Trace both waves and place the record so that P falls where the settings want it."""
    p, s = (trace(settings.layers, scene, wave=wave) for wave in "ps")
    early, late = settings.p_earliest_fraction, settings.p_latest_fraction
    return Waves(p, s, p.first.time_s - settings.span_s * (early + (late - early) * scene.u[0]))


def synthesise_signals(
    settings: SyntheticSettings,
    scene: Scene,
    waves: Waves,
    *,
    network: Network,
    transfer: Complex64,
    grid: Grid,
    rng: np.random.Generator,
) -> Float32:
    """Give the output of the earthquakes alone, (record, Z N E, time), in the settings' unit.

    `transfer` is (record, Z N E, frequency): output per metre of displacement. Each wave is its spectrum times the sum
    of its direct pulse, its head wave and its train of scattered arrivals (whose distances in time are random).
    """
    white = rng.standard_normal((len(scene.index), 3, grid.n_samples), np.float32)
    moment = source.moment_nm(scene.magnitude)
    corner = source.corner_hz(
        moment, stress_drop_pa=scene.stress_drop_pa, vs_m_s=1e3 * at_source(settings.layers, scene, name="vs_km_s")
    )
    total = _wave(settings, scene, waves, network, grid, white, moment=moment, corner=corner, wave="p")
    total += _wave(settings, scene, waves, network, grid, white, moment=moment, corner=corner, wave="s")
    total *= transfer
    moved: Float32 = fft.irfft(total, grid.n_fft, axis=-1, overwrite_x=True, workers=1)[..., : grid.n_samples]
    moved *= np.float32(grid.rate_hz)
    return moved


def _wave(
    settings: SyntheticSettings,
    scene: Scene,
    waves: Waves,
    network: Network,
    grid: Grid,
    white: Float32,
    *,
    moment: Float64,
    corner: Float64,
    wave: str,
) -> Complex64:
    """Displacement spectra (record, Z N E, frequency) of one wave type."""
    arrivals = waves.p if wave == "p" else waves.s
    ratio, q_ratio = (settings.p_corner_ratio, settings.q_p_over_q_s) if wave == "p" else (1.0, 1.0)
    level = source.plateau_m_s(
        moment,
        density_kg_m3=at_source(settings.layers, scene, name="density_kg_m3"),
        velocity_m_s=1e3 * at_source(settings.layers, scene, name=f"v{wave}_km_s"),
        spreading_per_m=path.spreading_per_m(
            np.hypot(scene.distance_km, scene.depth_km), crossover_km=settings.spreading_crossover_km
        ),
    )
    train = scattered(settings, scene, waves, grid, white, corner=corner, wave=wave)
    add_pulses(train, settings, scene, waves, network, grid, wave=wave)
    shape = source.omega_square(grid.frequency_hz, ratio * corner)
    shape *= grid.attenuation.spectrum(arrivals.direct.time_s, q_at_1_hz=q_ratio * settings.q_s_at_1_hz)
    shape *= level.astype(np.float32)[:, None]
    train *= shape[:, None, :]
    return train


def scattered(
    settings: SyntheticSettings,
    scene: Scene,
    waves: Waves,
    grid: Grid,
    white: Float32,
    *,
    corner: Float64,
    wave: str,
) -> Complex64:
    """Spectra (record, Z N E, frequency) of the scattered train beside a direct pulse of amplitude 1."""
    arrivals = waves.p if wave == "p" else waves.s
    per_km, share = (
        (settings.p_scattering_per_km, source.RMS_RADIATION_P * _CODA_SHARE_P)
        if wave == "p"
        else (settings.s_scattering_per_km, source.RMS_RADIATION_S * _CODA_SHARE_S)
    )
    dominant = dominant_hz(settings, arrivals.direct.time_s, corner=corner)
    quality = coda.coda_q(dominant, q_at_1_hz=settings.coda_q_at_1_hz, exponent=settings.coda_q_exponent)
    way_km = np.hypot(scene.distance_km, scene.depth_km)
    scattering = coda.Scattering(
        origin_s=-waves.start_s,
        travel_s=arrivals.direct.time_s,
        rate_per_s=per_km * at_source(settings.layers, scene, name=f"v{wave}_km_s"),
        decay_per_s=np.pi * dominant / quality,
        spread_s=(P_SPREAD if wave == "p" else 1.0) * (settings.broadening_s + settings.broadening_s_per_km * way_km),
        spread_fraction=settings.broadened_fraction,
    )
    shape = coda.envelope(grid.time_s, scattering)
    add_head_train(shape, settings, grid, scattering, head_s=arrivals.head.time_s)
    shape *= np.float32(grid.rate_hz**-0.5)
    train = np.zeros((len(shape), 3, grid.n_fft), np.float32)
    np.multiply(white, shape[:, None, :], out=train[..., : grid.n_samples])
    train *= share.astype(np.float32)[:, None]
    return np.asarray(fft.rfft(train, axis=-1, workers=1), np.complex64)


def add_head_train(
    shape: Float32, settings: SyntheticSettings, grid: Grid, scattering: coda.Scattering, *, head_s: Float64
) -> None:
    """Add to the envelopes in `shape` the forward-scattered train of the head waves that come in the record."""
    rows = np.flatnonzero(head_s + scattering.origin_s < settings.span_s)
    if not len(rows) or not scattering.spread_fraction:
        return
    none = np.zeros(len(rows))
    train = coda.envelope(
        grid.time_s,
        coda.Scattering(
            origin_s=scattering.origin_s[rows],
            travel_s=head_s[rows],
            rate_per_s=none,
            decay_per_s=none,
            spread_s=scattering.spread_s[rows],
            spread_fraction=scattering.spread_fraction,
        ),
    )
    train *= np.float32(settings.head_wave_factor)
    shape[rows] = np.sqrt(shape[rows] ** 2 + train**2)  # far quicker than np.hypot; nothing here is near overflow


def dominant_hz(settings: SyntheticSettings, travel_s: Float64, *, corner: Float64) -> Float64:
    """The frequency at which a coda is strongest: the corner, or where the way has taken half of the amplitude."""
    lost = (settings.q_s_at_1_hz * np.log(2) / (np.pi * travel_s)) ** (1 / (1 - settings.q_exponent))
    return np.asarray(np.clip(np.minimum(corner, lost), 1.0, 0.3 * max(settings.rate_hz, 4.0)))


def add_pulses(
    train: Complex64,
    settings: SyntheticSettings,
    scene: Scene,
    waves: Waves,
    network: Network,
    grid: Grid,
    *,
    wave: str,
) -> None:
    """Add the direct pulse and, where it comes, the head wave to the spectra in `train`."""
    arrivals = waves.p if wave == "p" else waves.s
    sharp = np.sqrt(1 - settings.broadened_fraction)
    for rays, factor in ((arrivals.direct, sharp), (arrivals.head, sharp * settings.head_wave_factor)):
        rows = np.flatnonzero(rays.time_s - waves.start_s < settings.span_s)
        if not len(rows):
            continue
        motion = factor * motion_zne(settings, scene, rays, network, wave=wave).astype(np.float32)
        ramp = grid.delays(rays.time_s[rows] - waves.start_s[rows]).view(np.float32)
        pulse = np.empty((3, ramp.shape[1]), np.float32)
        for at, row in enumerate(rows):
            train[row].view(np.float32)[...] += np.multiply.outer(motion[row], ramp[at], out=pulse)


def motion_zne(settings: SyntheticSettings, scene: Scene, rays: path.Rays, network: Network, *, wave: str) -> Float64:
    """Give the amplitude on Z, N, E (record, 3) of a ray: radiation turned by incidence angle and back azimuth."""
    p, sv, sh = source.radiation(
        scene.strike_deg,
        scene.dip_deg,
        scene.rake_deg,
        azimuth_deg=scene.azimuth_deg,
        takeoff_deg=rays.takeoff_deg(at_source(settings.layers, scene, name=f"v{wave}_km_s")),
    )
    surface = network.vp_surface_km_s if wave == "p" else network.vs_surface_km_s
    angle = np.radians(rays.incidence_deg(surface[scene.station]))
    if wave == "p":
        up, away, aside = p * np.cos(angle), p * np.sin(angle), np.zeros_like(p)
    else:
        up, away, aside = sv * np.sin(angle), -sv * np.cos(angle), sh
    heading = np.radians(scene.back_azimuth_deg + 180)
    north = away * np.cos(heading) - aside * np.sin(heading)
    east = away * np.sin(heading) + aside * np.cos(heading)
    return np.stack([up, north, east], axis=1)


def first_motion(settings: SyntheticSettings, scene: Scene, waves: Waves, network: Network) -> Float64:
    """Give the vertical amplitude of the first P, (record,): positive is up, and near zero the sign is hard to see."""
    by_ray = [motion_zne(settings, scene, rays, network, wave="p")[:, 0] for rays in (waves.p.direct, waves.p.head)]
    return np.where(waves.p.direct.time_s <= waves.p.head.time_s, *by_ray)
