"""The ground's gain: softer ground moves more, and nothing is heard before it comes."""

from __future__ import annotations

import numpy as np

from foreshock.collect.synthetic.scenario.families import family
from foreshock.collect.synthetic.scenario.ground import GENERIC_ROCK_M_S, amplification, transfer
from foreshock.collect.synthetic.site import generic_rock


def test_softer_ground_moves_more_and_most_about_a_second() -> None:
    frequency = np.array([0.1, 0.7, 10.0])
    soft, firm = (amplification(family("A"), vs30, frequency_hz=frequency) for vs30 in (270.0, 760.0))
    assert (soft > firm).all()
    assert (soft / firm)[1] == (soft / firm).max()


def test_generic_rock_is_itself() -> None:
    frequency = np.geomspace(0.05, 20, 9)
    assert np.allclose(amplification(family("A"), GENERIC_ROCK_M_S, frequency_hz=frequency), generic_rock(frequency))


def test_the_filter_is_causal() -> None:
    for row in transfer(family("B"), 490.0, n_fft=8192, rate_hz=100.0):
        answer = np.fft.irfft(row)
        assert np.abs(answer[4096:]).max() < 2e-3 * np.abs(answer).max()
