"""Pick: the moment a phase arrives at a station, and a list of such. Knows nothing about how they were found."""

from __future__ import annotations

from collections.abc import Iterable
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
        polarity_probability: how sure the likelier of up and down is, 0.5..1.
        novelty: how far what lies about it is from all the picker has learnt from; beyond 1 it is unlike it, and
            probability and sigma have been widened. 0 where nobody looked.
        available_at_ns: when it could first have been known, UTC nanoseconds.

    >>> print(Pick("XX.DEMO.", "P", time_ns=0, probability=0.9, sigma_s=0.1, available_at_ns=10))
    XX.DEMO.  P  1970-01-01T00:00:00.000000Z  ± 0.100 s  probability 0.90
    """

    trace_id: str
    phase: str
    time_ns: int
    probability: float
    sigma_s: float
    available_at_ns: int
    polarity: str = "unknown"
    polarity_probability: float = 0.5
    novelty: float = 0.0

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
        if not 0.5 <= self.polarity_probability <= 1:
            raise InputError(
                f"probability of the polarity is {self.polarity_probability}",
                "that of the likelier of two lies in 0.5..1",
                "use 0.5 where nothing is known",
            )

    @property
    def time(self) -> str:
        """When it arrived, UTC, as ISO-8601 text."""
        return iso_utc(self.time_ns)

    def __str__(self) -> str:
        moved = "" if self.polarity == "unknown" else f"  first motion {self.polarity}"
        return (
            f"{self.trace_id}  {self.phase}  {self.time}  ± {self.sigma_s:.3f} s  "
            f"probability {self.probability:.2f}{moved}"
        )


class Picks(list[Pick]):
    """A list of picks that tells who found them, and why there is none where there is none.

    Attributes:
        picker: name of what found them.
        reasons: (recording, sentence) for every recording without a pick.
        skipped: (item, reason) of what could not be asked at all.
        notes: (item, sentence) of what was repaired or assumed.

    >>> print(Picks(picker="sta_lta_aic", reasons=[("XX.A.", "every sample is zero")]))
    0 picks by sta_lta_aic
    no pick on XX.A.: every sample is zero
    """

    def __init__(
        self,
        picks: Iterable[Pick] = (),
        *,
        picker: str,
        reasons: Iterable[tuple[str, str]] = (),
        skipped: Iterable[tuple[str, str]] = (),
        notes: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(picks)
        self.picker = picker
        self.reasons = tuple(reasons)
        self.skipped = tuple(skipped)
        self.notes = tuple(notes)

    def __str__(self) -> str:
        head = f"{len(self)} pick{'' if len(self) == 1 else 's'} by {self.picker}"
        empty = [f"no pick on {item}: {reason}" for item, reason in self.reasons]
        left_out = [f"skipped {item}: {reason}" for item, reason in self.skipped]
        return "\n".join([head, *map(str, self), *empty, *left_out])

    def __repr__(self) -> str:
        return str(self)
