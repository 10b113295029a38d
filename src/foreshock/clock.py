"""Clocks and time: UTC nanoseconds in, UTC nanoseconds out. The only place that reads the wall clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from foreshock.errors import InputError, StateError

NS_PER_S = 1_000_000_000


@runtime_checkable
class Clock(Protocol):
    """What tells the time: a live clock, a replay or a hand-cranked one."""

    def now_ns(self) -> int:
        """Give the present time in UTC nanoseconds."""
        ...

    def sleep_until(self, time_ns: int) -> None:
        """Come back when the clock shows at least `time_ns`."""
        ...


class LiveClock:
    """The machine's own clock."""

    def now_ns(self) -> int:
        """Give the present time in UTC nanoseconds."""
        return time.time_ns()

    def sleep_until(self, time_ns: int) -> None:
        """Sleep until the machine's clock shows `time_ns`."""
        left_s = (time_ns - self.now_ns()) / NS_PER_S
        if left_s > 0:
            time.sleep(left_s)


class ReplayClock:
    """A clock that starts at a past moment and runs `speed` times as fast as the world."""

    def __init__(self, start_ns: int, *, speed: float = 1.0) -> None:
        if not speed > 0:
            raise InputError(f"replay speed is {speed}", "it must be positive", "use 1 for real time")
        self.start_ns = start_ns
        self.speed = speed
        self._began_ns = time.monotonic_ns()

    def now_ns(self) -> int:
        """Give the replayed time in UTC nanoseconds."""
        return self.start_ns + int((time.monotonic_ns() - self._began_ns) * self.speed)

    def sleep_until(self, time_ns: int) -> None:
        """Sleep until the replayed time reaches `time_ns`."""
        left_s = (time_ns - self.now_ns()) / NS_PER_S / self.speed
        if left_s > 0:
            time.sleep(left_s)


class StepClock:
    """A clock that moves only when it is told to.

    >>> clock = StepClock(0)
    >>> clock.sleep_until(5 * NS_PER_S)
    >>> clock.now_ns()
    5000000000
    """

    def __init__(self, start_ns: int) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        """Give the time it was last set to."""
        return self._now_ns

    def sleep_until(self, time_ns: int) -> None:
        """Jump to `time_ns` when that lies ahead."""
        self._now_ns = max(self._now_ns, time_ns)

    def set(self, time_ns: int) -> None:
        """Move to `time_ns`; a clock never runs backwards.

        Raises:
            StateError: `time_ns` lies before the present.
        """
        if time_ns < self._now_ns:
            raise StateError(
                f"clock was set to {iso_utc(time_ns)}", f"it already shows {iso_utc(self._now_ns)}", "start a new clock"
            )
        self._now_ns = time_ns


def cpu_time_ns() -> int:
    """Give the CPU time this process has used, in nanoseconds, for measuring cost."""
    return time.process_time_ns()


def monotonic_ns() -> int:
    """Give a time that never runs backwards, in nanoseconds, for measuring how long a thing takes."""
    return time.monotonic_ns()


def utc_ns(text: str) -> int:
    """Read an ISO-8601 time as UTC nanoseconds; a time without a zone is taken as UTC.

    Raises:
        InputError: the text is not a time.

    >>> utc_ns("2020-06-23T15:29:04.123456789Z")
    1592926144123456789
    """
    head, fraction, zone = _split_fraction(text.strip())
    try:
        moment = datetime.fromisoformat(head + zone)
    except ValueError as error:
        raise InputError(f"time {text!r}", "it is not an ISO-8601 time", "write 2020-06-23T15:29:04.5Z") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * NS_PER_S + since.microseconds * 1_000 + fraction


def _split_fraction(text: str) -> tuple[str, int, str]:
    """Cut a time into its whole seconds, its fraction in nanoseconds and its zone."""
    head, dot, tail = text.partition(".")
    if not dot:
        return text, 0, ""
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    return head, int((digits + "0" * 9)[:9]), tail[len(digits) :]


def iso_utc(time_ns: int) -> str:
    """Write UTC nanoseconds as ISO-8601 with `Z`, with as many decimals as are needed (at least microseconds).

    >>> iso_utc(1592926144123456789)
    '2020-06-23T15:29:04.123456789Z'
    """
    seconds, rest = divmod(int(time_ns), NS_PER_S)
    whole = datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")
    decimals = f"{rest:09d}"
    return f"{whole}.{decimals if rest % 1_000 else decimals[:6]}Z"
