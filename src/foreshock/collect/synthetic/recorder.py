"""What is wrong at each station: delays of its ground, its clock, its gaps. Knows no waves and no files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.draws import generator
from foreshock.types.arrays import Bools, Float64, Ints

RECORDER_STREAM, JUMP_STREAM = 21, 22
DAY_S = 86_400.0


@dataclass(frozen=True)
class Recorder:
    """One station's errors of time and its holes.

    Attributes:
        p_static_s, s_static_s: how much later than the layers promise waves come.
        clock_s: what its clock reads too much, always; `jump_s`: what it reads too much besides from `jump_from_ns`
            to `jump_to_ns` (equal where there is none).
        gaps: spans (first, last) in nanoseconds without samples.
    """

    p_static_s: float
    s_static_s: float
    clock_s: float
    jump_s: float
    jump_from_ns: int
    jump_to_ns: int
    gaps: tuple[tuple[int, int], ...]

    def clock_error_s(self, time_ns: Ints) -> Float64:
        """What the clock reads too much at true times (time,)."""
        inside = (time_ns >= self.jump_from_ns) & (time_ns < self.jump_to_ns)
        return np.where(inside, self.clock_s + self.jump_s, self.clock_s)

    def mask(self, start_ns: int, n_samples: int, *, rate_hz: float) -> Bools:
        """Which samples were recorded, (time,)."""
        valid = np.ones(n_samples, bool)
        for low, high in self.gaps:
            first, last = (round((edge - start_ns) * rate_hz / NS_PER_S) for edge in (low, high))
            valid[max(0, first) : max(0, last)] = False
        return valid


def jumping_stations(settings: NetworkDaySettings, *, seed: int) -> tuple[int, ...]:
    """Numbers of the stations whose clock jumps."""
    order = generator(seed, JUMP_STREAM, group=0).permutation(settings.stations)
    return tuple(int(k) for k in order[: settings.clock_jumps])


def draw_recorder(settings: NetworkDaySettings, k: int, *, seed: int, jumps: bool) -> Recorder:
    """Draw what is wrong at station k."""
    rng = generator(seed, RECORDER_STREAM, group=k)
    normal, u, start, span = rng.standard_normal(2), rng.random(6), settings.start_ns, settings.span_s
    static = settings.static_sigma_s * float(normal[0])
    begin, length = 0.1 + 0.4 * float(u[0]), 0.15 + 0.25 * float(u[1])
    jump = (settings.clock_jump_s if u[2] < 0.5 else -settings.clock_jump_s) if jumps else 0.0
    from_ns, to_ns = (start + round(part * span) * NS_PER_S for part in (begin, begin + length))
    spans = _gaps(settings, rng)
    if u[3] < settings.missing_fraction:
        silent = (0.2 + 0.8 * float(u[4])) * min(settings.missing_longest_s, span / 3)
        first = float(u[5]) * (span - silent)
        spans.append((first, first + silent))
    return Recorder(
        p_static_s=static,
        s_static_s=settings.static_s_over_p * static,
        clock_s=settings.clock_sigma_s * float(normal[1]),
        jump_s=jump,
        jump_from_ns=from_ns,
        jump_to_ns=to_ns if jumps else from_ns,
        gaps=tuple((start + round(a * NS_PER_S), start + round(b * NS_PER_S)) for a, b in sorted(spans)),
    )


def _gaps(settings: NetworkDaySettings, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Short gaps in seconds: their number is Poisson's, their lengths even in the logarithm from a second on."""
    n = int(rng.poisson(settings.gaps_per_day * settings.span_s / DAY_S))
    first, u = settings.span_s * rng.random(n), rng.random(n)
    last = first + np.minimum(1.0, settings.gap_longest_s) * max(1.0, settings.gap_longest_s) ** u
    return [(float(a), float(b)) for a, b in zip(first, last, strict=True)]
