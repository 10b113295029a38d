"""What a rupture radiates, against frequency: patches as pulses and as noise that add up to Brune's. Knows no path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foreshock.collect.synthetic.scenario.rupture import Rupture
from foreshock.collect.synthetic.site import minimum_phase
from foreshock.types.arrays import Float64

_NODES = 64
_DIRECTIONS = 48
LARGEST_CORRECTION = 4.0

Spectrum = npt.NDArray[np.complex128]


def even_hz(n_fft: int, rate_hz: float) -> Float64:
    """Give the frequencies of a real transform of so many samples, (frequency,)."""
    return np.asarray(np.fft.rfftfreq(n_fft, 1 / rate_hz), np.float64)


@dataclass(frozen=True, eq=False)
class PatchSpectra:
    """What a patch of unit moment sends out, (frequency,): the same for all patches of a rupture.

    Attributes:
        pulse: of what comes as a pulse, below the crossover; `noise`: by which noise of unit power is multiplied.
    """

    pulse: Spectrum
    noise: Spectrum


def patch_spectra(
    rupture: Rupture, frequency_hz: Float64, *, corner_ratio: float, velocity_km_s: float, coherent_below_hz: float
) -> PatchSpectra:
    """Give a patch's moment-rate spectra for a kind of wave, on an even grid of frequencies from 0.

    A patch is the causal ω² pulse 1/(1 + i f/f_patch)². Below the crossover it stays a pulse; above it becomes noise,
    split by a Butterworth pair of order 2, whose powers add up to 1. One causal filter corrects the sum over patches,
    as met on average over directions, to Brune's spectrum of the whole (the aim of Motazedian & Atkinson, 2005,
    doi:10.1785/0120030207, and of Boore, 2009, doi:10.1785/0120090056, by another way).
    """
    x = 1j * frequency_hz / coherent_below_hz
    down = 1 + np.sqrt(2) * x + x**2
    patch = 1 / (1 + 1j * frequency_hz / (corner_ratio * rupture.patch_corner_hz)) ** 2
    if len(rupture.moment_nm) > 1:
        patch = patch * correction(
            rupture,
            frequency_hz,
            corner_ratio=corner_ratio,
            velocity_km_s=velocity_km_s,
            coherent_below_hz=coherent_below_hz,
        )
    return PatchSpectra(patch / down, patch * x**2 / down)


def correction(
    rupture: Rupture, frequency_hz: Float64, *, corner_ratio: float, velocity_km_s: float, coherent_below_hz: float
) -> Spectrum:
    """Give the minimum-phase filter that turns the patches' sum into Brune's spectrum on average over directions."""
    nodes = np.geomspace(max(1e-3, rupture.corner_hz / 30), frequency_hz[-1], _NODES)
    together = _coherent_power(rupture, nodes, velocity_km_s=velocity_km_s)
    below = 1 / (1 + (nodes / coherent_below_hz) ** 4)
    one = 1 / (1 + (nodes / (corner_ratio * rupture.patch_corner_hz)) ** 2) ** 2
    power = one * (below * together + (1 - below) * (rupture.moment_nm**2).sum())
    wanted = (rupture.moment_nm.sum() / (1 + (nodes / (corner_ratio * rupture.corner_hz)) ** 2)) ** 2
    gain = 0.5 * np.log(wanted / power)
    smooth = np.convolve(np.pad(gain, 3, mode="edge"), np.array([1, 6, 15, 20, 15, 6, 1]) / 64, mode="valid")
    smooth -= smooth[0]  # the moment stays what it is
    limit = np.log(LARGEST_CORRECTION)
    at = np.log(np.maximum(frequency_hz, nodes[0]))
    return minimum_phase(np.exp(np.interp(at, np.log(nodes), np.clip(smooth, -limit, limit))))


def _coherent_power(rupture: Rupture, frequency_hz: Float64, *, velocity_km_s: float) -> Float64:
    """Mean over directions of |ΣM exp(-2πi f t)|², where t is when each patch's wave passes a far place."""
    k = np.arange(_DIRECTIONS) + 0.5
    height, turn = 1 - 2 * k / _DIRECTIONS, np.pi * (1 + np.sqrt(5)) * k
    flat = np.sqrt(1 - height**2)
    way = np.stack([flat * np.cos(turn), flat * np.sin(turn), height])
    deep = rupture.depth_km - rupture.depth_km[0]
    sooner = np.stack([rupture.east_km, rupture.north_km, deep]).T @ way / velocity_km_s
    late = rupture.time_s[:, None] - sooner
    power = np.zeros(len(frequency_hz))
    for i, f in enumerate(frequency_hz):
        power[i] = np.mean(np.abs(rupture.moment_nm @ np.exp(-2j * np.pi * f * late)) ** 2)
    return power
