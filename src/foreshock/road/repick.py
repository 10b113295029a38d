"""Repick: calculated arrival times replaced by onsets that two pickers without learning agree on. Knows no networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from foreshock.clock import NS_PER_S
from foreshock.predict.pick.sta_lta_aic import StaLtaAic, StaLtaAicSettings
from foreshock.types.record import Record

EARLY_S, LATE_S = -1.0, 3.0
"""Where about a calculated P the true one may lie."""

AGREE_S = 0.1


def two_pickers() -> tuple[StaLtaAic, StaLtaAic]:
    """The classical picker, and one that differs in band, averages and span of the search."""
    other = StaLtaAicSettings(low_hz=2.0, high_hz=12.0, kind="recursive", sta_s=0.3, lta_s=8.0, before_s=1.5)
    return StaLtaAic(), StaLtaAic(other)


def repicked(records: Iterable[Record], pickers: Sequence[StaLtaAic] | None = None) -> Iterator[Record]:
    """Give the records whose P two pickers put at the same place near the calculated one, with that P and no S."""
    asked = pickers or two_pickers()
    for record in records:
        found = [_nearest(picker, record) for picker in asked]
        times = [time_ns for time_ns in found if time_ns is not None]
        if len(times) == len(asked) and max(times) - min(times) <= AGREE_S * NS_PER_S:
            truth = replace(record.truth, p_ns=sum(times) // len(times), s_ns=None, p_status="repicked")
            yield Record(record.waveform, truth)


def _nearest(picker: StaLtaAic, record: Record) -> int | None:
    """The first P in the span about the calculated one; None where there is none."""
    at_ns = record.truth.p_ns
    if at_ns is None:
        return None
    low_ns, high_ns = at_ns + round(EARLY_S * NS_PER_S), at_ns + round(LATE_S * NS_PER_S)
    times = [pick.time_ns for pick in picker.pick(record.waveform).picks if pick.phase == "P"]
    return next((time_ns for time_ns in times if low_ns <= time_ns <= high_ns), None)
