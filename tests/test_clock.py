"""Times are UTC nanoseconds, exact both ways; clocks differ only in how they move."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S, Clock, LiveClock, ReplayClock, StepClock, iso_utc, utc_ns
from foreshock.errors import InputError, StateError

FIRST_NS, LAST_NS = -2_208_988_800 * NS_PER_S, 4_102_444_800 * NS_PER_S


@given(st.integers(FIRST_NS, LAST_NS))
def test_a_time_survives_writing_and_reading_to_the_nanosecond(time_ns: int) -> None:
    assert utc_ns(iso_utc(time_ns)) == time_ns


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2020-06-23T15:29:04Z", "2020-06-23T15:29:04"),
        ("2020-06-23T15:29:04Z", "2020-06-23T23:29:04+08:00"),
        ("2020-06-23T15:29:04.5Z", "2020-06-23 15:29:04.500000"),
        ("2020-06-23", "2020-06-23T00:00:00Z"),
    ],
)
def test_a_time_without_a_zone_is_utc_and_zones_are_honoured(text: str, same: str) -> None:
    assert utc_ns(text) == utc_ns(same)


@pytest.mark.parametrize("text", ["", "yesterday", "2020-13-01T00:00:00Z", "2020-06-23T15:29:61Z", "1592926144"])
def test_what_is_not_a_time_is_named(text: str) -> None:
    with pytest.raises(InputError, match="ISO-8601"):
        utc_ns(text)


@pytest.mark.parametrize("clock", [LiveClock(), ReplayClock(0), StepClock(0)])
def test_every_clock_keeps_the_promise(clock: Clock) -> None:
    before = clock.now_ns()
    clock.sleep_until(before + 1_000_000)
    assert isinstance(clock, Clock)
    assert clock.now_ns() >= before + 1_000_000


def test_a_replay_runs_as_fast_as_it_is_told() -> None:
    clock, slow = ReplayClock(0, speed=1000.0), ReplayClock(0, speed=1.0)
    slow.sleep_until(10_000_000)
    assert clock.now_ns() > 100 * slow.now_ns()


def test_a_replay_refuses_to_stand_still_or_run_backwards() -> None:
    for speed in (0.0, -1.0, float("nan")):
        with pytest.raises(InputError, match="speed"):
            ReplayClock(0, speed=speed)


def test_a_step_clock_never_runs_backwards() -> None:
    clock = StepClock(10)
    clock.set(20)
    clock.sleep_until(5)
    assert clock.now_ns() == 20
    with pytest.raises(StateError, match="already shows"):
        clock.set(19)
