"""Which warning is which event: one to one, with second warnings and merged events told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from foreshock.errors import InputError
from foreshock.evaluate.warning.matching import DECLARED, SHAKEALERT, Rule, matched
from foreshock.evaluate.warning.run import WarningRun
from foreshock.evaluate.warning.truth import WarningTruth

Runs, Truths = Callable[..., WarningRun], Callable[..., WarningTruth]


def test_a_second_warning_of_one_event_is_a_split_and_not_false(run: Runs, truth: Truths, say: Any) -> None:
    made = run([say.message("near", 1, 105, origin_s=100.5), say.message("far", 1, 106, origin_s=108)])
    found = matched(made, truth([{"event_id": "t"}]).quakes, DECLARED)
    assert (found.pairs, found.splits, found.false) == ({"t": "near"}, {"far": "t"}, ())


def test_two_events_told_as_one_are_one_match_and_one_merged(run: Runs, truth: Truths, say: Any) -> None:
    two = truth(
        [{"event_id": "a"}, {"event_id": "b", "time_ns": say.at(110)}, {"event_id": "c", "time_ns": say.at(900)}]
    )
    found = matched(run([say.message("w", 1, 105)]), two.quakes, DECLARED)
    assert (found.pairs, found.merged, found.missed) == ({"a": "w"}, ("b",), ("c",))


def test_shakealerts_rule_is_wider_than_the_declared_one(run: Runs, truth: Truths, say: Any) -> None:
    quakes = truth([{"event_id": "t"}]).quakes
    late = run([say.message("w", 1, 130, origin_s=125.0)])
    away = run([say.message("w", 1, 130, latitude=0.2 + 80 / 110.6)])
    for made in (late, away):
        assert matched(made, quakes, DECLARED).false == ("w",)
        assert matched(made, quakes, SHAKEALERT).pairs == {"t": "w"}


def test_the_last_message_that_is_no_cancellation_decides(run: Runs, truth: Truths, say: Any) -> None:
    messages = [
        say.message("w", 1, 105, latitude=3.0), say.message("w", 2, 106),
        say.message("w", 3, 107, latitude=3.0, message_type="cancel"),
    ]  # fmt: skip
    assert matched(run(messages), truth([{"event_id": "t"}]).quakes, DECLARED).pairs == {"t": "w"}


def test_twins_are_matched_each_to_its_own(run: Runs, truth: Truths, say: Any) -> None:
    twins = truth([{"event_id": "a"}, {"event_id": "b", "time_ns": say.at(108.0), "latitude": 0.5}])
    made = run([say.message("y", 1, 115, origin_s=107.0, latitude=0.45), say.message("x", 1, 105, origin_s=101.0)])
    assert matched(made, twins.quakes, DECLARED).pairs == {"a": "x", "b": "y"}


def test_a_blast_is_not_to_be_warned_of(run: Runs, truth: Truths, say: Any) -> None:
    made = truth([{"event_id": "boom", "kind": "blast"}])
    assert matched(run([say.message("w", 1, 105)]), made.quakes, DECLARED).false == ("w",)


def test_a_rule_without_reach_is_refused() -> None:
    with pytest.raises(InputError, match="0 s and 60 km"):
        Rule("x", 0, 60)
