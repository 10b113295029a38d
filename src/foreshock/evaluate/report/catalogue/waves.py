"""Waves: the recordings of one earthquake with arrivals, and what a picker thought. Knows waveforms and times only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.signal import butter, sosfilt

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.evaluate.report.catalogue.noun import Heard, Moments, Seen, Sketch, Trace, counted, station_names
from foreshock.evaluate.report.style import Look, new_figure, plain_axes
from foreshock.types.arrays import Bools, Float64
from foreshock.types.waveform import Waveform

SECTION = "waves"
BAND_HZ = (1.0, 20.0)
SETTLED_S = 5.0
"""Recordings are scaled to what comes until so long after their last arrival: a later one must not hide them."""
CUT = 1.15
"""So many times that is drawn at most."""
MOST_TRACES = 24
MOST_POINTS = 3000
"""A trace of more samples is drawn by the lowest and highest of each step."""


def record_section(seen: Seen) -> Sketch:
    """One component of each station in order of distance, with picks and predicted arrivals."""
    name = f"records_{_slug(seen.name)}"
    if not seen.traces:
        return Sketch(
            name,
            SECTION,
            f"{seen.name}: no recording was read again (gone, changed or too long), so there is no section.",
        )
    traces = sorted(seen.traces, key=lambda one: (one.distance_km, one.wave.station_id))[:MOST_TRACES]
    more = f" (the nearest of {len(seen.traces):,})" if len(seen.traces) > len(traces) else ""
    picked, predicted = (sum(len(getattr(one, kind)) for one in traces) for kind in ("picked", "predicted"))
    caption = (
        f"{seen.name}: {counted(len(traces), 'station')}{more} in order of distance, not spaced by it; "
        f"{_letter(traces[0].wave)} component, {BAND_HZ[0]:g}–{BAND_HZ[1]:g} Hz, each to its own largest swing "
        f"until {SETTLED_S:g} s after its last arrival (what is larger is cut off). "
        f"{counted(picked, 'pick')} (lines) and {counted(predicted, 'predicted arrival')} (triangles)."
    )
    return Sketch(name, SECTION, caption, partial(_section, seen, traces))


def probabilities(heard: Heard, *, title: str) -> Sketch:
    """A recording, the probability of each phase along it, and the picks that were made of them."""
    wave = heard.wave
    name = f"curves_{_slug(title)}_{_slug(wave.station_id)}"
    n = next((len(curve) for curve in heard.curves.values()), 0)
    if not n or not wave.n_samples:
        return Sketch(name, SECTION, f"{title}: nothing was heard at {wave.station_id}, so there are no curves.")
    caption = (
        f"{title} at {wave.station_id}: {counted(len(wave.components), 'component')} "
        f"({BAND_HZ[0]:g}–{BAND_HZ[1]:g} Hz, each to its own largest swing), the picker's curves ({n:,} values each) "
        f"and {counted(len(heard.picked), 'pick')}. Curves are as the network says; a pick's probability is calibrated."
    )
    return Sketch(name, SECTION, caption, partial(_curves, heard))


def _section(seen: Seen, traces: Sequence[Trace], look: Look) -> Figure:
    figure = new_figure(1.2 + 0.42 * len(traces))
    axes = figure.subplots()
    low, high = _window(seen, traces)
    for row, trace in enumerate(traces):
        times, values = _shown(trace.wave, _row(trace.wave), seen.origin_ns, (low, high), _own(trace, seen.origin_ns))
        axes.plot(times, row - 0.42 * values, color=look.faint, linewidth=0.6)
        _marks(axes, row, trace.picked, seen.origin_ns, look)
        _triangles(axes, row, trace.predicted, seen.origin_ns, look)
    names = station_names(trace.wave.station_id for trace in traces)
    labels = [f"{name}  {one.distance_km:.0f} km" for name, one in zip(names, traces, strict=True)]
    axes.set_yticks(range(len(traces)), labels)
    axes.set(xlim=(low, high), ylim=(len(traces) - 0.3, -0.8))
    axes.set_xlabel(f"seconds after {iso_utc(seen.origin_ns)[:22]} UTC")
    plain_axes(axes, grid="x")
    _legend(axes, look)
    return figure


def _marks(axes: Axes, row: int, moments: Moments, origin_ns: int, look: Look) -> None:
    for phase, time_ns in moments:
        at = (time_ns - origin_ns) / NS_PER_S
        axes.vlines(at, row - 0.45, row + 0.45, color=_colour(phase, look), linewidth=1.5, zorder=3)


def _triangles(axes: Axes, row: int, moments: Moments, origin_ns: int, look: Look) -> None:
    for phase, time_ns in moments:
        at = (time_ns - origin_ns) / NS_PER_S
        axes.plot(at, row + 0.42, "^", color=_colour(phase, look), markersize=5, markeredgewidth=0, zorder=4)


def _legend(axes: Axes, look: Look) -> None:
    for phase in ("P", "S"):
        axes.plot([], [], "-", color=_colour(phase, look), label=f"{phase} picked")
        axes.plot([], [], "^", color=_colour(phase, look), markeredgewidth=0, label=f"{phase} predicted")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.2)


def _window(seen: Seen, traces: Sequence[Trace]) -> tuple[float, float]:
    """From a little before the first arrival to well after the last, seconds after the origin."""
    told = [time_ns for one in traces for _, time_ns in (*one.picked, *one.predicted)]
    ends = [side for one in traces for side in (one.wave.start_ns, one.wave.end_ns)]
    first, last = (min(told), max(told)) if told else (min(ends), max(ends))
    after = [(time_ns - seen.origin_ns) / NS_PER_S for time_ns in (first, last)]
    return min(after[0] - 5.0, 0.0), after[1] + max(10.0, 0.5 * (after[1] - after[0]))


def _curves(heard: Heard, look: Look) -> Figure:
    wave, origin_ns = heard.wave, heard.wave.start_ns
    figure = new_figure(3.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    for row in range(len(wave.components)):
        times, values = _shown(wave, row, origin_ns, (0.0, wave.span_s))
        above.plot(times, row - 0.48 * values, color=look.faint, linewidth=0.6)
    above.set_yticks(range(len(wave.components)), list(wave.components))
    above.set_ylim(len(wave.components) - 0.4, -0.6)
    for phase, curve in heard.curves.items():
        times = (heard.start_ns - origin_ns) / NS_PER_S + np.arange(len(curve)) / heard.rate_hz
        below.plot(times, curve, color=_colour(phase, look), linewidth=1.3, label=phase)
    for phase, time_ns in heard.picked:
        for axes in (above, below):
            axes.axvline((time_ns - origin_ns) / NS_PER_S, color=_colour(phase, look), linewidth=1, alpha=0.8)
    plain_axes(above, grid="x")
    plain_axes(below)
    below.set(xlim=(0, wave.span_s), ylim=(0, 1.02), ylabel="probability")
    below.set_xlabel(f"seconds after {iso_utc(origin_ns)[:22]} UTC")
    below.legend(loc="upper right")
    return figure


def _own(trace: Trace, origin_ns: int) -> tuple[float, float]:
    """From before a trace's first arrival to shortly after its last, seconds after the origin."""
    told = [time_ns for _, time_ns in (*trace.picked, *trace.predicted)]
    if not told:
        return -np.inf, np.inf
    first, last = ((time_ns - origin_ns) / NS_PER_S for time_ns in (min(told), max(told)))
    return first - 1.0, last + SETTLED_S


def _shown(
    wave: Waveform,
    row: int,
    origin_ns: int,
    window_s: tuple[float, float],
    own_s: tuple[float, float] = (-np.inf, np.inf),
) -> tuple[Float64, Float64]:
    """Times (s after the origin) and band-passed samples inside a window, ±1 the largest of `own_s`; NaN is masked."""
    low, high = (wave.sample_at(origin_ns + round(side * NS_PER_S)) for side in window_s)
    early = max(0, round(low - 20 * wave.rate_hz))
    part = wave.cut(early, max(early, round(high)))
    if part.n_samples < 2:
        return np.empty(0), np.empty(0)
    values = np.where(part.valid[row], _filtered(part, row), np.nan)
    first = max(0, round(low) - early)
    values = values[first:]
    times = (part.start_ns - origin_ns) / NS_PER_S + (first + np.arange(len(values))) / wave.rate_hz
    largest = _largest(values[(times >= own_s[0]) & (times <= own_s[1])]) or _largest(values)
    return _thinned(times, np.clip(values / largest, -CUT, CUT) if largest > 0 else values)


def _largest(values: Float64) -> float:
    return float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0


def _filtered(wave: Waveform, row: int) -> Float64:
    """Causal, so that no onset is moved ahead; begun at the first sample, so that no step rings."""
    data: Float64 = np.asarray(wave.data[row], np.float64)
    held: Bools = np.asarray(wave.valid[row], bool)
    if held.any():
        data = np.where(held, data - data[held][: max(1, round(wave.rate_hz))].mean(), 0.0)
    high_hz = min(BAND_HZ[1], 0.45 * wave.rate_hz)
    if high_hz <= BAND_HZ[0] * 1.5:
        return data
    return np.asarray(sosfilt(butter(3, (BAND_HZ[0], high_hz), "bandpass", fs=wave.rate_hz, output="sos"), data))


def _thinned(times: Float64, values: Float64) -> tuple[Float64, Float64]:
    step = len(values) // (MOST_POINTS // 2)
    if step < 3:
        return times, values
    n = len(values) // step * step
    blocks = values[:n].reshape(-1, step)
    gone: Bools = np.asarray(np.isnan(blocks).any(axis=1), bool)
    blocks = np.where(gone[:, None], 0.0, blocks)
    both = np.where(gone[:, None], np.nan, np.column_stack([blocks.min(1), blocks.max(1)]))
    return np.repeat(times[:n:step], 2), both.ravel()


def _row(wave: Waveform) -> int:
    return max(0, wave.components.find("Z"))


def _letter(wave: Waveform) -> str:
    return wave.components[_row(wave)]


def _colour(phase: str, look: Look) -> str:
    return look.classes[0] if phase.startswith("P") else look.classes[1]


def _slug(text: str) -> str:
    return "".join(_safe(text)).strip("_")[:60] or "one"


def _safe(text: str) -> Iterator[str]:
    for letter in text.lower():
        yield letter if letter.isascii() and letter.isalnum() else "_"
