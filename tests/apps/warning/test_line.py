"""Line: late, doubled, swapped and overlapping packets make one row of samples; a hole is waited for, then closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warning_parts import RATE_HZ, T, cut, ns, packet, seconds_of

from foreshock.apps.warning.line import LONGEST_PIECE_S, MOST_WAITING, Line, Piece
from foreshock.apps.warning.settings import StreamSettings
from foreshock.types.packet import Packet

X = np.arange(1000, 2000)


def line(**told: float) -> Line:
    return Line(RATE_HZ, StreamSettings(**told))


def put(one: Line, packets: Iterable[Packet]) -> list[Piece]:
    return [piece for each in packets for piece in one.put(each)]


def whole(pieces: Sequence[Piece]) -> list[float]:
    return [value for piece in pieces for value in piece.samples.tolist()]


def is_unbroken(pieces: Sequence[Piece]) -> bool:
    ends = [piece.first + len(piece.samples) for piece in pieces]
    return all(piece.first == end for piece, end in zip(pieces[1:], ends[:-1], strict=True))


def test_packets_in_order_are_handed_on_at_once() -> None:
    one = line()
    for k, each in enumerate(seconds_of(X)):
        (piece,) = one.put(each)
        assert (piece.first, piece.begins, piece.measured) == (100 * k, k == 0, True)
        assert np.array_equal(piece.samples, X[100 * k : 100 * k + 100])
        assert one.data_ns == each.end_ns


def test_a_line_without_packets_knows_nothing() -> None:
    assert line().data_ns == -1


def test_samples_have_the_times_of_their_packets() -> None:
    one = line()
    put(one, seconds_of(X, start_s=0.123))
    assert one.time_ns(0) == T + ns(0.123)
    assert one.time_ns(250) == T + ns(2.623)
    assert one.number_at(T + ns(2.623)) == 250
    assert one.number_at(T + ns(2.626)) == 250


@pytest.mark.parametrize("rate_hz", [31.25, 40.0, 100.0, 500.0])
def test_number_and_time_are_each_others_inverse(rate_hz: float) -> None:
    one = Line(rate_hz, StreamSettings())
    put(one, [packet(np.arange(100), 0.0, rate_hz=rate_hz)])
    numbers = [0, 1, 99, 12_345, 40_000_000]
    assert [one.number_at(one.time_ns(number)) for number in numbers] == numbers


def test_a_packet_that_was_overtaken_is_waited_for() -> None:
    a, b, c, d = seconds_of(X[:400])
    one = line(wait_s=3.0)
    put(one, [a])
    assert put(one, [c, d]) == []
    assert one.is_waiting
    assert one.data_ns == a.end_ns
    late = packet(b.samples, 1.0, arrived_ns=c.arrived_ns + ns(2.9))
    assert whole(put(one, [late])) == X[100:400].tolist()
    assert (one.holes, one.late, one.doubled, one.is_waiting) == (0, 0, 0, False)


def test_waiting_ends_after_its_time_and_not_before() -> None:
    a, _, c = seconds_of(X[:300])
    one = line(wait_s=3.0, bridge_s=2.0)
    put(one, [a, c])
    assert list(one.release(c.arrived_ns + ns(3.0) - 1)) == []
    bridge, rest = one.release(c.arrived_ns + ns(3.0))
    assert not bridge.measured
    assert bridge.samples.tolist() == [float(X[99])] * 100
    assert rest.measured
    assert rest.samples.tolist() == X[200:300].tolist()
    assert (rest.first, one.holes) == (200, 1)


def test_behind_a_long_hole_the_line_begins_anew() -> None:
    a, _, c = seconds_of(X[:300])
    one = line(wait_s=1.0, bridge_s=0.99)
    put(one, [a, c])
    (piece,) = one.release(c.arrived_ns + ns(1.0))
    assert (piece.begins, piece.measured, piece.first, one.begun) == (True, True, 200, 200)
    assert one.time_ns(piece.first) == c.start_ns


def test_what_comes_after_its_hole_was_closed_is_counted_and_dropped() -> None:
    a, b, c = seconds_of(X[:300])
    one = line(wait_s=1.0)
    put(one, [a, c])
    list(one.release(c.arrived_ns + ns(2)))
    assert put(one, [packet(b.samples, 1.0, arrived_ns=c.arrived_ns + ns(3))]) == []
    assert one.late == 1


def test_what_comes_twice_is_used_once() -> None:
    a, b = seconds_of(X[:200])
    one = line()
    assert whole(put(one, [a, a, b, b, a])) == X[:200].tolist()
    assert one.doubled == 300


def test_of_an_overlap_only_what_is_new_is_used() -> None:
    one = line()
    pieces = put(one, [packet(X[:100], 0.0), packet(X[50:150], 0.5), packet(X[20:130], 0.2)])
    assert whole(pieces) == X[:150].tolist()
    assert is_unbroken(pieces)


def test_a_packet_dated_a_little_off_follows_all_the_same() -> None:
    one = line()
    pieces = put(one, [packet(X[:100], 0.0), packet(X[100:200], 1.0 + 0.004), packet(X[200:300], 2.0 - 0.004)])
    assert whole(pieces) == X[:300].tolist()
    assert one.holes == 0


@pytest.mark.parametrize("rate_hz", [31.25, 100.0, 200.0])
def test_a_clock_that_runs_slow_makes_nobody_wait(rate_hz: float) -> None:
    one = Line(rate_hz, StreamSettings())
    n, real_hz = round(rate_hz), rate_hz / 1.005
    packets = [packet(np.arange(k * n, k * n + n), k * n / real_hz, rate_hz=rate_hz) for k in range(60)]
    pieces = [one.put(each) for each in packets]
    found = [piece for given in pieces for piece in given]
    assert not one.is_waiting
    assert (one.holes, one.late) == (0, 0)
    assert one.slips > 0
    assert is_unbroken(found)
    assert all(piece.measured for piece in found)
    assert abs(one.data_ns - packets[-1].end_ns) / 1e9 < 1.0 / rate_hz
    assert np.abs(np.diff(whole(found))).max() <= 1.0


def test_a_clock_that_runs_fast_loses_samples_and_no_time() -> None:
    one = line()
    packets = [packet(np.arange(100), k * 0.995) for k in range(60)]
    found = put(one, packets)
    assert is_unbroken(found)
    assert (one.holes, one.is_waiting) == (0, False)
    assert abs(one.data_ns - packets[-1].end_ns) / 1e9 < 0.01


def test_no_piece_is_longer_than_the_rings_can_bear() -> None:
    one = line()
    pieces = put(one, [packet(np.arange(30_000), 0.0)])
    assert max(len(piece.samples) for piece in pieces) == LONGEST_PIECE_S * RATE_HZ
    assert whole(pieces) == list(range(30_000))
    assert [piece.begins for piece in pieces] == [True] + [False] * (len(pieces) - 1)


def test_a_flood_behind_a_hole_is_not_held_for_ever() -> None:
    one = line(wait_s=60.0)
    put(one, [packet(X[:10], 0.0)])
    flood = [packet(X[:1], 1.0 + 0.01 * k, arrived_ns=T + ns(20)) for k in range(MOST_WAITING + 1)]
    assert put(one, flood[:-1]) == []
    assert len(whole(put(one, flood[-1:]))) >= MOST_WAITING + 1


cuts = st.lists(st.integers(1, 99).map(lambda k: 10 * k), min_size=1, max_size=12, unique=True)


@given(edges=cuts, order=st.randoms(use_true_random=False), twice=st.booleans())
def test_any_order_of_arrival_within_the_wait_gives_the_same_samples(edges: list[int], order, twice: bool) -> None:  # type: ignore[no-untyped-def]
    first, *others = cut(X, edges)
    again = others * 2 if twice else others
    order.shuffle(again)
    came = [
        packet(one.samples, (one.start_ns - T) / 1e9, arrived_ns=first.arrived_ns + k) for k, one in enumerate(again)
    ]
    one = line(wait_s=3.0)
    pieces = put(one, [first, *came])
    assert whole(pieces) == X.tolist()
    assert is_unbroken(pieces)
    assert one.holes == 0


@given(edges=cuts, lost=st.sets(st.integers(0, 11)), bridge_s=st.sampled_from([0.0, 0.5, 10.0]))
def test_with_packets_lost_every_sample_that_came_has_its_own_number(
    edges: list[int], lost: set[int], bridge_s: float
) -> None:
    first, *others = cut(X, edges)
    kept = [one for k, one in enumerate(others) if k not in lost]
    one = line(wait_s=0.5, bridge_s=bridge_s)
    pieces = put(one, [first, *kept])
    pieces += list(one.release(T + ns(60)))
    measured = [piece for piece in pieces if piece.measured]
    for piece in measured:
        assert piece.samples.tolist() == X[piece.first : piece.first + len(piece.samples)].tolist()
    assert sum(len(piece.samples) for piece in measured) == sum(one.n_samples for one in [first, *kept])
    held = sum(len(piece.samples) for piece in pieces if not piece.measured)
    if bridge_s == 10.0 and kept and kept[-1] is others[-1]:
        assert is_unbroken(pieces)
        assert held == 1000 - sum(len(piece.samples) for piece in measured)
    if bridge_s == 0.0:
        assert held == 0
