"""A station's health is what was heard, picked and used."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from foreshock.evaluate.report.catalogue.health import health, health_of
from foreshock.evaluate.report.style import LIGHT, png
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution
from foreshock.types.station import Station

Network = Callable[..., Mapping[str, Station]]
Catalogue = Callable[..., list[Solution]]


def test_picks_are_counted_once_and_shared_out(network: Network, catalogue: Catalogue) -> None:
    solutions = catalogue(2, network("XX.A."))
    used = [arrival.pick for one in solutions for arrival in one.arrivals]
    lone = [Pick("XX.A.", "P", k, 0.5, 0.1, k) for k in range(4)]
    held = health(solutions, [*used, *lone], {"XX.A.": 7200.0, "XX.MUTE.": 3600.0})
    first, mute = held
    assert (first.picks, first.used, first.hours, first.picks_an_hour, first.share_used) == (8, 4, 2.0, 4.0, 0.5)
    assert (mute.picks, mute.picks_an_hour) == (0, 0.0)
    assert math.isnan(mute.share_used)
    assert math.isnan(mute.mean_residual_s)


def test_stations_that_were_never_heard_can_be_drawn(network: Network, catalogue: Catalogue) -> None:
    sketch = health_of(health(catalogue(2, network()), [], {"XX.$x$.": 0.0}))
    assert "4 stations, with 12 picks in all" in sketch.caption
    assert sketch.draw is not None
    assert png(sketch.draw, LIGHT)
    assert health_of([]).draw is None
