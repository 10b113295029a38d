"""Reading: one client's way through the ring: what is due, in the order in which it came. Knows no sockets.

A reader holds no records of its own, only where it stands at each station. So a slow one costs nothing but its place;
when the ring has run over that place, what was lost is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from operator import attrgetter

from foreshock.collect.seedlink.asked import Request, request_of
from foreshock.collect.seedlink.ring import Entry, Ring, StationRing

_IN_ORDER = attrgetter("order")


class Reading:
    """Where one client stands.

    Attributes:
        places: the next sequence by station. n_sent, n_missed: records. is_version4: which heads are put before them.
    """

    def __init__(self, ring: Ring, requests: list[Request], *, is_version4: bool) -> None:
        self.ring, self.requests, self.is_version4 = ring, requests, is_version4
        self.places: dict[str, int] = {}
        self.n_sent = self.n_missed = 0
        self._of: dict[str, Request] = {}
        self._chosen: dict[tuple[str, str, str], bool] = {}
        self._due: dict[str, StationRing] = {}
        for name, station in ring.stations.items():
            self.meet(name, station, is_new=False)

    def meet(self, name: str, station: StationRing, *, is_new: bool) -> bool:
        """Say whether a station is asked for; from now on it is known."""
        request = request_of(self.requests, name)
        if request is None:
            return False
        self._of[name] = request
        self.places[name] = request.begin(station, is_new=is_new)
        if self.places[name] < station.next:
            self._due[name] = station
        return True

    def notice(self, name: str, station: StationRing) -> None:
        """Hear that a station that is asked for has something new."""
        self._due[name] = station

    @property
    def is_behind(self) -> bool:
        """Whether something may be due."""
        return bool(self._due)

    def furthest_behind(self) -> int:
        """By how many records it is behind at the station where it is furthest."""
        return max((one.next - max(self.places[name], one.first) for name, one in self._due.items()), default=0)

    def is_past(self) -> bool:
        """Whether all that was asked for has an end, and the data of every station have come past it."""
        ends = [(self.ring.stations[name].newest_ns, one.end_ns) for name, one in self._of.items()]
        return bool(ends) and all(end_ns is not None and newest_ns >= end_ns for newest_ns, end_ns in ends)

    def take(self, most_bytes: int) -> list[bytes]:
        """What is due, heads and records, up to about so many bytes."""
        if len(self._due) == 1:
            ((name, station),) = self._due.items()
            if self.places[name] + 1 == station.next:
                return self._newest(name, station)
        taken: list[bytes] = []
        n_bytes = 0
        for entry in self._entries():
            self.places[entry.station] = entry.sequence + 1
            taken += (entry.before4 if self.is_version4 else entry.before3, entry.record)
            self.n_sent += 1
            n_bytes += len(entry.record) + 32
            if n_bytes >= most_bytes:
                break
        return taken

    def _newest(self, name: str, station: StationRing) -> list[bytes]:
        """The one record that is due: what a client that keeps up is given each time."""
        entry = station.get(station.next - 1)
        self.places[name] = station.next
        self._due.clear()
        if not self._wants(name, entry):
            return []
        self.n_sent += 1
        return [entry.before4 if self.is_version4 else entry.before3, entry.record]

    def _entries(self) -> Iterator[Entry]:
        if len(self._due) == 1:
            ((name, station),) = self._due.items()
            return self._of_station(name, station)
        return merge(*[self._of_station(*one) for one in list(self._due.items())], key=_IN_ORDER)

    def _of_station(self, name: str, station: StationRing) -> Iterator[Entry]:
        """The wanted records of a station from its place on; it is due no longer when they have been taken."""
        place = self.places[name]
        if place < station.first:
            self.n_missed += station.first - place
            place = station.first
        while place < station.next:
            entry = station.get(place)
            place += 1
            if self._wants(name, entry):
                yield entry
        self.places[name] = place
        self._due.pop(name, None)

    def _wants(self, name: str, entry: Entry) -> bool:
        key = (name, entry.stream, entry.kind)
        wanted = self._chosen.get(key)
        if wanted is None:
            wanted = self._chosen[key] = self._of[name].chooses(entry)
        if not wanted or not (self.is_version4 or entry.before3):
            return False
        request = self._of[name]
        return (request.start_ns is None and request.end_ns is None) or request.overlaps(entry)
