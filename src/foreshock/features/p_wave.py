"""P wave: amplitudes and periods of the first seconds after a given arrival. Knows nothing about how it was picked.

The mean before the arrival is taken out, motion begins at rest at the arrival, and a causal 0.075 Hz high-pass of two
poles follows the integration. A window that does not lie wholly in the record gives NaN.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from foreshock.features import polarisation
from foreshock.features.feature import Feature
from foreshock.features.layout import Layout
from foreshock.features.masked import count, ratio, total
from foreshock.features.motion import Motion
from foreshock.features.period import HIGHPASS_HZ, TAU_C_SOURCE, TAU_P_SOURCE, CausalFilter, TauC, TauP, without_edges
from foreshock.types.arrays import Bools, Float64, Ints

PEAK_WINDOW_S: Final = 3.0
TAU_P_WINDOW_S: Final = 4.0
TAU_P_SETTLE_S: Final = 0.5
"""The recursion starts at rest at P; its first half second says little."""
POLARISATION_WINDOW_S: Final = 1.0

_PD = "Wu & Kanamori (2005), doi:10.1785/0120040097; Wu & Zhao (2006), doi:10.1029/2006GL026871"
_FILTERED = "high-passed at 0.075 Hz (Butterworth, 2 poles, causal), 3 s from P"
_JURKEVICS = "Jurkevics (1988), doi:10.1785/BSSA0780051725"

FEATURES = (
    Feature("pd", "m", "Peak displacement of the first 3 s of P, vertical.", f"max |u|, {_FILTERED}", _PD, "p_wave"),
    Feature("pv", "m/s", "Peak velocity of the first 3 s of P, vertical.", f"max |v|, {_FILTERED}", _PD, "p_wave"),
    Feature("pa", "m/s2", "Peak acceleration of the first 3 s of P, vertical.", f"max |a|, {_FILTERED}", _PD, "p_wave"),
    Feature(
        "p_peak",
        "as given",
        "Largest sample of the first 3 s of P less the mean before it.",
        "max |x − x̄|",
        "definition",
        "p_wave",
    ),
    Feature(
        "iv2",
        "m2/s",
        "Integral of the squared velocity over the first 3 s of P, vertical.",
        f"∫v² dt, {_FILTERED}",
        "Festa, Zollo & Lancieri (2008), doi:10.1029/2008GL035576",
        "p_wave",
    ),
    Feature(
        "tau_c",
        "s",
        "τc of the first 3 s of P, vertical.",
        f"2π √(∫u² dt / ∫u̇² dt), {_FILTERED}",
        TAU_C_SOURCE,
        "p_wave",
    ),
    Feature(
        "tau_p_max",
        "s",
        "Largest predominant period τp from 0.5 to 4 s after P, vertical.",
        "max 2π √(X_i/D_i), recursion as for tau_p_max_whole, at rest at P",
        TAU_P_SOURCE,
        "p_wave",
    ),
    Feature(
        "p_azimuth",
        "deg",
        "Azimuth in which the first second of P travels.",
        "azimuth, 1 s from P",
        _JURKEVICS,
        "p_wave",
    ),
    Feature(
        "p_incidence",
        "deg",
        "Apparent incidence of the first second of P.",
        "incidence, 1 s from P",
        _JURKEVICS,
        "p_wave",
    ),
    Feature(
        "p_rectilinearity",
        "1",
        "Rectilinearity of the first second of P.",
        "rectilinearity, 1 s from P",
        _JURKEVICS,
        "p_wave",
    ),
)


def measure(x: Float64, valid: Bools | None, layout: Layout, p_sample: Ints | None) -> dict[str, Float64]:
    """Parameters of P of windows (example, channel, time) with arrivals (example,); below zero means unknown."""
    found = {one.name: np.full(len(x), np.nan) for one in FEATURES}
    if p_sample is None:
        return found
    mask = np.ones(x.shape, bool) if valid is None else valid
    before = mask & (np.arange(x.shape[-1]) < p_sample[:, None, None])
    level = np.nan_to_num(ratio(total(x, before), count(x, before)))
    for span_s, names in SPANS.items():
        n = layout.samples(span_s)
        rows = np.flatnonzero((p_sample >= 0) & (p_sample + n <= x.shape[-1]))
        if len(rows):
            at = (p_sample[rows, None] + np.arange(n))[:, None]
            window, held = (np.take_along_axis(values[rows], at, -1) for values in (x, mask))
            values = of_window(window, held, level[rows], layout, span_s=span_s)
            for name in names:
                found[name][rows] = values[name]
    return found


def of_window(x: Float64, valid: Bools, level: Float64, layout: Layout, *, span_s: float) -> dict[str, Float64]:
    """The parameters that need `span_s` seconds from P (example, channel, time), with the level before P subtracted."""
    y = np.where(valid, x - level[..., None], 0.0)
    if span_s == POLARISATION_WINDOW_S:
        axes = polarisation.measure(y, valid, layout)
        return {f"p_{name}": axes[name] for name in ("azimuth", "incidence", "rectilinearity")}
    vertical, held = y[:, layout.vertical], valid[:, layout.vertical]
    if span_s == TAU_P_WINDOW_S:
        return {"tau_p_max": _tau_p(vertical, held, layout)}
    return _peaks(vertical, held, layout)


SPANS: Final = {
    POLARISATION_WINDOW_S: ("p_azimuth", "p_incidence", "p_rectilinearity"),
    PEAK_WINDOW_S: ("pd", "pv", "pa", "p_peak", "iv2", "tau_c"),
    TAU_P_WINDOW_S: ("tau_p_max",),
}
"""Which parameters need how many seconds from P."""


def _peaks(x: Float64, valid: Bools, layout: Layout) -> dict[str, Float64]:
    nothing = np.where(valid.any(-1), 0.0, np.nan)
    found = {name: np.full(len(x), np.nan) for name in ("pd", "pv", "pa", "iv2", "tau_c")}
    found["p_peak"] = np.abs(x).max(-1) + nothing
    if not layout.is_motion:
        return found
    tau_c = TauC(layout.rate_hz)
    for unit, y, mask in _motion(x, valid, layout):
        y = (
            tau_c.update(unit, y, mask)
            if unit != "m/s2"
            else CausalFilter("highpass", HIGHPASS_HZ, layout.rate_hz).run(y)
        )
        kept = np.where(mask, y, 0.0)
        found[{"m": "pd", "m/s": "pv", "m/s2": "pa"}[unit]] = np.abs(kept).max(-1) + nothing
        if unit == "m/s":
            found["iv2"] = (kept * kept).sum(-1) * layout.interval_s + nothing
    return found | {"tau_c": tau_c.value}


def _tau_p(x: Float64, valid: Bools, layout: Layout) -> Float64:
    tau_p = TauP(layout.rate_hz, skipped=layout.samples(TAU_P_SETTLE_S))
    for unit, y, mask in _motion(x, valid, layout):
        if unit == "m/s":
            tau_p.update(y, mask)
    return np.full(len(x), np.nan) if tau_p.top is None else tau_p.top


def _motion(x: Float64, valid: Bools, layout: Layout) -> list[tuple[str, Float64, Bools]]:
    """Displacement, velocity and acceleration of the window, each in one piece."""
    motion = Motion(layout)
    pieces: dict[str, list[tuple[Float64, Bools]]] = {}
    for unit, y, mask in (*motion.update(x, valid), *motion.tail()):
        pieces.setdefault(unit, []).append((without_edges(unit, y, mask, layout), mask))
    return [
        (unit, np.concatenate([y for y, _ in parts], -1), np.concatenate([m for _, m in parts], -1))
        for unit, parts in pieces.items()
    ]
