"""Files: waveform files and folders of them as records, an instrument and run at a time. Knows no archives, no servers.

A folder is looked through once for headers; then one run after another is read, so that memory holds one run (at
most about a day of one instrument) however large the folder is. Runs longer than that are cut at midnight UTC.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from foreshock import geo
from foreshock.clock import NS_PER_S, iso_utc
from foreshock.collect.assemble import Piece, Reading, assemble, complaint, describe_id, runs
from foreshock.collect.formats import read_traces
from foreshock.collect.joined import joined
from foreshock.collect.left_out import Telling
from foreshock.collect.obspy_door import piece_of, to_obspy
from foreshock.collect.stations import read_stations, station_files
from foreshock.errors import ForeshockError, FormatError, NotFoundError, NothingMatchedError
from foreshock.types.record import Record, Truth
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

DAY_NS = 86_400 * NS_PER_S
LONGEST_RUN_NS = DAY_NS + DAY_NS // 10
"""A run up to this long is one waveform; day files that lap over midnight stay whole."""
FILES_KEPT = 4
"""Files held in memory between runs, for files that hold many instruments."""
UNLABELLED = "unlabelled"
"""The kind of a record about which nothing is known."""


def read(
    path: Path | str, *, stations: Path | str | None = None, unit: str = "count", assume_north_east: bool = False
) -> list[Waveform]:
    """Read a waveform file, or every waveform file of a folder: a waveform an instrument and unbroken run.

    Args:
        path: a file ObsPy reads (see `formats`), or a folder.
        stations: StationXML or CSV file (or folder) that tells the sensors' directions.
        unit: what the samples are where the file does not say.
        assume_north_east: take rows 1 and 2 as N and E, 3 as Z, where no station file tells.

    Raises:
        NotFoundError: there is no such path.
        FormatError: a single file cannot be read, or nothing in it can be used.
        NothingMatchedError: a folder holds nothing that can be used.
    """
    source = FileSource(path, stations=stations, unit=unit, assume_north_east=assume_north_east)
    waveforms = [record.waveform for record in source.records()]
    if not waveforms:
        raise _nothing(source)
    return waveforms


def _nothing(source: FileSource) -> ForeshockError:
    item, reason = source.skipped[0] if source.skipped else (str(source.path), "it holds no file")
    if source.path.is_file():
        return FormatError(f"file {source.path}", f"{item}: {reason}", "give a file with usable traces")
    return NothingMatchedError(
        f"folder {source.path}",
        f"none of its {len(source.skipped)} items can be used (first: {item}: {reason})",
        "give waveform files",
    )


def describe(path: Path | str) -> list[dict[str, Any]]:
    """Say what a file or folder holds: a row a channel and file, and a row with its `reason` for what is unusable.

    Keys: ``path, format, id, component, start, end, rate_hz, samples, gaps, gap_s, overlaps, reason``.

    Raises:
        NotFoundError: there is no such path.
    """
    rows = []
    for file in _files(Path(path)):
        try:
            traces = read_traces(file, headers_only=True)
        except ForeshockError as error:
            rows.append(_row(file, "", reason=error.rule))
            continue
        channels = defaultdict(list)
        for trace in traces:
            piece = piece_of(trace, headers_only=True)
            channels[piece.seed_id, piece.rate_hz].append(piece)
        rows += [_describe_channel(file, traces[0].stats._format, held) for held in channels.values()]
    return rows


def _row(file: Path, kind: str, **values: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("id", "component", "start", "end", "reason"), "")
    numbers = {"rate_hz": 0.0, "samples": 0, "gaps": 0, "gap_s": 0.0, "overlaps": 0}
    return {"path": str(file), "format": kind, **blank, **numbers, **values}


def _describe_channel(file: Path, kind: str, pieces: list[Piece]) -> dict[str, Any]:
    reasons = [reason for piece in pieces if (reason := complaint(piece))]
    if reasons:
        return _row(file, kind, id=pieces[0].seed_id, reason=reasons[0])
    ordered = sorted(pieces, key=lambda piece: piece.start_ns)
    steps_s = np.array([(b.start_ns - a.end_ns) / NS_PER_S for a, b in pairwise(ordered)])
    half_s = 0.5 / ordered[0].rate_hz
    return _row(
        file,
        kind,
        id=ordered[0].seed_id,
        component=ordered[0].name.component,
        start=iso_utc(ordered[0].start_ns),
        end=iso_utc(max(piece.end_ns for piece in ordered)),
        rate_hz=ordered[0].rate_hz,
        samples=sum(piece.n_samples for piece in ordered),
        gaps=int((steps_s > half_s).sum()),
        gap_s=float(steps_s[steps_s > half_s].sum()),
        overlaps=int((steps_s < -half_s).sum()),
    )


def _files(path: Path) -> list[Path]:
    """The files to look at, in order of name; hidden ones and what is no plain file are passed over."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise NotFoundError(f"path {path}", "there is no such file or folder", "correct the path")
    return sorted(
        item
        for item in path.rglob("*")
        if item.is_file() and not any(part.startswith(".") for part in item.relative_to(path).parts)
    )


@dataclass(frozen=True, eq=False)
class Span:
    """One run of one instrument to be read: where from, and between which times."""

    instrument: tuple[str, str]
    start_ns: int
    end_ns: int
    files: tuple[Path, ...]


@dataclass(eq=False)
class _Index:
    """What the headers told: pieces with their files, and what is known of the event by file."""

    pieces: list[tuple[Piece, Path]] = field(default_factory=list)
    events: dict[Path, dict[str, Any]] = field(default_factory=dict)


class FileSource(Telling):
    """Records from a waveform file or a folder of them.

    K-NET and KiK-net headers tell the event's place and magnitude: such records are earthquakes with that truth.
    (Their origin time is cut to the minute and is not passed on.) All others are `UNLABELLED`.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        stations: Path | str | None = None,
        unit: str = "count",
        assume_north_east: bool = False,
    ) -> None:
        self.path = Path(path)
        self.stations = None if stations is None else Path(stations)
        self.unit = unit
        self.assume_north_east = assume_north_east
        super().__init__()

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[FileSource]:
        """Sources for the law: a folder with two stations, a gap and a file that is no recording."""
        rng = np.random.default_rng(7)
        for station in ("AAA", "BBB"):
            data = rng.integers(-1000, 1000, (3, 500))
            valid = np.ones(data.shape, bool)
            valid[0, 100:150] = False
            wave = Waveform(data, 50.0, 1_600_000_000 * NS_PER_S, f"XX.{station}.", ("HHZ", "HHN", "HHE"), valid=valid)
            to_obspy(wave).write(str(folder / f"{station}.mseed"), format="MSEED")
        (folder / "notes.txt").write_text("not a recording", encoding="utf-8")
        return [cls(folder), cls(folder / "AAA.mseed")]

    def records(self) -> Iterator[Record]:
        """Give a record for every instrument and unbroken run.

        Raises:
            NotFoundError: the path is not there.
            FormatError: the path is a single file that cannot be read, or the station file cannot.
        """
        self._begin()
        stations = read_stations(self.stations) if self.stations else {}
        index = self._look_through()
        kept = FilesRead(self.unit)
        for span in plan(index.pieces):
            pieces = [piece for file in span.files for piece in self._pieces(kept, file, span)]
            reading = assemble(pieces, stations=stations, assume_north_east=self.assume_north_east)
            self._tell(reading)
            for wave in reading.waveforms:
                yield Record(wave, truth_of(wave, index.events.get(span.files[0]), stations))

    def headers(self) -> list[tuple[Piece, Path]]:
        """What the headers tell: the usable pieces, without their samples, each with its file.

        Raises:
            NotFoundError: the path is not there. FormatError: it is a single file that cannot be read.
        """
        self._begin()
        return self._look_through().pieces

    def _look_through(self) -> _Index:
        index, of_stations = _Index(), self._station_files()
        for file in _files(self.path):
            if file in of_stations:
                continue
            try:
                traces = read_traces(file, headers_only=True)
            except ForeshockError as error:
                if self.path.is_file():
                    raise
                self._skipped.append((str(file), error.rule))
                continue
            for trace in traces:
                piece = piece_of(trace, unit=self.unit, headers_only=True)
                reason = complaint(piece)
                if reason:
                    self._skipped.append((f"{file}: {piece.seed_id}", reason))
                else:
                    index.pieces.append((piece, file))
            if "knet" in traces[0].stats:
                index.events[file] = _knet_event(traces[0].stats)
        return index

    def _station_files(self) -> set[Path]:
        """Files that are read as stations, and so are not left out for being no recordings."""
        if self.stations is None:
            return set()
        return set(station_files(self.stations)) if self.stations.is_dir() else {self.stations}

    def _pieces(self, kept: FilesRead, file: Path, span: Span) -> Iterator[Piece]:
        try:
            held = kept.pieces(file)
        except ForeshockError as error:
            if self.path.is_file():
                raise
            self._skipped.append((str(file), error.rule))
            return
        for piece in held:
            if complaint(replace(piece, samples=None)) is None and piece.instrument == span.instrument:
                part = piece.within(span.start_ns, span.end_ns)
                if part.n_samples:
                    yield part

    def _tell(self, reading: Reading) -> None:
        self._skipped += reading.skipped
        self._notes += reading.notes


class FilesRead:
    """The files read last, so that a file with many instruments is read once."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self._held: OrderedDict[Path, list[Piece]] = OrderedDict()

    def pieces(self, file: Path) -> list[Piece]:
        """All pieces of a file.

        Raises:
            FormatError: it cannot be read.
        """
        if file in self._held:
            self._held.move_to_end(file)
        else:
            self._held[file] = joined([piece_of(trace, unit=self.unit) for trace in read_traces(file)])
            while len(self._held) > FILES_KEPT:
                self._held.popitem(last=False)
        return self._held[file]


def plan(indexed: list[tuple[Piece, Path]]) -> list[Span]:
    """Group headers into runs of one instrument, cut at midnight where a run is longer than `LONGEST_RUN_NS`."""
    groups: dict[tuple[str, str], list[tuple[Piece, Path]]] = defaultdict(list)
    for piece, file in indexed:
        groups[piece.instrument].append((piece, file))
    spans: list[Span] = []
    for instrument, held in groups.items():
        where = {id(piece): file for piece, file in held}
        for run in runs([piece for piece, _ in held]):
            spans += _cut(instrument, [(piece, where[id(piece)]) for piece in run])
    return sorted(spans, key=lambda span: (span.files[0], span.start_ns, span.instrument))


def _cut(instrument: tuple[str, str], run: list[tuple[Piece, Path]]) -> Iterator[Span]:
    start_ns, end_ns = min(piece.start_ns for piece, _ in run), max(piece.end_ns for piece, _ in run)
    edges = [start_ns, end_ns]
    if end_ns - start_ns > LONGEST_RUN_NS:
        edges[1:1] = range((start_ns // DAY_NS + 1) * DAY_NS, end_ns, DAY_NS)
    for low, high in pairwise(edges):
        files = dict.fromkeys(file for piece, file in run if piece.start_ns < high and piece.end_ns > low)
        if files:
            yield Span(instrument, low, high, tuple(sorted(files)))


def trace_id_of(wave: Waveform) -> str:
    """A name for a record: instrument, rate and start.

    >>> trace_id_of(Waveform(np.zeros((1, 9)), 100.0, 0, "XX.A.", channels=("HHZ",), components="Z"))
    'XX.A..HHZ.100Hz.1970-01-01T00:00:00.000000Z'
    """
    return f"{describe_id(wave)}.{wave.rate_hz:g}Hz.{iso_utc(wave.start_ns)}"


def truth_of(wave: Waveform, event: dict[str, Any] | None, stations: dict[str, Station]) -> Truth:
    """What is known about a record: its name, and the event a K-NET header tells of."""
    name = trace_id_of(wave)
    if event is None:
        return Truth(name, name, kind=UNLABELLED, source="files")
    place = stations.get(wave.station_id)
    latitude, longitude = (place.latitude, place.longitude) if place else event["station"]
    km, towards_event_deg, _ = geo.inverse(latitude, longitude, *event["place"])
    return Truth(
        name,
        event["event_id"],
        magnitude=event["magnitude"],
        magnitude_type="MJMA",
        depth_km=event["depth_km"],
        distance_km=float(km),
        back_azimuth_deg=float(towards_event_deg),
        event_latitude=event["place"][0],
        event_longitude=event["place"][1],
        source="files",
    )


def _knet_event(stats: Any) -> dict[str, Any]:
    header = stats.knet
    place = (float(header["evla"]), float(header["evlo"]))
    return {
        "event_id": f"jma-{header['evot'].strftime('%Y%m%dT%H%M')}-{place[0]:.3f}-{place[1]:.3f}",
        "magnitude": float(header["mag"]),
        "depth_km": float(header["evdp"]),
        "place": place,
        "station": (float(header["stla"]), float(header["stlo"])),
    }
