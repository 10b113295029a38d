"""Local: ML from simulated Wood-Anderson amplitudes. Knows no spectra and no networks that learn.

ML = log10 A − log10 A0(R) + S: A is the amplitude of each horizontal on a Wood-Anderson seismograph (IASPEI 2013;
Richter 1935, BSSA 25, 1-32), A0 a regional curve (`attenuation`), S the station's term. A station's value is the mean
over its horizontals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from pydantic import Field

from foreshock.predict.magnitude.attenuation import Curve
from foreshock.predict.magnitude.ground import Trace, stretch
from foreshock.predict.magnitude.together import JoiningSettings
from foreshock.predict.magnitude.windows import Reach
from foreshock.predict.magnitude.wood_anderson import (
    INSTRUMENTS,
    Instrument,
    Swing,
    finer_by,
    largest_swing,
    simulate,
)
from foreshock.types.arrays import Float64
from foreshock.types.event import Event
from foreshock.types.solution import Amplitude, StationMagnitude

LOWEST_RATE_HZ = 10.0
"""A slower record misses the periods that a Wood-Anderson seismograph writes."""


class LocalSettings(JoiningSettings):
    """Settings of ML.

    Attributes:
        curve: name of an attenuation curve; None takes that of the smallest region around the epicentre.
        instrument: constants of the seismograph; None takes those the curve was made for.
        measure: ``half_peak_to_peak`` or ``zero_to_peak``.
        low_hz: the simulation is exact above it.
        before_p_s: the window begins so long before P.
        after_s_s: it ends so long after S, or when waves of `slowest_km_s` have come, whichever is later.
        least_after_s_s: a record must reach so long after S.
        slowest_km_s: of the waves that the window waits for.
        noise_s: length of the noise before that window.
        least_snr: an amplitude less than so many times it is not used.
        most_ratio: horizontals that differ by more than this factor are not believed: one of them is broken.
        bridge_s: a hole no longer than this is bridged by a line.
        corrections: station terms S by ``NET.STA.LOC``, added.
        model_sigma: standard deviation of what the attenuation curve gets wrong at all stations;
            a judgement, as no catalogue was compared.
    """

    curve: str | None = None
    instrument: Literal["uhrhammer_collins_1990", "nominal"] | None = None
    measure: Literal["half_peak_to_peak", "zero_to_peak"] = "half_peak_to_peak"
    low_hz: float = Field(default=0.1, gt=0, le=1)
    before_p_s: float = Field(default=0.5, ge=0, le=10)
    after_s_s: float = Field(default=15.0, gt=0, le=600)
    slowest_km_s: float = Field(default=2.5, gt=0.1, le=10)
    least_after_s_s: float = Field(default=5.0, gt=0, le=600)
    noise_s: float = Field(default=10.0, gt=0, le=600)
    least_snr: float = Field(default=3.0, ge=0)
    most_ratio: float = Field(default=8.0, gt=1)
    bridge_s: float = Field(default=0.05, ge=0, le=1)
    corrections: Mapping[str, float] = Field(default_factory=dict)
    model_sigma: float = Field(default=0.1, ge=0)


def instrument_of(curve: Curve, settings: LocalSettings) -> Instrument:
    """The seismograph that is simulated."""
    return INSTRUMENTS[settings.instrument or curve.instrument]


def station_ml(
    event: Event, horizontals: list[Trace], reach: Reach, *, curve: Curve, settings: LocalSettings
) -> StationMagnitude:
    """Give one station's ML; where it is not used it says why, and without any amplitude its value is 0."""
    trace_id = horizontals[0].trace_id
    instrument = instrument_of(curve, settings)
    measured = [wood_anderson_amplitude(trace, reach, instrument, settings) for trace in horizontals]
    amplitudes = tuple(one for one in measured if isinstance(one, Amplitude) and one.value > 0)
    reasons = [one for one in measured if isinstance(one, str)]
    if not amplitudes:
        return StationMagnitude(trace_id, 0.0, used=False, reason="; ".join(dict.fromkeys(reasons)) or "no motion")
    correction = float(settings.corrections.get(trace_id, 0.0))
    each = [
        curve.magnitude(
            one.value,
            hypocentral_km=reach.hypocentral_km,
            static_magnification=instrument.static_magnification,
            epicentral_km=reach.epicentral_km,
            depth_km=event.depth_km or 0.0,
        )
        for one in amplitudes
    ]
    reason = (
        curve.refusal(reach.hypocentral_km)
        or _too_quiet(amplitudes, settings.least_snr)
        or _unlike(amplitudes, settings.most_ratio)
    )
    value = float(np.mean(each)) + correction
    return StationMagnitude(trace_id, round(value, 4), amplitudes, correction, used=not reason, reason=reason)


def _too_quiet(amplitudes: tuple[Amplitude, ...], least_snr: float) -> str:
    quiet = [one for one in amplitudes if one.snr is not None and one.snr < least_snr]
    if len(quiet) < len(amplitudes):
        return ""
    best = max(one.snr or 0.0 for one in quiet)
    return f"its amplitude is {best:.1f} times the noise before P; {least_snr:g} times are needed"


def _unlike(amplitudes: tuple[Amplitude, ...], most_ratio: float) -> str:
    least, most = min(amplitudes, key=lambda one: one.value), max(amplitudes, key=lambda one: one.value)
    if most.value <= most_ratio * least.value:
        return ""
    return f"{most.channel} writes {most.value / least.value:.0f} times what {least.channel} writes: one is broken"


def wood_anderson_amplitude(
    trace: Trace, reach: Reach, instrument: Instrument, settings: LocalSettings
) -> Amplitude | str:
    """Measure the largest swing (mm) between P and some time after S, or say why there is none."""
    if trace.rate_hz < LOWEST_RATE_HZ:
        return f"the sampling rate is {trace.rate_hz:g} Hz; {LOWEST_RATE_HZ:g} Hz are needed"
    rate = trace.rate_hz
    begin, end = window(trace, reach, settings)
    held = stretch(
        trace,
        begin,
        end,
        room=round((settings.noise_s + 4 / settings.low_hz) * rate),
        bridge=round(settings.bridge_s * rate),
        least_end=trace.sample_at(reach.s_ns) + round(settings.least_after_s_s * rate),
    )
    if isinstance(held, str):
        return held
    finer = finer_by(rate)
    drawn = simulate(
        held.samples,
        rate,
        unit=trace.unit,
        response=trace.response,
        instrument=instrument,
        low_hz=settings.low_hz,
        finer=finer,
    )
    swing = largest_swing(drawn[held.begin * finer : held.end * finer], settings.measure)
    if swing is None:
        return "there is no full swing in the window"
    noise = _noise(drawn[: held.begin * finer], rate * finer, settings)
    return Amplitude(
        trace.trace_id,
        trace.channel,
        "WA",
        swing.size,
        "mm",
        trace.time_ns(held.first + held.begin + swing.sample / finer),
        period_s=swing.period_samples / (rate * finer),
        snr=None if noise is None or noise.size == 0 else swing.size / noise.size,
    )


def window(trace: Trace, reach: Reach, settings: LocalSettings) -> tuple[int, int]:
    """First and last sample of the window from P to after S; it grows with distance."""
    after_s = reach.s_ns + round(settings.after_s_s * 1e9)
    travelled_s = reach.hypocentral_km / settings.slowest_km_s
    p_travelled_s = reach.hypocentral_km / FAST_KM_S
    slow = reach.p_ns + round((travelled_s - p_travelled_s) * 1e9)
    begin = trace.sample_at(reach.p_ns - round(settings.before_p_s * 1e9))
    return begin, trace.sample_at(max(after_s, slow)) + 1


FAST_KM_S = 6.0
"""P's velocity, to tell from P alone when slow waves come."""
LEAST_NOISE_S = 2.0


def _noise(before: Float64, rate_hz: float, settings: LocalSettings) -> Swing | None:
    """The largest swing of the noise just before the window; None where there is too little of it."""
    samples = before[-round(settings.noise_s * rate_hz) :] if len(before) else before
    if len(samples) < LEAST_NOISE_S * rate_hz:
        return None
    return largest_swing(samples, settings.measure)
