"""RotD50 as it grows: closed forms of a circle and of a line."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.collect.synthetic.scenario.site_truth import running_rotd50


def test_a_circular_motion_has_its_radius_in_every_direction() -> None:
    turn = np.linspace(0, 4 * np.pi, 2000)
    assert running_rotd50(3 * np.cos(turn), 3 * np.sin(turn))[-1] == pytest.approx(3, rel=1e-3)


def test_a_motion_along_a_line_has_the_median_of_its_projections() -> None:
    wave = np.sin(np.linspace(0, 9, 500))
    assert running_rotd50(wave, 0 * wave)[-1] == pytest.approx(np.cos(np.pi / 4), abs=0.07)


def test_it_never_falls() -> None:
    rng = np.random.default_rng(0)
    assert (np.diff(running_rotd50(rng.standard_normal(300), rng.standard_normal(300))) >= 0).all()
