"""Outbox: every endpoint gets every alert at least once, or the ledger says why not. Knows no protocol.

What is stale is never sent, however it came to wait: the time to live is looked at before each try, by the alert's
clock and, when that is the live one, by the time that has passed since it was handed in.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from foreshock.clock import NS_PER_S, Clock, LiveClock, monotonic_ns
from foreshock.deliver.endpoint import Endpoint
from foreshock.errors import ForeshockError, NetworkError, OutputError, StateError
from foreshock.types.alert import Alert

MOST_WAITING = 10_000
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
OUTCOMES = ("sent", "delayed", "stale", "withheld", "refused", "crowded out")
"""What can become of an alert on its way to an endpoint; all but ``"delayed"`` are final."""

Report = Callable[[str, Alert, str, str], None]
"""Is told the outcome, the alert, the endpoint's name and a sentence why."""


@dataclass(slots=True)
class _Waiting:
    alert: Alert
    since_ns: int
    tries: int = 0
    next_ns: int = 0


class Queue:
    """The alerts on their way to one endpoint, in order; threads may share it."""

    def __init__(self, endpoint: Endpoint, clock: Clock, report: Report, *, already: Collection[str] = ()) -> None:
        self.endpoint = endpoint
        self._clock, self._report = clock, report
        self._waiting: deque[_Waiting] = deque()
        self._known = dict.fromkeys(already)
        self._lock = threading.Lock()
        self._trying = threading.Lock()
        self.unreported = 0
        self.woken = threading.Event()

    def put(self, alert: Alert) -> bool:
        """Take an alert in; one that was taken before is not taken again, which False says."""
        with self._lock:
            if alert.message_id in self._known:
                return False
            self._known[alert.message_id] = None
            while len(self._known) > 10 * MOST_WAITING:  # ids of long ago, whose time to live is over
                del self._known[next(iter(self._known))]
            crowded = self._waiting.popleft() if len(self._waiting) >= MOST_WAITING else None
            self._waiting.append(_Waiting(alert, monotonic_ns()))
        if crowded is not None:
            self._tell("crowded out", crowded.alert, f"more than {MOST_WAITING} were waiting")
        self.woken.set()
        return True

    def __len__(self) -> int:
        return len(self._waiting)

    def pump(self) -> float:
        """Send what is due; give the seconds until there is something to do again (infinity when nothing waits)."""
        with self._trying:
            while True:
                with self._lock:
                    first = self._waiting[0] if self._waiting else None
                if first is None:
                    return float("inf")
                pause_s = self._tried(first)
                if pause_s > 0:
                    return pause_s
                with self._lock:
                    if self._waiting and self._waiting[0] is first:
                        self._waiting.popleft()

    def _tried(self, waiting: _Waiting) -> float:
        """Seconds to wait before the next try; 0 when this alert is done with."""
        if self._is_stale(waiting):
            self._tell("stale", waiting.alert, "its time to live was over before it was sent")
            return 0.0
        left_ns = waiting.next_ns - self._clock.now_ns()
        longest_ns = LONGEST_PAUSE_S * NS_PER_S
        if 0 < left_ns <= longest_ns:  # more than that is a clock that was stepped back
            return left_ns / NS_PER_S
        return self._sent(waiting)

    def _sent(self, waiting: _Waiting) -> float:
        alert = waiting.alert
        try:
            self.endpoint.send(alert)
        except (NetworkError, OutputError) as error:
            pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(waiting.tries, 10))
            waiting.tries += 1
            waiting.next_ns = self._clock.now_ns() + round(pause_s * NS_PER_S)
            self._tell("delayed", alert, str(error))
            return pause_s
        except StateError as error:
            self._tell("withheld", alert, str(error))
        except ForeshockError as error:
            self._tell("refused", alert, str(error))
        except Exception as error:  # no endpoint's fault may stop the stream; it is told instead
            self._tell("refused", alert, f"{type(error).__name__}: {error}")
        else:
            self._tell("sent", alert, f"try {waiting.tries + 1}")
        return 0.0

    def _tell(self, outcome: str, alert: Alert, why: str) -> None:
        """Report; a report that fails is counted in `unreported` and stops nothing."""
        try:
            self._report(outcome, alert, self.endpoint.name, why)
        except Exception:  # whatever the fault of the one who listens
            self.unreported += 1

    def _is_stale(self, waiting: _Waiting) -> bool:
        alert = waiting.alert
        if alert.expires_at_ns is None or self.endpoint.is_file:
            return False
        life_ns = alert.expires_at_ns - alert.issued_at_ns
        if isinstance(self._clock, LiveClock) and monotonic_ns() - waiting.since_ns >= life_ns:
            return True
        return alert.is_stale(self._clock.now_ns())


class Outbox:
    """All endpoints of an engine, each with its own queue: a slow one does not keep the others waiting.

    `put` and `pump` do everything in the caller's thread, which is what replays want; `start` gives each endpoint a
    thread of its own. `already` are (endpoint, message id) that an earlier run has sent.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        clock: Clock,
        report: Report,
        already: Collection[tuple[str, str]] = (),
    ) -> None:
        self._queues = [
            Queue(endpoint, clock, report, already=[sent for name, sent in already if name == endpoint.name])
            for endpoint in endpoints
        ]
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()

    def put(self, alert: Alert) -> None:
        """Hand an alert to every endpoint's queue."""
        for queue in self._queues:
            queue.put(alert)

    def pump(self) -> float:
        """Send what is due everywhere; see `Queue.pump`."""
        return min((queue.pump() for queue in self._queues), default=float("inf"))

    def waiting(self) -> dict[str, int]:
        """Say how many alerts wait for each endpoint."""
        return {queue.endpoint.name: len(queue) for queue in self._queues}

    def start(self) -> None:
        """Give each endpoint a thread that sends what comes."""
        for queue in self._queues:
            thread = threading.Thread(target=self._run, args=[queue], name=queue.endpoint.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self, queue: Queue) -> None:
        while not self._closing.is_set():
            queue.woken.clear()
            pause_s = queue.pump()
            queue.woken.wait(min(pause_s, LONGEST_PAUSE_S))

    def close(self, *, wait_s: float = 5.0) -> None:
        """Stop the threads, after at most `wait_s` each, and let the endpoints go; what still waits stays unsent."""
        self._closing.set()
        for queue in self._queues:
            queue.woken.set()
        for thread in self._threads:
            thread.join(wait_s)
        for queue in self._queues:
            queue.endpoint.close()
