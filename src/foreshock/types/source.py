"""Source: what one station says of an earthquake: magnitude, distance and direction, each with its uncertainty.

Knows nothing about how they were found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.errors import InputError

SCALES = ("station", "network", "velocity", "unknown")
"""How amplitudes were read: with the station's own term, as counts of its network, as ground velocity, not at all."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Five quantiles of one quantity, in rising order; q50 is the answer, q05 to q95 holds the truth nine times in ten.

    >>> Quantiles(2.7, 2.9, 3.0, 3.1, 3.4).width_90
    0.7
    """

    q05: float
    q25: float
    q50: float
    q75: float
    q95: float

    def __post_init__(self) -> None:
        values = (self.q05, self.q25, self.q50, self.q75, self.q95)
        if not all(math.isfinite(value) for value in values) or list(values) != sorted(values):
            raise InputError(f"quantiles {values}", "they must be finite and rise", "correct the estimator")

    @property
    def width_90(self) -> float:
        """From q05 to q95."""
        return round(self.q95 - self.q05, 9)


@dataclass(frozen=True, slots=True)
class Direction:
    """A back azimuth: the most probable one and how far to either side half and nine tenths of all truths lie.

    Attributes:
        mode_deg: from north over east, 0 ≤ mode < 360.
        half_50_deg, half_90_deg: 0..180; 180 says nothing is known.
    """

    mode_deg: float
    half_50_deg: float
    half_90_deg: float

    def __post_init__(self) -> None:
        if not (0 <= self.mode_deg < 360 and 0 <= self.half_50_deg <= self.half_90_deg <= 180):
            raise InputError(
                f"direction {self.mode_deg} ± {self.half_50_deg} (50 %), {self.half_90_deg} (90 %)",
                "the mode lies in 0..360, the half widths rise in 0..180",
                "correct the estimator",
            )

    def holds(self, azimuth_deg: float, *, share: float = 0.9) -> bool:
        """Whether an azimuth lies within the half width of 0.5 or 0.9.

        >>> Direction(350.0, 10.0, 30.0).holds(15.0), Direction(350.0, 10.0, 30.0).holds(25.0)
        (True, False)
        """
        away = abs((azimuth_deg - self.mode_deg + 180) % 360 - 180)
        return away <= (self.half_50_deg if share <= 0.5 else self.half_90_deg)


@dataclass(frozen=True, slots=True)
class SourceEstimate:
    """Magnitude, epicentral distance and back azimuth from one station, some seconds after P.

    Attributes:
        station_id: ``NET.STA.LOC``. p_ns: the P it rests on, UTC nanoseconds.
        elapsed_s: seconds of data after P that were used.
        magnitude, distance_km, back_azimuth: None where there is none; `reason` says why all are missing, `notes` why
            one is, and what was assumed.
        scale: how amplitudes were read, one of `SCALES`.
        strangeness: how far outside the training domain, 1 at its edge; above 1 the intervals are widened by it.
        out_of_domain: strangeness above 1.

    >>> print(SourceEstimate("XX.A.", p_ns=0, elapsed_s=0.0, reason="no horizontals"))
    XX.A.  P 1970-01-01T00:00:00.000000Z: no estimate: no horizontals
    """

    station_id: str
    p_ns: int
    elapsed_s: float
    magnitude: Quantiles | None = None
    distance_km: Quantiles | None = None
    back_azimuth: Direction | None = None
    scale: str = "unknown"
    strangeness: float = 0.0
    reason: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise InputError(f"scale is {self.scale!r}", f"it must be one of {SCALES}", "correct the estimator")
        if not (self.elapsed_s >= 0 and self.strangeness >= 0):
            raise InputError(
                f"elapsed {self.elapsed_s} s, strangeness {self.strangeness}", "neither is negative", "correct them"
            )
        if (self.magnitude is None) != bool(self.reason):
            raise InputError(
                f"estimate of {self.station_id} with reason {self.reason!r}",
                "there is a magnitude, or a reason for none",
                "correct the estimator",
            )

    @property
    def out_of_domain(self) -> bool:
        """Whether the record lies outside what was learnt."""
        return self.strangeness > 1

    @property
    def available_at_ns(self) -> int:
        """When the samples it rests on were there, UTC nanoseconds."""
        return self.p_ns + round(self.elapsed_s * NS_PER_S)

    def __str__(self) -> str:
        head = f"{self.station_id}  P {iso_utc(self.p_ns)}"
        if self.magnitude is None or self.distance_km is None:
            return f"{head}: no estimate: {self.reason}"
        m, d, a = self.magnitude, self.distance_km, self.back_azimuth
        words = [
            f"{head} + {self.elapsed_s:g} s",
            f"M {m.q50:.2f} ({m.q05:.2f} to {m.q95:.2f})",
            f"{d.q50:.3g} km ({d.q05:.3g} to {d.q95:.3g})",
        ]
        if a is not None:
            words.append(f"from {a.mode_deg:.0f}° ± {a.half_90_deg:.0f}°")
        if self.out_of_domain:
            words.append(f"outside the training domain ({self.strangeness:.1f})")
        return "  ".join(words)
