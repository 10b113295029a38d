"""Clocks and time: UTC nanoseconds in, UTC nanoseconds out. The only place that reads the wall clock."""

from __future__ import annotations

import ctypes
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from foreshock.errors import InputError, StateError

NS_PER_S = 1_000_000_000
STEP_S = 0.1
"""The wall clock moving against the monotonic one by more than this is a step; slewing moves both alike."""
LOOK_NS = 10_000_000
"""How long a look at both clocks may take: one that was interrupted is taken again."""
STEADY_S = 600.0
"""How long a clock that was stepped is doubted."""
WORST_ERROR_S = 1.5
"""The largest error, as the kernel bounds it, of a clock that is not doubted.

The kernel adds 500 ppm to its bound for as long as nobody corrects the clock: 1.0 s in the 2048 s after which a daemon
asks its servers at the latest.
"""
LEAP_S = 10.0
"""How near to a leap second a clock is doubted."""


@runtime_checkable
class Clock(Protocol):
    """What tells the time: a live clock, a replay or a hand-cranked one."""

    def now_ns(self) -> int:
        """Give the present time in UTC nanoseconds."""
        ...

    def sleep_until(self, time_ns: int) -> None:
        """Come back when the clock shows at least `time_ns`."""
        ...


@dataclass(frozen=True, slots=True)
class ClockHealth:
    """What speaks against the machine's clock; nothing, when it may be believed.

    >>> ClockHealth(("it is not synchronised",)).is_doubtful
    True
    """

    doubts: tuple[str, ...] = ()

    @property
    def is_doubtful(self) -> bool:
        """Whether anything speaks against the clock."""
        return bool(self.doubts)


class LiveClock:
    """The machine's own clock, which knows when it must not be believed (see `health`)."""

    def __init__(self) -> None:
        self._offset_ns = _offset_ns()
        self._stepped: tuple[int, float] | None = None

    def now_ns(self) -> int:
        """Give the present time in UTC nanoseconds."""
        return time.time_ns()

    def health(self) -> ClockHealth:
        """Say what speaks against this clock now: steps, a leap second, the kernel's own word on its synchronisation.

        Steps are seen by the wall clock's distance from the monotonic one, whenever this is asked. Where the kernel
        cannot be asked (elsewhere than on Linux), that is a doubt in itself.
        """
        return ClockHealth(self._steps() + _kernel_doubts(_kernel_time(), self.now_ns()))

    def _steps(self) -> tuple[str, ...]:
        """Compare the two clocks; a step is doubted for `STEADY_S` from when it was seen."""
        offset_ns, steady_ns = _offset_ns(), time.monotonic_ns()
        step_s = (offset_ns - self._offset_ns) / NS_PER_S
        if abs(step_s) > STEP_S:  # two threads that see it at once write the same
            self._stepped, self._offset_ns = (steady_ns, step_s), offset_ns
        if self._stepped is None or steady_ns - self._stepped[0] > STEADY_S * NS_PER_S:
            return ()
        way = "back" if self._stepped[1] < 0 else "forward"
        return (f"it was stepped {way} by {abs(self._stepped[1]):.3f} s",)

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


def _offset_ns() -> int:
    """Give the wall clock's distance from the monotonic one, from the shortest of a few looks."""
    looks: list[tuple[int, int]] = []
    while len(looks) < 3 and (not looks or looks[-1][0] > LOOK_NS):
        before_ns, wall_ns, after_ns = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        looks.append((after_ns - before_ns, wall_ns - (before_ns + after_ns) // 2))
    return min(looks)[1]


class _Timex(ctypes.Structure):
    """The head of Linux's `struct timex` (adjtimex(2)); the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        *((name, ctypes.c_long) for name in ("offset", "frequency", "worst_error_us", "error_us")),
        ("status", ctypes.c_int),
        ("room", ctypes.c_long * 64),
    )


@dataclass(frozen=True, slots=True)
class _KernelTime:
    """What the kernel says of its clock: state and status as in adjtimex(2)."""

    state: int
    status: int
    worst_error_s: float


_STATES = {1: "leap", 2: "leap", 3: "leap", 4: "leap", 5: "error"}
_LEAP_IN_PROGRESS = 3
_UNSYNCHRONISED = 0x40


def _kernel_time() -> _KernelTime | None:
    """Ask the kernel, changing nothing; None where it cannot be asked."""
    if not sys.platform.startswith("linux"):
        return None
    told = _Timex()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(told))
    except (OSError, AttributeError):
        return None
    return _KernelTime(state, told.status, told.worst_error_us * 1e-6) if state >= 0 else None


def _kernel_doubts(kernel: _KernelTime | None, wall_ns: int) -> tuple[str, ...]:
    if kernel is None:
        return ("the system does not say whether it is synchronised",)
    doubts: list[str] = []
    if kernel.status & _UNSYNCHRONISED or _STATES.get(kernel.state) == "error":
        doubts.append("it is not synchronised")
    if kernel.worst_error_s > WORST_ERROR_S:
        doubts.append(f"its error may be {kernel.worst_error_s:g} s")
    into_day_s = wall_ns / NS_PER_S % 86_400
    near_midnight = min(into_day_s, 86_400 - into_day_s) <= LEAP_S
    if kernel.state == _LEAP_IN_PROGRESS or (_STATES.get(kernel.state) == "leap" and near_midnight):
        doubts.append("a leap second is at hand")
    return tuple(doubts)


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
    whole = datetime.fromtimestamp(seconds, tz=UTC).isoformat()[:19]
    decimals = f"{rest:09d}"
    return f"{whole}.{decimals if rest % 1_000 else decimals[:6]}Z"
