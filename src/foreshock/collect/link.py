"""Link: how a line to a live source stands, and how long to wait before trying again. Knows no protocol.

A line is never silent in silence: whoever asks sees whether it is connected, since when nothing has come, how often it
was lost and why the last time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from foreshock.clock import NS_PER_S, Clock, iso_utc

KEPT_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class LinkState:
    """How a line stands at a moment.

    Attributes:
        is_connected: whether data can come now. stale_since_ns: since when nothing has, UTC nanoseconds; None while it
            does. n_lost: how often the line was lost. n_packets, n_refused: what came. problem: the last, in words.
    """

    address: str
    is_connected: bool
    stale_since_ns: int | None
    n_lost: int
    n_packets: int
    n_refused: int
    problem: str

    def __str__(self) -> str:
        how = "connected" if self.is_connected else "not connected"
        stale = f", stale since {iso_utc(self.stale_since_ns)}" if self.stale_since_ns is not None else ""
        lost = f", lost {self.n_lost} times ({self.problem})" if self.problem else ""
        return f"{self.address} {how}{stale}: {self.n_packets} packets, {self.n_refused} refused{lost}"


@dataclass(slots=True)
class Link:
    """The running record of a line, kept by the client that holds it.

    >>> from foreshock.clock import StepClock
    >>> clock = StepClock(0)
    >>> link = Link("somewhere:18000", clock, stale_s=10.0)
    >>> clock.set(60 * NS_PER_S)
    >>> link.state().stale_since_ns, link.state().is_connected
    (0, False)
    """

    address: str
    clock: Clock
    stale_s: float
    is_connected: bool = False
    n_lost: int = 0
    n_packets: int = 0
    n_refused: int = 0
    problem: str = ""
    refused: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=KEPT_PROBLEMS))
    _heard_ns: int = 0

    def __post_init__(self) -> None:
        self._heard_ns = self.clock.now_ns()

    def heard(self, n_packets: int) -> int:
        """Note that data have come; give the time."""
        self._heard_ns = self.clock.now_ns()
        self.n_packets += n_packets
        return self._heard_ns

    def refuse(self, item: str, reason: str) -> None:
        """Note something that cannot be used; the last hundred are kept."""
        self.n_refused += 1
        self.refused.append((item, reason))

    def lost(self, problem: str) -> None:
        """Note that the line, or the attempt to open it, failed."""
        self.is_connected = False
        self.n_lost += 1
        self.problem = problem

    def state(self) -> LinkState:
        """How it stands now."""
        is_stale = self.clock.now_ns() - self._heard_ns > self.stale_s * NS_PER_S
        return LinkState(
            self.address,
            self.is_connected,
            self._heard_ns if is_stale else None,
            self.n_lost,
            self.n_packets,
            self.n_refused,
            self.problem,
        )


class BackOff:
    """Waits that double up to a limit, and begin anew after success.

    >>> waits = BackOff(1.0, most_s=5.0)
    >>> [waits.next_s() for _ in range(4)]
    [1.0, 2.0, 4.0, 5.0]
    """

    def __init__(self, first_s: float, *, most_s: float) -> None:
        self.first_s, self.most_s = first_s, most_s
        self.n_failed = 0

    def next_s(self) -> float:
        """The next wait, seconds."""
        self.n_failed += 1
        return float(min(self.first_s * 2.0 ** min(self.n_failed - 1, 60), self.most_s))

    def begin_anew(self) -> None:
        """Forget earlier failures."""
        self.n_failed = 0
