"""As packets: recordings in files cut into packets as a network would have sent them. Knows no clock and no wire.

When each packet arrives is said by a telemetry model; packets come in the order of their arrival.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import merge
from itertools import pairwise
from operator import attrgetter
from pathlib import Path

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.assemble import Piece, complaint
from foreshock.collect.formats import read_traces
from foreshock.collect.obspy_door import piece_of, true_spans
from foreshock.collect.telemetry import Telemetry, arrival_ns, constant
from foreshock.errors import ForeshockError, InputError, NotFoundError, NothingMatchedError
from foreshock.types.arrays import AnyArray
from foreshock.types.packet import Packet


class FilePackets:
    """Packets of waveform files: a file, a folder of any depth, or an SDS archive.

    Channels keep their names and directions. All that is read is held in memory.

    Args:
        path: what to read. packet_s: length of packets, seconds. telemetry: when they arrive; at their end if not told.
        start_ns, end_ns: only data of this time.

    Attributes:
        skipped: (file or trace, reason) of what the last pass left out.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        packet_s: float = 1.0,
        telemetry: Telemetry | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> None:
        if not 0 < packet_s <= 3600:
            raise InputError(f"packets of {packet_s} s", "they are up to an hour long", "give seconds, such as 1")
        self.path, self.packet_s = Path(path), packet_s
        self.telemetry = telemetry or constant(0.0)
        self.start_ns, self.end_ns = start_ns, end_ns
        self.skipped: list[tuple[str, str]] = []

    def packets(self) -> Iterator[Packet]:
        """Give packets in order of arrival, a channel each.

        Raises:
            NotFoundError: the path is not there.
            NothingMatchedError: it holds no packet.
        """
        self.skipped = []
        given = False
        streams = [cut_up(piece, packet_s=self.packet_s, telemetry=self.telemetry) for piece in self._pieces()]
        for packet in merge(*streams, key=attrgetter("arrived_ns")):
            given = True
            yield packet
        if not given:
            why = f" ({self.skipped[0][0]}: {self.skipped[0][1]})" if self.skipped else ""
            raise NothingMatchedError(f"recordings {self.path}", f"no packet can be made of them{why}", "give others")

    def _pieces(self) -> Iterator[Piece]:
        if not self.path.exists():
            raise NotFoundError(f"recordings {self.path}", "they do not exist", "give a file or a folder")
        files = [self.path] if self.path.is_file() else sorted(one for one in self.path.rglob("*") if one.is_file())
        for file in files:
            try:
                pieces = [piece_of(trace) for trace in read_traces(file)]
            except ForeshockError as error:
                self.skipped.append((str(file), error.rule))
                continue
            yield from self._usable(file, pieces)

    def _usable(self, file: Path, pieces: Sequence[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            low = piece.start_ns if self.start_ns is None else self.start_ns
            high = piece.end_ns if self.end_ns is None else self.end_ns
            reason = complaint(piece) or ("" if piece.station and piece.channel else "it names no station or channel")
            if reason:
                self.skipped.append((f"{file}: {piece.seed_id}", reason))
            else:
                yield from (part for part in unbroken(piece.within(low, high)) if part.n_samples)


def unbroken(piece: Piece) -> Iterator[Piece]:
    """The runs of a piece between its masked samples."""
    if piece.samples is None or not np.ma.is_masked(piece.samples):
        yield piece
        return
    for first, last in true_spans(~np.ma.getmaskarray(piece.samples)):
        samples = np.ma.getdata(piece.samples)[first:last]
        yield replace(piece, start_ns=_time_ns(piece, first), n_samples=last - first, samples=samples)


def cut_up(piece: Piece, *, packet_s: float, telemetry: Telemetry) -> Iterator[Packet]:
    """Packets of one unbroken piece in order of their arrival, cut where data time is a multiple of the length."""
    samples = whole_numbers(np.asarray(piece.samples))
    step = piece.rate_hz * packet_s
    phase = piece.start_ns % round(packet_s * NS_PER_S) * piece.rate_hz / NS_PER_S
    cuts = np.unique(np.ceil(np.arange(step - phase, piece.n_samples, max(step, 1.0)) - 1e-6).astype(np.int64))
    edges = [0, *cuts[(cuts > 0) & (cuts < piece.n_samples)].tolist(), piece.n_samples]
    name = piece.seed_id
    arrivals = []
    for first, last in pairwise(edges):
        arrived_ns = arrival_ns(telemetry, name, _time_ns(piece, last))
        if arrived_ns is not None:
            arrivals.append((arrived_ns, first, last))
    for arrived_ns, first, last in sorted(arrivals):
        yield Packet(
            f"{piece.network}.{piece.station}.{piece.location}",
            piece.channel,
            _time_ns(piece, first),
            piece.rate_hz,
            samples[first:last],
            arrived_ns,
            source="files",
            unit=piece.unit,
        )


def _time_ns(piece: Piece, sample: int) -> int:
    return piece.start_ns + round(sample * NS_PER_S / piece.rate_hz)


def whole_numbers(samples: AnyArray) -> AnyArray:
    """Samples as a packet holds them: whole ones that fit as int32, others as float32 or float64."""
    if samples.dtype.kind in "iu":
        fits = samples.size == 0 or (samples.min() >= -(1 << 31) and samples.max() < 1 << 31)
        return samples.astype(np.int32 if fits else np.float64)
    return samples.astype(np.float64 if samples.dtype.itemsize > 4 else np.float32, copy=False)
