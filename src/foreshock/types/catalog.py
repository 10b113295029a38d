"""Catalog: events in order of time, as columns. Knows no files and no statistics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from foreshock.errors import InputError
from foreshock.geo import check_place
from foreshock.types.arrays import Float64, Ints, frozen
from foreshock.types.event import Event


@dataclass(frozen=True, eq=False)
class Catalog:
    """Many events: equally long columns, times never falling; NaN where depth or magnitude is unknown.

    Raises:
        InputError: columns differ in length, times fall, or a place is off the Earth.

    >>> catalog = Catalog.of([Event("a", 0, 30.0, 100.0, magnitude=4.0, magnitude_type="ML")])
    >>> len(catalog), float(catalog.magnitude[0])
    (1, 4.0)
    """

    time_ns: Ints
    latitude: Float64
    longitude: Float64
    depth_km: Float64
    magnitude: Float64
    event_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("latitude", "longitude", "depth_km", "magnitude"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))
        object.__setattr__(self, "time_ns", frozen(self.time_ns, np.int64))
        lengths = {len(self.time_ns), len(self.event_ids)} | {
            len(getattr(self, name)) for name in ("latitude", "longitude", "depth_km", "magnitude")
        }
        if len(lengths) != 1:
            raise InputError(f"columns have lengths {sorted(lengths)}", "they must be equal", "give one value an event")
        if np.any(np.diff(self.time_ns) < 0):
            raise InputError("catalogue times fall", "events must stand in order of time", "sort the catalogue by time")
        check_place(self.latitude, self.longitude, whose="catalogue")

    def __len__(self) -> int:
        return len(self.time_ns)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Catalog:
        """Gather events, sorted by time and then by id."""
        rows = sorted(events, key=lambda event: (event.time_ns, event.event_id))
        return cls(
            time_ns=np.array([e.time_ns for e in rows], np.int64),
            latitude=np.array([e.latitude for e in rows], float),
            longitude=np.array([e.longitude for e in rows], float),
            depth_km=np.array([np.nan if e.depth_km is None else e.depth_km for e in rows], float),
            magnitude=np.array([np.nan if e.magnitude is None else e.magnitude for e in rows], float),
            event_ids=tuple(e.event_id for e in rows),
        )
