"""Live packets: pieces of recordings, as they come, are put on the grid and held until they can be used.

Packets may have any length, hold one component or three, overlap, leave gaps and come in any order between components
and stations. Within a component they come in order of time; what is older than what has come is dropped and counted.
Knows no network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.prepare.level import HOP
from foreshock.prepare.onto_grid import begin_on_grid, grid_number, to_grid_rate
from foreshock.prepare.resample import ratio
from foreshock.prepare.step import Chain
from foreshock.prepare.stuck import Stuck
from foreshock.types.arrays import AnyArray, Bools, Float32
from foreshock.types.waveform import Waveform

NEVER = np.iinfo(np.int64).min // 4

Written = tuple[int, Float32]
"""Number of the first sample on the grid, and samples."""


@dataclass(slots=True)
class Component:
    """One component of a station on its way to the grid: marks stuck values and, at another rate, resamples."""

    stuck: Stuck
    chain: Chain | None
    next_ns: int = NEVER
    has_begun: bool = False


@dataclass(slots=True)
class Stream:
    """One station: its rate, where its grid stands in time, and its components.

    Attributes:
        row: its number in the arrays. name: that its picks bear. first_number, first_ns: a sample of the grid and when
            it was taken. components: by their row, Z 0, N 1, E 2. dropped: samples that came twice or too late.
        newest_ns: the end of what has come. behind_ns: span of packets in a row that were long past.
    """

    row: int
    name: str
    rate_hz: float
    grid_hz: float
    first_number: int = 0
    first_ns: int = 0
    has_begun: bool = False
    dropped: int = 0
    newest_ns: int = NEVER
    behind_ns: int = 0
    components: dict[int, Component] = field(default_factory=dict)

    @property
    def is_resampled(self) -> bool:
        """Whether its samples come onto the grid by a filter, high-passed."""
        return self.rate_hz != self.grid_hz and ratio(self.rate_hz, self.grid_hz) != (1, 1)

    def begin(self, wave: Waveform) -> None:
        """Let the grid stand where the first packet says."""
        if self.is_resampled:
            wave = begin_on_grid(wave, rate_hz=self.grid_hz)
        self.first_number, self.first_ns = grid_number(wave.start_ns, self.grid_hz), wave.start_ns
        self.components, self.has_begun, self.newest_ns, self.behind_ns = {}, True, NEVER, 0

    def must_begin_anew(self, first_ns: int, last_ns: int, *, rate_hz: float, restart_ns: int) -> bool:
        """Whether a packet cannot go on what has been: of another rate, after a long silence, or because the clock of
        what came before was wrong, as packets that are long past say when there are enough of them in a row.
        """
        self.behind_ns = self.behind_ns + last_ns - first_ns if first_ns < self.newest_ns - restart_ns else 0
        return rate_hz != self.rate_hz or first_ns > self.newest_ns + restart_ns or self.behind_ns > restart_ns

    def number(self, time_ns: int) -> int:
        """The sample of the grid nearest to a time."""
        return self.first_number + round((time_ns - self.first_ns) * self.grid_hz / NS_PER_S)

    def time_ns(self, number: float) -> int:
        """UTC nanoseconds of a sample of the grid, which may be fractional."""
        return self.first_ns + round((number - self.first_number) * NS_PER_S / self.grid_hz)

    def put(self, place: int, wave: Waveform, row: int, *, is_whole: bool) -> list[Written]:
        """Bring one component of a packet onto the grid, run by run of valid samples."""
        part = self.components.get(place) or self._made(place)
        data = wave.data[row]
        if is_whole:
            return self._run(part, data, wave.start_ns)
        runs = _runs(wave.valid[row])
        written: list[Written] = []
        for first, last in runs:
            start_ns = wave.time_ns(first) if first else wave.start_ns
            written += self._run(part, data[first:last], start_ns)
        return written

    def finish(self) -> list[tuple[int, list[Written]]]:
        """What the filters still hold, by component."""
        held = [(place, part) for place, part in self.components.items() if part.chain and part.has_begun]
        return [(place, self._placed(part.chain.flush())) for place, part in held if part.chain]

    def _made(self, place: int) -> Component:
        chain = to_grid_rate(self.grid_hz) if self.is_resampled else None
        made = self.components[place] = Component(Stuck(rate_hz=self.rate_hz), chain)
        return made

    def _run(self, part: Component, x: Float32, start_ns: int) -> list[Written]:
        """Samples without a hole: mark what is stuck, and go on."""
        step_ns = NS_PER_S / self.rate_hz
        late = round((part.next_ns - start_ns) / step_ns) if part.next_ns != NEVER else 0
        if late > 0:
            self.dropped += min(late, len(x))
            x, start_ns = x[late:], start_ns + round(late * step_ns)
        if not len(x):
            return []
        if late < 0:
            part.stuck.forget()
        part.next_ns = start_ns + round(len(x) * step_ns)
        self.newest_ns = max(self.newest_ns, part.next_ns)
        spans = part.stuck.update(x)
        if part.chain is None and not spans:
            return [(self.number(start_ns), x)]
        valid = np.ones((1, len(x)), bool)
        for first, last in spans:
            valid[0, first:last] = False
        return self._written(part, Waveform(x[None], self.rate_hz, start_ns, self.name, components="Z", valid=valid))

    def _written(self, part: Component, wave: Waveform) -> list[Written]:
        if part.chain is None:
            return self._placed(wave)
        if not part.has_begun:
            wave = begin_on_grid(wave, rate_hz=self.grid_hz)
            part.has_begun = wave.n_samples > 0
        return self._placed(part.chain.update(wave)) if part.has_begun else []

    def _placed(self, wave: Waveform) -> list[Written]:
        first = self.number(wave.start_ns)
        return [(first + a, wave.data[0, a:b]) for a, b in _runs(wave.valid[0])]

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later."""
        told = {
            "row": self.row,
            "name": self.name,
            "rate_hz": self.rate_hz,
            "first_number": self.first_number,
            "first_ns": self.first_ns,
            "has_begun": self.has_begun,
            "dropped": self.dropped,
            "newest_ns": self.newest_ns,
            "behind_ns": self.behind_ns,
        }
        saved = {"told": np.array(json.dumps(told))}
        for place, part in self.components.items():
            saved[f"{place}.told"] = np.array([part.next_ns, part.has_begun])
            saved |= {f"{place}.stuck.{name}": value for name, value in part.stuck.state().items()}
            if part.chain is not None:
                saved |= _flat(f"{place}.chain", part.chain.state())
        return saved

    @classmethod
    def restored(cls, state: Mapping[str, AnyArray], *, grid_hz: float) -> Stream:
        """A stream that goes on from a saved state."""
        made = cls(grid_hz=grid_hz, **json.loads(str(state["told"])))
        for place in (0, 1, 2):
            if f"{place}.told" in state:
                part = made._made(place)
                part.next_ns, part.has_begun = int(state[f"{place}.told"][0]), bool(state[f"{place}.told"][1])
                part.stuck.restore({name: state[f"{place}.stuck.{name}"] for name in ("last", "count")})
                if part.chain is not None:
                    part.chain.restore(_deep(state, f"{place}.chain"))
        return made


def _runs(valid: Bools) -> list[tuple[int, int]]:
    """Where a mask is True, from … up to but not including."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], valid, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _flat(name: str, value: Any) -> dict[str, AnyArray]:
    """A step's state as arrays only; an empty waveform that tells what came becomes text."""
    if isinstance(value, Mapping):
        held = {f"{name}.": np.zeros(0)} if not value else {}
        return held | {key: one for part, inner in value.items() for key, one in _flat(f"{name}.{part}", inner).items()}
    if isinstance(value, Waveform):
        return {f"{name}@like": np.array(json.dumps([value.rate_hz, value.start_ns, value.station_id, value.unit]))}
    return {name: np.array(value)}


def _deep(state: Mapping[str, AnyArray], name: str) -> dict[str, Any]:
    """A step's state from its arrays."""
    found: dict[str, Any] = {}
    for key, value in state.items():
        if not key.startswith(f"{name}."):
            continue
        *path, last = key.removeprefix(f"{name}.").split(".")
        place = found
        for part in path:
            place = place.setdefault(part, {})
        if last.endswith("@like"):
            rate_hz, start_ns, station_id, unit = json.loads(str(value))
            place[last.removesuffix("@like")] = Waveform(
                np.zeros((1, 0), np.float32), rate_hz, start_ns, station_id, components="Z", unit=unit
            )
        elif last:
            place[last] = value.item() if value.ndim == 0 else value
    return found


class Held:
    """Samples on the grid that wait for their turn: (station, 3, time), each station from a hop of its own on.

    Attributes:
        first: number of the first sample held, (station,). ends: the number after the last one, (station, 3).
        awaited: which components are waited for, (station, 3). is_live: whether a station has begun.
    """

    def __init__(self, *, wait_samples: int, room: int) -> None:
        self.wait, self.room = wait_samples, room
        self._make(0)

    def _make(self, n: int) -> None:
        self.x, self.valid = np.zeros((n, 3, self.room), np.float32), np.zeros((n, 3, self.room), bool)
        self.first, self.ends = np.zeros(n, np.int64), np.zeros((n, 3), np.int64)
        self.awaited, self.is_live = np.zeros((n, 3), bool), np.zeros(n, bool)

    def grow(self, n: int) -> None:
        """Make room for so many stations."""
        self.restore({name: np.concatenate([value, _more(value, n)]) for name, value in self.state().items()})

    def begin(self, row: int, number: int, awaited: Bools) -> None:
        """Let a station begin at a sample."""
        first = number // HOP * HOP
        self.valid[row] = False
        self.x[row] = 0.0
        self.first[row], self.ends[row], self.awaited[row], self.is_live[row] = first, number, awaited, True

    def write(self, row: int, place: int, number: int, x: Float32) -> int:
        """Hold samples for which there is room; give how many came too late."""
        late = max(0, int(self.ends[row, place]) - number)
        if late >= len(x):
            return len(x)
        at = number + late - int(self.first[row])
        last = at + len(x) - late
        self.x[row, place, at:last] = x[late:]
        self.valid[row, place, at:last] = True
        self.ends[row, place] = number + len(x)
        self.awaited[row, place] = True
        return late

    def ready(self) -> AnyArray:
        """Hops of each station that can be used now; a component too far behind is waited for no longer."""
        newest = self.ends.max(1)
        awaited = np.where(self.awaited, self.ends, newest[:, None]).min(1)
        front = np.maximum(awaited, newest - self.wait)
        self.awaited &= self.ends >= front[:, None]
        hops = np.where(self.is_live, np.minimum((front - self.first) // HOP, self.room // HOP), 0)
        self.ends = np.maximum(self.ends, np.where(self.is_live, self.first + hops * HOP, 0)[:, None])
        return hops

    def take(self, rows: AnyArray, hops: int) -> tuple[Float32, Bools]:
        """Give the next hops of some stations and hold them no longer."""
        n = hops * HOP
        used = max(n, min(self.room, int((self.ends[rows].max(1) - self.first[rows]).max())))
        if len(rows) == len(self.x):
            return self._taken(slice(None), n, used)
        return self._taken(rows, n, used)

    def _taken(self, rows: Any, n: int, used: int) -> tuple[Float32, Bools]:
        x, valid = self.x[rows, :, :used].copy(), self.valid[rows, :, :used].copy()
        self.x[rows, :, : used - n], self.valid[rows, :, : used - n] = x[..., n:], valid[..., n:]
        self.x[rows, :, used - n : used], self.valid[rows, :, used - n : used] = 0.0, False
        self.first[rows] += n
        return x[..., :n], valid[..., :n]

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later."""
        return {name: getattr(self, name).copy() for name in _HELD}

    def restore(self, state: Mapping[str, AnyArray]) -> None:
        """Go on from a saved state."""
        for name in _HELD:
            setattr(self, name, np.array(state[name]))


_HELD = ("x", "valid", "first", "ends", "awaited", "is_live")


def _more(value: AnyArray, n: int) -> AnyArray:
    return np.zeros((n - len(value), *value.shape[1:]), value.dtype)
