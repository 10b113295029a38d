"""Fit relation: the coefficients and spreads that rows were drawn with come back; too few rows are refused."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.apps.warning.fit_relation import FEWEST_EVENTS, Rows, fitted
from foreshock.apps.warning.relations import lasting_s
from foreshock.errors import InputError, LabelError


def rows(n_events: int, *, seen_s: float = 30.0, growth: float = 0.0, slope: float = 0.9, seed: int = 0) -> Rows:
    rng = np.random.default_rng(seed)
    event = np.repeat(np.arange(n_events), 8)
    n = len(event)
    magnitude = np.repeat(rng.uniform(3.5, 7.0, n_events), 8)
    epicentral, depth = rng.uniform(5, 90, n), np.repeat(rng.uniform(4, 20, n_events), 8)
    seen = np.full(n, 30.0)
    seen[::2] = seen_s
    to_come = np.maximum(np.log10(lasting_s(magnitude) / seen), 0.0)
    x = -6.0 + slope * magnitude - 1.4 * np.log10(np.maximum(np.hypot(epicentral, depth), 3.0))
    x -= growth * to_come * rng.uniform(0, 1, n)
    x += np.repeat(rng.normal(0, 0.18, n_events), 8) + rng.normal(0, 0.24, n)
    return Rows(x, seen, magnitude, epicentral, depth, event)


@pytest.mark.parametrize(("seen_s", "growth"), [(30.0, 0.0), (0.5, 1.6)])
def test_what_rows_were_drawn_with_comes_back(seen_s: float, growth: float) -> None:
    found = fitted(rows(250, seen_s=seen_s, growth=growth), name="made", source="this test")
    assert found.by_magnitude == pytest.approx(0.9, abs=0.04)
    assert found.by_distance == pytest.approx(-1.4, abs=0.06)
    assert found.constant == pytest.approx(-6.0, abs=0.25)
    assert found.event_sigma == pytest.approx(0.18, abs=0.04)
    assert found.station_sigma == pytest.approx(0.24, abs=0.03)
    if growth:
        assert found.growth == pytest.approx(growth, abs=0.25)
    assert found.hypocentral


def test_too_few_earthquakes_are_refused_by_number() -> None:
    few = rows(FEWEST_EVENTS - 1)
    with pytest.raises(LabelError, match=f"{FEWEST_EVENTS - 1} earthquakes"):
        fitted(few, name="few", source="this test")


def test_displacements_that_fall_with_magnitude_make_no_relation() -> None:
    with pytest.raises(InputError, match="relation upside_down"):
        fitted(rows(60, slope=-0.5), name="upside_down", source="this test")
