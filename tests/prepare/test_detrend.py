"""Detrend takes the trailing mean or line out, exactly as a slow fit at every sample would."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.errors import ConfigError
from foreshock.prepare.detrend import Detrend
from foreshock.types.waveform import Waveform

RNG = np.random.default_rng(5)
X = RNG.standard_normal(90).cumsum() + 100
VALID = RNG.random(90) > 0.2


def slow(n: int, degree: int) -> np.ndarray:
    """Fit a polynomial to each trailing window with numpy and take its end out."""
    out = np.zeros(len(X))
    for k in np.flatnonzero(VALID):
        at = np.arange(max(0, k - n + 1), k + 1)
        at = at[VALID[at]]
        fit = np.polynomial.Polynomial.fit(at - k, X[at], min(degree, len(at) - 1), domain=[-1, 1], window=[-1, 1])
        out[k] = X[k] - fit(0.0)
    return out


@pytest.mark.parametrize(("kind", "degree"), [("mean", 0), ("linear", 1)])
def test_the_trailing_fit_equals_a_slow_fit_at_every_sample(kind: str, degree: int) -> None:
    y, valid = Detrend(kind=kind, span_s=1.5).apply(X[None], rate_hz=10.0, valid=VALID[None])
    assert np.array_equal(valid[0], VALID)
    np.testing.assert_allclose(y[0][VALID], slow(15, degree)[VALID], atol=1e-9)


def test_a_straight_line_is_removed_entirely_by_the_linear_kind() -> None:
    y, _ = Detrend(kind="linear", span_s=2.0).apply(3e5 + 7.0 * np.arange(5000)[None], rate_hz=50.0)
    assert np.abs(y).max() < 1e-5


def test_a_shift_of_level_is_forgotten_after_the_span() -> None:
    x = np.where(np.arange(400) < 100, 0.0, 1e6)
    y, _ = Detrend(span_s=1.0).apply(x[None], rate_hz=100.0)
    assert np.abs(y[0, 200:]).max() < 1e-6


def test_one_sample_becomes_zero() -> None:
    out = Detrend()(Waveform(np.full((3, 1), 42.0), 100.0, 0, "XX.A."))
    assert out.data.tolist() == [[0.0]] * 3


def test_a_span_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ConfigError, match="span_s"):
        Detrend(span_s=0.0)
