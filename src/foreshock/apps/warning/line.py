"""Line: packets of one channel put into an unbroken row of samples, late ones waited for. Knows no filter.

A hole is left open for a while in arrival time; then it is bridged with the last value where it is short, and the line
begins anew behind it where it is long. A gap too short for any packet is none: there a clock runs slow, and the row is
stretched without waiting. Samples are numbered from the line's first.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from foreshock.apps.warning.settings import StreamSettings
from foreshock.clock import NS_PER_S
from foreshock.types.arrays import AnyArray, Float64
from foreshock.types.packet import Packet

LONGEST_PIECE_S = 2.0
"""Longer runs of samples are handed on in pieces, so that the rings never overrun."""
MOST_WAITING = 600
"""Packets that wait behind a hole; more of them end the waiting."""
NEAR_SAMPLES = 0.75
"""A packet that begins within this many samples of where it should is taken to follow."""
SLIP_S = 0.05
"""No packet is as short as this, or as one sample: a gap so long is a slip of the clock."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Samples in a row: the number of the first, whether the line begins anew there, and whether they were measured."""

    first: int
    samples: Float64
    begins: bool = False
    measured: bool = True


@dataclass(slots=True)
class Line:
    """The state of one channel.

    Attributes:
        start_ns: UTC nanoseconds of sample 0. next: number of the sample that is awaited.
        begun: number of the sample at which the line began, or began anew.
        doubled, late, holes: samples that came twice, packets that came when their hole was closed, holes closed.
        slips: gaps of a clock that were stretched over.
    """

    rate_hz: float
    settings: StreamSettings
    start_ns: int | None = None
    next: int = 0
    begun: int = 0
    last: float = 0.0
    heard_ns: int = 0
    doubled: int = 0
    late: int = 0
    holes: int = 0
    slips: int = 0
    _waiting: list[tuple[float, int, AnyArray]] = field(default_factory=list)

    def time_ns(self, number: int) -> int:
        """UTC nanoseconds of a sample."""
        assert self.start_ns is not None
        return self.start_ns + round(number * NS_PER_S / self.rate_hz)

    @property
    def data_ns(self) -> int:
        """The watermark: UTC nanoseconds up to which all is known."""
        return -1 if self.start_ns is None else self.time_ns(self.next)

    def number_at(self, time_ns: int) -> int:
        """The number of the sample nearest to a time."""
        assert self.start_ns is not None
        return round((time_ns - self.start_ns) * self.rate_hz / NS_PER_S)

    def put(self, packet: Packet) -> Iterator[Piece]:
        """Take a packet, give what follows from it."""
        self.heard_ns = max(self.heard_ns, packet.arrived_ns)
        if self.start_ns is None:
            self.start_ns = packet.start_ns
            yield from self._begin(0, packet.samples)
        else:
            exact = (packet.start_ns - self.start_ns) * self.rate_hz / NS_PER_S
            number = self._number(exact)
            if number > self.next:
                insort(self._waiting, (exact, packet.arrived_ns, packet.samples), key=_exact)
            else:
                yield from self._follow(number, packet.samples)
        yield from self.release(packet.arrived_ns)

    def release(self, now_ns: int) -> Iterator[Piece]:
        """Give what waited and need not wait longer at a moment of arrival time."""
        wait_ns = round(self.settings.wait_s * NS_PER_S)
        while self._waiting:
            exact, arrived_ns, samples = self._waiting[0]
            number = self._number(exact)
            is_full = len(self._waiting) > MOST_WAITING
            is_slip = number - self.next <= max(1, int(SLIP_S * self.rate_hz))
            if not is_slip and arrived_ns + wait_ns > now_ns and not is_full:
                return
            self._waiting.pop(0)
            if number > self.next:
                yield from self._over_a_slip(number, samples) if is_slip else self._over_a_hole(number, samples)
            else:
                yield from self._follow(number, samples)

    @property
    def is_waiting(self) -> bool:
        """Whether packets wait behind a hole."""
        return bool(self._waiting)

    def _number(self, exact: float) -> int:
        return self.next if abs(exact - self.next) < NEAR_SAMPLES else round(exact)

    def _follow(self, number: int, samples: AnyArray) -> Iterator[Piece]:
        known = self.next - number
        if known >= len(samples):
            self.doubled += len(samples)
            self.late += 1
            return
        if known > 0:
            self.doubled += known
        yield from self._pieces(samples[known:])

    def _over_a_slip(self, number: int, samples: AnyArray) -> Iterator[Piece]:
        self.slips += 1
        between = np.linspace(self.last, float(samples[0]), number - self.next + 2)[1:-1]
        yield from self._pieces(np.concatenate([between, samples]))

    def _over_a_hole(self, number: int, samples: AnyArray) -> Iterator[Piece]:
        self.holes += 1
        missing = number - self.next
        if missing > self.settings.bridge_s * self.rate_hz:
            yield from self._begin(number, samples)
            return
        held = np.full(missing, self.last)
        yield Piece(self.next, held, measured=False)
        self.next = number
        yield from self._pieces(samples)

    def _begin(self, number: int, samples: AnyArray) -> Iterator[Piece]:
        self.next = self.begun = number
        for k, piece in enumerate(self._pieces(samples)):
            yield piece if k else Piece(piece.first, piece.samples, begins=True)

    def _pieces(self, samples: AnyArray) -> Iterator[Piece]:
        size = max(1, int(LONGEST_PIECE_S * self.rate_hz))
        for at in range(0, len(samples), size):
            part = np.asarray(samples[at : at + size], np.float64)
            yield Piece(self.next, part)
            self.next += len(part)
            self.last = float(part[-1])


def _exact(waiting: tuple[float, int, AnyArray]) -> float:
    return waiting[0]
