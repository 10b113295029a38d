"""Quiet minutes are those without a coincidence near them; picks elsewhere are not counted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.evaluate.quiet import GUARD_S, MINUTE_NS, coincidences, false_picks_per_hour, quiet_minutes
from foreshock.types.pick import Pick


def at(*seconds: float) -> list[int]:
    return [round(one * NS_PER_S) for one in seconds]


def test_three_different_stations_are_needed_within_the_time() -> None:
    assert coincidences({"A": at(0, 1, 2), "B": at(3)}) == []
    assert coincidences({"A": at(0), "B": at(3), "C": at(5.1)}) == []
    assert coincidences({"A": at(0), "B": at(3), "C": at(5)}) == [tuple(at(0, 5))]


def test_a_coincidence_takes_its_minute_and_those_within_the_guard() -> None:
    triggers = {"A": at(190, 500), "B": at(191), "C": at(192)}
    quiet = quiet_minutes(triggers, first_ns=1, last_ns=600 * NS_PER_S)
    assert [minute // MINUTE_NS for minute in quiet.minutes] == [1, 4, 5, 6, 7, 8, 9]
    assert (quiet.n_minutes, quiet.n_coincidences) == (9, 1)
    assert quiet.station_hours == pytest.approx(7 * 3 / 60)


@settings(max_examples=40, deadline=None)
@given(times=st.lists(st.tuples(st.sampled_from("ABCD"), st.floats(0, 1200)), max_size=40))
def test_no_quiet_minute_is_near_a_coincidence(times: list[tuple[str, float]]) -> None:
    triggers = {name: at(*(t for who, t in times if who == name)) for name in "ABCD"}
    quiet = quiet_minutes(triggers, first_ns=0, last_ns=1200 * NS_PER_S)
    for first, last in coincidences(triggers):
        for minute in quiet.minutes:
            assert last < minute - GUARD_S * NS_PER_S or first >= minute + MINUTE_NS + GUARD_S * NS_PER_S


def test_only_picks_of_quiet_minutes_and_of_the_stations_count() -> None:
    quiet = quiet_minutes({"A": at(130), "B": at(131), "C": at(132)}, first_ns=0, last_ns=600 * NS_PER_S)
    picks = [Pick(who, "P", t, 0.5, 0.1, t) for who, t in zip("AABZ", at(131, 400, 401, 402), strict=True)]
    score = false_picks_per_hour(picks, quiet)
    assert score.n == 2
    assert score.value == pytest.approx(2 / quiet.station_hours)


def test_two_stations_are_too_few() -> None:
    with pytest.raises(InputError, match="2 stations: quiet minutes are told by 3"):
        quiet_minutes({"A": [], "B": []}, first_ns=0, last_ns=10**12)
