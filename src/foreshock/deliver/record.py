"""Record: alerts and what became of them, written into the ledger. Knows no endpoint; a full disk stops nothing."""

from __future__ import annotations

import threading
from pathlib import Path

from foreshock.clock import Clock
from foreshock.deliver.latency import Stamps
from foreshock.deliver.ledger import Ledger, read_ledger
from foreshock.deliver.lines import as_json
from foreshock.errors import ForeshockError
from foreshock.types.alert import Alert


class Record:
    """Writes alerts and deliveries into a ledger; a ledger that fails becomes a visible state, and the stream goes on.

    `faults` counts the lines that could not be written; `last_fault` says why, `last_fault_ns` when.
    """

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self.faults, self.last_fault, self.last_fault_ns = 0, "", 0
        self._ledger, self._clock = ledger, clock
        self._lock = threading.Lock()

    def alert(self, alert: Alert, *, stamps: Stamps | None = None) -> None:
        """Write that an alert was issued, from which records it follows, and where the time went.

        A decision that was not issued because of the clock stands here too, as a test (see `issue`).
        """
        told = as_json(alert, most_sites=0)
        told["sites"] = len(alert.sites)  # which they are stands in alerts.jsonl
        doubts = list(alert.authority.doubts()) if alert.authority else []
        content: dict[str, object] = {"alert": told, "latency": stamps.row() if stamps else None, "doubts": doubts}
        self._write("alert", alert.message_id, content, parents=alert.lineage)

    def delivery(self, outcome: str, alert: Alert, endpoint: str, why: str) -> None:
        """Write what became of an alert on its way to an endpoint; fits `Outbox`'s `report`."""
        passed_ms = (self._clock.now_ns() - alert.issued_at_ns) * 1e-6
        content = {"outcome": outcome, "endpoint": endpoint, "why": why[:500], "since_issue_ms": passed_ms}
        record_id = f"{alert.message_id}>{endpoint}>{outcome}"
        self._write("delivery", record_id, {**content, "message_id": alert.message_id}, parents=(alert.message_id,))

    def _write(self, kind: str, record_id: str, content: dict[str, object], *, parents: tuple[str, ...]) -> None:
        at_ns = self._clock.now_ns()
        try:
            self._ledger.write(kind, record_id=record_id, content=content, at_ns=at_ns, parents=parents)
        except (ForeshockError, ValueError) as error:  # a closed file is a ValueError
            with self._lock:
                self.faults += 1
                self.last_fault, self.last_fault_ns = str(error), at_ns


def sent_before(path: Path) -> set[tuple[str, str]]:
    """Give (endpoint, message id) of all that a ledger says was sent: what a new start need not send again.

    Raises:
        NotFoundError: there is no such file. FormatError: its chain is broken.
    """
    return {
        (str(entry.content.get("endpoint")), str(entry.content.get("message_id")))
        for entry in read_ledger(path)
        if entry.kind == "delivery" and entry.content.get("outcome") == "sent"
    }
