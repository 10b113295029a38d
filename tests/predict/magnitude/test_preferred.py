"""ML goes first for small earthquakes and Mw for large ones, whatever else there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.predict.magnitude.preferred import preferred_first
from foreshock.types.solution import Magnitude


def sizes(**values: float) -> list[Magnitude]:
    return [Magnitude(kind, value, 0.1, 5, "made") for kind, value in values.items()]


@pytest.mark.parametrize(
    ("given_", "kinds"),
    [
        (sizes(ML=3.0, Mw=3.1), ["ML", "Mw"]),
        (sizes(ML=5.9, Mw=5.99), ["ML", "Mw"]),
        (sizes(ML=5.8, Mw=6.0), ["Mw", "ML"]),
        (sizes(ML=6.1, Mw=5.9), ["Mw", "ML"]),
        (sizes(ML=6.37, Mw=6.92, M=5.83), ["Mw", "ML", "M"]),
        (sizes(M=5.8, ML=6.4, Mw=6.9), ["M", "Mw", "ML"]),
        (sizes(Mw=2.0, ML=2.5), ["Mw", "ML"]),
        (sizes(ML=7.0), ["ML"]),
        (sizes(Mw=2.0), ["Mw"]),
        (sizes(ML=7.0, M=6.0), ["ML", "M"]),
        ([], []),
    ],
)
def test_the_preferred_one_comes_first(given_: list[Magnitude], kinds: list[str]) -> None:
    assert [size.kind for size in preferred_first(given_)] == kinds


@given(st.permutations(["ML", "Mw", "M"]), st.tuples(*[st.floats(0, 9)] * 3), st.floats(0, 10))
def test_nothing_is_lost_and_other_kinds_stay_in_order(
    kinds: list[str], values: tuple[float, float, float], saturated: float
) -> None:
    asked = sizes(**dict(zip(kinds, values, strict=True)))
    found = preferred_first(asked, saturated=saturated)
    assert sorted(found, key=str) == sorted(asked, key=str)
    by_kind = dict(zip(kinds, values, strict=True))
    assert found == preferred_first(found, saturated=saturated)
    if kinds[0] != "ML":
        assert found[0].kind == kinds[0]
    elif max(by_kind["ML"], by_kind["Mw"]) < saturated:
        assert found == tuple(asked)
    else:
        assert found[0].kind == "Mw"
