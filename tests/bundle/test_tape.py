"""What was said comes back after as many windows as the card says, whoever else goes on or begins anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.bundle import Card, Delay, Reach, Tape, card_from, shipped
from foreshock.bundle.card import card_json
from foreshock.bundle.tape import SPARE
from foreshock.errors import BundleError

LINES = st.lists(
    st.tuples(st.integers(1, 3), st.lists(st.integers(1, 40), min_size=1, max_size=3)), min_size=1, max_size=4
)


def reach_of(lines: list[tuple[int, list[int]]]) -> Reach:
    delays = tuple(Delay(width=width, windows=tuple(windows)) for width, windows in lines)
    size = sum(one.n_heard for one in delays)
    return Reach(stride_samples=8, margin_samples=0, state_size=size, delays=delays)


def news(reach: Reach, n: int, window: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Numbers that no other window, stream or place has."""
    return (1000 * window + 100 * np.arange(n)[:, None] + np.arange(reach.n_said) + 1).astype(np.float32)


def due(reach: Reach, n: int, window: int, *, begun: int = 0) -> np.ndarray[Any, np.dtype[np.float32]]:
    """What must be heard, put together the long way."""
    heard, first = [], 0
    for one in reach.delays:
        for ago in one.windows:
            said = news(reach, n, window - ago) if window - ago >= begun else np.zeros((n, reach.n_said), np.float32)
            heard.append(said[:, first : first + one.width])
        first += one.width
    return np.concatenate(heard, 1)


@given(lines=LINES, n=st.integers(1, 3))
def test_everything_comes_back_when_it_is_due(lines: list[tuple[int, list[int]]], n: int) -> None:
    reach = reach_of(lines)
    tape = Tape(reach, n)
    for window in range(2 * SPARE + 45):
        np.testing.assert_array_equal(tape.heard(), due(reach, n, window))
        tape.say(news(reach, n, window))


@given(lines=LINES, alone=st.integers(0, 2 * SPARE), together=st.integers(0, 2 * SPARE))
def test_streams_that_go_on_alone_keep_their_own_past(
    lines: list[tuple[int, list[int]]], alone: int, together: int
) -> None:
    reach, rows = reach_of(lines), np.array([2, 0])
    tape = Tape(reach, 3)
    for window in range(together):
        tape.say(news(reach, 3, window))
    part = tape.taken(rows)
    for window in range(together, together + alone):
        np.testing.assert_array_equal(part.heard(), due(reach, 3, window)[rows])
        part.say(news(reach, 3, window)[rows])
    tape.put(rows, part)
    np.testing.assert_array_equal(tape.heard()[rows], due(reach, 3, together + alone)[rows])
    np.testing.assert_array_equal(tape.heard()[1], due(reach, 3, together)[1])


def test_a_stream_that_begins_anew_hears_nothing_of_before_and_the_others_do() -> None:
    reach = reach_of([(2, [1, 5]), (1, [20])])
    tape = Tape(reach, 2)
    for window in range(30):
        tape.say(news(reach, 2, window))
    tape.forget(0)
    for window in range(30, 60):
        np.testing.assert_array_equal(tape.heard()[0], due(reach, 2, window, begun=30)[0])
        np.testing.assert_array_equal(tape.heard()[1], due(reach, 2, window)[1])
        tape.say(news(reach, 2, window))


def test_a_saved_tape_goes_on_as_if_nothing_had_been() -> None:
    reach = reach_of([(2, [1, 5]), (1, [20])])
    tape, again = Tape(reach, 2), Tape(reach, 2)
    for window in range(SPARE + 3):
        tape.say(news(reach, 2, window))
    again.restore(tape.state())
    for window in range(SPARE + 3, 60):
        np.testing.assert_array_equal(again.heard(), due(reach, 2, window))
        again.say(news(reach, 2, window))
    with pytest.raises(ValueError, match="broadcast"):
        Tape(reach, 3).restore(tape.state())


def test_without_delays_all_that_was_said_is_heard_at_the_next_window() -> None:
    tape = Tape(Reach(stride_samples=8, margin_samples=0, state_size=3), 2)
    for window in range(2 * SPARE):
        said = np.full((2, 3), window, np.float32)
        tape.say(said)
        np.testing.assert_array_equal(tape.heard(), said)


@pytest.mark.parametrize(
    "delays", [[{"width": 1, "windows": [1]}], [{"width": 4, "windows": [0]}], [{"width": 1024, "windows": [4096] * 2}]]
)
def test_delays_that_do_not_fit_the_state_are_refused(delays: list[dict[str, Any]]) -> None:
    told = shipped("picker-live").card.model_dump()
    told["reach"]["state_size"] = 4 if len(delays[0]["windows"]) == 1 else 2048
    told["reach"]["delays"] = delays
    with pytest.raises(BundleError, match="delays"):
        card_from(told, where="a trial")


def test_a_card_without_delays_stays_what_it_was_before_there_were_any() -> None:
    def told(card: Card) -> bytes:
        return card_json(card)

    assert b'"delays"' not in told(shipped("picker").card)
    assert b'"delays"' in told(shipped("picker-live").card)
