"""Maps hold every earthquake and station, wherever they lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import EllipseCollection
from matplotlib.figure import Figure

from foreshock.evaluate.report.catalogue.noun import Sketch
from foreshock.evaluate.report.catalogue.places import map_of, placed_of, sections_of
from foreshock.evaluate.report.style import LIGHT, png
from foreshock.types.solution import Solution
from foreshock.types.station import Station

Network = Callable[..., Mapping[str, Station]]
Catalogue = Callable[..., list[Solution]]


def drawn(sketch: Sketch) -> Figure:
    assert sketch.draw is not None
    assert png(sketch.draw, LIGHT).startswith(b"\x89PNG")
    return sketch.draw(LIGHT)


@pytest.mark.parametrize(("latitude", "longitude"), [(30.0, 100.0), (-17.0, 180.0), (0.0, -180.0), (85.0, 0.0)])
def test_a_map_is_as_wide_as_its_places(
    network: Network, catalogue: Catalogue, latitude: float, longitude: float
) -> None:
    stations = network(latitude=latitude, longitude=longitude)
    figure = drawn(map_of(catalogue(12, stations, latitude=latitude, longitude=longitude), stations))
    axes = figure.axes[0]
    assert axes.get_aspect() == 1.0
    for low, high in (axes.get_xlim(), axes.get_ylim()):
        assert 5 < high - low < 150
        assert low < 0 < high


def test_ellipses_have_the_axes_that_are_known(network: Network, catalogue: Catalogue) -> None:
    stations = network()
    solutions = catalogue(20, stations)
    placed = placed_of(solutions)
    assert np.isnan(placed.major_km).sum() == 1
    assert placed.turn_deg[0] == pytest.approx(30.0, abs=0.1)
    sketch = map_of(solutions, stations)
    assert "20 epicentres" in sketch.caption
    assert "19 with the ellipse" in sketch.caption
    assert "3 stations" in sketch.caption
    ellipses = next(one for one in drawn(sketch).axes[0].collections if isinstance(one, EllipseCollection))
    np.testing.assert_allclose(ellipses.get_widths(), 3.0)
    np.testing.assert_allclose(ellipses.get_heights(), 1.0)


def test_without_earthquakes_a_sentence_stands_there(network: Network) -> None:
    assert map_of([], network()).draw is None
    assert [one.draw for one in sections_of([])] == [None]


def test_one_earthquake_without_stations_can_be_drawn(network: Network, catalogue: Catalogue) -> None:
    one = catalogue(1, network())
    drawn(map_of(one, {}))
    sections = sections_of(one)
    assert len(sections) == 2
    for sketch in sections:
        assert "1 depth with" in sketch.caption
        axes = drawn(sketch).axes[0]
        assert axes.get_ylim()[0] > (one[0].event.depth_km or 0.0) > axes.get_ylim()[1]
        assert (axes.get_title(loc="left") or axes.get_title()) == "depth and distance to scale"


def test_a_long_swarm_is_cut_along_itself(network: Network, catalogue: Catalogue) -> None:
    rng = np.random.default_rng(5)
    along = rng.normal(0, 0.3, 60)
    swarm = [
        replace(one, event=replace(one.event, latitude=30.0 + t * 0.866 + e, longitude=100.0 + t))
        for one, t, e in zip(catalogue(60, network()), along, rng.normal(0, 0.01, 60), strict=True)
    ]
    first, second = sections_of(swarm)
    assert "along 45°" in first.caption
    assert "along 135°" in second.caption


def test_far_earthquakes_of_many_do_not_widen_the_map_and_are_counted(network: Network, catalogue: Catalogue) -> None:
    stations, solutions = network(), catalogue(300, network())
    far = replace(solutions[0], event=replace(solutions[0].event, latitude=50.0))
    sketch = map_of([far, *solutions[1:]], stations)
    assert "1 earthquake beyond the edge" in sketch.caption
    assert np.ptp(drawn(sketch).axes[0].get_ylim()) < 200
