"""Endpoint: what every way out promises, and the one gate before it. Knows no protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Self, final

from foreshock.clock import iso_utc
from foreshock.deliver.address import Place
from foreshock.errors import StateError
from foreshock.types.alert import Alert
from foreshock.types.authority import allowed_status


class Endpoint(ABC):
    """A way out of the house. A member says where it leads and how; whether an alert may go there is decided here."""

    name: str
    is_file: ClassVar[bool] = False
    """Whether it is a record rather than a listener: a record is kept of what is stale, too."""

    @final
    def send(self, alert: Alert) -> None:
        """Send one alert, once; sending the same one again does no harm.

        Raises:
            StateError: the alert may not go there now (see `admit`).
            NetworkError: nobody took it; trying again may help.
            ForeshockError: any other: trying again does not help.
        """
        place = self.place()
        admit(alert, place)
        self.deliver(alert, place)

    @abstractmethod
    def place(self) -> Place:
        """Say where an alert would go now; a name is looked up each time."""

    @abstractmethod
    def deliver(self, alert: Alert, place: Place) -> None:
        """Bring an admitted alert to that place and to no other."""

    def close(self) -> None:  # noqa: B027 - most ways have nothing to close
        """Let go of what is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()


def admit(alert: Alert, place: Place) -> None:
    """Let an alert through to a place, or say why not.

    Files and standard output take everything. A listener takes what is still true when it is sent: an actual alert
    only while its authority still allows it, nothing whose time to live is over. A listener elsewhere than on this
    machine takes no tests: from a replay or a step clock it takes exercises only.

    Raises:
        StateError: the alert must not go there now.
    """
    if place.is_file:
        return
    who = f"{alert.status} alert {alert.alert_id} to {place.address}"
    if alert.status != "test" and allowed_status(alert.authority) != alert.status:
        doubts = alert.authority.doubts() if alert.authority else ()
        raise StateError(who, f"its status no longer holds ({'; '.join(doubts) or 'no authority'})", "set the clock")
    if alert.authority is not None and alert.is_stale(now_ns := alert.authority.clock.now_ns()):
        raise StateError(who, f"its time to live was over at {iso_utc(now_ns)}", "send what is known now")
    if not place.is_local and alert.status == "test":
        raise StateError(
            who, "tests stay in files and on this machine", "order an exercise (--exercise), or go on duty"
        )
