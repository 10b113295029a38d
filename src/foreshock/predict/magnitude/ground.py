"""Ground: one channel of a record and what turns its samples into metres. Knows no phases and no magnitudes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from foreshock.prepare.quality import DEFECTS, MarkDefects
from foreshock.types.arrays import AnyArray, Bools, Float64
from foreshock.types.station import Channel, Station
from foreshock.types.waveform import Waveform
from foreshock.units import GROUND_MOTION_ORDER

Response = Mapping[str, Any]
"""Of one channel, as `foreshock.collect.response.responses` gives it."""

FULL_24_BIT = 2.0**23
NEARLY_FULL = 0.97
"""Counts between this part of 2²³ and 2²³ stand at the end of a 24-bit digitiser."""

BROKEN = DEFECTS["spike"] | DEFECTS["step"]
LEVEL_DIP_DEG = 45.0
RESPONSE_KEYS = ("unit", "sensitivity", "normalization", "poles", "zeros")
_SHORT_PERIOD = ("EH", "SH", "EP", "SP", "GP", "DP")
_HORIZONTAL_LETTERS = "NE12RT"


@dataclass(frozen=True, eq=False)
class Judged:
    """A waveform and what is wrong with each of its samples, (channel, time): judging costs more than cutting."""

    wave: Waveform
    codes: AnyArray

    @classmethod
    def of(cls, wave: Waveform) -> Judged:
        """Look for the defects of a waveform."""
        return cls(wave, MarkDefects().codes(wave))

    def cut(self, first: int, last: int) -> Judged:
        """The part from one sample up to but not including another, within what there is."""
        first, last = max(0, first), max(0, first, min(last, self.wave.n_samples))
        return Judged(self.wave.cut(first, last), self.codes[:, first:last])


@dataclass(frozen=True, eq=False)
class Trace:
    """One channel's samples and its response.

    Attributes:
        samples: float64 (time,), zero where they are not sound. sound: whether each can be used. clipped: whether each
            stands at the end of its instrument's range.
        unit: of the samples. response: what `displacement_response` is told; None where the unit is one of motion.
    """

    trace_id: str
    channel: str
    rate_hz: float
    start_ns: int
    samples: Float64
    sound: Bools
    clipped: Bools
    unit: str
    response: Response | None

    def sample_at(self, time_ns: int) -> int:
        """The sample nearest to a time; it may lie outside the record."""
        return round((time_ns - self.start_ns) * self.rate_hz / 1e9)

    def time_ns(self, sample: float) -> int:
        """UTC nanoseconds of a sample."""
        return self.start_ns + round(sample * 1e9 / self.rate_hz)

    def until(self, time_ns: int) -> Trace:
        """What came before a time."""
        n = min(len(self.samples), max(0, self.sample_at(time_ns)))
        return replace(self, samples=self.samples[:n], sound=self.sound[:n], clipped=self.clipped[:n])

    def displacement_response(self, frequency_hz: Float64) -> AnyArray:
        """What one metre of ground displacement writes at each frequency, in the samples' unit."""
        return motion_response(frequency_hz, unit=self.unit, response=self.response, order=0)


def motion_response(frequency_hz: Float64, *, unit: str, response: Response | None, order: int) -> AnyArray:
    """What one unit of motion (order 0: m, 1: m/s, 2: m/s²) writes at each frequency (Hz), in the samples' unit.

    Sensitivity · A0 · Π(s − zero) / Π(s − pole) with s = 2πi f (SEED manual 2.4, appendix C); for samples in physical
    units, and between them, a power of s.

    >>> bool(abs(motion_response(np.array([1.0]), unit="m/s", response=None, order=0)[0]) > 6.28)
    True
    """
    s = 2j * np.pi * np.asarray(frequency_hz, np.float64)
    measured = unit if response is None else str(response["unit"])
    written: AnyArray = np.ones(s.shape, complex)
    for zero in response["zeros"] if response else ():
        written = written * (s - complex(*zero))
    for pole in response["poles"] if response else ():
        written = written / (s - complex(*pole))
    scale = float(response["sensitivity"]) * float(response["normalization"]) if response else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(scale * written * s ** (GROUND_MOTION_ORDER[measured] - order))


def divided(top: AnyArray, bottom: AnyArray) -> AnyArray:
    """Divide, with 0 where the bottom is zero or either is not finite."""
    good = np.isfinite(top) & np.isfinite(bottom) & (bottom != 0)
    return np.where(good, top / np.where(good, bottom, 1.0), 0.0)


def traces_of(
    judged: Judged, *, station: Station | None, responses: Mapping[str, Response]
) -> tuple[list[Trace], tuple[tuple[str, str], ...]]:
    """Give every row that can be turned into ground motion, and (channel, reason) of those that cannot.

    Arguments:
        judged: in counts or in ground motion.
        station: its channels' sensitivities stand in for a response that is not there.
        responses: by ``NET.STA.LOC.CHA``.
    """
    wave, codes = judged.wave, judged.codes
    kept, refused = [], []
    for row, name in enumerate(wave.channels):
        known = responses.get(f"{wave.station_id}.{name}")
        response = _response_of(wave, name, station, known)
        if isinstance(response, str):
            refused.append((name, response))
            continue
        samples = np.asarray(wave.data[row], np.float64)
        clipped = ((codes[row] & DEFECTS["clipped"]) > 0) | _at_full_scale(samples, wave.unit)
        sound = wave.valid[row] & ((codes[row] & BROKEN) == 0)
        held = np.where(sound, samples, 0.0)
        kept.append(
            Trace(wave.station_id, name, wave.rate_hz, wave.start_ns, held, sound, clipped, wave.unit, response)
        )
    return kept, tuple(refused)


def _at_full_scale(samples: Float64, unit: str) -> Bools:
    size = np.abs(samples)
    if unit != "count" or size.max(initial=0.0) > FULL_24_BIT:
        return np.zeros(samples.shape, bool)
    return np.asarray(size >= NEARLY_FULL * FULL_24_BIT)


def _response_of(wave: Waveform, name: str, station: Station | None, known: Response | None) -> Response | str | None:
    """A row's response, None where its unit needs none, or why it has none."""
    if wave.unit in GROUND_MOTION_ORDER:
        return None
    if wave.unit != "count":
        return f"its unit {wave.unit!r} is no ground motion"
    if known is not None:
        return known if _complete(known) else f"its response lacks one of {', '.join(RESPONSE_KEYS)}, or is no number"
    channel = _channel(station, name, wave.start_ns)
    if channel is None or not channel.sensitivity or channel.unit not in GROUND_MOTION_ORDER:
        return "counts without a response or a sensitivity"
    if name[:2].upper() in _SHORT_PERIOD:
        return "a short-period sensor of which only the sensitivity is known"
    return {
        "unit": channel.unit,
        "sensitivity": channel.sensitivity,
        "poles": (),
        "zeros": (),
        "normalization": 1.0,
    }


def _complete(response: Response) -> bool:
    """Whether a response can be evaluated: its parts are there, finite, and its scale is not zero."""
    if any(key not in response for key in RESPONSE_KEYS) or response["unit"] not in GROUND_MOTION_ORDER:
        return False
    try:
        roots = np.asarray([*response["poles"], *response["zeros"]], float)
        scale = float(response["sensitivity"]) * float(response["normalization"])
    except (TypeError, ValueError):
        return False
    return bool(np.isfinite(roots).all() and np.isfinite(scale) and scale != 0)


def _channel(station: Station | None, name: str, time_ns: int) -> Channel | None:
    held = station.channels if station else ()
    here = (c for c in held if c.code == name and c.start_ns <= time_ns < c.end_ns)
    return next(here, None)


def is_horizontal(trace: Trace, station: Station | None) -> bool:
    """Whether a channel looks along the ground: by its dip, or by its letter where no dip is told."""
    channel = _channel(station, trace.channel, trace.start_ns)
    if channel is not None:
        return abs(channel.dip_deg) < LEVEL_DIP_DEG
    return trace.channel[-1:].upper() in _HORIZONTAL_LETTERS


@dataclass(frozen=True, eq=False)
class Stretch:
    """Sound samples of a trace that hold a window: what filters may run over.

    Attributes:
        samples: float64 (time,), short holes bridged by a line. first: its first sample's number in the trace.
        begin, end: the window, counted from `first`.
    """

    samples: Float64
    first: int
    begin: int
    end: int


def stretch(trace: Trace, begin: int, end: int, *, room: int, bridge: int, least_end: int) -> Stretch | str:
    """Cut the samples of a window with up to `room` around it, or say why they cannot be used.

    Arguments:
        begin, end: the window's samples. least_end: how far it must reach at least, if the record ends early.
        bridge: a hole of so many samples is bridged.
    """
    n = len(trace.samples)
    if begin < 0 or least_end > n:
        return "the record does not hold the window from P to after S"
    end = min(end, n)
    if trace.clipped[begin:end].any():
        return f"{int(trace.clipped[begin:end].sum())} samples of the window are clipped"
    low, high = max(0, begin - room), min(n, end + room)
    sound = _bridged(trace.sound[low:high], bridge)
    inside = sound[begin - low : end - low]
    if not inside.all():
        return f"{1 - inside.mean():.1%} of the window is masked or broken"
    bad = np.flatnonzero(~sound)
    first = int(bad[bad < begin - low].max(initial=-1)) + 1
    last = int(bad[bad >= end - low].min(initial=high - low))
    samples = _filled(trace.samples[low:high], trace.sound[low:high])[first:last]
    return Stretch(samples, low + first, begin - low - first, end - low - first)


def _bridged(sound: Bools, longest: int) -> Bools:
    """Take short holes with sound samples on both sides for sound."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], sound, [True]]).astype(np.int8)))
    out = sound.copy()
    for begin, end in edges.reshape(-1, 2):
        if begin > 0 and end < len(sound) and end - begin <= longest:
            out[begin:end] = True
    return out


def _filled(samples: Float64, sound: Bools) -> Float64:
    if sound.all() or not sound.any():
        return samples
    at = np.arange(len(samples))
    return np.interp(at, at[sound], samples[sound])
