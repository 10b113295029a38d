"""An event of a pick is of one of three kinds, and says itself in a line."""

from __future__ import annotations

import pytest

from foreshock.errors import InputError
from foreshock.types.pick import Pick
from foreshock.types.pick_event import KINDS, PickEvent

PICK = Pick("XX.A.", "S", time_ns=0, probability=0.5, sigma_s=0.2, available_at_ns=10)


def test_the_last_word_is_that_it_ended_or_was_withdrawn_and_only_the_first_stands() -> None:
    assert [PickEvent(kind, PICK, "a").is_final for kind in KINDS] == [False, False, True, True]
    assert [kind for kind in KINDS if PickEvent(kind, PICK, "a").stands] == ["ended"]


def test_another_kind_is_refused_by_its_name() -> None:
    with pytest.raises(InputError, match="'finished'"):
        PickEvent("finished", PICK, "a")


def test_it_says_its_kind_and_its_pick() -> None:
    assert str(PickEvent("updated", PICK, "a")) == f"updated  {PICK}"
