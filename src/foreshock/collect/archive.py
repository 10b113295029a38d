"""Archive: which instruments recorded when, and the samples of one of them over one span. Knows no pickers and no plan.

Headers are looked at once (in an SDS mostly the names of the files alone); after that every span of every instrument
is read by itself, in any order and by any process. What was looked at is marked by size and time of change, and a file
that has changed since is refused rather than read as if nothing had happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.collect.assemble import LONGEST_GAP_S, Piece, Reading, assemble, complaint
from foreshock.collect.channels import read_name
from foreshock.collect.files import DAY_NS, FileSource, FilesRead
from foreshock.collect.miniseed.spans import recorded
from foreshock.collect.sds import DayFile, SdsSource, midnight_ns
from foreshock.errors import ForeshockError, FormatError, InputError
from foreshock.types.station import Station

BYTES_A_SAMPLE = 4
PACKED = 3
"""A compressed file holds about so many times its size in samples."""

PARTS = (1, 2, 3, 4, 6, 8, 12, 24)
"""A day is one unit, or so many equal ones of whole hours."""


@dataclass(frozen=True, slots=True)
class FileMark:
    """A file as it was when it was looked at."""

    path: str
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One instrument over one span, the files that hold it and what lies around it, and about how many bytes that is.

    `first_ns` belongs to it, `last_ns` does not.
    """

    station_id: str
    prefix: str
    first_ns: int
    last_ns: int
    files: tuple[FileMark, ...]
    n_bytes: int

    @property
    def name(self) -> str:
        """What people call it.

        >>> Unit("XX.A.", "HH", 0, 86_400_000_000_000, (), 0).name
        'XX.A..HH 1970-01-01T00'
        """
        return f"{self.station_id}.{self.prefix} {iso_utc(self.first_ns)[:13]}"


@dataclass(frozen=True)
class Survey:
    """What an archive holds: units in order of time and instrument, and what was left out, with the reason."""

    units: tuple[Unit, ...]
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Held:
    """Some samples of an instrument: from when to when, about how many bytes, in which file."""

    instrument: tuple[str, str]
    first_ns: int
    last_ns: int
    n_bytes: int
    path: Path


def survey(path: Path | Sequence[Path], *, stations: Path | None = None, around_ns: int, most_bytes: int) -> Survey:
    """Look through a file, a folder or an SDS, or several of them; a file that is named twice is there once.

    Arguments:
        stations: station files that may lie in the folder and are no recordings.
        around_ns: how much before and after a unit is read with it.
        most_bytes: of the samples of one unit; days of more are cut into equal parts of whole hours.

    Raises:
        NotFoundError: there is no such path.
        FormatError: it is a single file that cannot be read; among several, such a file is left out.
    """
    if isinstance(path, Path):
        held, skipped = _look(path, stations)
    else:
        held, skipped = _look_at_all(path, stations)
    return Survey(tuple(_units(held, around_ns=around_ns, most_bytes=most_bytes)), tuple(skipped))


def _look_at_all(paths: Sequence[Path], stations: Path | None) -> tuple[list[_Held], list[tuple[str, str]]]:
    held: list[_Held] = []
    skipped: dict[tuple[str, str], None] = {}
    known: set[Path] = set()
    for path in dict.fromkeys(paths):
        try:
            found, reasons = _look(path, stations)
        except FormatError as error:
            found, reasons = [], [(str(path), error.rule)]
        held += [one for one in found if one.path not in known]
        known |= {one.path for one in found}
        skipped |= dict.fromkeys(reasons)
    return held, list(skipped)


def _look(path: Path, stations: Path | None) -> tuple[list[_Held], list[tuple[str, str]]]:
    """What one file, folder or SDS holds."""
    sds = SdsSource(path) if path.is_dir() else None
    days = sds.day_files() if sds is not None else []
    if sds is not None and days:
        return list(_in_sds(days)), list(sds.skipped)
    source = FileSource(path, stations=stations)
    held = [_of_header(piece, file) for piece, file in source.headers()]
    return held, list(source.skipped)


def read_unit(
    unit: Unit, *, before_ns: int = 0, after_ns: int = 0, stations: Mapping[str, Station], read: FilesRead | None = None
) -> Reading:
    """Read a unit's samples and what lies around them.

    A file that cannot be read or has changed since the survey is left out and told of; the others are read.
    """
    held, pieces, skipped = read or FilesRead("count"), [], []
    for mark in unit.files:
        try:
            _check_same(mark)
            parts = list(_parts(held.pieces(Path(mark.path)), unit, unit.first_ns - before_ns, unit.last_ns + after_ns))
            _check_same(mark)
            pieces += parts
        except ForeshockError as error:
            skipped.append((mark.path, error.rule))
    reading = assemble(pieces, stations=stations)
    return replace(reading, skipped=[*skipped, *reading.skipped])


def _parts(pieces: Iterable[Piece], unit: Unit, first_ns: int, last_ns: int) -> Iterator[Piece]:
    for piece in pieces:
        if complaint(replace(piece, samples=None)) is None and piece.instrument == (unit.station_id, unit.prefix):
            part = piece.within(first_ns, last_ns)
            if part.n_samples:
                yield part


def _check_same(mark: FileMark) -> None:
    try:
        now = mark_of(Path(mark.path))
    except OSError as error:
        raise InputError(
            f"file {mark.path}", f"it is gone or cannot be read ({error.strerror})", "put it back"
        ) from error
    if now != mark:
        raise InputError(f"file {mark.path}", "it has changed since it was looked at", "begin anew with another --out")


def mark_of(path: Path) -> FileMark:
    """A file's mark now."""
    told = path.stat()
    return FileMark(str(path), told.st_size, told.st_mtime_ns)


def _of_header(piece: Piece, file: Path) -> _Held:
    return _Held(piece.instrument, piece.start_ns, piece.end_ns, piece.n_samples * BYTES_A_SAMPLE, file)


def _in_sds(files: list[DayFile]) -> Iterator[_Held]:
    """What day files hold, by their names; beside days that have no file the headers are asked, too."""
    named = {(file.network, file.station, file.location, file.channel, file.day) for file in files}
    one = timedelta(days=1)
    for file in files:
        codes = (file.network, file.station, file.location, file.channel)
        alone = any((*codes, file.day + step) not in named for step in (-one, one))
        yield from _by_header(file) if alone else [_by_name(file)]


def _by_name(file: DayFile) -> _Held:
    first_ns = midnight_ns(file.day)
    return _Held(_instrument(file), first_ns, first_ns + DAY_NS, file.path.stat().st_size * PACKED, file.path)


def _by_header(file: DayFile) -> Iterator[_Held]:
    """What the headers tell; the name's word where they cannot be read, so that the reason is told when it is read."""
    told = recorded(file.path, longest_hole_s=LONGEST_GAP_S)
    name = (f"{file.network}.{file.station}.{file.location}", file.channel)
    if told is not None and told[0][:2] == name:
        for run in told:
            yield _Held(_instrument(file), run.first_ns, run.last_ns, run.n_samples * BYTES_A_SAMPLE, file.path)
        return
    try:
        pieces = [piece for piece, _ in FileSource(file.path).headers() if piece.instrument == _instrument(file)]
    except ForeshockError:
        pieces = []
    yield from [_of_header(piece, file.path) for piece in pieces] or [_by_name(file)]


def _instrument(file: DayFile) -> tuple[str, str]:
    return f"{file.network}.{file.station}.{file.location}", read_name(file.channel).prefix


def _units(held: Iterable[_Held], *, around_ns: int, most_bytes: int) -> Iterator[Unit]:
    by_instrument: dict[tuple[str, str], list[_Held]] = defaultdict(list)
    for one in held:
        by_instrument[one.instrument].append(one)
    units = [
        unit
        for instrument, parts in by_instrument.items()
        for unit in _days(instrument, parts, around_ns=around_ns, most_bytes=most_bytes)
    ]
    yield from sorted(units, key=lambda unit: (unit.first_ns, unit.station_id, unit.prefix))


def _days(instrument: tuple[str, str], held: list[_Held], *, around_ns: int, most_bytes: int) -> Iterator[Unit]:
    """The days of one instrument, each whole or in equal parts."""
    by_day: dict[int, list[_Held]] = defaultdict(list)
    for one in held:
        for day in range((one.first_ns - around_ns) // DAY_NS, (one.last_ns + around_ns) // DAY_NS + 1):
            by_day[day].append(one)
    marks: dict[Path, FileMark] = {}
    for day, near in sorted(by_day.items()):
        n_bytes = sum(_share(one, day * DAY_NS, (day + 1) * DAY_NS) for one in near)
        parts = next((n for n in PARTS if n_bytes <= n * most_bytes), PARTS[-1])
        for k in range(parts):
            first_ns, last_ns = (day * DAY_NS + DAY_NS * step // parts for step in (k, k + 1))
            if any(one.first_ns < last_ns and one.last_ns > first_ns for one in near):
                wanted = [
                    one for one in near if one.first_ns < last_ns + around_ns and one.last_ns > first_ns - around_ns
                ]
                files = tuple(_marked(path, marks) for path in sorted({one.path for one in wanted}))
                yield Unit(*instrument, first_ns, last_ns, files, n_bytes // parts)


def _share(held: _Held, first_ns: int, last_ns: int) -> int:
    """About how many of the bytes lie in a span."""
    inside = min(held.last_ns, last_ns) - max(held.first_ns, first_ns)
    return max(0, round(held.n_bytes * inside / max(held.last_ns - held.first_ns, NS_PER_S)))


def _marked(path: Path, marks: dict[Path, FileMark]) -> FileMark:
    if path not in marks:
        marks[path] = mark_of(path)
    return marks[path]
