"""What lies about a pick is compared with what was learnt from; far outside, answers widen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.bundle import Domain
from foreshock.predict.pick.domain import N_FEATURES, described, novelty, widened


def round_domain() -> Domain:
    eye = np.eye(N_FEATURES).tolist()
    return Domain(mean=(0.0,) * N_FEATURES, root=tuple(map(tuple, eye)), limit=2.0, n=100)


def test_the_distance_is_one_at_the_limit() -> None:
    features = np.zeros(N_FEATURES)
    assert novelty(features, round_domain()) == 0
    features[3] = 2.0
    assert novelty(features, round_domain()) == pytest.approx(1.0)


def test_an_onset_is_described_by_the_change_it_brings() -> None:
    x = np.full((6, 2000), 0.3, np.float32)
    x[:, 1000:] = 2.0
    onset, before = (described(x, at, rate_hz=100.0) for at in (1000, 500))
    assert onset[:3] == pytest.approx([0.3, 2.0, 2.0], abs=1e-3)
    assert before[:3] == pytest.approx([0.3, 0.3, 0.3], abs=1e-3)


@pytest.mark.parametrize("at", [0, 1, 1999])
def test_the_edges_of_a_record_are_described_too(at: int) -> None:
    x = np.random.default_rng(0).standard_normal((3, 2000)).astype(np.float32)
    assert np.isfinite(described(x, at, rate_hz=100.0)).all()


@given(st.floats(0, 1), st.floats(0, 10), st.floats(0, 1e6))
def test_widening_never_makes_an_answer_surer(probability: float, sigma_s: float, far: float) -> None:
    p, sigma = widened(probability, sigma_s, far)
    assert abs(p - 0.5) <= abs(probability - 0.5) + 1e-9
    assert sigma_s <= sigma <= 5 * sigma_s + 1e-12
    assert (p - 0.5) * (probability - 0.5) >= -1e-9


@pytest.mark.parametrize(
    "wrong", [{"mean": (0.0, 0.0)}, {"root": ((1.0, 2.0),)}, {"limit": 0.0}, {"n": 1}, {"mean": ()}]
)
def test_a_domain_that_does_not_fit_together_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"square|greater|at least"):
        Domain.model_validate({"mean": (0.0,), "root": ((1.0,),), "limit": 1.0, "n": 5} | wrong)
