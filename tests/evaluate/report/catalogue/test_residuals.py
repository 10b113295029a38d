"""Residuals are counted of located earthquakes only, by phase and by station."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from foreshock.evaluate.report.catalogue.residuals import MOST_STATIONS, by_station, histogram, of_phases, of_stations
from foreshock.evaluate.report.style import LIGHT, png
from foreshock.types.solution import Solution
from foreshock.types.station import Station

Network = Callable[..., Mapping[str, Station]]
Catalogue = Callable[..., list[Solution]]


def with_residuals(solution: Solution, *values: float) -> Solution:
    arrivals = [replace(arrival, residual_s=value) for arrival, value in zip(solution.arrivals, values, strict=False)]
    return replace(solution, arrivals=tuple(arrivals))


def test_mean_and_mad_are_those_of_the_arrivals(network: Network, catalogue: Catalogue) -> None:
    stations = network("XX.A.")
    solutions = [with_residuals(one, *pair) for one, pair in zip(catalogue(3, stations), PAIRS, strict=True)]
    held = of_stations(solutions)["XX.A."]
    assert held["P"].n == 3
    assert held["P"].mean_s == pytest.approx(0.2)
    assert held["P"].mad_s == pytest.approx(0.1)
    assert held["S"].mean_s == pytest.approx(-0.1)
    assert "P: n = 3, mean +0.200 s, MAD 0.100 s" in histogram(solutions).caption


PAIRS = ((0.0, -0.1), (0.1, -0.1), (0.5, -0.1))


def test_earthquakes_that_were_not_located_have_no_residuals(network: Network, catalogue: Catalogue) -> None:
    bare = [replace(one, uncertainty=None) for one in catalogue(3, network())]
    assert all(len(values) == 0 for values in of_phases(bare).values())
    assert histogram(bare).draw is None
    assert by_station(bare).draw is None


def test_many_stations_are_cut_to_those_with_the_most_arrivals(network: Network, catalogue: Catalogue) -> None:
    names = [f"XX.S{k}." for k in range(MOST_STATIONS + 5)]
    sketch = by_station(catalogue(1, network(*names)))
    assert f"{MOST_STATIONS} stations with the most arrivals, of {MOST_STATIONS + 5}" in sketch.caption
    assert sketch.draw is not None
    assert png(sketch.draw, LIGHT)
