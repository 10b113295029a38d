"""Station: where an instrument stands and how each of its channels looks at the ground. Knows no response curves."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.errors import InputError
from foreshock.geo import check_place


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel over one epoch.

    Attributes:
        code: the channel code as it came (``HHZ``).
        azimuth_deg: horizontal direction, clockwise from north.
        dip_deg: down from the horizontal (-90 is up).
        sensitivity: counts per unit of ground motion, or 0 where unknown.
        unit: the ground-motion unit the sensitivity refers to.
        start_ns, end_ns: the epoch, UTC nanoseconds.
    """

    code: str
    azimuth_deg: float
    dip_deg: float
    sensitivity: float
    unit: str
    start_ns: int
    end_ns: int

    def __post_init__(self) -> None:
        if not (-90 <= self.dip_deg <= 90 and -360 <= self.azimuth_deg <= 360):
            raise InputError(
                f"channel {self.code} has azimuth {self.azimuth_deg} and dip {self.dip_deg}",
                "azimuth must lie in -360..360 and dip in -90..90 degrees",
                "correct the station file",
            )
        if self.start_ns >= self.end_ns:
            raise InputError(
                f"channel {self.code} has an epoch from {self.start_ns} to {self.end_ns}",
                "an epoch must end after it begins",
                "correct the station file",
            )


@dataclass(frozen=True, slots=True)
class Station:
    """A place with an instrument: ``NET.STA.LOC``, coordinates and channels.

    >>> Station("XX.DEMO.", latitude=30.0, longitude=100.0, elevation_m=12.0).station_id
    'XX.DEMO.'
    """

    station_id: str
    latitude: float
    longitude: float
    elevation_m: float = 0.0
    channels: tuple[Channel, ...] = ()

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude, whose=f"station {self.station_id}")
        if not -12_000 <= self.elevation_m <= 9_000:
            raise InputError(
                f"elevation is {self.elevation_m} m (station {self.station_id})",
                "it must lie between -12000 and 9000 m",
                "give metres above sea level",
            )
