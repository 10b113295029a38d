"""Amplitude: peaks, energy and cumulative measures of ground motion, and how long it is strong. Knows no spectra.

Samples are taken as they are given: remove offset and drift before (an offset in the acceleration is a ramp in the
velocity). Samples in counts, or of unit 1, have no PGA: there only `peak`, `peak_vector`, `rms` and `energy_5_95` are
defined, in the unit given.
"""

from __future__ import annotations

import copy
from typing import Final

import numpy as np

from foreshock.features.accumulate import Area, Largest, Mean, StandardisedCav
from foreshock.features.feature import AS_GIVEN, Feature
from foreshock.features.layout import Layout
from foreshock.features.masked import Mask, root
from foreshock.features.motion import Motion, Piece
from foreshock.types.arrays import Bools, Float64
from foreshock.units import STANDARD_GRAVITY_M_S2

STANDARDISED_CAV_THRESHOLD_M_S2: Final = 0.025 * STANDARD_GRAVITY_M_S2
"""0.025 g (Campbell & Bozorgnia 2010)."""

_PEAKS = {"m/s2": "pga", "m/s": "pgv", "m": "pgd"}
_BOORE = "definition; integration by the trapezoid rule as in Boore & Bommer (2005), doi:10.1016/j.soildyn.2004.10.007"
_DURATION = "Trifunac & Brady (1975), doi:10.1785/BSSA0650030581"

FEATURES = (
    Feature("peak", AS_GIVEN, "Largest absolute sample.", "max |x|", "definition", "amplitude", "component"),
    Feature(
        "peak_vector",
        AS_GIVEN,
        "Longest vector of all components at one moment.",
        "max √Σ_c x_c²",
        "definition",
        "amplitude",
    ),
    Feature("rms", AS_GIVEN, "Root mean square.", "√(Σx²/n)", "definition", "amplitude", "component"),
    Feature("pga", "m/s2", "Peak ground acceleration.", "max |a|", _BOORE, "amplitude", "component"),
    Feature("pgv", "m/s", "Peak ground velocity.", "max |v|", _BOORE, "amplitude", "component"),
    Feature("pgd", "m", "Peak ground displacement.", "max |u|", _BOORE, "amplitude", "component"),
    Feature("pga_vector", "m/s2", "Longest acceleration vector.", "max √Σ_c a_c²", _BOORE, "amplitude"),
    Feature("pgv_vector", "m/s", "Longest velocity vector.", "max √Σ_c v_c²", _BOORE, "amplitude"),
    Feature("pgd_vector", "m", "Longest displacement vector.", "max √Σ_c u_c²", _BOORE, "amplitude"),
)

INTENSITIES = (
    Feature(
        "arias",
        "m/s",
        "Arias intensity.",
        "π/(2g) ∫a² dt",
        "Arias (1970), A measure of earthquake intensity, MIT Press",
        "amplitude",
        "component",
    ),
    Feature(
        "cav",
        "m/s",
        "Cumulative absolute velocity.",
        "∫|a| dt",
        "Reed & Kassawara (1990), doi:10.1016/0029-5493(90)90075-Z",
        "amplitude",
        "component",
    ),
    Feature(
        "cav_standardised",
        "m/s",
        "Cumulative absolute velocity of those whole seconds that reach 0.025 g.",
        "Σ_k H(max_k|a| − 0.025 g) ∫_k |a| dt",
        "Campbell & Bozorgnia (2010), doi:10.1193/1.3457158",
        "amplitude",
        "component",
    ),
)

DURATIONS = (
    Feature(
        "d5_95",
        "s",
        "Significant duration: time between 5 % and 95 % of the Arias intensity.",
        "t(0.95 I) − t(0.05 I), I(t) = ∫a² dt",
        _DURATION,
        "amplitude",
        "component",
    ),
    Feature(
        "d5_75",
        "s",
        "Significant duration: time between 5 % and 75 % of the Arias intensity.",
        "t(0.75 I) − t(0.05 I), I(t) = ∫a² dt",
        _DURATION,
        "amplitude",
        "component",
    ),
    Feature(
        "energy_5_95",
        "s",
        "Time between 5 % and 95 % of the energy of the samples as given (counts too).",
        "t(0.95 E) − t(0.05 E), E(t) = ∫x² dt",
        f"after {_DURATION}",
        "amplitude",
        "component",
    ),
)


class Amplitudes:
    """Peaks and RMS of samples that come in chunks (…, channel, time)."""

    def __init__(self, layout: Layout) -> None:
        self.motion = Motion(layout)
        self.squares = Mean()
        self.peaks = {unit: (Largest(), Largest()) for unit in ("", *_PEAKS)}
        self.leading: tuple[int, ...] = ()

    def update(self, x: Float64, valid: Mask) -> None:
        """Take the next samples."""
        self.leading = x.shape[:-1]
        self.squares.update(x * x, valid)
        self._take("", x, valid)
        for unit, y, mask in self.motion.update(x, np.ones(x.shape, bool) if valid is None else valid):
            self._take(unit, y, None if mask.all() else mask)

    def values(self) -> dict[str, Float64]:
        """The features so far."""
        whole = copy.deepcopy(self)
        for unit, y, mask in self.motion.tail():
            whole._take(unit, y, mask)
        found = {"rms": root(self.squares.value)}
        for unit, (each, vector) in whole.peaks.items():
            name = _PEAKS.get(unit, "peak")
            found[name] = _known(each.value, self.leading)
            found[f"{name}_vector"] = root(_known(vector.value, self.leading[:-1]))
        return found

    def _take(self, unit: str, y: Float64, valid: Mask) -> None:
        each, vector = self.peaks[unit]
        each.update(np.abs(y), valid)
        vector.update(np.einsum("...ct,...ct->...t", y, y), None if valid is None else np.asarray(valid.all(-2)))


class Intensities:
    """Arias intensity and CAV of samples that come in chunks (…, channel, time)."""

    def __init__(self, layout: Layout) -> None:
        self.motion = Motion(layout, wanted=("m/s2",))
        self.arias, self.cav = Area(layout.rate_hz), Area(layout.rate_hz)
        self.standardised = StandardisedCav(layout.rate_hz, threshold=STANDARDISED_CAV_THRESHOLD_M_S2)
        self.leading: tuple[int, ...] = ()

    def update(self, x: Float64, valid: Mask) -> None:
        """Take the next samples."""
        self.leading = x.shape[:-1]
        for piece in self.motion.update(x, np.ones(x.shape, bool) if valid is None else valid):
            self._take(piece)

    def values(self) -> dict[str, Float64]:
        """The features so far."""
        whole = copy.deepcopy(self)
        for piece in self.motion.tail():
            whole._take(piece)
        found = {
            "arias": whole.arias.value * np.pi / (2 * STANDARD_GRAVITY_M_S2),
            "cav": whole.cav.value,
            "cav_standardised": whole.standardised.value,
        }
        return {name: np.broadcast_to(value, self.leading) for name, value in found.items()}

    def _take(self, piece: Piece) -> None:
        _, a, mask = piece
        valid = None if mask.all() else mask
        self.arias.update(a * a, valid)
        self.cav.update(np.abs(a), valid)
        self.standardised.update(a, valid)


def _known(value: Float64 | None, shape: tuple[int, ...]) -> Float64:
    return np.full(shape, np.nan) if value is None else value


def durations(x: Float64, valid: Mask, layout: Layout) -> dict[str, Float64]:
    """Significant durations of whole records (…, channel, time); they need the end, so they cannot be chunked."""
    given = energy_times(x, valid, layout, shares=(0.05, 0.95))
    found = {"energy_5_95": given[1] - given[0]}
    acceleration = _acceleration(x, valid, layout)
    if acceleration is None:
        nothing = np.full(x.shape[:-1], np.nan)
        return found | {"d5_95": nothing, "d5_75": nothing}
    start, most, end = energy_times(*acceleration, layout, shares=(0.05, 0.75, 0.95))
    return found | {"d5_95": end - start, "d5_75": most - start}


def _acceleration(x: Float64, valid: Mask, layout: Layout) -> tuple[Float64, Mask] | None:
    if layout.unit == "m/s2":
        return x, valid
    motion = Motion(layout, wanted=("m/s2",))
    mask = np.ones(x.shape, bool) if valid is None else valid
    pieces: list[tuple[Float64, Bools]] = [(y, m) for _, y, m in (*motion.update(x, mask), *motion.tail())]
    if not pieces:
        return None
    y, held = (np.concatenate(parts, -1) for parts in zip(*pieces, strict=True))
    return y, None if held.all() else held


def energy_times(x: Float64, valid: Mask, layout: Layout, *, shares: tuple[float, ...]) -> list[Float64]:
    """Seconds after which a share of ∫x² dt has passed (…), interpolated; NaN where there is no energy."""
    if x.shape[-1] < 2:
        return [np.full(x.shape[:-1], np.nan) for _ in shares]
    squares = x * x
    pairs = squares[..., 1:] + squares[..., :-1]
    if valid is not None:
        pairs *= valid[..., 1:] & valid[..., :-1]
    grown = np.cumsum(pairs, -1)
    return [_reached(grown, share * grown[..., -1]) * layout.interval_s for share in shares]


def _reached(grown: Float64, level: Float64) -> Float64:
    """The fractional sample at which a growing curve, which is zero at sample 0, reaches a level (…)."""
    at = np.minimum((grown < level[..., None]).sum(-1), grown.shape[-1] - 1)[..., None]
    high = np.take_along_axis(grown, at, -1)[..., 0]
    low = np.where(at[..., 0] > 0, np.take_along_axis(grown, np.maximum(at - 1, 0), -1)[..., 0], 0.0)
    rise = high - low
    inside = np.divide(level - low, rise, out=np.ones_like(rise), where=rise > 0)
    return np.where(grown[..., -1] > 0, at[..., 0] + inside, np.nan)
