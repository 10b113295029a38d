"""Recordings: what a path given on the road holds, as records with names of their own. Knows no model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from foreshock.collect.files import FileSource
from foreshock.collect.stations import station_files
from foreshock.errors import NotFoundError, NothingMatchedError
from foreshock.outputs import sayable
from foreshock.types.record import Record

if TYPE_CHECKING:
    from foreshock.collect.datasets import DatasetSource

HASH_BLOCK = 1 << 20


def is_dataset(path: Path) -> bool:
    """Say whether a folder is a SeisBench-format data set (whole or in chunks)."""
    return path.is_dir() and any(path.glob("metadata*.csv"))


def source_of(
    path: Path, *, split: str | None = None, stations: Path | None = None, mapping: Path | None = None
) -> DatasetSource | FileSource:
    """Open a path as what it is: a data set, or waveform files."""
    if is_dataset(path):
        from foreshock.collect.datasets import DatasetSource  # brings pandas

        return DatasetSource(path, split=split, mapping=mapping)
    return FileSource(path, stations=stations)


def station_file(path: Path, named: Path | None) -> Path | None:
    """The station file to use: the one that is named, or the folder itself when StationXML lies anywhere in it.

    A single recording is told of by the StationXML files that lie beside it.
    """
    if named is not None:
        return named
    if path.is_dir():
        return path if station_files(path) else None
    return path.parent if station_files(path.parent, deep=False) else None


def notes_of(source: DatasetSource | FileSource) -> tuple[tuple[str, str], ...]:
    """What a source masked, rotated or assumed in its last pass."""
    return tuple(source.notes)


def name_of(path: Path) -> str:
    """The name of a file or folder, though it be given as ``.`` or cannot be said in UTF-8."""
    try:
        whole = path.resolve()
    except (OSError, RuntimeError):  # a link that leads round in a circle
        whole = path.absolute()
    return sayable(whole.name)


def why(skipped: Sequence[tuple[str, str]]) -> str:
    """Count what was left out and give the commonest reason, for an error about nothing being left."""
    if not skipped:
        return "it holds nothing"
    reasons = [reason.removeprefix(f"{item}: ") for item, reason in skipped]
    common = max(dict.fromkeys(reasons), key=reasons.count)
    item = skipped[reasons.index(common)][0]
    if len(skipped) == 1:
        return f"1 item left out, {item}: {common}".rstrip(".")
    return f"{len(skipped)} items left out, {reasons.count(common)} like {item}: {common}".rstrip(".")


class _Opened(Protocol):
    """What gives records and says afterwards what it left out."""

    def records(self) -> Iterator[Record]: ...

    @property
    def skipped(self) -> Sequence[tuple[str, str]]: ...


def at_least_one(opened: _Opened, path: Path) -> Iterator[Record]:
    """Give the records of what was opened at a path.

    Raises:
        NothingMatchedError: there is none; the commonest reason is told.
    """
    given = 0
    for record in opened.records():
        given += 1
        yield record
    if not given:
        raise NothingMatchedError(
            str(path), f"no record could be used ({why(opened.skipped)})", "look with: foreshock collect check"
        )


@dataclass
class Recordings:
    """Records of one or several paths; several get their folder's name before trace and event ids.

    Attributes:
        paths: data sets (folders with ``metadata.csv``) or waveform files and folders.
        skipped: (name, reason) of what the last pass left out.
        notes: (name, sentence) of what it masked, turned or assumed.
    """

    paths: Sequence[Path]

    def __post_init__(self) -> None:
        for path in self.paths:
            if not path.exists():
                raise NotFoundError(f"data {path}", "it does not exist", "correct --data")
        self.skipped: list[tuple[str, str]] = []
        self.notes: list[tuple[str, str]] = []

    def records(self, split: str | None = None) -> Iterator[Record]:
        """Give the records of a split (of all, when none is named), path by path.

        Raises:
            NothingMatchedError: no record fits.
        """
        self.skipped, self.notes = [], []
        given = 0
        for path in self.paths:
            source = source_of(path, split=split)
            for record in source.records():
                given += 1
                yield self._named(record, path)
            self.skipped += source.skipped
            self.notes += notes_of(source)
        if not given:
            what = " and ".join(str(path) for path in self.paths)
            raise NothingMatchedError(
                f"split {split!r} of {what}" if split else what,
                f"no record was found ({why(self.skipped)})",
                "look with: foreshock collect check PATH",
            )

    def _named(self, record: Record, path: Path) -> Record:
        truth = record.truth
        if len(self.paths) > 1:
            prefix = name_of(path)
            truth = replace(truth, trace_id=f"{prefix}/{truth.trace_id}", event_id=f"{prefix}/{truth.event_id}")
        if not truth.source:
            truth = replace(truth, source=name_of(path))
        return replace(record, truth=truth)


def fingerprints(paths: Sequence[Path]) -> dict[str, str]:
    """Give the SHA-256 of every file under the paths, by name, for the results to carry."""
    found: dict[str, str] = {}
    for path in paths:
        for item in [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file()):
            name = path.name if item == path else f"{name_of(path)}/{item.relative_to(path).as_posix()}"
            found[name] = sha256_of(item)
    return found


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()
