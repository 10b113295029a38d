"""Archives: what stands for one: a path, several, a file that lists them, or an FDSN query. Knows no recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from foreshock.clock import LiveClock
from foreshock.collect.fdsn import download
from foreshock.collect.fdsn_query import is_query, query_of
from foreshock.collect.manifest import STATIONS_NAME, Request
from foreshock.collect.manifest import Manifest as Download
from foreshock.errors import ConfigError, NotFoundError
from foreshock.road.catalogue.manifest import NAME as BEGUN
from foreshock.road.catalogue.manifest import Pairs
from foreshock.road.catalogue.progress import Progress, Tell
from foreshock.road.recordings import station_file

LISTED = "@"
"""Before the name of a file that lists paths."""
MOST_BYTES = 1 << 28
FETCHED = "manifest.json"
"""What a download leaves in a folder and can be gone on from."""

Named = Path | str | Sequence[Path | str]


@dataclass(frozen=True)
class Archive:
    """Where recordings lie: paths, or a query by which they are to be fetched first.

    Attributes:
        words: as it was given.
    """

    words: str
    paths: tuple[Path, ...] = ()
    query: Request | None = None


@dataclass(frozen=True)
class Held:
    """Recordings on this machine, where their stations stand, and what did not come, with the reasons."""

    paths: tuple[Path, ...]
    stations: Path
    skipped: Pairs = ()


def archive_of(told: Named) -> Archive:
    """Read what stands for an archive.

    Arguments:
        told: a path, several, ``@FILE`` with a path a line, or the address of a dataselect query, alone.

    Raises:
        ConfigError: there is nothing, a query stands beside something else, or is not understood.
        NotFoundError: a list is not there.
    """
    each = [told] if isinstance(told, Path | str) else list(told)
    words = " ".join(map(str, each[:3])) + (f" and {len(each) - 3} more" if len(each) > 3 else "")
    queries = [one for one in each if isinstance(one, str) and is_query(one)]
    if not each:
        raise ConfigError("the archive", "nothing stands for it", "name a folder, files or an FDSN query")
    if queries and len(each) > 1:
        raise ConfigError(f"archive {words}", "a query stands alone", "fetch first: foreshock collect fdsn")
    if queries:
        return Archive(words, query=query_of(queries[0]))
    return Archive(words, tuple(path for one in each for path in _paths(one)))


def _paths(told: Path | str) -> Iterator[Path]:
    if str(told).startswith(LISTED) and not Path(told).exists():
        yield from listed(Path(str(told).removeprefix(LISTED)))
    else:
        yield Path(told)


def listed(file: Path) -> list[Path]:
    """Read a file with a path a line, from where the program was called; empty lines and those after # count nothing.

    Raises:
        NotFoundError: there is no such file, or one of its paths is not there.
        ConfigError: it is no list of paths.
    """
    if not file.is_file():
        raise NotFoundError(f"list {file}", "there is no such file", "write a path on each of its lines")
    if file.stat().st_size > MOST_BYTES:
        raise ConfigError(f"list {file}", f"it has more than {MOST_BYTES} bytes", "give a folder")
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ConfigError(f"list {file}", "it is not UTF-8 text", "write a path on each of its lines") from error
    found = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()[:1] not in ("", "#")]
    if not found:
        raise ConfigError(f"list {file}", "it holds no path", "write a path on each of its lines")
    for number, line in found:
        if "\x00" in line or not Path(line).exists():
            where = f"{line[:200]!r} in line {number} of {file}"
            raise NotFoundError(where, "there is no such path", "correct the list")
    return [Path(line) for _, line in found]


def stations_beside(archive: Archive) -> Path | None:
    """The StationXML that lies with the recordings; None where there is none, or several places have some."""
    places = {path if path.is_dir() else path.parent: path for path in archive.paths}
    return station_file(next(iter(places.values())), None) if len(places) == 1 else None


def held(archive: Archive, folder: Path, *, stations: Path | None, tell: Tell) -> Held:
    """Have the recordings here: a query's are fetched into the folder, once; what was broken off goes on.

    Arguments:
        stations: the station file to use; None takes the one that a query brings.

    Once the recordings have been looked through nothing more is fetched, so that a resumed run hears the same.

    Raises:
        InputError: what lies there was fetched by another query. NetworkError: the server fails.
        NothingMatchedError: it has no such recordings. OutputError: the disk is full.
    """
    if archive.query is None:
        return Held(archive.paths, stations or folder / STATIONS_NAME)
    if not (folder / BEGUN).exists():
        _fetch(archive.query, folder, tell)
    came = Download.open(folder, archive.query)
    left = (*came.no_data.items(), *came.failed.items())
    return Held((folder / "waveforms",), stations or folder / STATIONS_NAME, left)


def _fetch(asked: Request, folder: Path, tell: Tell) -> None:
    progress: list[Progress] = []

    def one_more(_: int, n: int) -> None:
        if not progress:
            progress.append(Progress(n, "fetched {} of {} spans", tell))
        progress[0].more(1)

    tell(f"asking {asked.base_url} for what it has")
    download(
        asked.base_url,
        folder,
        network=asked.network,
        station=asked.station,
        location=asked.location,
        channel=asked.channel,
        start_ns=asked.start_ns,
        end_ns=asked.end_ns,
        span_s=asked.span_s,
        clock=LiveClock(),
        progress=one_more,
    )
