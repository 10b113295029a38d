"""A real recording, looked at: picks of the classical picker and what a trained network says as samples come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from foreshock.bundle import Bundle
from foreshock.clock import NS_PER_S, iso_utc
from foreshock.evaluate.report.style import LIGHT, Look, new_figure, plain_axes, png
from foreshock.predict.pick.sta_lta_aic import StaLtaAic
from foreshock.predict.probability import sliding
from foreshock.predict.runtime import BundlePredictor
from foreshock.types.arrays import Float64
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

LATER_S = 0.5
"""How often the network is asked while samples come in."""


@dataclass(frozen=True, eq=False)
class RealRecord:
    """A recording with its picks, and the probability of an earthquake in the window that ends at each time.

    Attributes:
        waveform: as recorded.
        picks: of STA/LTA + AIC. reason: why there are none.
        known_at_s: seconds after the start at which each probability could have been known.
        probability: of an earthquake, (time,).
    """

    waveform: Waveform
    picks: tuple[Pick, ...]
    reason: str
    known_at_s: Float64
    probability: Float64

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "station_id": self.waveform.station_id,
            "start": iso_utc(self.waveform.start_ns),
            "picks": [{"phase": p.phase, "time": iso_utc(p.time_ns), "sigma_s": p.sigma_s} for p in self.picks],
            "reason": self.reason,
            "probability_at_the_end": float(self.probability[-1]),
            "highest_before_p": self.highest(before_p=True),
            "highest_after_p": self.highest(before_p=False),
        }

    def highest(self, *, before_p: bool) -> float | None:
        """The highest probability before or after the first pick; None where there is no pick or no answer."""
        if not self.picks:
            return None
        early = self.known_at_s < (self.picks[0].time_ns - self.waveform.start_ns) / NS_PER_S
        chosen = self.probability[early if before_p else ~early]
        return float(chosen.max()) if len(chosen) else None

    def sentence(self) -> str:
        """One line for people."""
        name, start = self.waveform.station_id.rstrip("."), iso_utc(self.waveform.start_ns)[:19]
        if not self.picks:
            return f"{name} from {start} UTC: no pick ({self.reason})"
        picks = " and ".join(f"{p.phase} at {iso_utc(p.time_ns)[11:22]} ± {p.sigma_s:.2f} s" for p in self.picks)
        sides = {"before P": self.highest(before_p=True), "after it": self.highest(before_p=False)}
        told = ", ".join(f"at most {value:.2f} {side}" for side, value in sides.items() if value is not None)
        return (
            f"{name} from {start} UTC: {picks} by STA/LTA + AIC; for an earthquake the CNN gives "
            f"{told}, {self.probability[-1]:.2f} at the end"
        )


def look_at(waveform: Waveform, bundle: Bundle) -> RealRecord:
    """Pick a recording, and ask a detector about the window that ends at each moment, as if samples were coming in."""
    result = StaLtaAic().pick(waveform)
    window_s = bundle.card.window_samples / bundle.card.rate_hz
    along = sliding(BundlePredictor(bundle), _led_in(waveform, window_s), hop_s=LATER_S)
    probability = along.probabilities[:, bundle.card.classes.index("earthquake")]
    ends_s = (along.times_ns - waveform.start_ns) / NS_PER_S + window_s
    seen = ends_s > 2.0  # a second or two of signal is nothing to judge by
    return RealRecord(waveform, result.picks, result.reason, ends_s[seen], probability[seen])


def _led_in(waveform: Waveform, span_s: float) -> Waveform:
    """Put invalid samples before a recording, so that windows can end at any of its moments."""
    n = round(span_s * waveform.rate_hz)
    hole = np.zeros((len(waveform.data), n), np.float32)
    return waveform.with_data(
        np.concatenate([hole, waveform.data], axis=1),
        valid=np.concatenate([hole.astype(bool), waveform.valid], axis=1),
        start_ns=waveform.time_ns(-n),
    )


def picture(real: RealRecord) -> bytes:
    """Draw the recording with its picks and the probability along time, as PNG."""
    return png(lambda look: _draw(real, look), LIGHT)


def _draw(real: RealRecord, look: Look) -> Figure:
    wave = real.waveform
    figure = new_figure(5.6)
    axes = figure.subplots(len(wave.data) + 1, 1, sharex=True, height_ratios=[*[1.0] * len(wave.data), 1.3])
    seconds = np.arange(wave.n_samples) / wave.rate_hz
    for row, one in enumerate(axes[:-1]):
        plain_axes(one, grid="x")
        one.plot(seconds, wave.data[row] - np.median(wave.data[row]), color=look.ink, linewidth=0.6)
        one.set_ylabel(wave.channels[row], rotation=0, ha="right", va="center")
        one.set_yticks([])
        for pick in real.picks:
            _mark(one, pick, wave, look, named=row == 0)
    last = axes[-1]
    plain_axes(last)
    last.plot(real.known_at_s, real.probability, color=look.ours, marker="o", markersize=3, linewidth=1.2)
    last.set_ylim(-0.04, 1.04)
    last.set_ylabel("probability of\nan earthquake")
    last.set_xlim(0, wave.span_s)
    last.set_xlabel(f"seconds after {iso_utc(wave.start_ns)[:22]} UTC: when the samples were there")
    for pick in real.picks:
        _mark(last, pick, wave, look, named=False)
    name = wave.station_id.rstrip(".")
    axes[0].set_title(f"{name}: P and S by STA/LTA + AIC, and the CNN as samples come in", pad=16)
    return figure


def _mark(axes: Any, pick: Pick, wave: Waveform, look: Look, *, named: bool) -> None:
    at_s = (pick.time_ns - wave.start_ns) / NS_PER_S
    colour = look.classes[1] if pick.phase == "P" else look.classes[2]
    axes.axvline(at_s, color=colour, linewidth=1.2)
    if named:
        place = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": "bottom"}
        axes.annotate(pick.phase, (at_s, 1.0), color=colour, **place)
