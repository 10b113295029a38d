"""Finding: a picker asked about waveforms, stretch by stretch, and a run's answers put together. Knows no files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from foreshock.clock import NS_PER_S
from foreshock.collect.assemble import describe_id
from foreshock.collect.files import trace_id_of
from foreshock.errors import InputError
from foreshock.predict.pick.first_motion import first_motion
from foreshock.road.pickers import Picker
from foreshock.road.stretches import Stretch, owned_within, stretches, whole_runs
from foreshock.types.pick import Pick
from foreshock.types.record import Record
from foreshock.types.waveform import Waveform


@dataclass(frozen=True)
class Found:
    """What was found on one recording: picks, or the reason for none."""

    name: str
    picks: tuple[Pick, ...]
    reason: str = ""


def find(waves: Iterable[Waveform], picker: Picker, *, within_ns: tuple[int, int] | None = None) -> Iterator[Found]:
    """Ask a picker about waveforms, stretch by stretch; one answer a run. Those of one instrument come in order.

    A picker that says it is best given recordings `whole` gets whole runs, unless only a part of time is asked for.

    Arguments:
        within_ns: full hours, from and up to; what lies outside is heard for its sake and keeps its picks.
    """
    if getattr(picker, "whole", False) and within_ns is None:
        cut = whole_runs(waves)
    else:
        cut = stretches(waves, memory_s=picker.memory_s, ahead_s=picker.ahead_s)
    cut = cut if within_ns is None else owned_within(cut, *within_ns)
    said: dict[str, list[Found]] = defaultdict(list)
    order: dict[str, str] = {}
    for stretch in cut:
        run = f"{describe_id(stretch.waveform)} {stretch.waveform.rate_hz:g} {stretch.run_ns}"
        order.setdefault(run, stretch.waveform.station_id)
        said[run].append(_ask(stretch, picker))
    for run in sorted(said, key=lambda name: order[name]):
        yield _whole(said[run])


def find_on(record: Record, picker: Picker) -> Found:
    """Ask a picker about one record; its picks bear the record's name."""
    found = list(find([record.waveform], picker))
    name = record.truth.trace_id or record.waveform.station_id
    if not found:
        return Found(name, (), "it has no samples")
    return Found(name, tuple(replace(pick, trace_id=name) for pick in found[0].picks), found[0].reason)


def _ask(stretch: Stretch, picker: Picker) -> Found:
    name = trace_id_of(stretch.waveform)
    try:
        result = picker.pick(stretch.waveform)
    except InputError as error:
        return Found(name, (), str(error).rstrip("."))
    owned = _owned(result.picks, stretch, round(picker.ahead_s * NS_PER_S))
    moved = [_moved(stretch.waveform, pick) for pick in owned]
    return Found(name, tuple(moved), result.reason or "no onset was found")


def _moved(waveform: Waveform, pick: Pick) -> Pick:
    """A P pick with its first motion; others as they are."""
    if pick.phase != "P":
        return pick
    motion = first_motion(waveform, pick)
    return replace(pick, polarity=motion.polarity, polarity_probability=round(motion.probability, 3))


def _owned(picks: Sequence[Pick], stretch: Stretch, ahead_ns: int) -> Iterator[Pick]:
    """The picks in the time the stretch owns; the first S after a P goes where its P goes."""
    p_ns: int | None = None
    for pick in picks:
        decides_ns = pick.time_ns
        if pick.phase == "S" and p_ns is not None and pick.time_ns - p_ns <= ahead_ns:
            decides_ns = p_ns
        p_ns = pick.time_ns if pick.phase == "P" else None
        if stretch.first_ns <= decides_ns < stretch.last_ns:
            yield pick


def _whole(parts: list[Found]) -> Found:
    """The answer for a run, from those for its stretches."""
    picks = sorted((pick for part in parts for pick in part.picks), key=lambda pick: pick.time_ns)
    if picks:
        return Found(parts[0].name, tuple(picks))
    more = f" (so said of its first hour; the other {len(parts) - 1} are without a pick too)" if len(parts) > 1 else ""
    return Found(parts[0].name, (), parts[0].reason + more)
