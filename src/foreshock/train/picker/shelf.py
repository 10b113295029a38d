"""Shelf: what the picker learns from, at 100 Hz in memory: events with their arrivals, and spans with none.

Knows no batches and no network. Test data are never read here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import numpy as np

from foreshock.clock import utc_ns
from foreshock.collect.datasets import Dataset
from foreshock.collect.files import read
from foreshock.collect.synthetic.generate import synthesise
from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.prepare.onto_grid import Gridded, onto_grid
from foreshock.types.arrays import Bools, Float32
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform

RATE_HZ = 100.0
CODA_FACTOR = 4.0
"""A span this many S − P times after P (and at least `CODA_S` after S) holds no new onset of that event."""
CODA_S = 8.0
BEFORE_P_S = 1.0
FOLDERS = ("ncedc", "picks_misc", "gujarat", "luhu_continuous", "esec")
"""Sets that are learnt from, by the names of their folders."""
SHORTEST_S = 4.0
CATALOGUE_EARLY_S = 5.0
"""Calculated P times may be late by up to this; what lies before is noise."""
LUHU_UNTIL = "2020-03-28T13:30:00Z"
SPLITS = ("train", "dev", "test")
LOWEST_HZ = 20.0
FAST_HZ = 400.0
"""Recordings at such rates show events of their own size: they are also learnt from in slow motion."""


@dataclass(frozen=True)
class Held:
    """What is kept from learning for trials: origins of ``picks_misc`` and events by their names."""

    origins: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()

    def keeps(self, truth: Truth, origin: str) -> bool:
        """Whether a record must not be learnt from."""
        return origin in self.origins or truth.event_id in self.events


@dataclass(frozen=True, eq=False)
class Item:
    """A record at 100 Hz, high-passed; p and s are samples of it (NaN: none).

    Attributes:
        s_known: whether an S that is not given is known not to be there.
        origin, event: where it comes from, and which earthquake it shows.
    """

    x: Float32
    valid: Bools
    p: float = np.nan
    s: float = np.nan
    s_known: bool = True
    origin: str = ""
    event: str = ""


@dataclass(eq=False)
class Shelf:
    """Events and empty spans, each by origin."""

    events: dict[str, list[Item]] = field(default_factory=dict)
    empty: dict[str, list[Item]] = field(default_factory=dict)

    def add_event(self, item: Item) -> None:
        """Keep an event, and as empty spans what lies before it and long after it."""
        self.events.setdefault(item.origin, []).append(item)
        for piece in _quiet_parts(item):
            self.empty.setdefault(f"around {item.origin}", []).append(piece)

    def add_empty(self, item: Item) -> None:
        """Keep a span without arrivals, if it is long enough to be worth it."""
        if item.x.shape[1] >= SHORTEST_S * RATE_HZ:
            self.empty.setdefault(item.origin, []).append(item)


def _quiet_parts(item: Item) -> Iterator[Item]:
    """Before P; after the coda has begun to die, when S is known."""
    n = item.x.shape[1]
    spans = [(0, int(item.p - BEFORE_P_S * RATE_HZ))] if np.isfinite(item.p) else []
    if np.isfinite(item.s) and np.isfinite(item.p):
        spans.append((int(max(item.p + CODA_FACTOR * (item.s - item.p), item.s + CODA_S * RATE_HZ)), n))
    for first, last in spans:
        if last - first >= SHORTEST_S * RATE_HZ:
            yield Item(item.x[:, first:last], item.valid[:, first:last], origin=item.origin, event=item.event)


def item_of(waveform: Waveform, truth: Truth, *, origin: str, rate_hz: float = RATE_HZ) -> Item:
    """A record on the grid, its arrivals as samples, its size about one."""
    grid = onto_grid(waveform, rate_hz=rate_hz)
    p, s = (_sample(grid, time_ns) for time_ns in (truth.p_ns, truth.s_ns))
    known = bool(np.isfinite(s) or np.isnan(p))
    return Item(_sized(grid.x), grid.valid, p, s, known, origin, truth.event_id)


def _sample(grid: Gridded, time_ns: int | None) -> float:
    return np.nan if time_ns is None else (time_ns - grid.start_ns) * grid.rate_hz / 1e9


def _sized(x: Float32) -> Float32:
    largest = float(np.abs(x).max(initial=0))
    return x if largest == 0 else (x / np.float32(largest)).astype(np.float32)


def ncedc(folder: Path, split: str) -> Iterator[Record]:
    """Exact analyst picks of northern California."""
    with Dataset.open(folder) as data:
        yield from data.records(data.rows(split))


def misc(folder: Path, split: str) -> Iterator[tuple[Record, str]]:
    """The good picks of a mix of origins, each record with its origin."""
    with Dataset.open(folder) as data:
        keep = data.rows(split, where={"trace_p_checked": "good"})
        origins = [str(data.metadata["trace_source"].iloc[row]) for row in keep]
        sound = data.metadata["trace_s_checked"].iloc[keep].eq("good").tolist()
        for record, origin, good in zip(data.records(keep), origins, sound, strict=True):
            yield (record if good else _without_s(record)), origin


def _without_s(record: Record) -> Record:
    return Record(record.waveform, replace(record.truth, s_ns=None))


def catalogued(folder: Path, split: str) -> Iterator[Record]:
    """Records whose P is calculated from a catalogue."""
    with Dataset.open(folder) as data:
        yield from data.records(data.rows(split))


def quiet_before_p(folder: Path, split: str) -> Iterator[Record]:
    """What lies before calculated P times, cut out: noise of other instruments, its truth without arrivals."""
    for record in catalogued(folder, split):
        wave, p_ns = record.waveform, record.truth.p_ns
        if p_ns is None:
            continue
        until = int(wave.sample_at(p_ns) - CATALOGUE_EARLY_S * wave.rate_hz)
        if until > SHORTEST_S * wave.rate_hz:
            yield Record(wave.cut(0, until), Truth(record.truth.trace_id, record.truth.event_id))


def continuous(folder: Path, *, until: str = LUHU_UNTIL, piece_s: float = 120.0) -> Iterator[Item]:
    """Continuous recordings up to a moment, in pieces."""
    for wave in read(folder):
        last = min(wave.n_samples, int(wave.sample_at(utc_ns(until))))
        if last <= 0:
            continue
        whole = item_of(wave.cut(0, last), Truth("", ""), origin="continuous")
        step = int(piece_s * RATE_HZ)
        for first in range(0, whole.x.shape[1] - step + 1, step):
            piece = slice(first, first + step)
            yield Item(_sized(whole.x[:, piece]), whole.valid[:, piece], origin="continuous")


def movements(folder: Path, split: str) -> Iterator[Waveform]:
    """Recordings of mass movements, a third of the events in each split, by the event's name."""
    for path in sorted((folder / "waveforms").glob("*.mseed")):
        if SPLITS[sha256(path.stem.encode()).digest()[0] % len(SPLITS)] == split:
            yield from (wave for wave in read(path) if wave.rate_hz >= LOWEST_HZ)


def synthetic(n_records: int, *, seed: int) -> Iterator[Item]:
    """Broad synthetic events and noise full of transients: near and far networks, each with stations of its own."""
    per_set = max(1, n_records // len(_BROAD))
    for k, told in enumerate(_BROAD):
        settings = SyntheticSettings.model_validate({**_COMMON, "records": per_set, **told})
        for record in synthesise(settings, seed=seed + k):
            origin = f"synthetic {record.truth.kind}"
            item = item_of(record.waveform, record.truth, origin=origin)
            if record.truth.kind == "earthquake":
                item = _as_seen(item)
                if np.isnan(item.p) and np.isnan(item.s):
                    continue
            yield replace(item, s_known=True)


def _as_seen(item: Item) -> Item:
    """Drop arrivals nobody could see: where no component grows by `SEEN` from 2 s before to 1 s after."""
    return replace(item, p=item.p if _grows(item, item.p) else np.nan, s=item.s if _grows(item, item.s) else np.nan)


def _grows(item: Item, at: float) -> bool:
    if not (np.isfinite(at) and 2 * RATE_HZ < at < item.x.shape[1] - RATE_HZ):
        return False
    k, rate = round(at), round(RATE_HZ)
    before, after = (np.sqrt((item.x[:, span] ** 2).mean(1)) for span in (slice(k - 2 * rate, k), slice(k, k + rate)))
    return bool((after > SEEN * before).any())


SEEN = 1.4
"""Least growth of a synthetic arrival that is taught."""

_COMMON = {
    "span_s": 90.0,
    "stations": 16,
    "noise_fraction": 0.3,
    "magnitude_min": -1.0,
    "magnitude_max": 6.0,
    "p_latest_fraction": 0.5,
    "noise_level_max": 1.0,
    "noise_transients_per_minute": 4.0,
    "transient_db_max": 45.0,
    "gap_fraction": 0.0,
    "mask_clipped": False,
}
_BROAD = (
    {"distance_min_km": 0.5, "distance_max_km": 15.0, "depth_min_km": 0.2, "depth_max_km": 15.0, "magnitude_max": 4.0},
    {"distance_min_km": 5.0, "distance_max_km": 60.0, "depth_max_km": 20.0},
    {"distance_min_km": 20.0, "distance_max_km": 150.0, "kappa_median_s": 0.06, "magnitude_min": 1.0},
    {"distance_min_km": 60.0, "distance_max_km": 300.0, "depth_max_km": 80.0, "magnitude_min": 2.0},
    {"distance_min_km": 2.0, "distance_max_km": 80.0, "kappa_median_s": 0.08, "q_s_at_1_hz": 60.0, "broadening_s": 0.4},
    {
        "distance_min_km": 200.0,
        "distance_max_km": 600.0,
        "depth_max_km": 100.0,
        "magnitude_min": 3.0,
        "magnitude_max": 7.0,
        "span_s": 150.0,
    },
)


def stocked(
    data: Path,
    *,
    splits: Iterable[str] = ("train",),
    seed: int = 0,
    n_synthetic: int = 2400,
    held: Held | None = None,
    folders: Collection[str] = FOLDERS,
    more: Mapping[str, Iterable[tuple[Record, str]]] = MappingProxyType({}),
) -> Shelf:
    """Read everything there is for some splits; folders that are not there are left out.

    Arguments:
        data: the folder that holds some of ``ncedc``, ``picks_misc``, ``gujarat``, ``luhu_continuous`` and ``esec``.
        held: what is kept from learning.
        folders: which of them are read.
        more: other records of a split, with their origins.
    """
    shelf, kept = Shelf(), held or Held()
    for split in splits:
        for record, origin in (*labelled(data, split, folders=folders), *more.get(split, ())):
            if not kept.keeps(record.truth, origin):
                _put(shelf, record, origin)
        for item in quiet_spans(data, split, folders=folders):
            shelf.add_empty(item)
    for item in synthetic(n_synthetic, seed=seed):
        (shelf.add_event if np.isfinite(item.p) or np.isfinite(item.s) else shelf.add_empty)(item)
    return shelf


def labelled(data: Path, split: str, *, folders: Collection[str] = FOLDERS) -> Iterator[tuple[Record, str]]:
    """Records with exact or good picks of one split, each with its origin."""
    there = _there(data, folders)
    if "ncedc" in there:
        yield from ((record, "ncedc") for record in ncedc(data / "ncedc", split))
    if "picks_misc" in there:
        yield from misc(data / "picks_misc", split)


def quiet_spans(data: Path, split: str, *, folders: Collection[str] = FOLDERS) -> Iterator[Item]:
    """What holds no arrival: before catalogued P, continuous recordings, mass movements."""
    there = _there(data, folders)
    if "gujarat" in there:
        for record in quiet_before_p(data / "gujarat", split):
            yield item_of(record.waveform, record.truth, origin="before gujarat")
    if "luhu_continuous" in there and split == "train":
        yield from continuous(data / "luhu_continuous")
    if "esec" in there:
        for wave in movements(data / "esec", split):
            yield item_of(wave, Truth("", ""), origin="esec")


def _there(data: Path, folders: Collection[str]) -> set[str]:
    return {name for name in folders if (data / name).is_dir()}


def _put(shelf: Shelf, record: Record, origin: str) -> None:
    """Keep a record; a fast one also in slow motion."""
    rates = [RATE_HZ, record.waveform.rate_hz / 2] if record.waveform.rate_hz >= FAST_HZ else [RATE_HZ]
    for rate_hz in rates:
        shelf.add_event(item_of(record.waveform, record.truth, origin=origin, rate_hz=rate_hz))
