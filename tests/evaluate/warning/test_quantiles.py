"""Three quantiles are scored as a distribution: the normal one where they are even."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr

from foreshock.evaluate.warning.quantiles import Z95, crps, exceedance


def _one(value: float) -> np.ndarray:
    return np.array([value])


def test_even_quantiles_have_the_published_score_of_a_normal_distribution() -> None:
    for away, published in ((0.0, 0.2337), (1.0, 0.6024), (-2.0, 1.4528)):
        said = crps(_one(-Z95), _one(0.0), _one(Z95), truth=_one(away))[0]
        assert said == pytest.approx(published, abs=1e-4)


@settings(max_examples=25)
@given(st.floats(0.1, 2), st.floats(0.1, 2), st.floats(-3, 3))
def test_the_score_is_the_integral_it_stands_for(below: float, above: float, truth: float) -> None:
    def reached(x: float) -> float:
        return float(ndtr(x * Z95 / (below if x < 0 else above)))

    far = 8.0
    edges = sorted({0.0, truth})
    whole = 0.0
    for low, high in zip([-far, *edges], [*edges, far], strict=True):
        whole += quad(lambda x: (reached(x) - (x >= truth)) ** 2, low + 1e-12, high, limit=200)[0]
    assert crps(_one(-below), _one(0.0), _one(above), truth=_one(truth))[0] == pytest.approx(whole, abs=1e-5)


def test_the_quantiles_are_exceeded_as_they_promise() -> None:
    said = [_one(3.0), _one(5.0), _one(5.5)]
    found = [exceedance(*said, threshold=_one(q))[0] for q in (3.0, 5.0, 5.5)]
    assert found == pytest.approx([0.95, 0.5, 0.05])


def test_a_prediction_without_width_is_a_step() -> None:
    said = [_one(5.0)] * 3
    assert exceedance(*said, threshold=_one(5.1))[0] == 0.0
    assert exceedance(*said, threshold=_one(4.9))[0] == 1.0
    assert crps(*said, truth=_one(5.7))[0] == pytest.approx(0.7, abs=1e-5)
