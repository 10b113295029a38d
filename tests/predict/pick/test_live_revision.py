"""What a first answer tells is settled by the second: kept under its name, withdrawn, or told late."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.predict.pick.live_revision import TOGETHER_FRAMES, Arrivals, Word
from foreshock.types.arrays import Float64

ON = (0.5, 0.5)
LAG = 128


def curve(*places: int, n: int = 600, height: float = 0.9) -> Float64:
    """Peaks of seven frames on nothing."""
    said = np.zeros(n)
    for place in places:
        said[place - 3 : place + 4] = height * np.array([0.2, 0.5, 0.8, 1.0, 0.8, 0.5, 0.2])
    return said


def heard(first: Float64, second: Float64, cuts: list[int] | None = None, *, revises: bool = True) -> list[Word]:
    """Both answers as a stream gives them: the second for a frame comes `LAG` frames after the first."""
    n = len(first) + LAG
    both = np.stack([np.pad(first, (0, LAG)), np.pad(second, (LAG, 0))])
    arrivals, words = Arrivals(revises), []
    for a, b in zip([0, *(cuts or [])], [*(cuts or []), n], strict=True):
        words += arrivals.follow(both[:, a:b], (a, a - LAG), on=ON, grows=0.7)
    return words + list(arrivals.close((n - 1, n - 1 - LAG), on=ON))


def kinds(words: list[Word]) -> list[tuple[str, str]]:
    return [(word.name, word.said.kind) for word in words]


def test_what_both_answers_see_is_told_once_and_the_second_has_the_last_word() -> None:
    words = heard(curve(100), curve(103, height=0.7))
    assert kinds(words)[0] == ("99", "started")
    assert kinds(words)[-1] == ("99", "ended")
    assert {word.name for word in words} == {"99"}
    assert (words[0].answer, words[-1].answer) == (0, 1)
    assert words[-1].said.frame == pytest.approx(103)
    assert words[-1].said.height == pytest.approx(0.7)


def test_what_the_second_answer_does_not_see_is_withdrawn_when_it_has_passed() -> None:
    words = heard(curve(100), curve())
    assert kinds(words)[-1] == ("99", "withdrawn")
    assert words[-1].said.at == 99 + TOGETHER_FRAMES + 1
    assert words[-1].said.frame == pytest.approx(100)


def test_what_only_the_second_answer_sees_is_told_late_under_a_name_of_its_own() -> None:
    words = heard(curve(), curve(100))
    assert kinds(words)[0] == ("99-2", "started")
    assert kinds(words)[-1] == ("99-2", "ended")
    assert all(word.answer == 1 for word in words)


def test_two_rises_where_the_second_answer_has_one_leave_one() -> None:
    words = heard(curve(100, 110), curve(109))
    last = {word.name: word.said.kind for word in words}
    assert last == {"99": "withdrawn", "109": "ended"}


def test_a_far_rise_of_the_second_answer_is_another_arrival() -> None:
    words = heard(curve(100), curve(100 + TOGETHER_FRAMES + 10))
    assert {word.name: word.said.kind for word in words} == {"99": "withdrawn", "121-2": "ended"}


def test_without_revision_the_first_answer_has_the_last_word() -> None:
    words = heard(curve(100), curve(300), revises=False)
    assert {word.name: word.said.kind for word in words} == {"99": "ended"}


@st.composite
def bumpy(draw: st.DrawFn) -> Float64:
    places = draw(st.lists(st.integers(4, 290), max_size=8))
    height = draw(st.floats(0.3, 0.99))
    return np.max([np.zeros(300), *(curve(place, n=300, height=height) for place in places)], 0)


@given(first=bumpy(), second=bumpy(), cuts=st.lists(st.integers(1, 300 + LAG - 1), max_size=9, unique=True))
def test_any_pieces_tell_the_same_and_all_that_began_comes_to_an_end(
    first: Float64, second: Float64, cuts: list[int]
) -> None:
    words = heard(first, second)
    assert heard(first, second, sorted(cuts)) == words
    said: dict[str, list[str]] = {}
    for word in words:
        said.setdefault(word.name, []).append(word.said.kind)
    for told in said.values():
        assert told[0] == "started"
        assert told[-1] in ("ended", "withdrawn")
        assert set(told[1:-1]) <= {"updated"}
    assert sum(told[-1] == "ended" for told in said.values()) == sum(
        word.said.kind == "ended" for word in heard(second, second, revises=False)
    )


@given(first=bumpy(), second=bumpy(), at=st.integers(1, 300 + LAG - 1))
def test_a_saved_state_goes_on(first: Float64, second: Float64, at: int) -> None:
    both = np.stack([np.pad(first, (0, LAG)), np.pad(second, (LAG, 0))])
    arrivals = Arrivals()
    words = list(arrivals.follow(both[:, :at], (0, -LAG), on=ON, grows=0.7))
    restored = Arrivals.restored(arrivals.state(), revises=True)
    words += restored.follow(both[:, at:], (at, at - LAG), on=ON, grows=0.7)
    words += restored.close((299 + LAG, 299), on=ON)
    assert kinds(words) == kinds(heard(first, second))
