"""Manifest: what a run has to do, what is done, and what came of it, in one SQLite file. Knows no pickers.

What a unit gave is written in one transaction with the word that it is done. So a run that is killed at any moment goes
on with the units that are not done, and ends with what an unbroken one gives.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from foreshock.collect.archive import FileMark, Unit
from foreshock.errors import OutputError, StateError
from foreshock.types.pick import Pick

NAME = "manifest.sqlite"
WAIT_S = 30.0
SCHEMA = 1

_TABLES = """
CREATE TABLE told (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE unit (
    number INTEGER PRIMARY KEY, station_id TEXT NOT NULL, prefix TEXT NOT NULL,
    first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, files TEXT NOT NULL, n_bytes INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0, heard_s REAL NOT NULL DEFAULT 0,
    UNIQUE (station_id, prefix, first_ns)
);
CREATE TABLE pick (
    unit INTEGER NOT NULL REFERENCES unit, trace_id TEXT NOT NULL, phase TEXT NOT NULL, time_ns INTEGER NOT NULL,
    probability REAL NOT NULL, sigma_s REAL NOT NULL, available_at_ns INTEGER NOT NULL, polarity TEXT NOT NULL,
    polarity_probability REAL NOT NULL, novelty REAL NOT NULL
);
CREATE TABLE left_out (unit INTEGER NOT NULL, item TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE note (unit INTEGER NOT NULL, item TEXT NOT NULL, sentence TEXT NOT NULL);
"""
_PICKS = (
    "SELECT trace_id, phase, time_ns, probability, sigma_s, available_at_ns, polarity, polarity_probability, novelty"
    " FROM pick ORDER BY time_ns, trace_id, phase, probability"
)
NOBODYS = -1
"""The unit number of what was left out before there were units."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Heard:
    """What a unit gave: picks, what was left out and what was assumed, and how many seconds were heard."""

    picks: tuple[Pick, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    heard_s: float = 0.0


class Manifest:
    """The file of one run; make it with `Manifest.begun` or go on with `Manifest.found`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=WAIT_S)
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.Error:
            self.close()
            raise

    @classmethod
    def begun(cls, folder: Path, told: Mapping[str, str], units: Iterable[Unit], skipped: Pairs) -> Manifest:
        """Write down all that is to be done.

        Raises:
            OutputError: it cannot be written.
        """
        with _explained(folder / NAME):
            made = cls(folder / NAME)
            with made._closed_if_broken(), made._whole() as connection:
                for statement in filter(str.strip, _TABLES.split(";")):
                    connection.execute(statement)
                rows = {"schema": str(SCHEMA), **told}
                connection.executemany("INSERT INTO told VALUES (?, ?)", rows.items())
                connection.executemany(
                    "INSERT INTO unit (station_id, prefix, first_ns, last_ns, files, n_bytes)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (_unit_row(unit) for unit in units),
                )
                connection.executemany("INSERT INTO left_out VALUES (?, ?, ?)", ((NOBODYS, *pair) for pair in skipped))
        return made

    @classmethod
    def found(cls, folder: Path, told: Mapping[str, str]) -> Manifest | None:
        """Go on with a run; None where there is none.

        Raises:
            StateError: it is of another run: other recordings, stations, models or settings.
        """
        path = folder / NAME
        if not path.exists():
            return None
        try:
            with closing(sqlite3.connect(path, timeout=WAIT_S)) as connection:
                known = dict(connection.execute("SELECT name, value FROM told"))
        except sqlite3.OperationalError:
            return None  # killed before anything was written down
        except sqlite3.DatabaseError as error:
            raise StateError(f"manifest {path}", f"it is damaged ({error})", "begin anew with another --out") from error
        for name, value in {"schema": str(SCHEMA), **told}.items():
            if known.get(name) != value:
                raise StateError(
                    f"{name} is {value!r}",
                    f"the unfinished run had {known.get(name)!r}",
                    "begin anew with another --out",
                )
        return cls(path)

    def open_units(self) -> list[tuple[int, Unit]]:
        """The units that are not done, with their numbers, in order."""
        rows = self._connection.execute(
            "SELECT number, station_id, prefix, first_ns, last_ns, files, n_bytes"
            " FROM unit WHERE NOT done ORDER BY number"
        )
        return [(row[0], _unit_of(row[1:])) for row in rows]

    def units(self) -> list[Unit]:
        """All units, in order."""
        rows = self._connection.execute(
            "SELECT station_id, prefix, first_ns, last_ns, files, n_bytes FROM unit ORDER BY number"
        )
        return [_unit_of(row) for row in rows]

    def done(self, number: int, heard: Heard) -> None:
        """Keep what a unit gave.

        Raises:
            OutputError: the disk is full; nothing of it was kept.
        """
        with _explained(self.path), self._whole() as connection:
            connection.executemany(
                "INSERT INTO pick VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _pick_rows(number, heard.picks)
            )
            connection.executemany("INSERT INTO left_out VALUES (?, ?, ?)", ((number, *pair) for pair in heard.skipped))
            connection.executemany("INSERT INTO note VALUES (?, ?, ?)", ((number, *pair) for pair in heard.notes))
            connection.execute("UPDATE unit SET done = 1, heard_s = ? WHERE number = ?", (heard.heard_s, number))

    def picks(self) -> Iterator[Pick]:
        """All picks in order of time, then of station and phase."""
        for row in self._connection.execute(_PICKS):
            trace_id, phase, time_ns, probability, sigma_s, available_ns, polarity, sure, novelty = row
            yield Pick(trace_id, phase, time_ns, probability, sigma_s, available_ns, polarity, sure, novelty)

    def skipped(self) -> list[tuple[str, str]]:
        """What was left out, each once, in order of the units."""
        rows = self._connection.execute("SELECT item, reason FROM left_out ORDER BY unit, item, reason")
        return list(dict.fromkeys((item, reason) for item, reason in rows))

    def notes(self) -> list[tuple[str, str]]:
        """What was repaired or assumed, each once, in order of the units."""
        rows = self._connection.execute("SELECT item, sentence FROM note ORDER BY unit, item, sentence")
        return list(dict.fromkeys((item, sentence) for item, sentence in rows))

    def heard_s(self) -> dict[str, float]:
        """Seconds of recordings heard of each station."""
        return dict(self._connection.execute("SELECT station_id, SUM(heard_s) FROM unit GROUP BY 1 ORDER BY 1"))

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    @contextmanager
    def _closed_if_broken(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    @contextmanager
    def _whole(self) -> Iterator[sqlite3.Connection]:
        """All or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def units_of(folder: Path) -> list[Unit]:
    """The units of the run whose manifest lies in a folder, in order; none where it is gone or cannot be read."""
    if not (folder / NAME).is_file():
        return []
    try:
        held = Manifest(folder / NAME)
    except sqlite3.Error:
        return []
    try:
        return held.units()
    except (sqlite3.Error, ValueError, TypeError):
        return []
    finally:
        held.close()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutputError(
            f"manifest {path}", f"it cannot be written ({error})", "free space, then add --resume"
        ) from error


def _unit_row(unit: Unit) -> tuple[str, str, int, int, str, int]:
    files = json.dumps([[mark.path, mark.size, mark.changed_ns] for mark in unit.files])
    return unit.station_id, unit.prefix, unit.first_ns, unit.last_ns, files, unit.n_bytes


def _unit_of(row: Sequence[object]) -> Unit:
    station_id, prefix, first_ns, last_ns, files, n_bytes = row
    marks = tuple(FileMark(*mark) for mark in json.loads(str(files)))
    return Unit(
        str(station_id), str(prefix), _whole_number(first_ns), _whole_number(last_ns), marks, _whole_number(n_bytes)
    )


def _whole_number(value: object) -> int:
    assert isinstance(value, int)
    return value


def _pick_rows(number: int, picks: Iterable[Pick]) -> Iterator[tuple[object, ...]]:
    for pick in picks:
        yield (
            number,
            pick.trace_id,
            pick.phase,
            pick.time_ns,
            pick.probability,
            pick.sigma_s,
            pick.available_at_ns,
            pick.polarity,
            pick.polarity_probability,
            pick.novelty,
        )
