"""Repick: calculated arrivals replaced by onsets to be trusted. Knows no networks.

These are P that two pickers without learning agree on, and S whose delay after P fits the distance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.predict.pick.sta_lta_aic import StaLtaAic, StaLtaAicSettings
from foreshock.road.pickers import Picker
from foreshock.types.pick import Pick
from foreshock.types.record import Record, Truth

EARLY_S, LATE_S = -1.0, 3.0
"""Where about a calculated P the true one may lie."""

AGREE_S = 0.1

SURE, SURE_S = 0.5, 0.3
"""Least probability of a P, and of an S, that is learnt from; what S − P must fit besides is the stricter test."""

FITS, FITS_S = 0.2, 0.6
"""S − P may differ so much, in parts or in seconds, from what the records together have at that distance."""


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


def with_s(records: Iterable[Record], picker: Picker, *, known: Iterable[Record] = ()) -> list[Record]:
    """Give records with P and S that a picker is sure of, where the delay between them fits the distance.

    Arguments:
        records: with calculated P and a distance. picker: it asks each of them once.
        known: records whose P is trusted already; they keep it, and come back without S where none fits.
    """
    trusted = {record.truth.trace_id: record for record in known}
    said = [(record, *_sure(picker, record, trusted.get(record.truth.trace_id))) for record in records]
    delays = np.array([_slowness(record.truth, p_ns, s_ns) for record, p_ns, s_ns in said])
    usual = float(np.nanmedian(delays)) if np.isfinite(delays).any() else np.nan
    done = []
    for (record, p_ns, s_ns), delay in zip(said, delays, strict=True):
        if _fits(delay, usual, _hypocentral_km(record.truth)):
            truth = replace(record.truth, p_ns=p_ns, s_ns=s_ns, p_status="repicked", s_status="repicked")
            done.append(Record(record.waveform, truth))
        elif record.truth.trace_id in trusted:
            done.append(trusted[record.truth.trace_id])
    return done


def _sure(picker: Picker, record: Record, trusted: Record | None) -> tuple[int | None, int | None]:
    """P near the calculated one, the trusted one if there is one, and the likeliest S after it."""
    picks = picker.pick(record.waveform).picks
    sure = [pick for pick in picks if pick.phase == "P" and pick.probability >= SURE]
    p_ns = _near(record.truth, sure) if trusted is None else trusted.truth.p_ns
    s = [pick for pick in picks if pick.phase == "S" and pick.probability >= SURE_S]
    after = [] if p_ns is None else [pick for pick in s if pick.time_ns > p_ns]
    return p_ns, max(after, key=lambda pick: pick.probability).time_ns if after else None


def _slowness(truth: Truth, p_ns: int | None, s_ns: int | None) -> float:
    """Seconds between P and S for each km; NaN where one of them is not known."""
    if p_ns is None or s_ns is None:
        return np.nan
    return (s_ns - p_ns) / NS_PER_S / max(_hypocentral_km(truth), 1.0)


def _hypocentral_km(truth: Truth) -> float:
    return float(np.hypot(np.nan if truth.distance_km is None else truth.distance_km, truth.depth_km or 0.0))


def _fits(delay: float, usual: float, km: float) -> bool:
    return bool(abs(delay - usual) <= max(FITS * usual, FITS_S / max(km, 1.0)))


def _nearest(picker: StaLtaAic, record: Record) -> int | None:
    """The first P in the span about the calculated one; None where there is none."""
    return _near(record.truth, picker.pick(record.waveform).picks)


def _near(truth: Truth, picks: Iterable[Pick]) -> int | None:
    at_ns = truth.p_ns
    if at_ns is None:
        return None
    low_ns, high_ns = at_ns + round(EARLY_S * NS_PER_S), at_ns + round(LATE_S * NS_PER_S)
    times = [pick.time_ns for pick in picks if pick.phase == "P"]
    return next((time_ns for time_ns in times if low_ns <= time_ns <= high_ns), None)
