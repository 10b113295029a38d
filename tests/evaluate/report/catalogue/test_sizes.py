"""Sizes are drawn of one type of magnitude, and b is told only where there are enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from foreshock.evaluate.report.catalogue.sizes import magnitudes_of, of_each_size, over_time
from foreshock.evaluate.report.style import DARK, png
from foreshock.types.solution import Solution
from foreshock.types.station import Station

Network = Callable[..., Mapping[str, Station]]
Catalogue = Callable[..., list[Solution]]


@pytest.mark.parametrize("n", [1, 2, 40, 400])
def test_any_number_can_be_drawn(network: Network, catalogue: Catalogue, n: int) -> None:
    solutions = catalogue(n, network())
    for sketch in (over_time(solutions), of_each_size(solutions)):
        assert sketch.draw is not None
        assert png(sketch.draw, DARK).startswith(b"\x89PNG")
    assert ("b = " in of_each_size(solutions).caption) == (n >= 400)
    assert ("a b value needs 30" in of_each_size(solutions).caption) == (n < 400)


def test_b_and_completeness_stand_in_the_caption(network: Network, catalogue: Catalogue) -> None:
    caption = of_each_size(catalogue(400, network())).caption
    assert caption.startswith("360 magnitudes of the type ML")
    assert "by maximum curvature, + 0.2 in it" in caption


def test_types_are_not_mixed(network: Network, catalogue: Catalogue) -> None:
    solutions = catalogue(10, network())
    other = replace(solutions[0], event=replace(solutions[0].event, magnitude=7.0, magnitude_type="Mw"))
    mixed = [other, *solutions[1:]]
    assert of_each_size(mixed).caption.startswith("8 magnitudes of the type ML")
    assert magnitudes_of(mixed, "Mw").tolist() == [7.0]
    assert "1 without a magnitude" in over_time(mixed).caption


def test_without_magnitudes_sentences_stand_there(network: Network, catalogue: Catalogue) -> None:
    bare = [
        replace(one, event=replace(one.event, magnitude=None, magnitude_type=None)) for one in catalogue(3, network())
    ]
    assert of_each_size(bare).draw is None
    assert "No earthquake has a magnitude" in of_each_size(bare).caption
    sketch = over_time(bare)
    assert sketch.draw is not None
    assert png(sketch.draw, DARK)
    assert over_time([]).draw is None
