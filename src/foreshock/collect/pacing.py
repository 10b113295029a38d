"""Pacing: waits of a clock that let other work go on meanwhile. Knows nothing of what is waited for."""

from __future__ import annotations

import asyncio

from foreshock.clock import NS_PER_S, Clock, LiveClock, ReplayClock


async def until(clock: Clock, time_ns: int) -> None:
    """Come back when the clock shows at least `time_ns`; a clock that moves only when told to is moved there.

    >>> from foreshock.clock import StepClock
    >>> clock = StepClock(0)
    >>> asyncio.run(until(clock, 5)), clock.now_ns()
    (None, 5)
    """
    if not isinstance(clock, LiveClock | ReplayClock):
        clock.sleep_until(time_ns)
        await asyncio.sleep(0)
        return
    speed = clock.speed if isinstance(clock, ReplayClock) else 1.0
    while (left_ns := time_ns - clock.now_ns()) > 0:
        await asyncio.sleep(left_ns / NS_PER_S / speed)
