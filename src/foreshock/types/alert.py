"""Alert: what is told to people about an event, in versions. Knows nothing about how it is delivered."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.errors import InputError
from foreshock.geo import check_place

MESSAGE_TYPES = ("alert", "update", "cancel")
STATUSES = ("actual", "exercise", "test")


@dataclass(frozen=True, slots=True)
class Alert:
    """One version of a warning; words follow CAP 1.2 (OASIS, 2010).

    >>> Alert("a", 1, "e", "alert", "test", issued_at_ns=9, origin_time_ns=0, latitude=30.0, longitude=100.0,
    ...       depth_km=10.0, magnitude_q05=4.0, magnitude_q50=4.5, magnitude_q95=5.0).version
    1
    """

    alert_id: str
    version: int
    event_id: str
    message_type: str
    status: str
    issued_at_ns: int
    origin_time_ns: int
    latitude: float
    longitude: float
    depth_km: float
    magnitude_q05: float
    magnitude_q50: float
    magnitude_q95: float

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude, whose=f"alert {self.alert_id}")
        if self.message_type not in MESSAGE_TYPES or self.status not in STATUSES:
            raise InputError(
                f"alert {self.alert_id} is {self.message_type!r}, {self.status!r}",
                f"the type is one of {MESSAGE_TYPES}, the status one of {STATUSES}",
                "correct the words",
            )
        if self.issued_at_ns < self.origin_time_ns or self.version < 1:
            raise InputError(
                f"alert {self.alert_id} version {self.version}",
                "it is issued after the origin time and versions count from 1",
                "correct the engine",
            )
        if not self.magnitude_q05 <= self.magnitude_q50 <= self.magnitude_q95:
            raise InputError(
                f"magnitude quantiles of alert {self.alert_id}", "they must not fall", "sort the quantiles"
            )
