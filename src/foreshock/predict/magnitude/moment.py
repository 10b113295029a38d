"""Moment: Mw from the displacement spectra of S or P. Knows no Wood-Anderson and no networks that learn.

M0 = 4π ρ v³ G(R) Ω0 / (F · U), with G the geometrical spreading, F the free surface and U the mean radiation (Brune
1970; Hanks & Wyss 1972, BSSA 62, 561-589); Mw = 2/3 (log10 M0 − 9.1) (IASPEI 2013, after Hanks & Kanamori 1979,
doi:10.1029/JB084iB05p02348).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from pydantic import Field
from scipy import signal

from foreshock.predict.magnitude.brune import Fit, fit
from foreshock.predict.magnitude.ground import Stretch, Trace, stretch
from foreshock.predict.magnitude.rock import amplification
from foreshock.predict.magnitude.spectrum import Spectrum, displacement_spectrum, velocity
from foreshock.predict.magnitude.together import JoiningSettings
from foreshock.predict.magnitude.windows import Reach
from foreshock.types.arrays import Float64
from foreshock.types.solution import Amplitude, StationMagnitude

KM = 1000.0
LEAST_NOISE_S = 2.0
MOST_TRIES = 4
"""How often the window may be doubled."""


class MomentSettings(JoiningSettings):
    """Settings of Mw.

    Attributes:
        phase: the wave whose spectrum is fitted.
        density_kg_m3, vs_m_s, vp_m_s: at the source; crust of 2700 kg/m³, 3500 and 6060 m/s (Boore 2003, Pure Appl.
            Geophys. 160, 635-676, doi:10.1007/PL00012553, takes 2800 and 3600 to 3700 for California).
        radiation_s, radiation_p: mean over the focal sphere, 0.63 and 0.52 (Boore & Boatwright 1984, BSSA 74,
            1615-1621).
        free_surface: 2 for steep S and SH.
        site: what amplifies S near the surface: ``generic_rock`` (Boore & Joyner 1997), or ``none`` for sensors in
            boreholes or hard rock. The level of a small earthquake is read above 1 Hz, where generic rock doubles it.
        crossover_km: amplitude falls as 1/R to here and as 1/√R beyond (Herrmann & Kijko 1983, BSSA 73, 157-171).
        q0, eta: Q(f) = q0 f^eta; 180 and 0.45 are southern California's (Raoof, Herrmann & Malagnini 1999, BSSA 89,
            888-902). For P the same is taken.
        kappa_s, kappa_sigma_s: expected κ and how far it may lie off; 0.035 s is California's generic rock (Boore &
            Joyner 1997, BSSA 87, 327-341).
        shortest_s, longest_s: the window's length; it begins `lead_share` of it before the phase, is at first as long
            as S − P (for P: no longer) and holds `energy_share` of the energy that comes within
            `longest_s` of S; it is doubled until it holds `corners_held` periods of the corner.
        low_hz, high_share: the band, up to a share of half the rate.
        least_snr: amplitude over noise that a frequency needs.
        least_octaves: the band that must be left.
        noise_s, bridge_s: as for ML.
        most_rms: log10 misfit beyond which a spectrum is not that of this model.
        model_sigma: standard deviation of what density, velocity, Q and spreading get wrong at all stations;
            a judgement, as no catalogue was compared.
    """

    phase: Literal["S", "P"] = "S"
    density_kg_m3: float = Field(default=2700.0, gt=500, le=10_000)
    vs_m_s: float = Field(default=3500.0, gt=100, le=10_000)
    vp_m_s: float = Field(default=6060.0, gt=200, le=15_000)
    radiation_s: float = Field(default=0.63, gt=0, le=1)
    radiation_p: float = Field(default=0.52, gt=0, le=1)
    free_surface: float = Field(default=2.0, ge=1, le=4)
    site: Literal["generic_rock", "none"] = "generic_rock"
    crossover_km: float = Field(default=100.0, gt=1)
    q0: float = Field(default=180.0, gt=1)
    eta: float = Field(default=0.45, ge=0, le=1)
    kappa_s: float = Field(default=0.035, ge=0, le=0.3)
    kappa_sigma_s: float = Field(default=0.015, ge=0, le=0.3)
    shortest_s: float = Field(default=5.0, gt=0.2, le=600)
    longest_s: float = Field(default=120.0, gt=0.2, le=3600)
    lead_share: float = Field(default=0.1, ge=0, le=0.4)
    corners_held: float = Field(default=3.0, gt=0, le=50)
    energy_share: float = Field(default=0.65, gt=0, lt=1)
    low_hz: float = Field(default=0.04, gt=0)
    high_share: float = Field(default=0.7, gt=0, le=0.8)
    least_snr: float = Field(default=3.0, ge=1)
    least_octaves: float = Field(default=2.0, gt=0)
    noise_s: float = Field(default=60.0, gt=0, le=600)
    bridge_s: float = Field(default=0.05, ge=0, le=1)
    most_rms: float = Field(default=0.35, gt=0)
    model_sigma: float = Field(default=0.15, ge=0)


@dataclass(frozen=True, eq=False)
class StationMoment:
    """What one station's spectrum says.

    Attributes:
        magnitude: its Mw and why it is not used, where it is not. moment_n_m: M0.
        fit: level, corner and κ; None where nothing could be fitted. spectrum: what was fitted.
    """

    magnitude: StationMagnitude
    moment_n_m: float | None = None
    fit: Fit | None = None
    spectrum: Spectrum | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class _Window:
    signals: list[Float64]
    noises: list[Float64]
    span_s: float


def moment_magnitude(moment_n_m: float) -> float:
    """Mw of a moment.

    >>> round(moment_magnitude(10**9.1), 6)
    0.0
    """
    return 2 / 3 * (float(np.log10(moment_n_m)) - 9.1)


def spreading_m(hypocentral_km: float, crossover_km: float) -> float:
    """What the amplitude has been divided by, in metres."""
    if hypocentral_km <= crossover_km:
        return hypocentral_km * KM
    return float(np.sqrt(hypocentral_km * crossover_km)) * KM


def moment_of(omega0_m_s: float, hypocentral_km: float, settings: MomentSettings) -> float:
    """M0 (N m) of a long-period level."""
    told = settings
    speed, radiation = (told.vs_m_s, told.radiation_s) if told.phase == "S" else (told.vp_m_s, told.radiation_p)
    source = 4 * np.pi * told.density_kg_m3 * speed**3
    return float(source * spreading_m(hypocentral_km, told.crossover_km) * omega0_m_s / (radiation * told.free_surface))


def station_mw(traces: Sequence[Trace], reach: Reach, *, settings: MomentSettings) -> StationMoment:
    """Give one station's Mw from all its components together, or one that is not used and says why."""
    trace_id = traces[0].trace_id
    length_s = _first_length_s(traces, reach, settings)
    found: tuple[Spectrum, Fit] | str = "no window"
    for _ in range(MOST_TRIES):
        new = _fitted(traces, reach, length_s, settings)
        if isinstance(new, str):
            found = new if isinstance(found, str) else found
            break
        found = new
        corner = new[1].corner_hz
        if length_s * corner >= settings.corners_held or not _may_grow(length_s, settings):
            break
        length_s = min(2 * length_s, settings.longest_s)
    if isinstance(found, str):
        return StationMoment(StationMagnitude(trace_id, 0.0, used=False, reason=found))
    return _sized(traces, reach, *found, settings)


def _may_grow(length_s: float, settings: MomentSettings) -> bool:
    return settings.phase == "S" and length_s < settings.longest_s


def _first_length_s(traces: Sequence[Trace], reach: Reach, settings: MomentSettings) -> float:
    s_minus_p = (reach.s_ns - reach.p_ns) / 1e9
    if settings.phase == "P":
        return float(min(max(s_minus_p, settings.shortest_s), s_minus_p))
    lasting = max(_lasting_s(trace, reach, settings) for trace in traces) / (1 - settings.lead_share)
    return float(np.clip(max(s_minus_p, lasting), settings.shortest_s, settings.longest_s))


def _lasting_s(trace: Trace, reach: Reach, settings: MomentSettings) -> float:
    """How long after S `energy_share` of the energy has come, of velocity or acceleration as it was written."""
    begin = max(0, trace.sample_at(reach.s_ns))
    motion = trace.samples[begin : begin + round(settings.longest_s * trace.rate_hz)]
    if len(motion) < 2:
        return 0.0
    power = np.cumsum(signal.detrend(motion) ** 2)
    return float(np.searchsorted(power, settings.energy_share * power[-1])) / trace.rate_hz


def _fitted(
    traces: Sequence[Trace], reach: Reach, length_s: float, settings: MomentSettings
) -> tuple[Spectrum, Fit] | str:
    cut = _windows(traces, reach, length_s, settings)
    if isinstance(cut, str):
        return cut
    rate = traces[0].rate_hz
    high = settings.high_share * rate / 2
    spectrum = displacement_spectrum(cut.signals, cut.noises, rate, low_hz=settings.low_hz, high_hz=high)
    use = spectrum.usable(settings.least_snr)
    reason = _too_narrow(spectrum, use, settings)
    if reason:
        return reason
    speed = settings.vs_m_s if settings.phase == "S" else settings.vp_m_s
    fitted = fit(
        spectrum.frequency_hz,
        spectrum.amplitude / _site(spectrum, settings),
        use,
        travel_s=reach.hypocentral_km * KM / speed,
        q0=settings.q0,
        eta=settings.eta,
        kappa_s=settings.kappa_s,
        kappa_sigma_s=settings.kappa_sigma_s,
    )
    return spectrum, fitted


def _site(spectrum: Spectrum, settings: MomentSettings) -> Float64:
    """By how much the ground at the station amplifies; nobody tabulated it for P."""
    if settings.site == "none" or settings.phase == "P":
        return np.ones_like(spectrum.frequency_hz)
    return amplification(spectrum.frequency_hz)


def _too_narrow(spectrum: Spectrum, use: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], told: MomentSettings) -> str:
    held = spectrum.frequency_hz[use]
    octaves = float(np.log2(held[-1] / held[0])) if len(held) > 1 else 0.0
    if octaves >= told.least_octaves and len(held) >= 4:
        return ""
    return f"{octaves:.1f} octaves stand {told.least_snr:g} times above the noise; {told.least_octaves:g} are needed"


def _windows(traces: Sequence[Trace], reach: Reach, length_s: float, settings: MomentSettings) -> _Window | str:
    """Velocities of all components in the window and before P."""
    signals, noises = [], []
    lead_s = settings.lead_share * length_s
    start_ns = (reach.s_ns if settings.phase == "S" else reach.p_ns) - round(lead_s * 1e9)
    for trace in traces:
        rate = trace.rate_hz
        begin = trace.sample_at(start_ns)
        end = begin + round(length_s * rate)
        calm = trace.sample_at(reach.p_ns - round(0.5e9))
        held = stretch(
            trace,
            min(begin, calm),
            end,
            room=round((settings.noise_s + 2 / settings.low_hz) * rate),
            bridge=round(settings.bridge_s * rate),
            least_end=end,
        )
        if isinstance(held, str):
            return f"{trace.channel}: {held}"
        moved = velocity(trace, held, low_hz=settings.low_hz / 2, high_hz=0.8 * rate / 2)
        signals.append(moved[begin - held.first : end - held.first])
        noises.append(_before(moved, held, calm, rate, settings))
    shortest = min(len(one) for one in noises)
    noises = [one[len(one) - shortest :] for one in noises] if shortest >= LEAST_NOISE_S * traces[0].rate_hz else []
    if not noises:
        return "there is no noise before P to compare with"
    return _Window(signals, noises, length_s)


def _before(moved: Float64, held: Stretch, calm: int, rate: float, settings: MomentSettings) -> Float64:
    """Noise up to `calm`, without the tapered beginning of the stretch."""
    last = max(0, calm - held.first)
    tapered = round(0.025 * len(moved))
    return moved[max(tapered, last - round(settings.noise_s * rate)) : last]


def _sized(
    traces: Sequence[Trace], reach: Reach, spectrum: Spectrum, fitted: Fit, settings: MomentSettings
) -> StationMoment:
    moment = moment_of(fitted.omega0_m_s, reach.hypocentral_km, settings)
    first = traces[0]
    start_ns = reach.s_ns if settings.phase == "S" else reach.p_ns
    level = Amplitude(
        first.trace_id,
        first.channel[:-1] + "".join(sorted(trace.channel[-1:] for trace in traces)),
        "Omega0",
        fitted.omega0_m_s,
        "m s",
        start_ns,
        period_s=1 / fitted.corner_hz if fitted.resolved else None,
    )
    reason = _distrust(fitted, spectrum, settings)
    size = StationMagnitude(
        first.trace_id, round(moment_magnitude(moment), 4), (level,), used=not reason, reason=reason
    )
    return StationMoment(size, moment, fitted, spectrum)


def _distrust(fitted: Fit, spectrum: Spectrum, settings: MomentSettings) -> str:
    if fitted.rms > settings.most_rms:
        return f"the spectrum misses the model by {fitted.rms:.2f} log units"
    if fitted.corner_hz < 1.2 * fitted.low_hz:
        return (
            f"its corner ({fitted.corner_hz:.2g} Hz) does not lie above the band's lower end ({fitted.low_hz:.2g} Hz): "
            "the level is not seen"
        )
    return ""
