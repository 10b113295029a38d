"""Period: τc and τp, the periods that early warning measures, on samples that come in chunks. Knows no picks.

Both are measured on the vertical component, or on the first where there is none, and need ground motion.
"""

from __future__ import annotations

import copy
from typing import Final

import numpy as np
from scipy import signal

from foreshock.features.feature import Feature
from foreshock.features.layout import Layout
from foreshock.features.masked import Mask, ratio, root
from foreshock.features.motion import Motion
from foreshock.prepare.filters import butterworth_sos, quiet_sections
from foreshock.types.arrays import Bools, Float64
from foreshock.units import GROUND_MOTION_ORDER

HIGHPASS_HZ: Final = 0.075
"""Corner of the causal two-pole high-pass after integration (Wu & Kanamori 2005)."""

LOWPASS_HZ: Final = 3.0
"""Corner of the causal two-pole low-pass on the velocity before τp (Allen & Kanamori 2003)."""

MEMORY_S: Final = 1.0
"""Time constant of Nakamura's recursion: α = 1 − Δt / 1 s."""

TAU_C_SOURCE: Final = (
    "Kanamori (2005), doi:10.1146/annurev.earth.33.092203.122626; Wu & Kanamori (2005), doi:10.1785/0120040097"
)
TAU_P_SOURCE: Final = (
    "Nakamura (1988), Proc. 9th World Conf. Earthquake Eng. VII, 673; "
    "Allen & Kanamori (2003), doi:10.1126/science.1080912"
)

FEATURES = (
    Feature(
        "tau_c_whole",
        "s",
        "τc over all samples: period at which displacement and velocity have their ratio; ground motion only.",
        "2π √(∫u² dt / ∫u̇² dt), u and u̇ high-passed at 0.075 Hz (Butterworth, 2 poles, causal)",
        TAU_C_SOURCE,
        "period",
    ),
    Feature(
        "tau_p_max_whole",
        "s",
        "Largest predominant period τp of all samples after the first second; ground motion only.",
        "max 2π √(X_i/D_i), X_i = αX_{i−1} + v_i², D_i = αD_{i−1} + (v_i − v_{i−1})²/Δt², α = 1 − Δt/1 s, v below 3 Hz",
        TAU_P_SOURCE,
        "period",
    ),
)


class CausalFilter:
    """A causal Butterworth filter with memory; with a corner beyond the Nyquist frequency it lets all pass."""

    def __init__(self, kind: str, corner_hz: float, rate_hz: float) -> None:
        passes = corner_hz >= rate_hz / 2
        self.sos = None if passes else butterworth_sos(kind, (corner_hz,), order=2, rate_hz=rate_hz)
        self.memory: Float64 | None = None

    def run(self, x: Float64) -> Float64:
        """Filter the next samples (…, time)."""
        if self.sos is None or not x.shape[-1]:
            return x
        if self.memory is None:
            self.memory = quiet_sections(self.sos, x.shape[:-1])
        y, self.memory = signal.sosfilt(self.sos, x, axis=-1, zi=self.memory)
        return np.asarray(y)


class TauC:
    """τc of displacement and velocity (…, time) that come in chunks."""

    def __init__(self, rate_hz: float) -> None:
        self.filters = {unit: CausalFilter("highpass", HIGHPASS_HZ, rate_hz) for unit in ("m", "m/s")}
        self.sums: dict[str, Float64 | float] = {"m": 0.0, "m/s": 0.0}

    def update(self, unit: str, y: Float64, valid: Bools) -> Float64:
        """Take the next samples of a quantity, give them filtered."""
        filtered = self.filters[unit].run(y)
        kept = np.where(valid, filtered, 0.0)
        self.sums[unit] = self.sums[unit] + np.einsum("...t,...t->...", kept, kept)
        return filtered

    @property
    def value(self) -> Float64:
        """τc in seconds (…)."""
        return 2 * np.pi * root(ratio(self.sums["m"], self.sums["m/s"]))


class TauP:
    """Nakamura's recursion over velocity (…, time) that comes in chunks, without the first `skipped` samples."""

    def __init__(self, rate_hz: float, *, skipped: int) -> None:
        self.rate_hz = rate_hz
        self.skipped = skipped
        self.alpha = max(0.0, 1 - 1 / (rate_hz * MEMORY_S))
        self.filter = CausalFilter("lowpass", LOWPASS_HZ, rate_hz)
        self.past: tuple[Float64, Float64, Float64] | None = None
        self.seen = 0
        self.top: Float64 | None = None

    def update(self, v: Float64, valid: Bools) -> None:
        """Take the next samples."""
        if not v.shape[-1]:
            return
        v = self.filter.run(v)
        last, x, d = self.past or (np.zeros_like(v[..., :1]), np.zeros_like(v[..., :1]), np.zeros_like(v[..., :1]))
        slope = np.diff(v, axis=-1, prepend=last) * self.rate_hz
        if self.past is None:
            slope[..., 0] = 0.0
        xs, x = self._smooth(v * v, x)
        ds, d = self._smooth(slope * slope, d)
        self.past = (v[..., -1:].copy(), x, d)
        late = np.arange(self.seen, self.seen + v.shape[-1]) >= self.skipped
        self.seen += v.shape[-1]
        tau = np.where(valid & late, 2 * np.pi * root(ratio(xs, ds)), np.nan)
        new = np.where(np.isnan(tau), -np.inf, tau).max(-1)
        self.top = np.fmax(np.where(np.isinf(new), np.nan, new), np.nan if self.top is None else self.top)

    def _smooth(self, x: Float64, past: Float64) -> tuple[Float64, Float64]:
        y, end = signal.lfilter([1.0], [1.0, -self.alpha], x, axis=-1, zi=past)
        return np.asarray(y), np.asarray(end)


class Periods:
    """τc and τp of all samples (…, channel, time)."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.motion = Motion(layout, wanted=("m", "m/s"))
        self.tau_c = TauC(layout.rate_hz)
        self.tau_p = TauP(layout.rate_hz, skipped=layout.samples(MEMORY_S))
        self.leading: tuple[int, ...] = ()

    def update(self, x: Float64, valid: Mask) -> None:
        """Take the next samples."""
        self.leading = x.shape[:-2]
        here = (..., self.layout.vertical, slice(None))
        mask = np.ones(x[here].shape, bool) if valid is None else valid[here]
        if self.layout.is_motion and x.shape[-1]:
            for piece in self.motion.update(x[here], mask):
                self._take(*piece)

    def values(self) -> dict[str, Float64]:
        """The features so far."""
        whole = copy.deepcopy(self)
        for piece in self.motion.tail():
            whole._take(*piece)
        nothing, top = np.full(self.leading, np.nan), whole.tau_p.top
        return {
            "tau_c_whole": np.broadcast_to(whole.tau_c.value, self.leading),
            "tau_p_max_whole": nothing if top is None else top,
        }

    def _take(self, unit: str, y: Float64, mask: Bools) -> None:
        y = without_edges(unit, y, mask, self.layout)
        self.tau_c.update(unit, y, mask)
        if unit == "m/s":
            self.tau_p.update(y, mask)


def without_edges(unit: str, y: Float64, valid: Bools, layout: Layout) -> Float64:
    """Zero where a derivative reaches over the edge of a hole; integrals hold their level there."""
    is_derivative = GROUND_MOTION_ORDER[unit] > GROUND_MOTION_ORDER[layout.unit]
    return np.where(valid, y, 0.0) if is_derivative else y
