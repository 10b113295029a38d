"""Tests of station terms: known ones come back."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.predict.magnitude.terms import station_terms
from foreshock.types.solution import Magnitude, StationMagnitude


def sizes(terms, *, n=60, scatter=0.15, seed=0, correction=0.0):
    """Events recorded by most of the stations, each of which says too little by its term."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(n):
        true = rng.uniform(1, 4)
        held = tuple(
            StationMagnitude(name, true - term + correction + rng.normal(0, scatter), correction=correction)
            for name, term in terms.items()
            if rng.random() < 0.7
        )
        out.append(Magnitude("ML", true, None, len(held), "made", held))
    return out


TERMS = {f"XX.S{k}.": value for k, value in enumerate((-0.4, -0.2, -0.1, 0.0, 0.0, 0.1, 0.15, 0.3, 0.5))}


@pytest.mark.parametrize("correction", [0.0, 0.25])
def test_terms_that_made_the_values_come_back(correction):
    found = station_terms(sizes(TERMS, correction=correction))
    assert set(found) == set(TERMS)
    assert max(abs(found[name] - TERMS[name]) for name in TERMS) < 0.1


def test_a_station_with_few_events_gets_no_term():
    held = sizes(TERMS)
    rare = StationMagnitude("XX.R.", 3.0)
    held[0] = Magnitude("ML", 3.0, None, 1, "made", (*held[0].stations, rare))
    assert "XX.R." not in station_terms(held)
    assert station_terms([]) == {}


def test_what_was_not_used_does_not_count():
    held = sizes(TERMS)
    spoilt = [
        Magnitude(
            "ML",
            size.value,
            None,
            size.n_stations,
            "made",
            (*size.stations, StationMagnitude("XX.BAD.", 9.0, used=False, reason="clipped")),
        )
        for size in held
    ]
    assert station_terms(spoilt) == station_terms(held)
