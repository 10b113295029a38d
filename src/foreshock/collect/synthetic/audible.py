"""Which earthquakes reach a station above its noise, when, and for how long. Makes no waveforms.

A wave is left out only where, at every frequency, its direct energy spread over the time in which it arrives stays
below `audible_ratio` (in amplitude) of the station's noise in its quietest hour. What is left out could not be seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foreshock import geo
from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic import instrument as hardware
from foreshock.collect.synthetic import path, source
from foreshock.collect.synthetic.coda import coda_q
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.events import Arrivals, Scene, at_source, trace
from foreshock.collect.synthetic.recorder import Recorder
from foreshock.collect.synthetic.sequence import Quakes
from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.collect.synthetic.signals import P_SPREAD, take
from foreshock.collect.synthetic.stations import Network, ground_gain, noise_power
from foreshock.types.arrays import Float64, Ints

SPANS_S = (20.0, 40.0, 80.0, 160.0, 320.0, 640.0)
"""Lengths of a record of one earthquake; each wave is given the first that holds it until it is lost in the noise."""
BEFORE_S = 2.0
"""A record begins so long before P."""
BEHIND_S = 12.0
CODA_SHARE = 0.15
"""Amplitude with which the scattered train begins, a share of the direct wave's."""
_DECAY_HZ = 1.5
_N_FREQUENCIES = 40


@dataclass(frozen=True)
class Heard:
    """What one station is given of the earthquakes, a row an audible event.

    Attributes:
        event: number of the event. scene: the rows as the generator knows them (one station, number 0).
        p, s: arrivals at the station, its delays included.
        clock_s: what its clock reads too much then. p_ns, s_ns: arrivals as the recording shows them.
        ratio: largest amplitude over noise, of all frequencies. span_s: length of the record.
    """

    event: Ints
    scene: Scene
    p: Arrivals
    s: Arrivals
    clock_s: Float64
    p_ns: Ints
    s_ns: Ints
    ratio: Float64
    span_s: Float64

    def __len__(self) -> int:
        return len(self.event)


def hear(
    settings: NetworkDaySettings, base: SyntheticSettings, network: Network, quakes: Quakes, recorder: Recorder
) -> Heard:
    """Find what the only station of `network` hears of the earthquakes."""
    scene = scene_at(network, quakes)
    p, s = (trace(base.layers, scene, wave=wave) for wave in "ps")
    ratio = np.maximum(*(wave_over_noise(settings, base, network, scene, rays, w) for rays, w in ((p, "p"), (s, "s"))))
    rows = np.flatnonzero(ratio >= settings.audible_ratio)
    scene = take(scene, rows)
    p, s = late(some_of(p, rows), recorder.p_static_s), late(some_of(s, rows), recorder.s_static_s)
    true_p, true_s = (scene.origin_ns + np.rint(w.first.time_s * NS_PER_S).astype(np.int64) for w in (p, s))
    clock = recorder.clock_error_s(true_p)
    error_ns = np.rint(clock * NS_PER_S).astype(np.int64)
    return Heard(
        event=rows,
        scene=scene,
        p=p,
        s=s,
        clock_s=clock,
        p_ns=true_p + error_ns,
        s_ns=true_s + error_ns,
        ratio=ratio[rows],
        span_s=_spans(base, ratio[rows], s.first.time_s - p.first.time_s),
    )


def scene_at(network: Network, quakes: Quakes) -> Scene:
    """All earthquakes as the only station of `network` has them."""
    n = len(quakes)
    distance, azimuth, back = geo.inverse(
        quakes.latitude, quakes.longitude, np.full(n, network.latitude[0]), np.full(n, network.longitude[0])
    )
    return Scene(
        index=np.arange(n),
        event=np.arange(n),
        station=np.zeros(n, np.int64),
        quiet=np.zeros(n, bool),
        origin_ns=quakes.origin_ns,
        latitude=quakes.latitude,
        longitude=quakes.longitude,
        depth_km=quakes.depth_km,
        distance_km=distance,
        azimuth_deg=azimuth,
        back_azimuth_deg=back,
        magnitude=quakes.magnitude,
        stress_drop_pa=quakes.stress_drop_pa,
        strike_deg=quakes.strike_deg,
        dip_deg=quakes.dip_deg,
        rake_deg=quakes.rake_deg,
        u=np.zeros((1, n)),
    )


def late(arrivals: Arrivals, delay_s: float) -> Arrivals:
    """The same arrivals, all so much later."""
    return Arrivals(*(replace(rays, time_s=rays.time_s + delay_s) for rays in _each(arrivals)))


def some_of(arrivals: Arrivals, rows: Ints) -> Arrivals:
    """The arrivals of some rows."""
    return Arrivals(*(path.Rays(r.time_s[rows], r.slowness_s_km[rows], r.downwards[rows]) for r in _each(arrivals)))


def _each(arrivals: Arrivals) -> tuple[path.Rays, path.Rays, path.Rays]:
    return arrivals.direct, arrivals.head, arrivals.first


def quietest_db(settings: NetworkDaySettings, base: SyntheticSettings) -> float:
    """How far below its mean a station's noise may fall: the day's swing and two deviations of the hours."""
    return settings.daily_db + 2 * base.hourly_db_sigma


def wave_over_noise(
    settings: NetworkDaySettings,
    base: SyntheticSettings,
    network: Network,
    scene: Scene,
    arrivals: Arrivals,
    wave: str,
) -> Float64:
    """The largest ratio of amplitudes, direct wave over quietest noise, of any frequency, (event,)."""
    frequency = np.geomspace(0.7, 0.45 * base.rate_hz, _N_FREQUENCIES)
    vertical, ratio, rms, q = (
        (0, base.p_corner_ratio, source.RMS_RADIATION_P, base.q_p_over_q_s)
        if wave == "p"
        else (1, 1.0, source.RMS_RADIATION_S, 1.0)
    )
    moment, way_km = source.moment_nm(scene.magnitude), np.hypot(scene.distance_km, scene.depth_km)
    velocity = 1e3 * at_source(base.layers, scene, name=f"v{wave}_km_s")
    vs = 1e3 * at_source(base.layers, scene, name="vs_km_s")
    corner = ratio * source.corner_hz(moment, stress_drop_pa=scene.stress_drop_pa, vs_m_s=vs)
    level = rms * source.plateau_m_s(
        moment,
        density_kg_m3=at_source(base.layers, scene, name="density_kg_m3"),
        velocity_m_s=velocity,
        spreading_per_m=path.spreading_per_m(way_km, crossover_km=base.spreading_crossover_km),
    )
    lost = np.pi * (arrivals.direct.time_s / (q * base.q_s_at_1_hz))[:, None] * frequency ** (1 - base.q_exponent)
    moved = level[:, None] / (1 + (frequency / corner[:, None]) ** 2) * np.exp(-lost)
    moved *= _recorded(base, network, frequency, vertical=not vertical)
    spread = (P_SPREAD if wave == "p" else 1.0) * (base.broadening_s + base.broadening_s_per_km * way_km)
    lasts_s = np.maximum(spread[:, None], 1 / frequency)
    quiet = noise_power(network, base, frequency)[0, vertical] * 10 ** (-quietest_db(settings, base) / 10)
    return np.asarray(np.sqrt((2 * moved**2 / (lasts_s * quiet)).max(1)))


def _recorded(base: SyntheticSettings, network: Network, frequency: Float64, *, vertical: bool) -> Float64:
    """Counts per metre that arrives below the station, (frequency,)."""
    resonance, kappa = (2.0, 0.5) if vertical else (1.0, 1.0)
    ground = ground_gain(network, 0, frequency, resonance=resonance, kappa=kappa, soft=base.site_resonance)
    clean = hardware.anti_alias(frequency, rate_hz=base.rate_hz)
    return np.asarray(ground * clean * np.abs(network.instruments[0].response_to("m", frequency)))


def _spans(base: SyntheticSettings, ratio: Float64, s_minus_p_s: Float64) -> Float64:
    """The length a record needs until its coda, which fades as the coda's Q says, is a tenth of the noise."""
    quality = coda_q(np.array([_DECAY_HZ]), q_at_1_hz=base.coda_q_at_1_hz, exponent=base.coda_q_exponent)
    decay_per_s = np.pi * _DECAY_HZ / quality[0]
    needed = BEFORE_S + s_minus_p_s + BEHIND_S + np.log(np.maximum(1.0, 10 * CODA_SHARE * ratio)) / decay_per_s
    row = np.searchsorted(np.array(SPANS_S), needed).clip(max=len(SPANS_S) - 1)
    return np.asarray(np.array(SPANS_S)[row])
