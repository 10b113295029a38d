"""Rivals: what can be said of a source without a network: a line, S − P, and the particle motion of P.

They read the same band rasters. The line is given the true distance, which nobody has when it matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import Field

from foreshock.clock import NS_PER_S
from foreshock.config import Settings
from foreshock.predict.pick.sta_lta_aic import StaLtaAic
from foreshock.predict.rivals.line import Line, Observed, apply_line, best_line
from foreshock.prepare.band_raster import CENTRES_HZ
from foreshock.prepare.source_input import N_BANDS, N_BEFORE, N_LEVELS, N_PAIRS, SourceInput
from foreshock.types.arrays import AnyArray, Float64
from foreshock.types.waveform import Waveform

VP_KM_S, VS_KM_S = 6.0, 3.5
"""Of the upper crust; distance is (S − P)·vp·vs / (vp − vs)."""

P_FRAMES, P_PAIRS = 2, slice(1, 4)
"""One second from P, bands from 1 to 7 Hz."""

WIDE = ((0, N_BANDS), (1, 6), (3, 8))
"""Groups of bands whose powers are added, besides the bands alone."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What the rivals know of records at one time: their input and the names of their instruments."""

    given: SourceInput
    instruments: AnyArray


class MagnitudeLine(Settings):
    """The classic local magnitude at one time after P, amplitude read in one group of bands.

    Attributes:
        measure: ``peak`` (loudest frame) or ``mean`` (mean power since P). bands: first and last + 1.
    """

    measure: str = Field(pattern="^(peak|mean)$")
    bands: tuple[int, int]
    line: Line

    @property
    def words(self) -> str:
        """How size is read."""
        low, high = (CENTRES_HZ[k] for k in (self.bands[0], self.bands[1] - 1))
        return f"{self.measure}, bands of {low:.2g} to {high:.2g} Hz"

    def magnitudes(self, seen: Seen, distance_km: Float64) -> Float64:
        """Magnitudes of records at a known distance."""
        return apply_line(self.line, _observed(seen, distance_km, None, self.measure, self.bands))


def fit_magnitude_line(
    train: tuple[Seen, Float64, Float64],
    dev: tuple[Seen, Float64, Float64],
    *,
    use_stations: bool = True,
    tuned: bool = True,
) -> MagnitudeLine:
    """Fit a line on `train`; each side is (seen, distance, magnitude).

    Tuned: every way of reading size is fitted, and what misses least on `dev` is kept. Otherwise size is the loudest
    half second of all bands together, as a magnitude is usually read.
    """
    groups = [*((k, k + 1) for k in range(N_BANDS)), *WIDE] if tuned else [WIDE[0]]
    tried = []
    for measure in ("peak", "mean") if tuned else ("peak",):
        for bands in groups:
            here, there = (
                _observed(seen, distance, magnitude, measure, bands) for seen, distance, magnitude in (train, dev)
            )
            if not use_stations:
                here, there = (replace(one, stations=np.full(len(one), "", object)) for one in (here, there))
            tried.append(MagnitudeLine(measure=measure, bands=bands, line=best_line(here, there)))
    return min(tried, key=lambda one: one.line.dev_mae)


def _observed(
    seen: Seen, distance_km: Float64, magnitude: Float64 | None, measure: str, bands: tuple[int, int]
) -> Observed:
    size = log_size(seen.given, measure=measure, bands=bands)
    return Observed(size, distance_km, seen.instruments.astype(object), magnitude)


def log_size(given: SourceInput, *, measure: str, bands: tuple[int, int]) -> Float64:
    """log10 of the amplitude of all three components since P, in a group of bands, (record,)."""
    levels = given.x[:, :N_LEVELS, N_BEFORE:].astype(np.float64)
    there = (given.x[:, -1:, N_BEFORE:] > 0) & (levels != 0)
    power = np.where(there, 10.0 ** (2 * (2 * levels - 2 + np.nan_to_num(given.level)[:, None, None])), 0.0)
    low, high = bands
    whole = power[:, low:high].sum(1) + 2 * power[:, N_BANDS + low : N_BANDS + high].sum(1)
    count = np.maximum(there.any(1).sum(-1), 1)
    size = whole.max(-1) if measure == "peak" else whole.sum(-1) / count
    return np.asarray(0.5 * np.log10(np.maximum(size, 1e-60)), np.float64)


class SMinusP(Settings):
    """Distance from S − P, and what is said where no S is found.

    Attributes:
        km_per_s: distance a second. otherwise_km: the median distance of the training records.
    """

    km_per_s: float = Field(default=VP_KM_S * VS_KM_S / (VP_KM_S - VS_KM_S), gt=0)
    otherwise_km: float = Field(default=30.0, gt=0)

    def distances(self, s_minus_p_s: Float64, *, elapsed_s: float) -> Float64:
        """Distances; an S later than the elapsed time is not known yet."""
        known = np.isfinite(s_minus_p_s) & (s_minus_p_s <= elapsed_s) & (s_minus_p_s > 0)
        return np.where(known, np.nan_to_num(s_minus_p_s) * self.km_per_s, self.otherwise_km)


def s_minus_p(waveform: Waveform, p_ns: int, picker: StaLtaAic | None = None) -> float:
    """Seconds from P to the first S that STA/LTA with AIC finds after it; NaN where it finds none."""
    found = (picker or StaLtaAic()).pick(waveform).picks
    after = [(pick.time_ns - p_ns) / NS_PER_S for pick in found if pick.phase == "S"]
    return next((apart for apart in after if apart > 0.1), float("nan"))


def p_azimuth_deg(given: SourceInput) -> Float64:
    """Back azimuth from the particle motion of the first second of P, (record,): Z·N and Z·E point away from it."""
    span = slice(N_BEFORE, N_BEFORE + P_FRAMES)
    north, east = (
        given.x[:, N_LEVELS + k * N_PAIRS : N_LEVELS + (k + 1) * N_PAIRS][:, P_PAIRS, span].sum((1, 2)) for k in (0, 1)
    )
    return np.asarray(np.degrees(np.arctan2(-east, -north)) % 360, np.float64)


class SourceRivals(Settings):
    """All rivals, tuned on the records the network learnt from; lines by elapsed time.

    Attributes:
        plain, tuned: lines with station terms; the tuned one also chose its bands. without_stations: tuned, no terms.
    """

    elapsed_s: tuple[float, ...]
    plain: tuple[MagnitudeLine, ...]
    tuned: tuple[MagnitudeLine, ...]
    without_stations: tuple[MagnitudeLine, ...]
    s_minus_p: SMinusP = SMinusP()


def fit_rivals(
    elapsed_s: Sequence[float],
    train: Sequence[Seen],
    dev: Sequence[Seen],
    *,
    distances: tuple[Float64, Float64],
    magnitudes: tuple[Float64, Float64],
) -> SourceRivals:
    """Tune everything; `train` and `dev` hold what was seen at each elapsed time."""
    pairs = [
        ((a, distances[0], magnitudes[0]), (b, distances[1], magnitudes[1])) for a, b in zip(train, dev, strict=True)
    ]
    return SourceRivals(
        elapsed_s=tuple(elapsed_s),
        plain=tuple(fit_magnitude_line(a, b, tuned=False) for a, b in pairs),
        tuned=tuple(fit_magnitude_line(a, b) for a, b in pairs),
        without_stations=tuple(fit_magnitude_line(a, b, use_stations=False) for a, b in pairs),
        s_minus_p=SMinusP(otherwise_km=float(np.median(distances[0]))),
    )
