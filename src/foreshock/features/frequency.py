"""Frequency: where the energy of a window lies, from its power spectrum. Knows nothing about time within the window.

The mean of the samples that count is taken out, masked samples are zero, and 5 % of the window at either end is tapered
by a cosine. The zero frequency is left out of everything.
"""

from __future__ import annotations

import numpy as np
from scipy import fft
from scipy.signal import windows

from foreshock.features.feature import Feature
from foreshock.features.layout import Layout
from foreshock.features.masked import Mask, centred, ratio, root
from foreshock.types.arrays import Float64
from foreshock.units import GROUND_MOTION_ORDER

TAPERED_SHARE = 0.1
"""Share of the window under the cosine flanks, both ends together."""

MEAN_PERIOD_BAND_HZ = (0.25, 20.0)
"""Rathje et al. (1998)."""

FEATURES = (
    Feature(
        "dominant_frequency",
        "Hz",
        "Frequency of the largest spectral value.",
        "argmax_f |X(f)|², f > 0",
        "definition",
        "frequency",
        "component",
    ),
    Feature(
        "spectral_centroid",
        "Hz",
        "Centre of mass of the power spectrum.",
        "f_c = Σ f|X|² / Σ|X|²",
        "definition (first spectral moment)",
        "frequency",
        "component",
    ),
    Feature(
        "spectral_bandwidth",
        "Hz",
        "Standard deviation of the power spectrum about its centroid.",
        "√(Σ (f − f_c)²|X|² / Σ|X|²)",
        "definition (second central spectral moment)",
        "frequency",
        "component",
    ),
    Feature(
        "corner_frequency",
        "Hz",
        "Corner of an ω² spectrum, from the integrals of squared velocity and displacement; exact for Brune's model.",
        "f_0 = (J/(2π³Ω₀²))^⅓ = √(S_V/S_D)/2π, S = 2∫|·|²df, J = S_V, Ω₀² = 4 S_D^1.5/√S_V; ground motion only",
        "Snoke (1987), doi:10.1785/BSSA0770020530; Andrews (1986), doi:10.1029/GM037p0259; "
        "Brune (1970), doi:10.1029/JB075i026p04997",
        "frequency",
        "component",
    ),
    Feature(
        "predominant_period",
        "s",
        "Period of the largest spectral value.",
        "1 / argmax_f |X(f)|²",
        "definition",
        "period",
        "component",
    ),
    Feature(
        "mean_period",
        "s",
        "Mean period of the acceleration spectrum between 0.25 and 20 Hz; ground motion only.",
        "Σ|A|²/f / Σ|A|²",
        "Rathje, Abrahamson & Bray (1998), doi:10.1061/(ASCE)1090-0241(1998)124:2(150)",
        "period",
        "component",
    ),
)


def power_spectrum(x: Float64, valid: Mask, layout: Layout) -> tuple[Float64, Float64]:
    """Frequencies above zero (frequency) and |X|² (…, frequency) of the tapered window."""
    n = x.shape[-1]
    if n < 2:
        return np.zeros(0), np.zeros((*x.shape[:-1], 0))
    y = centred(x, valid) * windows.tukey(n, TAPERED_SHARE)
    spectrum = fft.rfft(y, axis=-1)[..., 1:]
    return fft.rfftfreq(n, layout.interval_s)[1:], spectrum.real**2 + spectrum.imag**2


def measure(x: Float64, valid: Mask, layout: Layout) -> dict[str, Float64]:
    """Frequencies and periods of windows (…, channel, time)."""
    f, power = power_spectrum(x, valid, layout)
    power = np.where(_silent(x, power)[..., None], 0.0, power)
    m0, m1, m2 = (power @ f**k for k in range(3))
    centre = ratio(m1, m0)
    dominant = np.where(m0 > 0, f[power.argmax(-1)] if len(f) else np.nan, np.nan)
    return {
        "dominant_frequency": dominant,
        "spectral_centroid": centre,
        "spectral_bandwidth": root(np.maximum(ratio(m2, m0) - centre**2, 0.0)),
        "predominant_period": ratio(1.0, dominant),
        "corner_frequency": _corner(f, power, layout),
        "mean_period": _mean_period(f, power, layout),
    }


def _silent(x: Float64, power: Float64) -> Float64:
    """Windows whose spectrum is only the rounding of a constant."""
    if not x.shape[-1]:
        return np.zeros(x.shape[:-1], bool)
    noise = (np.finfo(float).eps * np.abs(x).max(-1) * x.shape[-1]) ** 2
    return np.asarray(power.sum(-1) <= noise)


def _as_motion(f: Float64, power: Float64, layout: Layout, *, order: int) -> Float64 | None:
    """|X|² of displacement (0), velocity (1) or acceleration (2); None for what is not ground motion."""
    given = GROUND_MOTION_ORDER.get(layout.unit)
    return None if given is None else power * (2 * np.pi * f) ** (2.0 * (order - given))


def _corner(f: Float64, power: Float64, layout: Layout) -> Float64:
    u, v = (_as_motion(f, power, layout, order=k) for k in (0, 1))
    if u is None or v is None:
        return np.full(power.shape[:-1], np.nan)
    return root(ratio(v.sum(-1), u.sum(-1))) / (2 * np.pi)


def _mean_period(f: Float64, power: Float64, layout: Layout) -> Float64:
    a = _as_motion(f, power, layout, order=2)
    if a is None:
        return np.full(power.shape[:-1], np.nan)
    band = (f >= MEAN_PERIOD_BAND_HZ[0]) & (f <= MEAN_PERIOD_BAND_HZ[1])
    return ratio(a[..., band] @ (1.0 / f[band]), a[..., band].sum(-1))
