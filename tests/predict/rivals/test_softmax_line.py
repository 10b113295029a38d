"""The softmax line finds the optimum of its objective, which closed forms and other programs know."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from foreshock.predict.rivals.softmax_line import fit_softmax, log_loss, probabilities


def clouds(n_classes: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = np.arange(n) % n_classes
    return rng.standard_normal((n, 3)) + rng.standard_normal((n_classes, 3))[y], y


def objective(weights: np.ndarray, x: np.ndarray, y: np.ndarray, c: float) -> float:
    return log_loss(probabilities(x, weights), y) + (weights[:-1] ** 2).sum() / (2 * c * len(x))


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("c", [0.01, 1.0])
def test_the_gradient_vanishes_where_it_stops(n_classes: int, c: float) -> None:
    x, y = clouds(n_classes)
    w = fit_softmax(x, y, n_classes=n_classes, c=c)
    gradient = approx_fprime(w.ravel(), lambda flat: objective(flat.reshape(w.shape), x, y, c))
    assert np.abs(gradient).max() < 1e-4


def test_without_features_it_says_the_shares() -> None:
    y = np.array([0, 0, 0, 1])
    w = fit_softmax(np.zeros((4, 1)), y, n_classes=2, c=1.0)
    np.testing.assert_allclose(probabilities(np.zeros((1, 1)), w), [[0.75, 0.25]], atol=1e-4)


def test_one_binary_feature_gives_the_shares_of_each_group() -> None:
    x = np.repeat([0.0, 1.0], 10)[:, None]
    y = np.array([0] * 8 + [1] * 2 + [0] * 3 + [1] * 7)
    w = fit_softmax(x, y, n_classes=2, c=1e6)
    np.testing.assert_allclose(probabilities(np.array([[0.0], [1.0]]), w)[:, 1], [0.2, 0.7], atol=1e-3)


def test_a_stronger_ridge_gives_smaller_weights_and_separable_classes_stay_finite() -> None:
    x, y = np.array([[-1.0], [-2.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
    sizes = [np.abs(fit_softmax(x, y, n_classes=2, c=c)[:-1]).max() for c in (0.01, 1.0, 1e4)]
    assert sizes[0] < sizes[1] < sizes[2] < 1e3


def test_a_class_that_does_not_occur_gets_almost_nothing() -> None:
    x, y = clouds(2)
    assert probabilities(x, fit_softmax(x, y, n_classes=3, c=1.0))[:, 2].max() < 0.01
