"""What was left out is counted by the kind of its reason."""

from __future__ import annotations

from foreshock.evaluate.report.catalogue.reasons import kinds, pattern_of


def test_names_times_and_numbers_do_not_tell_reasons_apart() -> None:
    late = "comes 9.84 s late for event 2019-07-06T03:22:03.295450499Z, the nearest in time"
    assert pattern_of(late) == "comes … s late for event …, the nearest in time"
    assert pattern_of("station XX.CCC. has no coordinates") == "station … has no coordinates"
    assert pattern_of("as chance may do 6.8e+04 times a day") == "as chance may do … times a day"
    assert pattern_of("no event about its time: too few picks") == "no event about its time: too few picks"


def test_the_commonest_comes_first_with_its_first_example() -> None:
    found = kinds([("a", "gone"), ("b", "fits 3 picks"), ("c", "fits 4 picks")])
    assert [(one.pattern, one.n, one.item, one.reason) for one in found] == [
        ("fits … picks", 2, "b", "fits 3 picks"),
        ("gone", 1, "a", "gone"),
    ]
    assert kinds([]) == []
