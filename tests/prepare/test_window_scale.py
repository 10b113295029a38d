"""Windows are scaled as their labeller asks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foreshock.bundle import Windows
from foreshock.prepare.window_scale import scale


def told(**values: Any) -> Windows:
    return Windows.model_validate(
        {"overlap_samples": 0, "stacking": "avg", "scale": "std", "onsets": {"P": 0.3}} | values
    )


@pytest.fixture
def x() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.standard_normal((4, 3, 500)) * [[[1.0], [10.0], [100.0]]] + [[[5.0], [0.0], [-7.0]]]).astype(np.float32)


def test_each_component_gets_mean_zero_and_deviation_one(x: np.ndarray) -> None:
    scale(x, told())
    assert np.abs(x.mean(-1)).max() < 1e-6
    assert np.allclose(x.std(-1, ddof=1), 1, atol=1e-5)


def test_a_window_as_a_whole_keeps_the_proportions_of_its_components(x: np.ndarray) -> None:
    before = x - x.mean(-1, keepdims=True)
    scale(x, told(over="window"))
    assert np.allclose(x.reshape(4, -1).std(-1, ddof=1), 1, atol=1e-5)
    assert np.allclose(x, before / before.reshape(4, -1).std(-1, ddof=1)[:, None, None], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_value_becomes_one_whichever_its_sign(x: np.ndarray, sign: int) -> None:
    x[:, :, 200] = sign * 1e4
    scale(x, told(scale="peak"))
    assert np.allclose(x[:, :, 200], sign)
    assert np.abs(x).max() <= 1


def test_a_line_is_taken_out_where_it_is_asked_for(x: np.ndarray) -> None:
    x += np.linspace(0, 1000, 500, dtype=np.float32)
    scale(x, told(detrend=True))
    slope = (x * np.linspace(-1, 1, 500)).sum(-1)
    assert np.abs(slope).max() < 0.05


def test_ends_fade_to_nothing(x: np.ndarray) -> None:
    plain = x.copy()
    scale(plain, told())
    scale(x, told(taper_samples=6))
    assert np.abs(x[..., [0, -1]]).max() < 1e-6
    assert np.array_equal(x[..., 6:-6], plain[..., 6:-6])
    assert np.allclose(x[..., 5], plain[..., 5])


@pytest.mark.parametrize("value", [0.0, 34.641132, -1e6 / 3])
@pytest.mark.parametrize("how", ["std", "peak"])
def test_a_component_that_holds_one_value_becomes_zero_not_its_rounding(how: str, value: float) -> None:
    x = np.full((1, 3, 3001), value, np.float32)
    scale(x, told(scale=how))
    assert not x.any()
