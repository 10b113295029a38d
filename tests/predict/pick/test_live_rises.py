"""Rises are told once, again when they grow, and ended once, however their frames are cut."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from foreshock.predict.pick.live_rises import LONGEST_FRAMES, Rise, Said

ON, GROWS = 0.4, 0.7


def bump(n: int = 60, *, at: float = 30.3, height: float = 0.9, width: float = 2.5) -> np.ndarray:
    return height * np.exp(-(((np.arange(n) - at) / width) ** 2) / 2)


def followed(curve: np.ndarray, cuts: list[int]) -> list[Said]:
    rise, said = Rise(), []
    edges = [0, *sorted({cut for cut in cuts if cut < len(curve)} - {0}), len(curve)]
    for a, b in itertools.pairwise(edges):
        said += rise.follow(curve[a:b], 1000 + a, on=ON, grows=GROWS)
        rise = Rise.restored(rise.state())
    return said + list(rise.close(1000 + len(curve), on=ON))


def test_a_rise_is_started_updated_and_ended_at_its_centre() -> None:
    said = followed(bump(), [])
    assert next(one.kind for one in said) == "started"
    assert [one.kind for one in said][-1] == "ended"
    assert {one.kind for one in said[1:-1]} == {"updated"}
    assert len({one.number for one in said}) == 1
    assert abs(said[-1].frame - 1030.3) < 0.1
    assert said[-1].height == bump().max()
    assert [one.at for one in said] == sorted(one.at for one in said)


@given(
    cuts=st.lists(st.integers(1, 119), max_size=20),
    height=st.floats(0.05, 0.99),
    second=st.floats(40, 80),
)
def test_the_cuts_have_no_say(cuts: list[int], height: float, second: float) -> None:
    curve = bump(120, height=height) + bump(120, at=second, height=0.7 * (1 - height))
    assert followed(curve, cuts) == followed(curve, [])


def test_a_curve_between_the_thresholds_neither_begins_nor_ends_anything() -> None:
    assert followed(np.full(50, 0.3), []) == []
    wavy = np.concatenate([bump(), bump()])
    wavy[30:90] = np.maximum(wavy[30:90], 0.3)
    assert [one.kind for one in followed(wavy, [])].count("started") == 1


def test_a_curve_that_stays_up_is_ended_and_silent_until_it_comes_down() -> None:
    curve = np.concatenate([np.full(3 * LONGEST_FRAMES, 0.9), [0.0], bump()])
    kinds = [one.kind for one in followed(curve, [])]
    assert kinds.count("started") == kinds.count("ended") == 2
    rise = Rise()
    list(rise.follow(curve[: 2 * LONGEST_FRAMES], 0, on=ON, grows=GROWS))
    assert len(rise.heights) <= LONGEST_FRAMES


def test_a_height_of_one_is_borne() -> None:
    assert [one.kind for one in followed(np.array([0.0, 1.0, 1.0, 0.0]), [])] == ["started", "ended"]
