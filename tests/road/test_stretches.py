"""Stretches own every moment once, wherever the recordings were cut before."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S
from foreshock.road.stretches import HOUR_NS, stretches, whole_runs
from foreshock.types.waveform import Waveform

START_NS = 1_585_400_000 * NS_PER_S


def wave(n: int, *, start_ns: int = START_NS, station: str = "XX.A.") -> Waveform:
    return Waveform(np.arange(n, dtype=np.float32)[None], 1.0, start_ns, station, components="Z")


def cut(*waves: Waveform, memory_s: float = 100, ahead_s: float = 50) -> list[tuple[int, int, int, bytes]]:
    found = stretches(waves, memory_s=memory_s, ahead_s=ahead_s)
    return [(one.first_ns, one.last_ns, one.waveform.start_ns, one.waveform.data.tobytes()) for one in found]


@settings(deadline=None, max_examples=50)
@given(edges=st.lists(st.integers(0, 20_000), max_size=6))
def test_cuts_of_the_input_change_nothing(edges: list[int]) -> None:
    whole = wave(20_000)
    bounds = [0, *sorted(edges), 20_000]
    assert cut(*(whole.cut(a, b) for a, b in pairwise(bounds))) == cut(whole)


def test_stretches_follow_each_other_at_full_hours_and_see_beyond() -> None:
    found = list(stretches([wave(20_000)], memory_s=100, ahead_s=50))
    assert found[0].first_ns == START_NS
    assert found[-1].last_ns == wave(20_000).end_ns
    for one, other in pairwise(found):
        assert one.last_ns == other.first_ns
        assert one.last_ns % HOUR_NS == 0
        assert one.waveform.end_ns == one.last_ns + 50 * NS_PER_S
        assert other.waveform.start_ns == other.first_ns - 100 * NS_PER_S
    assert {one.run_ns for one in found} == {START_NS}


def test_a_gap_begins_a_new_run() -> None:
    found = cut(wave(100), wave(100, start_ns=START_NS + 200 * NS_PER_S))
    assert [one[0] for one in found] == [START_NS, START_NS + 200 * NS_PER_S]


def test_instruments_are_kept_apart_though_their_pieces_come_in_turn() -> None:
    later = START_NS + 100 * NS_PER_S
    turns = [wave(100, station=s, start_ns=t) for t in (START_NS, later) for s in ("XX.A.", "XX.B.")]
    found = list(stretches(turns, memory_s=10, ahead_s=5))
    assert [(one.waveform.station_id, one.waveform.n_samples) for one in found] == [("XX.A.", 200), ("XX.B.", 200)]


def test_a_waveform_without_samples_is_passed_over() -> None:
    assert cut(wave(0)) == []


@settings(deadline=None, max_examples=50)
@given(edges=st.lists(st.integers(0, 20_000), max_size=6))
def test_whole_runs_are_cut_nowhere_wherever_the_input_was_cut(edges: list[int]) -> None:
    whole, bounds = wave(20_000), [0, *sorted(edges), 20_000]
    (found,) = whole_runs(whole.cut(a, b) for a, b in pairwise(bounds))
    assert np.array_equal(found.waveform.data, whole.data)
    assert (found.first_ns, found.last_ns, found.run_ns) == (START_NS, whole.end_ns, START_NS)


def test_whole_runs_end_at_gaps_and_are_kept_apart_by_instrument() -> None:
    late = START_NS + 200 * NS_PER_S
    turns = [wave(100, station=s, start_ns=t) for t in (START_NS, late) for s in ("XX.A.", "XX.B.")]
    found = [(one.waveform.station_id, one.run_ns) for one in whole_runs([*turns, wave(0)])]
    assert sorted(found) == [(s, t) for s in ("XX.A.", "XX.B.") for t in (START_NS, late)]
