"""Picks say who found them and why there is none."""

from __future__ import annotations

from foreshock.types.pick import Pick, Picks


def test_a_pick_tells_its_time_as_text() -> None:
    pick = Pick("XX.A.", "P", 1_592_926_144_123_000_000, probability=0.5, sigma_s=0.1, available_at_ns=2 * 10**18)
    assert pick.time == "2020-06-23T15:29:04.123000Z"
    assert "± 0.100 s" in str(pick)
    assert "first motion" not in str(pick)


def test_picks_are_a_list_that_prints_a_line_a_pick_and_a_line_a_reason() -> None:
    pick = Pick("XX.A.", "P", 0, probability=0.5, sigma_s=0.1, available_at_ns=0, polarity="up")
    picks = Picks([pick], picker="someone", reasons=[("XX.B.", "every sample is zero")], skipped=[("XX.C.", "no data")])
    assert picks == [pick]
    lines = str(picks).splitlines()
    assert lines[0] == "1 pick by someone"
    assert lines[1] == str(pick)
    assert lines[1].endswith("first motion up")
    assert lines[2:] == ["no pick on XX.B.: every sample is zero", "skipped XX.C.: no data"]
    assert repr(picks) == str(picks)
