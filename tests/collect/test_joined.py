"""Joining pieces changes their number and nothing that is made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S
from foreshock.collect.assemble import Piece, assemble
from foreshock.collect.joined import MANY, joined

START_NS = 1_600_000_000 * NS_PER_S


def torn(seed: int, *, channel: str = "HHZ", n: int = 2 * MANY, longest_hole: int = 30) -> list[Piece]:
    """Pieces of one channel on one grid, with holes between them."""
    rng = np.random.default_rng(seed)
    at, pieces = 0, []
    for _ in range(n):
        at += int(rng.integers(0, longest_hole + 1))
        samples = rng.integers(-99, 99, int(rng.integers(1, 40)), dtype=np.int32)
        pieces.append(Piece("XX", "A", "", channel, START_NS + at * 10_000_000, 100.0, len(samples), samples))
        at += len(samples)
    return pieces


def told(pieces: list[Piece]) -> list[tuple[object, ...]]:
    """All that is made of pieces."""
    reading = assemble(pieces)
    waves = [(w.start_ns, w.channels, w.valid.tobytes(), w.data.tobytes()) for w in reading.waveforms]
    return [*waves, tuple(reading.notes), tuple(reading.skipped)]


@given(st.integers(0, 10_000), st.integers(1, 120_000))
def test_waveforms_are_the_same_to_the_last_bit(seed: int, longest_hole: int) -> None:
    pieces = [
        one for k, code in enumerate(("HHZ", "HHN")) for one in torn(seed + k, channel=code, longest_hole=longest_hole)
    ]
    assert told(joined(pieces)) == told(pieces)


@given(st.integers(0, 10_000), st.integers(0, 1500), st.integers(0, 1500))
def test_a_part_of_joined_pieces_is_that_part_of_each(seed: int, first: int, length: int) -> None:
    pieces = torn(seed)
    span = (START_NS + first * 10_000_000, START_NS + (first + length) * 10_000_000)
    apart = [part for one in pieces if (part := one.within(*span)).n_samples]
    together = [part for one in joined(pieces) if (part := one.within(*span)).n_samples]
    assert sum(one.n_samples for one in apart) == sum(np.ma.count(one.samples) for one in together)
    if sum(one.n_samples for one in apart) > 1:
        ours, theirs = assemble(together).waveforms[0], assemble(apart).waveforms[0]
        known = ours.valid[0].nonzero()[0]
        assert ours.time_ns(int(known[0])) == theirs.start_ns
        assert ours.data[0, known].tolist() == theirs.data[theirs.valid].tolist()


def test_many_pieces_become_one() -> None:
    (one,) = joined(torn(0))
    assert np.ma.count(one.samples) == sum(piece.n_samples for piece in torn(0))


@pytest.mark.parametrize("defect", ["late", "overlap", "float", "rate", "order"])
def test_pieces_that_do_not_fit_are_left_as_they_are(defect: str) -> None:
    pieces = torn(0)
    last = pieces[-1]
    assert last.samples is not None
    spoilt = {
        "late": [*pieces[:-1], replace(last, start_ns=last.start_ns + 5_000_000)],
        "overlap": [*pieces[:-1], replace(last, start_ns=pieces[-2].start_ns)],
        "float": [replace(one, samples=np.asarray(one.samples, np.float32)) for one in pieces],
        "rate": [*pieces[:-1], replace(last, rate_hz=50.0)],
        "order": pieces[::-1],
    }[defect]
    assert told(joined(spoilt)) == told(spoilt)
    assert spoilt[-1] in joined(spoilt)


def test_headers_without_samples_are_left_as_they_are() -> None:
    headers = [replace(one, samples=None) for one in torn(0)]
    assert joined(headers) == headers
