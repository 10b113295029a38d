"""Blocks: a recording as a labeller from elsewhere is to see it: filtered, resampled, zero where it is broken.

Knows no network. Every unbroken run of samples of one component (a trace) is filtered and resampled by itself, by
ObsPy's filters; traces that overlap make a block, in which a component that is not there is zero; where no component is
there, a block ends. Times and sample numbers are reckoned as SeisBench 0.12 does (in seconds, cut off to whole
samples): on some broken records a trace comes to stand a sample earlier than one would place it, and so it must here,
because the network's answers are to be the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
from obspy import Trace
from scipy.signal import butter, sosfilt

from foreshock.bundle import Filter
from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.types.arrays import Bools, Float32, Float64
from foreshock.types.waveform import Waveform

ALIKE = {"1": "N", "2": "E", "N": "1", "E": "2"}
"""Horizontals that may stand for each other."""


@dataclass(frozen=True, eq=False)
class Block:
    """Samples (component, time) at the network's rate, without a hole in all components at once.

    `start_ns` is when sample 0 was taken, UTC nanoseconds.
    """

    x: Float32
    start_ns: int
    rate_hz: float

    def time_ns(self, sample: float) -> int:
        """UTC nanoseconds of a sample."""
        return self.start_ns + round(sample * NS_PER_S / self.rate_hz)


@dataclass(frozen=True, slots=True)
class _Span:
    """A trace: from where to where it stands in the waveform, and what it will be at the network's rate.

    `start_ns` lies on whole samples counted from the epoch, by which traces are put together; `off_ns` leads back.
    """

    row: int
    place: int
    first: int
    last: int
    start_ns: int
    off_ns: int
    n: int
    rate_hz: float

    @property
    def end_ns(self) -> int:
        """When the last sample was taken."""
        return self.start_ns + round((self.n - 1) * NS_PER_S / self.rate_hz)


def places(components: str, *, order: str) -> dict[int, int]:
    """Which row of a waveform becomes which component of the network; the same for Z12 as for ZNE.

    >>> places("ZNE", order="ZNE"), places("EZ", order="ZNE"), places("Z12R", order="ZNE")
    ({0: 0, 1: 1, 2: 2}, {0: 2, 1: 0}, {0: 0, 1: 1, 2: 2})
    """
    found: dict[int, int] = {}
    for row, letter in enumerate(components):
        place = next((order.index(name) for name in (letter, ALIKE.get(letter, "")) if name and name in order), None)
        if place is not None and place not in found.values():
            found[row] = place
    return found


def blocks(
    waveform: Waveform, *, order: str, rate_hz: float, filters: Sequence[Filter], zerophase: bool, shortest: int
) -> Iterator[Block]:
    """Give the blocks of a waveform that have at least `shortest` samples, one by one, in order of time.

    Args:
        waveform: any rate, any components. order: the network's components. rate_hz: the network's.
        filters: run over each trace first. zerophase: so is the filter before the rate is lowered by a whole factor.

    Raises:
        InputError: a filter cannot run at this sampling rate.
    """
    for spans in _together(_spans(waveform, order, rate_hz)):
        start_ns, end_ns = min(span.start_ns for span in spans), max(span.end_ns for span in spans)
        n = _samples(end_ns - start_ns, rate_hz) + 1
        if n < shortest:
            continue
        off_ns = round(sum(span.off_ns for span in spans) / len(spans))
        x = _unchanged(waveform, spans, n, len(order), rate_hz, filters)
        if x is None:
            x = np.zeros((len(order), n), np.float32)
            for span in spans:
                at = _samples(span.start_ns - start_ns, rate_hz)
                row = x[span.place, at : at + span.n]
                row[:] = _prepared(waveform, span, rate_hz, filters, zerophase)[: len(row)]
        yield Block(x, start_ns + off_ns, rate_hz)


def longest_s(waveform: Waveform, *, order: str, rate_hz: float) -> float:
    """Seconds of the longest block."""
    found = _together(_spans(waveform, order, rate_hz))
    spans = [max(one.end_ns for one in held) - min(one.start_ns for one in held) for held in found]
    return max(spans, default=0) / NS_PER_S + 1 / rate_hz if spans else 0.0


def _spans(waveform: Waveform, order: str, rate_hz: float) -> list[_Span]:
    found = []
    for row, place in places(waveform.components, order=order).items():
        for first, last in _runs(waveform.valid[row]):
            start_ns = waveform.time_ns(first)
            whole_ns = round(float(np.round(start_ns / NS_PER_S * rate_hz)) / rate_hz * NS_PER_S)
            n = _n_out(last - first, waveform.rate_hz, rate_hz)
            if n < 2:  # SeisBench passes over a trace of a single sample
                continue
            found.append(_Span(row, place, first, last, whole_ns, start_ns - whole_ns, n, rate_hz))
    return sorted(found, key=lambda span: (span.start_ns, span.place))


def _runs(flags: Bools) -> list[tuple[int, int]]:
    if flags.all():
        return [(0, len(flags))] if len(flags) else []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _n_out(n: int, rate_in_hz: float, rate_hz: float) -> int:
    """Samples a trace of `n` has at another rate."""
    if rate_in_hz == rate_hz:
        return n
    if rate_in_hz % rate_hz == 0:
        return -(-n // int(rate_in_hz / rate_hz))
    return max(1, int(n / (rate_in_hz / rate_hz)))


def _together(spans: list[_Span]) -> Iterator[list[_Span]]:
    """Spans of which each begins, to the microsecond, no later than those before it end."""
    held: list[_Span] = []
    end = 0
    for span in spans:
        if held and round(span.start_ns, -3) > end:
            yield held
            held = []
        end = max(end, round(span.end_ns, -3)) if held else round(span.end_ns, -3)
        held.append(span)
    if held:
        yield held


def _samples(span_ns: int, rate_hz: float) -> int:
    """Whole samples in a time, cut off: SeisBench multiplies seconds, which are rounded to microseconds."""
    return int(round(span_ns / NS_PER_S, 6) * rate_hz)


def _unchanged(
    waveform: Waveform, spans: list[_Span], n: int, n_rows: int, rate_hz: float, filters: Sequence[Filter]
) -> Float32 | None:
    """The samples as they lie in the waveform, without a copy, where nothing is to be done to them."""
    lie = [(span.row, span.place, span.first) for span in sorted(spans, key=lambda span: span.row)]
    due = [(row, row, spans[0].first) for row in range(n_rows)]
    if filters or waveform.rate_hz != rate_hz or lie != due or any(span.n < n for span in spans):
        return None
    data: Float32 = waveform.data[:n_rows, spans[0].first : spans[0].first + n]
    return data


def _prepared(
    waveform: Waveform, span: _Span, rate_hz: float, filters: Sequence[Filter], zerophase: bool
) -> Float32 | Float64:
    samples = waveform.data[span.row, span.first : span.last]
    channel = waveform.channels[span.row]
    for one in filters:
        if fnmatchcase(channel, one.channels):
            samples = filtered(samples, one, rate_hz=waveform.rate_hz)
    if waveform.rate_hz == rate_hz:
        return samples
    if waveform.rate_hz % rate_hz == 0:
        alias = Filter(kind="lowpass", corners_hz=(rate_hz * 0.5,), zerophase=zerophase)
        return filtered(samples, alias, rate_hz=waveform.rate_hz)[:: int(waveform.rate_hz / rate_hz)]
    trace = Trace(np.array(samples, np.float64), {"sampling_rate": waveform.rate_hz})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a trace of less than a sample keeps one, as said in `_n_out`
        resampled: Float64 = trace.resample(rate_hz, no_filter=True).data
    return resampled


def filtered(samples: Float32 | Float64, told: Filter, *, rate_hz: float) -> Float64:
    """Run a Butterworth filter as ObsPy does; a band-pass that reaches beyond half the rate becomes a high-pass.

    ObsPy's own would bring Matplotlib, and each worker would wait for it.

    Raises:
        InputError: the corner lies above half the sampling rate.
    """
    kind, corners_hz = told.kind, told.corners_hz
    if kind == "bandpass" and corners_hz[1] > (1 - 1e-6) * rate_hz / 2:
        kind, corners_hz = "highpass", corners_hz[:1]
    try:
        sos = butter(told.order, corners_hz if len(corners_hz) > 1 else corners_hz[0], kind, output="sos", fs=rate_hz)
    except ValueError as error:
        raise InputError(
            f"{told.kind} at {', '.join(f'{corner:g}' for corner in told.corners_hz)} Hz on data of {rate_hz:g} Hz",
            "its corner must lie below half the sampling rate",
            "use data of a higher rate",
        ) from error
    out: Float64 = sosfilt(sos, samples)
    return np.asarray(sosfilt(sos, out[::-1])[::-1]) if told.zerophase else out
