"""Energy ratios equal ObsPy's on real traces and closed forms on simple ones."""

from __future__ import annotations

import numpy as np
import obspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obspy.signal.trigger import classic_sta_lta, recursive_sta_lta

from foreshock.errors import InputError
from foreshock.predict import energy_ratio


@pytest.mark.parametrize(("n_sta", "n_lta"), [(50, 1000), (7, 333), (100, 101), (1, 2)])
@pytest.mark.parametrize("component", ["Z", "N", "E"])
def test_both_ratios_equal_obspys_on_the_recording_it_ships(component: str, n_sta: int, n_lta: int) -> None:
    data = obspy.read().select(component=component)[0].data
    ours = energy_ratio.classic(data**2, n_sta=n_sta, n_lta=n_lta)
    np.testing.assert_allclose(ours, classic_sta_lta(data, n_sta, n_lta), rtol=1e-6, atol=1e-6)
    ours = energy_ratio.recursive(data**2, n_sta=n_sta, n_lta=n_lta)
    np.testing.assert_allclose(ours, recursive_sta_lta(data, n_sta, n_lta), rtol=1e-6, atol=1e-6)


@settings(deadline=None)
@given(length=st.integers(1, 60), n=st.integers(1, 70), seed=st.integers(0, 99))
def test_a_moving_sum_is_the_sum_of_the_last_samples(length: int, n: int, seed: int) -> None:
    x = np.random.default_rng(seed).integers(0, 10, (2, length)).astype(float)
    want = np.stack([[row[max(0, k - n + 1) : k + 1].sum() for k in range(length)] for row in x])
    np.testing.assert_array_equal(energy_ratio.moving_sum(x, n), want)


def test_a_quiet_hour_after_a_large_earthquake_keeps_its_digits() -> None:
    quiet = np.ones(5000)
    after_quake = np.concatenate([np.full(100, 1e18), quiet])
    np.testing.assert_array_equal(energy_ratio.moving_sum(after_quake, 50)[-4000:], 50.0)


def test_a_step_in_energy_gives_the_ratio_known_from_its_lengths() -> None:
    energy = np.where(np.arange(2000) < 1000, 1.0, 9.0)
    ratio = energy_ratio.classic(energy, n_sta=100, n_lta=500)
    assert ratio[999] == pytest.approx(1.0)
    assert ratio[1099] == pytest.approx(9 / ((400 * 1 + 100 * 9) / 500))
    assert energy_ratio.growing(energy, n_sta=100, n_lta=500)[1000] == pytest.approx(9.0, rel=1e-4)
    assert np.argmax(energy_ratio.growing(energy, n_sta=100, n_lta=500)) == 1000


@pytest.mark.parametrize("factor", [1e-20, 1e-6, 1e12])
def test_ratios_do_not_know_the_unit(factor: float) -> None:
    energy = np.random.default_rng(0).random(600) + 0.1
    for how in (energy_ratio.classic, energy_ratio.recursive, energy_ratio.growing):
        want = how(energy, n_sta=10, n_lta=100)
        np.testing.assert_allclose(how(energy * factor, n_sta=10, n_lta=100), want, rtol=1e-9)


def test_a_gap_makes_no_trigger() -> None:
    rng = np.random.default_rng(1)
    energy, valid = rng.standard_normal(4000) ** 2, np.ones(4000, bool)
    valid[1000:2000] = False
    ratio = energy_ratio.classic(np.where(valid, energy, 1e9), n_sta=50, n_lta=500, valid=valid)
    assert ratio[1000:2000].max() == 0
    assert ratio.max() < 3


@settings(deadline=None)
@given(n_sta=st.integers(1, 30), n_lta=st.integers(30, 90), rows=st.integers(1, 4), seed=st.integers(0, 99))
def test_many_rows_at_once_equal_each_alone(n_sta: int, n_lta: int, rows: int, seed: int) -> None:
    energy = np.random.default_rng(seed).random((rows, 2, 200))
    for how in (energy_ratio.classic, energy_ratio.recursive, energy_ratio.growing):
        whole = how(energy, n_sta=n_sta, n_lta=n_lta)
        for k in range(rows):
            np.testing.assert_array_equal(whole[k], how(energy[k], n_sta=n_sta, n_lta=n_lta))


def test_silence_gives_no_ratio() -> None:
    for how in (energy_ratio.classic, energy_ratio.recursive):
        assert how(np.zeros(300), n_sta=5, n_lta=50).max() == 0
    assert (energy_ratio.growing(np.zeros(300), n_sta=5, n_lta=50) == 1).all()


@pytest.mark.parametrize(("n_sta", "n_lta"), [(0, 5), (6, 5), (-1, 3)])
def test_lengths_that_do_not_fit_are_refused(n_sta: int, n_lta: int) -> None:
    with pytest.raises(InputError, match=f"STA of {n_sta}"):
        energy_ratio.classic(np.ones(100), n_sta=n_sta, n_lta=n_lta)
