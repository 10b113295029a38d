"""Pick: the moment a phase arrives at a station, with its uncertainty. Knows nothing about how it was found."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.clock import iso_utc
from foreshock.errors import InputError

POLARITIES = ("up", "down", "unknown")


@dataclass(frozen=True, slots=True)
class Pick:
    """A phase arrival.

    Attributes:
        trace_id: ``NET.STA.LOC`` (or a record's name in a data set).
        phase: ``P`` or ``S`` (or a longer phase name).
        time_ns: when it arrived, UTC nanoseconds.
        probability: how sure the picker is, 0..1.
        sigma_s: standard deviation of the time, seconds.
        polarity: first motion: ``up``, ``down`` or ``unknown``.
        available_at_ns: when it could first have been known, UTC nanoseconds.

    >>> Pick("XX.DEMO.", "P", time_ns=0, probability=0.9, sigma_s=0.1, available_at_ns=10).phase
    'P'
    """

    trace_id: str
    phase: str
    time_ns: int
    probability: float
    sigma_s: float
    available_at_ns: int
    polarity: str = "unknown"

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1 or not self.sigma_s >= 0:
            raise InputError(
                f"pick {self.phase} of {self.trace_id} has probability {self.probability} and sigma {self.sigma_s} s",
                "a probability lies in 0..1 and a sigma is not negative",
                "correct the picker",
            )
        if self.available_at_ns < self.time_ns:
            raise InputError(
                f"pick {self.phase} of {self.trace_id} was known at {iso_utc(self.available_at_ns)}",
                f"it cannot be known before it arrives at {iso_utc(self.time_ns)}",
                "correct the picker's look-ahead",
            )
        if self.polarity not in POLARITIES:
            raise InputError(f"polarity is {self.polarity!r}", f"it must be one of {POLARITIES}", "use 'unknown'")
