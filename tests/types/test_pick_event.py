"""An event of a pick is of one of three kinds, and says itself in a line."""

from __future__ import annotations

import pytest

from foreshock.errors import InputError
from foreshock.types.pick import Pick
from foreshock.types.pick_event import KINDS, PickEvent

PICK = Pick("XX.A.", "S", time_ns=0, probability=0.5, sigma_s=0.2, available_at_ns=10)


def test_only_the_last_kind_is_final() -> None:
    assert [PickEvent(kind, PICK, "a").is_final for kind in KINDS] == [False, False, True]


def test_another_kind_is_refused_by_its_name() -> None:
    with pytest.raises(InputError, match="'finished'"):
        PickEvent("finished", PICK, "a")


def test_it_says_its_kind_and_its_pick() -> None:
    assert str(PickEvent("updated", PICK, "a")) == f"updated  {PICK}"
