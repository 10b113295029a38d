"""Integrals and derivatives equal the textbook rules, keep units straight, and refuse counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from foreshock.errors import UnitError
from foreshock.prepare.calculus import Differentiate, Integrate
from foreshock.prepare.step import Chain
from foreshock.types.waveform import Waveform

X = np.random.default_rng(2).standard_normal((3, 700)) + 0.5


def test_the_integral_equals_scipys_trapezoid_offset_included() -> None:
    y, _ = Integrate().apply(X, rate_hz=50.0)
    np.testing.assert_allclose(y, integrate.cumulative_trapezoid(X, dx=0.02, axis=-1, initial=0), atol=1e-12)


def test_the_derivative_equals_numpys_gradient() -> None:
    y, valid = Differentiate().apply(X, rate_hz=50.0)
    np.testing.assert_allclose(y, np.gradient(X, 0.02, axis=-1), atol=1e-10)
    assert valid.all()


@pytest.mark.parametrize("low_hz", [None, 0.05])
def test_a_sinusoid_of_acceleration_becomes_its_velocity(low_hz: float | None) -> None:
    t, w = np.arange(60_000) / 200.0, 2 * np.pi * 2.0
    y, _ = Integrate(low_hz=low_hz).apply(np.cos(w * t)[None], rate_hz=200.0)
    late = t > 200
    assert np.abs(y[0, late]).max() == pytest.approx(1 / w, rel=2e-3)
    np.testing.assert_allclose(y[0, late], np.sin(w * t[late]) / w, atol=0.04 / w)


def test_with_a_corner_neither_an_offset_nor_a_step_leaves_a_lasting_velocity() -> None:
    x = np.where(np.arange(60_000) < 20_000, 1000.0, 1003.0)
    y, _ = Integrate(low_hz=0.1).apply(x[None], rate_hz=100.0)
    assert np.abs(y[0, :20_000]).max() == 0
    assert np.abs(y[0, -1000:]).max() < 1e-6


def test_a_linear_ramp_has_a_constant_derivative_up_to_both_ends() -> None:
    y, _ = Differentiate().apply(3.0 * np.arange(9)[None] / 100.0 + 7, rate_hz=100.0)
    np.testing.assert_allclose(y, 3.0)


def test_nothing_is_added_in_a_hole() -> None:
    valid = np.ones((1, 10), bool)
    valid[0, 4:7] = False
    y, _ = Integrate().apply(np.ones((1, 10)), rate_hz=1.0, valid=valid)
    assert y[0, 4:6].tolist() == [3.5, 3.5]


def test_a_derivative_needs_its_neighbours() -> None:
    valid = np.ones((1, 10), bool)
    valid[0, 4] = False
    _, mask = Differentiate().apply(np.ones((1, 10)), rate_hz=1.0, valid=valid)
    assert np.flatnonzero(~mask[0]).tolist() == [3, 4, 5]


def test_units_go_down_and_up_the_ladder_of_ground_motion() -> None:
    wave = Waveform(X, 50.0, 0, "XX.A.", unit="m/s2")
    assert Chain([Integrate(), Integrate()])(wave).unit == "m"
    assert Chain([Integrate(), Differentiate()])(wave).unit == "m/s2"


@pytest.mark.parametrize(("step", "unit"), [(Integrate(), "count"), (Integrate(), "m"), (Differentiate(), "m/s2")])
def test_a_unit_without_a_neighbour_is_refused_by_name(step: Integrate, unit: str) -> None:
    with pytest.raises(UnitError, match=repr(unit)):
        step(Waveform(X, 50.0, 0, "XX.A.", unit=unit))


@pytest.mark.parametrize("step", [Integrate(), Integrate(low_hz=0.1), Differentiate()])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_shortest_records_pass(step: Integrate, n: int) -> None:
    out = step(Waveform(np.ones((3, n)), 50.0, 0, "XX.A.", unit="m/s"))
    assert out.n_samples == n
    assert out.valid.all()
