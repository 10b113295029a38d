"""A solution refuses what no earthquake can have."""

from __future__ import annotations

import pytest

from foreshock.errors import InputError
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Amplitude, Arrival, Magnitude, Solution, Uncertainty

PICK = Pick("XX.A.", "P", 0, 0.9, 0.1, 10)


def test_a_weight_lies_between_nothing_and_one() -> None:
    with pytest.raises(InputError, match=r"weight of P at XX\.A\. is 1\.5"):
        Arrival(PICK, "P", 10.0, 0.0, 0.1, 1.5)


def test_the_major_axis_comes_first() -> None:
    with pytest.raises(InputError, match="1.0 and 2.0 km"):
        Uncertainty(1.0, 2.0, 0.0, 0.1, 90.0, 0.1, "A")


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_an_amplitude_is_a_size(value: float) -> None:
    with pytest.raises(InputError, match="amplitude at"):
        Amplitude("XX.A.", "HHN", "WA", value, "mm", 0)


@pytest.mark.parametrize(("kind", "value"), [("", 2.0), ("ML", 11.0), ("ML", float("nan"))])
def test_a_magnitude_has_a_type_and_a_possible_value(kind: str, value: float) -> None:
    with pytest.raises(InputError, match="magnitude is"):
        Magnitude(kind, value, None, 1, "by hand")


def test_a_solution_needs_an_event_only() -> None:
    solution = Solution(Event("e", 0, 1.0, 2.0))
    assert solution.arrivals == ()
    assert solution.uncertainty is None
    assert solution.mechanism is None
