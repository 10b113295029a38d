"""Network: which stations heard, which were silent, for one possible earthquake. Knows no beliefs.

What a station says counts by the data it has sent (its watermark), never by the clock on the wall.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from foreshock.apps.warning.bank import Bank, Heard
from foreshock.apps.warning.evidence import Evidence
from foreshock.apps.warning.settings import EventSettings
from foreshock.clock import NS_PER_S
from foreshock.geo.place import Places
from foreshock.types.arrays import Float64

REMEMBERED_S = 600.0
CODA_PER_S = 1 / 15.0
"""Onsets a second at a station that is shaking: they say little."""
CODA_S = 60.0
LASTING_PER_DAY, PASSING_PER_DAY = 3.0, 200.0
"""Disturbances of the whole network a day: of those that go on for a second, and of all."""
STRUCK = 4.0
"""Stations that one stroke of a storm is felt at, about."""
STORM_S, FEWEST_OF_A_STORM = 60.0, 3
SILENT_FACTOR = 1.5
"""Silent stations within so much of the farthest distance at which somebody heard, and 60 km more, are asked."""
MOST_SILENT = 60


class Network:
    """Stations as arrays, and how often each has lately triggered for nothing."""

    def __init__(self, bank: Bank, settings: EventSettings) -> None:
        self.bank, self.settings = bank, settings
        self.names = list(bank.ears)
        self.at = {name: k for k, name in enumerate(self.names)}
        places = [bank.ears[name].station for name in self.names]
        self.latitude = np.array([one.latitude for one in places])
        self.longitude = np.array([one.longitude for one in places])
        self._noise: dict[str, deque[int]] = {}
        self._shaking_from: dict[str, int] = {}

    def noted(self, heard: Heard) -> None:
        """Remember an onset that no earthquake explained when it came."""
        self._noise.setdefault(heard.station_id, deque(maxlen=200)).append(heard.pick.time_ns)

    def explained(self, heard: Heard) -> None:
        """Take that back: it belonged to an earthquake, and what follows at that station may be its coda."""
        times = self._noise.get(heard.station_id)
        if times and heard.pick.time_ns in times:
            times.remove(heard.pick.time_ns)
        since = self._shaking_from.get(heard.station_id)
        self._shaking_from[heard.station_id] = min(since, heard.pick.time_ns) if since else heard.pick.time_ns

    def calmed(self, stations: Collection[str]) -> None:
        """Forget that these stations shake."""
        for name in stations:
            self._shaking_from.pop(name, None)

    def noise_rate(self, heard: Heard) -> float:
        """Onsets of noise a second that its station had before it."""
        time_ns, name = heard.pick.time_ns, heard.station_id
        base = self.settings.noise_per_hour / 3600
        times = self._noise.get(name, ())
        recent = sum(0 < time_ns - one < REMEMBERED_S * NS_PER_S for one in times)
        since = self._shaking_from.get(name)
        shaking = since is not None and 0 < time_ns - since < CODA_S * NS_PER_S
        return max(base, recent / REMEMBERED_S, CODA_PER_S if shaking else 0.0, self._storm_rate(time_ns))

    def _storm_rate(self, time_ns: int) -> float:
        """Disturbances a second and station of the whole network in the last minute: one that passes may be next."""
        recent = sum(0 <= time_ns - one < STORM_S * NS_PER_S for one in self.bank.disturbed)
        return recent / STORM_S / max(1, len(self.names)) if recent >= FEWEST_OF_A_STORM else 0.0

    def evidence(self, onsets: Sequence[Heard], *, reference_ns: int, now_ns: int) -> Evidence:
        """What stations say of one earthquake that may have made these onsets."""
        at = np.array([self.at[one.station_id] for one in onsets])
        silent = self._silent(at, now_ns=now_ns)
        until = np.array([self._until_s(int(k), reference_ns) for k in silent])
        return Evidence(
            self.latitude[at],
            self.longitude[at],
            _seconds([one.pick.time_ns for one in onsets], reference_ns),
            np.array([one.pick.sigma_s for one in onsets]),
            np.array([self.bank.level(one) for one in onsets]),
            np.array([self.noise_rate(one) for one in onsets]),
            self._disturbances_per_s(onsets),
            self.latitude[silent],
            self.longitude[silent],
            until,
        )

    def _disturbances_per_s(self, onsets: Sequence[Heard]) -> float:
        """How often something is felt at once: seldom, oftener while it may still be over at once, often in a storm."""
        known = all(self.bank.is_known_to_live(one) for one in onsets)
        usual = (LASTING_PER_DAY if known else PASSING_PER_DAY) / 86_400
        return max(usual, self._storm_rate(onsets[0].pick.time_ns) * len(self.names) / STRUCK)

    def _silent(self, at: np.ndarray[tuple[int], np.dtype[np.intp]], *, now_ns: int) -> list[int]:
        """Stations near enough to have an opinion that have triggered for none of it, awake and listening."""
        first = int(at[0])
        far = self.distance_km(first)
        reach = SILENT_FACTOR * float(far[at].max()) + 60.0
        taken = set(at.tolist())
        near = [int(k) for k in np.argsort(far, kind="stable") if far[k] <= reach and int(k) not in taken]
        awake = [
            k
            for k in near
            if not self.bank.is_stale(self.names[k], now_ns=now_ns)
            and self.bank.is_warm(self.names[k])
            and not self._shakes(self.names[k], now_ns)
        ]
        return awake[:MOST_SILENT]

    def _shakes(self, name: str, now_ns: int) -> bool:
        since = self._shaking_from.get(name)
        return since is not None and now_ns - since < CODA_S * NS_PER_S

    def distance_km(self, station: int) -> Float64:
        """Distances of all stations from one, km."""
        return Places(self.latitude, self.longitude).distance_km(self.latitude[station], self.longitude[station])

    def _until_s(self, station: int, reference_ns: int) -> float:
        data_ns = self.bank.ears[self.names[station]].data_ns
        judge_ns = round(self.bank.trigger.judge_s * NS_PER_S)
        return (data_ns - judge_ns - reference_ns) / NS_PER_S

    def states(self, *, now_ns: int) -> Mapping[str, str]:
        """How each station stands."""
        return {name: self.bank.state(name, now_ns=now_ns) for name in self.names}


def _seconds(times_ns: Sequence[int], reference_ns: int) -> Float64:
    return np.array([(time_ns - reference_ns) / NS_PER_S for time_ns in times_ns])
