"""Displacement, velocity and acceleration equal NumPy's and ObsPy's. Knows no files."""

from __future__ import annotations

import numpy as np
import pytest
from obspy import Trace

from foreshock.features.layout import Layout
from foreshock.features.motion import Motion


def motions(x: np.ndarray, unit: str, cuts: list[int]) -> dict[str, np.ndarray]:
    motion = Motion(Layout(50.0, unit, "Z"))
    parts: dict[str, list[np.ndarray]] = {}
    for piece in np.split(x, cuts, axis=-1):
        for found, y, _ in motion.update(piece, np.ones(piece.shape, bool)):
            parts.setdefault(found, []).append(y)
    for found, y, _ in motion.tail():
        parts[found].append(y)
    return {found: np.concatenate(pieces, -1) for found, pieces in parts.items()}


@pytest.mark.parametrize("cuts", [[], [1, 2, 50, 51, 199]])
def test_motion_is_that_of_obspy(cuts: list[int]) -> None:
    x = np.random.default_rng(0).standard_normal((1, 200))
    trace = Trace(x[0], {"sampling_rate": 50.0})
    once, twice = trace.copy().integrate(), trace.copy().integrate().integrate()
    found = motions(x, "m/s2", cuts)
    np.testing.assert_allclose(found["m/s"][0], once.data, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["m"][0], twice.data, rtol=1e-9, atol=1e-12)
    found = motions(x, "m", cuts)
    np.testing.assert_allclose(found["m/s"][0], trace.copy().differentiate().data, rtol=1e-9)
    np.testing.assert_allclose(found["m/s2"][0], trace.copy().differentiate().differentiate().data, rtol=1e-9)
    np.testing.assert_allclose(found["m"], x)


def test_what_is_no_ground_motion_has_none() -> None:
    assert motions(np.ones((1, 5)), "count", []) == {}
