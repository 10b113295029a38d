"""Stretches: recordings cut at full hours, with what lies around them. Knows no picker and no files.

Where a file, a day or a list of waveforms is cut has no say: runs that follow each other are joined, and cut anew at
full hours UTC. A stretch owns its hour and sees `memory_ns` before and `ahead_ns` after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from foreshock.clock import NS_PER_S
from foreshock.types.waveform import Waveform, concatenate

HOUR_NS = 3600 * NS_PER_S

_Instrument = tuple[str, tuple[str, ...], str, float, str]


@dataclass(frozen=True, eq=False)
class Stretch:
    """Samples of one run, of which it owns the times from `first_ns` up to but not including `last_ns`.

    `run_ns` is when the run began: stretches of one instrument that share it belong together.
    """

    waveform: Waveform
    first_ns: int
    last_ns: int
    run_ns: int


@dataclass(frozen=True, eq=False)
class _Open:
    """The end of a run that may go on: samples, and since when its times belong to no stretch yet."""

    waveform: Waveform
    first_ns: int
    run_ns: int


def stretches(waves: Iterable[Waveform], *, memory_s: float, ahead_s: float) -> Iterator[Stretch]:
    """Join waveforms of one instrument that follow each other, and cut them at full hours.

    Every moment of every run is owned by one stretch. The waveforms of one instrument must come in order of time.

    >>> import numpy as np
    >>> wave = Waveform(np.zeros((1, 5400)), 1.0, 0, "XX.A.", components="Z")
    >>> cut = list(stretches([wave.cut(0, 50), wave.cut(50, 5400)], memory_s=60, ahead_s=30))
    >>> [(one.first_ns // NS_PER_S, one.last_ns // NS_PER_S, one.waveform.n_samples) for one in cut]
    [(0, 3600, 3630), (3600, 5400, 1860)]
    """
    memory_ns, ahead_ns = round(memory_s * NS_PER_S), round(ahead_s * NS_PER_S)
    held: dict[_Instrument, _Open] = {}
    for wave in waves:
        if not wave.n_samples:
            continue
        name = _instrument(wave)
        before = held.pop(name, None)
        if before is not None and not _follows(before.waveform, wave):
            yield _rest(before)
            before = None
        left = _Open(wave, wave.start_ns, wave.start_ns) if before is None else _longer(before, wave)
        while left.waveform.end_ns >= _next_hour(left.first_ns) + ahead_ns:
            stretch, left = _hour(left, memory_ns, ahead_ns)
            yield stretch
        held[name] = left
    for left in held.values():
        yield _rest(left)


def whole_runs(waves: Iterable[Waveform]) -> Iterator[Stretch]:
    """Join waveforms of one instrument that follow each other, and cut nowhere.

    For pickers whose answers are counted from where a recording begins. The waveforms of one instrument must come in
    order of time.

    >>> import numpy as np
    >>> wave = Waveform(np.zeros((1, 5400)), 1.0, 0, "XX.A.", components="Z")
    >>> [one.waveform.n_samples for one in whole_runs([wave.cut(0, 50), wave.cut(50, 5400)])]
    [5400]
    """
    held: dict[_Instrument, list[Waveform]] = {}
    for wave in waves:
        if not wave.n_samples:
            continue
        name = _instrument(wave)
        if name in held and not _follows(held[name][-1], wave):
            yield _run(held.pop(name))
        held.setdefault(name, []).append(wave)
    for parts in held.values():
        yield _run(parts)


def _run(parts: list[Waveform]) -> Stretch:
    whole = parts[0] if len(parts) == 1 else concatenate(parts)
    return Stretch(whole, whole.start_ns, whole.end_ns, whole.start_ns)


def owned_within(cut: Iterable[Stretch], first_ns: int, last_ns: int) -> Iterator[Stretch]:
    """The stretches that own times from `first_ns` up to `last_ns`, both full hours, and those times only."""
    for stretch in cut:
        low_ns, high_ns = max(stretch.first_ns, first_ns), min(stretch.last_ns, last_ns)
        if low_ns < high_ns:
            yield replace(stretch, first_ns=low_ns, last_ns=high_ns)


def _instrument(wave: Waveform) -> _Instrument:
    return wave.station_id, wave.channels, wave.components, wave.rate_hz, wave.unit


def _follows(before: Waveform, wave: Waveform) -> bool:
    return abs(before.sample_at(wave.start_ns) - before.n_samples) <= 0.5


def _longer(before: _Open, wave: Waveform) -> _Open:
    return _Open(concatenate([before.waveform, wave]), before.first_ns, before.run_ns)


def _next_hour(time_ns: int) -> int:
    return (time_ns // HOUR_NS + 1) * HOUR_NS


def _hour(left: _Open, memory_ns: int, ahead_ns: int) -> tuple[Stretch, _Open]:
    """The stretch up to the next full hour, and what is left."""
    hour_ns = _next_hour(left.first_ns)
    seen = _between(left.waveform, left.waveform.start_ns, hour_ns + ahead_ns)
    rest = _between(left.waveform, hour_ns - memory_ns, left.waveform.end_ns)
    return Stretch(seen, left.first_ns, hour_ns, left.run_ns), _Open(rest, hour_ns, left.run_ns)


def _rest(left: _Open) -> Stretch:
    return Stretch(left.waveform, left.first_ns, left.waveform.end_ns, left.run_ns)


def _between(wave: Waveform, first_ns: int, last_ns: int) -> Waveform:
    return wave.cut(round(wave.sample_at(first_ns)), round(wave.sample_at(last_ns)))
