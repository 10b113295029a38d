"""Completeness and b are those of sizes that are known to follow the law."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.evaluate.recurrence import Recurrence, TooFew, bins_of, commonest, recurrence, steps_of


def test_b_is_the_closed_form_of_its_mean() -> None:
    sizes = np.repeat([1.0, 1.2, 1.4, 1.6], [60, 40, 20, 10])
    found = recurrence(sizes)
    assert isinstance(found, Recurrence)
    mean = (40 * 1.2 + 20 * 1.4 + 10 * 1.6) / 70
    assert found.completeness == 1.2
    assert found.n == 70
    assert found.b == pytest.approx(math.log10(math.e) / (mean - 1.15))
    squares = 40 * (1.2 - mean) ** 2 + 20 * (1.4 - mean) ** 2 + 10 * (1.6 - mean) ** 2
    assert found.b_error == pytest.approx(2.302585093 * found.b**2 * math.sqrt(squares / (70 * 69)))
    assert found.a - found.b * 1.15 == pytest.approx(math.log10(70))


@pytest.mark.parametrize("b", [0.7, 1.0, 1.3])
def test_b_of_many_exponential_sizes_is_theirs(b: float) -> None:
    rng = np.random.default_rng(3)
    sizes = 0.95 + rng.exponential(math.log10(math.e) / b, 20_000)
    found = recurrence(sizes)
    assert isinstance(found, Recurrence)
    assert found.completeness == 1.2
    assert abs(found.b - b) < 4 * found.b_error
    assert found.b_error == pytest.approx(b / math.sqrt(found.n), rel=0.1)


def test_small_sizes_that_were_missed_do_not_change_b() -> None:
    rng = np.random.default_rng(4)
    sizes = rng.exponential(math.log10(math.e), 40_000)
    seen = sizes[rng.random(len(sizes)) < 1 / (1 + np.exp(-(sizes - 1.0) / 0.08))]
    found = recurrence(seen)
    assert isinstance(found, Recurrence)
    assert 1.1 <= found.completeness <= 1.5
    assert found.b == pytest.approx(1.0, abs=0.05)


def test_of_equal_bins_the_higher_is_the_fullest() -> None:
    found = recurrence(np.repeat([1.0, 2.0, 2.2, 2.3], [50, 50, 30, 10]))
    assert isinstance(found, Recurrence)
    assert found.completeness == 2.2


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ([], "0 earthquakes with a magnitude; a b value needs 30"),
        ([1.0], "1 earthquake with a magnitude"),
        ([math.nan] * 50, "0 earthquakes with"),
        ([1.0] * 100, "0 earthquakes from magnitude 1.2 on"),
        ([1.0] * 100 + [1.2] * 40, "all 40 magnitudes are equal"),
    ],
)
def test_too_few_sizes_are_refused_with_their_number(sizes: list[float], reason: str) -> None:
    found = recurrence(sizes)
    assert isinstance(found, TooFew)
    assert reason in found.reason


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-200, 900), min_size=1, max_size=80))
def test_bins_are_the_nearest_and_lose_nothing(hundredths: list[int]) -> None:
    sizes = np.array(hundredths) / 100
    bins = bins_of(sizes)
    assert np.all(np.abs(bins / 10 - sizes) <= 0.05 + 1e-9)
    centres, counts = steps_of(bins)
    assert counts.sum() == len(sizes)
    assert len(centres) == bins.max() - bins.min() + 1


def test_an_edge_belongs_to_the_bin_above() -> None:
    assert bins_of([0.05, 0.15, 0.25, 0.35, -0.05]).tolist() == [1, 2, 3, 4, 0]


def test_the_commonest_type_is_found() -> None:
    assert commonest(["Mw", "ML", "ML"]) == "ML"
    assert commonest(["Mw", "ML"]) == "ML"
    assert commonest([]) == ""
