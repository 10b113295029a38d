"""Ring: the last records of every station, numbered, for readers that come and go. Knows no sockets and no clocks.

Each station counts its own records, one after another; what is older than the ring is long is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from foreshock.collect.miniseed import Header, read_header
from foreshock.collect.seedlink.names import seedlink_names
from foreshock.collect.seedlink.wire import RECORD3, WRAP3, head3, head4
from foreshock.errors import InputError

MOST_STREAMS = 100_000


@dataclass(slots=True)
class Entry:
    """One record in the ring.

    Attributes:
        sequence: at its station. order: among all of the ring. station, stream, kind: in version 4's words.
        start_ns, end_ns: of its data. record: as it came. before3, before4: what stands before it on the wire; nothing
            in version 3 where the record is no miniSEED 2 of 512 bytes.
    """

    sequence: int
    order: int
    station: str
    stream: str
    kind: str
    start_ns: int
    end_ns: int
    record: bytes
    before3: bytes
    before4: bytes


class StationRing:
    """The last records of one station.

    Attributes:
        first: the oldest sequence held. next: the one that the next record will have.
    """

    __slots__ = ("_begin", "_slots", "_turns", "first", "name", "newest_ns", "next", "streams")

    def __init__(self, name: str, *, begin: int, turns: int) -> None:
        self.name = name
        self.first = self.next = self._begin = begin
        self.newest_ns = 0
        self.streams: dict[tuple[str, str], tuple[int, int]] = {}
        self._turns = turns
        self._slots: list[Entry] = []

    def put(self, entry: Entry) -> None:
        """Hold a record that bears the next sequence."""
        place = (entry.sequence - self._begin) % self._turns
        if place == len(self._slots):
            self._slots.append(entry)
        else:
            self._slots[place] = entry
            self.first = entry.sequence + 1 - self._turns
        self.next = entry.sequence + 1
        self.newest_ns = max(self.newest_ns, entry.end_ns)

    def get(self, sequence: int) -> Entry:
        """The record of a sequence from `first` up to but not including `next`."""
        return self._slots[(sequence - self._begin) % self._turns]

    def held(self) -> Iterator[Entry]:
        """All records that are held, oldest first."""
        return (self.get(sequence) for sequence in range(self.first, self.next))

    def from_sequence(self, sequence: int) -> int:
        """Where a reader goes on that asks for a sequence: there, at the oldest, or, from the future, at the next."""
        return max(self.first, sequence) if sequence <= self.next else self.next

    def from_sequence3(self, sequence: int) -> int:
        """The same for a version 3 sequence, of which only the last 24 bits are known."""
        behind = (self.next - sequence) % WRAP3
        return max(self.first, self.next - behind)


class Ring:
    """The rings of all stations.

    Args:
        records: how many are held of each station.
        begin: the first sequence of each station. One that grows from run to run, such as milliseconds of time,
            keeps those who resume after a restart from being taken for readers of the future.
    """

    def __init__(self, *, records: int = 600, begin: int = 0) -> None:
        if records < 1 or begin < 0:
            raise InputError(f"a ring of {records} records from {begin}", "it holds one or more", "give more records")
        self.stations: dict[str, StationRing] = {}
        self.n_records = self.n_streams = 0
        self._turns, self._begin = records, begin

    def put(self, record: bytes, header: Header | None = None) -> Entry:
        """Number a whole miniSEED record and hold it.

        Raises:
            FormatError: it is none; nothing is held. InputError: there are too many streams.
        """
        header = header or read_header(record)
        name, stream = seedlink_names(header.station_id, header.channel)
        kind = "3D" if record[:3] == b"MS\3" else "2D"
        ring = self.stations.get(name)
        if ring is None or (stream, kind) not in ring.streams:
            ring = self._room_for(name, ring)
        sequence = ring.next
        end_ns = header.end_ns
        entry = Entry(
            sequence,
            self.n_records,
            name,
            stream,
            kind,
            header.start_ns,
            end_ns,
            record,
            head3(sequence) if kind == "2D" and len(record) == RECORD3 else b"",
            head4(kind, sequence, station=name, n_bytes=len(record)),
        )
        ring.put(entry)
        self.n_records += 1
        held = ring.streams.get((stream, kind))
        ring.streams[stream, kind] = (held[0], max(held[1], end_ns)) if held else (header.start_ns, end_ns)
        return entry

    def _room_for(self, name: str, ring: StationRing | None) -> StationRing:
        """Count one stream more; whoever invents names must not fill the memory."""
        if self.n_streams >= MOST_STREAMS:
            raise InputError(f"stream of {name}", f"the ring holds {MOST_STREAMS} streams already", "relay fewer")
        self.n_streams += 1
        if ring is None:
            ring = self.stations[name] = StationRing(name, begin=self._begin, turns=self._turns)
        return ring

    def streams_of(self, station: StationRing) -> Iterator[tuple[str, str, int, int]]:
        """A station's streams: name, format, begin (not before the oldest record of the station) and end."""
        oldest_ns = station.get(station.first).start_ns
        for (stream, kind), (begin_ns, end_ns) in sorted(station.streams.items()):
            yield stream, kind, max(begin_ns, oldest_ns), end_ns
