"""Patterns choose streams as the protocol's own examples say, in a time that no pattern can blow up."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.collect.seedlink.names import are_chosen, matches, selector3, selector4
from foreshock.collect.seedlink.wanted import wanted_of
from foreshock.errors import InputError


@given(st.text("ab*?", max_size=9), st.text("ab", max_size=9))
def test_patterns_match_as_regular_expressions_would(pattern: str, text: str) -> None:
    as_expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    assert matches(pattern, text) == bool(re.fullmatch(as_expression, text))


def test_a_pattern_of_stars_takes_no_time() -> None:
    began = time.process_time()
    assert not matches("*a" * 32 + "b", "a" * 255)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("selectors", "stream", "kind", "chosen"),
    [
        (["_B*", "!*.*E"], "_B_H_Z", "2D", True),
        (["_B*", "!*.*E"], "_B_H_Z", "2E", False),
        (["*_B_H_?.2D"], "00_B_H_Z", "2D", True),
        (["*_B_H_?.2D"], "00_B_H_Z", "3D", False),
        (["*_H_H_?:native"], "_H_H_N", "2D", True),
        (["!*_L*"], "00_L_H_Z", "2D", False),
        (["!*_L*"], "00_B_H_Z", "2D", True),
        ([], "anything", "2D", True),
    ],
)
def test_version_4_selectors(selectors: list[str], stream: str, kind: str, chosen: bool) -> None:
    assert are_chosen([selector4(one) for one in selectors], stream, kind) is chosen


@pytest.mark.parametrize(
    ("selectors", "stream", "chosen"),
    [
        (["00BH?.D"], "00_B_H_Z", True),
        (["00BH?.E"], "00_B_H_Z", False),
        (["BH?"], "10_B_H_Z", True),
        (["--BHZ"], "_B_H_Z", True),
        (["--BHZ"], "00_B_H_Z", False),
        (["??BHZ"], "_B_H_Z", True),
        (["?????"], "00_L_H_Z", True),
        (["BH?", "!BHN"], "00_B_H_N", False),
        (["00"], "00_L_H_Z", True),
        (["!LH?"], "_B_H_Z", True),
    ],
)
def test_version_3_selectors(selectors: list[str], stream: str, chosen: bool) -> None:
    assert are_chosen([selector3(one) for one in selectors], stream, "2D") is chosen


@pytest.mark.parametrize("text", ["", "x" * 65, "B\x00Z", "*:3", "!*:native"])
def test_version_4_selectors_that_are_none(text: str) -> None:
    with pytest.raises(InputError):
        selector4(text)


@pytest.mark.parametrize("text", ["B", "BHZZ", "00BHZZ", "é"])
def test_version_3_selectors_that_are_none(text: str) -> None:
    with pytest.raises(InputError):
        selector3(text)


@pytest.mark.parametrize(
    ("pattern", "four", "three"),
    [
        ("IU.ANMO.00.BH?", ["00_B_H_?"], ["00BH?"]),
        ("IU.ANMO..BHZ", ["_B_H_Z"], ["--BHZ"]),
        ("IU.ANMO.*.BH?", ["*_B_H_?"], ["??BH?"]),
        ("IU.ANMO.10.*", ["10_*"], ["10???"]),
        ("IU.*.*.*", [], []),
    ],
)
def test_what_is_wanted_is_said_in_both_versions_words(pattern: str, four: list[str], three: list[str]) -> None:
    (one,) = wanted_of([pattern])
    assert (one.selectors(4), one.selectors(3)) == (four, three)


@pytest.mark.parametrize("pattern", ["IU.ANMO.00", "IU..00.BHZ", "", "IU.ANMO.00.BHZ.D", "IU.ÅNMO.00.BHZ"])
def test_wanted_patterns_have_four_parts(pattern: str) -> None:
    with pytest.raises(InputError, match="NET.STA.LOC.CHA"):
        wanted_of([pattern])


def test_what_version_3_cannot_say_is_told() -> None:
    with pytest.raises(InputError, match="version 3 has LLCCC"):
        wanted_of(["IU.ANMO.00.B*"])[0].selectors(3)
