"""SDS: archives of day files (SeisComP Data Structure), read a day at a time and written. Knows no servers.

Layout: ``YEAR/NET/STA/CHA.D/NET.STA.LOC.CHA.D.YEAR.DAY`` (https://www.seiscomp.de/doc/base/concepts/waveformarchives.html).
A day holds the samples at or after its midnight and before the next; files that lap over midnight are cut there, and
the samples are looked for in the files of the day before and after, so that no sample is given twice or lost.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
from obspy import Stream

from foreshock.clock import NS_PER_S
from foreshock.collect.assemble import Piece, assemble, complaint
from foreshock.collect.channels import read_name
from foreshock.collect.files import DAY_NS, UNLABELLED, trace_id_of
from foreshock.collect.formats import read_traces
from foreshock.collect.left_out import Telling
from foreshock.collect.obspy_door import from_obspy, piece_of, to_obspy
from foreshock.collect.stations import read_stations
from foreshock.errors import ForeshockError, InputError, NotFoundError
from foreshock.outputs import explained, write_bytes
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform

_NAME = re.compile(
    r"(?P<net>[A-Za-z0-9]*)\.(?P<sta>[A-Za-z0-9_-]+)\.(?P<loc>[A-Za-z0-9-]*)\.(?P<cha>[A-Za-z0-9]+)"
    r"\.D\.(?P<year>\d{4})\.(?P<day>\d{3})"
)
_LIMITS = (("network", 2), ("station", 5), ("location", 2), ("channel", 3))
"""Letters miniSEED 2 has for each code (SEED manual 2.4, fixed section of data header)."""


@dataclass(frozen=True, slots=True)
class DayFile:
    """One file of the archive: whose it is, and which day."""

    network: str
    station: str
    location: str
    channel: str
    day: date
    path: Path


class SdsSource(Telling):
    """Records from an SDS archive: one a day, instrument and unbroken run.

    Patterns take ``*`` and ``?``; times are UTC nanoseconds, the end not included.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        network: str = "*",
        station: str = "*",
        location: str = "*",
        channel: str = "*",
        start_ns: int | None = None,
        end_ns: int | None = None,
        stations: Path | str | None = None,
        unit: str = "count",
        assume_north_east: bool = False,
    ) -> None:
        self.root = Path(root)
        self.patterns = (network, station, location, channel)
        self.start_ns, self.end_ns = start_ns, end_ns
        self.stations = None if stations is None else Path(stations)
        self.unit = unit
        self.assume_north_east = assume_north_east
        super().__init__()

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[SdsSource]:
        """A source for the law: two days of one station, written over midnight."""
        rng = np.random.default_rng(11)
        start_ns = 1_600_041_600 * NS_PER_S + DAY_NS - 30 * NS_PER_S - (1_600_041_600 % 86_400) * NS_PER_S
        wave = Waveform(rng.integers(-99, 99, (3, 600)), 10.0, start_ns, "XX.SDS.", ("HHZ", "HHN", "HHE"))
        write_sds(folder / "archive", [wave])
        (folder / "archive" / "readme.txt").write_text("an archive", encoding="utf-8")
        return [cls(folder / "archive"), cls(folder / "archive", start_ns=start_ns, end_ns=start_ns + DAY_NS)]

    def records(self) -> Iterator[Record]:
        """Give a record for every instrument, day and unbroken run, in that order.

        Raises:
            NotFoundError: the archive or the station file is not there.
        """
        self._begin()
        stations = read_stations(self.stations) if self.stations else {}
        kept = _KeptFiles(self)
        for day, files in self._days():
            pieces = kept.pieces(files)
            reading = assemble(self._of_day(pieces, day), stations=stations, assume_north_east=self.assume_north_east)
            self._skipped += reading.skipped
            self._notes += reading.notes
            for wave in reading.waveforms:
                name = trace_id_of(wave)
                yield Record(wave, Truth(name, name, kind=UNLABELLED, source="sds"))

    def _days(self) -> Iterator[tuple[date, list[DayFile]]]:
        """Each instrument's days, with the files of that day and its neighbours."""
        index: dict[tuple[str, str, str, str], dict[date, list[DayFile]]] = defaultdict(lambda: defaultdict(list))
        for file in self.day_files():
            index[file.network, file.station, file.location, read_name(file.channel).prefix][file.day].append(file)
        one = timedelta(days=1)
        for _, held in sorted(index.items()):
            for day in sorted({known + step for known in held for step in (-one, 0 * one, one)}):
                if self._wants(day):
                    yield day, [file for near in (day - one, day, day + one) for file in held.get(near, [])]

    def day_files(self) -> list[DayFile]:
        """The archive's files that fit the patterns, in order of name; others go into `skipped`.

        Raises:
            NotFoundError: the archive is not there.
        """
        if not self.root.is_dir():
            raise NotFoundError(
                f"archive {self.root}", "there is no such folder", "give the folder that holds the years"
            )
        found = []
        for path in sorted(item for item in self.root.rglob("*") if item.is_file()):
            reason = self._why_not(path)
            if reason is None:
                found.append(_day_file(path))
            elif reason:
                self._skipped.append((str(path), reason))
        return found

    def _why_not(self, path: Path) -> str | None:
        """None: take it; empty: not asked for; else the reason it is left out."""
        match = _NAME.fullmatch(path.name)
        if not match:
            return "its name is not NET.STA.LOC.CHA.D.YEAR.DAY"
        if not _exists(int(match["year"]), int(match["day"])):
            return f"its day {match['year']}.{match['day']} does not exist"
        wanted = Path(match["year"], match["net"], match["sta"], f"{match['cha']}.D", path.name)
        if path.relative_to(self.root) != wanted:
            return f"it does not lie in {wanted.parent}"
        codes = (match["net"], match["sta"], match["loc"], match["cha"])
        if not all(fnmatchcase(code, pattern) for code, pattern in zip(codes, self.patterns, strict=True)):
            return ""
        try:
            read_name(match["cha"])
        except InputError as error:
            return error.rule
        return None

    def _wants(self, day: date) -> bool:
        low = midnight_ns(day)
        return (self.start_ns is None or low + DAY_NS > self.start_ns) and (self.end_ns is None or low < self.end_ns)

    def _of_day(self, pieces: list[Piece], day: date) -> list[Piece]:
        low = midnight_ns(day)
        high = low + DAY_NS
        low = low if self.start_ns is None else max(low, self.start_ns)
        high = high if self.end_ns is None else min(high, self.end_ns)
        parts = [piece.within(low, high) for piece in pieces]
        return [part for part in parts if part.n_samples]

    def read_pieces(self, file: DayFile) -> list[Piece]:
        """The usable pieces of one file that belong to the channel its name says; the rest goes into `skipped`."""
        try:
            pieces = [piece_of(trace, unit=self.unit) for trace in read_traces(file.path)]
        except ForeshockError as error:
            self._skipped.append((str(file.path), error.rule))
            return []
        good = []
        for piece in pieces:
            named = f"{file.network}.{file.station}.{file.location}.{file.channel}"
            reason = complaint(piece) or ("" if piece.seed_id == named else f"it lies in the file of {named}")
            if reason:
                self._skipped.append((f"{file.path}: {piece.seed_id}", reason))
            else:
                good.append(piece)
        return good


class _KeptFiles:
    """The day files read last: each serves three days of its instrument, and then goes."""

    def __init__(self, source: SdsSource) -> None:
        self._source = source
        self._held: dict[Path, list[Piece]] = {}

    def pieces(self, files: list[DayFile]) -> list[Piece]:
        """The pieces of these files; all others are forgotten."""
        self._held = {
            file.path: self._held[file.path] if file.path in self._held else self._source.read_pieces(file)
            for file in files
        }
        return [piece for held in self._held.values() for piece in held]


def _day_file(path: Path) -> DayFile:
    match = _NAME.fullmatch(path.name)
    assert match is not None
    day = date(int(match["year"]), 1, 1) + timedelta(days=int(match["day"]) - 1)
    return DayFile(match["net"], match["sta"], match["loc"], match["cha"], day, path)


def _exists(year: int, day: int) -> bool:
    return 1900 <= year <= 2200 and 1 <= day <= date(year, 12, 31).timetuple().tm_yday


def midnight_ns(day: date) -> int:
    """When a day begins, UTC nanoseconds."""
    return (day - date(1970, 1, 1)).days * DAY_NS


def _day_of(time_ns: int) -> date:
    return datetime.fromtimestamp(time_ns // NS_PER_S, tz=UTC).date()


# -- writing -----------------------------------------------------------------------------------------------------------


def write_sds(root: Path | str, waveforms: Iterable[Waveform]) -> list[Path]:
    """Write waveforms into an SDS archive as miniSEED, cut at midnight; days already there are joined, not replaced.

    Whole-number counts are packed (STEIM2), everything else is float32; gaps stay gaps. The unit of samples is not
    kept by miniSEED: give it to `SdsSource` when reading.

    Raises:
        InputError: a code is empty or longer than miniSEED keeps.
        OutputError: the archive cannot be written to.
    """
    written: dict[Path, None] = {}
    for wave in waveforms:
        for day, part in _by_day(wave):
            for row, channel in enumerate(part.channels):
                if part.valid[row].any():
                    written[_write_row(Path(root), day, part, row, channel)] = None
    return list(written)


def _by_day(wave: Waveform) -> Iterator[tuple[date, Waveform]]:
    day, last = _day_of(wave.start_ns), _day_of(wave.end_ns - 1)
    while day <= last:
        low = _samples_before(wave, midnight_ns(day))
        part = wave.cut(low, _samples_before(wave, midnight_ns(day) + DAY_NS))
        if part.n_samples:
            yield day, part
        day += timedelta(days=1)


def _samples_before(wave: Waveform, time_ns: int) -> int:
    return max(0, int(np.ceil(wave.sample_at(time_ns) - 1e-6)))


def _write_row(root: Path, day: date, part: Waveform, row: int, channel: str) -> Path:
    codes = _checked_codes(part.station_id, channel)
    network, station, location, _ = codes
    name = f"{network}.{station}.{location}.{channel}.D.{day.year:04d}.{day.timetuple().tm_yday:03d}"
    path = root / f"{day.year:04d}" / network / station / f"{channel}.D" / name
    one = Waveform(
        part.data[row : row + 1],
        part.rate_hz,
        part.start_ns,
        part.station_id,
        (channel,),
        part.components[row],
        part.unit,
        part.valid[row : row + 1],
    )
    stream = to_obspy(one)
    if path.exists():
        stream = _joined(path, stream)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    stream.write(content, format="MSEED")
    write_bytes(path, content.getvalue())
    return path


def _joined(path: Path, stream: Stream) -> Stream:
    """What the file holds together with what is added: equal overlaps once, contradictions as gaps."""
    joined = Stream()
    for wave in from_obspy([*read_traces(path), *stream]):
        joined += to_obspy(wave)
    return joined


def _checked_codes(station_id: str, channel: str) -> tuple[str, str, str, str]:
    parts = (*station_id.split("."), channel)
    if len(parts) != 4:
        raise InputError(f"station id {station_id!r}", "it must be NET.STA.LOC", "write 'XX.DEMO.'")
    for (name, limit), code in zip(_LIMITS, parts, strict=True):
        empty_allowed = name == "location"
        if len(code) > limit or not re.fullmatch(r"[A-Za-z0-9-]*", code) or not (code or empty_allowed):
            raise InputError(
                f"{name} code {code!r} of {station_id}.{channel}",
                f"miniSEED keeps 1 to {limit} letters and digits",
                "give it a shorter name before writing",
            )
    return parts[0], parts[1], parts[2], parts[3]
