"""Rows of a table keep to their side of the split, and are scaled by the training rows alone."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.collect.table import Table
from foreshock.errors import InputError, LabelError
from foreshock.road.tables import row_groups, scaling_from, scaling_of, split_rows, table_examples


def table(n: int = 100, *, seed: int = 0, groups: tuple[str, ...] | None = None) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.normal([1.0, 100.0, 5.0], [1.0, 10.0, 0.0], (n, 3))
    return Table(x, rng.integers(0, 2, n), ("a", "b"), ("one", "two", "constant"), groups=groups)


def test_equal_rows_and_equal_groups_never_stand_on_two_sides() -> None:
    single = table(60)
    doubled = Table(np.tile(single.x, (2, 1)), np.tile(single.y, 2), single.classes, single.columns)
    for one in (doubled, table(60, groups=tuple(f"event-{k // 4}" for k in range(60)))):
        held = np.array(row_groups(one))
        rows = split_rows(one, seed=0)
        sides = [set(held[chosen]) for chosen in rows.values()]
        assert len(set.union(*sides)) == sum(map(len, sides))
        assert sum(map(len, rows.values())) == len(one)


def test_the_scaling_comes_from_the_training_rows_and_survives_a_card() -> None:
    one = table()
    rows = split_rows(one, seed=0)["train"]
    scaling = scaling_of(one, rows)
    x = table_examples(one, scaling).x[rows, 0]
    assert x[:, :2].mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert x[:, :2].std(axis=0) == pytest.approx(1, abs=1e-5)
    assert np.abs(x[:, 2]).max() == 0
    again = scaling_from(one.columns, scaling.as_dict())
    assert np.array_equal(table_examples(one, again).x, table_examples(one, scaling).x)


def test_classes_are_numbered_as_the_model_numbers_them() -> None:
    one = table()
    assert table_examples(one, scaling_of(one, slice(None)), classes=("b", "a")).y.tolist() == (1 - one.y).tolist()


def test_other_columns_and_unknown_classes_are_named() -> None:
    one = table()
    scaling = scaling_of(one, slice(None))
    other = Table(one.x, one.y, one.classes, ("one", "three", "constant"))
    with pytest.raises(InputError, match="'three'"):
        table_examples(other, scaling)
    with pytest.raises(LabelError, match="'b'"):
        table_examples(one, scaling, classes=("a", "c"))


def test_too_few_rows_for_three_sides_is_an_error() -> None:
    with pytest.raises(LabelError, match="is empty"):
        split_rows(table(2), seed=0)
