"""The ground under the station against closed forms. Knows no instruments."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.collect.synthetic import site


def test_generic_rock_takes_the_published_values() -> None:
    assert site.generic_rock(np.array([0.001, 2.26, 61.2, 100.0])) == pytest.approx([1.0, 2.06, 4.0, 4.0])


def test_a_layer_amplifies_by_the_inverse_impedance_ratio_at_odd_multiples_of_its_resonance() -> None:
    gain = site.soft_layer(np.array([0.0, 1.5, 3.0, 4.5]), resonance_hz=1.5, impedance_ratio=0.5, damping=0.0)
    assert gain == pytest.approx([1.0, 2.0, 1.0, 2.0])


def test_kappa_takes_its_exponential() -> None:
    assert site.near_surface_loss(np.array([10.0]), kappa_s=0.04)[0] == pytest.approx(np.exp(-0.4 * np.pi))


def test_minimum_phase_keeps_the_amplitude_and_starts_at_zero() -> None:
    frequency = np.fft.rfftfreq(4096, 0.01)
    amplitude = site.near_surface_loss(frequency, kappa_s=0.04) * site.generic_rock(frequency)
    spectrum = site.minimum_phase(amplitude)
    pulse = np.fft.irfft(spectrum)
    assert np.abs(spectrum) == pytest.approx(np.maximum(amplitude, 1e-6 * amplitude.max()), rel=1e-6)
    assert (pulse[2048:] ** 2).sum() < 1e-5 * (pulse**2).sum()


def test_minimum_phase_recovers_a_known_causal_filter() -> None:
    frequency = np.fft.rfftfreq(1024, 1.0)
    known = 1 / (1 - 0.7 * np.exp(-2j * np.pi * frequency))
    assert np.abs(site.minimum_phase(np.abs(known)) - known).max() < 1e-9
