"""Every model that ships opens, is small, names its data, and a wrong name is answered with the nearest."""

from __future__ import annotations

from importlib import resources

import pytest

from foreshock.bundle import SHIPPED, shipped
from foreshock.errors import NotFoundError

MOST_BYTES = 2_000_000


@pytest.mark.parametrize("name", SHIPPED)
def test_each_is_called_as_its_file_and_is_small(name: str) -> None:
    bundle = shipped(name)
    assert bundle.card.name == name
    assert bundle.path is not None
    assert bundle.path.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("name", SHIPPED)
def test_each_says_whose_data_it_has_learnt_from_and_on_what_terms(name: str) -> None:
    training = shipped(name).card.training
    assert training is not None
    assert training.data
    for data in training.data:
        assert data.source
        assert data.terms


def test_the_list_is_all_that_lies_there() -> None:
    there = {path.name for path in resources.files("foreshock.bundle").joinpath("models").iterdir()}
    assert there == {f"{name}.bundle" for name in SHIPPED}


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFoundError, match=r"'pickr': .*did you mean 'picker'"):
        shipped("pickr")
