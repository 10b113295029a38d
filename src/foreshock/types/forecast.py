"""Forecast: a probability for a place, a span of time and a magnitude, said at a time. Knows no models."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.clock import iso_utc
from foreshock.errors import InputError


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was said, when it was said, about a span that had not yet begun.

    Attributes:
        region: the name of the place or cell.
        issued_at_ns, start_ns, end_ns: UTC nanoseconds.
        magnitude_min: events at least this large are meant.
        expected_count: the mean number of such events.
        probability: of at least one.
        model: what said it.

    >>> Forecast("cell-1", issued_at_ns=0, start_ns=0, end_ns=10, magnitude_min=4.0,
    ...          expected_count=0.1, probability=0.095, model="constant rate").region
    'cell-1'
    """

    region: str
    issued_at_ns: int
    start_ns: int
    end_ns: int
    magnitude_min: float
    expected_count: float
    probability: float
    model: str

    def __post_init__(self) -> None:
        if not self.issued_at_ns <= self.start_ns < self.end_ns:
            raise InputError(
                f"forecast for {self.region} issued at {iso_utc(self.issued_at_ns)} for {iso_utc(self.start_ns)}",
                "a forecast is issued before its span begins, and the span has a length",
                "correct the times",
            )
        if not 0 <= self.probability <= 1 or not self.expected_count >= 0:
            raise InputError(
                f"forecast for {self.region} has probability {self.probability} and count {self.expected_count}",
                "a probability lies in 0..1 and a count is not negative",
                "correct the model",
            )
