"""What a rupture radiates: the moment at low, Brune's corner and level at high frequencies."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scenario_parts import an_event

from foreshock.collect.synthetic.scenario.families import family
from foreshock.collect.synthetic.scenario.rupture import Rupture, break_up
from foreshock.collect.synthetic.scenario.spectrum import even_hz, patch_spectra

N_FFT, RATE_HZ = 16384, 100.0
SOME = np.unique(np.geomspace(1, 3400, 150).astype(int)) - 1


def far_spectra(rupture: Rupture, *, coherent_below_hz: float = 0.4, seed: int = 0) -> np.ndarray:
    """Amplitude spectra of the S moment rate in many directions, with patches' noise drawn, (direction, some)."""
    rng, whole = np.random.default_rng(seed), even_hz(N_FFT, RATE_HZ)
    patch = patch_spectra(rupture, whole, corner_ratio=1.0, velocity_km_s=3.6, coherent_below_hz=coherent_below_hz)
    frequency, out = whole[SOME], []
    for _ in range(60):
        way = rng.standard_normal(3)
        way /= np.linalg.norm(way)
        late = rupture.time_s - np.stack([rupture.east_km, rupture.north_km, rupture.depth_km]).T @ way / 3.6
        turn = np.exp(-2j * np.pi * frequency[:, None] * (late - late.min()))
        hiss = rng.standard_normal((2, *turn.shape)).T @ np.array([1, 1j]) / np.sqrt(2)
        moment = rupture.moment_nm
        out.append(np.abs((turn @ moment) * patch.pulse[SOME] + (turn * hiss.T) @ moment * patch.noise[SOME]))
    return np.array(out)


@pytest.mark.parametrize("magnitude", [4.0, 5.5, 6.3, 7.0])
def test_the_sum_has_the_moment_and_brunes_corner_and_level(magnitude: float) -> None:
    event = an_event(magnitude)
    rupture = break_up(event, family("A"), rng=np.random.default_rng(2))
    frequency = even_hz(N_FFT, RATE_HZ)[SOME]
    spectrum = np.sqrt((far_spectra(rupture) ** 2).mean(0))
    moment = rupture.moment_nm.sum()
    assert spectrum[0] == pytest.approx(moment, rel=1e-6)
    brune = moment / (1 + (frequency / rupture.corner_hz) ** 2)
    ratio = np.log(spectrum[1:] / brune[1:])
    edges = np.geomspace(max(0.02, rupture.corner_hz / 8), 20, 9)
    for low, high in pairwise(edges):
        band = (frequency[1:] >= low) & (frequency[1:] < high)
        assert abs(ratio[band].mean()) < 0.5, (low, high)
    fits = [np.abs(np.log(spectrum[1:] * (1 + (frequency[1:] / fc) ** 2) / moment)).mean() for fc in _CORNERS]
    assert _CORNERS[int(np.argmin(fits))] == pytest.approx(rupture.corner_hz, rel=0.35)


_CORNERS = np.geomspace(0.02, 10, 100)


def test_the_patches_pulse_begins_when_it_begins() -> None:
    rupture = break_up(an_event(6.8), family("A"), rng=np.random.default_rng(2))
    patch = patch_spectra(rupture, even_hz(N_FFT, RATE_HZ), corner_ratio=1.0, velocity_km_s=3.6, coherent_below_hz=0.4)
    pulse = np.fft.irfft(patch.pulse)
    assert np.abs(pulse[-N_FFT // 4 :]).max() < 0.01 * np.abs(pulse).max()
    assert pulse.sum() == pytest.approx(1.0, rel=1e-6)
