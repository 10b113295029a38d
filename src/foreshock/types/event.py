"""Event: one earthquake as it is known: when, where, how large, how sure. Knows nothing about stations."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.errors import InputError
from foreshock.geo import check_place


@dataclass(frozen=True, slots=True)
class Event:
    """An earthquake's origin and size; what is not known is None.

    >>> Event("e1", 0, 30.0, 100.0, depth_km=10.0, magnitude=4.2, magnitude_type="Mw").magnitude
    4.2
    """

    event_id: str
    time_ns: int
    latitude: float
    longitude: float
    depth_km: float | None = None
    magnitude: float | None = None
    magnitude_type: str | None = None

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude, whose=f"event {self.event_id}")
        if self.depth_km is not None and not -10 <= self.depth_km <= 800:
            raise InputError(
                f"depth is {self.depth_km} km (event {self.event_id})",
                "it must lie in -10..800 km",
                "give km, positive down",
            )
        if self.magnitude is not None and not -5 <= self.magnitude <= 10:
            raise InputError(
                f"magnitude is {self.magnitude} (event {self.event_id})",
                "it must lie in -5..10",
                "correct the catalogue",
            )
        if (self.magnitude is None) != (self.magnitude_type is None):
            raise InputError(
                f"event {self.event_id} has magnitude {self.magnitude} of type {self.magnitude_type}",
                "a magnitude always names its type",
                "give both or neither",
            )
