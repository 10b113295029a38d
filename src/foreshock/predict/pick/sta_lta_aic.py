"""STA/LTA and AIC: the picker without learning that every network must beat. Knows no networks and no data sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from foreshock.clock import iso_utc
from foreshock.config import Settings
from foreshock.errors import InputError
from foreshock.predict import energy_ratio
from foreshock.predict.pick.aic import MIN_SAMPLES, Cut, best_cut
from foreshock.predict.pick.result import PickResult
from foreshock.predict.pick.triggers import Trigger, triggers
from foreshock.prepare.filters import Bandpass
from foreshock.types.arrays import Bools, Float64
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

HIGHEST_RATIO = 300.0
"""A cleaner onset than this is not more probable."""

HIGHEST_CORNER = 0.45
"""The upper corner stays below this part of the sampling rate."""


class StaLtaAicSettings(Settings):
    """What the picker can be told.

    Attributes:
        low_hz, high_hz, order: band-pass before everything; the upper corner gives way to low sampling rates.
        kind: ``classic`` or ``recursive`` averages. sta_s, lta_s: their lengths.
        on, off: thresholds of the energy ratio.
        warm: part of `lta_s` that must have passed before anything can trigger (classic only).
        before_s, after_s: the P onset is sought from `before_s` before the trigger to `after_s` after it.
        s_after_s, s_within_s: S is sought between these times after P.
        s_ratio: the energy on the horizontals must grow by this factor at S.
        separation_s: a trigger this soon after a P belongs to the same event.
        even_ratio_p, even_ratio_s, slope: probability = 1 / (1 + (even_ratio / r) ** slope), r being the energy ratio
            across the onset, not more than `HIGHEST_RATIO`.
        min_probability: picks below are dropped, and with a P its S.
        sigma_factor: the spread AIC gives is multiplied by it.
    """

    low_hz: float = Field(default=1.0, gt=0)
    high_hz: float = Field(default=20.0, gt=0)
    order: int = Field(default=2, ge=1, le=8)
    kind: Literal["classic", "recursive"] = "classic"
    sta_s: float = Field(default=0.5, gt=0)
    lta_s: float = Field(default=10.0, gt=0)
    on: float = Field(default=4.0, gt=1)
    off: float = Field(default=1.5, gt=0)
    warm: float = Field(default=0.25, gt=0, le=1)
    before_s: float = Field(default=3.0, gt=0)
    after_s: float = Field(default=0.5, gt=0)
    s_after_s: float = Field(default=0.4, gt=0)
    s_within_s: float = Field(default=60.0, gt=0)
    s_ratio: float = Field(default=1.5, gt=0)
    separation_s: float = Field(default=2.0, ge=0)
    even_ratio_p: float = Field(default=35.0, gt=0)
    even_ratio_s: float = Field(default=8.0, gt=0)
    slope: float = Field(default=0.7, gt=0)
    min_probability: float = Field(default=0.2, ge=0, le=1)
    sigma_factor: float = Field(default=2.0, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for low, high in (("low_hz", "high_hz"), ("sta_s", "lta_s"), ("off", "on"), ("s_after_s", "s_within_s")):
            if not getattr(self, low) < getattr(self, high):
                raise ValueError(f"{low} {getattr(self, low)} must lie below {high} {getattr(self, high)}")
        return self


class StaLtaAic:
    """Finds P where the energy on Z rises over its past, S where that on the horizontals rises after P.

    The moment is refined by AIC (Maeda 1985; Zhang et al. 2003, see `aic`). The probability is made from the energy
    ratio across the onset. Its constants and the factor on sigma were fitted to about 220 three-component records of
    local earthquakes (Northern California, volcanoes, New Zealand; a P within 0.3 s, an S within 0.5 s counts as
    right): elsewhere it ranks picks and should not be read as a frequency.

    >>> rng = np.random.default_rng(0)
    >>> data = rng.standard_normal((3, 3000)) * np.where(np.arange(3000) < 1500, 1, 20)
    >>> result = StaLtaAic().pick(Waveform(data, 100.0, 0, "XX.DEMO."))
    >>> [pick.phase for pick in result.picks][0], abs(result.picks[0].time_ns / 1e9 - 15) < 0.05
    ('P', True)
    """

    name: ClassVar[str] = "sta_lta_aic"

    def __init__(self, settings: StaLtaAicSettings | None = None) -> None:
        self.settings = settings or StaLtaAicSettings()

    @property
    def memory_s(self) -> float:
        """How far back, in seconds, samples can change an onset (a trigger that lasts longer apart)."""
        s = self.settings
        return 12 * s.lta_s + s.before_s + s.separation_s

    @property
    def ahead_s(self) -> float:
        """How far ahead, in seconds, samples can change an onset or its S."""
        return self.settings.s_within_s + self.settings.before_s + self.settings.after_s + self.settings.lta_s

    def pick(self, waveform: Waveform) -> PickResult:
        """Pick P and S on a waveform.

        Raises:
            InputError: the sampling rate is too low for the band.
        """
        reason = self._unusable(waveform)
        if reason:
            return PickResult((), reason)
        x, valid = self._filtered(waveform)
        ratio = self._ratio(*_vertical(waveform, x, valid), waveform.rate_hz)
        found = triggers(ratio, on=self.settings.on, off=self.settings.off)
        if not found:
            return PickResult((), self._quiet(waveform, ratio))
        arrivals = self._arrivals(waveform, x, found)
        picks = [pick for first, last in arrivals for pick in self._event(waveform, x, valid, first, last)]
        if not picks:
            return PickResult((), f"no onset reached the probability {self.settings.min_probability:g}")
        return PickResult(tuple(sorted(picks, key=lambda pick: pick.time_ns)))

    def ratio(self, waveform: Waveform) -> Float64:
        """The energy ratio on the vertical, (time,), which the thresholds look at; for drawings."""
        x, valid = self._filtered(waveform)
        return self._ratio(*_vertical(waveform, x, valid), waveform.rate_hz)

    # -- finding -------------------------------------------------------------------------------------------------

    def _unusable(self, waveform: Waveform) -> str:
        needed_s = self.settings.lta_s * self.settings.warm + self.settings.sta_s + self.settings.after_s
        if waveform.span_s < needed_s:
            return f"the record of {waveform.span_s:.3g} s is shorter than the {needed_s:.3g} s the averages need"
        if not waveform.valid.any():
            return "every sample is masked"
        if not waveform.data.any():
            return "every sample is zero"
        return ""

    def _filtered(self, waveform: Waveform) -> tuple[Float64, Bools]:
        s, rate_hz = self.settings, waveform.rate_hz
        high_hz = min(s.high_hz, HIGHEST_CORNER * rate_hz)
        if not s.low_hz < high_hz:
            raise InputError(
                f"sampling rate is {rate_hz:g} Hz ({waveform.station_id})",
                f"the band begins at {s.low_hz:g} Hz",
                "lower low_hz or use data of a higher rate",
            )
        step = Bandpass(low_hz=s.low_hz, high_hz=high_hz, order=s.order)
        return step.apply(waveform.data, rate_hz=rate_hz, valid=waveform.valid)

    def _ratio(self, energy: Float64, valid: Bools, rate_hz: float) -> Float64:
        n_sta, n_lta = self._length(self.settings.sta_s, rate_hz), self._length(self.settings.lta_s, rate_hz)
        n_lta = max(n_lta, n_sta + 1)
        if self.settings.kind == "recursive":
            return np.where(valid, energy_ratio.recursive(energy, n_sta=n_sta, n_lta=n_lta), 0.0)
        n_warm = max(n_sta + 1, round(self.settings.warm * n_lta))
        return energy_ratio.classic(energy, n_sta=n_sta, n_lta=n_lta, n_warm=n_warm, valid=valid)

    @staticmethod
    def _length(span_s: float, rate_hz: float) -> int:
        return max(1, round(span_s * rate_hz))

    def _quiet(self, waveform: Waveform, ratio: Float64) -> str:
        at = int(np.argmax(ratio))
        return (
            f"the energy ratio never reached {self.settings.on:g}; "
            f"its largest value was {ratio[at]:.2f} at {iso_utc(waveform.time_ns(at))}"
        )

    # -- refining ------------------------------------------------------------------------------------------------

    def _arrivals(self, waveform: Waveform, x: Float64, found: list[Trigger]) -> list[tuple[_Onset, int]]:
        """P onsets, each with the sample at which the next one ends its search for S."""
        onsets: list[_Onset] = []
        separation = self.settings.separation_s * waveform.rate_hz
        for trigger in found:
            onset = self._p_onset(waveform, x, trigger)
            if not onsets or onset.sample - onsets[-1].sample > separation:
                onsets.append(onset)
        ends = [onset.sample for onset in onsets[1:]] + [waveform.n_samples]
        return list(zip(onsets, ends, strict=True))

    def _p_onset(self, waveform: Waveform, x: Float64, trigger: Trigger) -> _Onset:
        rows = _rows(waveform, vertical=True)
        rate_hz = waveform.rate_hz
        last = min(waveform.n_samples, trigger.on + self._length(self.settings.after_s, rate_hz))
        first = max(0, min(trigger.on - self._length(self.settings.before_s, rate_hz), last - MIN_SAMPLES))
        return self._onset(x[rows], first, last, rate_hz)

    def _event(self, waveform: Waveform, x: Float64, valid: Bools, p: _Onset, end: int) -> list[Pick]:
        """The P and the S of one event that are probable enough."""
        if self._probability("P", p) < self.settings.min_probability:
            return []
        s = self._s_onset(waveform, x, valid, p, end)
        if s is None or self._probability("S", s) < self.settings.min_probability:
            return [self._as_pick(waveform, "P", p)]
        return [self._as_pick(waveform, "P", p), self._as_pick(waveform, "S", s)]

    def _s_onset(self, waveform: Waveform, x: Float64, valid: Bools, p: _Onset, end: int) -> _Onset | None:
        """Cut the horizontals between P and their largest smoothed energy; None where they do not grow enough."""
        rows, rate_hz, s = _rows(waveform, vertical=False), waveform.rate_hz, self.settings
        first = p.sample + self._length(s.s_after_s, rate_hz)
        last = min(end, p.sample + self._length(s.s_within_s, rate_hz))
        if not rows or last - first < 2 * MIN_SAMPLES or not valid[rows, first:last].any():
            return None
        energy = energy_ratio.moving_sum((x[rows, first:last] ** 2).sum(0), self._length(s.sta_s, rate_hz))
        peak = min(last, first + int(np.argmax(energy)) + 1)
        if peak - first < MIN_SAMPLES:
            return None
        onset = self._onset(x[rows], first, peak, rate_hz)
        return onset if onset.ratio >= s.s_ratio else None

    def _onset(self, x: Float64, first: int, last: int, rate_hz: float) -> _Onset:
        band_hz = min(self.settings.high_hz, HIGHEST_CORNER * rate_hz) - self.settings.low_hz
        cut: Cut = best_cut(x[:, first:last], n_correlated=rate_hz / (2 * band_hz))
        return _Onset(first + cut.sample, cut.sigma / rate_hz, cut.ratio, last)

    def _probability(self, phase: str, onset: _Onset) -> float:
        even = self.settings.even_ratio_p if phase == "P" else self.settings.even_ratio_s
        ratio = min(max(onset.ratio, 1e-12), HIGHEST_RATIO)
        return float(1.0 / (1.0 + (even / ratio) ** self.settings.slope))

    def _as_pick(self, waveform: Waveform, phase: str, onset: _Onset) -> Pick:
        return Pick(
            trace_id=waveform.station_id,
            phase=phase,
            time_ns=waveform.time_ns(onset.sample),
            probability=self._probability(phase, onset),
            sigma_s=self.settings.sigma_factor * onset.sigma_s,
            available_at_ns=waveform.time_ns(onset.known_at),
        )


@dataclass(frozen=True, slots=True)
class _Onset:
    """A refined onset: its sample, spread, energy ratio, and the sample after the last one that was looked at."""

    sample: int
    sigma_s: float
    ratio: float
    known_at: int


def _rows(waveform: Waveform, *, vertical: bool) -> list[int]:
    """Rows of Z, or of the others; where there is no Z every row serves for P."""
    rows = [k for k, letter in enumerate(waveform.components) if (letter == "Z") == vertical]
    return rows if rows or not vertical else list(range(len(waveform.components)))


def _vertical(waveform: Waveform, x: Float64, valid: Bools) -> tuple[Any, Any]:
    """Energy (time,) and mask (time,) of the rows that serve for P."""
    rows = _rows(waveform, vertical=True)
    return (x[rows] ** 2).sum(0), valid[rows].all(0)
