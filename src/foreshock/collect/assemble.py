"""Assemble: pieces of single channels put together as waveforms of instruments. Knows no files and no ObsPy.

What is done about defects, always with a reason:

| defect | what happens |
|---|---|
| zero or one sample, NaN or Inf, absurd rate or time, no direction in the name | that piece is left out |
| gap | masked (``valid`` False); after one longer than `LONGEST_GAP_S` a new waveform begins |
| overlap, equal samples | merged |
| overlap, different samples | masked, and noted |
| two rates in one instrument | two waveforms, and noted |
| missing components | the rows that are there |
| two channels of one direction | the second is left out |
| components that start between each other's samples | set on the nearest sample; noted beyond a tenth of a sample |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil

import numpy as np

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.collect.channels import ROW_ORDER, Named, orient, read_name
from foreshock.errors import InputError
from foreshock.types.arrays import AnyArray, Bools
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

LONGEST_GAP_S = 600.0
"""A hole up to this long is filled with invalid samples; after a longer one a new waveform begins."""
RATE_RANGE_HZ = (1e-3, 1e5)
TIME_RANGE_NS = (-2_208_988_800 * NS_PER_S, 7_258_118_400 * NS_PER_S)
"""1900-01-01 to 2200-01-01: the age of seismographs, and what int64 nanoseconds hold."""
MAX_SAMPLES = 2**28
"""Longest row: 31 days at 100 Hz."""
EXACT_FLOAT32 = 2**24
"""Integers above this do not fit a float32 exactly."""
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, eq=False)
class Piece:
    """Consecutive samples of one channel as they came, masked where unknown; no samples for a header."""

    network: str
    station: str
    location: str
    channel: str
    start_ns: int
    rate_hz: float
    n_samples: int
    samples: AnyArray | None = None
    unit: str = "count"

    @property
    def seed_id(self) -> str:
        """``NET.STA.LOC.CHA`` as it came."""
        return f"{self.network}.{self.station}.{self.location}.{self.channel}"

    @property
    def name(self) -> Named:
        """What the channel's name says."""
        return read_name(self.channel)

    @property
    def station_id(self) -> str:
        """``NET.STA.LOC``; the location comes from the channel's name where the file gives none."""
        return f"{self.network}.{self.station}.{self.location or self.name.location}"

    @property
    def instrument(self) -> tuple[str, str]:
        """What belongs together: the station's id and the channel's prefix."""
        return self.station_id, self.name.prefix

    @property
    def end_ns(self) -> int:
        """Time of the sample after the last."""
        return self.start_ns + round(self.n_samples * NS_PER_S / self.rate_hz)

    def within(self, start_ns: int, end_ns: int) -> Piece:
        """The samples at or after `start_ns` and before `end_ns`; neighbouring spans share none and lose none."""
        first, last = self._samples_before(start_ns), self._samples_before(end_ns)
        return replace(
            self,
            start_ns=self.start_ns + round(first * NS_PER_S / self.rate_hz),
            n_samples=last - first,
            samples=None if self.samples is None else self.samples[first:last],
        )

    def _samples_before(self, time_ns: int) -> int:
        count = ceil((time_ns - self.start_ns) * self.rate_hz / NS_PER_S - 1e-6)
        return min(max(count, 0), self.n_samples)


@dataclass(eq=False)
class Reading:
    """What came of reading: waveforms, items left out with their reasons, and notes on what was repaired."""

    waveforms: list[Waveform] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def snapped_hz(rate_hz: float) -> float:
    """Undo the rounding of rates kept as float32 sample intervals (SAC): to whole hertz, or whole seconds.

    >>> snapped_hz(99.99999776), snapped_hz(31.25), snapped_hz(100.002)
    (100.0, 31.25, 100.002)
    """
    if not RATE_RANGE_HZ[0] <= rate_hz <= RATE_RANGE_HZ[1]:
        return rate_hz
    near = float(round(rate_hz)) if rate_hz >= 1 else 1.0 / round(1.0 / rate_hz)
    return near if abs(near - rate_hz) <= 1e-6 * rate_hz else rate_hz


def complaint(piece: Piece) -> str | None:
    """Why a piece cannot be used, or None; looks at the header, and at the samples where they were read."""
    if piece.n_samples < 1:
        return "it holds no sample"
    if not RATE_RANGE_HZ[0] <= piece.rate_hz <= RATE_RANGE_HZ[1]:
        return f"its sampling rate is {piece.rate_hz:g} Hz, outside {RATE_RANGE_HZ[0]:g}..{RATE_RANGE_HZ[1]:g} Hz"
    if piece.n_samples > MAX_SAMPLES:
        return f"it claims {piece.n_samples} samples, more than {MAX_SAMPLES}"
    if not TIME_RANGE_NS[0] <= piece.start_ns <= piece.end_ns <= TIME_RANGE_NS[1]:
        return "its time lies outside the years 1900 to 2200"
    try:
        read_name(piece.channel)
    except InputError as error:
        return error.rule
    return None if piece.samples is None else _complaint_about_samples(piece.samples)


def _complaint_about_samples(samples: AnyArray) -> str | None:
    if samples.ndim != 1 or samples.dtype.kind not in "iuf":
        return f"its samples are {samples.dtype} of shape {samples.shape}, not numbers in a row"
    if samples.dtype.kind == "f":
        values = np.ma.getdata(samples)
        known = values[~np.ma.getmaskarray(samples)] if np.ma.is_masked(samples) else values
        if known.min(initial=0) >= -_LARGEST and known.max(initial=0) <= _LARGEST:
            return None
        wrong = known.size - int(np.count_nonzero(np.isfinite(known)))
        if wrong:
            return f"{wrong} of its {samples.size} samples are NaN or Inf"
        return "its samples do not fit a float32"
    return None


def assemble(
    pieces: Iterable[Piece], *, stations: Mapping[str, Station] | None = None, assume_north_east: bool = False
) -> Reading:
    """Put pieces of channels together: one waveform an instrument, rate and unbroken run, rows in the order Z N E."""
    reading, groups = Reading(), defaultdict(list)
    for piece in pieces:
        reason = complaint(piece)
        if reason:
            reading.skipped.append((piece.seed_id, reason))
        else:
            groups[(*piece.instrument, round(piece.rate_hz, 6), piece.unit, _family(piece))].append(piece)
    _join_vertical(groups)
    _note_rates(groups, reading)
    for key in sorted(groups):
        for run in runs(groups[key]):
            wave = _waveform(run, reading)
            if wave is not None:
                station = (stations or {}).get(wave.station_id)
                wave, notes = orient(wave, station, assume_north_east=assume_north_east)
                reading.waveforms.append(wave)
                reading.notes += [(describe_id(wave), note) for note in notes]
    return reading


def describe_id(wave: Waveform) -> str:
    """A waveform's station and channels in few letters.

    >>> describe_id(Waveform(np.zeros((2, 2)), 1.0, 0, "XX.A.", channels=("HHZ", "HHN"), components="ZN"))
    'XX.A..HHZ+HHN'
    """
    return f"{wave.station_id}.{'+'.join(wave.channels)}"


_FAMILIES = {letter: family for family in ("NE", "123", "UVW", "RTLQ") for letter in family}


def _family(piece: Piece) -> str:
    """Directions that form one set: N E, 1 2 3, U V W, R T L Q; Z goes with any."""
    return _FAMILIES.get(piece.name.component, "Z")


Groups = dict[tuple[str, str, float, str, str], list[Piece]]


def _join_vertical(groups: Groups) -> None:
    """Put verticals to the horizontals of their instrument: N E first, then 1 2, R T, U V W."""
    for key in [key for key in groups if key[-1] == "Z"]:
        for family in ("NE", "123", "RTLQ", "UVW"):
            if (*key[:-1], family) in groups:
                groups[(*key[:-1], family)] += groups.pop(key)
                break


def _note_rates(groups: Groups, reading: Reading) -> None:
    rates: dict[tuple[str, str], set[float]] = defaultdict(set)
    for key in groups:
        rates[key[:2]].add(key[2])
    for (station_id, prefix), found in sorted(rates.items()):
        if len(found) > 1:
            words = ", ".join(f"{rate:g}" for rate in sorted(found))
            reading.notes.append((f"{station_id}.{prefix}", f"sampled at {words} Hz: one waveform a rate"))


def runs(pieces: list[Piece]) -> list[list[Piece]]:
    """Cut pieces, in order of time, wherever nothing was recorded for longer than `LONGEST_GAP_S`."""
    out: list[list[Piece]] = []
    end_ns = 0
    for piece in sorted(pieces, key=lambda piece: (piece.start_ns, piece.channel)):
        if out and piece.start_ns - end_ns <= LONGEST_GAP_S * NS_PER_S:
            out[-1].append(piece)
            end_ns = max(end_ns, piece.end_ns)
        else:
            out.append([piece])
            end_ns = piece.end_ns
    return out


def _waveform(run: list[Piece], reading: Reading) -> Waveform | None:
    first = run[0]
    start_ns, rate = min(piece.start_ns for piece in run), first.rate_hz
    n = max(_at(piece, start_ns, rate) + piece.n_samples for piece in run)
    if n > MAX_SAMPLES:
        what = f"{first.seed_id} from {iso_utc(start_ns)}"
        reading.skipped.append((what, f"its run is {n} samples long, more than {MAX_SAMPLES}: read it by days"))
        return None
    rows = {}
    for letter, (code, pieces) in _by_letter(run, reading).items():
        samples, valid = _row(pieces, start_ns, n, reading)
        if np.count_nonzero(valid) >= 2:
            rows[letter] = (code, samples, valid)
        else:
            reading.skipped.append((pieces[0].seed_id, _why_nothing(pieces)))
    if not rows:
        return None
    letters = "".join(letter for letter in ROW_ORDER if letter in rows)
    return Waveform(
        np.stack([rows[letter][1] for letter in letters], dtype=np.float32, casting="unsafe"),
        rate_hz=rate,
        start_ns=start_ns,
        station_id=first.station_id,
        channels=tuple(rows[letter][0] for letter in letters),
        components=letters,
        unit=first.unit,
        valid=np.stack([rows[letter][2] for letter in letters]),
    )


def _why_nothing(pieces: list[Piece]) -> str:
    if sum(piece.n_samples for piece in pieces) < 2:
        return "it holds one sample, at least 2 are needed"
    return "fewer than 2 of its samples are known and free of contradiction"


def _by_letter(run: list[Piece], reading: Reading) -> dict[str, tuple[str, list[Piece]]]:
    """Pieces of each direction under the one code that has it; other codes of that direction are left out."""
    rows: dict[str, tuple[str, list[Piece]]] = {}
    for piece in run:
        code, held = rows.setdefault(piece.name.component, (piece.channel, []))
        if code == piece.channel:
            held.append(piece)
        else:
            reading.skipped.append((piece.seed_id, f"channel {code} already gives {piece.name.component}"))
    if "" in {code for code, _ in rows.values()}:
        reading.notes.append((run[0].seed_id, "it has no channel code: taken as vertical"))
    return rows


def _row(pieces: list[Piece], start_ns: int, n: int, reading: Reading) -> tuple[AnyArray, Bools]:
    """One row of `n` samples: pieces laid on the run's sample times, equal overlaps merged, contradictions masked."""
    held = [(piece, samples) for piece in pieces if (samples := piece.samples) is not None]
    if len(held) == 1 and held[0][0].n_samples == n:
        row, known = np.ma.filled(held[0][1], 0), ~np.ma.getmaskarray(held[0][1])
        _note_row(pieces[0].seed_id, _off(held[0][0], start_ns), np.zeros(0, bool), row, reading)
        return row, known
    row = np.zeros(n, np.result_type(*(samples.dtype for _, samples in held)))
    filled, contradicted = np.zeros(n, bool), np.zeros(n, bool)
    worst = 0.0
    for piece, samples in held:
        at = _at(piece, start_ns, piece.rate_hz)
        worst = max(worst, _off(piece, start_ns))
        span = slice(at, at + piece.n_samples)
        if filled[span].any() or np.ma.is_masked(samples):
            contradicted[span] |= _lay_over(row[span], filled[span], samples)
        else:
            row[span], filled[span] = np.ma.getdata(samples), True
    _note_row(pieces[0].seed_id, worst, contradicted, row, reading)
    return row, filled & ~contradicted


def _lay_over(row: AnyArray, filled: Bools, samples: AnyArray) -> Bools:
    """Fill what is free of `row` (a view) with known samples; give where known samples differ from what was there."""
    values, known = np.ma.getdata(samples), ~np.ma.getmaskarray(samples)
    if not filled.any():
        np.copyto(row, values, where=known)
        filled |= known
        return np.zeros(len(row), bool)
    differs = filled & known & (row != values)
    free = known & ~filled
    row[free] = values[free]
    filled |= known
    return np.asarray(differs, bool)


def _at(piece: Piece, start_ns: int, rate_hz: float) -> int:
    return round((piece.start_ns - start_ns) * rate_hz / NS_PER_S)


def _off(piece: Piece, start_ns: int) -> float:
    """How far from the run's sample times a piece's lie, in samples."""
    return abs((piece.start_ns - start_ns) * piece.rate_hz / NS_PER_S - _at(piece, start_ns, piece.rate_hz))


def _note_row(item: str, worst: float, contradicted: Bools, row: AnyArray, reading: Reading) -> None:
    if worst > 0.1:
        reading.notes.append((item, f"its samples lie {worst:.2f} sample off the run's: set on the nearest"))
    if contradicted.any():
        count = int(contradicted.sum())
        reading.notes.append((item, f"{count} samples were given twice with different values: masked"))
    if row.dtype.kind in "iu" and max(abs(int(row.max())), abs(int(row.min()))) > EXACT_FLOAT32:
        reading.notes.append((item, f"its counts exceed {EXACT_FLOAT32}: rounded to float32"))
